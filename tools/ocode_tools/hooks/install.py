"""Putting hooks into git's folder and taking them out again, so that at no moment a hook is lost.

A hook that was there before is linked to a second name first and only then replaced, by one rename.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ocode_tools.errors import RefusedError, SetupError
from ocode_tools.hooks.script import BEFORE, Ours, recognise

State = Literal["absent", "installed", "outdated", "changed", "foreign"]


@dataclass(frozen=True, slots=True)
class Found:
    """What is at a hook's place: `ours` says more of a script of ours, `before` is the hook that it runs first."""

    path: Path
    state: State
    ours: Ours | None
    before: Path | None


def look(folder: Path, name: str, wanted: bytes) -> Found:
    """See what is there; `wanted` is the script that would be installed now. Raises SetupError if it cannot be read."""
    path = folder / name
    before = path.with_name(name + BEFORE)
    kept = before if os.path.lexists(before) else None
    if not os.path.lexists(path):
        return Found(path, "absent", None, kept)
    data = _plain(path)
    ours = recognise(data) if data is not None else None
    if ours is None or ours.name != name:
        return Found(path, "foreign", None, kept)
    state: State = "changed" if not ours.intact else "installed" if data == wanted else "outdated"
    return Found(path, state, ours, kept)


def install(folder: Path, name: str, wanted: bytes) -> str:
    """Put the script in its place and say in a few words what was done.

    Raises RefusedError where that would lose somebody's hook, SetupError where the folder cannot be written.
    """
    found = look(folder, name, wanted)
    match found.state:
        case "installed" if os.access(found.path, os.X_OK):
            return "is installed already"
        case "changed":
            raise RefusedError(_changed(found.path))
        case "foreign":
            _keep(found)
        case _:
            pass
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(found.path, wanted)
    except OSError as error:
        raise SetupError(f"{found.path} cannot be written: {error.strerror}") from error
    match found.state:
        case "foreign":
            return f"installed; the hook that was here is kept as {name}{BEFORE} and runs first"
        case "outdated":
            return "renewed"
        case _:
            return "installed"


def uninstall(folder: Path, name: str) -> str:
    """Take the script away, put back the hook that was there before it, and say in a few words what was done.

    Raises RefusedError where somebody changed or replaced the script, SetupError where the folder cannot be written.
    """
    found = look(folder, name, b"")
    if found.state == "changed":
        raise RefusedError(_changed(found.path))
    try:
        return _take_out(found)
    except OSError as error:
        raise SetupError(f"{found.path} cannot be removed: {error.strerror}") from error


def _take_out(found: Found) -> str:
    path, before = found.path, found.before
    if found.state == "foreign":
        if before and not _same(path, before):
            raise RefusedError(_both(found))
        if before:
            before.unlink()
        return "is not installed" + ("; your own hook is as it was" if before else "")
    if before:
        before.replace(path)
        return "removed; the hook that was here before is back"
    if found.state == "absent":
        return "is not installed"
    path.unlink()
    return "removed"


def _keep(found: Found) -> None:
    """Give a hook that is not ours its second name; a move where the file system has no links."""
    before = found.path.with_name(found.path.name + BEFORE)
    if found.path.is_dir():
        raise RefusedError(f"{found.path} is a folder; move it away, then run this again")
    if found.before:
        if not _same(found.path, before):
            raise RefusedError(_both(found))
        return  # an install that was interrupted came as far as this
    try:
        os.link(found.path, before, follow_symlinks=False)
    except (OSError, NotImplementedError):
        try:
            found.path.rename(before)
        except OSError as error:
            raise SetupError(f"{found.path} cannot be moved: {error.strerror}") from error


def _write(path: Path, data: bytes) -> None:
    """Replace the file by one that may be executed, at once or not at all."""
    new = path.with_name(f"{path.name}.ocode-{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def _plain(path: Path) -> bytes | None:
    """The bytes of an ordinary file; None for a link, a folder or the like."""
    try:
        return path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else None
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error


def _same(one: Path, other: Path) -> bool:
    return os.path.samestat(one.lstat(), other.lstat())


def _changed(path: Path) -> str:
    return f"{path} was changed after ocode wrote it; save what you need of it and delete it, then run this again"


def _both(found: Found) -> str:
    return f"{found.path} is not ocode's and {found.path.name}{BEFORE} is there too; move one away, then run this again"
