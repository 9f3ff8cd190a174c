"""The check of a message against a policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ocode_tools.messages import junk, rules
from ocode_tools.messages.base import Policy, Problem, default, shown, with_values
from ocode_tools.messages.history import Entry, conventional
from ocode_tools.messages.text import Text

__all__ = [
    "FORM",
    "Policy",
    "Problem",
    "check",
    "default",
    "exempt",
    "judged",
    "learned",
    "refused",
    "shown",
    "with_values",
]

# What git and the forges write themselves: git-merge(1), git-revert(1), git-commit(1) --fixup and --squash.
_SQUASH = ("fixup! ", "squash! ", "amend! ")
_GIT = ('Revert "', 'Reapply "', *_SQUASH)
# Compiled when it is needed, as everything here: patterns cost a start-up more than the files they stand in.
_MERGE = (
    r"Merge (?:(?:remote-tracking )?branch(?:es)?|tags?|commits?) '|Merge branch \S+ of |Merge pull request #\d+"
    r"|Merge remote-tracking branch|Merge (?:branch )?\S+ into \S+$|Merged in \S+ \(pull request|Merged PR \d+:"
    r'|Merge "|Automatic merge|Auto-merged \S+ into '
)
_MERGING = ("Merge", "Auto")
_VERSION = r"v?\d+(\.\d+){1,3}([-+.]?[0-9A-Za-z][0-9A-Za-z.+-]*)?"
# The rules that only a conventional message can keep.
FORM = frozenset({"header-form", "type-enum", "subject-empty", "scope-form"})


def check(text: Text, policy: Policy, *, strict: bool = False, merge: bool = False) -> list[Problem]:
    """What is wrong with a message, in the order of its lines; nothing for an empty one, which is git's business.

    What git writes itself passes, and so does any message where `merge` says that the commit is a merge, unless
    `strict`.
    """
    if not text.lines or exempt(text.subject, policy, strict=strict, merge=merge):
        return []
    found = [*rules.encoding(text), *junk.problems(text)]
    if strict and text.subject.startswith(_SQUASH):
        passes = "the commit melted into its own: git rebase -i --autosquash"
        found.append(Problem("autosquash", text.lines[0].number, f'"{text.subject.split()[0]}"', passes))
    elif len(found) == sum(problem.warning for problem in found):  # junk has no form worth speaking of
        found += [*rules.header(text, policy), *rules.body(text, policy), *rules.footers(text, policy)]
    kept = [problem for problem in found if problem.rule not in policy.off]
    return [problem._replace(warning=problem.warning or problem.rule in policy.warn) for problem in kept]


def exempt(subject: str, policy: Policy, *, strict: bool = False, merge: bool = False) -> bool:
    """Whether a message is not checked: git's own, a bare version where that is allowed, a configured beginning."""
    if not strict and (
        merge or subject.startswith(_GIT) or (subject.startswith(_MERGING) and re.match(_MERGE, subject))
    ):
        return True
    if policy.versions and re.fullmatch(_VERSION, subject):
        return True
    return any(subject.startswith(beginning) for beginning in policy.exempt if beginning)


def refused(problems: Sequence[Problem]) -> bool:
    """Whether any of them is more than a warning."""
    return not all(problem.warning for problem in problems)


def learned(policy: Policy, entries: list[Entry]) -> Policy:
    """What holds where nobody chose a style: plain if the log clearly is, with its habit of full stops."""
    if not policy.learn or conventional(entries):
        return policy
    stops = sum(entry.subject.endswith(".") for entry in entries)
    return policy._replace(style="plain", learn=False, full_stop=policy.full_stop or stops * 5 >= len(entries))


def judged(
    text: Text, policy: Policy, log: Callable[[], list[Entry]], *, strict: bool = False, merge: bool = False
) -> tuple[Policy, list[Problem]]:
    """`check`, with a look at the `log` where nobody chose a style and the message is not conventional.

    Returns the policy that held. A good message never pays for the log.
    """
    found = check(text, policy, strict=strict, merge=merge)
    if policy.learn and any(problem.rule in FORM for problem in found):
        policy = learned(policy, log())
        found = check(text, policy, strict=strict, merge=merge)
    return policy, found
