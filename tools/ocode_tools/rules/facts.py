"""What is known of a unit before any template looks at it, found once: places, blocks, expressions, shapes, names."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from ocode_tools.rules.base import Place, Scope, heat, places, sealed
from ocode_tools.rules.precedence import tightness
from ocode_tools.rules.shapes import shape, shapes
from ocode_tools.source import Function, Source, Unit
from ocode_tools.symbols import bound

_SUITES = ("body", "orelse", "finalbody", "handlers", "cases")
MOST_VALUES = 200
MOST_DONORS = 100
LONGEST = 60  # characters of an expression that may stand elsewhere too


@dataclass(frozen=True, slots=True)
class Donor:
    """An expression of the unit that may be put elsewhere: its text, how tightly it binds, what it gives, where it is
    first, how often it occurs, and the names that it loads."""

    text: str
    level: int
    shape: str
    line: int
    node: ast.expr
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Block:
    """Statements that follow each other in one suite; `owner`, no module or class, has them in its `field`."""

    owner: ast.AST
    field: str
    body: list[ast.stmt]


@dataclass(frozen=True, slots=True)
class Facts:
    """See the top.

    `values` are the places of loaded expressions, names that are called left out; `loads` counts the names that are
    loaded, `inner` the names that a part of the unit binds for itself (a lambda, a comprehension), `idle` are names
    that are bound and never loaded.
    """

    places: tuple[Place, ...]
    values: tuple[tuple[Place, ast.expr], ...]
    blocks: tuple[Block, ...]
    donors: tuple[Donor, ...]
    shapes: Mapping[str, str]
    loads: Mapping[str, int]
    inner: frozenset[str]
    idle: frozenset[str]

    def shape(self, node: ast.AST) -> str:
        """What an expression gives."""
        return shape(node, self.shapes)


def facts(scope: Scope) -> Facts:
    """The facts of a scope's unit; of a large one only the most suspicious values."""
    known = _facts(scope.source, scope.unit)
    if len(known.values) <= MOST_VALUES:
        return known
    heats = [heat(scope, node, place.line) for place, node in known.values]
    least = sorted(heats, reverse=True)[MOST_VALUES]
    above = [item for item, given in zip(known.values, heats, strict=True) if given > least]
    level = [item for item, given in zip(known.values, heats, strict=True) if given == least]
    return replace(known, values=tuple(above + level[: MOST_VALUES - len(above)]))


@lru_cache(maxsize=16)
def _facts(source: Source, unit: Unit) -> Facts:
    found = tuple(places(unit))
    known = shapes(unit.node) if isinstance(unit.node, Function) else {}
    nodes = [place.node for place in found]
    loads = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    names = {name for node in nodes if not isinstance(node, ast.alias) for name in bound(node)}
    # A nested function is a unit of its own, and may load what this one binds.
    loaded = {node.id for node in ast.walk(unit.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    inner = {name for node in nodes if isinstance(node, ast.comprehension) for name in target_names(node.target)}
    inner |= {arg.arg for node in nodes if isinstance(node, ast.Lambda) for arg in node.args.args}
    idle = names - loaded - {"_", "self", "cls"} if isinstance(unit.node, Function) else set[str]()
    donors = tuple(_donors(source, found, known))
    return Facts(
        found, tuple(_values(found)), tuple(_blocks(unit)), donors, known, loads, frozenset(inner), frozenset(idle)
    )


def _values(found: tuple[Place, ...]) -> Iterator[tuple[Place, ast.expr]]:
    for place in found:
        node = place.node
        if (
            isinstance(node, ast.expr)
            and _loaded(node)
            and not ((isinstance(place.parent, ast.Call) and place.field == "func") or place.field == "decorator_list")
        ):
            yield place, node


def target_names(node: ast.expr) -> set[str]:
    """The names in a target."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _blocks(unit: Unit) -> Iterator[Block]:
    waiting: list[ast.AST] = [unit.node]
    while waiting:
        node = waiting.pop(0)
        for field in _SUITES:
            body = suite(node, field)
            statements = [one for one in body if isinstance(one, ast.stmt)]
            if statements and not isinstance(node, ast.Module | ast.ClassDef):
                yield Block(node, field, statements)
            waiting += [one for one in body if not sealed(one)]


def suite(node: ast.AST, field: str) -> list[ast.AST]:
    """The statements (or handlers, or cases) that a statement has in a field; none where it has no such field."""
    part: object = getattr(node, field, None)
    found = cast("list[object]", part) if isinstance(part, list) and not isinstance(node, ast.expr) else []
    return [one for one in found if isinstance(one, ast.AST)]


def _donors(source: Source, found: tuple[Place, ...], known: Mapping[str, str]) -> Iterator[Donor]:
    """The unit's expressions, each text once: calls, attributes, items, sums, names; no text with a line end in it."""
    seen: set[str] = set()
    for place, node in _values(found):
        text = source.segment(node)
        if text in seen or len(text) > LONGEST or "\n" in text or "\r" in text or len(seen) >= MOST_DONORS:
            continue
        seen.add(text)
        names = frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
        yield Donor(text, tightness(node), shape(node, known), place.line, node, names)


def _loaded(node: ast.expr) -> bool:
    match node:
        case ast.Name(ctx=ctx) | ast.Attribute(ctx=ctx) | ast.Subscript(ctx=ctx):
            return isinstance(ctx, ast.Load)
        case ast.Starred() | ast.Slice() | ast.FormattedValue() | ast.Yield() | ast.YieldFrom() | ast.Await():
            return False
        case _:
            return True
