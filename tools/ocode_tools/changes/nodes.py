"""What changed between two versions of a Python function, statement or expression, in imperative phrases."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import cast

from ocode_tools.changes.forms import form, holds, nodes_of, same, words
from ocode_tools.changes.points import Found
from ocode_tools.changes.statements import SHORT, added, given, name_of, removed, subject_of, text_of

_SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.And: "and", ast.Or: "or",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_COMPARES = frozenset({"<", "<=", ">", ">=", "==", "!=", "is", "is not", "in", "not in"})
_PAIRS = 2500


def differences(old: ast.AST, new: ast.AST) -> list[Found]:
    """What changed, most telling first; empty where the trees are equal or nothing can be said."""
    found = list({item.phrase: item for item in sorted(_compare(old, new), key=lambda item: -item.rank)}.values())
    for item in found:
        if item.phrase.startswith("rename "):
            _, one, _, other = item.phrase.split(" ", 3)
            found = [other_item for other_item in found if other_item.phrase != f"use {other} instead of {one}"]
    return found


def _compare(old: ast.AST, new: ast.AST) -> Iterator[Found]:
    if type(old) is not type(new):
        yield from _replaced(old, new)
        return
    special = _special(old, new)
    if special:
        yield special
        return
    if isinstance(old, ast.Dict) and isinstance(new, ast.Dict):
        yield from _dicts(old, new)
        return
    for name in old._fields:
        first, second = getattr(old, name, None), getattr(new, name, None)
        if isinstance(first, list) and isinstance(second, list):
            yield from _lists(nodes_of(cast("object", first)), nodes_of(cast("object", second)), new)
        elif isinstance(first, ast.AST) and isinstance(second, ast.AST):
            yield from _compare(first, second)
        elif isinstance(first, ast.AST) or isinstance(second, ast.AST):
            yield from _appeared(second, name, new)
        elif first != second and isinstance(first, str) and isinstance(second, str):
            yield Found(f"use {second} instead of {first}", 40)


def _special(old: ast.AST, new: ast.AST) -> Found | None:
    """A phrase for two nodes of one type that ends the search below them."""
    if isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
        return _constants(old.value, new.value)
    if isinstance(old, ast.arg) and isinstance(new, ast.arg):
        if old.arg == new.arg and text_of(old.annotation) != text_of(new.annotation):
            return _annotations(old.arg, text_of(old.annotation), text_of(new.annotation))
        return Found(f"rename {old.arg} to {new.arg}", 45, "refactor") if old.arg != new.arg else None
    if isinstance(old, ast.AnnAssign) and isinstance(new, ast.AnnAssign) and same(old.target, new.target):
        before, after = text_of(old.annotation), text_of(new.annotation)
        return (
            _annotations(text_of(old.target), before, after) if before != after and same(old.value, new.value) else None
        )
    if isinstance(old, ast.Name) and isinstance(new, ast.Name) and old.id != new.id:
        return _named(old.id, new.id, new.ctx, 42)
    if isinstance(old, ast.Attribute) and isinstance(new, ast.Attribute) and old.attr != new.attr:
        return _named(old.attr, new.attr, new.ctx, 55)
    if isinstance(old, ast.JoinedStr) and not same(old, new):
        return Found("reword the message", 20)
    return None


def _named(old: str, new: str, ctx: ast.expr_context, rank: int) -> Found:
    if isinstance(ctx, ast.Store):
        return Found(f"rename {old} to {new}", 56, "refactor")
    return Found(f"use {new} instead of {old}", rank)


def _constants(old: object, new: object) -> Found | None:
    if old == new and type(old) is type(new):
        return None
    first, second = repr(old), repr(new)
    if isinstance(old, str) and isinstance(new, str):
        if " " in old.strip() and " " in new.strip():
            return Found("reword the message", 20)
        if old.lower() == new.lower():
            return Found(f"correct the case of {second}", 35) if len(second) <= SHORT else Found("correct a string", 25)
    if len(first) + len(second) <= SHORT:
        return Found(f"use {second} instead of {first}", 50)
    return (
        Found(f"use {second}", 30)
        if len(second) <= SHORT
        else Found("correct a pattern" if "\\" in second else "change a string", 15)
    )


def _annotations(name: str, old: str, new: str) -> Found:
    if "None" in new and "None" not in old and old:
        return Found(f"allow None for {name}", 38, "fix")
    return Found(f"correct the type of {name}" if old else f"annotate {name}", 12, "fix" if old else "refactor")


def _appeared(second: object, name: str, parent: ast.AST) -> Iterator[Found]:
    if isinstance(parent, ast.Return) and isinstance(second, ast.AST):
        yield Found(f"return {text_of(second)}" if len(text_of(second)) <= SHORT else "return the result", 48, "fix")
    elif name in ("returns", "annotation"):
        yield Found("annotate the return type" if second else "drop the return type", 11, "refactor")
    elif name == "type_comment":
        return


def _replaced(old: ast.AST, new: ast.AST) -> Iterator[Found]:
    first, second = _SIGNS.get(type(old)), _SIGNS.get(type(new))
    if first and second:
        yield Found(f"compare with {second}" if second in _COMPARES else f"use {second} instead of {first}", 70, "fix")
        return
    if isinstance(new, ast.BoolOp) and (extra := _strengthened(old, new)):
        yield extra
        return
    if isinstance(old, ast.BoolOp) and any(same(part, new) for part in old.values):
        yield Found("relax the condition", 44, "fix")
        return
    if isinstance(new, ast.JoinedStr) and isinstance(old, ast.Constant):
        yield Found("use an f-string", 30, "fix")
        return
    if isinstance(new, ast.Call) and any(same(old, part) for part in (*new.args, new.func)):
        yield Found(f"call {name_of(new.func)}", 46)
        return
    if isinstance(new, ast.IfExp) and (same(old, new.body) or same(old, new.orelse)):
        yield Found(given("handle", new.test), 47, "fix")
        return
    if isinstance(new, ast.Await):
        yield Found(f"await {name_of(new.value)}", 60, "fix")
        return
    short, long = text_of(new), text_of(old)
    if isinstance(new, ast.expr) and len(short) <= SHORT:
        yield Found(f"use {short} instead of {long}" if len(short) + len(long) <= SHORT else f"use {short}", 28)


def _strengthened(old: ast.AST, new: ast.BoolOp) -> Found | None:
    parts = old.values if isinstance(old, ast.BoolOp) and type(old.op) is type(new.op) else [old]
    extra = [part for part in new.values if not any(same(part, known) for known in parts)]
    if len(extra) == len(new.values) or not extra:
        return None
    text = text_of(extra[0])
    word = "require" if isinstance(new.op, ast.And) else "accept"
    return Found(f"{word} {text}" if len(text) <= SHORT else f"check {subject_of(extra[0])}", 52, "fix")


def _lists(first: Sequence[ast.AST], second: Sequence[ast.AST], parent: ast.AST) -> Iterator[Found]:
    left, right = [form(item) for item in first], [form(item) for item in second]
    if left == right:
        return
    if isinstance(parent, ast.BoolOp) and len(first) != len(second):
        whole = ast.BoolOp(op=parent.op, values=[item for item in first if isinstance(item, ast.expr)])
        extra = _strengthened(whole, parent)
        yield extra or Found("relax the condition", 44, "fix")
        return
    gone = [item for item, shape in zip(first, left, strict=True) if shape not in right]
    come = [item for item, shape in zip(second, right, strict=True) if shape not in left]
    if not gone and not come:
        yield Found("change the order", 18)
        return
    for before, after in _pairs(gone, come):
        if before is None and after is not None:
            yield from added(after, parent)
        elif after is None and before is not None and not any(holds(item, before) for item in come):
            yield from removed(before, parent)
        elif before is not None and after is not None:
            yield from _compare(before, after)


def _dicts(old: ast.Dict, new: ast.Dict) -> Iterator[Found]:
    """Entries by their keys."""
    first, second = (
        {_key(key): value for key, value in zip(node.keys, node.values, strict=True)} for node in (old, new)
    )
    respelt = {form(value): key for key, value in first.items() if key not in second}
    for key, value in second.items():
        if key not in first and form(value) in respelt:
            yield Found(f"use {key} instead of {respelt.pop(form(value))}", 50)
        elif key not in first:
            yield Found(f"add {key}", 49, "", "to")
        elif not same(first[key], value):
            inner = list(_compare(first[key], value))
            yield from (item if item.rank > 30 else Found(f"change {key}", 31) for item in inner)
    yield from (Found(f"remove {key}", 35, "", "from") for key in first if key in respelt.values())


def _key(node: ast.expr | None) -> str:
    return str(node.value)[:SHORT] if isinstance(node, ast.Constant) else text_of(node)[:SHORT] or "**"


def _pairs(gone: Sequence[ast.AST], come: Sequence[ast.AST]) -> Iterator[tuple[ast.AST | None, ast.AST | None]]:
    """Old and new nodes that look like each other, then those without a partner."""
    if len(gone) == len(come) == 1 and type(gone[0]) is type(come[0]):
        yield gone[0], come[0]
        return
    free = list(come)
    known = {id(item): words(item) for item in (*gone, *come)} if len(gone) * len(come) < _PAIRS else {}
    alone: list[ast.AST] = []
    for old in gone:
        scored = [(_likeness(old, new, known), -index, new) for index, new in enumerate(free)]
        best = max(scored, key=lambda item: item[:2], default=None)
        if best and best[0] > (0.35 if len(gone) == len(come) else 0.55):
            free.remove(best[2])
            yield old, best[2]
        else:
            alone.append(old)
    if len(alone) == len(free) == 1 and isinstance(alone[0], ast.expr | ast.operator | ast.cmpop):
        yield alone[0], free[0]
        return
    yield from ((None, new) for new in free)
    yield from ((old, None) for old in alone)


def _likeness(old: ast.AST, new: ast.AST, known: dict[int, frozenset[str]]) -> float:
    if type(old) is not type(new):
        return 0.0
    if isinstance(old, ast.arg | ast.keyword) and isinstance(new, ast.arg | ast.keyword):
        return float(old.arg == new.arg)
    first, second = known.get(id(old), frozenset()), known.get(id(new), frozenset())
    return len(first & second) / max(1, len(first | second))
