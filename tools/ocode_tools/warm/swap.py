"""From a changed file to the one function whose code has to be replaced in a process that runs: pure functions."""

from __future__ import annotations

import ast
from bisect import bisect_left
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ocode_tools.edits import Edit
from ocode_tools.source import TOO_HARD, Function, Source, SourceError, parse
from ocode_tools.warm.tops import NewNames, new_names

_PLAIN = {"staticmethod", "classmethod", "property"}  # decorators that do not look at what they get

BLOCK = 1 << 16  # characters that are compared at once

Text = TypeVar("Text", str, bytes)


@dataclass(frozen=True, slots=True)
class Defaults:
    """A function's default values as literals: positional ones in order, those of keywords by name."""

    positional: tuple[str, ...]
    keywords: dict[str, str]


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A function's new code.

    `name` is dotted through its classes, `first` the line on which it starts, decorators included. `text` is a module
    of it alone, on the same lines. `lines` counts its lines in the old file. `defaults` are the new ones, None where
    they stay.
    """

    name: str
    first: int
    lines: int
    text: str
    defaults: Defaults | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """A change of one file: its bytes `start` to `end` become `data`. `unit` is None where more than one function is
    changed, or what runs at import; `names` then says what that comes to, if it is no more than that."""

    path: str
    start: int
    end: int
    data: bytes
    unit: NewUnit | None
    names: NewNames | None = None


def swap(edit: Edit, old: Source) -> Swap | None:
    """What an edit of the file `old` changes; None for a file that comes or goes, or is text no more."""
    if edit.before is None or edit.after is None:
        return None
    start, end = changed(edit.before, edit.after)
    data = edit.after[start : len(edit.after) - (len(edit.before) - end)]
    try:
        text = edit.after.removeprefix(BOM_UTF8).decode(old.encoding)
        unit = new_unit(old, text)
        return Swap(edit.path, start, end, data, unit, None if unit else new_names(old, text))
    except (UnicodeError, SourceError):
        return None


def new_unit(old: Source, text: str) -> NewUnit | None:
    """The function that holds all that differs between the file `old` and its new `text`, if there is one.

    Raises SourceError where `old` is not Python.
    """
    start, end = _slid(old.text, text, *changed(old.text, text))
    for unit in old.functions():  # outer ones come first
        first, last = old.lines(unit.first, unit.last)
        if isinstance(unit.node, Function) and first <= start and end <= last:
            break
    else:
        return None
    *classes, name = unit.qualname.split(".")
    inside = text[first : last + len(text) - len(old.text)]
    heads = [f"{' ' * depth}class {one}:\n" for depth, one in enumerate(classes)]
    if not heads and inside[:1] in (" ", "\t"):
        heads = ["if 1:\n"]
    alone = "".join(heads) + inside
    node = _only_function(alone)
    if node is None or node.name != name or _dumps(node.decorator_list) != _dumps(unit.node.decorator_list):
        return None
    kept, defaults = _new_defaults(unit.node, node)
    if not kept:
        return None
    padding = "\n" * (unit.first - 1 - len(heads))
    return NewUnit(unit.qualname, unit.first, unit.last - unit.first + 1, padding + alone, defaults)


def changed(before: Text, after: Text) -> tuple[int, int]:
    """Start and end, in `before`, of the shortest stretch outside of which both are the same."""
    least, old, new = min(len(before), len(after)), len(before), len(after)
    start = _most(least, lambda a, b: before[a:b] == after[a:b])
    tail = _most(least - start, lambda a, b: before[old - b : old - a] == after[new - b : new - a])
    return start, old - tail


def _most(limit: int, same: Callable[[int, int], bool]) -> int:
    """The greatest size up to `limit` whose stretch is the `same`, where all below it are; a block at a time."""
    at = 0
    while at < limit and same(at, min(at + BLOCK, limit)):
        at = min(at + BLOCK, limit)
    rest = range(at + 1, min(at + BLOCK, limit) + 1)
    return at + bisect_left(rest, True, key=lambda size: not same(at, size))


def _slid(before: str, after: str, start: int, end: int) -> tuple[int, int]:
    """The changed stretch, moved to the start of its line where that says the same: a line that is put in or taken out
    below another with the same first characters."""
    back = start - (before.rfind("\n", 0, start) + 1)
    stop = len(after) - (len(before) - end)
    shared = before[start - back : start]
    same = before[end - back : end] == shared and after[stop - back : stop] == shared
    return (start - back, end - back) if back and end - start >= 0 and same else (start, end)


def _only_function(text: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The one function of a module that holds nothing else but classes around it."""
    try:
        body = parse(text).body
    except TOO_HARD:
        return None
    while len(body) == 1:
        if isinstance(body[0], Function):
            return body[0]
        if not isinstance(body[0], ast.ClassDef | ast.If):
            return None
        body = body[0].body
    return None


def _new_defaults(
    old: ast.FunctionDef | ast.AsyncFunctionDef, new: ast.FunctionDef | ast.AsyncFunctionDef
) -> tuple[bool, Defaults | None]:
    """Whether the new parameters can be put into a living function, and the defaults where they are others."""
    if ast.dump(old.args) == ast.dump(new.args):
        return True, None
    if not all(isinstance(one, ast.Name) and one.id in _PLAIN for one in new.decorator_list):
        return False, None
    pairs = zip(new.args.kwonlyargs, new.args.kw_defaults, strict=True)
    keywords = {arg.arg: value for arg, value in pairs if value is not None}
    if not all(map(_literal, [*new.args.defaults, *keywords.values()])):
        return _dumps(_values(old)) == _dumps(_values(new)), None
    positional = tuple(map(ast.unparse, new.args.defaults))
    return True, Defaults(positional, {name: ast.unparse(value) for name, value in keywords.items()})


def _values(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr | None]:
    return [*node.args.defaults, *node.args.kw_defaults]


def _literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, *TOO_HARD):
        return False
    return True


def _dumps(nodes: list[ast.expr] | list[ast.expr | None]) -> list[str]:
    return [ast.dump(node) if node is not None else "" for node in nodes]
