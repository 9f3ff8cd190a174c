"""Whole statements as lines of text: taken out, put in, moved, indented otherwise."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ocode_tools.source import Change, Source


def whole(source: Source, node: ast.stmt) -> tuple[int, int] | None:
    """The offsets of the lines that a statement has for itself, decorators included; None where it shares one.

    An `elif` is no statement of its own.
    """
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
    start, end = source.lines(first, node.end_lineno or node.lineno)
    begin, stop = source.span(node)
    head = source.text[start:begin] if first == node.lineno else ""
    tail = source.text[stop:end].strip()
    if head.strip(" \t\f") or (tail and not tail.startswith("#")) or source.text.startswith("elif", begin):
        return None
    return start, end


def indent(source: Source, node: ast.stmt) -> str:
    """The space before a statement that starts its line."""
    start = source.starts[node.lineno - 1]
    return source.text[start : source.span(node)[0]]


def unit_of_indent(source: Source, owner: ast.AST, first: ast.stmt) -> str:
    """What one level of indentation is: what a suite has more than its owner; four spaces where that cannot be told."""
    if not isinstance(owner, ast.stmt) or not hasattr(owner, "body"):
        return "    "
    outer, inner = indent(source, owner), indent(source, first)
    return inner[len(outer) :] if inner.startswith(outer) and inner != outer and not inner.strip() else "    "


def text(source: Source, nodes: Sequence[ast.stmt]) -> str | None:
    """The lines of statements that follow each other, what stands between them included, each with its line end."""
    first, last = whole(source, nodes[0]), whole(source, nodes[-1])
    if first is None or last is None:
        return None
    found = source.text[first[0] : last[1]]
    return found if found.endswith(("\n", "\r")) else found + source.eol


def taken(source: Source, nodes: Sequence[ast.stmt]) -> Change | None:
    """The change that takes out statements that follow each other."""
    first, last = whole(source, nodes[0]), whole(source, nodes[-1])
    return Change(first[0], last[1], "") if first and last else None


def put(source: Source, node: ast.stmt, lines: str, after: bool) -> Change | None:
    """The change that puts lines before or after a statement."""
    found = whole(source, node)
    if found is None:
        return None
    at = found[after]
    if after and not source.text[:at].endswith(("\n", "\r")):
        return Change(at, at, source.eol + lines.removesuffix(source.eol))
    return Change(at, at, lines)


def reindented(source: Source, nodes: Sequence[ast.stmt], new: str) -> str | None:
    """The lines of statements with another indentation; None where a text goes over several lines, or a tab differs."""
    found, old = text(source, nodes), indent(source, nodes[0])
    if found is None or any(_spread(part) for node in nodes for part in ast.walk(node)):
        return None
    lines = found.splitlines(keepends=True)
    if any(line.strip() and not line.startswith(old) for line in lines):
        return None
    return "".join(new + line.removeprefix(old) if line.strip() else line for line in lines)


def _spread(node: ast.AST) -> bool:
    texts = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
    return texts and isinstance(node, ast.expr) and node.lineno != node.end_lineno
