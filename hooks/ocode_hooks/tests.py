"""The pre-push hook: says which changed public functions no test executes, and never holds a push up.

With `--strict`, for CI, it exits 1 where there are any, and 2 for trouble of our own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ocode_hooks.edge import guarded
from ocode_tools.git import Git

if TYPE_CHECKING:
    from ocode_tools.newtests.untested import Untested

PATIENCE = 5.0  # seconds
SHOWN = 5
HELP = """\
Usage: ocode-tests [--strict] [REMOTE [URL]]

Say which public functions that a push changes are executed by no test, as git's pre-push hook: what is pushed is read
from standard input, or from PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF. Known from .coverage where that is newer than
the code, else from the names that the tests speak of.

  --strict    exit 1 where there are any, 2 for trouble of our own
  -h, --help  show this

Exit: 0.
"""
ZEROS = frozenset("0")


def main(argv: Sequence[str]) -> int:
    """Look at what is pushed; exit code 0, with `--strict` 1 where something is found and 2 for trouble of our own."""
    words = [word for word in argv if not word.startswith("-")]
    strict = "--strict" in argv
    return guarded(argv, HELP, "tests not looked at", PATIENCE, lambda: int(bool(_look(words, os.environ)) and strict))


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


def _look(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Say what is found; how many functions that are."""
    from ocode_tools.newtests.untested import untested
    from ocode_tools.selection import select

    top = Git(os.getcwd()).text("rev-parse", "--show-toplevel")
    git = Git(top)
    count = 0
    for old, new in _pushed(git, words, environ):
        selection = select(git, top, (), changed=old, base=new, suffixes=(".py",))
        found = untested(git, new, selection)
        count += len(found.found)
        if found.found:
            _say(found, old)
    return count


def _say(seen: Untested, old: str) -> None:
    found, looked = seen.found, seen.looked
    how = "by .coverage" if seen.measured else "by the names in the tests"
    count = f"{len(found)} of {looked} changed public function{'s' if looked != 1 else ''}"
    lines = [f"ocode: no test executes {count} ({how}):", *(f"  {goal.key}" for goal in found[:SHOWN])]
    lines += [f"  and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    lines.append(f"ocode tests --changed {old[:12]} writes some")
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def _pushed(git: Git, words: Sequence[str], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of what the other side has and what it gets: from pre-commit, else as githooks(5) says."""
    old, new = environ.get("PRE_COMMIT_FROM_REF", ""), environ.get("PRE_COMMIT_TO_REF", "")
    if new:
        rows = [(new, old)]
    elif sys.stdin.isatty():
        rows = [("HEAD", "@{upstream}")]
    else:
        rows = [(line[1], line[3]) for line in map(str.split, sys.stdin) if len(line) == 4]
    for new, old in rows:
        if ZEROS.issuperset(new):
            continue  # a branch is deleted
        if not old or ZEROS.issuperset(old) or git.ask("cat-file", "-e", f"{old}^{{commit}}").code:
            remote = environ.get("PRE_COMMIT_REMOTE_NAME") or (words[0] if words else "origin")
            old = _fork(git, new, remote)
        if old:
            yield old, new


def _fork(git: Git, new: str, remote: str) -> str:
    """The commit below the first one that the other side has none of; empty where it has nothing yet."""
    if not git.ask("for-each-ref", "--count=1", f"refs/remotes/{remote}/").text.strip():
        return ""
    fresh = git.ask("rev-list", "--reverse", "--topo-order", new, "--not", f"--remotes={remote}").text.split()
    done = git.ask("rev-parse", "--verify", "--quiet", f"{fresh[0]}^") if fresh else None
    return done.text.strip() if done and done.code == 0 else ""


if __name__ == "__main__":
    run()
