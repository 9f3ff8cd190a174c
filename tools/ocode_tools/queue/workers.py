"""Workers and turns: locks that the kernel drops when their holder dies, however it dies (flock(2))."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from ocode_tools.queue.places import Places
from ocode_tools.store import Lock, remove_tree, writing


class Worker:
    """A living worker: its name stands in the jobs that it took, and its lock says that it lives."""

    def __init__(self, places: Places) -> None:
        """Raises `SetupError` where the runtime folder cannot be written."""
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._path = places.worker(self.name)
        with writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(places)
        while (lock := Lock.take(self._path)) is None or not _same(lock, self._path):
            if lock:  # another process swept the file away before it was locked
                lock.release()
        self._lock = lock

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self._path.unlink()
        self._lock.release()


def alive(places: Places, owner: str) -> bool | None:
    """Whether a worker lives; None for one on another machine, which shares the queue by a network mount."""
    if owner.split(":", 1)[0] != socket.gethostname():
        return None
    path = places.worker(owner)
    return path.exists() and not _swept(path)


def turn(places: Places, endpoint: str) -> Lock | None:
    """The right to use a model server, which one job of the user's has at a time; None while another has it."""
    path = places.turn(endpoint)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Lock.take(path)


def _sweep(places: Places) -> None:
    """Remove what dead workers left."""
    for path in places.worker("").iterdir():
        _swept(path)
    for folder in places.jobs.iterdir() if places.jobs.is_dir() else ():
        if alive(places, folder.name.rpartition(".")[0]) is False:
            remove_tree(folder)


def _swept(path: Path) -> bool:
    """Remove a worker's file if nobody holds it; whether nobody did."""
    lock = Lock.take(path)
    if lock is None:
        return False
    if _same(lock, path):
        path.unlink(missing_ok=True)
    lock.release()
    return True


def _same(lock: Lock, path: Path) -> bool:
    try:
        return os.fstat(lock.fileno()).st_ino == path.stat().st_ino
    except OSError:
        return False
