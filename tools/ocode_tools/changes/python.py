"""What changed in a Python file, by its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ocode_tools.changes.forms import form, nodes_of, same
from ocode_tools.changes.nodes import differences
from ocode_tools.changes.points import How, Nature, Point
from ocode_tools.source import TOO_HARD, parse

# More changed functions than these in one file are only named.
_DETAILED = 24
_LOCAL = ("use ", "compare ", "rename ", "change ", "reword ", "correct ")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Unit(NamedTuple):
    """A named piece of a module and its text; `rest` is what a class or the module holds beside named pieces."""

    sort: str
    node: ast.AST
    text: str

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1


def python(before: str | None, after: str | None) -> list[Point] | None:
    """The points of a file's change; None where a side does not parse."""
    try:
        old, new = _units(before or ""), _units(after or "")
    except TOO_HARD:
        return None
    gone = {name: unit for name, unit in old.items() if name not in new and not _inside(name, old, new)}
    come = {name: unit for name, unit in new.items() if name not in old and not _inside(name, new, old)}
    points = list(_renamed(gone, come))
    points += [_point("added", name, unit) for name, unit in come.items()]
    points += [_point("removed", name, unit) for name, unit in gone.items()]
    told = 0
    for name, unit in new.items():
        if name in old and old[name].text != unit.text:
            told += 1
            points += _changed(name, old[name], unit, told <= _DETAILED)
    if not points and before is not None and after is not None and before != after:
        points.append(_whole(before, after))
    return _with_renames(points)


def _with_renames(points: list[Point]) -> list[Point]:
    """A name that is set in one place and used in others under its new name is one rename."""
    renames = [point.detail.split(" ") for point in points if point.detail.startswith("rename ")]
    used = {f"use {words[3]} instead of {words[1]}": " ".join(words) for words in renames if len(words) == 4}
    return [
        point._replace(detail=used[point.detail], hint="refactor") if point.detail in used else point
        for point in points
    ]


def public(name: str) -> bool:
    """Whether no part of a dotted name is private."""
    return not any(part.startswith("_") and not part.endswith("__") for part in name.split("."))


def _units(text: str) -> dict[str, _Unit]:
    found: dict[str, _Unit] = {}
    lines = text.splitlines(keepends=True)
    module = parse(text)
    _collect(module.body, "", lines, found)
    rest = [node for node in module.body if not _named(node)]
    found["<module>"] = _Unit(
        "module", ast.Module(body=rest, type_ignores=[]), "".join(_slice(node, lines) for node in rest)
    )
    return found


def _collect(body: list[ast.stmt], prefix: str, lines: list[str], found: dict[str, _Unit]) -> None:
    for node in body:
        if isinstance(node, _Function):
            sort = "method" if prefix else "function"
            found[prefix + node.name] = _Unit(sort, node, _slice(node, lines))
        elif isinstance(node, ast.ClassDef):
            _collect(node.body, f"{prefix}{node.name}.", lines, found)
            rest = [item for item in node.body if not isinstance(item, _Function | ast.ClassDef)]
            head = ast.ClassDef(node.name, node.bases, node.keywords, rest or [ast.Pass()], node.decorator_list)
            first = node.body[0].lineno if node.body else node.lineno
            text = "".join(lines[node.lineno - 1 : max(node.lineno, first - 1)]) + "".join(
                _slice(item, lines) for item in rest
            )
            found[prefix + node.name] = _Unit("class", head, text)
        elif not prefix and (name := _named(node)):
            found[name] = _Unit("constant" if name.lstrip("_").isupper() else "variable", node, _slice(node, lines))


def _named(node: ast.stmt) -> str:
    if isinstance(node, _Function | ast.ClassDef):
        return node.name
    target = (
        node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else getattr(node, "target", None)
    )
    return target.id if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) else ""


def _slice(node: ast.AST, lines: list[str]) -> str:
    first = min([getattr(node, "lineno", 1), *(item.lineno for item in getattr(node, "decorator_list", []))])
    return "".join(lines[first - 1 : getattr(node, "end_lineno", first)])


def _inside(name: str, mine: dict[str, _Unit], other: dict[str, _Unit]) -> bool:
    """Whether a method comes or goes with its whole class."""
    owner = name.rpartition(".")[0]
    return bool(owner) and owner in mine and owner not in other


def _point(how: How, name: str, unit: _Unit) -> Point:
    sort, owner = unit.sort, name.rpartition(".")[0]
    if sort == "function" and any("fixture" in ast.unparse(item) for item in getattr(unit.node, "decorator_list", [])):
        sort = "fixture"
    elif sort in ("function", "method") and name.rpartition(".")[2].startswith("test"):
        sort = "test"
    return Point(how, sort, name, where=owner, public=public(name), lines=unit.lines)


