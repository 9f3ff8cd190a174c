"""Resolving by rules what a project's requirements have decided: the old branch goes, and the comment with it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ocode_tools.source import Change, Source, SourceError, parse
from ocode_tools.todos.conditions import Condition, Version
from ocode_tools.todos.item import Todo

_INFO = frozenset(("version_info", "VERSION", "__version_info__", "version_tuple"))
_MANDATORY = frozenset(
    ("print_function", "division", "absolute_import", "unicode_literals", "generators", "nested_scopes")
)
_IMPORT_ERRORS = frozenset(("ImportError", "ModuleNotFoundError"))


def pruned(source: Source, todo: Todo, found: Condition, required: Mapping[str, Version]) -> bytes | str:
    """The file without what a met condition has made needless, or why rules cannot do it.

    Branches on a version that is always there, or never; a try around an import; a `__future__` import that does
    nothing. Whatever is kept is the same program: the syntax trees are compared.
    """
    if not found.met:
        return f"{found.why}, which is not yet what it waits for" if found.met is False else found.why
    try:
        nodes = list(_candidates(source, todo))
    except SourceError as problem:
        return str(problem)
    for node, owner in nodes:
        kept = _kept(node, required)
        if kept is None:
            continue
        changed = _replaced(source, todo, node, owner, kept)
        if changed is not None:
            return changed
    return f"{found.why}, but what is to go is nothing that rules know"


def _candidates(source: Source, todo: Todo) -> Iterator[tuple[ast.stmt, Sequence[ast.stmt]]]:
    """The statement below the comment, and those around it, innermost first; each with the body that it is in."""
    around = list[tuple[ast.stmt, Sequence[ast.stmt]]]()
    below = list[tuple[ast.stmt, Sequence[ast.stmt]]]()
    for body in _bodies(source.tree):
        for node in body:
            first, last = node.lineno, node.end_lineno or node.lineno
            if first <= todo.line <= last:
                around.append((node, body))
            elif first > todo.last and not _code(source, todo.last + 1, first - 1):
                below.append((node, body))
    trailing = any(node.lineno == todo.line for node, _ in around)
    if not trailing:
        yield from below[:1]
    for node, outer in reversed(around):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return
        if isinstance(node, ast.If | ast.Try | ast.ImportFrom):
            yield node, outer


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            found: object = getattr(node, name, None)
            if isinstance(found, list):
                yield cast("list[ast.stmt]", found)


def _code(source: Source, first: int, last: int) -> bool:
    """Whether there is more than blanks and comments on these lines."""
    if first > last:
        return False
    start, end = source.lines(first, last)
    return any(line.strip() and not line.strip().startswith("#") for line in source.text[start:end].splitlines())


def _kept(node: ast.stmt, required: Mapping[str, Version]) -> Sequence[ast.stmt] | None:
    """What of a statement is left with these requirements; None where nothing is known of it."""
    match node:
        case ast.If():
            holds = _holds(node.test, required)
            return None if holds is None else node.body if holds else node.orelse
        case ast.Try(finalbody=[], orelse=[]) if all(isinstance(one, ast.Import | ast.ImportFrom) for one in node.body):
            caught = [handler.type for handler in node.handlers]
            if all(isinstance(one, ast.Name) and one.id in _IMPORT_ERRORS for one in caught):
                return node.body
        case ast.ImportFrom(module="__future__", names=names) if all(name.name in _MANDATORY for name in names):
            return []
        case _:
            pass
    return None


def _holds(test: ast.expr, required: Mapping[str, Version]) -> bool | None:
    """Whether a condition on a version is always true, or always false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            holds = _holds(inner, required)
            return None if holds is None else not holds
        case ast.Attribute(attr="PY2" | "PY3" as name) | ast.Name(id="PY2" | "PY3" as name):
            return (name == "PY3") if required.get("python", (0,)) >= (3,) else None
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            least = _least(left, required)
            value = _value(right)
            if least is None or value is None:
                return None
            return _compared(op, least, value)
        case _:
            return None


