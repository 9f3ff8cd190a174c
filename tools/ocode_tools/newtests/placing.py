"""Puts new tests into a file: its imports are completed, names that are taken get a number, nothing else changes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator

from ocode_tools.newtests.answer import Answer, made
from ocode_tools.source import Change, Source
from ocode_tools.symbols import names_of

Import = ast.Import | ast.ImportFrom


def place(old: Source | None, answer: Answer) -> tuple[bytes, dict[str, str]]:
    """The bytes of a test file `old` (None: a new one) with an answer's tests below what is there, and what each of
    them is called there."""
    names = names_of(old.tree) if old else {}
    renamed = {name: _free(name, names) for name in _tops(answer) if name in names}
    text = answer.text
    tree = answer.tree
    if renamed:
        text = _rename(answer, renamed)
        tree = made(text).tree
    answer = Answer(text, tree)
    called = {_called(name, {new: old for old, new in renamed.items()}): name for name in answer.tests}
    needed = list(_needed(answer, names))
    if old is None:
        body = answer.body()
        head = "\n".join(_sorted(needed))
        blank = "\n\n\n" if re.match(r"def |class |async |@|#", body) else "\n\n"
        return (f"{head}{blank}{body}" if head else body).encode(), called
    eol = old.eol
    needed, changes = _joined(old, needed)
    early = [line for line in needed if _rank(line) < _least(old)]
    late = [line for line in needed if line not in early]
    if early:
        at = _imports(old)[0]
        changes.append(Change(at, at, eol.join(_sorted(early)) + 2 * eol))
    if late:
        at = _imports(old)[1]
        lines = eol.join(_sorted(late)) + eol
        changes.append(Change(at, at, lines if at == 0 or old.text[at - 1] in "\r\n" else eol + lines))
    end = len(old.text.rstrip())
    changes.append(Change(end, len(old.text), eol * (3 if end else 0) + answer.body().replace("\n", eol)))
    return old.replace(changes), called


def _tops(answer: Answer) -> Iterator[str]:
    """The names that an answer defines at its top, but for what it imports."""
    for node in answer.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _free(name: str, taken: Iterable[str]) -> str:
    known, number = set(taken), 2
    while f"{name}_{number}" in known:
        number += 1
    return f"{name}_{number}"


def _rename(answer: Answer, names: dict[str, str]) -> str:
    """The text with other names: of definitions, and wherever they are read."""
    source = Source("answer.py", answer.text.encode())
    changes: list[Change] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in names:
            changes.append(Change(*source.span(node), names[node.id]))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name in names:
            start, end = source.span(node)
            found = re.compile(rf"\b(?:def|class)\s+({re.escape(node.name)})\b").search(source.text, start, end)
            if found and node in source.tree.body:
                changes.append(Change(*found.span(1), names[node.name]))
    return source.replace(changes).decode()


def _called(name: str, before: dict[str, str]) -> str:
    """What a test of the placed file was called in the answer."""
    head, dot, rest = name.partition(".")
    return before.get(head, head) + dot + rest


def _needed(answer: Answer, known: Iterable[str]) -> Iterator[str]:
    """The import lines of an answer whose names it uses and the file does not have yet."""
    there = set(known)
    used = {node.id for node in ast.walk(answer.tree) if isinstance(node, ast.Name)}
    for node in answer.imports():
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if bound in used and bound not in there:
                there.add(bound)
                yield _line(node, alias)


def _line(node: Import, alias: ast.alias) -> str:
    name = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
    if isinstance(node, ast.Import):
        return f"import {name}"
    return f"from {'.' * node.level}{node.module or ''} import {name}"


def _rank(line: str) -> int:
    """Where an import line goes: the standard library, tools of tests, the project."""
    top = line.split()[1].partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 1 if top in ("pytest", "hypothesis", "mock") else 2


def _sorted(lines: Iterable[str]) -> list[str]:
    """Import lines, those of one module as one, in groups with a blank line between."""
    of: dict[str, list[str]] = {}
    plain: list[str] = []
    for line in lines:
        if line.startswith("from "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            of.setdefault(module, []).append(name)
        else:
            plain.append(line)
    joined = [*plain, *(f"from {module} import {', '.join(sorted(names))}" for module, names in of.items())]
    groups: dict[int, list[str]] = {}
    for line in sorted(joined, key=lambda line: (line.startswith("from"), line)):
        groups.setdefault(_rank(line), []).append(line)
    out: list[str] = []
    for rank in sorted(groups):
        out += [*([""] if out else []), *groups[rank]]
    return out


def _joined(source: Source, lines: list[str]) -> tuple[list[str], list[Change]]:
    """The import lines that are left when names of a module go into the line that imports from it already."""
    there = {
        f"{'.' * node.level}{node.module or ''}": node
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and node.lineno == node.end_lineno
    }
    wanted: dict[str, list[str]] = {}
    left: list[str] = []
    for line in lines:
        module, _, name = line.removeprefix("from ").partition(" import ")
        wanted.setdefault(module, []).append(name) if line.startswith("from ") and module in there else left.append(
            line
        )
    changes: list[Change] = []
    for module, names in wanted.items():
        node = there[module]
        known = [f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in node.names]
        text = f"from {module} import {', '.join(sorted([*known, *names]))}"
        if len(text) <= 88 and source.segment(node).rstrip(")") == source.segment(node):
            changes.append(Change(*source.span(node), text))
        else:
            left += [f"from {module} import {name}" for name in names]
    return left, changes


def _head(source: Source) -> list[Import]:
    """The imports at the top, before anything else but the docstring."""
    found: list[Import] = []
    for node in source.tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, Import):
            found.append(node)
        elif not docstring:
            break
    return found


def _least(source: Source) -> int:
    """The rank of the first import; 0 where there is none or it is from `__future__`."""
    head = _head(source)
    if not head or (isinstance(head[0], ast.ImportFrom) and (head[0].level or head[0].module == "__future__")):
        return 0
    return _rank(ast.unparse(head[0]))


def _imports(source: Source) -> tuple[int, int]:
    """Where the imports at the top begin and end; both behind the docstring where there are none."""
    head = _head(source)
    if head:
        return source.lines(head[0].lineno, head[0].lineno)[0], source.lines(1, head[-1].end_lineno or 1)[1]
    first = source.tree.body[0] if source.tree.body else None
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    at = source.lines(1, first.end_lineno or 1)[1] if first is not None and docstring else 0
    return at, at
