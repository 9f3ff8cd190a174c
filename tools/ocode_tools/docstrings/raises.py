"""Which exceptions leave a function: those it raises and does not catch itself, and those of functions next to it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ocode_tools.docstrings.units import decorator
from ocode_tools.source import Function, Source

DEPTH = 3  # calls that are followed
_ALL = frozenset({"BaseException", "Exception", ""})
_Caught: TypeAlias = tuple[frozenset[str], ...]
_Found: TypeAlias = tuple[ast.AST, ast.ExceptHandler | None, _Caught]  # a node, the handler it is in, what is caught


class Raises:
    """The exceptions of one file's functions, by name as written where they are raised."""

    def __init__(self, source: Source) -> None:
        tree = source.tree
        self._functions = {node.name: node for node in tree.body if isinstance(node, Function)}
        classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        self._methods = {
            id(owner): {node.name: node for node in owner.body if isinstance(node, Function)} for owner in classes
        }
        self._bases = {owner.name: [decorator(base) for base in owner.bases] for owner in classes}
        self._known: dict[tuple[int, int], dict[str, str]] = {}

    def stated(self, node: Function) -> dict[str, str]:
        """What the body itself says, caught or not: every `raise`, and what a handler raises again."""
        found: dict[str, str] = {}
        for item, handler, _ in _walk(node.body):
            if isinstance(item, ast.Raise):
                found.update((name, "") for name in _named(item, handler))
        return found

    def clear(self, node: Function) -> bool:
        """Whether each `raise` of the body names a class."""
        return all(_named(item, handler) for item, handler, _ in _walk(node.body) if isinstance(item, ast.Raise))

    def escaping(self, node: Function, owner: ast.ClassDef | None) -> dict[str, str]:
        """What may leave the function, with where it comes from: "", or `raised by NAME()` for a call."""
        return self._escaping(node, owner, DEPTH)

    def _escaping(self, node: Function, owner: ast.ClassDef | None, depth: int) -> dict[str, str]:
        """The same with `depth` calls followed, which ends cycles too."""
        key = id(node), depth
        if key not in self._known:
            walked = list(_walk(node.body))
            found = dict.fromkeys(self._own(walked), "")
            for item, _, caught in walked if depth else ():
                called, its, word = self._called(item, owner) if isinstance(item, ast.Call) else (None, None, "")
                if called is not None and called is not node:
                    names = self._escaping(called, its, depth - 1)
                    new = {name: f"raised by {word}()" for name in names if not self._is_caught(name, caught)}
                    found = new | found
            self._known[key] = found
        return self._known[key]

    def _own(self, walked: Sequence[_Found]) -> Iterator[str]:
        for item, handler, caught in walked:
            for name in _named(item, handler) if isinstance(item, ast.Raise) else ():
                vague = name in _ALL and isinstance(item, ast.Raise) and item.exc is None
                unfinished = name.rpartition(".")[2] == "NotImplementedError"
                if not vague and not unfinished and not self._is_caught(name, caught):
                    yield name

    def _called(self, call: ast.Call, owner: ast.ClassDef | None) -> tuple[Function | None, ast.ClassDef | None, str]:
        name = decorator(call.func)
        if owner is not None and name.startswith(("self.", "cls.")) and name.count(".") == 1:
            method = self._methods.get(id(owner), {}).get(name.partition(".")[2])
            return _plain(method), owner, name.partition(".")[2]
        return _plain(self._functions.get(name)), None, name

    def _is_caught(self, name: str, caught: _Caught) -> bool:
        """Whether a handler around names the exception or a class that it is known to come from."""
        kinds = {name, *self._above(name.rpartition(".")[2])}
        return any(_ALL & names or kinds & names for names in caught)

    def _above(self, name: str) -> set[str]:
        """The class and those that it is known to come from, by name."""
        found, left = set[str](), [name]
        while left:
            if (name := left.pop()) not in found:
                found.add(name)
                left += self._bases.get(name, [])
                known: object = getattr(builtins, name, None)
                left += [kind.__name__ for kind in known.__mro__] if isinstance(known, type) else []
        return found


def _plain(function: Function | None) -> Function | None:
    """A function whose body runs where it is called: no coroutine, no generator."""
    if isinstance(function, ast.FunctionDef) and not function.decorator_list:
        return None if any(isinstance(item, ast.Yield | ast.YieldFrom) for item in ast.walk(function)) else function
    return None


def _walk(body: Sequence[ast.AST]) -> Iterator[_Found]:
    """All nodes but those of inner functions and classes, in the order of the text, by a stack: code may nest deep."""
    stack: list[_Found] = [(node, None, ()) for node in reversed(body)]
    while stack:
        found = stack.pop()
        node, handler, caught = found
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        yield found
        inner: list[_Found] = []
        if isinstance(node, ast.Try | ast.TryStar):
            names = frozenset(name for item in node.handlers for name in _handled(item))
            inner += [(child, handler, (*caught, names)) for child in node.body]
            inner += [(child, item, caught) for item in node.handlers for child in item.body]
            inner += [(child, handler, caught) for child in (*node.orelse, *node.finalbody)]
        elif isinstance(node, ast.With | ast.AsyncWith) and (names := _suppressed(node)):
            inner += [(child, handler, (*caught, names)) for child in node.body]
        else:
            inner += [(child, handler, caught) for child in ast.iter_child_nodes(node)]
        stack += reversed(inner)


def _handled(handler: ast.ExceptHandler) -> list[str]:
    """The names that a handler keeps: as written and without what is before the last dot; "" for all."""
    if isinstance(end := handler.body[-1], ast.Raise) and end.exc is None:
        return []
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [decorator(kind) if kind is not None else "" for kind in kinds]
    return [*names, *(name.rpartition(".")[2] for name in names)]


def _suppressed(node: ast.With | ast.AsyncWith) -> frozenset[str]:
    names: list[str] = []
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and decorator(call).rpartition(".")[2] == "suppress":
            names += [decorator(kind).rpartition(".")[2] for kind in call.args]
    return frozenset(names)


def _named(statement: ast.Raise, handler: ast.ExceptHandler | None) -> list[str]:
    """The classes that a `raise` names; a bare one, or one of the handler's variable, raises what was caught."""
    raised = statement.exc
    if raised is None or (isinstance(raised, ast.Name) and handler is not None and raised.id == handler.name):
        kinds = handler.type if handler is not None else None
        each = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
        return [name for kind in each if kind is not None and (name := decorator(kind))]
    name = decorator(raised)
    return [name] if name.rpartition(".")[2][:1].isupper() else []
