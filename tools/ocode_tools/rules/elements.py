"""Arguments and elements: one missing, one too many, two in the wrong order in a list, a tuple or a target."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, pairwise

from ocode_tools.rules.arguments import FEW, parameters
from ocode_tools.rules.base import NOT_FREE, Candidate, Place, Scope, called, propose
from ocode_tools.rules.facts import facts
from ocode_tools.source import Change

MOST = 6  # names tried for one argument
_OPTIONS: dict[str, tuple[str, ...]] = {
    "sorted": ("reverse=True", "key=len", "key=str", "key=abs", "key=str.lower"),
    "sort": ("reverse=True", "key=len", "key=str", "key=abs", "key=str.lower"),
    "max": ("key=len", "default=0", "default=None", "key=abs"),
    "min": ("key=len", "default=0", "default=None", "key=abs"),
    "sum": ("0.0",), "split": ("','", "' '", "1", "maxsplit=1"), "rsplit": ("1",), "int": ("2", "16"),
    "round": ("1", "2", "3"), "enumerate": ("1",), "pop": ("0", "-1", "None"), "next": ("None",), "get": ("0", "None"),
    "strip": ("' '",), "dumps": ("sort_keys=True", "indent=2", "ensure_ascii=False"), "zip": ("strict=True",),
    "print": ("end=''", "sep=''"), "open": ("encoding='utf-8'",), "replace": ("1",), "count": (), "getattr": ("None",),
    "mkdir": ("exist_ok=True", "parents=True"), "makedirs": ("exist_ok=True",), "decode": ("'utf-8'",),
    "encode": ("'utf-8'",), "splitlines": ("True", "keepends=True"), "dict": (), "index": (), "reduce": ("0", "1"),
}  # fmt: skip


def missing_arguments(scope: Scope) -> Iterator[Candidate]:
    """Candidates that give a call one argument more: a usual option, or a name of the unit."""
    known = facts(scope)
    names = [name for name in [*known.loads, *sorted(known.idle)] if name in known.shapes and name not in NOT_FREE]
    for place in known.places:
        call = place.node
        if not isinstance(call, ast.Call) or any(isinstance(arg, ast.Starred) for arg in call.args):
            continue
        name = called(call)
        given = {item.arg for item in call.keywords}
        options = [one for one in _OPTIONS.get(name, ()) if one.partition("=")[0] not in given]
        some = [
            (one, 0.6 if "=" in one else 0.3)
            for one in options
            if "=" in one or (not call.keywords and len(call.args) < 2)
        ]
        wanted = parameters(scope, call)
        own = len(call.args) < len(wanted) and not call.keywords
        for other in dict.fromkeys(names):
            likely = 0.25 * (2.0 if other in known.idle else 1.0)
            if own:
                likely = 1.5 if wanted[len(call.args)] == other else 0.6
            if not call.keywords and len(some) < MOST + len(options):
                some.append((other, likely))
        for text, likely in some:
            yield from _added(scope, place, call, text, likely)


def _added(scope: Scope, place: Place, call: ast.Call, text: str, likely: float) -> Iterator[Candidate]:
    parts: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    last = max((scope.source.span(part)[1] for part in parts), default=0)
    end = scope.source.span(call)[1]
    rest = list(scope.source.tokens(last or scope.source.span(call.func)[1], end))
    if len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp) and not call.keywords:
        return  # a lone generator has no brackets of its own
    if not rest or any(token.text not in ("(", ")", ",") for token in rest):
        return
    closing, comma = rest[-1], any(token.text == "," for token in rest)
    new = text if comma or not last else f", {text}"
    change = Change(closing.start, closing.start, f" {new}" if comma else new)
    what = f"give {called(call) or 'a call'} {text}"
    yield from propose(scope, place, "argument", [change], what, "give a call an argument", factor=likely, detail="add")


def extra_arguments(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop an argument of a call or an element of a list, a tuple or a set."""
    for place in facts(scope).places:
        match place.node:
            case ast.Call(args=arguments, keywords=keywords):
                parts: list[ast.expr | ast.keyword] = [*arguments, *keywords]
                likely = 0.7
            case ast.List(elts=elements, ctx=ast.Load()) | ast.Set(elts=elements) if len(elements) > 1:
                parts = list[ast.expr | ast.keyword](elements)
                likely = 0.4
            case _:
                continue
        parts.sort(key=lambda part: scope.source.span(part)[0])
        for number, part in enumerate(parts):
            yield from _dropped(scope, place, parts, number, likely * (1.2 if number else 0.8), part)


def _dropped(
    scope: Scope,
    place: Place,
    parts: list[ast.expr | ast.keyword],
    number: int,
    likely: float,
    part: ast.expr | ast.keyword,
) -> Iterator[Candidate]:
    first, last = scope.source.span(part)
    if number:
        before = scope.source.span(parts[number - 1])[1]
        commas = [token for token in scope.source.tokens(before, first) if token.text == ","]
        cut = Change(commas[-1].start, last, "") if commas and _clean(scope, commas[-1].start, first) else None
    elif len(parts) > 1:
        after = scope.source.span(parts[1])[0]
        cut = Change(first, after, "") if _clean(scope, last, after) else None
    else:
        cut = Change(first, last, "")
    if cut and not ("(" in scope.source.text[cut.start : first] or ")" in scope.source.text[last : cut.end]):
        name = called(place.node)
        what = f"drop an argument of {name}" if name else "drop an element"
        yield from propose(scope, place, "argument", [cut], what, factor=likely, detail="drop")


def _clean(scope: Scope, start: int, end: int) -> bool:
    return not scope.source.text[start:end].strip(" \t\r\n,")


def swapped_elements(scope: Scope) -> Iterator[Candidate]:
    """Candidates that swap two elements of a tuple, a list or a target, or a key and its value."""
    for place in facts(scope).places:
        match place.node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts) as node if len(parts) > 1:
                if all(isinstance(part, ast.Constant) for part in parts) and len(parts) > FEW:
                    continue
                likely = 1.0 if isinstance(node.ctx, ast.Store) or len(parts) == 2 else 0.7
                for left, right in combinations(parts, 2) if len(parts) <= FEW else pairwise(parts):
                    yield from _swap(scope, place, left, right, likely)
            case ast.DictComp(key=left, value=right):
                yield from _swap(scope, place, left, right, 0.8)
            case ast.Dict(keys=[ast.expr() as left], values=[right]):
                yield from _swap(scope, place, left, right, 0.4)
            case ast.Subscript(value=ast.Subscript(slice=left), slice=right):
                yield from _swap(scope, place, left, right, 0.5)
            case _:
                pass


def _swap(scope: Scope, place: Place, left: ast.expr, right: ast.expr, likely: float) -> Iterator[Candidate]:
    if ast.dump(left) == ast.dump(right) or any(isinstance(one, ast.Starred | ast.Slice) for one in (left, right)):
        return
    one, other = scope.source.span(left), scope.source.span(right)
    changes = [Change(*one, scope.source.text[slice(*other)]), Change(*other, scope.source.text[slice(*one)])]
    inside = place if place.field else Place(left, place.node, "elts", place.line)
    yield from propose(scope, inside, "swap", changes, "swap two elements", factor=likely, detail="elements")
