"""Small changes of one function that a good test notices: operators, comparisons, conditions, constants, statements."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ocode_tools.edits import Edit, Proposal
from ocode_tools.source import Change, Function, Source, SourceError, Unit
from ocode_tools.warm.swap import Swap, swap

MOST = 40  # of one function
_COMPARE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not", "in": "not in"}
_OPERATE = {"+": "-", "-": "+", "*": "+", "/": "*", "//": "*", "%": "*", "**": "*", "<<": ">>", ">>": "<<"} | {
    "&": "|",
    "|": "&",
    "^": "&",
}
# What gives the same type with and without: methods that may be left out, functions that may stand for each other.
_NEUTRAL = {"strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "swapcase", "replace"}
_INSTEAD = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: what it is in a few words, its 1-based line, its diff and the swap that makes it."""

    what: str
    line: int
    diff: str
    swap: Swap


def mutants(source: Source, unit: Unit, most: int = MOST) -> list[Mutant]:
    """At most so many changes of `unit`, spread over its lines and over kinds, in the order of the text.

    Each changes the function alone and can be put into a process that runs.
    """
    if not isinstance(unit.node, Function):
        return []
    found: list[tuple[str, Change]] = []
    seen: set[tuple[int, int, str]] = set()
    for what, change in _changes(source, unit.node):
        key = change.start, change.end, change.text
        if key not in seen:
            seen.add(key)
            found.append((what, change))
    made = [mutant for what, change in _spread(source, found, most) if (mutant := _mutant(source, what, change))]
    return sorted(made, key=lambda mutant: (mutant.line, mutant.swap.start))


def _spread(source: Source, found: list[tuple[str, Change]], most: int) -> list[tuple[str, Change]]:
    """The first of each line, then the second of each, and so on."""
    if len(found) <= most:
        return found
    counts: dict[int, int] = {}
    ranked: list[tuple[int, int]] = []
    for number, (_, change) in enumerate(found):
        line = source.line(change.start)
        counts[line] = counts.get(line, 0) + 1
        ranked.append((counts[line], number))
    return [found[number] for _, number in sorted(ranked)[:most]]


def _mutant(source: Source, what: str, change: Change) -> Mutant | None:
    before = source.replace(())
    try:
        after = source.replace([change])
    except SourceError:
        return None
    edit = Edit(source.path, before, after)
    found = swap(edit, source)
    if found is None or found.unit is None or before == after:
        return None
    lines = Proposal((edit,), "", "", "").diff().splitlines()
    diff = "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
    return Mutant(what, source.line(change.start), diff, found)


def _changes(source: Source, function: Function) -> Iterator[tuple[str, Change]]:
    skipped = _quiet(function)
    for statement in function.body:
        for node in ast.walk(statement):
            if node not in skipped:
                yield from _of_node(source, node)


def _quiet(function: Function) -> set[ast.AST]:
    """What says nothing when it is changed: docstrings, annotations, format strings' parts, messages of errors."""
    quiet: set[ast.AST] = set()
    for node in ast.walk(function):
        match node:
            case ast.Expr(value=ast.Constant()):
                quiet.update((node, node.value))
            case ast.AnnAssign(annotation=annotation):
                quiet.update(ast.walk(annotation))
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node is not function:
                quiet.update(part for one in (node.args, node.returns) if one for part in ast.walk(one))
                quiet.update(part for one in node.decorator_list for part in ast.walk(one))
            case ast.JoinedStr():  # its parts have no places of their own before Python 3.12
                quiet.update(part for one in node.values for part in ast.walk(one))
            case ast.Raise(exc=ast.Call(args=args)):
                quiet.update(part for one in args for part in ast.walk(one))
            case _:
                pass
    return quiet


def _of_node(source: Source, node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            pairs = zip([left, *others], ops, others, strict=False)
            for before, operator, after in pairs:
                yield from _compared(source, before, operator, after)
        case ast.BinOp(left=left, right=right):
            yield from _operator(source, left, right, _OPERATE)
        case ast.BoolOp(values=values):
            for before, after in itertools.pairwise(values):
                yield from _operator(source, before, after, {"and": "or", "or": "and"})
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            start, _ = source.span(node)
            yield "drop not", Change(start, source.span(operand)[0], _open(source, start, source.span(operand)[0]))
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield from _negated(source, test)
        case ast.Constant(value=value):
            yield from _constant(source, node, value)
        case ast.AugAssign():
            yield from _operator(source, node.target, node.value, {f"{a}=": f"{b}=" for a, b in _OPERATE.items()})
            yield _dropped(source, node)
        case ast.Call():
            yield from _call(source, node)
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.Delete():
            yield _dropped(source, node)
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Continue() | ast.Break():
            yield _dropped(source, node)
        case _:
            pass


def _open(source: Source, start: int, end: int) -> str:
    """The brackets that are opened between two places."""
    return "".join(token.text for token in source.tokens(start, end) if token.text == "(")


def _dropped(source: Source, node: ast.stmt) -> tuple[str, Change]:
    return "drop the statement", Change(*source.span(node), "pass")


def _negated(source: Source, test: ast.expr) -> Iterator[tuple[str, Change]]:
    if not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
        yield "negate the condition", Change(*source.span(test), f"(not ({source.segment(test)}))")


def _compared(source: Source, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Iterator[tuple[str, Change]]:
    if isinstance(operator, ast.NotIn | ast.IsNot):
        words = [t for t in source.tokens(source.span(left)[1], source.span(right)[0]) if t.text in ("not", "in", "is")]
        if len(words) == 2:
            positive = "in" if isinstance(operator, ast.NotIn) else "is"
            yield f"{positive} for {words[0].text} {words[1].text}", Change(words[0].start, words[1].end, positive)
        return
    yield from _operator(source, left, right, _COMPARE)


def _operator(source: Source, left: ast.expr, right: ast.expr, instead: dict[str, str]) -> Iterator[tuple[str, Change]]:
    for token in source.tokens(source.span(left)[1], source.span(right)[0]):
        if token.text in instead:
            yield f"{instead[token.text]} for {token.text}", Change(token.start, token.end, instead[token.text])
            return


def _call(source: Source, node: ast.Call) -> Iterator[tuple[str, Change]]:
    match node.func:
        case ast.Attribute(value=owner, attr=name) if name in _NEUTRAL:
            yield f"drop .{name}()", Change(source.span(owner)[1], source.span(node)[1], "")
        case ast.Name(id=name) if name in _INSTEAD:
            yield f"{_INSTEAD[name]} for {name}", Change(*source.span(node.func), _INSTEAD[name])
        case ast.Name(id="abs" | "sorted" | "round" | "reversed" | "set") if len(node.args) == 1 and not node.keywords:
            yield f"drop {node.func.id}()", Change(*source.span(node.func), "")
        case _:
            pass


def _constant(source: Source, node: ast.Constant, value: object) -> Iterator[tuple[str, Change]]:
    other = ""
    if isinstance(value, bool):
        other = str(not value)
    elif isinstance(value, int | float):
        other = repr(value + 1)
    elif isinstance(value, str):
        other = repr("XX") if not value else repr(f"XX{value}")
    elif isinstance(value, bytes):
        other = repr(b"XX" + value)
    if other:
        start, end = source.span(node)
        # Two literals side by side are one constant, and so is one over several lines.
        shown = source.text[start:end]
        yield f"{other[:30]} for {' '.join(shown.split())[:30]}", Change(start, end, other)
