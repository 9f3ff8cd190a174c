"""What failures say, which edits they raise, and guesses of what expressions give."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocode_tools.events import parse
from ocode_tools.results import Failure
from ocode_tools.rules import PRIORS, Scope, Suspect, candidates
from ocode_tools.rules.evidence import evidence, relations, values
from ocode_tools.rules.priors import SPEAKS
from ocode_tools.rules.shapes import shape, shapes
from ocode_tools.runners import INSIDE
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols


def failing(message: str, exception: str = "AssertionError") -> Failure:
    return Failure("tests/test_a.py::test_x", "call", exception, message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("assert 1.5 == 0.5\n +  where 1.5 = <function f at 0x7f>(3.5)", (1.5, 0.5)),
        ("why\nassert [1, 'a'] == [1]\n  \n  Left contains one more item: 'a'", ([1, "a"], [1])),
        ("assert 2 == 3\n +  where 3 = <function f at 0x7f>(1)", (3, 2)),
        ("assert False\n +  where False = f()", (False, True)),
        ("assert not True\n +  where True = f()", (True, False)),
        ("assert None is True", (None, True)),
        ("assert 0.5 < 1e-06\n +  where 0.5 = abs((1.5 - 1.0))\n +    where 1.5 = <function f at 0x7f>()", (1.5, 1.0)),
        ("assert 1.5 == 1.0 ± 1.0e-06", (1.5, 1.0)),
        ("2 != 3", (2, 3)),
        ("assert [0, 1, ...] == [6, 5, ...]", None),
        ("assert 'a...b' == 'ab'", None),
        ("assert <A object at 0x7f> == 1", None),
        ("assert f(x) == 1", None),
        ("", None),
        ("the assert is gone", None),
    ],
)
def test_the_values_of_an_assertion(message: str, expected: tuple[object, object] | None) -> None:
    assert values(message) == expected


@pytest.mark.parametrize(
    ("got", "wanted", "expected"),
    [
        (2, 3, {"by one", "smaller"}),
        (2.5, 2, {"to int", "part of one", "larger"}),
        (2.449, 2.45, {"rounded", "smaller"}),
        (3, -3, {"sign", "larger"}),
        (True, False, {"flipped"}),
        (None, [1], {"none"}),
        (None, None, {"none", "nothing wanted"}),
        ([3, 1], [1, 3], {"reversed", "order", "sorted"}),
        ([1, 2], [1, 2, 3], {"shorter", "cut", "by one item"}),
        ([1, 1, 2], [1, 2], {"longer", "rest", "repeats", "by one item"}),
        ((1, 2), (1, 3), {"one item"}),
        ([1, 2], (1, 2), {"to tuple"}),
        ("Ab", "ab", {"case", "one item"}),
        ("a b", "ab", {"blanks", "longer", "by one item"}),
        (0, "", {"to str", "nothing wanted"}),
        ([], [1], {"shorter", "by one item", "nothing"}),
        (float("inf"), 1.0, set[str]()),
    ],
)
def test_how_values_differ(got: object, wanted: object, expected: set[str]) -> None:
    assert set(relations(got, wanted)) == expected


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


@given(PLAIN, PLAIN)
def test_any_values_are_compared(got: object, wanted: object) -> None:
    assert set(relations(got, wanted)) <= {*SPEAKS, "larger", "smaller", "one item"} | {
        f"to {kind}" for kind in ("NoneType", "tuple", "list", "str", "int", "float", "bool")
    }


@given(st.text(max_size=60))
def test_any_message_is_read(text: str) -> None:
    for message in (text, f"assert {text} == {text}", f"assert {text}"):
        assert evidence((failing(message),)).lift("comparison", "") > 0


def test_a_sign_counts_by_the_part_of_the_failures_that_show_it() -> None:
    case, other = failing("assert 'A' == 'a'"), failing("assert 'x' == 'yz'")
    whole, half, none = (evidence(some).lift("method", ".lower()") for some in ((case,), (case, other), (other,)))
    assert whole > half > none == 1.0
    assert evidence((case,)).lift("method", ".split()") == 1.0


def test_every_sign_raises_kinds_that_exist() -> None:
    for kinds in SPEAKS.values():
        assert {kind.partition(":")[0] for kind in kinds} <= set(PRIORS)
        assert all(factor > 0 for factor in kinds.values())


FIRST = [
    ("AssertionError", "assert 'Ab' == 'ab'", "def f(s):\n    return s\n", "return s.lower()"),
    ("AssertionError", "assert [2, 1] == [1, 2]", "def f(c: list):\n    return c\n", "return sorted(c)"),
    ("AssertionError", "assert None == 3", "def f(a):\n    a + 1\n", "return a + 1"),
    ("AssertionError", "assert (1, 2) == [1, 2]", "def f(a):\n    return tuple(a)\n", "return list(a)"),
    ("RecursionError", "maximum", "def f(n: int):\n    return n * f(n - 1)\n", "if n <= 1:\n        return 1"),
    ("KeyError", "'x'", "def f(d: dict, k):\n    return d[k]\n", "d.get(k, 0)"),
    ("IndexError", "list index", "def f(c: list):\n    return c[0]\n", "if not c:\n        return None"),
    ("TypeError", "can only concatenate: unsupported operand", "def f(n):\n    return 'a' + n\n", "'a' + str(n)"),
    ("TypeError", "Strings must be encoded before hashing", "def f(s):\n    return md5(s)\n", "md5(s.encode())"),
    ("TypeError", "sequence item 0: expected str, not bytes", "def f(s):\n    return s\n", "s.decode()"),
    ("TypeError", "'NoneType' object", "def f(c):\n    return c.sort()\n", "return sorted(c)"),
    (
        "UnboundLocalError",
        "x",
        "def f(c):\n    for a in c:\n        x = 0\n        x += a\n    return x\n",
        "    x = 0\n",
    ),
    ("OcodeTimeout", "took", "def f(n):\n    while n:\n        g()\n", "n -= 1"),
]


@pytest.mark.parametrize(("exception", "message", "text", "wanted"), FIRST, ids=[f"{o[1]}: {o[3]}" for o in FIRST])
def test_what_speaks_for_an_edit_brings_it_forward(exception: str, message: str, text: str, wanted: str) -> None:
    def rank(*failures: Failure) -> int:
        source = Source("a.py", text.encode())
        unit = source.functions()[-1]
        scope = Scope(source, Suspect("a.py", unit.qualname, 1.0, {}), unit, failures, Symbols())
        found = [source.replace(one.changes).decode() for one in candidates([scope], pairs=0)]
        return next(number for number, after in enumerate(found) if wanted in after)

    assert rank(failing(message, exception)) < max(12, rank())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("len(x)", "number"),
        ("'a' + x", "text"),
        ("n + 1", "number"),
        ("c[1:]", "list"),
        ("s[0]", "text"),
        ("c[0]", ""),
        ("not x", "truth"),
        ("a < b", "truth"),
        ("[0] * n", "list"),
        ("x", ""),
        ("total", "number"),
        ("i", "number"),
        ("{k: v for k, v in x}", "dict"),
        ("1 if x else y", "number"),
        ("None", "none"),
    ],
)
def test_what_an_expression_gives(text: str, expected: str) -> None:
    top = ast.parse(
        "def f(n: int, c: list[int], s: 'str', x):\n    total = 0\n    for i in range(n):\n        total += i\n"
    )
    assert shape(ast.parse(text, mode="eval").body, shapes(top.body[0])) == expected


def test_a_name_in_quotes_is_a_slip_and_may_need_its_bytes() -> None:
    source = Source("a.py", b"def f(s):\n    return md5('s')\n")
    unit, said = source.functions()[-1], (failing("Strings must be encoded before hashing", "TypeError"),)
    scope = Scope(source, Suspect("a.py", unit.qualname, 1.0, {}), unit, said, Symbols())
    found = [source.replace(one.changes).decode() for one, _ in zip(candidates([scope]), range(10), strict=False)]
    assert {"def f(s):\n    return md5(s)\n", "def f(s):\n    return md5(s.encode())\n"} <= set(found)


SIDES = """import unittest

