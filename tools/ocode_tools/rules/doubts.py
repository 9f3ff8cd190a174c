"""What makes an edit of a function suspect although it is green: it drops a check, or tells cases apart."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from ocode_tools.source import Function

_TESTS = (ast.If, ast.While, ast.IfExp, ast.Assert)


def doubt(old: Function, new: Function) -> str:
    """Why a change of a function needs stronger evidence than its tests, in a few words; "" where nothing speaks
    against it."""
    before, after = Counter(_marks(old)), Counter(_marks(new))
    return next((said for said, holds in _SIGNS.items() if holds(before, after)), "")


def _marks(top: Function) -> Iterator[str]:
    """What of a function decides whether anything is done: a word for each occurrence."""
    for node in ast.walk(top):
        match node:
            case ast.Raise() | ast.Assert():
                yield "check"
            case ast.ExceptHandler():
                yield "handler"
            case ast.comprehension(ifs=ifs):
                yield from ["condition"] * len(ifs)
            case ast.BoolOp(op=op, values=values):
                yield from ["or" if isinstance(op, ast.Or) else "and"] * (len(values) - 1)
            case ast.Compare(ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Constant()]):
                yield "one value"
            case _:
                pass
        if isinstance(node, _TESTS):
            yield "fixed" if isinstance(node.test, ast.Constant) else "condition"
            if isinstance(node, ast.If) and isinstance(node.body[0], ast.Return | ast.Continue | ast.Break | ast.Raise):
                yield "way out"


def _fewer(*marks: str) -> Callable[[Counter[str], Counter[str]], bool]:
    return lambda before, after: any(after[mark] < before[mark] for mark in marks)


def _more(*marks: str) -> Callable[[Counter[str], Counter[str]], bool]:
    return lambda before, after: any(after[mark] > before[mark] for mark in marks)


def _clauses(marks: Counter[str]) -> int:
    return marks["and"] + marks["or"]


_SIGNS: dict[str, Callable[[Counter[str], Counter[str]], bool]] = {
    "it makes a condition always or never hold": _more("fixed"),
    "it drops a check": _fewer("check"),
    "it drops a condition": _fewer("condition"),
    "it hides an error": _more("handler"),
    "it adds a case of its own": _more("way out"),
    "it tells one value from all others": _more("one value"),
    "it drops a clause of a condition": lambda before, after: _clauses(before) > _clauses(after),
    "it adds a clause to a condition": lambda before, after: _clauses(before) < _clauses(after),
}
"""The signs by what is said of them, the gravest first."""
