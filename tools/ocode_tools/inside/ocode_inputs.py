"""What a function is called with while tests run, values near those, and what comes out of it.

Python 3.8 or later, standard library only; for use in a forked child.
"""

from __future__ import annotations

import base64
import itertools
import pickle
import re
import sys
from collections.abc import Iterator
from typing import Any

MOST, LARGEST = 40, 4000  # inputs of one function, and bytes of each
NEAR = 120  # inputs and those near them
SHOWN = 500  # characters of an outcome
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"-?\b\d+\.\d+(e[-+]?\d+)?")


class Recorder:
    """Keeps the arguments of every call of a code object between `start` and `stop`, as they were at its begin."""

    def __init__(self, code: Any) -> None:
        self._code = code
        self._found: dict[bytes, None] = {}

    def start(self) -> None:
        """From now on, in this thread."""
        sys.setprofile(self._event)

    def stop(self) -> list[str]:
        """The arguments, each pickled and in base64, in the order of their first call."""
        sys.setprofile(None)
        return [base64.b64encode(one).decode() for one in self._found]

    def _event(self, frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is self._code and len(self._found) < MOST:
            try:
                data = pickle.dumps(arguments(frame))
            except Exception:  # whatever the project's own classes raise
                return
            if len(data) <= LARGEST:
                self._found[data] = None


def arguments(frame: Any) -> tuple[list[Any], dict[str, Any]]:
    """The positional and the named arguments of a call that has just begun."""
    code, values = frame.f_code, frame.f_locals
    names = code.co_varnames
    plain, named = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    given = [values[name] for name in names[:plain]]
    others = {name: values[name] for name in names[plain:named]}
    if code.co_flags & 0x04:  # CO_VARARGS
        given.extend(values[names[named]])
        named += 1
    if code.co_flags & 0x08:  # CO_VARKEYWORDS
        others.update(values[names[named]])
    return given, others


def unpacked(inputs: list[str]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """The inputs, then others with one argument that is near one of theirs, of each input in turn, each once."""
    seen: set[bytes] = set()
    found = [base64.b64decode(one) for one in inputs]
    near = (pickle.dumps(one) for one in _in_turn([_near(*pickle.loads(data)) for data in found]))
    for data in itertools.islice(itertools.chain(found, near), 10 * NEAR):
        if data not in seen and len(seen) < NEAR:
            seen.add(data)
            yield pickle.loads(data)


def _in_turn(several: list[Iterator[Any]]) -> Iterator[Any]:
    """The first of each, then the second of each, and so on."""
    while several:
        left: list[Iterator[Any]] = []
        for one in several:
            for item in itertools.islice(one, 1):
                yield item
                left.append(one)
        several = left


def _near(given: list[Any], named: dict[str, Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    for number, value in enumerate(given):
        for other in vary(value):
            yield [*given[:number], other, *given[number + 1 :]], named
    for name, value in named.items():
        for other in vary(value):
            yield given, {**named, name: other}


def vary(value: Any) -> list[Any]:
    """Values near one: the same kind, a little more or less, turned round, empty, with letters of other kinds."""
    kind: Any = value.__class__
    if kind is bool:
        return [not value]
    if kind is int:
        return [value + 1, value - 1, 0, -value, 2 * value, 10 * value + 5]
    if kind is float:
        return [value + 1, value - 0.5, 0.0, -value]
    if kind in (str, bytes, list, tuple):
        others = [value[:0], value[1:], value[:-1], value[::-1], value + value[:1], value + value]
        if kind is str:
            middle = len(value) // 2
            more = [f"{value[:middle]}{one}{value[middle:]}" for one in "1 -aZ."]
            return [*more[:2], *others, *more[2:], value.upper(), value.lower()]
        if kind is bytes:
            return [*others, value.upper()]
        inner = [(n, other) for n, one in enumerate(value[:3]) for other in vary(one)[: 4 - n]]
        others += [value[:n] + kind([other]) + value[n + 1 :] for n, other in inner]
        numbers: Any = value if all(type(one) in (int, float) for one in value) else ()
        ends = [other for one in value[-1:] for other in vary(one)[2:5]]
        return [*others, kind([-one for one in numbers]), *(value + kind([other]) for other in ends)]
    if kind is dict:
        fewer: list[Any] = [{k: v for k, v in value.items() if k != gone} for gone in list(value)[:3]]
        return [{}, *fewer]
    if kind in (set, frozenset):
        return [kind(), kind(list(value)[1:])]
    return []


def outcome(function: Any, given: list[Any], named: dict[str, Any]) -> str:
    """What a call gives: its result and what it did to its arguments, or the exception's type, as one text."""
    before = repr((given, named))
    try:
        shown = _shown(function(*given, **named))
        after = repr((given, named))
        said = shown if after == before else f"{shown} with {after}"
    except BaseException as problem:
        said = f"raises {type(problem).__name__}"
    return _FLOAT.sub(_rounded, _ADDRESS.sub("0x", said[: 4 * SHOWN]))[:SHOWN]


def _rounded(number: Any) -> str:
    """A float as it is but for its last digits and the sign of zero, which no one means."""
    return repr(float(f"{float(number[0]):.12g}") + 0.0)


def _shown(result: Any) -> str:
    if getattr(result, "__next__", None) is None:
        return repr(result)
    steps: Iterator[Any] = result
    return repr([*itertools.islice(steps, 100)])
