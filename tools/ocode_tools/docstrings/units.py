"""The units of a file that may have a docstring, and which of them the rules leave out."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

from ocode_tools.docstrings.base import MODULE, Node, Unit
from ocode_tools.selection import Selection
from ocode_tools.source import Function, Source

RULES = (
    *("class", "function", "init", "magic", "method", "module", "nested", "overload", "override", "package"),
    *("private", "property", "setter", "stub", "tests"),
)
"""What may be left out; `init` leaves out every `__init__` unless the style documents them on their own."""
DEFAULT = ("init", "magic", "nested", "overload", "override", "package", "private", "setter", "stub", "tests")


@dataclass(frozen=True, slots=True)
class Rules:
    """What needs no docstring: kinds of units by the names in RULES, and globs of paths."""

    skip: frozenset[str] = field(default_factory=lambda: frozenset(DEFAULT))
    exclude: tuple[str, ...] = ()


def units(source: Source) -> list[Unit]:
    """All units of a file in the order of their lines, the module first. Raises SourceError for what is not Python."""
    tree = source.tree
    found = [Unit("module", MODULE, tree, 1, len(source.starts), doc=docstring(tree))]
    stack: list[tuple[ast.AST, str, ast.ClassDef | None, bool]] = [(tree, "", None, False)]
    while stack:
        holder, prefix, owner, inside = stack.pop()
        for node in ast.iter_child_nodes(holder):
            if isinstance(node, Function | ast.ClassDef):
                kind: Literal["class", "function"] = "class" if isinstance(node, ast.ClassDef) else "function"
                name, last = prefix + node.name, node.end_lineno or node.lineno
                first = _first(node)
                found.append(Unit(kind, name, node, first, last, owner, inside, _own(node, first), docstring(node)))
                its = node if isinstance(node, ast.ClassDef) else None
                stack.append((node, f"{name}.", its, inside or its is None))
            elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
                stack.append((node, prefix, owner, inside))
    found[1:] = sorted(found[1:], key=lambda unit: (unit.first, -unit.last))
    return found


def docstring(node: Node) -> ast.Constant | None:
    """The docstring of a node, by the compiler's rule: the first statement, if it is a plain string."""
    if node.body and isinstance(first := node.body[0], ast.Expr) and isinstance(first.value, ast.Constant):
        return first.value if isinstance(first.value.value, str) else None
    return None


def exempt(unit: Unit, path: str, rules: Rules, init: bool = False) -> str:
    """The name of the rule that leaves a unit out, or ""; `init` where `__init__` has a docstring of its own."""
    is_init = unit.kind == "function" and unit.name == "__init__"
    found = {
        unit.kind: unit.kind == "class" or (unit.kind == "function" and not unit.owner),
        "module": unit.kind == "module",
        "method": unit.owner is not None and unit.kind == "function",
        "package": unit.kind == "module" and path.rpartition("/")[2] == "__init__.py",
        "init": is_init and (not init or _trivial(unit.node)),
        "magic": not is_init and unit.name.startswith("__") and unit.name.endswith("__"),
        "private": _private(unit, path),
        "nested": unit.inside,
        "stub": path.endswith(".pyi"),
        "tests": _is_test(path),
        **_decorated(unit.node),
    }
    if unit.kind == "module" and not unit.node.body:
        return "empty"
    if rule := next((rule for rule, holds in found.items() if holds and rule in rules.skip), ""):
        return rule
    if rules.exclude:
        from ocode_tools.gates.scope import glob_match  # heavy, and seldom needed

        return "exclude" if any(glob_match(glob, path) for glob in rules.exclude) else ""
    return ""


def asked(unit: Unit, path: str, selection: Selection) -> bool:
    """Whether a selection wants a unit: one of its own lines, none of those of the units in it.

    A module is only wanted where all of it is new, as any change to a file changes it.
    """
    named = selection.wants(path, unit.qualname, unit.first, unit.last)
    if selection.lines is None or not named:
        return named
    if unit.kind == "module":
        return any(start <= 1 and unit.last <= end + 1 for start, end in selection.lines.get(path, ()))
    return any(selection.wants(path, unit.qualname, first, last) for first, last in unit.own)


def decorator(node: ast.expr) -> str:
    """The dotted name of a decorator without its arguments; "" for anything else than a name."""
    node = node.func if isinstance(node, ast.Call) else node
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))


def decorators(node: Node) -> list[str]:
    """The dotted names of all decorators."""
    return [] if isinstance(node, ast.Module) else [decorator(item) for item in node.decorator_list]


def _decorated(node: Node) -> dict[str, bool]:
    names = {name.rpartition(".")[2] for name in decorators(node)}
    return {
        "overload": "overload" in names,
        "override": "override" in names,
        "setter": bool(names & {"setter", "deleter"}),
        "property": bool(names & {"property", "cached_property"}),
    }


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return not {"test", "tests", "testing"}.isdisjoint(folders) or name.startswith("test_") or name == "conftest.py"


def _private(unit: Unit, path: str) -> bool:
    folders = path.rpartition(".")[0].split("/")
    parts = [*folders, *(unit.qualname.split(".") if unit.kind != "module" else [])]
    return any(part.startswith("_") and not (part.startswith("__") and part.endswith("__")) for part in parts)


def _trivial(node: Node) -> bool:
    """Whether an `__init__` takes nothing but `self`."""
    if not isinstance(node, Function):
        return False
    args = node.args
    return len(args.posonlyargs) + len(args.args) + len(args.kwonlyargs) <= 1 and not (args.vararg or args.kwarg)


def _first(node: Function | ast.ClassDef) -> int:
    return min([node.lineno, *(item.lineno for item in node.decorator_list)])


def _own(node: Node, first: int) -> tuple[tuple[int, int], ...]:
    """The line ranges that are a unit's alone: for a class its head and its statements, no method or class in it."""
    if not isinstance(node, ast.ClassDef):
        return ((first, (isinstance(node, Function) and node.end_lineno) or first),)
    start = node.body[0]
    plain = [child for child in node.body if not isinstance(child, Function | ast.ClassDef)]
    head = _first(start) - 1 if isinstance(start, Function | ast.ClassDef) else start.lineno
    return ((first, max(head, node.lineno)), *((child.lineno, child.end_lineno or child.lineno) for child in plain))
