"""Characterization: which functions are pure, what they can be called with, what is made of recorded values."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from ocode_tools.newtests import inputs, recorded
from ocode_tools.newtests.checks import Subject
from ocode_tools.newtests.inputs import Call
from ocode_tools.newtests.purity import why_impure
from ocode_tools.source import Function, Source


def function(text: str) -> tuple[Source, Function]:
    """A file and the last function in it."""
    source = Source("m.py", text.encode())
    node = source.functions()[-1].node
    assert isinstance(node, Function)
    return source, node


PURE = {
    "arithmetic": "def f(a):\n    return a + 1\n",
    "a list of its own": "def f(a):\n    out = []\n    for x in a:\n        out.append(x)\n    return out\n",
    "a dict of its own": "def f(a):\n    out = {}\n    for x in a:\n        out[x] = 1\n    return out\n",
    "text": "import re\n\n\ndef f(a):\n    return re.sub('x', 'y', a.strip().lower())\n",
    "another": "def g(a):\n    return a * 2\n\n\ndef f(a):\n    return g(a) + 1\n",
    "an error": "def f(a):\n    if a < 0:\n        raise ValueError('no')\n    return a\n",
    "an error of its own": "def f(a):\n    raise Wrong(f'no {a}')\n",
    "cached": "from functools import cache\n\n\n@cache\ndef f(a):\n    return a\n",
}
IMPURE = {
    "global": "def f(a):\n    global n\n    n = a\n",
    "changes its argument": "def f(a):\n    a.append(1)\n    return a\n",
    "changes an item": "def f(a):\n    a[0] = 1\n    return a\n",
    "an alias": "def f(a):\n    b = a\n    b.append(1)\n    return b\n",
    "an attribute": "def f(a):\n    a.n = 1\n",
    "prints": "def f(a):\n    print(a)\n",
    "reads a file": "def f(a):\n    return open(a).read()\n",
    "the clock": "import time\n\n\ndef f(a):\n    return time.time()\n",
    "chance": "import random\n\n\ndef f(a):\n    return random.choice(a)\n",
    "what it was given": "def f(a):\n    return a(1)\n",
    "an unknown method": "def f(a):\n    return a.fetch()\n",
    "another that is not": "def g(a):\n    return input(a)\n\n\ndef f(a):\n    return g(a)\n",
    "decorated": "import app\n\n\n@app.route('/')\ndef f(a):\n    return a\n",
    "a generator": "def f(a):\n    yield a\n",
    "a coroutine": "async def f(a):\n    return a\n",
    "a loop of calls": "def f(a):\n    return f(a)\n",
    "a with": "def f(a):\n    with a:\n        return 1\n",
}


@pytest.mark.parametrize("text", PURE.values(), ids=PURE)
def test_pure(text: str) -> None:
    assert why_impure(*function(text), lambda _: None) == ""


@pytest.mark.parametrize("text", IMPURE.values(), ids=IMPURE)
def test_impure(text: str) -> None:
    assert why_impure(*function(text), lambda _: None) != ""


def called(text: str, tests: str = "") -> list[tuple[str, str]]:
    """The calls of the last function, and where each is from."""
    source, node = function(text)
    return [(call.arguments, call.origin) for call in inputs.calls(source, node, [Source("t.py", tests.encode())])]


def test_calls_of_docstrings_and_tests_come_first() -> None:
    examples = '"""Text.\n\n    >>> f(3, b="y")\n    7\n    >>> f(n)\n    1\n    """'
    text = f'def f(a: int, b="x"):\n    {examples}\n    return a\n'
    found = called(text, "def test_f():\n    assert m.f(5) == 1\n    assert f(x) == 2\n    assert f(1, 2, 3)\n")
    assert found[:2] == [("3, b='y'", "docstring"), ("5", "tests")]
    assert ("0", "annotations") in found
    assert not any("n" in arguments or "x" in arguments for arguments, _ in found)


@pytest.mark.parametrize(
    ("head", "some"),
    [
        ("a: int", "0"),
        ("a: str, b: int", "'', 0"),
        ("a: list[int]", "[]"),
        ("a: int | None", "None"),
        ("*, a: bool", "a=True"),
        ("a: Thing", ""),
        ("a", ""),
        ("", ""),
    ],
)
def test_values_of_annotated_types(head: str, some: str) -> None:
    found = [arguments for arguments, _ in called(f"def f({head}):\n    return 1\n")]
    assert (some in found) if some else not found


CALLS = [Call("1", "docstring", "2"), Call("2", "tests"), Call("3", "annotations"), Call("-1", "tests")]


def said(*answers: Mapping[str, object]) -> bytes:
    """What the recording process says."""
    return "\n".join(json.dumps(one) for one in answers).encode()


def test_what_is_recorded() -> None:
    output = said({"call": 0, "value": "2"}, {"call": 1, "value": "<A>"}, {"call": 3, "raised": "ValueError"}) + b"\n{]"
    found = recorded.records(CALLS, output + said({"call": 9, "value": "1"}, {"call": 2, "raised": "TypeError"}))
    assert [(one.call.arguments, one.value, one.raised) for one in found] == [("1", "2", ""), ("-1", "", "ValueError")]
    assert recorded.contradicted(found) == []


@pytest.mark.parametrize(("answer", "wrong"), [({"value": "3"}, 1), ({"raised": "KeyError"}, 1), ({"value": "2"}, 0)])
def test_an_example_that_says_otherwise(answer: dict[str, str], wrong: int) -> None:
    found = recorded.records(CALLS, said({"call": 0, **answer}))
    assert len(recorded.contradicted(found)) == wrong


def test_values_that_say_nothing_make_no_test() -> None:
    calls = [Call(str(n), "annotations") for n in range(3)]
    same = recorded.records(calls, said(*({"call": n, "value": "7"} for n in range(3))))
    assert recorded.chosen(same) == []
    empty = recorded.records(CALLS, said({"call": 0, "value": "None"}, {"call": 1, "value": "''"}))
    assert recorded.chosen(empty) == []


PYTEST = '''import pytest

from shop.cart import total


def test_total_recorded():
    """Characterization: recorded from the code as it was, not from what it should do."""
    assert total(1) == 2
    assert total(2) == 'x'


def test_total_recorded_valueerror():
    """Characterization: recorded from the code as it was, not from what it should do."""
    with pytest.raises(ValueError):
        total(-1)
'''
UNITTEST = '''import unittest

from shop.cart import total


class TestTotalRecorded(unittest.TestCase):
    def test_total_recorded(self):
        """Characterization: recorded from the code as it was, not from what it should do."""
        self.assertEqual(total(1), 2)
        self.assertEqual(total(2), 'x')

    def test_total_recorded_valueerror(self):
        """Characterization: recorded from the code as it was, not from what it should do."""
        with self.assertRaises(ValueError):
            total(-1)
'''


def test_what_is_written() -> None:
    answers = {"call": 0, "value": "2"}, {"call": 1, "value": "'x'"}, {"call": 3, "raised": "ValueError"}
    found = recorded.chosen(recorded.records(CALLS, said(*answers)))
    assert recorded.render(Subject("shop.cart", "total"), found, "pytest").text == PYTEST
    assert recorded.render(Subject("shop.cart", "total"), found, "unittest").text == UNITTEST
