"""Bounds: of a slice, of `range`, of what a loop goes over."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Place, Scope, called, propose
from ocode_tools.rules.facts import facts
from ocode_tools.rules.precedence import ATOM, SUM
from ocode_tools.rules.rewriting import instead, operand
from ocode_tools.rules.shapes import ITERABLE, LAZY, LIST, NUMBER, TEXT, TUPLE, UNKNOWN
from ocode_tools.source import Change


def wrong_slices(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop, add or turn round a bound or the step of a slice, or slice what is whole."""
    known = facts(scope)
    for place in known.places:
        match place.node:
            case ast.Subscript(slice=ast.Slice() as part, ctx=ast.Load()) as item:
                for new in _bounds(scope, part):
                    first, last = scope.source.span(part)
                    what = f"slice by [{new}] instead of [{scope.source.text[first:last]}]"
                    inside = Place(item, place.parent, place.field, place.line)
                    yield from propose(
                        scope, inside, "slice", [Change(first, last, new)], what, "change a slice", factor=0.8
                    )
            case _:
                pass
    for place, node in known.values:
        given = known.shape(node)
        plain = isinstance(node, ast.Name | ast.Attribute) and not isinstance(
            place.parent, ast.Subscript | ast.Attribute
        )
        if plain and given in (LIST, TEXT, TUPLE, UNKNOWN) and isinstance(place.parent, _WHERE):
            for number, end in enumerate(("[1:]", "[:-1]", "[::-1]", "[0]", "[-1]")):
                likely = (0.5 if given else 0.2) * (1.0 - 0.1 * number)
                yield from instead(scope, place, "slice", scope.source.segment(node) + end, "", likely, end, ATOM)


_WHERE = (ast.Return, ast.Call, ast.For, ast.comprehension, ast.Assign, ast.Compare, ast.BinOp)


def _bounds(scope: Scope, part: ast.Slice) -> Iterator[str]:
    """The inside of a slice with other bounds, the likeliest first."""
    low, high, step = (scope.source.segment(one) if one else "" for one in (part.lower, part.upper, part.step))
    end = f":{step}" if step else ""
    found = [f"{low}:{end}", f":{high}{end}"] if low and high else []
    found += [f"{high}:{low}{end}"]
    if low and not high:
        found += [f":{low}{end}", f"-{low}:{end}" if low.isalnum() else "", f"{low}:-1{end}"]
    if high and not low:
        found += [f"{high}:{end}", f"1:{high}{end}", f"-{high}:{end}" if high.isalnum() else ""]
        found += [f":-{high}{end}"] if high.isalnum() else []
    if step:
        found += [f"{low}:{high}", f"{low}:{high}:-{step}" if step.isalnum() else f"{low}:{high}:{step.lstrip('-')}"]
        found += [f"1:{high}:{step}"] if not low else []
    elif not (low or high):
        found += ["::-1", "1:", ":-1"]
    else:
        found += [f"{low}:{high}:-1"]
    return (one for one in dict.fromkeys(found) if one)


def wrong_ranges(scope: Scope) -> Iterator[Candidate]:
    """Candidates that begin, end or go through a `range` or an `enumerate` otherwise."""
    for place, node in facts(scope).values:
        match node:
            case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]):
                texts = [scope.source.segment(one) for one in arguments]
                for number, new in enumerate(_ranges(scope, arguments, texts)):
                    likely = max(1.0 - 0.08 * number, 0.3)
                    yield from instead(scope, place, "range", f"range({new})", "", likely, "", ATOM)
            case ast.Call(func=ast.Name(id="enumerate"), args=[first, *rest]):
                new = f"enumerate({scope.source.segment(first)}" + (")" if rest else ", 1)")
                yield from instead(scope, place, "range", new, "", 0.5, "", ATOM)
            case _:
                pass


def _ranges(scope: Scope, arguments: list[ast.expr], texts: list[str]) -> Iterator[str]:
    match texts:
        case [end]:
            more = f"{operand(scope, arguments[0], SUM)} + 1"
            yield from (f"1, {end}", more, f"1, {more}", f"2, {end}", f"{operand(scope, arguments[0], SUM)} - 1")
            yield from (f"len({end})", f"{more.removesuffix(' + 1')} - 1, -1, -1", f"{end}, 0, -1", f"0, {end}, 2")
        case [start, end]:
            more = f"{operand(scope, arguments[1], SUM)} + 1"
            last, first = operand(scope, arguments[1], SUM), operand(scope, arguments[0], SUM)
            yield from (f"{start}, {more}", end, f"{start}, {last} - 1", f"{first} + 1, {end}", f"{first} - 1, {end}")
            yield from (f"{first} + 1, {more}", f"{start}, {end}, -1", f"{start}, {end}, 2", f"0, {end}", f"1, {end}")
            yield from (f"{end}, {start}, -1", f"{last} - 1, {first} - 1, -1", f"{end}, {start}", start)
        case [start, end, step]:
            last, first = operand(scope, arguments[1], SUM), operand(scope, arguments[0], SUM)
            yield from (f"{start}, {last} + 1, {step}", f"{start}, {last} - 1, {step}", f"{start}, {end}")
            yield from (f"{first} - 1, {end}, {step}", f"{first} + 1, {end}, {step}", f"{end}, {start}, {step}")
            yield from (f"{start}, {end}, -{step}" if step.isalnum() else f"{start}, {end}, {step.lstrip('-')}",)
        case _:
            return


def wrong_iterations(scope: Scope) -> Iterator[Candidate]:
    """Candidates that go over something else: indexes for items, items for indexes, pairs, the other end first."""
    known = facts(scope)
    for place, node in known.values:
        if place.field != "iter":
            continue
        text, given = scope.source.segment(node), known.shape(node)
        some: list[tuple[str, float]] = []
        if isinstance(node, ast.Name | ast.Attribute) and given in (*ITERABLE, UNKNOWN):
            some += [(f"range(len({text}))", 0.7), (f"reversed({text})", 0.6), (f"{text}[1:]", 0.6)]
            some += [(f"{text}[:-1]", 0.5), (f"sorted({text})", 0.5), (f"{text}.items()", 0.3), (f"list({text})", 0.4)]
            some += [(f"{text}[::-1]", 0.3), (f"enumerate({text})", 0.3)]
        if given == NUMBER:
            some += [(f"range({text})", 1.0)]
        if given == LAZY and called(node) == "range":
            some += [(f"reversed({text})", 0.6)]
            match node:
                case ast.Call(args=[*_, ast.Call(func=ast.Name(id="len"), args=[base])]):
                    some += [(scope.source.segment(base), 0.5)]
                case _:
                    pass
        for new, likely in some:
            yield from instead(scope, place, "iterate", new, "", likely, new.partition("(")[0], ATOM)
