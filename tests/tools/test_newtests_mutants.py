"""Mutants: which there are, that each changes one function alone; bodies that return a constant of the right type."""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.inside.ocode_stubs import blank, stub
from ocode_tools.newtests.mutants import mutants
from ocode_tools.source import Source

CASES = {
    "comparison": ("return a < b", {"<= for <"}),
    "equality": ("return a == b", {"!= for =="}),
    "not in": ("return a not in b", {"in for not in"}),
    "is not": ("return a is not b", {"is for is not"}),
    "a chain": ("return 1 < a <= b", {"2 for 1", "<= for <", "< for <="}),
    "arithmetic": ("return a + b", {"- for +"}),
    "in brackets": ("return (a) * (b)", {"+ for *"}),
    "and": ("return a and b", {"or for and"}),
    "not": ("return not a", {"drop not"}),
    "a condition": ("if a:\n        b = b\n    return b", {"negate the condition"}),
    "a constant": ("return True", {"False for True"}),
    "a text": ("return 'x'", {"'XXx' for 'x'"}),
    "added": ("a += b\n    return a", {"-= for +=", "drop the statement"}),
    "a call": ("b.append(a)\n    return b", {"drop the statement"}),
    "a raise": ("raise ValueError('no')", {"drop the statement"}),
    "a method": ("return a.strip()", {"drop .strip()"}),
    "the least": ("return min(a, b)", {"max for min"}),
    "sorted": ("return sorted(a)", {"drop sorted()"}),
    "nothing to change": ("return a", set[str]()),
    "a docstring": ("'''Text.'''\n    return a", set[str]()),
    "a format string": ("return f'{a} of {b}'", set[str]()),
}


def source(text: str) -> Source:
    """A file."""
    return Source("m.py", text.encode())


@pytest.mark.parametrize(("body", "whats"), CASES.values(), ids=CASES)
def test_which_there_are(body: str, whats: set[str]) -> None:
    made = source(f"def f(a, b):\n    {body}\n")
    found = mutants(made, made.functions()[1])
    assert {mutant.what for mutant in found} == whats
    for mutant in found:
        ast.parse(mutant.swap.unit.text if mutant.swap.unit else "(")
        assert mutant.diff.startswith("-")


def test_they_are_spread_over_the_lines() -> None:
    made = source("def f(a):\n" + "".join(f"    a = a + {n} < {n} and a\n" for n in range(30)) + "    return a\n")
    found = mutants(made, made.functions()[1], 30)
    assert len(found) == 30
    assert len({mutant.line for mutant in found}) == 30


def test_a_method_with_decorators_and_other_line_ends() -> None:
    text = "class A:\r\n    @property\r\n    def f(self):\r\n        return self.n + 1\r\n"
    made = source(text)
    found = mutants(made, made.functions()[1])
    assert {mutant.what for mutant in found} == {"- for +", "2 for 1"}
    assert all(mutant.swap.unit is not None and mutant.swap.unit.first == 2 for mutant in found)


FILES = sorted(Path(__file__).parents[2].glob("tools/ocode_tools/rules/*.py"))


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(FILES), st.integers(0, 30))
def test_each_parses_and_changes_its_function_alone(path: Path, number: int) -> None:
    made = Source(path.name, path.read_bytes())
    units = made.functions()
    unit = units[number % len(units)]
    before = path.read_bytes()
    for mutant in mutants(made, unit):
        change = mutant.swap
        after = before[: change.start] + change.data + before[change.end :]
        ast.parse(after)
        first, last = made.lines(unit.first, unit.last)
        assert after[: len(made.text[:first].encode())] == before[: len(made.text[:first].encode())]
        assert after.endswith(made.text[last:].encode())


class Colour(enum.Enum):
    """Some names."""

    RED = 1
    BLUE = 2


class Pair(NamedTuple):
    """Two things."""

    name: str
    size: int


@dataclass(frozen=True)
class Thing:
    """A thing with a part that is no plain value."""

    name: str
    inner: object


INNER = object()
BLANKS: dict[str, tuple[object, list[object]]] = {
    "text": ("a", ["", "A"]),
    "number": (3, [0, 1]),
    "bool": (True, [True, False]),
    "list": ([1], [[]]),
    "none": (None, [None]),
    "enum": (Colour.BLUE, [Colour.RED, Colour.BLUE]),
    "named tuple": (Pair("a", 2), [Pair("", 0)]),
    "object": (Thing("a", INNER), [Thing("", INNER)]),
    "decimal": (Decimal(3), [Decimal()]),
    "date": (date(2020, 1, 1), [date.min]),
}


@pytest.mark.parametrize(("value", "made"), BLANKS.values(), ids=BLANKS)
def test_a_constant_of_the_right_type(value: object, made: list[object]) -> None:
    found = blank(value)
    assert found == made
    assert [type(one) for one in found] == [type(one) for one in made]


def plain(a: int, *, b: int = 2) -> int:
    """A function with a default."""
    return a + b


def several(a: int) -> Iterator[int]:
    """A generator."""
    yield a


def test_a_body_that_returns_it() -> None:
    def copy(function: Callable[..., Any], value: object) -> Callable[..., Any]:
        return FunctionType(stub(function, value), {}, "copy", None, function.__closure__)

    assert copy(plain, 7)(1, b=3) == 7
    assert list(copy(several, 0)(1)) == []
