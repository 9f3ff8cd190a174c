"""Mutants: which there are, that each parses and changes one function alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
