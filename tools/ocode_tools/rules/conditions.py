"""Conditions: a clause too many or too few, one that is always true or false, `elif` for `if`, `while` for `if`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from ocode_tools.rules.base import NOT_FREE, Candidate, Place, Scope, propose
from ocode_tools.rules.facts import Donor, Facts, facts
from ocode_tools.rules.operators import COMPARISONS
from ocode_tools.rules.rewriting import instead, operand
from ocode_tools.rules.shapes import ITERABLE, NUMBER, TRUTH, UNKNOWN
from ocode_tools.source import Change

MOST = 10  # donors tried at one place
_TESTS = (ast.If, ast.While, ast.IfExp, ast.Assert)


def extra_clauses(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop a clause of `and` or `or`, or turn only one of several such operators."""
    for place, node in facts(scope).values:
        if not isinstance(node, ast.BoolOp):
            continue
        texts = [scope.source.segment(value) for value in node.values]
        word, level = ("or", 3) if isinstance(node.op, ast.Or) else ("and", 4)
        for number in range(len(texts)):
            left = [operand(scope, node.values[at], level + 1) for at in range(len(texts)) if at != number]
            new = f" {word} ".join(left) if len(left) > 1 else texts[1 - number]
            yield from instead(scope, place, "clause", new, "drop a clause of a condition", 0.8, "drop")
        if len(texts) > 2:
            yield from _regrouped(scope, place, node, word)


def _regrouped(scope: Scope, place: Place, node: ast.BoolOp, word: str) -> Iterator[Candidate]:
    other = "and" if word == "or" else "or"
    parts = [operand(scope, value, 5) for value in node.values]
    for number in range(1, len(parts)):
        new = parts[0]
        for at, part in enumerate(parts[1:], 1):
            new += f" {other if at == number else word} {part}"
        yield from instead(scope, place, "boolean", new, f"join two conditions with {other}", 0.5)


def missing_clauses(scope: Scope) -> Iterator[Candidate]:
    """Candidates that join a condition with another of the unit, with a variation of itself, or with a check for None.

    `or` weakens a condition, `and` strengthens it.
    """
    known = facts(scope)
    for place, node in _conditions(known):
        some = [(text, 1.0, "twin") for text in _variations(scope, node)]
        some += [(donor.text, 0.6, "donor") for donor in known.donors if _is_clause(donor, node)][:MOST]
        some += [(text, 0.35, "check") for text in _checks(known, node)]
        for text, likely, detail in some:
            for word, level in (("or", 3), ("and", 4)):
                left, right = operand(scope, node, level), f"({text})" if " or " in text or " and " in text else text
                yield from instead(
                    scope, place, "clause", f"{left} {word} {right}", "", likely, f"{word} {detail}", level
                )
                if detail == "check" and word == "and":  # a check must come before what it guards
                    yield from instead(scope, place, "clause", f"{right} and {left}", "", likely, "and check", level)


def _conditions(known: Facts) -> Iterator[tuple[Place, ast.expr]]:
    for place, node in known.values:
        if isinstance(node, ast.Constant):
            continue
        tested = place.field == "test" and isinstance(place.parent, _TESTS)
        given = isinstance(place.parent, ast.Return | ast.Lambda) and known.shape(node) == TRUTH
        if tested or given or place.field == "ifs":
            yield place, node


def _is_clause(donor: Donor, node: ast.expr) -> bool:
    inside = any(part is donor.node for part in ast.walk(node))
    return donor.shape == TRUTH and not isinstance(donor.node, ast.Constant) and not inside


def _variations(scope: Scope, node: ast.expr) -> Iterator[str]:
    """The clauses of a condition with two of its names swapped, `x + y == z` and `x + z == y`, as texts."""
    clauses = node.values if isinstance(node, ast.BoolOp) else [node]
    there = {ast.unparse(clause) for clause in clauses}
    for clause in clauses:
        names = sorted({part.id for part in ast.walk(clause) if isinstance(part, ast.Name)} - NOT_FREE)
        for one, other in combinations(names, 2):
            new = ast.unparse(_Swap(one, other).visit(ast.parse(ast.unparse(clause), mode="eval").body))
            if new not in there and isinstance(clause, ast.Compare):
                there.add(new)
                yield new
        if isinstance(clause, ast.Compare) and len(clause.ops) == 1:
            yield from _other_ways(clause)


