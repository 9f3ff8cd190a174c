"""Reading JSON that others wrote: a missing or wrongly typed field is an empty one."""

from __future__ import annotations

import json
from typing import cast


def decoded(text: str) -> object:
    """The JSON value of `text`; raises ValueError."""
    try:
        return cast(object, json.loads(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def table(value: object) -> dict[str, object]:
    """`value` if it is an object, else an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def tables(value: object) -> list[dict[str, object]]:
    """The objects in the list `value` that have fields."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [found for item in items if (found := table(item))]


def texts(value: object) -> tuple[str, ...]:
    """The strings in the list `value`."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def text(fields: dict[str, object], *names: str) -> str:
    """The first of these fields that is a string with something in it."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def count(fields: dict[str, object], *names: str) -> int:
    """The first of these fields that is a whole number above zero."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return 0
