"""Wrong operators: comparison, arithmetic and bits, and/or, augmented assignment, a `not` too many or too few."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Place, Scope, places, propose
from ocode_tools.rules.precedence import BINARY, NOT, around, operand_slots, tightness
from ocode_tools.source import Change, Source, Token

COMPARISONS: dict[str, dict[str, float]] = {
    "<": {"<=": 1.0, ">": 0.8, ">=": 0.5},
    "<=": {"<": 1.0, ">=": 0.8, ">": 0.5},
    ">": {">=": 1.0, "<": 0.8, "<=": 0.5},
    ">=": {">": 1.0, "<=": 0.8, "<": 0.5},
    "==": {"!=": 1.0, ">=": 0.4, "<=": 0.4},
    "!=": {"==": 1.0, "<": 0.3, ">": 0.3},
    "in": {"not in": 1.0},
    "not in": {"in": 1.0},
    "is": {"is not": 1.0, "==": 0.6},
    "is not": {"is": 1.0, "!=": 0.6},
}
"""For each comparison those it is mistaken for, with how often relative to the best."""

ARITHMETIC: dict[type[ast.operator], dict[type[ast.operator], float]] = {
    ast.Add: {ast.Sub: 1.0, ast.Mult: 0.5},
    ast.Sub: {ast.Add: 1.0, ast.Mod: 0.2},
    ast.Mult: {ast.Add: 0.6, ast.Div: 0.7, ast.Pow: 0.5, ast.FloorDiv: 0.4},
    ast.Div: {ast.FloorDiv: 0.7, ast.Mult: 0.8},
    ast.FloorDiv: {ast.Div: 1.0, ast.Mod: 0.8, ast.Mult: 0.4},
    ast.Mod: {ast.FloorDiv: 1.0, ast.Div: 0.4, ast.Mult: 0.3},
    ast.Pow: {ast.Mult: 1.0},
    ast.LShift: {ast.RShift: 1.0},
    ast.RShift: {ast.LShift: 1.0},
    ast.BitAnd: {ast.BitOr: 1.0, ast.BitXor: 0.6},
    ast.BitOr: {ast.BitAnd: 1.0, ast.BitXor: 0.6},
    ast.BitXor: {ast.BitOr: 0.8, ast.BitAnd: 0.8, ast.Pow: 0.8},
}

_USUAL = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
_ORDERS = ("<", "<=", ">", ">=", "==", "!=")
_ANY = 0.15  # how often any other operator is meant, relative to the best

_VERBS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}


def gap(source: Source, left: ast.expr, right: ast.expr) -> list[Token]:
    """The tokens between two operands: brackets that close the left one, the operator, brackets that open the right."""
    return list(source.tokens(source.span(left)[1], source.span(right)[0]))


def operator_in(tokens: list[Token]) -> list[Token]:
    """The operator among the tokens of a gap; `not in` and `is not` are two tokens."""
    return [token for token in tokens if token.text not in ("(", ")")]


def wrong_operators(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put another operator in the place of one."""
    for place in places(scope.unit):
        match place.node:
            case ast.Compare() as node:
                yield from _compare(scope, place, node)
            case ast.BinOp() as node:
                yield from _binary(scope, place, node)
            case ast.AugAssign() as node:
                yield from _augmented(scope, place, node)
            case ast.BoolOp() as node:
                yield from _boolean(scope, place, node)
            case _:
                pass


def _compare(scope: Scope, place: Place, node: ast.Compare) -> Iterator[Candidate]:
    for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
        found = operator_in(gap(scope.source, left, right))
        start, end = found[0].start, found[-1].end
        old = " ".join(token.text for token in found)
        if len(found) == 2 and not scope.source.text[found[0].end : found[1].start].isspace():
            continue  # a comment between the two words would be lost
        none = any(isinstance(side, ast.Constant) and side.value is None for side in (left, right))
        others = dict.fromkeys(_ORDERS, _ANY) if old in _ORDERS else {}
        for new, factor in {**others, **COMPARISONS.get(old, {}), old: 0.0}.items():
            if not factor:
                continue
            if none and new not in ("is", "is not", "==", "!="):
                continue
            what = f"compare with {new} instead of {old}"
            yield from propose(scope, place, "comparison", [Change(start, end, new)], what, factor=factor)


