"""Slips of the language: a mutable default, a missing `self`, `await` or `f`, the wrong exception, a missing key."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Place, Scope, exception, local_names, owner, propose
from ocode_tools.rules.facts import facts
from ocode_tools.rules.lines import indent, put, unit_of_indent
from ocode_tools.rules.precedence import ATOM
from ocode_tools.rules.rewriting import instead, operand
from ocode_tools.rules.shapes import DICT, TEXT, UNKNOWN, shape
from ocode_tools.source import Change, Function
from ocode_tools.symbols import attributes

_DEFAULTS = ("0", "None", "[]", '""', "{}", "False", "1")


def mutable_defaults(scope: Scope) -> Iterator[Candidate]:
    """Candidates that make a default of a parameter anew in each call: None in the head, the value in the body."""
    node = scope.unit.node
    if not isinstance(node, Function):
        return
    arguments = node.args
    both = [*zip([*arguments.posonlyargs, *arguments.args][::-1], arguments.defaults[::-1], strict=False)]
    both += [(arg, value) for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
    body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    for arg, value in both:
        if not isinstance(value, ast.List | ast.Dict | ast.Set | ast.Call) or not body or body[0].lineno == node.lineno:
            continue
        space, eol = indent(scope.source, body[0]), scope.source.eol
        inner = space + unit_of_indent(scope.source, node, body[0])
        text = scope.source.segment(value)
        line = f"{space}if {arg.arg} is None:{eol}{inner}{arg.arg} = {text}{eol}"
        change = put(scope.source, body[0], line, after=False)
        if change and "\n" not in text:
            place = Place(value, node, "defaults", value.lineno)
            changes = [Change(*scope.source.span(value), "None"), change]
            what = f"make the default of `{arg.arg}` in each call"
            yield from propose(scope, place, "default", changes, what, factor=1.0)


def missing_self(scope: Scope) -> Iterator[Candidate]:
    """Candidates that reach a name through `self` (or `cls`) which the class has and the function does not bind."""
    cls = owner(scope)
    node = scope.unit.node
    if cls is None or not isinstance(node, Function) or not node.args.args:
        return
    first, kinds, local = node.args.args[0].arg, attributes(cls), local_names(scope)
    if first not in ("self", "cls"):
        return
    for place in facts(scope).places:
        match place.node:
            case ast.Name(id=name) as part if name in kinds:
                start = scope.source.span(part)[0]
                likely = 0.3 if name in local else 1.0
                what = f"use `{first}.{name}` instead of `{name}`"
                yield from propose(
                    scope, place, "self", [Change(start, start, f"{first}.")], what, factor=likely, detail=name
                )
            case _:
                pass


def missing_await(scope: Scope) -> Iterator[Candidate]:
    """Candidates that await a call in a coroutine, or no longer do."""
    if not isinstance(scope.unit.node, ast.AsyncFunctionDef):
        return
    known = facts(scope)
    own = {unit.node.name for unit in scope.source.functions() if isinstance(unit.node, ast.AsyncFunctionDef)}
    for place, node in known.values:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if not isinstance(place.parent, ast.Await):
                new = f"await {scope.source.segment(node)}"
                yield from instead(scope, place, "await", new, "await a call", 1.0 if name in own else 0.4, "", 15)
            case _:
                pass


def wrong_handlers(scope: Scope) -> Iterator[Candidate]:
    """Candidates that catch what was raised in a test, or raise another exception."""
    raised = [exception(one) for one in scope.failures]
    builtin = [name for name in dict.fromkeys(raised) if name.isidentifier() and name.endswith(("Error", "Exception"))]
    seen = [name for name in builtin if name != "AssertionError"]
    others = ["ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "ZeroDivisionError"]
    for place in facts(scope).places:
        match place.node:
            case ast.ExceptHandler(type=ast.expr() as kind):
                for name in seen:
                    if name not in ast.unparse(kind).split("."):
                        old = scope.source.segment(kind)
                        inside = Place(kind, place.node, "type", place.node.lineno)
                        new = f"({old}, {name})" if not isinstance(kind, ast.Tuple) else f"({old.strip('()')}, {name})"
                        for text, likely in ((name, 0.9), (new, 0.7)):
                            change = Change(*scope.source.span(kind), text)
                            what = f"catch {name}"
                            yield from propose(scope, inside, "handler", [change], what, factor=likely, detail=name)
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name) as kind)) | ast.Raise(exc=ast.Name(id=name) as kind):
                for number, other in enumerate(others):
                    if other != name and name.endswith(("Error", "Exception")):
                        change = Change(*scope.source.span(kind), other)
                        what = f"raise {other} instead of {name}"
                        factor = 0.8 - 0.08 * number
                        yield from propose(scope, place, "handler", [change], what, factor=factor, detail="raise")
            case _:
                pass


def missing_keys(scope: Scope) -> Iterator[Candidate]:
    """Candidates that give a default where a key is missing: `d[k]` becomes `d.get(k, 0)`, `d[k] += 1` too."""
    known = facts(scope)
    for place in known.places:
        match place.node:
            case ast.AugAssign(target=ast.Subscript(value=base, slice=key) as target) as node:
                if known.shape(base) not in (DICT, UNKNOWN):
                    continue
                head, inner = operand(scope, base, ATOM), scope.source.segment(key)
                start, stop = scope.source.span(target)[1], scope.source.span(node.value)[0]
                sign = scope.source.text[start:stop].strip()
                for number, default in enumerate(("0", "1", "[]", '""')):
                    new = f" = {head}.get({inner}, {default}) {sign.removesuffix('=')} "
                    if sign.endswith("=") and "(" not in sign:
                        what = f"take {default} for a missing key"
                        change = Change(start, stop, new)
                        factor = 0.8 - 0.15 * number
                        yield from propose(scope, place, "key", [change], what, factor=factor, detail=default)
            case ast.Subscript(value=base, slice=key, ctx=ast.Load()) as node if not isinstance(key, ast.Slice):
                if shape(base, known.shapes) in (DICT, UNKNOWN) and not isinstance(key, ast.UnaryOp):
                    head, inner = operand(scope, base, ATOM), scope.source.segment(key)
                    for number, default in enumerate(_DEFAULTS):
                        new = f"{head}.get({inner}, {default})"
                        yield from instead(scope, place, "key", new, "", max(0.6 - 0.1 * number, 0.1), default, ATOM)
            case ast.Call(func=ast.Attribute(attr="get", value=base), args=[key, default]) as node:
                old = scope.source.segment(default)
                for other in _DEFAULTS:
                    if other != old:
                        inside = Place(default, node, "args", place.line)
                        yield from instead(scope, inside, "key", other, "", 0.4, other)
            case _:
                pass


def missing_format(scope: Scope) -> Iterator[Candidate]:
    """Candidates that make a text with a name in braces an f-string, or a number a text where texts are joined."""
    known = facts(scope)
    local = set(known.loads) | set(known.shapes) | set(known.idle)
    for place, node in known.values:
        match node:
            case ast.Constant(value=str(text)) if "{" in text and any(f"{{{name}" in text for name in local):
                start = scope.source.span(node)[0]
                change = Change(start, start, "f")
                yield from propose(scope, place, "format", [change], "make a text an f-string", factor=1.0)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                for side, other in ((left, right), (right, left)):
                    if known.shape(other) == TEXT and known.shape(side) != TEXT:
                        inside = Place(side, node, "left" if side is left else "right", place.line)
                        new = f"str({scope.source.segment(side)})"
                        yield from instead(scope, inside, "format", new, "", 0.7, "str", ATOM)
            case _:
                pass


def shadowed_names(scope: Scope) -> Iterator[Candidate]:
    """Candidates that give a local name that hides a built-in function another name, where the function is called."""
    known = facts(scope)
    hidden = {name for name in known.shapes if name in _SHADOWED}
    for name in sorted(hidden):
        found = [place for place in known.places if isinstance(place.node, ast.Name) and place.node.id == name]
        uses = [one for one in found if not (isinstance(one.parent, ast.Call) and one.field == "func")]
        calls = len(found) - len(uses)
        parameter = any(isinstance(one.node, ast.arg) and one.node.arg == name for one in known.places)
        if not calls or not uses or parameter:
            continue
        nodes = [one.node for one in uses if isinstance(one.node, ast.Name)]
        changes = [Change(*scope.source.span(node), f"{name}_") for node in nodes]
        what = f"do not hide `{name}`"
        yield from propose(scope, uses[0], "shadow", changes, what, factor=1.0, detail=name)


_SHADOWED = frozenset(
    {"list", "dict", "set", "str", "sum", "max", "min", "len", "id", "type", "input", "int", "next", "all", "any"}
    | {"sorted", "map", "filter", "range", "iter", "tuple", "float", "bool", "bytes", "round", "abs", "zip", "hash"}
)
