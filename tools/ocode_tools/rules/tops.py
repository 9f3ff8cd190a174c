"""Literals that a function takes from the top of its module: another value for a limit, a switch or a separator."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Scope, heat, local_names, places, summary
from ocode_tools.rules.evidence import evidence
from ocode_tools.source import Change, Function
from ocode_tools.symbols import bound

FAR = 0.5  # how likely the fault is at the top, beside a literal in the function itself
MOST = 6  # texts tried for one


def wrong_tops(scope: Scope) -> Iterator[Candidate]:
    """Candidates that change the number, truth or text that is bound once at the module's top and loaded here."""
    if not isinstance(scope.unit.node, Function):
        return
    known, local = _literals(scope.source.tree), local_names(scope)
    warmth: dict[str, float] = {}
    for place in places(scope.unit):
        match place.node:
            case ast.Name(id=name, ctx=ast.Load()) as node if name in known and name not in local:
                warmth[name] = max(warmth.get(name, 0.0), heat(scope, node, place.line))
            case _:
                pass
    for name, weight in warmth.items():
        value = known[name]
        start, end = scope.source.span(value)
        for text, likely in _others(scope, value):
            if text != scope.source.text[start:end]:
                where = scope.source.path.rpartition("/")[2]
                said = summary(where, f"use {text} for `{name}`", f"change `{name}`", "change a constant")
                change = (Change(start, end, text),)
                line = scope.source.line(start)
                yield Candidate(scope.source.path, change, "constant", line, said, weight * FAR * likely, "top")


def _literals(tree: ast.Module) -> dict[str, ast.expr]:
    """The plain literals that are bound to names at the top, once each."""
    found: dict[str, ast.expr] = {}
    names: list[str] = []
    for node in tree.body:
        names += bound(node)
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case _:
                pass
    once = {name for name in found if names.count(name) == 1 and not name.startswith("__")}
    return {name: value for name, value in found.items() if name in once and _plain(value)}


def _plain(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, bool | int | float | str)


def _others(scope: Scope, node: ast.expr) -> Iterator[tuple[str, float]]:
    """Other values as they are written, and how likely each is."""
    value: object = ast.literal_eval(node)
    if isinstance(value, bool):
        yield str(not value), 1.0
    elif isinstance(value, int):
        yield from ((str(other), 1.0) for other in (value + 1, value - 1))
        yield from ((str(other), 0.4) for other in (value * 10, value // 10, value * 2, value // 2, -value, 0))
    elif isinstance(value, float):
        yield from (
            (repr(other), 0.5) for other in (value * 10, value / 10, value * 100, value / 100, -value, value * 2)
        )
    elif isinstance(value, str):
        words = sorted(evidence(scope.failures).words - {value}, key=lambda word: abs(len(word) - len(value)))
        near = [value.lower(), value.upper(), value.strip(), f"{value} ", *words]
        yield from ((repr(other), 0.5) for other in list(dict.fromkeys(near))[:MOST])