def _binary(scope: Scope, place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    if textual(node.left) or textual(node.right):
        return
    tokens = gap(scope.source, node.left, node.right)
    (sign,) = operator_in(tokens)
    for new, factor in _others(node.op):
        text, level = BINARY[new]
        left, right = operand_slots(new())
        changes = [Change(sign.start, sign.end, text)]
        if tightness(node.left) < left and tokens[0] is sign:
            changes += _wrapped(scope.source, node.left)
        if tightness(node.right) < right and tokens[-1] is sign:
            changes += _wrapped(scope.source, node.right)
        changes += around(scope.source, place, level)
        yield from propose(scope, place, "arithmetic", changes, _verb(text, sign.text), factor=factor, detail=text)


def _others(op: ast.operator) -> Iterator[tuple[type[ast.operator], float]]:
    """The operators that may be meant instead of one, the likeliest first."""
    near = ARITHMETIC.get(type(op), {})
    yield from near.items()
    rest = () if isinstance(op, ast.MatMult) else (one for one in _USUAL if one not in near and one is not type(op))
    yield from ((one, _ANY) for one in rest)


def _verb(new: str, old: str) -> str:
    if new in _VERBS and old in _VERBS:
        return f"{_VERBS[new]} instead of {_VERBS[old]}"
    return f"use {new} instead of {old}"


def _wrapped(source: Source, node: ast.expr) -> list[Change]:
    start, end = source.span(node)
    return [Change(start, start, "("), Change(end, end, ")")]


def textual(node: ast.expr) -> bool:
    """Whether an operand is a text literal, with which `+`, `*` and `%` are no arithmetic."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _augmented(scope: Scope, place: Place, node: ast.AugAssign) -> Iterator[Candidate]:
    if textual(node.value):
        return
    (sign,) = operator_in(gap(scope.source, node.target, node.value))
    for new, factor in _others(node.op):
        text = BINARY[new][0] + "="
        change = Change(sign.start, sign.end, text)
        what = _verb(text[:-1], sign.text[:-1])
        yield from propose(scope, place, "arithmetic", [change], what, factor=factor, detail=text[:-1])


def _boolean(scope: Scope, place: Place, node: ast.BoolOp) -> Iterator[Candidate]:
    old, new, level = ("or", "and", 4) if isinstance(node.op, ast.Or) else ("and", "or", 3)
    signs = [
        operator_in(gap(scope.source, left, right))[0]
        for left, right in zip(node.values, node.values[1:], strict=False)
    ]
    changes = [Change(sign.start, sign.end, new) for sign in signs] + around(scope.source, place, level)
    yield from propose(scope, place, "boolean", changes, f"join the conditions with {new} instead of {old}")


def negations(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop a `not`, or put one before a condition that no other operator would turn round."""
    for place in places(scope.unit):
        match place.node, place.parent, place.field:
            case ast.UnaryOp(op=ast.Not(), operand=operand) as node, _, _:
                yield from _drop(scope, place, node, operand)
            case (ast.Compare(ops=[_]) | ast.Constant(), _, _):
                pass
            case (
                (ast.expr() as node, ast.If() | ast.While() | ast.IfExp() | ast.Assert(), "test")
                | (ast.expr() as node, ast.comprehension(), "ifs")
                | (ast.expr() as node, ast.BoolOp(), "values")
            ):
                yield from _negate(scope, place, node)
            case _:
                pass


def _drop(scope: Scope, place: Place, node: ast.UnaryOp, operand: ast.expr) -> Iterator[Candidate]:
    start = scope.source.span(node)[0]
    tokens = list(scope.source.tokens(start, scope.source.span(operand)[0]))
    end = tokens[1].start if len(tokens) > 1 else scope.source.span(operand)[0]
    if scope.source.text[start + len("not") : end].strip():
        return  # a comment in between would be lost
    yield from propose(scope, place, "negation", [Change(start, end, "")], "drop a `not` from a condition")


def _negate(scope: Scope, place: Place, node: ast.expr) -> Iterator[Candidate]:
    if place.field == "values" and not _bare(node):
        return
    start, end = scope.source.span(node)
    loose = tightness(node) < NOT
    changes = [Change(start, start, "not (" if loose else "not "), *([Change(end, end, ")")] if loose else [])]
    factor = 0.4 if place.field == "values" else 1.0
    yield from propose(scope, place, "negation", changes, "negate a condition", factor=factor)


def _bare(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
