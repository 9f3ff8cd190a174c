"""Imports that a reply brings along: those that the file lacks, at the place where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ocode_tools.replies.base import Unfit
from ocode_tools.source import Change, Source

Import = ast.Import | ast.ImportFrom


def missing_imports(source: Source, tree: ast.Module, used: Sequence[ast.stmt]) -> list[Change]:
    """Insertions for the imports at the top of a reply that the code `used` needs and the file has not.

    Raises Unfit where one would hide another import of the file.
    """
    needed = {part.id for node in used for part in ast.walk(node) if isinstance(part, ast.Name)}
    places = [part for node in source.tree.body for part in _tops(node)]
    have = {_spelt(node, alias) for node in places for alias in _aliases(node)}
    bound = {_bound(alias) for node in ast.walk(source.tree) for alias in _aliases(node)}
    local = _own_names(source.tree)
    future: list[str] = []
    plain: list[str] = []
    for node in tree.body:
        aliases = [alias for alias in _aliases(node) if _spelt(node, alias) not in have]
        aliases = [alias for alias in aliases if _is_future(node) or alias.name == "*" or _bound(alias) in needed]
        aliases = [alias for alias in aliases if not _own(source, node, alias, local)]
        if not aliases or not isinstance(node, Import):
            continue
        if hidden := [_bound(alias) for alias in aliases if _bound(alias) in bound | local and not _is_future(node)]:
            if all(_bound(alias) in local or _plain_twin(source.tree, node, alias) for alias in aliases):
                continue
            raise Unfit(
                f"the reply imports {hidden[0]} in another way than the file does",
                f"Use the file's own imports: {hidden[0]} already means something else there.",
            )
        (future if _is_future(node) else plain).append(_line(node, aliases))
    return [*_inserted(source, future, True), *_inserted(source, plain, False)]


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, Import) else []


def _tops(node: ast.stmt) -> Iterator[ast.AST]:
    """A statement of the module, with those inside where it is an `if` or a `try`."""
    yield from ast.walk(node) if isinstance(node, ast.If | ast.Try) else [node]


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


def _spelt(node: ast.AST, alias: ast.alias) -> tuple[str, int, str, str | None]:
    if isinstance(node, ast.ImportFrom):
        return node.module or "", node.level, alias.name, alias.asname
    return "", -1, alias.name, alias.asname


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _plain_twin(tree: ast.Module, node: ast.stmt, alias: ast.alias) -> bool:
    """Whether the file has `import a.b` where the reply says `import a`, or the like."""
    if isinstance(node, ast.ImportFrom) or alias.asname:
        return False
    plain = [one for part in tree.body if isinstance(part, ast.Import) for one in part.names if not one.asname]
    return any(one.name.startswith(f"{alias.name}.") for one in plain)


def _own_names(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return names


def _own(source: Source, node: ast.stmt, alias: ast.alias, local: set[str]) -> bool:
    """Whether an import is of the file itself, which only makes sense where the reply's code stands elsewhere."""
    if not isinstance(node, ast.ImportFrom):
        return False
    stem = source.path.rpartition("/")[2].rpartition(".")[0]
    return alias.name in local and (node.module or "").rpartition(".")[2] in (stem, "your_module", "module", "")


def _line(node: Import, aliases: Sequence[ast.alias]) -> str:
    names = ", ".join(f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in aliases)
    if isinstance(node, ast.ImportFrom):
        return f"from {'.' * node.level}{node.module or ''} import {names}"
    return f"import {names}"


def _leading(tree: ast.Module) -> Iterator[ast.stmt]:
    """The docstring and the imports a file begins with."""
    for number, node in enumerate(tree.body):
        text = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not text and not isinstance(node, Import):
            return
        yield node


def _inserted(source: Source, lines: Sequence[str], future: bool) -> list[Change]:
    if not lines:
        return []
    lead = [node for node in _leading(source.tree) if not future or not isinstance(node, Import) or _is_future(node)]
    text = "".join(line + source.eol for line in lines)
    if lead:
        _, at = source.lines(1, lead[-1].end_lineno or 1)
        own = not isinstance(lead[-1], Import) or (not future and _is_future(lead[-1]))
        text = source.eol + text if own else text
        text = text if source.text[:at].endswith(("\n", "\r")) or not at else source.eol + text
        return [Change(at, at, text)]
    rows = source.text.splitlines(keepends=True)
    at = 0
    for row in rows:
        if not row.startswith("#"):
            break
        at += len(row)
    first = source.tree.body[0] if source.tree.body else None
    gap = "" if first is None or isinstance(first, Import) else source.eol * 2
    return [Change(at, at, text + gap)]
