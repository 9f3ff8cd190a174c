"""Commit messages of landings, by rules: what changed, why, and what was verified; in the repository's own style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ocode_tools import drafts
from ocode_tools.changes import Change, Changes
from ocode_tools.drafts.scopes import scope_of
from ocode_tools.drafts.style import Style
from ocode_tools.drafts.view import View
from ocode_tools.messages import compose as composing
from ocode_tools.messages import sources
from ocode_tools.messages.header import Header
from ocode_tools.repository import Repository
from ocode_tools.warm.behaviour import Confidence

SHOWN = 12


class Manner:
    """How the people of a repository write first lines, learned when the first one is needed."""

    def __init__(self, repository: Repository, environ: Mapping[str, str]) -> None:
        self._repository, self._environ = repository, environ

    @cached_property
    def style(self) -> Style:
        """The style of the log, within the configured policy."""
        policy = sources.policy_of(self._repository.top, self._environ).policy
        return drafts.learn(self._repository.git, policy)

    def subject(self, summary: str, tests: Sequence[str], paths: Sequence[str]) -> str:
        """One line of at most 72 characters: what changed in `paths` and, where there is room, which test it mends."""
        return subject(summary, tests, paths, self.style)


def subject(summary: str, tests: Sequence[str], paths: Sequence[str], style: Style) -> str:
    """See `Manner.subject`."""
    what = _plain(summary)
    what = (what[:1].upper() if style.capital else what[:1].lower()) + what[1:]
    head = ""
    if style.conventional:
        view = View(Changes(tuple(Change(path, path, "changed") for path in paths)))
        head = str(Header(_kind(style), scope_of(view, "fix", style), False, ""))
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    for name in (tests[0].rpartition("::")[2], tests[0].rpartition("::")[2].split("[", 1)[0]):
        line = f"{head}{what} (mends {_plain(name)}{more})"
        if len(line) <= style.limit:
            return line
    return composing.fit(f"{head}{what}", style.limit)


def _kind(style: Style) -> str:
    """The type of a fix, by the name that is allowed here."""
    types = style.policy.types
    return next((kind for kind in ("fix", "bugfix", "bug", "hotfix") if kind in types), "fix")


def body(tests: Sequence[str], exception: str, message: str, sure: Confidence | None = None) -> str:
    """Why: the tests that were red, what the first of them said, and how sure the rules are."""
    said = next((line.strip() for line in message.splitlines() if line.strip()), "")
    count = "One test was" if len(tests) == 1 else f"{len(tests)} tests were"
    error = _plain(f"{exception}: {said}" if said else exception)[:200]
    names = "\n".join(f"  {_plain(test)}" for test in tests[:SHOWN])
    # Below the first word, so that no line of it can be taken for a trailer.
    told = composing.wrap([_plain(f"Confidence: {sure.level} ({sure.reason})")], 70) if sure else ""
    how = "\n" + told.replace("\n", "\n  ") + "\n" if told else ""
    more = f"\n  and {len(tests) - SHOWN} more" if len(tests) > SHOWN else ""
    return f"{count} red without it, with {error}\n\n{names}{more}\n{how}"


def compose(first: str, text: str, trailers: Sequence[tuple[str, str]]) -> str:
    """Subject, body and trailers (git-interpret-trailers(1)) as one message."""
    return composing.compose(_plain(first), text, [(name, _plain(value)) for name, value in trailers])


def _plain(text: str) -> str:
    """Without line ends and control characters, which would break a line or a terminal; `#` cannot start one here."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
