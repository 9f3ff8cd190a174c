"""What a door was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What the door was asked for beyond the configuration: raw targets, base revision, branch name.

    `dry` moves no branch; `limit` is the most targets that are worked on; `changed` is the revision since which a
    target's lines have changed, `staged` the same for the index; `options` are the flags of one task, by their names.
    Nobody `asked` for what works by itself: few such branches may wait at a time, and none for what was rejected.
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
