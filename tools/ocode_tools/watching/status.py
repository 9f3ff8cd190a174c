"""What `git status --porcelain=v2 -z` says: the head, and which files differ from it (git-status(1))."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ocode_tools.git import Git

Signature = tuple[int, int, int, int]
"""Modification and change time (ns), size and inode of a file: what differs when its content does."""
_OPTIONS = ("--porcelain=v2", "-z", "--branch", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
_FIELDS = {"1": 8, "2": 9, "u": 10}  # before the path


@dataclass(frozen=True, slots=True)
class Status:
    """`head` is the sha, "" before the first commit; `branch` the short name, "" when detached; `files` differ."""

    head: str = ""
    branch: str = ""
    files: dict[str, Signature] = field(default_factory=dict[str, Signature])


def read(git: Git) -> Status:
    """The status of the work tree that `git` runs at the top of. Raises `GitError`."""
    head, branch, paths = parse(git.text("status", *_OPTIONS))
    top = os.fspath(git.cwd)
    return Status(head, branch, {path: signature(os.path.join(top, path)) for path in paths})


def parse(printed: str) -> tuple[str, str, list[str]]:
    """Head, branch and the paths that differ."""
    head, branch, paths = "", "", list[str]()
    fields = iter(printed.split("\0"))
    for line in fields:
        kind = line[:1]
        if line.startswith("# branch.oid "):
            head = line[13:].removeprefix("(initial)")
        elif line.startswith("# branch.head "):
            branch = line[14:].removeprefix("(detached)")
        elif kind == "?":
            paths.append(line[2:])
        elif kind in _FIELDS:
            paths.append(line.split(" ", _FIELDS[kind])[-1])
            if kind == "2":
                paths.append(next(fields, ""))
    return head, branch, [path for path in paths if path]


def signature(file: str) -> Signature:
    """Zeros where there is no file."""
    try:
        found = os.lstat(file)
    except OSError:
        return 0, 0, 0, 0
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
