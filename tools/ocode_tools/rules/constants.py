"""Off by one: integer constants, bounds, indexes, lengths, what is returned or compared; True for False."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Place, Scope, called, places, propose
from ocode_tools.rules.operators import gap, operator_in
from ocode_tools.rules.precedence import SUM, UNARY, around, slot
from ocode_tools.source import Change

_NUMERIC_CALLS = {"len", "int", "sum", "max", "min", "abs", "round", "index", "find", "count", "ord"}
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.Pow)


def wrong_constants(scope: Scope) -> Iterator[Candidate]:
    """Candidates that move an integer constant by one, or turn a True or False round."""
    for place in places(scope.unit):
        match place.node:
            case ast.Constant(value=bool(value)) as node:
                change = Change(*scope.source.span(node), str(not value))
                yield from propose(scope, place, "constant", [change], f"use {not value} instead of {value}")
            case ast.Constant(value=int(value)) as node if not isinstance(place.parent, ast.UnaryOp):
                yield from _shift(scope, place, node, value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))) as node:
                yield from _shift(scope, place, node, -value)
            case _:
                pass


def _shift(scope: Scope, place: Place, node: ast.expr, value: int) -> Iterator[Candidate]:
    start, end = scope.source.span(node)
    if scope.source.text[start:end].replace("_", "") != str(value):
        return  # hexadecimal and the like: masks and codes, not counts
    for new in (value + 1, value - 1):
        if isinstance(place.parent, ast.BinOp) and new <= 0:
            continue  # dropping the term is another template's candidate, a sign is the operators'
        if new < 0 and slot(place) > UNARY:
            continue
        factor = 1.0 if abs(value) <= 2 else 0.5
        what = f"use {new} instead of {value}"
        yield from propose(scope, place, "constant", [Change(start, end, str(new))], what, factor=factor)


def off_by_one(scope: Scope) -> Iterator[Candidate]:
    """Candidates that add or take one at a bound, an index, a length, a returned or compared number, or drop it."""
    for place in places(scope.unit):
        node = place.node
        if not isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.BinOp) and _has_one(node):
            yield from _drop_one(scope, place, node)
        elif factor := _likely(place, node):
            yield from _step(scope, place, node, factor)


def _likely(place: Place, node: ast.expr) -> float:
    """How likely an off-by-one is for an expression at this place; 0 where it makes no sense."""
    name = called(node)
    sure = name == "len" or (isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC) and not _textual(node))
    loaded = isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    if not (sure or name in _NUMERIC_CALLS or loaded):
        return 0.0
    match place.parent, place.field:
        case ast.Call() as call, "args" if called(call) == "range":
            return 1.0
        case (ast.Slice(), _):
            return 0.9
        case (ast.Subscript(), "slice"):
            return 0.7 if sure else 0.5
        case (ast.Return(), "value"):
            return 0.25 if loaded else 0.7
        case (ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]), _):
            return 0.5
        case (ast.Compare(ops=[ast.Eq() | ast.NotEq()]), _):
            return 0.3 if sure else 0.15
        case (ast.Assign() | ast.AugAssign(), "value") if sure:
            return 0.4
        case (ast.BinOp(op=ast.FloorDiv() | ast.Mod()), "left") if sure:
            return 0.6  # rounding up: (n + size - 1) // size
        case _:
            return 0.6 if name == "len" else 0.0


def _textual(node: ast.expr) -> bool:
    """Whether a text or a container takes part: then `+` and `*` are no arithmetic."""
    return any(
        isinstance(part, ast.JoinedStr | ast.List | ast.Tuple | ast.Dict)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str | bytes))
        for part in ast.walk(node)
    )


def _has_one(node: ast.BinOp) -> bool:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub(), right=ast.Constant(value=1)):
            return True
        case ast.BinOp(op=ast.Add(), left=ast.Constant(value=1)):
            return True
        case _:
            return False


def _step(scope: Scope, place: Place, node: ast.expr, factor: float) -> Iterator[Candidate]:
    end = scope.source.span(node)[1]
    old = scope.source.segment(node)
    opening, closing = around(scope.source, place, SUM) or (None, None)
    for sign, short in (("-", "take 1 from a value"), ("+", "add 1 to a value")):
        changes = [Change(end, end, f" {sign} 1{closing.text if closing else ''}"), *([opening] if opening else [])]
        what = f"use {old} {sign} 1 instead of {old}"
        yield from propose(scope, place, "off_by_one", changes, what, short, factor=factor)


def _drop_one(scope: Scope, place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    start, end = scope.source.span(node)
    text = scope.source.text
    tokens = gap(scope.source, node.left, node.right)
    (sign,) = operator_in(tokens)
    at = tokens.index(sign)
    if isinstance(node.right, ast.Constant):
        cut = Change(tokens[at - 1].end if at else scope.source.span(node.left)[1], end, "")
        kept = text[start : cut.start]
    else:
        cut = Change(start, tokens[at + 1].start if tokens[at + 1 :] else scope.source.span(node.right)[0], "")
        kept = text[cut.end : end]
    if "#" in text[cut.start : cut.end]:
        return  # a comment would be lost
    what = f"use {kept} instead of {text[start:end]}"
    yield from propose(scope, place, "off_by_one", [cut], what, f"drop the {sign.text} 1")
