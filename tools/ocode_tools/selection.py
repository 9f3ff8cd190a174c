"""Which files, names and lines a task is about: targets as people write them, and what changed since a revision.

Light: hooks use it. Paths come from git-ls-files(1), git-ls-tree(1) or the raw format of git-diff(1).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ocode_tools.errors import UsageError
from ocode_tools.git import Git

if TYPE_CHECKING:
    from pathlib import Path

Ranges: TypeAlias = tuple[tuple[int, int], ...]

# Nothing of the user's configuration may change what is read, nor start a program.
_DIFF = (
    *("--raw", "-z", "--patch", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative"),
    *("--ignore-submodules=all", "--no-abbrev", "--find-renames=50%", "-l200", "-O/dev/null", "--diff-filter=ACMR"),
)
_PIECE = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_LIST = ("ls-files", "-z", "--exclude-standard")
_PLAIN_FILE = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for.

    `paths` are posix from the repository's top, sorted. `names` are the qualified names asked for in a path; a path
    that is absent is asked for as a whole. `lines` are the added or changed lines of each path, as 1-based inclusive
    ranges of the new side, None where lines do not matter; an empty range (N + 1, N) says that lines went after line N.
    """

    paths: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    lines: Mapping[str, Ranges] | None = None

    def wants(self, path: str, qualname: str, first: int, last: int) -> bool:
        """Whether the unit `qualname` on lines `first` to `last` of one of the paths is asked for.

        A class that was named stands for all that is in it.
        """
        asked = self.names.get(path)
        if asked is not None and not any(qualname == name or qualname.startswith(f"{name}.") for name in asked):
            return False
        if self.lines is None:
            return True
        return any(first <= end and start <= last for start, end in self.lines.get(path, ()))


def select(
    git: Git,
    start: Path | str,
    targets: Sequence[str],
    *,
    changed: str | None = None,
    staged: bool = False,
    suffixes: tuple[str, ...] = (),
    files: Sequence[str] | None = None,
    base: str | None = None,
) -> Selection:
    """The selection for `targets`: files, folders, globs and `path::Qualified.name`, read from `start`, then the top.

    `git` runs at the top of the work tree; `start` is where the user stands. Files are looked for in the work tree
    (untracked ones too, ignored ones not), with `staged` in the index, or in the commit `base`; `files` is that list
    where the caller has it. `changed` limits to what came since the revision was left (`git merge-base`), `staged`
    to what the index has on top of HEAD. Only plain files count, and of those not named themselves only `suffixes`
    (none: any). Raises `UsageError` for a target or a revision that matches nothing, or `changed` with `staged`.
    """
    if changed is not None and staged:
        raise UsageError("--changed and --staged exclude each other: one asks for commits, the other for the index")
    top = os.fspath(git.cwd)
    lines = _lines(git, changed, staged, base) if staged or changed is not None else None
    untracked = git.names(*_LIST, "--others") if changed is not None and base is None else []
    if lines is not None and not targets:
        known: Iterable[str] = (*lines, *untracked)
    else:
        known = files if files is not None else _files(git, staged, base)
    taken, names = _taken(top, os.fspath(start), targets, sorted(known), suffixes)
    if base is None and not staged:
        taken = {path for path in taken if _is_plain(os.path.join(top, path))}
    if lines is not None:
        lines |= {path: _whole(os.path.join(top, path)) for path in taken.intersection(untracked)}
        taken.intersection_update(lines)
        lines = {path: ranges for path, ranges in lines.items() if path in taken}
    return Selection(tuple(sorted(taken)), {path: names[path] for path in sorted(taken) if path in names}, lines)


