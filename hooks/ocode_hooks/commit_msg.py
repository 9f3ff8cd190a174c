"""The commit-msg hook: refuses a bad message, and nothing else.

Exit 1 only where the message breaks a rule. Trouble of our own (a broken configuration, an unreadable file) is one
line and exit 0, so that it never holds up a commit; with `--strict`, for CI, it is exit 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from ocode_hooks.edge import guarded, say
from ocode_tools.errors import UsageError
from ocode_tools.messages import report, text
from ocode_tools.messages.history import entries
from ocode_tools.messages.policy import FORM, judged, refused
from ocode_tools.messages.sources import policy_of

PATIENCE = 5.0  # seconds
TROUBLE = "commit message not checked"
# By hand: for one word and one switch, argparse would cost a quarter of the time that a check may take.
HELP = """\
Usage: ocode-commit-msg [--strict] FILE

Check a commit message, as git's commit-msg hook: FILE is what git names.

  --strict    check merges, reverts and fixups too; exit 2 for a broken configuration
  -h, --help  show this

Exit: 0 the message is good or could not be checked, 1 it breaks a rule.
"""


def main(argv: Sequence[str]) -> int:
    """Check the message file that git names; exit code 0 or 1, with `--strict` 2 for trouble of our own."""
    strict = "--strict" in argv
    return guarded(argv, HELP, TROUBLE, PATIENCE, lambda: _checked(_file(argv), os.environ, strict))


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


def _file(argv: Sequence[str]) -> str:
    words = [word for word in argv if word != "--strict"]
    if len(words) != 1 or words[0].startswith("-"):
        raise UsageError("give one message file, and no option but --strict")
    return words[0]


def _checked(file: str, environ: Mapping[str, str], strict: bool) -> int:
    with open(file, "rb") as opened:
        data = opened.read()
    top = _top(environ)
    found = policy_of(top, environ)
    say(f"ocode: {note}" for note in found.notes)
    if found.problems:
        first, *others = found.problems
        raise UsageError(first + (f" (+{len(others)} more)" if others else ""))
    git = text.inherited(top, environ)
    habits = text.habits(git, environ)
    message = text.read(data, habits)
    merge = os.path.exists(os.path.join(os.path.dirname(file), "MERGE_HEAD"))
    policy, problems = judged(message, found.policy, lambda: entries(git), strict=strict, merge=merge)
    if problems:
        colour = sys.stderr.isatty() and "NO_COLOR" not in environ and environ.get("TERM") != "dumb"
        rules = report.rules(policy, found.origin)
        say([report.heading(refused(problems), rules, colour), *report.lines(problems, colour)])
    if not refused(problems):
        return 0
    auto, amend = habits.comment == "auto", _rewords(os.path.dirname(file))
    say(report.again(_place(file, environ), message, auto=auto, amend=amend))
    if policy.learn and any(problem.rule in FORM for problem in problems):
        say([report.ELSE])
    return 1


def _top(environ: Mapping[str, str]) -> str:
    """The top of the work tree: where git starts a hook; looked for where it was started by hand."""
    here = folder = os.getcwd()
    if "GIT_DIR" in environ or "GIT_INDEX_FILE" in environ:
        return here
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return here
    return folder


def _rewords(git_dir: str) -> bool:
    """Whether a rebase is at a `reword`: the commit is there by then, with its old message."""
    try:
        with open(os.path.join(git_dir, "rebase-merge", "done"), "rb") as done:
            return done.read().rstrip().rpartition(b"\n")[2].startswith((b"reword ", b"r "))
    except OSError:
        return False


def _place(file: str, environ: Mapping[str, str]) -> str:
    """The message file as the user can name it, who may stand in a folder below the top."""
    return os.path.abspath(file) if environ.get("GIT_PREFIX") else file


if __name__ == "__main__":
    run()
