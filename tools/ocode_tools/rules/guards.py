"""Guards: an early `return` for None, for what is empty, for the base case; a `continue` at the top of a loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import NOT_FREE, Candidate, Place, Scope, propose
from ocode_tools.rules.facts import Facts, facts
from ocode_tools.rules.lines import indent, put, unit_of_indent
from ocode_tools.rules.shapes import DICT, ITERABLE, LIST, NONE, NUMBER, SET, TEXT, TRUTH, TUPLE, UNKNOWN
from ocode_tools.source import Function

_EMPTY = {LIST: "[]", DICT: "{}", SET: "set()", TUPLE: "()", TEXT: '""', NUMBER: "0", TRUTH: "False", NONE: "None"}
MOST_NAMES = 4


def missing_guards(scope: Scope) -> Iterator[Candidate]:
    """Candidates that return early from a function, or pass over an item of a loop, where a check holds."""
    known = facts(scope)
    if not isinstance(scope.unit.node, Function):
        return
    body = [node for node in scope.unit.node.body if not _is_text(node)]
    if body and scope.unit.node.body[-1].lineno > scope.unit.node.lineno:
        arguments = scope.unit.node.args
        names = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        free = [name for name in names if name not in NOT_FREE][:MOST_NAMES]
        given = _results(scope, known)
        for node in body[:1]:
            for name in free:
                for test, likely in _checks(name, known.shapes.get(name, UNKNOWN)):
                    for number, value in enumerate([*given, *([name] if name not in given else [])]):
                        text = f"return {value}"
                        factor = likely * max(1.0 - 0.15 * number, 0.2)
                        yield from _guard(scope, scope.unit.node, node, test, text, factor, "return")
    yield from _passes(scope, known)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _results(scope: Scope, known: Facts) -> list[str]:
    """What a guard may give back: what the function's own returns give when there is nothing, the likeliest first."""
    found: dict[str, None] = {}
    returns = [place.node for place in known.places if isinstance(place.node, ast.Return)]
    for node in returns:
        match node:
            case ast.Return(value=ast.Constant(value=None | bool() | 0 | 1 | -1 | "") as value):
                found[scope.source.segment(value)] = None
            case ast.Return(value=None):
                found["None"] = None
            case ast.Return(value=value):
                empty = _EMPTY.get(known.shape(value)) if value else None
                found.update({empty: None} if empty else {})
                if empty == "False":
                    found["True"] = None
                if empty == "0":
                    found["1"] = None
    if not returns:
        found["None"] = None
    for rest in ("None", "0", "[]", "False", "True", '""', "1"):
        found.setdefault(rest, None)
    return list(found)[:7]


def _checks(name: str, given: str) -> Iterator[tuple[str, float]]:
    if given in (*ITERABLE, UNKNOWN):
        yield f"not {name}", 1.0 if given else 0.8
    if given in (LIST, TEXT, TUPLE):
        yield f"len({name}) == 1", 0.3
        yield f"len({name}) < 2", 0.4
    if given == NUMBER:
        yield f"{name} == 0", 0.7
        yield f"{name} <= 0", 0.6
        yield f"{name} <= 1", 0.6
        yield f"{name} < 0", 0.5
        yield f"{name} == 1", 0.6
        yield f"{name} < 2", 0.5
    if given in (UNKNOWN, NONE):
        yield f"{name} is None", 0.8
        yield f"{name} == 0", 0.2
        yield f"{name} <= 1", 0.2


def _guard(
    scope: Scope, owner: ast.AST, node: ast.stmt, test: str, text: str, factor: float, detail: str
) -> Iterator[Candidate]:
    space, eol = indent(scope.source, node), scope.source.eol
    inner = space + unit_of_indent(scope.source, owner, node)
    change = put(scope.source, node, f"{space}if {test}:{eol}{inner}{text}{eol}", after=False)
    if change:
        place = Place(node, owner, "body", node.lineno)
        what = f"{text} where {test}"
        yield from propose(scope, place, "guard", [change], what, "add a guard", factor=factor, detail=detail)


def _passes(scope: Scope, known: Facts) -> Iterator[Candidate]:
    """`continue` or `break` at the top of a loop, where a condition of the unit or a check of the item holds."""
    for block in known.blocks:
        match block.owner:
            case ast.For(target=target) as loop if block.field == "body":
                names = sorted({part.id for part in ast.walk(target) if isinstance(part, ast.Name)} - NOT_FREE)
            case ast.While() as loop if block.field == "body":
                names = []
            case _:
                continue
        tests = [test for name in names[:2] for test in (f"not {name}", f"{name} is None")]
        tests += [one.text for one in known.donors if one.shape == TRUTH and not isinstance(one.node, ast.Constant)][:6]
        for test in dict.fromkeys(tests):
            for word in ("continue", "break"):
                yield from _guard(scope, loop, block.body[0], test, word, 0.3, word)
