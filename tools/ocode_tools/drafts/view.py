"""The diff as the drafter looks at it: each file with its points, and the groups that rules ask for."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from ocode_tools.changes.base import Change, Changes, Kind
from ocode_tools.changes.facts import points
from ocode_tools.changes.options import options
from ocode_tools.changes.points import Point

# What is looked into: files, and characters of text in them; a subject names a few things only.
_FILES, _TEXT = 16, 400_000


class Told(NamedTuple):
    """One file and what is known about its change."""

    change: Change
    points: tuple[Point, ...]

    @property
    def code(self) -> tuple[Point, ...]:
        """The points that change what a program does; imports alone do not."""
        return tuple(point for point in self.points if point.nature == "code" and point.sort != "imports")


class View:
    """Facts about one diff, worked out when first asked for."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.files = changes.files
        self._told: dict[str, Told] = {}
        self._left = _TEXT

    def told(self, change: Change) -> Told:
        """One file with its points."""
        if change.path not in self._told:
            size = len(change.before or "") + len(change.after or "")
            self._left -= size
            known = points(change) if len(self._told) < _FILES and self._left >= 0 else ()
            self._told[change.path] = Told(change, known)
        return self._told[change.path]

    def of(self, *kinds: Kind) -> list[Told]:
        """The files of these kinds with their points, the most changed first."""
        found = [change for change in self.files if change.kind in kinds]
        return [self.told(change) for change in sorted(found, key=lambda change: -change.lines)]

    @cached_property
    def kinds(self) -> dict[Kind, int]:
        """How many lines were changed of each kind; a file without lines counts one."""
        found: dict[Kind, int] = {}
        for change in self.files:
            found[change.kind] = found.get(change.kind, 0) + max(1, change.lines)
        return found

    @cached_property
    def options(self) -> list[str]:
        """New options of a command line."""
        return options([told.change for told in self.source], [told.change for told in self.of("docs")])

    @cached_property
    def source(self) -> list[Told]:
        """The source files."""
        return self.of("source")
