"""The ledger's file: SQLite in the common git folder, several processes at a time, made again when it is broken."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, fields, replace
from pathlib import Path

from ocode_tools.errors import SetupError
from ocode_tools.ledger.base import Change, Code, Row, State
from ocode_tools.store import writing

SCHEMA = 1  # `PRAGMA user_version`
WAIT = 10.0  # seconds for another process that writes
_COLUMNS = tuple(field.name for field in fields(Row))
_TABLES = f"""
CREATE TABLE branches ({", ".join(_COLUMNS)}, PRIMARY KEY (ref)) WITHOUT ROWID;
CREATE TABLE changes (ref, key, sha, state, reason, code, at, PRIMARY KEY (ref, key)) WITHOUT ROWID;
CREATE INDEX by_key ON changes (key);
CREATE TABLE told (what PRIMARY KEY) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA};
"""


class Broken(SetupError):
    """The file is no ledger (any more): opening it once more makes it again."""


class Book:
    """An open ledger file, for one thread."""

    def __init__(self, path: Path) -> None:
        """Raises `Broken` for a file that is damaged, `SetupError` for one that cannot be written or is too new."""
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        try:
            self._db = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        except sqlite3.Error as problem:
            raise SetupError(f"cannot open {path}: {problem}; give write access") from None
        try:
            with _clear(path):
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        if self._db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Broken(f"{self._path} is damaged; run ocode again")
        version = self._version()
        if version > SCHEMA:
            raise SetupError(f"{self._path} is of a newer ocode; use that one, or move the file away")
        if version < SCHEMA:
            self._db.execute("PRAGMA journal_mode = WAL")
            with self.writing():
                if self._version() < SCHEMA:  # nobody was quicker
                    for statement in filter(str.strip, _TABLES.split(";\n")):
                        self._db.execute(statement)
        for table in (
            f"{', '.join(_COLUMNS)} FROM branches",
            "key, sha, state, reason, code, at FROM changes",
            "what FROM told",
        ):
            self._db.execute(f"SELECT {table} LIMIT 0")
        self._db.execute("PRAGMA synchronous = NORMAL")

    def _version(self) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(version)

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    @contextmanager
    def writing(self) -> Generator[None]:
        """One step for all that is written inside: whole or not at all, and nobody else writes meanwhile."""
        with _clear(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self) -> dict[str, Row]:
        """Every branch by its full ref, in the order of their births."""
        with _clear(self._path):
            found = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM branches ORDER BY born, ref").fetchall()
        rows = (Row(*values) for values in found)
        return {row.ref: replace(row, asked=bool(row.asked)) for row in rows}

    def put(self, row: Row) -> None:
        """Write one branch."""
        with _clear(self._path):
            self._db.execute(f"REPLACE INTO branches VALUES ({', '.join('?' * len(_COLUMNS))})", astuple(row))

    def drop(self, ref: str) -> None:
        """Forget a branch; what was rejected on it stays known."""
        with _clear(self._path):
            self._db.execute("DELETE FROM branches WHERE ref = ?", (ref,))
            self._db.execute("DELETE FROM changes WHERE ref = ? AND state != 'rejected'", (ref,))

    def changes(self, ref: str) -> list[Change]:
        """The changes on a branch."""
        return [change for _, change in self._changes("ref", ref)]

    def of_key(self, key: str) -> list[Change]:
        """Every change for one cause, newest first."""
        return [change for _, change in sorted(self._changes("key", key), key=lambda pair: -pair[0])]

    def _changes(self, column: str, value: str) -> list[tuple[float, Change]]:
        question = f"SELECT key, sha, state, reason, code, at FROM changes WHERE {column} = ?"
        with _clear(self._path):
            found = self._db.execute(question, (value,)).fetchall()
        return [(at, Change(k, sha, s, why, _code(code))) for k, sha, s, why, code, at in found]

    def write_changes(self, ref: str, changes: Iterable[Change], now: float) -> None:
        """Write changes of a branch, each in place of the one with its key."""
        lines = [(ref, c.key, c.sha, c.state, c.reason, json.dumps([asdict(x) for x in c.code]), now) for c in changes]
        with _clear(self._path):
            self._db.executemany("REPLACE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)", lines)

    def forget_changes(self, ref: str, state: State) -> None:
        """Forget the changes of a branch that are in a state."""
        with _clear(self._path):
            self._db.execute("DELETE FROM changes WHERE ref = ? AND state = ?", (ref, state))

    def once(self, what: str) -> bool:
        """Whether this is the first time that something is told here."""
        with _clear(self._path):
            return self._db.execute("INSERT OR IGNORE INTO told VALUES (?)", (what,)).rowcount == 1


def move_aside(path: Path) -> Path:
    """Rename a broken file and what belongs to it; returns its new name."""
    aside = path.with_name(f"{path.name}.broken-{time.time_ns() // 1_000_000}")
    for end in ("-wal", "-shm", ""):
        with writing(path), suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


def _code(text: str) -> tuple[Code, ...]:
    return tuple(Code(**one) for one in json.loads(text))


@contextmanager
def _clear(path: Path) -> Generator[None]:
    """Turn what SQLite raises into what a user, or the caller, can act on."""
    try:
        yield
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # a table or column that should be there
            raise Broken(f"{path} is damaged ({problem}); run ocode again") from None
        # Locked for too long, a read-only or full disk.
        raise SetupError(
            f"cannot use {path}: {problem}; give write access and room, or wait for the other ocode"
        ) from None
    except sqlite3.DatabaseError as problem:
        raise Broken(f"{path} is damaged ({problem}); run ocode again") from None