def _renamed(gone: dict[str, _Unit], come: dict[str, _Unit]) -> Iterator[Point]:
    """Pairs of a removed and an added unit that are one thing under a new name; they are taken out of both."""
    for old_name, old in list(gone.items()):
        for new_name, new in come.items():
            if old.sort == new.sort and _alike(old, old_name, new, new_name):
                yield Point("renamed", new.sort, new_name, old_name, public=public(new_name), lines=new.lines)
                del gone[old_name], come[new_name]
                break


def _alike(old: _Unit, old_name: str, new: _Unit, new_name: str) -> bool:
    if old.sort in ("constant", "variable"):
        return getattr(old.node, "value", None) is not None and same(
            getattr(old.node, "value", None), getattr(new.node, "value", None)
        )
    first = old.text.replace(old_name.rpartition(".")[2], "\0").split("\n")[1:]
    second = new.text.replace(new_name.rpartition(".")[2], "\0").split("\n")[1:]
    shared = len(set(first) & set(second))
    return shared > 0 and shared >= 0.6 * max(len(set(first)), len(set(second)))


def _changed(name: str, old: _Unit, new: _Unit, closely: bool) -> list[Point]:
    lines = _moved_lines(old.text, new.text)
    shown = "" if name == "<module>" else name
    if same(old.node, new.node):
        nature: Nature = "comments" if _comments(old.text) != _comments(new.text) else "format"
        return [Point("changed", new.sort, shown, nature=nature, lines=lines, public=public(shown))]
    if _docstring(old.node) != _docstring(new.node) and _beside(old.node) == _beside(new.node):
        return [Point("changed", new.sort, shown, nature="docstring", lines=lines, public=public(shown))]
    if new.sort == "module":
        return _statements(old.node, new.node, lines)
    where = name.removesuffix(".__init__") if name.endswith(".__init__") else name
    if new.sort in ("constant", "variable") and _short(new.node):
        said = f"set {name} to {_short(new.node)}"
        return [Point("changed", new.sort, name, detail=said, public=public(name), lines=lines, rank=57)]
    found = differences(old.node, new.node) if closely and lines <= 200 else []
    if not found:
        return [Point("changed", new.sort, name, where=where, public=public(name), lines=lines)]
    if len(found) > 4:  # in a larger rewrite only what came or went whole is sure to be what it looks like
        found = [item for item in found if not item.phrase.startswith(_LOCAL)]
        if not found:
            return [Point("changed", new.sort, name, where=where, public=public(name), lines=lines)]
    first = found[0]
    hint = first.hint
    feat = next((item.hint for item in found if item.hint in ("feat", "perf")), "")
    return [
        Point(
            "changed",
            new.sort,
            name,
            detail=first.phrase,
            link=first.link,
            where=where,
            rank=first.rank,
            public=public(name),
            lines=lines,
            hint=feat or hint,
        )
    ]


def _statements(old: ast.AST, new: ast.AST, lines: int) -> list[Point]:
    """Top-level statements without a name: imports matter little, anything else is code."""
    first = {form(node): node for node in getattr(old, "body", [])}
    second = {form(node): node for node in getattr(new, "body", [])}
    odd = [node for shape, node in (*first.items(), *second.items()) if (shape in first) != (shape in second)]
    if all(isinstance(node, ast.Import | ast.ImportFrom) for node in odd):
        return [Point("changed", "imports", "", lines=min(lines, 1))]
    return [Point("changed", "module", "", lines=lines)]


def _whole(before: str, after: str) -> Point:
    nature: Nature = "comments" if _comments(before) != _comments(after) else "format"
    return Point("changed", "module", "", nature=nature, lines=_moved_lines(before, after))


def _short(node: ast.AST) -> str:
    value = getattr(node, "value", None)
    text = ast.unparse(value) if isinstance(value, ast.Constant) else ""
    return text if len(text) <= 30 else ""


def _moved_lines(old: str, new: str) -> int:
    first, second = old.splitlines(), new.splitlines()
    return max(1, len(set(first) ^ set(second)))


def _comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


def _docstring(node: ast.AST) -> str | None:
    """The text that stands first in a unit, without its indentation."""
    body = nodes_of(getattr(node, "body", None))
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value.value
    return None


def _beside(node: ast.AST) -> list[int]:
    """The forms of all that a unit holds beside its docstring."""
    body = nodes_of(getattr(node, "body", None))[_docstring(node) is not None :]
    rest = (item for name, value in ast.iter_fields(node) if name != "body" for item in nodes_of(value))
    return [form(item) for item in (*body, *rest)]
