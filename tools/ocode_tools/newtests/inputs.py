"""What a function can honestly be called with: calls of docstring examples and tests, and values of annotated types."""

from __future__ import annotations

import ast
import doctest
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ocode_tools.source import TOO_HARD, Function, Source, SourceError, parse

MOST = 24  # calls of one function
_TYPES = {
    "int": ("0", "1", "-3", "1234"),
    "float": ("0.0", "1.5", "-2.25"),
    "str": ("''", "'a'", "'Hello World'", "'two-part name_1'"),
    "bool": ("True", "False"),
    "bytes": ("b''", "b'abc'"),
    "list": ("[]", "[3, 1, 2]"),
    "dict": ("{}", "{'a': 1}"),
    "tuple": ("()", "(1, 2)"),
    "set": ("{1, 2}",),
    "None": ("None",),
}
_ITEMS = {"int": "[3, 1, 2]", "str": "['b', 'a', 'c']", "float": "[1.5, 0.5]", "bool": "[True, False]"}
_LISTS = {"list", "List", "Sequence", "Iterable", "Collection"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function: its arguments as text, where it was found, and what a docstring says comes of it."""

    arguments: str
    origin: Literal["docstring", "tests", "annotations"]
    expected: str = ""


def calls(source: Source, node: Function, tests: Iterable[Source]) -> list[Call]:
    """The calls that are known, the surest first, each once; all arguments are literals."""
    found = [*_examples(node), *_written(node.name, [*tests, source]), *_annotated(node)]
    kept: dict[str, Call] = {}
    for call in found:
        if _fits(node, call.arguments):
            kept.setdefault(call.arguments, call)
    return list(kept.values())[:MOST]


def _examples(node: Function) -> Iterator[Call]:
    try:
        examples = doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")
    except ValueError:
        return
    for example in examples:
        found = _literal_call(example.source, node.name)
        if found is not None:
            yield Call(found, "docstring", example.want.strip())


def _literal_call(text: str, name: str) -> str | None:
    """The arguments of a text that is one call of a function with literals."""
    try:
        body = parse(text).body
    except TOO_HARD:
        return None
    if len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Call):
        return _arguments(body[0].value, name)
    return None


def _arguments(node: ast.Call, name: str) -> str | None:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called != name or any(word.arg is None for word in node.keywords):
        return None
    values = [*node.args, *(word.value for word in node.keywords)]
    if not all(map(_is_literal, values)):
        return None
    words = [f"{word.arg}={ast.unparse(word.value)}" for word in node.keywords]
    return ", ".join([*map(ast.unparse, node.args), *words])


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, *TOO_HARD):
        return False
    return len(ast.unparse(node)) <= 200


def _written(name: str, sources: Iterable[Source]) -> Iterator[Call]:
    for source in sources:
        try:
            nodes = list(ast.walk(source.tree))
        except SourceError:
            continue
        for node in nodes:
            if isinstance(node, ast.Call) and (found := _arguments(node, name)) is not None:
                yield Call(found, "tests")


def _annotated(node: Function) -> Iterator[Call]:
    """Values for every argument without a default; none where one of them is not annotated with a plain type."""
    given = node.args
    plain = [*given.posonlyargs, *given.args]
    needed = plain[: len(plain) - len(given.defaults)]
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    named = [arg for arg, default in pairs if default is None]
    choices = [_values(arg.annotation) for arg in [*needed, *named]]
    if not choices or not all(choices):
        return
    first = [one[0] for one in choices]
    tries = [tuple(first), *zip(*(itertools.islice(itertools.cycle(one), 4) for one in choices), strict=True)]
    for number, one in enumerate(choices):
        tries += [(*first[:number], value, *first[number + 1 :]) for value in one]
    for values in dict.fromkeys(tries):
        words = [f"{arg.arg}={value}" for arg, value in zip(named, values[len(needed) :], strict=True)]
        yield Call(", ".join([*values[: len(needed)], *words]), "annotations")


def _values(annotation: ast.expr | None) -> tuple[str, ...]:
    match annotation:
        case ast.Name(id=name) | ast.Constant(value=str(name)):
            return _TYPES.get(name, ())
        case ast.Constant(value=None):
            return _TYPES["None"]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return (*_values(left)[:3], *_values(right)[:1])
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return (*_values(inner), "None")
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=ast.Name(id=item)) if (
            name in _LISTS
        ):
            return ("[]", _ITEMS[item]) if item in _ITEMS else ()
        case _:
            return ()


def _fits(node: Function, arguments: str) -> bool:
    """Whether a call has the parameters that it needs and no more."""
    try:
        call = parse(f"f({arguments})").body[0]
    except TOO_HARD:
        return False
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    given, named = len(call.value.args), {word.arg for word in call.value.keywords}
    plain = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    most = len(plain) if node.args.vararg is None else 99
    needed = set(plain[given : len(plain) - len(node.args.defaults)])
    return given <= most and needed <= named and not named & set(plain[:given])
