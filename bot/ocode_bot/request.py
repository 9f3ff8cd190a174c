"""What a door was asked for."""

from __future__ import annotations

from dataclasses import dataclass

UNASKED = "OCODE_UNASKED"
"""Stands in the environment of what the daemon starts by itself."""


@dataclass(frozen=True, slots=True)
class Again:
    """A branch of ours that is made again: its full ref, and the tip that it is moved away from."""

    ref: str
    tip: str


@dataclass(frozen=True, slots=True)
class Request:
    """What the door was asked for beyond the configuration: raw targets, base revision, branch name.

    `dry` moves no branch; `limit` is the most targets that are worked on; `changed` is the revision since which a
    target's lines have changed, `staged` the same for the index; `options` are the flags of one task, by their names.
    `again` names a branch that is made again instead of a new one. Nobody `asked` for what works by itself: few such
    branches may wait at a time, and none for what was rejected.
    """

    targets: tuple[str, ...] = ()
    base: str | None = None
    dirty: bool = False
    branch: str | None = None
    hooks: bool = False
    dry: bool = False
    limit: int | None = None
    changed: str | None = None
    staged: bool = False
    options: frozenset[str] = frozenset()
    asked: bool = True
    again: Again | None = None
