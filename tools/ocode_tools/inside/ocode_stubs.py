"""Bodies that return a constant of the right type: a test that cannot tell them from the real one checks nothing.

Python 3.8 or later, standard library only.
"""

from __future__ import annotations

import contextlib
import copy
import enum
import inspect
from typing import Any

_PLAIN: dict[Any, Any] = {
    bool: (True, False),
    int: (0, 1),
    float: (0.0, 1.0),
    complex: (0j,),
    str: ("", "A"),
    bytes: (b"",),
    bytearray: (bytearray(),),
    list: ([],),
    tuple: ((),),
    dict: ({},),
    set: (set(),),
    frozenset: (frozenset(),),
    type(None): (None,),
}


def blank(value: Any) -> list[Any]:
    """Values of the type of `value` that say nothing; none where no such value can be made."""
    kind: Any = value.__class__
    if kind in _PLAIN:
        return list(_PLAIN[kind])
    if isinstance(value, enum.Enum):
        return list(kind)[:2]
    named = getattr(kind, "_make", None)  # of a named tuple
    if named:
        return [named(map(_first, value))]
    emptied = _emptied(value)
    if emptied is not None:
        return [emptied]
    for make in (kind, lambda: kind.min):
        with contextlib.suppress(Exception):  # whatever the project's own classes raise
            made: Any = make()
            if made.__class__ is kind:
                return [made]
    return []


def _first(value: Any) -> Any:
    kind: Any = value.__class__
    return _PLAIN[kind][0] if kind in _PLAIN else value


def _emptied(value: Any) -> Any:
    """A copy whose attributes are empty; None where that cannot be done or would change nothing."""
    fields: Any = getattr(value, "__dict__", None)
    if fields.__class__ is not dict or not any(one.__class__ in _PLAIN for one in fields.values()):
        return None
    with contextlib.suppress(Exception):  # whatever the project's own classes raise
        made: Any = copy.copy(value)
        if made is not value:
            made.__dict__.update({name: _first(one) for name, one in fields.items()})
            return made
    return None


def stub(function: Any, value: Any) -> Any:
    """The code of a function that takes whatever `function` does and returns `value`; a generator gives nothing."""
    old = function.__code__
    made = _make(old.co_flags).__code__
    constants = tuple(value if one == "value" else one for one in made.co_consts)
    names = {"co_freevars": old.co_freevars, "co_name": old.co_name, "co_filename": old.co_filename}
    return made.replace(co_consts=constants, co_firstlineno=old.co_firstlineno, **names)


def _make(flags: int) -> Any:
    def plain(*_: Any, **__: Any) -> Any:
        return "value"

    def generator(*_: Any, **__: Any) -> Any:
        return
        yield

    async def coroutine(*_: Any, **__: Any) -> Any:
        return "value"

    async def several(*_: Any, **__: Any) -> Any:
        return
        yield

    if flags & inspect.CO_GENERATOR:
        return generator
    if flags & inspect.CO_COROUTINE:
        return coroutine
    return several if flags & inspect.CO_ASYNC_GENERATOR else plain