LONG = list(range(60))


class T(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(LONG, LONG[::-1])


def test_long():
    assert LONG == LONG[:-1]


def test_huge():
    assert "x" * 10000 == "y" * 10000


def test_other():
    assert len(LONG) < 3


def test_raises():
    assert 1 == 1
    raise KeyError


def test_strange():
    class Strange:
        def __repr__(self):
            raise KeyError

    assert Strange() == 1
"""


def test_both_sides_of_a_comparison_are_kept_in_full(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(SIDES)
    said = tmp_path / "events.jsonl"
    env = {**os.environ, "PYTHONPATH": str(INSIDE), "OCODE_EVENTS": str(said)}
    command = [sys.executable, "-m", "pytest", "-p", "ocode_pytest", "-p", "no:cacheprovider", "-q"]
    subprocess.run(command, cwd=tmp_path, env=env, check=False, capture_output=True, timeout=60)
    failures = {test.rpartition("::")[2]: one for test, one in parse(said.read_bytes()).failures.items()}
    numbers = list(range(60))
    kept = {test: tuple(map(ast.literal_eval, one.compared)) for test, one in failures.items()}
    nothing = dict.fromkeys(("test_huge", "test_other", "test_raises", "test_strange"), ())
    assert kept == nothing | {"test_equal": (numbers, numbers[::-1]), "test_long": (numbers, numbers[:-1])}
    assert values(failures["test_long"].message) is None
    assert evidence((failures["test_long"],)).signs.keys() >= {"longer", "rest"}
    assert "reversed" in evidence((failures["test_equal"],)).signs
