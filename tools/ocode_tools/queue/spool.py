"""Where hooks leave word that a work tree changed: one file for each tree, written and renamed in one step.

A shell can do it too (`spool.sh` beside the hooks): the name is any, the content is the path of the tree's top.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

LONGEST = 1 << 16  # bytes of a path


def leave(spool: Path, tree: str) -> None:
    """Leave word. Raises OSError where the folder cannot be written."""
    name = f"{zlib.crc32(os.fsencode(tree)):x}"
    os.makedirs(spool, mode=0o700, exist_ok=True)
    draft = os.path.join(spool, f".{name}.{os.getpid()}")
    with open(draft, "wb") as file:
        file.write(os.fsencode(tree) + b"\n")
    os.replace(draft, os.path.join(spool, name))


def waiting(spool: Path) -> dict[Path, str]:
    """The trees that word was left of, by the file that says so."""
    found: dict[Path, str] = {}
    with suppress(OSError):
        for entry in sorted(os.scandir(spool), key=lambda entry: entry.name):
            if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:
                    found[Path(entry.path)] = os.fsdecode(file.read(LONGEST).removesuffix(b"\n"))
    return found


def take(spool: Path, trees: frozenset[str]) -> list[str]:
    """Take away the word that was left of these trees, and of those that are no more; which of `trees` it was."""
    found: list[str] = []
    for path, tree in waiting(spool).items():
        if tree in trees or not os.path.isdir(tree):
            with suppress(OSError):
                path.unlink()
            found += [tree] if tree in trees else []
    return found
