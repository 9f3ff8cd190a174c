"""Whether two pieces of Python's syntax are the same, wherever they stand: one walk a tree, then numbers."""

from __future__ import annotations

import ast
from typing import cast

_KEPT = "_form"
_PASSED_OVER = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def form(node: ast.AST) -> int:
    """A number that trees of the same shape and content share, positions aside; kept on the node."""
    known = getattr(node, _KEPT, None)
    if isinstance(known, int):
        return known
    parts: list[object] = [type(node).__name__]
    for name, value in ast.iter_fields(node):
        if name in _PASSED_OVER:
            continue
        if isinstance(value, ast.AST):
            parts.append(form(value))
        elif isinstance(value, list):
            items = cast("list[object]", value)
            parts.append(tuple(form(item) if isinstance(item, ast.AST) else item for item in items))
        else:
            parts.append((type(value).__name__, value))
    found = hash(tuple(parts))
    setattr(node, _KEPT, found)
    return found


def same(old: ast.AST | None, new: ast.AST | None) -> bool:
    """Whether both are the same code, or both are nothing."""
    if old is None or new is None:
        return old is new
    return form(old) == form(new)


def holds(node: ast.AST, piece: ast.AST) -> bool:
    """Whether a tree holds a piece that looks like this one."""
    wanted = form(piece)
    return any(form(item) == wanted for item in ast.walk(node) if type(item) is type(piece))


def nodes_of(value: object) -> list[ast.AST]:
    """The nodes in a field of a node, whatever it holds."""
    if isinstance(value, ast.AST):
        return [value]
    return (
        [item for item in cast("list[object]", value) if isinstance(item, ast.AST)] if isinstance(value, list) else []
    )


def words(node: ast.AST) -> frozenset[str]:
    """The names and values in a tree, for telling how like two trees are."""
    found: set[str] = set()
    for item in ast.walk(node):
        found.add(type(item).__name__)
        for field in ("id", "attr", "arg", "name", "value"):
            value = getattr(item, field, None)
            if isinstance(value, str | int):
                found.add(str(value))
    return frozenset(found)
