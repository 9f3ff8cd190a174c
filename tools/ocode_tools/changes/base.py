"""What a commit changes, as data: one `Change` a file, and which diff it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal[
    "source",
    "tests",
    "docs",
    "ci",
    "build",
    "dependencies",
    "lock",
    "generated",
    "vendored",
    "assets",
    "configuration",
]
Status = Literal["added", "removed", "changed", "renamed", "copied", "retyped"]

SYMLINK, SUBMODULE, EXECUTABLE, ABSENT = "120000", "160000", "100755", "000000"


@dataclass(frozen=True, slots=True)
class Staged:
    """What `git commit` would record: the index against HEAD, or against nothing before the first commit."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit against its first parent."""

    rev: str


@dataclass(frozen=True, slots=True)
class Range:
    """All that `new` has on top of where it left `old`."""

    old: str
    new: str


Which = Staged | Commit | Range


class Change(NamedTuple):
    """One file. Paths are posix from the top, bytes that are not UTF-8 as surrogates; modes as git writes them.

    `added` and `removed` count lines, None for a binary file. `before` and `after` are texts, None where the file was
    absent or not read; `unread` then says why in a few words. Sizes are bytes, 0 where not asked for.
    """

    path: str
    old_path: str
    status: Status
    old_mode: str = "100644"
    new_mode: str = "100644"
    old_id: str = ""
    new_id: str = ""
    similarity: int = 0
    added: int | None = 0
    removed: int | None = 0
    kind: Kind = "source"
    before: str | None = None
    after: str | None = None
    unread: str = ""
    old_size: int = 0
    new_size: int = 0

    @property
    def binary(self) -> bool:
        """Whether git counts no lines in it."""
        return self.added is None

    @property
    def lines(self) -> int:
        """Lines added and removed together."""
        return (self.added or 0) + (self.removed or 0)

    @property
    def submodule(self) -> bool:
        """Whether either side is a commit of another repository."""
        return SUBMODULE in (self.old_mode, self.new_mode)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Changes:
    """All files of one diff, in git's order."""

    files: tuple[Change, ...]
    which: Which = Staged()

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        """The files of these kinds."""
        return tuple(change for change in self.files if change.kind in kinds)
