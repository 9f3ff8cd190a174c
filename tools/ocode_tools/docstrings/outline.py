"""What a model is shown of a unit: a function as it is, a class and a module without the bodies of what is in them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping

from ocode_tools.docstrings.base import Unit
from ocode_tools.source import Function, Source

LINES, WIDE = 120, 200  # lines that are shown, and characters of a line


def outline(source: Source, unit: Unit, summaries: Mapping[str, str]) -> str:
    """The code of a unit for a prompt; `summaries` are first lines of docstrings by qualified name."""
    node = unit.node
    if isinstance(node, Function):
        start, end = source.lines(unit.first, unit.last)
        lines = textwrap.dedent(source.text[start:end]).splitlines()
        if unit.owner is not None:
            doc = ast.get_docstring(unit.owner) or ""
            lines = [f"# in {_signature(unit.owner)} {doc.strip().partition(chr(10))[0]}".rstrip(), *lines]
    elif isinstance(node, ast.ClassDef):
        first = textwrap.dedent(source.text[slice(*source.lines(unit.first, node.lineno))])
        lines = [*first.splitlines(), *_members(source, node, unit.qualname, summaries)]
    else:
        lines = list(_members(source, node, "", summaries))
    if len(lines) > LINES:
        lines = [*lines[: LINES - 20], f"# ... {len(lines) - LINES} lines left out", *lines[-20:]]
    return "\n".join(line if len(line) <= WIDE else f"{line[:WIDE]}..." for line in lines)


def _members(
    source: Source, node: ast.ClassDef | ast.Module, prefix: str, summaries: Mapping[str, str]
) -> Iterator[str]:
    indent = "    " if isinstance(node, ast.ClassDef) else ""
    for child in node.body:
        if isinstance(child, Function | ast.ClassDef):
            name = f"{prefix}.{child.name}".lstrip(".")
            if isinstance(child, Function) and child.name == "__init__":
                yield from textwrap.indent(_text(source, child), indent).splitlines()
                continue
            yield f"{indent}{_signature(child)}"
            doc = ast.get_docstring(child) or summaries.get(name, "")
            yield f"{indent}    {doc.splitlines()[0]!r}" if doc.strip() else f"{indent}    ..."
        elif not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            lines = _text(source, child).splitlines()
            yield from (f"{indent}{line}" for line in (lines if len(lines) <= 3 else [*lines[:2], "    ..."]))


def _signature(node: Function | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in node.bases)
        return f"class {node.name}({bases}):" if bases else f"class {node.name}:"
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    return f"{word} {node.name}({ast.unparse(node.args)}){result}:"


def _text(source: Source, node: ast.stmt) -> str:
    """The lines of a statement as if they began at the margin."""
    start, end = source.lines(node.lineno, node.end_lineno or node.lineno)
    return inspect.cleandoc("\n" + source.text[start:end])
