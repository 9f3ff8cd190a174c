"""Results: a `return` that is missing or too many, `yield` for `return`, what a changing method gives, assignments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import NOT_FREE, Candidate, Place, Scope, propose
from ocode_tools.rules.facts import Block, Donor, Facts, facts
from ocode_tools.rules.lines import indent, put, unit_of_indent, whole
from ocode_tools.rules.operators import gap
from ocode_tools.rules.rewriting import commented
from ocode_tools.rules.shapes import LIST, NONE, NUMBER, TEXT, UNKNOWN
from ocode_tools.source import Change, Function

MOST = 8  # names tried
_IN_PLACE = {"sort": "sorted", "reverse": "reversed"}
_CHANGING = {"append", "extend", "insert", "remove", "add", "update", "discard", "clear"}


def missing_returns(scope: Scope) -> Iterator[Candidate]:
    """Candidates that return what is only computed, or return a name at the end of the function or of a block."""
    known = facts(scope)
    if not isinstance(scope.unit.node, Function):
        return
    for block in known.blocks:
        for node in block.body:
            place = Place(node, block.owner, block.field, node.lineno)
            start = scope.source.span(node)[0]
            match node:
                case ast.Expr(value=ast.Call() | ast.BinOp() | ast.Compare() | ast.Name() as value):
                    likely = 0.3 if known.shape(value) == NONE else 1.0
                    change = Change(start, start, "return ")
                    yield from propose(scope, place, "return", [change], "return a value", factor=likely)
                case ast.Assign(targets=[ast.Name(id=name) as target], value=value) if node is block.body[-1]:
                    likely = 0.8 if name in known.idle else 0.2
                    change = Change(start, scope.source.span(value)[0], "return ")
                    what = "return a value instead of keeping it"
                    if all(token.text in ("=", "(") for token in gap(scope.source, target, value)):
                        yield from propose(scope, place, "return", [change], what, factor=likely)
                case _:
                    pass
        last = block.body[-1]
        if not isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break):
            yield from _at_end(scope, known, block, last)


def _at_end(scope: Scope, known: Facts, block: Block, last: ast.stmt) -> Iterator[Candidate]:
    names = [name for name in known.shapes if name in known.loads and name not in NOT_FREE | known.inner][:MOST]
    names += [name for name in sorted(known.idle) if name not in names][:MOST]
    outermost = isinstance(block.owner, Function)
    for number, name in enumerate([*reversed(names), *(["False", "True"] if not outermost else [])]):
        line = f"{indent(scope.source, last)}return {name}{scope.source.eol}"
        change = put(scope.source, last, line, after=True) if whole(scope.source, last) else None
        if change:
            place = Place(last, block.owner, block.field, last.lineno)
            likely = (1.0 if outermost else 0.3) * max(1.0 - 0.1 * number, 0.3)
            what = f"return `{name}` at the end"
            yield from propose(scope, place, "return", [change], what, "return a value", factor=likely, detail="end")


def wrong_results(scope: Scope) -> Iterator[Candidate]:
    """Candidates that return another value, keep going instead, or mend `return x.sort()`, `x = x.append(y)`."""
    known = facts(scope)
    for block in known.blocks:
        for node in block.body:
            place = Place(node, block.owner, block.field, node.lineno)
            match node:
                case ast.Return(value=ast.expr() as value):
                    yield from _other_ending(scope, place, node, value)
                    yield from _in_place(scope, place, value)
                    kept = commented(scope.source.segment(value))
                    for name, likely in _idle_first(known, value) if not kept else ():
                        change = Change(*scope.source.span(value), name)
                        what = f"return `{name}`"
                        yield from propose(scope, place, "result", [change], what, factor=likely)
                case ast.Assign(targets=[ast.Name()], value=value):
                    yield from _in_place(scope, place, value)
                case _:
                    pass


def _idle_first(known: Facts, value: ast.expr) -> Iterator[tuple[str, float]]:
    """Other results: names of the unit, None, True, False, an empty list; what no other template offers."""
    if isinstance(value, ast.Name):
        rest: list[str] = []
    else:
        names = [donor.text for donor in known.donors if isinstance(donor.node, ast.Name) and _free(known, donor)]
        rest = list(dict.fromkeys([*sorted(known.idle), *names]))[:MOST]
    for name in rest:
        yield name, 0.8 if name in known.idle else 0.5
    for name in ("None", "True", "False", "[]", "0", '""', "1", "-1"):
        if not (isinstance(value, ast.Constant) and isinstance(value.value, bool) and name in ("True", "False")):
            yield name, 0.25


def _free(known: Facts, donor: Donor) -> bool:
    return not donor.names & (NOT_FREE | known.inner)


def _other_ending(scope: Scope, place: Place, node: ast.Return, value: ast.expr) -> Iterator[Candidate]:
    """`return x` becomes `yield x` or, where the value is a call, `x` alone."""
    start, at = scope.source.span(node)[0], scope.source.span(value)[0]
    opening = scope.source.text[start + len("return") : at]
    if opening.strip(" \t("):
        return
    word = Change(start, start + len("return"), "yield")
    yield from propose(scope, place, "yield", [word], "yield instead of return", factor=0.3, detail="yield")
    if isinstance(value, ast.Call) and not opening.strip():
        change = Change(start, at, "")
        yield from propose(scope, place, "return", [change], "go on instead of returning", factor=0.3, detail="drop")


def _in_place(scope: Scope, place: Place, value: ast.expr) -> Iterator[Candidate]:
    """What changes its object and gives None: `x.sort()` becomes `sorted(x)`, `x.append(y)` becomes `x + [y]`."""
    match value:
        case ast.Call(func=ast.Attribute(value=base, attr=name), args=arguments, keywords=keywords):
            text = scope.source.segment(base)
            parts: list[ast.expr | ast.keyword] = [*arguments, *keywords]
            given = [scope.source.segment(one) for one in parts]
            if name in _IN_PLACE:
                new = f"{_IN_PLACE[name]}({', '.join([text, *given])})"
                new = f"list({new})" if name == "reverse" else new
            elif name == "append" and len(given) == 1:
                new = f"{text} + [{given[0]}]"
            elif name in _CHANGING:
                new = text
            else:
                return
            change = Change(*scope.source.span(value), new)
            yield from propose(scope, place, "in_place", [change], f"use the result of {name}", factor=1.0)
        case _:
            pass


def wrong_assignments(scope: Scope) -> Iterator[Candidate]:
    """Candidates that add to a name instead of binding it, or bind it; `==` for `=`; another name as the target."""
    known = facts(scope)
    for block in known.blocks:
        for node in block.body:
            place = Place(node, block.owner, block.field, node.lineno)
            match node:
                case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name) as target], value=value):
                    signs = [token for token in gap(scope.source, target, value) if token.text == "="]
                    for op, likely in _augmented(known, name, value):
                        change = Change(signs[0].start, signs[0].end, op)
                        what = f"use {op} instead of ="
                        yield from propose(scope, place, "assignment", [change], what, factor=likely, detail=op)
                case ast.AugAssign(target=target, value=value):
                    signs = [t for t in gap(scope.source, target, value) if t.text.endswith("=")]
                    change = Change(signs[0].start, signs[0].end, "=")
                    what = f"use = instead of {signs[0].text}"
                    yield from propose(scope, place, "assignment", [change], what, factor=0.8, detail="=")
                case ast.Expr(value=ast.Compare(left=ast.Name(), ops=[ast.Eq()], comparators=[right])) as bare:
                    left = bare.value.left if isinstance(bare.value, ast.Compare) else right
                    signs = [token for token in gap(scope.source, left, right) if token.text == "=="]
                    change = Change(signs[0].start, signs[0].end, "=")
                    yield from propose(scope, place, "assignment", [change], "use = instead of ==", factor=1.0)
                case _:
                    pass
            yield from _targets(scope, known, place, node)


def _augmented(known: Facts, name: str, value: ast.expr) -> Iterator[tuple[str, float]]:
    if known.shape(value) in (NUMBER, UNKNOWN, TEXT, LIST) and not any(
        isinstance(part, ast.Name) and part.id == name for part in ast.walk(value)
    ):
        yield "+=", 0.8
        if known.shape(value) in (NUMBER, UNKNOWN):
            yield "-=", 0.3
            yield "*=", 0.4


def _targets(scope: Scope, known: Facts, place: Place, node: ast.stmt) -> Iterator[Candidate]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name) as target]) | ast.AugAssign(target=ast.Name(id=name) as target):
            bound = [other for other in known.shapes if other not in known.inner | NOT_FREE and other != name]
            bound = [other for other in bound if not (isinstance(node.value, ast.Name) and node.value.id == other)]
        case _:
            return
    for other in bound[:MOST]:
        change = Change(*scope.source.span(target), other)
        likely = 0.6 if known.shapes.get(other) == known.shapes.get(name) else 0.3
        what = f"change `{other}` instead of `{name}`"
        yield from propose(scope, place, "target", [change], what, "change another name", factor=likely)


def wrong_jumps(scope: Scope) -> Iterator[Candidate]:
    """Candidates that end a loop where it went on, and the other way round; a `break` behind a last statement."""
    for block in facts(scope).blocks:
        for node in block.body:
            place = Place(node, block.owner, block.field, node.lineno)
            match node:
                case ast.Break() | ast.Continue() | ast.Pass():
                    old = type(node).__name__.lower()
                    for new in ("break", "continue", "pass"):
                        if new != old and not (new != "pass" and isinstance(node, ast.Pass)):
                            change = Change(*scope.source.span(node), new)
                            what = f"{new} instead of {old}"
                            yield from propose(scope, place, "jump", [change], what, factor=0.8, detail=new)
                case ast.If(body=[*_, last], orelse=[]) if not isinstance(last, ast.Return | ast.Raise | ast.Break):
                    for word in ("break", "continue"):
                        line = f"{indent(scope.source, last)}{word}{scope.source.eol}"
                        change_in = put(scope.source, last, line, after=True)
                        if change_in and not isinstance(last, ast.Continue):
                            what = f"{word} behind a statement"
                            yield from propose(scope, place, "jump", [change_in], what, factor=0.4, detail=word)
                case _:
                    pass


def missing_steps(scope: Scope) -> Iterator[Candidate]:
    """Candidates that count a name up or down at the end of a loop or of a branch in it.

    The likeliest by far are the names in the condition of a `while` that its body leaves as they are.
    """
    known = facts(scope)
    for block in known.blocks:
        last = block.body[-1]
        if isinstance(block.owner, ast.While) and block.field == "body":
            tested = {part.id for part in ast.walk(block.owner.test) if isinstance(part, ast.Name)}
            changed = {
                part.id
                for node in block.body
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
            }
            names = dict.fromkeys(sorted(tested - NOT_FREE), 1.0 if not tested & changed else 0.3)
        elif isinstance(block.owner, ast.For | ast.If) and block.field in ("body", "orelse"):
            names = {name: 0.2 for name, given in known.shapes.items() if given == NUMBER and name not in known.inner}
        else:
            continue
        for name, likely in list(names.items())[:MOST]:
            for step in ("+= 1", "-= 1", "//= 2", "//= 10") if isinstance(block.owner, ast.While) else ("+= 1", "-= 1"):
                line = f"{indent(scope.source, last)}{name} {step}{scope.source.eol}"
                change = put(
                    scope.source, last, line, after=not isinstance(last, ast.Continue | ast.Break | ast.Return)
                )
                if change:
                    place = Place(last, block.owner, block.field, last.lineno)
                    near = likely * (1.0 if step.endswith("= 1") else 0.3)
                    what = f"add `{name} {step}`"
                    yield from propose(scope, place, "step", [change], what, "count a name", factor=near)


def missing_else(scope: Scope) -> Iterator[Candidate]:
    """Candidates that return False in the `else` of an `if` that returns True, and the other way round."""
    known = facts(scope)
    for block in known.blocks:
        for node in block.body:
            match node:
                case ast.If(body=[*_, ast.Return(value=ast.Constant(value=bool(value)))], orelse=[]):
                    pass
                case _:
                    continue
            last = node.body[-1]
            space = indent(scope.source, node)
            inner = space + unit_of_indent(scope.source, node, node.body[0])
            eol = scope.source.eol
            change = put(scope.source, node, f"{space}else:{eol}{inner}return {not value}{eol}", after=True)
            if change and whole(scope.source, node):
                place = Place(last, node, "body", last.lineno)
                yield from propose(scope, place, "return", [change], f"return {not value} otherwise", factor=0.4)