def _other_ways(clause: ast.Compare) -> Iterator[str]:
    """The same two values compared otherwise: `x < y` beside `x == y`."""
    left, right = ast.unparse(clause.left), ast.unparse(clause.comparators[0])
    if isinstance(clause.ops[0], ast.Eq | ast.Lt | ast.Gt):
        old = ast.unparse(clause).removeprefix(left).removesuffix(right).strip()
        yield from (f"{left} {new} {right}" for new in ("==", "<", ">") if new != old and new in COMPARISONS)


class _Swap(ast.NodeTransformer):
    def __init__(self, one: str, other: str) -> None:
        self._turn = {one: other, other: one}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._turn.get(node.id, node.id), node.ctx)


def _checks(known: Facts, node: ast.expr) -> Iterator[str]:
    """Checks of the names in a condition that stand for themselves: that one is there, that it is not empty or 0."""
    tested = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - NOT_FREE
    for name in sorted(tested & set(known.loads) - known.inner)[:4]:
        given = known.shapes.get(name, UNKNOWN)
        if given in (*ITERABLE, UNKNOWN):
            yield name
            yield f"not {name}"
        if given == UNKNOWN:
            yield f"{name} is not None"
            yield f"{name} is None"
        if given == NUMBER:
            yield from (f"{name} > 0", f"{name} >= 0", f"{name} != 0", f"{name} == 0", f"{name} < 0", f"{name} > 1")


def wrong_conditions(scope: Scope) -> Iterator[Candidate]:
    """Candidates that make a condition always or never hold, test the values for the whole, or add a filter."""
    known = facts(scope)
    for place, _ in _conditions(known):
        for new in ("True", "False"):
            yield from instead(scope, place, "always", new, f"make a condition {new}", 0.5)
    for place in known.places:
        match place.node:
            case ast.comprehension(ifs=[], target=ast.Name(id=name)) as part:
                end = scope.source.span(part.iter)[1]
                inside = Place(part.iter, part, "iter", place.line)
                tests = [name, f"not {name}", f"{name} > 0", f"{name} is not None"]
                tests += [one.text for one in known.donors if one.shape == TRUTH and name in one.names][:4]
                for test in dict.fromkeys(tests):
                    change = Change(end, end, f" if {test}")
                    what = f"keep only where {test}"
                    yield from propose(scope, inside, "filter", [change], what, "add a filter", factor=0.5)
            case ast.comprehension(ifs=[*tests]) as part if tests:
                for number, clause in enumerate(tests):
                    before = scope.source.span(tests[number - 1] if number else part.iter)[1]
                    inside = Place(clause, part, "ifs", place.line)
                    gone = list(scope.source.tokens(before, scope.source.span(clause)[0]))
                    if gone[0].text == "if":
                        cut = Change(before, scope.source.span(clause)[1], "")
                        yield from propose(scope, inside, "filter", [cut], "drop a filter", factor=0.7)
            case _:
                pass


def wrong_words(scope: Scope) -> Iterator[Candidate]:
    """Candidates that write `if` for `elif` or `while`, `elif` for a second `if`, `while` for `if`."""
    known = facts(scope)
    for block in known.blocks:
        for before, node in zip([None, *block.body], block.body, strict=False):
            if not isinstance(node, ast.If | ast.While):
                continue
            start = scope.source.span(node)[0]
            place = Place(node.test, node, "test", node.lineno)
            word = "elif" if scope.source.text.startswith("elif", start) else ""
            word = word or ("if" if isinstance(node, ast.If) else "while")
            swaps = {"elif": [("if", 0.8)], "if": [("while", 0.4)], "while": [("if", 0.6)]}[word]
            if word == "if" and isinstance(before, ast.If) and not before.orelse:
                swaps.append(("elif", 0.8))
            for new, likely in swaps:
                if new != "while" or not node.orelse:
                    change = Change(start, start + len(word), new)
                    what = f"use {new} instead of {word}"
                    yield from propose(scope, place, "word", [change], what, factor=likely, detail=new)
