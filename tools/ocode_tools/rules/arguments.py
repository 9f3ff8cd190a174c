"""Swapped arguments: two positional ones, the values of two keywords, the sides of an operator that has an order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise

from ocode_tools.rules.base import Candidate, Place, Scope, called, places, propose
from ocode_tools.rules.operators import gap, operator_in, textual
from ocode_tools.rules.precedence import operand_slots, tightness
from ocode_tools.source import Change, Function, Source

FEW = 4  # arguments up to which every pair is tried, not only neighbours

_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.MatMult)


def swapped_arguments(scope: Scope) -> Iterator[Candidate]:
    """Candidates that swap two arguments of a call or the two sides of an operator."""
    for place in places(scope.unit):
        match place.node:
            case ast.Call() as call:
                yield from _positional(scope, place, call)
                yield from _keywords(scope, place, call)
            case ast.BinOp() as node if isinstance(node.op, _ORDERED) and not textual(node.left):
                yield from _sides(scope, place, node)
            case ast.Compare(ops=[ast.In() | ast.NotIn()]) as node:
                yield from _swap(scope, place, node.left, node.comparators[0], 0.4, "swap the sides of `in`")
            case _:
                pass


def _positional(scope: Scope, place: Place, call: ast.Call) -> Iterator[Candidate]:
    plain = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
    expected = parameters(scope, call) if len(plain) == len(call.args) else []
    name = called(call) or "a call"
    for left, right in combinations(plain, 2) if len(plain) <= FEW else pairwise(plain):
        first, second = plain.index(left), plain.index(right)
        factor = 1.0 if second - first == 1 else 0.7
        if second < len(expected):
            factor *= _fit(left, right, expected[first], expected[second])
        what = f"swap the arguments of {name}" if len(plain) == 2 else f"swap two arguments of {name}"
        yield from _swap(scope, place, left, right, factor, what)


def parameters(scope: Scope, call: ast.Call) -> list[str]:
    """The positional parameters of the function of this file that a call names, `self` left out; empty if none is."""
    node = _functions(scope.source).get(called(call))
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)] if node else []
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


@lru_cache(maxsize=16)
def _functions(source: Source) -> dict[str, Function]:
    """The first function of each name."""
    units = reversed(source.functions())
    return {unit.node.name: unit.node for unit in units if isinstance(unit.node, Function)}


def _fit(left: ast.expr, right: ast.expr, first: str, second: str) -> float:
    """Likelier when an argument bears the name of the other's parameter, unlikely when it bears its own."""
    names = [arg.id if isinstance(arg, ast.Name) else "" for arg in (left, right)]
    crossed = (names[0] == second) + (names[1] == first)
    straight = (names[0] == first) + (names[1] == second)
    return (1.0, 3.0, 5.0)[crossed] * (1.0, 0.5, 0.2)[straight]


def _keywords(scope: Scope, place: Place, call: ast.Call) -> Iterator[Candidate]:
    named = [item for item in call.keywords if item.arg]
    for left, right in combinations(named, 2) if len(named) <= FEW else pairwise(named):
        what = f"swap the values of `{left.arg}` and `{right.arg}`"
        yield from _swap(scope, place, left.value, right.value, 0.4, what, "swap the values of two keywords")


def _swap(
    scope: Scope, place: Place, left: ast.expr, right: ast.expr, factor: float, *phrases: str
) -> Iterator[Candidate]:
    if ast.dump(left) == ast.dump(right):
        return
    one, other = scope.source.span(left), scope.source.span(right)
    changes = [Change(*one, scope.source.text[slice(*other)]), Change(*other, scope.source.text[slice(*one)])]
    yield from propose(scope, place, "swap", changes, *phrases, factor=factor)


def _sides(scope: Scope, place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    if ast.dump(node.left) == ast.dump(node.right):
        return
    text = scope.source.text
    start, end = scope.source.span(node)
    tokens = gap(scope.source, node.left, node.right)
    (sign,) = operator_in(tokens)
    at = tokens.index(sign)
    left_end = tokens[at - 1].end if at else scope.source.span(node.left)[1]
    right_start = tokens[at + 1].start if tokens[at + 1 :] else scope.source.span(node.right)[0]
    new_left, new_right = text[right_start:end], text[start:left_end]
    left_slot, right_slot = operand_slots(node.op)
    if tokens[-1] is sign and tightness(node.right) < left_slot:
        new_left = f"({new_left})"
    if tokens[0] is sign and tightness(node.left) < right_slot:
        new_right = f"({new_right})"
    changes = [Change(start, left_end, new_left), Change(right_start, end, new_right)]
    yield from propose(scope, place, "swap", changes, f"swap the sides of {sign.text}", factor=0.7)
