"""Changed public functions that no test executes: by coverage data where it is newer than the code, else by name.

Light: a hook uses it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocode_tools.git import Git
from ocode_tools.newtests.units import Goal, goals
from ocode_tools.selection import Selection
from ocode_tools.source import Source, SourceError

if TYPE_CHECKING:
    import sqlite3

MOST = 200  # files that are looked at, and names that are looked for
_TESTS = (
    ":(top,glob)**/test_*.py",
    ":(top,glob)**/*_test.py",
    ":(top,glob)**/tests.py",
    ":(top,glob)**/tests/**",
    ":(top,glob)**/test/**",
)


@dataclass(frozen=True, slots=True)
class Untested:
    """What was found: the functions that no test executes, how many were looked at, and by what it is known."""

    found: tuple[Goal, ...]
    looked: int
    measured: bool


def untested(git: Git, commit: str, selection: Selection) -> Untested:
    """The changed public functions of a commit that no test executes. Raises `GitError`."""
    units = [goal for source in _sources(git, commit, selection.paths[:MOST]) for goal in _changed(source, selection)]
    if not units:
        return Untested((), 0, False)
    covered = _coverage(os.fspath(git.cwd), {goal.path for goal in units})
    left = [goal for goal in units if not covered.get(goal.path, frozenset()) & goal.lines]
    static = [goal for goal in left if goal.path not in covered]
    known = _mentioned(git, commit, {_word(goal) for goal in static}) if static else frozenset[str]()
    found = [goal for goal in left if goal.path in covered or _word(goal) not in known]
    return Untested(tuple(found), len(units), bool(covered))


def _sources(git: Git, commit: str, paths: Collection[str]) -> Iterator[Source]:
    """The files of a commit that can be read: git-cat-file(1) `--batch`."""
    paths = [path for path in paths if "\n" not in path]
    asked = "".join(f"{commit}:{path}\n" for path in paths).encode("utf-8", "surrogateescape")
    data = git.out("cat-file", "--batch", stdin=asked) if paths else b""
    for path in paths:
        head, _, data = data.partition(b"\n")
        if head.endswith(b" missing"):
            continue
        size = int(head.rpartition(b" ")[2])
        text, data = data[:size], data[size + 1 :]
        with suppress(SourceError):
            yield Source(path, text)


def _changed(source: Source, selection: Selection) -> list[Goal]:
    return goals(source, wants=lambda unit: selection.wants(source.path, unit.qualname, unit.first, unit.last))


def _word(goal: Goal) -> str:
    """The word that a test of the unit writes: its name, of a special method its class's."""
    *owners, last = goal.name.split(".")
    return owners[-1] if owners and last.startswith("__") else last


def _mentioned(git: Git, commit: str, names: Collection[str]) -> frozenset[str]:
    """Which of the names are words of a test file of the commit."""
    words = [part for name in sorted(names)[:MOST] for part in ("-e", name)]
    done = git.ask("grep", "-h", "-o", "-w", "-F", *words, commit, "--", *_TESTS)
    return frozenset(done.text.split())


def _coverage(top: str, paths: Collection[str]) -> Mapping[str, frozenset[int]]:
    """The lines that ran, of files which coverage.py knows and which did not change since: its own SQLite file
    (coverage.readthedocs.io, "Coverage.py database schema")."""
    file = os.path.join(top, ".coverage")
    if not os.path.isfile(file):
        return {}
    import sqlite3  # only where there is such a file

    found: dict[str, frozenset[int]] = {}
    try:
        when = os.stat(file).st_mtime
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            for path in paths:
                place = os.path.join(top, path)
                if not os.path.exists(place) or os.stat(place).st_mtime > when:
                    continue
                row = database.execute("select id from file where path in (?, ?)", (place, path)).fetchone()
                if row:
                    found[path] = _lines(database, row[0])
    except (OSError, sqlite3.Error):
        return {}
    return found


def _lines(database: sqlite3.Connection, number: int) -> frozenset[int]:
    """The lines of one file: bits of bytes, or the ends of arcs."""
    lines: set[int] = set()
    for (bits,) in database.execute("select numbits from line_bits where file_id = ?", (number,)):
        lines.update(8 * at + bit for at, byte in enumerate(bits) for bit in range(8) if byte >> bit & 1)
    for pair in database.execute("select fromno, tono from arc where file_id = ?", (number,)):
        lines.update(line for line in pair if line > 0)
    return frozenset(lines)
