"""The wrong variable: another name that is in scope at the place, or another attribute of the same class."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

from ocode_tools.rules.base import Candidate, Place, Scope, local_names, owner, places, propose
from ocode_tools.rules.facts import facts, target_names
from ocode_tools.source import Change
from ocode_tools.symbols import attributes, inner_names, names_of

MOST = 6  # other names tried for one use

_Role = tuple[str, str]


def wrong_variables(scope: Scope) -> Iterator[Candidate]:
    """Candidates that load another local name, or another constant of the module where a constant is loaded."""
    found = list(places(scope.unit))
    local = local_names(scope)
    inner = [(name, *scope.source.span(node)) for place in found for node, name in inner_names(place.node)]
    constants = [name for name in names_of(scope.source.tree) if name.isupper()]
    looped = {name for place in found if isinstance(place.node, ast.For) for name in target_names(place.node.target)}
    roles = _roles(found)
    for place in found:
        if isinstance(place.parent, ast.Call) and place.field == "func":
            continue
        match place.node:
            case ast.Name(id=name, ctx=ast.Load()) as node:
                start, end = scope.source.span(node)
                nested = [other for other, first, last in inner if first <= start and end <= last]
                if name in local or name in nested:
                    # A loop's body may stand on its line.
                    lines = {other: line - (other in looped) for other, line in local.items()}
                    others = [*nested, *(other for other, line in lines.items() if line < place.line)]
                else:
                    others = constants if name in constants else []
                yield from _instead(scope, place, node, others, roles)
            case _:
                pass


def _roles(found: list[Place]) -> Mapping[str, set[_Role]]:
    roles: defaultdict[str, set[_Role]] = defaultdict(set)
    for place in found:
        if isinstance(place.node, ast.Name) and isinstance(place.node.ctx, ast.Load):
            roles[place.node.id].add(_role(place))
    return dict(roles)


def _role(place: Place) -> _Role:
    """What a name is used for: two names used for the same are more easily mistaken for each other."""
    match place.parent:
        case ast.Attribute(attr=attr):
            return "attribute", attr
        case ast.BinOp() | ast.AugAssign() | ast.UnaryOp():
            return "number", ""
        case ast.Compare():
            return "compared", ""
        case ast.Call() as call if place.field == "args":
            return "argument", ast.dump(call.func)
        case parent:
            return type(parent).__name__, place.field


def _instead(
    scope: Scope, place: Place, node: ast.Name, others: list[str], roles: Mapping[str, set[_Role]]
) -> Iterator[Candidate]:
    taken = {node.id, "self", "cls", "_", *_siblings(place)}
    role, unused = _role(place), facts(scope).idle

    def likeness(name: str) -> float:
        idle = 2.0 if name in unused else 1.0
        return idle * (1.0 if role in roles.get(name, ()) else 0.7 if name in roles else 0.85)

    fitting = sorted(dict.fromkeys(name for name in others if name not in taken), key=likeness, reverse=True)
    for name in fitting[:MOST]:
        change = Change(*scope.source.span(node), name)
        what = f"use `{name}` instead of `{node.id}`"
        yield from propose(scope, place, "variable", [change], what, "use another variable", factor=likeness(name))


def _siblings(place: Place) -> set[str]:
    """Names that would make nonsense here: `x - x`, `x < x`, `x = x`."""
    match place.parent:
        case ast.BinOp(left=left, right=right):
            near = [left, right]
        case ast.Compare(left=left, comparators=rest):
            near = [left, *rest]
        case ast.BoolOp(values=values):
            near = values
        case ast.Assign(targets=targets):
            near = targets
        case ast.AugAssign(target=target):
            near = [target]
        case _:
            near = []
    return {item.id for item in near if isinstance(item, ast.Name)}


def wrong_attributes(scope: Scope) -> Iterator[Candidate]:
    """Candidates that load another attribute of `self`: data for data, a method for a method."""
    cls = owner(scope)
    kinds = attributes(cls) if cls else {}
    for place in places(scope.unit):
        match place.node:
            case ast.Attribute(value=ast.Name(id="self" | "cls") as base, attr=attr, ctx=ast.Load()) if attr in kinds:
                *_, token = scope.source.tokens(scope.source.span(base)[1], scope.source.span(place.node)[1])
                others = [n for n, kind in kinds.items() if kind == kinds[attr] and n != attr and n[:2] != "__"]
                for name in others[:MOST]:
                    what = f"use `{name}` instead of `{attr}`"
                    change = Change(token.start, token.end, name)
                    yield from propose(scope, place, "attribute", [change], what, "use another attribute")
            case _:
                pass
