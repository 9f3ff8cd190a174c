"""From a changed file to the names of its module that have to be bound anew in a process that runs: pure functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ocode_tools.source import TOO_HARD, Function, Source, parse
from ocode_tools.symbols import bound

LARGEST = 1 << 20  # characters of a file that is parsed anew for each such change


@dataclass(frozen=True, slots=True)
class NewNames:
    """What a change at the top of a module comes to: a `text` to run among the names that are there, which binds
    `names`. `fresh` says that they were not bound before, as with an import that was missing."""

    text: str
    names: tuple[str, ...]
    fresh: bool


def new_names(old: Source, text: str) -> NewNames | None:
    """What differs between the file `old` and its new `text`, where that is imports that come, or the literal value of
    one variable, and nothing that runs at import uses the names; else None.

    Raises SourceError where `old` is not Python.
    """
    if len(text) > LARGEST:
        return None
    try:
        new = parse(text)
    except TOO_HARD:
        return None
    gone, come = _apart(old.tree.body, new.body)
    found = _imports(gone, come) or _variable(gone, come)
    return found if found and not _used(old.tree).intersection(found.names) else None


def _apart(before: list[ast.stmt], after: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements that differ, without the equal ones at both ends."""
    old, new = [ast.dump(node) for node in before], [ast.dump(node) for node in after]
    least = min(len(old), len(new))
    start = next((at for at in range(least) if old[at] != new[at]), least)
    end = next((at for at in range(least - start) if old[-1 - at] != new[-1 - at]), least - start)
    return before[start : len(old) - end], after[start : len(new) - end]


def _imports(gone: list[ast.stmt], come: list[ast.stmt]) -> NewNames | None:
    """Imports that come; none goes, and none is of the future or of all names."""
    if not come or not all(isinstance(node, ast.Import | ast.ImportFrom) for node in (*gone, *come)):
        return None
    before, after = ({name for node in some for name in _aliases(node)} for some in (gone, come))
    fresh = after - before
    special = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in come)
    if before - after or not fresh or special or any(name.endswith("*") for name in fresh):
        return None
    return NewNames(_text(come), tuple(sorted({name.rpartition(" ")[2] for name in fresh})), fresh=True)


def _aliases(node: ast.stmt) -> Iterator[str]:
    """Each thing that an import takes, and the name that it gets behind a space."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        source = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
        for alias in node.names:
            yield f"{source}:{alias.name} {alias.asname or alias.name.partition('.')[0]}"


def _variable(gone: list[ast.stmt], come: list[ast.stmt]) -> NewNames | None:
    """One variable with another literal value."""
    match gone, come:
        case [ast.Assign(targets=[ast.Name(id=name)])], [ast.Assign(targets=[ast.Name(id=other)], value=value)]:
            fits = name == other and _literal(value)
        case (
            [ast.AnnAssign(target=ast.Name(id=name))],
            [ast.AnnAssign(target=ast.Name(id=other), value=ast.expr() as value)],
        ):
            fits = name == other and _literal(value)
        case _:
            return None
    return NewNames(f"{name} = {ast.unparse(value)}", (name,), fresh=False) if fits else None


def _literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, *TOO_HARD):
        return False
    return True


def _text(body: list[ast.stmt]) -> str:
    return "\n".join(map(ast.unparse, body))


def _used(tree: ast.Module) -> set[str]:
    """The names that are loaded, or bound anew, while the module is imported: all outside of functions' bodies, but for
    the first binding of each."""
    found: set[str] = set()
    once: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        names = bound(node) if isinstance(node, ast.Name | ast.alias | Function | ast.ClassDef) else []
        found.update(once.intersection(names))
        once.update(names)
        inner = node.body if isinstance(node, Function | ast.Lambda) else []
        skipped = set(map(id, inner if isinstance(inner, list) else [inner]))
        waiting += [child for child in ast.iter_child_nodes(node) if id(child) not in skipped]
    return found