def _taken(
    top: str, start: str, targets: Sequence[str], known: Sequence[str], suffixes: tuple[str, ...]
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """The known files that the targets name, and the names asked for in those that are not asked for as a whole."""
    if not targets:
        return {path for path in known if not suffixes or path.endswith(suffixes)}, {}
    listed, whole = frozenset(known), set[str]()
    names: dict[str, list[str]] = {}
    for target in targets:
        written, mark, name = target.partition("::")
        found = _matching(_readings(top, start, written), known, listed, suffixes)
        if not found or (mark and not name):
            raise UsageError(
                f"{target!r} names no file that git lists here; give a file, a folder, a glob or path::name"
            )
        if not mark:
            whole.update(found)
        for path in found if mark else ():
            names.setdefault(path, []).append(name.replace("::", "."))
    return whole.union(names), {path: tuple(dict.fromkeys(said)) for path, said in names.items() if path not in whole}


def _matching(
    readings: Sequence[str], known: Sequence[str], listed: frozenset[str], suffixes: tuple[str, ...]
) -> list[str]:
    """The files that the first reading which names any at all names: itself, what is below it, what it matches."""
    for reading in readings:
        if reading in listed:
            return [reading]
        below = f"{reading}/" if reading else ""
        found = [path for path in known if path.startswith(below)]
        if not found and re.search(r"[*?\[]", reading):
            from ocode_tools.gates.scope import glob_match  # heavy, and hooks give no globs

            found = [path for path in known if glob_match(reading, path)]
        if found:
            return [path for path in found if not suffixes or path.endswith(suffixes)]
    return []


def _readings(top: str, start: str, written: str) -> list[str]:
    """What a path may mean from the top: read from where the user stands, then from the top."""
    found = list[str]()
    for folder in (start, top):
        full = os.path.relpath(os.path.normpath(os.path.join(folder, written or ".")), top)
        if full != ".." and not full.startswith("../"):
            found.append("" if full == "." else full)
    return list(dict.fromkeys(found))


def _files(git: Git, staged: bool, base: str | None) -> list[str]:
    """The files that git lists: plain ones of a commit or of the index, else all of the work tree that it knows of."""
    if base is None and not staged:
        return list(dict.fromkeys(git.names(*_LIST, "--cached", "--others")))
    rows = git.names("ls-files", "-z", "--stage") if base is None else git.names("ls-tree", "-r", "-z", base)
    return list(dict.fromkeys(row.partition("\t")[2] for row in rows if row.startswith(_PLAIN_FILE)))


def _lines(git: Git, changed: str | None, staged: bool, base: str | None) -> dict[str, Ranges]:
    """The changed lines of every file that differs, by one diff."""
    if staged:
        return _ranges(git.out("diff", "--cached", *_DIFF))
    here = base or "HEAD"
    fork = git.ask("merge-base", "--end-of-options", str(changed), here)
    if fork.code:
        raise UsageError(f"--changed: {changed!r} names no commit that this branch has a past in common with")
    return _ranges(git.out("diff", *_DIFF, fork.text.strip(), *([base] if base else []), "--"))


def _ranges(printed: bytes) -> dict[str, Ranges]:
    """What `git diff --raw -z --patch --unified=0` says: the raw list, then one piece a file in the same order."""
    raw, _, patch = printed.partition(b"\0\0")
    fields = raw.decode("utf-8", "surrogateescape").split("\0")
    starts = [found.start() for found in _PIECE.finditer(patch)]
    paths, modes, at = list[str](), list[str](), 0
    while at < len(fields) and fields[at].startswith(":"):
        _, mode, _, _, letter = fields[at].split(" ")
        at += 3 if letter[0] in "RC" else 2
        paths.append(fields[at - 1])
        modes.append(mode)
    ends = [*starts[1:], len(patch)] if starts else []
    pieces = (patch[start:end] for start, end in zip(starts, ends, strict=True))
    rows = zip(paths, modes, pieces, strict=True)
    return {path: tuple(map(_range, _HUNK.finditer(piece))) for path, mode, piece in rows if mode in _PLAIN_FILE}


def _range(found: re.Match[bytes]) -> tuple[int, int]:
    first, count = int(found[1]), int(found[2] or b"1")
    return (first, first + count - 1) if count else (first + 1, first)


def _whole(file: str) -> Ranges:
    with open(file, "rb") as opened:
        return ((1, opened.read().count(b"\n") + 1),)


def _is_plain(file: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(file).st_mode)
    except OSError:
        return False
