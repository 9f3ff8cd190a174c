"""Options of a command line that a change brings: quoted in code, or written in a document and set in code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ocode_tools.changes.base import Change

_QUOTED = re.compile(r"[\"'`](--[a-z][\w-]+)[\"'`= ,|]")
_DECLARES = re.compile(
    r"add_argument|add_option|[oO]ption\(|[fF]lag|\bhelp\b|describe:|description|\bname\b|getopt|clap|cobra"
)
_WRITTEN = re.compile(r"(?<![\w-])(--[a-z][\w-]+)")


def options(source: Sequence[Change], docs: Sequence[Change]) -> list[str]:
    """The names (`--name`) of new options, in the order they are found."""
    before = "\n".join(change.before or "" for change in source)
    added = [hunk for change in source for hunk in _added(change)]
    found = [name for text in added if _DECLARES.search(text) for name in _QUOTED.findall(text) if name not in before]
    code = "\n".join(added)
    for change in docs:
        for name in (name for text in _added(change) for name in _WRITTEN.findall(text)):
            known = name in (change.before or "")
            if not known and any(shape in code and shape not in before for shape in _shapes(name)):
                found.append(name)
    return list(dict.fromkeys(found))


def _added(change: Change) -> Iterator[str]:
    """Stretches of lines that are new in a file; a moved line is none."""
    if change.after is None or change.before is None:
        return
    known = set(change.before.split("\n"))
    for new, lines in groupby(change.after.split("\n"), key=lambda line: line not in known):
        if new:
            yield "\n".join(lines)


def _shapes(name: str) -> list[str]:
    """How code names an option: as it stands, with underscores, in camel case."""
    words = name.removeprefix("--").split("-")
    if len(words) < 2 and len(words[0]) < 4:
        return [f'"{name}"']
    return ["-".join(words), "_".join(words), words[0] + "".join(word.capitalize() for word in words[1:])]
