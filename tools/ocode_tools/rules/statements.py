"""Statements: one too many, one that stands at the wrong place or level, one that should be there once more."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from heapq import nlargest
from itertools import pairwise

from ocode_tools.rules.base import Candidate, Place, Scope, heat, propose, sealed
from ocode_tools.rules.facts import Block, facts, suite
from ocode_tools.rules.lines import indent, put, reindented, taken, text, unit_of_indent
from ocode_tools.source import Change, Function

WARM = 30  # statements that are copied, the most suspicious
MOST = 16  # copies of a statement to another place, of all
_FIXED = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def _place(node: ast.stmt, block: Block) -> Place:
    return Place(node, block.owner, block.field, node.lineno)


def movable(node: ast.stmt) -> bool:
    """Whether a statement may be moved or dropped: no definition, import, docstring or `pass`."""
    return not isinstance(node, _FIXED) and not sealed(node)


def extra_statements(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop a statement, or two or three that follow each other; a block, or only its condition."""
    for block in facts(scope).blocks:
        for size, likely in ((1, 1.0), (2, 0.5), (3, 0.25)):
            for at in range(len(block.body) - size + 1):
                run = block.body[at : at + size]
                if all(map(movable, run)):
                    yield from _dropped(scope, block, run, likely)
        for node in block.body:
            yield from _opened(scope, block, node)


def _dropped(scope: Scope, block: Block, run: Sequence[ast.stmt], likely: float) -> Iterator[Candidate]:
    change = taken(scope.source, run)
    if change is None or isinstance(run[0], ast.Pass):
        return
    if len(run) == len(block.body):
        change = Change(change.start, change.end, f"{indent(scope.source, run[0])}pass{scope.source.eol}")
        likely *= 0.6
    if isinstance(run[-1], ast.Return) and isinstance(block.owner, Function):
        likely *= 0.3
    likely *= 1.0 if len(run) == 1 and not hasattr(run[0], "body") else 0.5
    what = "drop a statement" if len(run) == 1 else f"drop {len(run)} statements"
    yield from propose(scope, _place(run[0], block), "delete", [change], what, factor=likely)


def _opened(scope: Scope, block: Block, node: ast.stmt) -> Iterator[Candidate]:
    """`if c: body` becomes the body, or that of its `else`."""
    if not isinstance(node, ast.If) or not movable(node):
        return
    change = taken(scope.source, [node])
    for body in (node.body, node.orelse):
        new = reindented(scope.source, body, indent(scope.source, node)) if change and body else None
        if change and new is not None:
            what = "drop a condition and keep what it guards"
            swap = Change(change.start, change.end, new)
            yield from propose(scope, _place(node, block), "open", [swap], what, "drop a condition", factor=0.5)


def moved_statements(scope: Scope) -> Iterator[Candidate]:
    """Candidates that swap neighbours, or move a statement to the end or the start of its block."""
    for block in facts(scope).blocks:
        for one, other in pairwise(block.body):
            if movable(one) and movable(other) and not isinstance(one, _ENDS):
                yield from _turned(scope, block, [one], [other], 0.7)
        if len(block.body) > 2 and movable(block.body[0]) and not isinstance(block.body[-1], _ENDS):
            yield from _turned(scope, block, block.body[:1], block.body[1:], 0.3)
            yield from _turned(scope, block, block.body[:-1], block.body[-1:], 0.3)


def _turned(
    scope: Scope, block: Block, run: Sequence[ast.stmt], rest: Sequence[ast.stmt], likely: float
) -> Iterator[Candidate]:
    if not all(map(movable, [*run, *rest])):
        return
    first, second, gone = text(scope.source, run), text(scope.source, rest), taken(scope.source, [*run, *rest])
    if first and second and gone and len(first) + len(second) == len(gone.text) + gone.end - gone.start:
        change = Change(gone.start, gone.end, second + first)
        yield from propose(scope, _place(run[0], block), "move", [change], "move a statement", factor=likely)


def wrong_levels(scope: Scope) -> Iterator[Candidate]:
    """Candidates that move the last statements of a block out of it, or those behind a block to its end.

    The `else` of an `if` that ends a loop becomes the loop's own.
    """
    for block in facts(scope).blocks:
        for before, node in pairwise([None, *block.body]):
            if node is not None and _is_block(node):
                yield from _outward(scope, block, node)
                yield from _else_outward(scope, block, node)
            if before is not None and node is not None and _is_block(before) and movable(node):
                yield from _inward(scope, block, before, node)
                yield from _into(scope, block, before, node)


def _is_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try)


def _tail(node: ast.stmt) -> list[ast.stmt]:
    """The last suite of a block statement: of its `else` where it has one, of the last `elif`."""
    while isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        node = node.orelse[0]
    parts = (suite(node, field) for field in ("finalbody", "orelse", "body"))
    return [one for one in next(part for part in parts if part) if isinstance(one, ast.stmt)]


