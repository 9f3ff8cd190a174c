"""`ocode todo list`: light rooms only, as editors call it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ocode_bot import terminal
from ocode_bot.version import VERSION
from ocode_tools import config, repository
from ocode_tools.errors import UsageError
from ocode_tools.schema import SCHEMA
from ocode_tools.selection import select
from ocode_tools.todos import listing, scan
from ocode_tools.todos.form import tags_of
from ocode_tools.todos.item import Blame, Todo
from ocode_tools.todos.listing import DEFAULT, Order

CACHE = ("ocode", "blame.json")
"""Below the common git folder: what git blame said."""


class Asked(NamedTuple):
    """The options of `ocode todo list`."""

    targets: Sequence[str] = ()
    since: str | None = None
    changed: str | None = None
    staged: bool = False
    order: Order = "path"
    template: str | None = None
    docstrings: bool = False
    blame: bool = False


def list_command(start: Path, environ: Mapping[str, str], asked: Asked, as_json: bool) -> int:
    """List the TODOs around `start`; the exit code. Raises `OcodeError`."""
    template = listing.escaped(asked.template) if asked.template is not None else DEFAULT
    blamed = asked.blame or asked.order == "age" or listing.needs_blame(template)
    if asked.since is not None and (asked.staged or asked.changed is not None):
        raise UsageError("--since goes with neither --changed nor --staged: it compares two states of the files")
    repo = repository.find(start)
    loaded = config.require(config.load(SCHEMA, start=repo.top, environ=environ))
    tags = tags_of(config.value(loaded, "todo.tags"))
    chosen = None
    if asked.targets or asked.staged or asked.changed is not None:
        chosen = select(repo.git, start, asked.targets, changed=asked.changed, staged=asked.staged)
    if asked.since is None:
        found = scan.scan(repo.git, chosen, tags=tags, docstrings=asked.docstrings, staged=asked.staged)
    else:
        found = scan.since(repo.git, repo.resolve(asked.since), chosen, tags=tags, docstrings=asked.docstrings)
    for note in found.notes:
        terminal.talk(f"ocode: {note}")
    rows = listing.ordered(found.todos, _blames(repo, found.todos, blamed), asked.order)
    if as_json:
        terminal.document(document(listing.document(rows, blamed), found.notes, None))
    elif rows:
        now = time.time()
        if asked.order == "age" and asked.template is None:
            template = "{age:>6}  {author:<20.20}  " + DEFAULT
        terminal.out("\n".join(listing.line(todo, template, blame, now) for todo, blame in rows))
    return 0


def document(
    todos: Sequence[Mapping[str, Any]], notes: Sequence[str], error: Mapping[str, str] | None
) -> dict[str, Any]:
    """The document of `ocode todo list --json`, with every key at every exit."""
    return {"version": VERSION, "todos": list(todos), "notes": list(notes), "error": error}


def _blames(repo: repository.Repository, found: Sequence[Todo], blamed: bool) -> Sequence[Blame]:
    if not blamed:
        return [Blame()] * len(found)
    from ocode_tools.todos.ages import blames

    return blames(repo.git, found, repo.common_dir.joinpath(*CACHE))
