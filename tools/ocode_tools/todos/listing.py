"""How TODOs are shown: as lines for people and editors, and as a document."""

from __future__ import annotations

import re
import string
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal, TypeAlias

from ocode_tools.errors import UsageError
from ocode_tools.todos.item import Blame, Todo

Order: TypeAlias = Literal["path", "age", "tag"]
DEFAULT = "{path}:{line}:{column}: {head}: {text}"
"""Read by grep modes, quickfix lists and error matchers."""
_BLAMED = ("age", "author", "commit", "date")
_FIELDS = ("key", "path", "line", "column", "last", "tag", "ref", "head", "text", "kind", "form", "symbol", *_BLAMED)
_DAY = 86_400
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\0": "\0"}


def fields_of(template: str) -> frozenset[str]:
    """The fields that a format names. Raises UsageError for one that is none, or braces without an end."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise UsageError(f"--format: {error}; write {{path}}:{{line}} and the like, {{{{ for a brace") from None
    for name in names:
        if name not in _FIELDS:
            raise UsageError(f"--format knows no field {name!r}; there are {', '.join(_FIELDS)}")
    return frozenset(names)


def needs_blame(template: str) -> bool:
    """Whether a format can only be filled by git blame."""
    return not fields_of(template).isdisjoint(_BLAMED)


def line(todo: Todo, template: str, blame: Blame, now: float) -> str:
    """One TODO as a format says; `now` in seconds since the epoch. Raises UsageError for a format that cannot be."""
    values: dict[str, object] = {name: getattr(todo, name) for name in _FIELDS if name not in _BLAMED}
    values |= {name: _ODD.sub("\ufffd", value) for name, value in values.items() if isinstance(value, str)}
    values |= {
        "age": age(blame, now),
        "author": _ODD.sub("\ufffd", blame.author),
        "commit": blame.commit,
        "date": time.strftime("%Y-%m-%d", time.gmtime(blame.time)) if blame.time else "",
    }
    try:
        text = template.format_map(values)
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise UsageError(f"--format: {error}") from None
    return text.rstrip(" ").removesuffix(":") if template == DEFAULT else text


def escaped(template: str) -> str:
    r"""A format as typed, with \n, \t and \0 as the characters they stand for."""
    for written, meant in _ESCAPES.items():
        template = template.replace(written, meant)
    return template


def age(blame: Blame, now: float) -> str:
    """How old a line is, for people: `3 d`, `14 mo`, `6 y`; `new` for one that is not committed."""
    if not blame.time:
        return "new"
    days = max(0, int(now - blame.time) // _DAY)
    return f"{days} d" if days < 60 else f"{days // 30} mo" if days < 730 else f"{days // 365} y"


def ordered(found: Sequence[Todo], blames: Sequence[Blame], order: Order) -> list[tuple[Todo, Blame]]:
    """By place, by tag and place, or the oldest first; what is not committed comes last."""
    rows = list(zip(found, blames, strict=True))
    if order == "tag":
        rows.sort(key=lambda row: (row[0].tag, row[0].path, row[0].line))
    elif order == "age":
        rows.sort(key=lambda row: (not row[1].time, row[1].time, row[0].path, row[0].line))
    return rows


def document(rows: Sequence[tuple[Todo, Blame]], blamed: bool) -> list[dict[str, object]]:
    """The TODOs for JSON; `commit`, `author` and `time` (seconds since the epoch) are None where nobody asked."""
    return [
        {
            **asdict(todo),
            "commit": blame.commit if blamed else None,
            "author": blame.author if blamed else None,
            "time": blame.time if blamed else None,
        }
        for todo, blame in rows
    ]
