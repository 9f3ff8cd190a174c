"""Who wrote a TODO and when, by `git blame`, asked only for what is shown and remembered."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ocode_tools.git import Git
from ocode_tools.todos.item import Blame, Todo

if TYPE_CHECKING:
    from pathlib import Path

Known: TypeAlias = dict[str, list[Any]]
"""By the name of a file's bytes and a line: a `Blame`."""

_LARGEST = 4 << 20  # bytes of what is remembered
_WORKERS = 2


def blames(git: Git, found: Sequence[Todo], cache: Path | None) -> list[Blame]:
    """One for each TODO of the work tree; `cache` is the file that remembers, by a file's path and bytes.

    A line that is not committed has none, and is asked for again. Never raises for what git does not know.
    """
    known = _load(cache)
    names = {path: _name(git, path) for path in dict.fromkeys(todo.path for todo in found)}
    missing = defaultdict[str, set[int]](set)
    for todo in found:
        if f"{names[todo.path]}:{todo.line}" not in known:
            missing[todo.path].add(todo.line)
    fresh: Known = {}
    with ThreadPoolExecutor(_WORKERS) as pool:
        for path, rows in zip(missing, pool.map(partial(_blame, git), missing.items()), strict=True):
            fresh |= {f"{names[path]}:{line}": list(blame) for line, blame in rows.items() if blame.time}
    if fresh:
        known |= fresh
        _save(cache, known)
    return [Blame(*known.get(f"{names[todo.path]}:{todo.line}", ())) for todo in found]


def _name(git: Git, path: str) -> str:
    """What a file's lines are remembered by."""
    digest = hashlib.sha1(path.encode("utf-8", "surrogateescape") + b"\0", usedforsecurity=False)
    with suppress(OSError), open(os.path.join(os.fspath(git.cwd), path), "rb") as file:
        digest.update(file.read())
    return digest.hexdigest()


def _blame(git: Git, asked: tuple[str, set[int]]) -> dict[int, Blame]:
    """git-blame(1) `--line-porcelain` of these lines of a file."""
    path, lines = asked
    wanted = [word for line in sorted(lines) for word in ("-L", f"{line},{line}")]
    done = git.ask("blame", "--line-porcelain", *wanted, "--", path)
    found, head, author, time = dict[int, Blame](), list[str](), "", 0
    for row in done.out.decode("utf-8", "replace").split("\n"):
        name, _, value = row.partition(" ")
        if row.startswith("\t") and head:
            nobody = not head[0].strip("0")
            found[int(head[2])] = Blame() if nobody else Blame(head[0][:10], author, time)
            head = []
        elif not head:
            head = row.split(" ")
        elif name == "author":
            author = value
        elif name == "author-time" and value.isdigit():
            time = int(value)
    return found


def _load(cache: Path | None) -> Known:
    with suppress(OSError, ValueError):
        if cache and cache.stat().st_size <= _LARGEST:
            loaded: object = json.loads(cache.read_text())
            rows = cast("Known", loaded) if isinstance(loaded, dict) else {}
            return {name: row for name, row in rows.items() if len(row) == len(Blame._fields)}
    return {}


def _save(cache: Path | None, known: Known) -> None:
    """In one step; a folder that cannot be written costs the next call its time, nothing else."""
    if cache:
        with suppress(OSError):
            cache.parent.mkdir(parents=True, exist_ok=True)
            draft = cache.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(known))
            draft.replace(cache)
