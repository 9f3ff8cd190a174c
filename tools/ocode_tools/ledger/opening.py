"""Opening the ledger's file; a broken one is moved aside, and the next look at the branches fills a new one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ocode_tools.errors import SetupError
from ocode_tools.ledger.book import WAIT, Book, Broken, move_aside
from ocode_tools.store import Lock, writing

NAME = "ledger.sqlite"


def open_book(folder: Path, say: Callable[[str], None]) -> Book:
    """The ledger in `folder`, which is made. Raises `SetupError` where that is not possible."""
    path = folder / NAME
    try:
        return Book(path)
    except Broken:
        pass
    lock = _wait(folder / "ledger.lock")
    try:
        try:
            return Book(path)  # another process was quicker
        except Broken:
            say(f"the ledger was broken; kept as {move_aside(path).name}, made again from git")
            return Book(path)
    finally:
        lock.release()


def _wait(path: Path) -> Lock:
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + WAIT
    while (lock := Lock.take(path)) is None:
        if time.monotonic() > until:
            raise SetupError(f"another ocode holds {path}; wait for it, or end it")
        time.sleep(0.02)
    return lock
