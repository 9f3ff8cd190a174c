"""One line about one changed file."""

from __future__ import annotations

from collections.abc import Sequence

from ocode_tools.changes.base import EXECUTABLE, SYMLINK, Change
from ocode_tools.changes.facts import points
from ocode_tools.changes.points import Point

_NAMES = 4


def summary(change: Change) -> str:
    """What happened to a file in one line: its name, then what kind of change it is and what it touches."""
    name = shown(change.path)
    if change.status in ("renamed", "copied"):
        name = f"{shown(change.old_path)} -> {name}"
    return f"{name}: {', '.join(_parts(change))}" if not _bare_rename(change) else f"{name} {_likeness(change)}"


def shown(path: str) -> str:
    """A path as one printable line, quoted where it holds odd characters."""
    return path if path.isprintable() else ascii(path)


def _bare_rename(change: Change) -> bool:
    return change.status in ("renamed", "copied") and not change.lines and not change.binary


def _likeness(change: Change) -> str:
    return f"{change.status}, {change.similarity} % alike"


def _parts(change: Change) -> list[str]:
    parts: list[str] = []
    if change.submodule:
        return [_submodule(change)]
    if change.status in ("renamed", "copied"):
        parts.append(_likeness(change))
    elif change.status in ("added", "removed"):
        parts.append("new" if change.status == "added" else "removed")
    if SYMLINK in (change.old_mode, change.new_mode):
        parts.append("symbolic link" if change.status != "retyped" else _retyped(change))
    elif change.old_mode != change.new_mode and change.status in ("changed", "renamed"):
        parts.append("made executable" if change.new_mode == EXECUTABLE else "made not executable")
    if change.binary:
        return [*parts, _binary(change)]
    if change.kind in ("lock", "generated", "vendored"):
        parts.append({"lock": "lock file", "generated": "generated", "vendored": "vendored"}[change.kind])
    if change.lines:
        parts.append(f"+{change.added} -{change.removed}")
    return [*parts, *_named(points(change))] or ["no change of content"]


def _submodule(change: Change) -> str:
    if change.status == "added":
        return f"new submodule at {change.new_id[:7]}"
    if change.status == "removed":
        return "submodule removed"
    return f"submodule {change.old_id[:7]}..{change.new_id[:7]}"


def _retyped(change: Change) -> str:
    return "a file became a symbolic link" if change.new_mode == SYMLINK else "a symbolic link became a file"


def _binary(change: Change) -> str:
    if change.status == "added":
        return f"binary, {_size(change.new_size)}"
    if change.status == "removed":
        return f"binary, {_size(change.old_size)}"
    return f"binary, {_size(change.old_size)} -> {_size(change.new_size)}"


def _size(size: int) -> str:
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 1024:.0f} KiB" if size < 1024**2 else f"{size / 1024**2:.1f} MiB"


def _named(found: Sequence[Point]) -> list[str]:
    moved = [point.detail or f"{point.how} {point.name}" for point in found if point.sort in ("dependency", "version")]
    if moved:
        return [*moved[:_NAMES], *([f"{len(moved) - _NAMES} more"] if len(moved) > _NAMES else [])]
    natures = {point.nature for point in found}
    if natures and "code" not in natures:
        return [f"only {' and '.join(sorted(natures))} changed"]
    names = list(
        dict.fromkeys(
            f"{point.how} {point.sort} {point.name}" if point.how != "changed" else f"in {point.name}"
            for point in found
            if point.name
        )
    )
    return [*names[:_NAMES], *([f"{len(names) - _NAMES} more places"] if len(names) > _NAMES else [])]