def _outward(scope: Scope, block: Block, node: ast.stmt) -> Iterator[Candidate]:
    """The last one or two statements of `node` come behind it."""
    body = _tail(node)
    for size in (1, 2):
        run = body[-size:]
        if len(body) <= size or not all(map(movable, run)):
            return
        gone, new = taken(scope.source, run), reindented(scope.source, run, indent(scope.source, node))
        if gone and new:
            likely = 1.0 if isinstance(run[-1], ast.Return) else 0.6
            change = Change(gone.start, gone.end, new)
            place = Place(run[0], node, "body", run[0].lineno)
            what = "move a statement out of its block"
            yield from propose(scope, place, "level", [change], what, factor=likely, detail="out")


def _inward(scope: Scope, block: Block, before: ast.stmt, node: ast.stmt) -> Iterator[Candidate]:
    """The statement behind a block goes into it, at its end."""
    body = _tail(before)
    gone, new = taken(scope.source, [node]), reindented(scope.source, [node], indent(scope.source, body[-1]))
    if gone and new and not isinstance(body[-1], _ENDS):
        change = Change(gone.start, gone.end, new)
        what = "move a statement into the block before it"
        yield from propose(scope, _place(node, block), "level", [change], what, factor=0.6, detail="in")


def _into(scope: Scope, block: Block, before: ast.stmt, node: ast.stmt) -> Iterator[Candidate]:
    """The statement behind an `if` becomes its `else`."""
    if not isinstance(before, ast.If) or before.orelse:
        return
    space = indent(scope.source, before)
    inner = space + unit_of_indent(scope.source, before, before.body[0])
    gone, new = taken(scope.source, [node]), reindented(scope.source, [node], inner)
    if gone and new:
        change = Change(gone.start, gone.end, f"{space}else:{scope.source.eol}{new}")
        what = "put a statement under else"
        yield from propose(scope, _place(node, block), "level", [change], what, factor=0.4, detail="else")


def _else_outward(scope: Scope, block: Block, node: ast.stmt) -> Iterator[Candidate]:
    """The `else` of the `if` that ends a loop goes with the loop; what an `else` holds comes behind the `if`."""
    match node:
        case (
            ast.For(body=[*_, ast.If(orelse=[first, *_] as other)])
            | ast.While(body=[*_, ast.If(orelse=[first, *_] as other)])
        ) if not node.orelse:
            head = indent(scope.source, node)
            inner = head + unit_of_indent(scope.source, node, node.body[0])
        case ast.If(orelse=[first, *_] as other):
            head, inner = "", indent(scope.source, node)
        case _:
            return
    gone, new = taken(scope.source, other), reindented(scope.source, other, inner)
    if gone and new and (word := _else_line(scope, first)):
        opening = f"{head}else:{scope.source.eol}" if isinstance(node, ast.For | ast.While) else ""
        change = Change(word, gone.end, opening + new)
        place = Place(first, node, "orelse", first.lineno)
        yield from propose(scope, place, "level", [change], "move an else", factor=0.5, detail="else")


def _else_line(scope: Scope, first: ast.stmt) -> int:
    """The offset of the line `else:` right above a statement; 0 where there is none."""
    if first.lineno < 2:
        return 0
    start, end = scope.source.lines(first.lineno - 1, first.lineno - 1)
    return start if scope.source.text[start:end].strip() == "else:" else 0


def repeated_statements(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put a copy of a short statement of the unit at another place of it."""
    blocks = facts(scope).blocks
    short = [(block, node) for block in blocks for node in block.body if movable(node) and not hasattr(node, "body")]
    short = nlargest(WARM, short, key=lambda item: heat(scope, item[1], item[1].lineno))
    for block, node in short:
        given = 0
        for other, at in short:
            copy = reindented(scope.source, [node], indent(scope.source, at)) if given < MOST else None
            if copy is None or at is node:
                continue
            given += 1
            near = 1.0 if other is block else 0.6
            for after in (False, True):
                change = put(scope.source, at, copy, after)
                if change and not (after and isinstance(at, _ENDS)):
                    what = "do a statement once more"
                    yield from propose(scope, _place(at, other), "copy", [change], what, factor=near * 0.5)


def moved_afar(scope: Scope) -> Iterator[Candidate]:
    """Candidates that move a statement before a loop into it, at its start, or from its start before it."""
    for block in facts(scope).blocks:
        for at, node in enumerate(block.body):
            if not isinstance(node, ast.For | ast.While | ast.If | ast.With):
                continue
            first = node.body[0]
            if len(node.body) > 1 and isinstance(first, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr):
                yield from _carried(scope, block, first, node, indent(scope.source, node), "before")
            for other in block.body[max(at - 4, 0) : at]:
                if isinstance(other, ast.Assign | ast.AnnAssign | ast.AugAssign):
                    yield from _carried(scope, block, other, first, indent(scope.source, first), "into")


def _carried(scope: Scope, block: Block, node: ast.stmt, to: ast.stmt, space: str, detail: str) -> Iterator[Candidate]:
    gone, new = taken(scope.source, [node]), reindented(scope.source, [node], space)
    come = put(scope.source, to, new, after=False) if new else None
    if gone and come:
        changes = sorted([gone, come], key=lambda change: change.start)
        what = f"move a statement {'into a block' if detail == 'into' else 'before its block'}"
        yield from propose(scope, _place(node, block), "reset", changes, what, factor=0.8, detail=detail)