def _least(node: ast.expr, required: Mapping[str, Version]) -> Version | int | None:
    """The least value that the version in a test has."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in _INFO:
            return required.get("python" if name == "sys" else name.casefold().replace("_", "-"))
        case ast.Subscript(value=inner, slice=ast.Constant(value=0)) | ast.Attribute(value=inner, attr="major"):
            least = _least(inner, required)
            return least[0] if isinstance(least, tuple) else None
        case ast.Subscript(value=inner, slice=ast.Slice(lower=None, upper=ast.Constant(value=int(size)), step=None)):
            least = _least(inner, required)
            return least[:size] if isinstance(least, tuple) and len(least) >= size else None
        case _:
            return None


def _value(node: ast.expr) -> Version | int | None:
    match node:
        case ast.Tuple(elts=parts):
            numbers = [part.value for part in parts if isinstance(part, ast.Constant) and type(part.value) is int]
            return tuple(numbers) if len(numbers) == len(parts) and numbers else None
        case ast.Constant(value=int(number)):
            return number
        case _:
            return None


def _compared(op: ast.cmpop, least: Version | int, value: Version | int) -> bool | None:
    """The comparison for all versions from `least` on; None where it differs among them."""
    if isinstance(least, int) != isinstance(value, int):
        return None
    reached = least >= value  # type: ignore[operator]
    if isinstance(op, ast.GtE | ast.Lt) and reached:
        return isinstance(op, ast.GtE)
    beyond = least > value if isinstance(least, int) else reached and least != value  # type: ignore[operator]
    if isinstance(op, ast.Gt | ast.LtE | ast.Eq | ast.NotEq) and beyond:
        return isinstance(op, ast.Gt | ast.NotEq)
    return None


def _replaced(
    source: Source, todo: Todo, node: ast.stmt, owner: Sequence[ast.stmt], kept: Sequence[ast.stmt]
) -> bytes | None:
    """The file with `kept` in the place of the statement and without the comment; None where it cannot be done well."""
    if not kept and len(owner) == 1:
        return None
    first, last = node.lineno, node.end_lineno or node.lineno
    text = _body(source, node, kept) if kept else ""
    if text is None:
        return None
    start, end = source.lines(first, last)
    changes = [Change(start, end, text)]
    own = range(todo.line, todo.last + 1)
    if not first <= todo.line <= last:
        changes.append(Change(*source.lines(own[0], own[-1]), ""))
    elif kept:
        lines = text.splitlines(keepends=True)
        shown = {line.strip() for line in source.text[slice(*source.lines(own[0], own[-1]))].splitlines()}
        text = "".join(line for line in lines if not (line.strip() in shown and line.strip().startswith("#")))
        changes = [Change(start, end, text)]
    after = source.replace(changes)
    return _without_unused(source, after, node, kept)


def _body(source: Source, node: ast.stmt, kept: Sequence[ast.stmt]) -> str | None:
    """The text of a branch, moved to the left by one step."""
    first = _branch_start(source, node, kept)
    if first is None:
        return None
    start, end = source.lines(first, kept[-1].end_lineno or kept[-1].lineno)
    text = source.text[start:end]
    if isinstance(node, ast.If) and kept == node.orelse and text.lstrip().startswith("elif"):
        return text.replace("elif", "if", 1)
    inner = len(_line(source, kept[0].lineno)) - len(_line(source, kept[0].lineno).lstrip())
    line = _line(source, node.lineno)
    out = line[: len(line) - len(line.lstrip())]
    moved = [out + row[inner:] if row[:inner].strip() == "" and row.strip() else row for row in text.splitlines(True)]
    return "".join(moved)


def _branch_start(source: Source, node: ast.stmt, kept: Sequence[ast.stmt]) -> int | None:
    """The line on which a branch begins, comments at its head included; None for one on its header's line."""
    if isinstance(node, ast.If) and kept == node.body:
        header = node.test.end_lineno or node.lineno
    elif isinstance(node, ast.If):
        header = node.body[-1].end_lineno or node.lineno
        while header < kept[0].lineno and not re.match(r"\s*(?:else\s*:|elif\b)", _line(source, header)):
            header += 1
        if re.match(r"\s*elif\b", _line(source, header)):
            return header
    else:
        header = node.lineno
    return header + 1 if kept[0].lineno > header else None


def _line(source: Source, number: int) -> str:
    return source.text[slice(*source.lines(number, number))]


def _without_unused(source: Source, after: bytes, node: ast.stmt, kept: Sequence[ast.stmt]) -> bytes | None:
    """The result without imports that only the removed part used, if it is otherwise the program that was meant."""
    try:
        result = Source(source.path, after)
        if not _same(source, result.tree, node, kept):
            return None
        if source.path.endswith("__init__.py"):
            return after
        used_before, used_now = _used(source.tree), _used(result.tree)
        gone = used_before - used_now - set(re.findall(r"\w+", result.text.partition("__all__")[2]))
        changes = [
            Change(*_with_blanks(result, one), "")
            for one in result.tree.body
            if isinstance(one, ast.Import) and len(one.names) == 1 and (_bound(one.names[0]) in gone)
        ]
        return result.replace(changes)
    except SourceError:
        return None


def _bound(alias: ast.alias) -> str:
    return (alias.asname or alias.name).partition(".")[0]


def _with_blanks(source: Source, node: ast.stmt) -> tuple[int, int]:
    """The lines of an import; with the blank ones below it where there are some above it too."""
    first, last = node.lineno, node.end_lineno or node.lineno
    if first == 1 or not _line(source, first - 1).strip():
        while last < len(source.starts) and not _line(source, last + 1).strip():
            last += 1
    return source.lines(first, last)


def _used(tree: ast.Module) -> set[str]:
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}


def _same(source: Source, after: ast.Module, node: ast.stmt, kept: Sequence[ast.stmt]) -> bool:
    """Whether a tree is the old one with `kept` in the place of the node."""
    before = parse(source.text)
    place = type(node), node.lineno, node.col_offset
    twin = next(one for one in ast.walk(before) if isinstance(one, ast.stmt) and _place(one) == place)
    branch: list[ast.stmt] = getattr(twin, "orelse" if kept and kept == getattr(node, "orelse", None) else "body", [])
    for body in _bodies(before):
        if twin in body:
            index = body.index(twin)
            body[index : index + 1] = branch if kept else []
            break
    return ast.dump(before) == ast.dump(after)


def _place(node: ast.stmt) -> tuple[type[ast.stmt], int, int]:
    return type(node), node.lineno, node.col_offset
