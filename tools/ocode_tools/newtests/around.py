"""What a writer of tests must see of a unit: its code, how it is imported and made, what it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.newtests.checks import Subject
from ocode_tools.source import Function, Source, Unit
from ocode_tools.symbols import Symbols, bound

WHOLE, SHORT, CALLED = 4_000, 200, 8  # characters of a unit, of a constant; functions whose signature is shown


def subject(source: Source, unit: Unit, symbols: Symbols) -> Subject | None:
    """How the unit is imported; None for a file that is no module."""
    module = symbols.module(source.path)
    return Subject(module, unit.qualname) if module else None


def import_line(what: Subject) -> str:
    """The line that makes the unit known."""
    return f"from {what.module} import {what.name.partition('.')[0]}"


def code(source: Source, unit: Unit) -> str:
    """The unit's text, its end cut off where it is too long."""
    text = _plain(source.text[slice(*source.lines(unit.first, unit.last))])
    if len(text) <= WHOLE:
        return text
    kept = text[:WHOLE].rpartition("\n")[0]
    return f"{kept}\n# {text.count(chr(10)) - kept.count(chr(10))} more lines are not shown"


def context(source: Source, unit: Unit) -> str:
    """Constants that it uses, the head of its class with the way to make one, signatures of what it calls."""
    used = {node.id for node in ast.walk(unit.node) if isinstance(node, ast.Name)}
    parts = [*_constants(source, used), *_owner(source, unit), *_called(source, unit)]
    return "\n".join(parts)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").lstrip("\ufeff")


def _constants(source: Source, used: set[str]) -> Iterator[str]:
    for node in source.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and used & {n for c in ast.walk(node) for n in bound(c)}:
            text = _plain(source.segment(node))
            yield text if len(text) <= SHORT else text[:SHORT] + " ..."


def _owner(source: Source, unit: Unit) -> Iterator[str]:
    owner = unit.qualname.rpartition(".")[0]
    node = next((node for name, node in source.classes() if name == owner), None)
    if node is None:
        return
    bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
    decorators = "".join(f"@{ast.unparse(one)}\n" for one in node.decorator_list)
    yield f"{decorators}class {node.name}{bases}:"
    said = 0
    for inner in node.body:
        if isinstance(inner, ast.AnnAssign | ast.Assign) and len(text := _plain(source.segment(inner))) <= SHORT:
            yield f"    {text}"
        elif isinstance(inner, Function) and f"{owner}.{inner.name}" != unit.qualname and said < CALLED:
            said += 1
            yield from _indented(_method(source, inner))


def _method(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The constructor as it is where it is short, of others the first line."""
    start, end = source.lines(node.lineno, node.end_lineno or node.lineno)
    text = _plain(source.text[start:end])
    if node.name == "__init__" and len(text) <= 4 * SHORT:
        pad = len(text) - len(text.lstrip())
        return "\n".join(line[pad:] if not line[:pad].strip() else line for line in text.split("\n"))
    return _signature(node)


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.split("\n")]


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    decorators = "".join(f"@{ast.unparse(one)}\n" for one in node.decorator_list)
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    said = (ast.get_docstring(node) or "").strip().partition("\n")[0]
    return f"{decorators}{word} {node.name}({ast.unparse(node.args)}){returns}: ..." + (
        f"  # {said[:90]}" if said else ""
    )


def _called(source: Source, unit: Unit) -> Iterator[str]:
    names = {
        node.func.id for node in ast.walk(unit.node) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    functions = [node for node in source.tree.body if isinstance(node, Function)]
    found = [node for node in functions if node.name in names and node is not unit.node]
    yield from map(_signature, found[:CALLED])
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            made = next((n for n in node.body if isinstance(n, Function) and n.name == "__init__"), None)
            yield f"class {node.name}: ..." + (f"  # made with ({ast.unparse(made.args)})" if made else "")
