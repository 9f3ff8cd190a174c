"""Names: what the project's own modules define at their top, and what one file binds where."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Literal

from ocode_tools.source import Function, Source, SourceError

BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__path__",
    "__class__",
    "__annotations__",
    "__module__",
    "__qualname__",
}

Kind = Literal["function", "class", "variable"]

_TOP_LEVEL = re.compile(r"^(?:(?:async[ \t]+def|def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]+)?=(?!=))", re.MULTILINE)
_TEST_FILE = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A public top-level name of the project: the dotted module that defines it, and what it is."""

    module: str
    kind: Kind


class Symbols:
    """The project's top-level names, found on the first question asked.

    `sources` gives each Python file once as (posix path from the top, Source); it may be a generator. `roots` are the
    folders that are on the import path (`src`, `lib`); files below none of them are named from the top, and a
    leading `src/` is always dropped. Test files, private names and files that do not parse are left out.
    """

    def __init__(self, sources: Iterable[tuple[str, Source]] = (), roots: Sequence[str] = ()) -> None:
        self._sources = sources
        self._roots = (*roots, "src")

    @cached_property
    def _files(self) -> dict[str, Source]:
        named = ((self.module(path), path, source) for path, source in self._sources)
        return {module: source for module, path, source in named if module and not _TEST_FILE.search(path)}

    @cached_property
    def _mentions(self) -> dict[str, list[str]]:
        # Parsing every file would cost seconds; a scan only says where to look, strings may hold such lines too.
        found: defaultdict[str, list[str]] = defaultdict(list)
        for module, source in self._files.items():
            text = source.text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source.text else source.text
            for name in {first or second for first, second in _TOP_LEVEL.findall(text)}:
                found[name].append(module)
        return dict(found)

    def module(self, path: str) -> str:
        """The dotted name of a file's module: `src/pkg/__init__.py` is `pkg`; empty when it has none."""
        pure = PurePosixPath(path)
        for root in sorted(self._roots, key=len, reverse=True):
            if root.strip("./") and pure.is_relative_to(root):
                pure = pure.relative_to(root)
                break
        parts = pure.with_suffix("").parts
        parts = parts[:-1] if parts and parts[-1] == "__init__" else parts
        return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else ""

    def modules(self) -> list[str]:
        """The dotted names of all modules, sorted."""
        return sorted(self._files)

    def find(self, name: str) -> list[Symbol]:
        """Where a public top-level name is defined: the shortest module name first."""
        if name.startswith("_"):
            return []
        modules = self._mentions.get(name, [])
        symbols = [Symbol(module, kind) for module in modules if (kind := self._kind(module, name))]
        return sorted(symbols, key=lambda symbol: (symbol.module.count("."), symbol.module))

    def source(self, module: str) -> Source | None:
        """The file of a module, by its dotted name."""
        return self._files.get(module)

    def _kind(self, module: str, name: str) -> Kind | None:
        try:
            body = self._files[module].tree.body
        except SourceError:
            return None
        for node in body:
            if isinstance(node, Function | ast.ClassDef) and node.name == name:
                return "class" if isinstance(node, ast.ClassDef) else "function"
            if isinstance(node, ast.Assign | ast.AnnAssign) and name in bound(node):
                return "variable"
        return None


def bound(node: ast.AST) -> list[str]:
    """The names that one node binds by itself, nested statements not counted, in the order of the text."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
            return [name]
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return [name]
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return list(names)
        case ast.alias(name=name, asname=asname):
            return [asname or name.partition(".")[0]]
        case ast.Assign(targets=targets):
            return [name for target in targets for child in ast.walk(target) for name in bound(child)]
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return bound(target)
        case _:
            return []


def own_nodes(top: ast.AST) -> Iterator[ast.AST]:
    """The nodes that share `top`'s namespace: nested functions, classes and lambdas are given but not entered."""
    stack = list(ast.iter_child_nodes(top))[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            stack.extend(list(ast.iter_child_nodes(node))[::-1])


def names_of(top: ast.AST) -> dict[str, int]:
    """The names bound in the namespace of a function or module, with the 1-based line of the first binding.

    Parameters have line 0. The variables of comprehensions are left out: they are not visible outside.
    """
    return dict(_names_of(top))


@lru_cache(maxsize=256)  # a module's are asked for again and again
def _names_of(top: ast.AST) -> dict[str, int]:
    found: dict[str, int] = {}
    inner: set[ast.AST] = set()
    for node in own_nodes(top):
        if isinstance(node, ast.comprehension):
            inner.update(ast.walk(node.target))
        if node not in inner:
            line = 0 if isinstance(node, ast.arg) else getattr(node, "lineno", 0)
            for name in bound(node):
                found[name] = min(line, found.get(name, line))
    return found


def unbound(tree: ast.Module, top: ast.AST) -> list[ast.Name]:
    """The names loaded below `top` that nothing in the whole file binds; none when the file imports `*`."""
    near = BUILTINS.union(_names_of(tree), *(bound(node) for node in ast.walk(top)))
    loaded = (node for node in ast.walk(top) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    left = [node for node in loaded if node.id not in near]
    known = _bound_anywhere(tree) if left else near  # which takes seconds for a large file
    return [] if "*" in known else [node for node in left if node.id not in known]


@lru_cache(maxsize=64)
def _bound_anywhere(tree: ast.Module) -> frozenset[str]:
    return BUILTINS.union(*(bound(node) for node in ast.walk(tree)))


def inner_names(node: ast.AST) -> list[tuple[ast.expr, str]]:
    """The names that a lambda or a comprehension binds for itself, each with that expression."""
    match node:
        case ast.Lambda(args=args):
            return [(node, arg.arg) for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            parts = (part for clause in node.generators for part in ast.walk(clause.target))
            return [(node, name) for part in parts for name in bound(part)]
        case _:
            return []


def attributes(owner: ast.ClassDef) -> dict[str, Literal["method", "data"]]:
    """The attributes that a class sets: methods, class variables, and what its methods assign on `self` or `cls`."""
    found: dict[str, Literal["method", "data"]] = {}
    for node in owner.body:
        if isinstance(node, Function):
            found[node.name] = "data" if any("property" in ast.unparse(d) for d in node.decorator_list) else "method"
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found.update(dict.fromkeys(bound(node), "data"))
    for part in ast.walk(owner):
        match part:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.setdefault(name, "data")
            case _:
                pass
    return found
