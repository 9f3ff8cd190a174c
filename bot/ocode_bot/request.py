"""What a door was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What the door was asked for beyond the configuration: raw targets, base revision, branch name."""

    targets: tuple[str, ...] = ()
    base: str | None = None
    dirty: bool = False
    branch: str | None = None
    hooks: bool = False
