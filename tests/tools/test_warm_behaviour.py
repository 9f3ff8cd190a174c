"""What functions are called with, what they do with that and the like, and what follows for candidates."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from ocode_tools.inside.ocode_child import examples
from ocode_tools.inside.ocode_inputs import NEAR, arguments, outcome, unpacked, vary
from ocode_tools.warm.behaviour import Green, confidence, groups
from ocode_tools.warm.client import Place
from warming import warming

GROUPS: dict[str, tuple[dict[str, Sequence[str]], Sequence[str], list[tuple[tuple[str, ...], int]]]] = {
    "none": ({}, [], []),
    "doubted last": ({"?a": ["1", "2"], "b": ["9", "2"]}, ["1", "2"], [(("b",), 1), (("?a",), 2)]),
    "not doubted first": ({"?a": ["1"], "b": ["1"]}, ["1"], [(("b", "?a"), 1)]),
    "not tried at all": ({"a": [], "b": ["1"]}, ["1"], [(("b",), 1), (("a",), 0)]),
    "alike": ({"a": ["1", "2"], "b": ["1", "2"]}, ["1", "0"], [(("a", "b"), 1)]),
    "least change first": ({"a": ["9", "2"], "b": ["1", "2"]}, ["1", "2"], [(("b",), 2), (("a",), 1)]),
    "else the likeliest": ({"a": ["9", "2"], "b": ["8", "2"]}, ["1", "2"], [(("a",), 1), (("b",), 1)]),
    "together": (
        {"a": ["9"], "b": ["8"], "c": ["8"]},
        [],
        [(("b", "c"), 0), (("a",), 0)],
    ),
    "errors are not kept": (
        {"a": ["raises KeyError"], "b": ["1"]},
        ["raises KeyError"],
        [(("a",), 0), (("b",), 0)],
    ),
    "cut short": ({"a": ["1"], "b": ["1", "2"]}, ["1", "2"], [(("a", "b"), 1)]),
}


def greens(outcomes: Mapping[str, Sequence[str]]) -> list[Green]:
    """Candidates by their names; there is a doubt about those that begin with a question mark."""
    pairs = enumerate(outcomes.items(), 1)
    return [Green(name, tuple(said), "it may" if name[0] == "?" else "", place) for place, (name, said) in pairs]


@pytest.mark.parametrize(("outcomes", "before", "wanted"), GROUPS.values(), ids=GROUPS)
def test_groups(
    outcomes: dict[str, Sequence[str]], before: Sequence[str], wanted: list[tuple[tuple[str, ...], int]]
) -> None:
    assert [(group.candidates, group.kept) for group in groups(greens(outcomes), before)] == wanted


ALIKE, APART = ["1"] * 8, ["1"] * 7 + ["2"]
SURE: dict[str, tuple[dict[str, list[str]], int, str, str]] = {
    "none": ({}, 9, "low", "no green"),
    "not tried": ({"a": []}, 9, "low", "no green"),
    "one": ({"a": ALIKE}, 2, "high", "only one green, tried on 8 inputs"),
    "alike": ({"a": ALIKE, "b": ALIKE}, 2, "high", "2 green, all alike on 8 inputs"),
    "few inputs": ({"a": ["1"] * 3, "b": ["1"] * 3}, 2, "low", "on 3 inputs, which is few"),
    "nothing but errors": ({"a": ["raises X"] * 8, "b": ["raises X"] * 8}, 2, "low", "on 0 inputs"),
    "one input given": ({"a": ALIKE, "b": ALIKE}, 1, "low", "ask for one only"),
    "apart": ({"a": ALIKE, "b": APART}, 2, "low", "2 behaviours: one gives 1 where another gives 2"),
    "most alike": ({**dict.fromkeys("abcdefghijklmnop", ALIKE), "z": APART}, 2, "high", "the likeliest alike on 8"),
    "doubted": ({"?a": ALIKE, "?b": ALIKE}, 2, "low", "2 green, but it may"),
    "one not doubted": ({"?a": ALIKE, "b": ALIKE}, 2, "high", "2 green"),
    "others doubted": ({"a": ALIKE, "?b": APART}, 2, "high", "the likeliest alike"),
}


@pytest.mark.parametrize(("outcomes", "given", "level", "said"), SURE.values(), ids=SURE)
def test_confidence(outcomes: dict[str, list[str]], given: int, level: str, said: str) -> None:
    found = confidence(groups(greens(outcomes), []), given)
    assert found.level == level
    assert said in found.reason


def test_arguments_of_every_kind() -> None:
    found: list[tuple[list[Any], dict[str, Any]]] = []

    def f(a: int, b: int = 2, *rest: int, c: int, d: int = 4, **others: int) -> None:
        frame = inspect.currentframe()
        assert frame is not None
        found.append(arguments(frame))

    f(1, 5, 6, 7, c=3, e=8)
    assert found == [([1, 5, 6, 7], {"c": 3, "d": 4, "e": 8})]


simple = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@each(simple)
def test_near_values_are_of_the_same_kind(value: Any) -> None:
    before = repr(value)
    assert all(type(other) is type(value) for other in vary(value))
    assert repr(value) == before


def test_outcomes() -> None:
    def pop(items: list[int]) -> int:
        return items.pop()

    assert outcome(pop, [[1, 2]], {}) == "2 with ([[1]], {})"
    assert outcome(pop, [[]], {}) == "raises IndexError"
    assert outcome(lambda: iter([1, 2]), [], {}) == "[1, 2]"
    assert outcome(object, [], {}) == "<object object at 0x>"
    assert outcome(sys.exit, [0], {}) == "raises SystemExit"
    assert outcome(lambda: [0.1 + 0.2, -0.0, 1e-30, 1.5], [], {}) == "[0.3, 0.0, 1e-30, 1.5]"


CODE = """class Box:
    def __init__(self, size):
        self.size = size

    def fits(self, n):
        return n < self.size


