"""Sums, products and choices: an operand too many or too few, a branch of a choice, another expression of the unit."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Place, Scope, propose
from ocode_tools.rules.facts import Donor, Facts, facts
from ocode_tools.rules.operators import gap
from ocode_tools.rules.precedence import BINARY, operand_slots
from ocode_tools.rules.rewriting import instead, operand, phrases
from ocode_tools.rules.shapes import LIST, NUMBER, TEXT, UNKNOWN, fits
from ocode_tools.source import Change

MOST = 12  # donors tried at one place


def extra_operands(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop an operand: `a + b` becomes `a` or `b`, `a * b + c` becomes `a + c`."""
    for place, node in facts(scope).values:
        match node:
            case ast.BinOp(left=left, right=right):
                for kept in (left, right):
                    yield from instead(scope, place, "operand", scope.source.segment(kept), "drop an operand", 1.0)
                yield from _middle(scope, place, node)
            case ast.IfExp(body=body, orelse=other):
                for kept in (body, other):
                    yield from instead(scope, place, "branch", scope.source.segment(kept), "drop a condition", 0.5)
                changes = [
                    Change(*scope.source.span(body), operand(scope, other, 3)),
                    Change(*scope.source.span(other), scope.source.segment(body)),
                ]
                yield from propose(scope, place, "branch", changes, "swap the branches of a choice", factor=0.8)
            case _:
                pass


def _middle(scope: Scope, place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    """`a + b * c`, read from the left as written: the operand between two operators goes with one of them."""
    if not isinstance(node.left, ast.BinOp):
        return
    inner = node.left
    before, behind = gap(scope.source, inner.left, inner.right), gap(scope.source, inner, node.right)
    if before[-1].text == "(" or len(behind) > 1:
        return  # brackets are opened or closed in between
    start, end = scope.source.span(inner.right)[0], scope.source.span(node.right)[0]
    what = ["drop an operand", f"drop the operand before `{scope.source.segment(node.right)}`"]
    yield from propose(scope, place, "operand", [Change(start, end, "")], *what, factor=0.9)
    cut = Change(before[-1].start, scope.source.span(inner.right)[1], "")
    yield from propose(scope, place, "operand", [cut], "drop an operand", factor=0.9)


def missing_operands(scope: Scope) -> Iterator[Candidate]:
    """Candidates that add, subtract or multiply by a name, or join a text to one."""
    known = facts(scope)
    for place, node in known.values:
        given = known.shape(node)
        likely = _open(place)
        if not likely or given not in (NUMBER, TEXT, LIST, UNKNOWN) or isinstance(node, ast.Constant | ast.Lambda):
            continue
        text_of_node = scope.source.segment(node)
        for donor in [one for one in known.donors if _summand(one, text_of_node, given)][:MOST]:
            for op in (ast.Add, ast.Sub, ast.Mult) if given in (NUMBER, UNKNOWN) else (ast.Add,):
                text, level = BINARY[op]
                left, right = operand_slots(op())
                other = donor.text if donor.level >= right else f"({donor.text})"
                new = f"{operand(scope, node, left)} {text} {other}"
                idle = 3.0 if donor.names & known.idle else 1.0
                yield from instead(scope, place, "term", new, "", likely * idle, text, level)


def _summand(donor: Donor, text: str, given: str) -> bool:
    simple = isinstance(donor.node, ast.Name | ast.Attribute | ast.Call)
    return simple and fits(donor.shape, given) and donor.text != text


def _open(place: Place) -> float:
    match place.parent, place.field:
        case (
            (ast.Return() | ast.Assign() | ast.AugAssign() | ast.Call() | ast.Subscript()),
            "value" | "args" | "slice",
        ):
            return 1.0
        case (ast.Compare(), _):
            return 0.6
        case ((ast.ListComp() | ast.GeneratorExp() | ast.List() | ast.Tuple()), "elt" | "elts"):
            return 0.7
        case _:
            return 0.0


def wrong_expressions(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put another expression of the unit in the place of one."""
    known = facts(scope)
    for place, node in known.values:
        if isinstance(place.parent, ast.Expr | ast.Attribute | ast.FormattedValue):
            continue
        twins = _siblings(scope, place)
        fitting = [donor for donor in known.donors if donor.text not in twins]
        best = sorted(((_likely(scope, known, place, node, donor), donor) for donor in fitting), key=_first)
        for factor, donor in best[:MOST]:
            if factor:
                said = phrases(scope, node, donor.text)
                yield from instead(
                    scope, place, "expression", donor.text, said[0], factor, type(donor.node).__name__, donor.level
                )


def _first(item: tuple[float, Donor]) -> tuple[float, int]:
    return -item[0], len(item[1].text)


def _likely(scope: Scope, known: Facts, place: Place, node: ast.expr, donor: Donor) -> float:
    """How likely a donor is meant instead of an expression; 0 where it makes no sense or another template has it."""
    both = node, donor.node
    if all(isinstance(one, ast.Name) for one in both) or all(isinstance(one, ast.Constant) for one in both):
        return 0.0
    if donor.names & known.inner and not donor.names <= {
        part.id for part in ast.walk(place.parent) if isinstance(part, ast.Name)
    }:
        return 0.0
    given = known.shape(node)
    if not fits(given, donor.shape) or donor.line > place.line + 8:
        return 0.0
    text = scope.source.segment(node)
    if text == donor.text:
        return 0.0
    factor = 1.0 if given and given == donor.shape else 0.5
    factor *= 1.0 if type(node) is type(donor.node) else 0.6
    if given == UNKNOWN and isinstance(donor.node, ast.Constant):
        factor *= 0.5
    factor *= 1.5 if donor.text in text or text in donor.text else 1.0
    return factor * (2.0 if donor.names & known.idle else 1.0) * 20 / (20 + len(donor.text))


def _siblings(scope: Scope, place: Place) -> set[str]:
    """The other sides of the operator that a place belongs to, as texts."""
    if not isinstance(place.parent, ast.BinOp | ast.Compare):
        return set()
    found = (one for one in ast.iter_child_nodes(place.parent) if isinstance(one, ast.expr) and one is not place.node)
    return {scope.source.segment(one) for one in found}
