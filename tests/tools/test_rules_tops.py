"""Literals at the top of a module: which values are tried, and what is left alone."""

from __future__ import annotations

import pytest

from ocode_tools.results import Failure
from ocode_tools.rules import Scope, Suspect
from ocode_tools.rules.tops import wrong_tops
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols

USE = "\n\ndef f(a):\n    return g(a, X)\n"


def made(text: str, message: str = "") -> list[str]:
    """The texts that the template makes of a file, without what follows the first line."""
    source = Source("a.py", text.encode())
    failures = (Failure("t", "call", "AssertionError", message),)
    scopes = [
        Scope(source, Suspect("a.py", unit.qualname, 0.5, {}), unit, failures, Symbols()) for unit in source.functions()
    ]
    return [source.replace(one.changes).decode() for scope in scopes for one in wrong_tops(scope)]


EDITS = {
    "a number": ("X = 9", "X = 10"),
    "ten times": ("X: int = 9  # kept", "X: int = 90  # kept"),
    "a sign": ("X = -1", "X = 1"),
    "a part": ("X = 0.1", "X = 0.01"),
    "a switch": ("X = True", "X = False"),
    "a text of the failure": ("X = ';'", "X = ','"),
}


@pytest.mark.parametrize(("before", "after"), EDITS.values(), ids=EDITS)
def test_another_value(before: str, after: str) -> None:
    assert after + USE in made(before + USE, "assert 'a' == ','")


ALONE = {
    "no literal": "X = len('a')",
    "bound twice": "X = 1\nX = 2",
    "a name of Python's": "__version__ = '1'\nY = 1",
    "a tuple": "X = 1, 2",
}


@pytest.mark.parametrize("before", ALONE.values(), ids=ALONE)
def test_what_is_left_alone(before: str) -> None:
    assert made(before + USE) == []


def test_a_local_name_hides_it() -> None:
    assert made("X = 1\n\n\ndef f(X):\n    return X\n") == []
