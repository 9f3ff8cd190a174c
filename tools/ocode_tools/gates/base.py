"""What every gate works on: the context of a proposal, syntax trees before and after, and the values of literals."""

from __future__ import annotations

import ast
import operator
import re
import threading
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from ocode_tools.edits import Edit, Proposal
from ocode_tools.gates.scope import Scope
from ocode_tools.results import Failure

UNKNOWN = object()
MODULE = "<module>"
_DEEP = 40
_LARGE = 10_000
_PARSING = threading.Lock()  # the warning filters belong to the whole process

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Context:
    """What a proposal is judged against.

    `task` is the kind of work, `scope` says which paths may change, `failures` are the red tests that the proposal
    is for, and `test_sources` holds the bytes of their files by path.
    """

    task: str
    scope: Scope
    failures: tuple[Failure, ...] = ()
    test_sources: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True, slots=True)
class Refusal:
    """The gate that refused a proposal, and its reason in one line."""

    gate: str
    reason: str


Gate = Callable[[Proposal, Context], str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One Python file before and after as trees; an absent file is an empty module.

    `old` and `new` are `before` and `after` without the top-level statements and methods that stayed as they were.
    `salvaged`: the file did not parse before, so `before` holds only what could be read of it.
    """

    edit: Edit
    before: ast.Module
    after: ast.Module
    old: ast.Module
    new: ast.Module
    salvaged: bool


def is_python(edit: Edit) -> bool:
    """Whether a file is Python, by its name or by its first line."""
    first = (edit.after or edit.before or b"").partition(b"\n")[0]
    return edit.path.endswith((".py", ".pyi", ".pyw")) or (first.startswith(b"#!") and b"python" in first)


def changes(proposal: Proposal) -> Iterator[Change]:
    """The Python files of a proposal whose result parses (for the others, see the gate `parses`)."""
    for edit in filter(is_python, proposal.edits):
        sources = edit.before or b"", edit.after or b""
        before, after = map(tree, sources)
        if after and before:
            yield Change(edit, before, after, *_changed(before, after, *sources), False)
        elif after:
            salvaged = _salvage(sources[0])
            yield Change(edit, salvaged, after, salvaged, after, True)


def tree(data: bytes) -> ast.Module | None:
    """The tree of a Python source, None where it does not parse; it is shared: do not change it."""
    try:
        return parse(data)
    except SyntaxError:
        return None


@lru_cache(maxsize=32)
def parse(data: bytes) -> ast.Module:
    """The tree of a Python source that also compiles. Raises SyntaxError and nothing else."""
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(data)
            compile(module, "<source>", "exec", dont_inherit=True)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise SyntaxError(str(error) or "nested too deeply") from error
    return module


def _changed(before: ast.Module, after: ast.Module, old: bytes, new: bytes) -> tuple[ast.Module, ast.Module]:
    lines = old.splitlines(), new.splitlines()
    if lines[0][:2] != lines[1][:2]:  # the coding line may have changed, and with it every string
        return before, after
    bodies = _differing(before.body, after.body, *lines)
    return ast.Module(body=bodies[0], type_ignores=[]), ast.Module(body=bodies[1], type_ignores=[])


def _differing(
    before: list[ast.stmt], after: list[ast.stmt], old: list[bytes], new: list[bytes]
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements of two bodies that are not spelt the same in both; of a class that is in both, its own such."""
    spelt = [[_spelling(node, lines) for node in body] for body, lines in ((before, old), (after, new))]
    gone, come = Counter(spelt[0]) - Counter(spelt[1]), Counter(spelt[1]) - Counter(spelt[0])
    was = [node for node, key in zip(before, spelt[0], strict=True) if key in gone]
    now = [node for node, key in zip(after, spelt[1], strict=True) if key in come]
    classes = {node.name: node for node in was if isinstance(node, ast.ClassDef)}
    for node in [node for node in now if isinstance(node, ast.ClassDef) and node.name in classes]:
        twin = classes.pop(node.name)
        inner = _differing(twin.body, node.body, old, new)
        for body, whole, kept in ((was, twin, inner[0]), (now, node, inner[1])):
            body[body.index(whole)] = part = copy(whole)
            part.body = kept
    return was, now


def _spelling(node: ast.stmt, lines: list[bytes]) -> tuple[int, int | None, tuple[bytes, ...]]:
    first = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", ()))])
    return node.col_offset, node.end_col_offset, tuple(lines[first - 1 : node.end_lineno])


def _salvage(data: bytes) -> ast.Module:
    """The top-level blocks of a broken source that parse, and the bare definitions of those that do not."""
    found = ast.Module(body=[], type_ignores=[])
    for block in re.split(r"(?m)^(?=[^\s#)\]}])", data.decode("utf-8", "replace")):
        named = re.match(r"(?:async\s+)?(def|class)\s+(\w+)", block)
        bare = f"{named[1]} {named[2]}{'()' if named[1] == 'def' else ''}: ..." if named else ""
        module = tree(block.encode()) or tree(bare.encode())
        found.body.extend(module.body if module else [])
    return found


def units(module: ast.Module) -> Mapping[str, list[ast.AST]]:
    """The nodes of a module by the outermost function or method that holds them; the rest under MODULE."""
    found: defaultdict[str, list[ast.AST]] = defaultdict(list)

    def visit(body: Iterable[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, Function):
                found[prefix + node.name].append(node)
            elif isinstance(node, ast.ClassDef):
                found[MODULE].extend([*node.decorator_list, *node.bases, *node.keywords])
                visit(node.body, f"{prefix}{node.name}.")
            else:
                found[MODULE].append(node)

    visit(module.body, "")
    return found


def walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node below these, themselves included."""
    for node in nodes:
        yield from ast.walk(node)


def statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every statement below these, with handlers and cases, in no order; no expressions."""
    waiting = [*nodes]
    while waiting:
        yield (node := waiting.pop())
        for part in (getattr(node, name, None) for name in ("body", "orelse", "finalbody", "handlers", "cases")):
            waiting += part if isinstance(part, list) else []


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a bare string: a docstring or the like."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


_BUILTINS: Mapping[str, Callable[..., object]] = {
    "abs": abs, "chr": chr, "complex": complex, "float": float, "frozenset": frozenset, "int": int, "len": len,
    "list": list, "max": max, "min": min, "ord": ord, "round": round, "set": set, "str": str, "sum": sum,
    "tuple": tuple,
}  # fmt: skip
_METHODS = frozenset(
    {"capitalize", "casefold", "decode", "encode", "join", "lower", "lstrip", "rstrip", "strip", "title", "upper"}
)
_BINARY: Mapping[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitXor: "xor", ast.BitOr: "or_", ast.BitAnd: "and_",
}  # fmt: skip
_UNARY: Mapping[type[ast.unaryop], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "inv", ast.Not: "not_"}


def fold(node: ast.AST | None, depth: int = 0) -> object:
    """The value of an expression made of constants only (`"a" + "b"`, `int("7")`, `[1, 2]`), else UNKNOWN.

    Containers come back as lists, a dict as its keys and then its values. Runs a fixed set of pure operations of
    bounded size, and no code of the source's.
    """
    if node is None or depth > _DEEP:
        return UNKNOWN
    try:
        return _fold(node, depth + 1)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return UNKNOWN


def _fold(node: ast.AST, depth: int) -> object:
    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return _all(parts, depth)
        case ast.Dict():
            return _all([*node.keys, *node.values], depth)
        case ast.JoinedStr():
            pieces = _all(node.values, depth)
            return UNKNOWN if pieces is UNKNOWN else "".join(map(str, cast("list[object]", pieces)))
        case ast.FormattedValue(conversion=-1, format_spec=None):
            return fold(node.value, depth)
        case ast.UnaryOp():
            value = fold(node.operand, depth)
            return UNKNOWN if value is UNKNOWN else getattr(operator, _UNARY[type(node.op)])(value)
        case ast.BinOp():
            a, b = fold(node.left, depth), fold(node.right, depth)
            return getattr(operator, _BINARY[type(node.op)])(a, b) if _small(node.op, a, b) else UNKNOWN
        case ast.Subscript(slice=ast.Slice(lower=None, upper=None, step=step)) if step and fold(step, depth) == -1:
            value = fold(node.value, depth)
            return value[::-1] if isinstance(value, str | bytes) else UNKNOWN
        case ast.Call(keywords=[]):
            return _call(node.func, _all(node.args, depth), depth)
        case _:
            return UNKNOWN


def _all(nodes: Iterable[ast.AST | None], depth: int) -> object:
    values = [fold(node, depth) for node in nodes]
    return UNKNOWN if any(value is UNKNOWN for value in values) else values


def _call(function: ast.expr, values: object, depth: int) -> object:
    if values is UNKNOWN:
        return UNKNOWN
    given = cast("list[object]", values)
    match function:
        case ast.Name(id=name) if name in _BUILTINS:
            return _BUILTINS[name](*given)
        case ast.Attribute(value=inner, attr=name) if name in _METHODS:
            value = fold(inner, depth)
            return getattr(value, name)(*given) if isinstance(value, str | bytes) else UNKNOWN
        case _:
            return UNKNOWN


def _small(op: ast.operator, a: object, b: object) -> bool:
    """Whether an operation on two constants cannot grow without bound."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        if isinstance(op, ast.Pow | ast.LShift):
            return abs(a) < 2**32 and abs(b) <= 64
        return True
    if isinstance(op, ast.Mult):
        sizes = [value if isinstance(value, int) else len(value) for value in (a, b) if isinstance(value, int | str)]
        return len(sizes) == 2 and sizes[0] * sizes[1] <= _LARGE
    return isinstance(op, ast.Add) and isinstance(a, str | bytes | list) and isinstance(b, str | bytes | list)


def keys(value: object) -> Iterator[str]:
    """What a literal and its elements are known by, as text; nothing for None, 0, 1, -1, "", True, False, empty.

    A number and its text are alike, and so are texts that differ in letter case or outer blanks, because a
    condition may compare `str(n)` or `s.strip().lower()`.
    """
    if isinstance(value, list | tuple | set | frozenset):
        parts = list(cast("Iterable[object]", value))
        if parts:
            yield f"({', '.join(map(str, parts))})"
        for part in parts:
            yield from keys(part)
    elif isinstance(value, bytes):
        yield from keys(value.decode("latin-1"))
    elif isinstance(value, str):
        if value:
            yield value.strip().casefold() or value
    elif isinstance(value, int | float | complex) and value not in (0, 1, -1):
        yield str(int(value) if isinstance(value, float) and value.is_integer() else value)
