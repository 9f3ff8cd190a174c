"""Whether a branch's work has come to another branch: merged, picked, rebased or squashed there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocode_tools.git import Git
from ocode_tools.ledger.reading import Commit, commits

MOST = 500  # commits of the other branch that are looked at
_LINE = re.compile(r"^[ \t]*Ocode-(Key|Run):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_DIFF = ("-p", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--full-index", "--src-prefix=a/")
_TO = ("--dst-prefix=b/", "--diff-algorithm=myers", "--no-indent-heuristic", "--unified=3")


@dataclass(frozen=True, slots=True)
class Work:
    """What a branch holds: our commits, oldest first, each for one cause, and where they started."""

    tip: str
    base: str
    run: str
    commits: Mapping[str, str]  # key -> sha


@dataclass(frozen=True, slots=True)
class Arrived:
    """How the whole of a branch came to another one ("" if it did not), and the keys that came one by one."""

    how: str = ""
    keys: frozenset[str] = frozenset()


def arrived(git: Git, work: Work, others: Mapping[str, str]) -> Arrived:
    """Look for the work in other branches: full ref name -> tip."""
    for ref, tip in others.items():
        if git.ask("merge-base", "--is-ancestor", work.tip, tip).code == 0:
            return Arrived(f"merged into {short(ref)}", frozenset(work.commits))
    keys: frozenset[str] = frozenset()
    for ref, tip in others.items():
        found = _in(git, work, ref, tip)
        if found.how:
            return found
        keys |= found.keys
    return Arrived("", keys)


def _in(git: Git, work: Work, ref: str, tip: str) -> Arrived:
    """By trailers, then by patch ids, one for each commit or one for all."""
    wanted = frozenset(work.commits)
    news = commits(git, f"--max-count={MOST}", f"{work.base}..{tip}") if tip != work.base else []
    if not news:
        return Arrived()
    keys = frozenset(key for key in wanted if any(_names(commit, key, work.run) for commit in news))
    if keys == wanted:
        return Arrived(f"each change is in {short(ref)} (by its key)", wanted)
    there = _patches(git, work, tip)
    mine = {key: patch(git, f"{sha}^", sha) for key, sha in work.commits.items() if there and key not in keys}
    keys |= {key for key, patch in mine.items() if patch in there}
    if keys == wanted:
        return Arrived(f"each change is in {short(ref)} (by its patch id)", wanted)
    if there and len(wanted) > 1 and patch(git, work.base, work.tip) in there:
        return Arrived(f"squashed into {short(ref)}", wanted)
    return Arrived("", keys)


def _names(commit: Commit, key: str, run: str) -> bool:
    """Whether a message holds the trailers, also in the middle, as the message of a squash does."""
    told = _LINE.findall(commit.message)
    return ("Key", key) in told and ("Run", run) in told


def _patches(git: Git, work: Work, tip: str) -> frozenset[str]:
    """The patch ids of what the other branch has, of commits that touch what this one touches."""
    paths = git.names("diff", "--name-only", "-z", "--no-renames", work.base, work.tip)
    shown = git.out(
        "log",
        *_DIFF,
        *_TO,
        "--full-diff",
        "--no-show-signature",
        f"--max-count={MOST}",
        f"{work.base}..{tip}",
        "--",
        *(f":(top,literal){path}" for path in paths),
    )
    return frozenset(_ids(git, shown)) if shown else frozenset()


def patch(git: Git, before: str, after: str) -> str:
    """The patch id of what lies between two commits, "" for nothing."""
    found = _ids(git, git.out("diff", *_DIFF, *_TO, before, after, "--"))
    return found[0] if found else ""


def _ids(git: Git, shown: bytes) -> Sequence[str]:
    """git-patch-id(1): line numbers and white space do not count."""
    lines = git.text("patch-id", "--stable", stdin=shown).splitlines()
    return [line.split(" ", 1)[0] for line in lines]


def merges(git: Git, ours: str, theirs: str) -> tuple[bool | None, bool]:
    """Whether commit `ours` merges cleanly into `theirs`, None where git is too old to say (before 2.38), and whether
    that would change nothing (git-merge-tree(1) `--write-tree`)."""
    done = git.ask("merge-tree", "--write-tree", "--no-messages", theirs, ours)
    if done.code not in (0, 1) or not re.match(rb"[0-9a-f]{40}", done.out):
        return None, False
    if done.code:
        return False, False
    return True, done.text.split("\n", 1)[0] == git.text("rev-parse", f"{theirs}^{{tree}}")


def short(ref: str) -> str:
    """A branch's name as people say it."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