def clamp(n, low=0, *, high):
    return low if n < low else n


def apply(f):
    return f(1)


def double(n):
    '''
    >>> double(4)
    8
    '''
    return n + 1
"""
TESTS = """from code_ import Box, apply, clamp, double


def test_clamp():
    assert clamp(5, high=9) == 5
    assert clamp(-5, high=9) == 0


def test_box():
    assert Box(2).fits(1)


def test_apply():
    assert apply(lambda n: n) == 1


def test_double():
    assert double(1) == 2
    assert double(3) == 6
"""


def test_a_function_is_tried_on_what_the_tests_gave_it(tmp_path: Path) -> None:
    with warming(tmp_path / "lane", {"code_.py": CODE, "test_code.py": TESTS}) as made:
        assert made.warm.ready(60), made.warm.problem
        limits = dict.fromkeys(sorted(made.warm.tests), 1.0)
        clamp, fits, apply = (
            Place("code_.py", 9, "clamp"),
            Place("code_.py", 5, "Box.fits"),
            Place("code_.py", 13, "apply"),
        )
        inputs = made.warm.record(clamp, sorted(limits), limits)
        assert [one for one, _ in zip(unpacked(inputs), inputs, strict=False)] == [
            ([5, 0], {"high": 9}),
            ([-5, 0], {"high": 9}),
        ]
        right = made.change("code_.py", "else n", "else min(n, high)")
        before, after = (made.warm.outcomes(change, clamp, inputs) for change in (None, right))
        assert before[:2] == after[:2] == ["5", "0"]
        assert 5 < len(before) == len(after) <= NEAR
        assert before != after
        loop = made.change("code_.py", "else n", "else clamp(n, high=high) if n == 4 else n")
        assert made.warm.outcomes(loop, clamp, inputs)[:2] == ["5", "0"]
        endless = made.change("code_.py", "return low if", "while n == -5: pass\n    return low if")
        said = made.warm.outcomes(endless, clamp, inputs)
        assert said[:2] == ["5", "it takes too long"]
        assert len(said) > 5
        assert made.warm.outcomes(None, fits, made.warm.record(fits, sorted(limits), limits))[0] == "True"
        assert made.warm.record(apply, sorted(limits), limits) == []  # a lambda cannot be kept
        assert made.warm.record(Place("code_.py", 1, "missing"), sorted(limits), limits) == []
        assert made.judge(right, "test_code.py::test_clamp").green
        place, red = Place("code_.py", 17, "double"), ["test_code.py::test_double"]
        change = made.change("code_.py", "n + 1", "n * 2")
        assert [one for one, _ in unpacked(made.warm.record(place, red, limits))][:2] == [[1], [3]]
        said = made.warm.record(place, red, limits, change, 1.0)
        assert made.warm.outcomes(change, place, said)[:3] == ["2", "6", "8"]


EXAMPLES = {
    "none": ("", True),
    "right": (">>> f(1)\n2", True),
    "wrong": (">>> f(1)\n3", False),
    "second wrong": (">>> x = f(1)\n>>> x\n2\n>>> x + 1\n2", False),
    "another spelling": (">>> [f(1),'a', 1.0]\n[2,  \"a\", 1]", True),
    "raises": (">>> f('')\nTraceback (most recent call last):\nTypeError: must be", False),
    "raises so": (">>> f('')\nTraceback (most recent call last):\nTypeError: ...", True),
    "not for doctest": (">>>f(1)\n2", True),
}


@pytest.mark.parametrize(("text", "right"), EXAMPLES.values(), ids=EXAMPLES)
def test_examples_of_a_docstring(text: str, right: bool) -> None:
    def f(n: int) -> int:
        return n + 1

    f.__doc__ = text
    f.__globals__["f"] = f
    assert examples(f)[0] == right
