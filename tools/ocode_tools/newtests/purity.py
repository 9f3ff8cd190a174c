"""Whether a function's result depends on its arguments alone, as far as its text shows; in doubt it does not."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator

from ocode_tools.source import Function, Source, SourceError
from ocode_tools.symbols import bound

Resolve = Callable[[str], tuple[Source, Function] | None]

_DEPTH = 3  # of functions that call others
_BUILTINS = (
    {"abs", "all", "any", "ascii", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "filter"}
    | {"float", "format", "frozenset", "hex", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max"}
    | {"min", "next", "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum"}
    | {"tuple", "type", "zip", "callable"}
)
_MODULES = (
    {
        "re",
        "math",
        "string",
        "itertools",
        "functools",
        "operator",
        "textwrap",
        "unicodedata",
        "html",
        "fractions",
    }
    | {"decimal", "statistics", "base64", "binascii", "zlib", "colorsys", "bisect", "urllib.parse", "keyword"}
    | {"json", "difflib", "ast", "posixpath", "ntpath", "shlex", "fnmatch", "cmath", "struct", "hashlib"}
)
_IMPURE = {"heappush", "seed", "exec", "load", "dump", "setlocale", "getcontext", "setcontext", "localcontext"}
_MUTATING = {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "add", "discard"} | {
    "setdefault",
    "popitem",
    "appendleft",
    "popleft",
    "difference_update",
    "intersection_update",
}
_KINDS = (str, bytes, list, dict, set, tuple, int, float, complex, re.Match, re.Pattern)
_DECORATORS = {"staticmethod", "functools.cache", "cache", "lru_cache", "functools.lru_cache"}
_METHODS = {name for kind in _KINDS for name in dir(kind) if not name.startswith("_")} - _MUTATING


def why_impure(source: Source, node: Function, resolve: Resolve, depth: int = _DEPTH) -> str:
    """Why the function `node` of a file is not taken to be pure, in a few words; empty where it is.

    `resolve` finds a function of the project that the file imports by a name.
    """
    reasons = _reasons(source, node, resolve, depth)
    return next(reasons, "")


def _reasons(source: Source, node: Function, resolve: Resolve, depth: int) -> Iterator[str]:
    if isinstance(node, ast.AsyncFunctionDef):
        yield "it is a coroutine"
    for one in node.decorator_list:
        if ast.unparse(one).partition("(")[0] not in _DECORATORS:
            yield f"it is decorated with {ast.unparse(one)[:40]}"
    fresh = _fresh(node)
    arguments = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
    local = arguments | {name for part in ast.walk(node) for name in bound(part)}
    scope = _Scope(source, resolve, depth, fresh, local, _imported(source))
    raised = {part.exc for part in ast.walk(node) if isinstance(part, ast.Raise)}  # whatever class that is
    for part in (inner for statement in node.body for inner in ast.walk(statement)):
        if part not in raised and (said := _impure(part, scope)):
            yield said


class _Scope:
    """What is known around the part of a function that is looked at."""

    def __init__(
        self, source: Source, resolve: Resolve, depth: int, fresh: set[str], local: set[str], imported: dict[str, str]
    ) -> None:
        self.source, self.resolve, self.depth = source, resolve, depth
        self.fresh, self.local, self.imported = fresh, local, imported


def _fresh(node: Function) -> set[str]:
    """Names that only ever hold what the function made itself, so that it may change it."""
    made: set[str] = set()
    other: set[str] = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
    for part in ast.walk(node):
        match part:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ) if value is not None and _makes(value):
                made.add(name)
            case ast.Assign() | ast.AnnAssign() | ast.For() | ast.With() | ast.NamedExpr() | ast.comprehension():
                other.update(
                    name for inner in ast.walk(part) for name in bound(inner) if not isinstance(inner, ast.stmt)
                )
            case _:
                pass
    return made - (other - made)


def _makes(value: ast.expr) -> bool:
    kinds = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp | ast.JoinedStr | ast.Constant
    if isinstance(value, ast.BinOp):
        return True
    named = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in dir(builtins)
    return isinstance(value, kinds) or named


def _imported(source: Source) -> dict[str, str]:
    """What the file's imports bind, as dotted names."""
    found: dict[str, str] = {}
    try:
        body = source.tree.body
    except SourceError:
        return found
    for node in body:
        if isinstance(node, ast.Import):
            found.update(
                (a.asname or a.name.partition(".")[0], a.name if a.asname else a.name.partition(".")[0])
                for a in node.names
            )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.update((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
    return found


def _impure(part: ast.AST, scope: _Scope) -> str:
    match part:
        case ast.Global() | ast.Nonlocal():
            return "it sets a name outside of itself"
        case ast.Yield() | ast.YieldFrom() | ast.Await():
            return "it is a generator or a coroutine"
        case ast.Import() | ast.ImportFrom() | ast.With() | ast.AsyncWith():
            return f"line {part.lineno} may do something outside of it"
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return f"it changes {ast.unparse(part)[:40]}"
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return "" if _root(value) in scope.fresh else f"it changes {ast.unparse(part)[:40]}"
        case ast.Call():
            return _call(part, scope)
        case _:
            return ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _call(node: ast.Call, scope: _Scope) -> str:
    shown = ast.unparse(node.func)[:40]
    match node.func:
        case ast.Name(id=name):
            return _named(name, shown, scope)
        case ast.Attribute(value=owner, attr=attr):
            dotted = scope.imported.get(_root(owner), "")
            if dotted and _root(owner) not in scope.local:
                rest = ast.unparse(node.func).partition(".")[2]
                return _library(f"{dotted}.{rest}", shown)
            if attr in _MUTATING:
                return "" if _root(owner) in scope.fresh else f"it calls {shown}(), which changes something"
            return "" if attr in _METHODS else f"it calls {shown}(), which is not known"
        case _:
            return f"it calls {shown}(), which is not known"


def _library(dotted: str, shown: str) -> str:
    module, _, last = dotted.rpartition(".")
    known = any(module == one or module.startswith(f"{one}.") for one in _MODULES)
    pure = known and last not in _IMPURE
    return "" if pure else f"it calls {shown}(), which may depend on more than its arguments"


def _named(name: str, shown: str, scope: _Scope) -> str:
    if name in scope.local and name not in scope.imported:
        return f"it calls {shown}, which it was given"
    if name in scope.imported and not (found := scope.resolve(name)):
        return _library(scope.imported[name], shown)
    found = _own(scope.source, name) or scope.resolve(name)
    if found:
        if not scope.depth:
            return f"it calls {shown}(), too deep to follow"
        inner = why_impure(*found, scope.resolve if found[0] is scope.source else _nobody, scope.depth - 1)
        return f"it calls {shown}(): {inner}" if inner else ""
    kind = getattr(builtins, name, None)
    error = isinstance(kind, type) and issubclass(kind, BaseException)
    return "" if name in _BUILTINS or error else f"it calls {shown}(), which is not known"


def _nobody(_: str) -> None:
    return None


def _own(source: Source, name: str) -> tuple[Source, Function] | None:
    try:
        body = source.tree.body
    except SourceError:
        return None
    return next(((source, node) for node in body if isinstance(node, Function) and node.name == name), None)
