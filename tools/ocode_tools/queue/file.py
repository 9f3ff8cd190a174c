"""The queue's file: SQLite, for several processes at a time; a broken one is moved aside and begun anew.

What is lost with it is found again: causes by the next look at the work trees, branches by the trailers of their
commits.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path

from ocode_tools.errors import SetupError
from ocode_tools.queue.base import Job
from ocode_tools.store import Lock, writing

SCHEMA = 1  # `PRAGMA user_version`
WAIT = 10.0  # seconds for another process that writes
COLUMNS = tuple(field.name for field in fields(Job))
_NUMBERS = frozenset({"line", "tries"})
_TIMES = frozenset({"run_at", "lease", "started", "born", "changed"})
_TABLES = f"""
CREATE TABLE jobs (id INTEGER PRIMARY KEY, {
    ", ".join(
        f"{name} {'INTEGER' if name in _NUMBERS else 'REAL' if name in _TIMES else 'TEXT'} NOT NULL"
        for name in COLUMNS[1:]
    )
}, UNIQUE (repository, task, key));
CREATE INDEX by_state ON jobs (state, run_at);
CREATE INDEX by_repository ON jobs (repository, started);
CREATE TABLE pauses (scope TEXT PRIMARY KEY, reason TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE watchers (tree TEXT PRIMARY KEY, owner TEXT NOT NULL, pid INTEGER NOT NULL, how TEXT NOT NULL,
    note TEXT NOT NULL, since REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA};
"""


class Broken(SetupError):
    """The file is no queue (any more)."""


def open_file(
    path: Path, wal: bool = True, say: Callable[[str], None] = lambda _: None, wait: float = WAIT
) -> sqlite3.Connection:
    """The open file, made where it is missing or broken; without `wal` for a network mount, where that fails.
    `wait` are seconds for another process that writes.

    Raises `SetupError` where it can be neither read nor made.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _opened(path, wal, wait)
    except Broken:
        lock = _lock(path.with_suffix(".lock"))
    try:
        return _opened(path, wal, wait)  # another process was quicker
    except Broken:
        say(f"the queue was broken; kept as {_aside(path).name}, begun anew")
        return _opened(path, wal, wait)
    finally:
        lock.release()


def _opened(path: Path, wal: bool, wait: float) -> sqlite3.Connection:
    with clear(path):
        db = sqlite3.connect(path, timeout=wait, isolation_level=None)
    try:
        with clear(path):
            _prepare(db, path, wal)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path, wal: bool) -> None:
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Broken(f"{path} is damaged")
    if _version(db) > SCHEMA:
        raise SetupError(f"{path} is of a newer ocode; use that one, or move the file away")
    if _version(db) < SCHEMA:
        if wal:
            db.execute("PRAGMA journal_mode = WAL")
        with step(db):
            if _version(db) < SCHEMA:  # nobody was quicker
                for statement in filter(str.strip, _TABLES.split(";\n")):
                    db.execute(statement)
    db.execute("SELECT 1 FROM jobs, pauses, watchers LIMIT 0")
    db.execute("PRAGMA synchronous = FULL" if not wal else "PRAGMA synchronous = NORMAL")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def step(db: sqlite3.Connection) -> Generator[None]:
    """One step for all that is written inside: whole or not at all, and nobody else writes meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextmanager
def clear(path: Path) -> Generator[None]:
    """Turn what SQLite raises into what a user, or the caller, can act on."""
    try:
        yield
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # a table or column that should be there
            raise Broken(f"{path} is damaged ({problem})") from None
        raise SetupError(f"cannot use {path}: {problem}; give write access and room") from None
    except sqlite3.DatabaseError as problem:
        raise Broken(f"{path} is damaged ({problem})") from None


def _lock(path: Path) -> Lock:
    until = time.monotonic() + WAIT
    while (lock := Lock.take(path)) is None:
        if time.monotonic() > until:
            raise SetupError(f"another ocode holds {path}; wait for it, or end it")
        time.sleep(0.02)
    return lock


def _aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.broken-{time.time_ns() // 1_000_000}")
    for end in ("-wal", "-shm", ""):
        with writing(path), suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside
