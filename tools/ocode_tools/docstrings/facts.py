"""What is true of a unit by analysis alone: parameters, results, exceptions, attributes. No words are made up here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.parts import Entry, Facts, Style
from ocode_tools.docstrings.raises import Raises
from ocode_tools.docstrings.units import decorator, decorators
from ocode_tools.source import Function, Source

_RESERVED = frozenset({"summary", "details", "returns", "yields"})
_ITERATORS = frozenset({"Iterator", "Iterable", "Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator"})
_NOTHING = frozenset({"None", "NoReturn", "Never"})
_FIELDS = frozenset({"NamedTuple", "TypedDict", "BaseModel", "Struct"})


def facts(source: Source, unit: Unit, style: Style, raises: Raises) -> Facts:
    """The facts of a unit, with the entries that a docstring in `style` should have."""
    node = unit.node
    if isinstance(node, ast.ClassDef):
        return _of_class(source, node, style, raises)
    if isinstance(node, Function):
        names = {name.rpartition(".")[2] for name in decorators(node)}
        if names & {"property", "cached_property"}:
            return Facts(noun=True)
        return _of_function(source, unit, node, style, raises)
    return Facts(noun=True)


def _of_class(source: Source, node: ast.ClassDef, style: Style, raises: Raises) -> Facts:
    made = [child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__init__"]
    entries: list[Entry] = []
    whole = True
    if made and not style.init:
        entries += _parameters(source, made[-1], style, bound=True)
        whole = _tellable(made[-1], entries, style, raises)
        entries += _raised(raises, made[-1], node, style)
    members = list(_members(source, node))
    if style.members or _is_record(node):
        taken = {entry.key for entry in entries} | _RESERVED
        entries += [
            Entry("attributes", name, kind if style.types else "", f"attr_{name}" if name in taken else name, told)
            for name, kind, told in members
        ]
    own = [name for name, _, _ in members]
    # pydoclint wants attributes as directives there, which no reader would.
    whole &= not (style.strict and style.form == "sphinx" and any(entry.section == "attributes" for entry in entries))
    return Facts(tuple(entries), whole, noun=True, attributes=tuple(dict.fromkeys([*own, *_assigned(made)])))


def _of_function(source: Source, unit: Unit, node: Function, style: Style, raises: Raises) -> Facts:
    static = "staticmethod" in decorators(node)
    bound = unit.owner is not None and not static
    entries = _parameters(source, node, style, bound=bound)
    results, whole = _results(source, node, style)
    whole = whole and _tellable(node, entries, style, raises)
    return Facts((*entries, *results, *_raised(raises, node, unit.owner, style)), whole)


def _tellable(node: Function, entries: Sequence[Entry], style: Style, raises: Raises) -> bool:
    """Whether pydoclint would take what can be said of parameters and exceptions."""
    return not style.strict or (all(entry.type or not style.types for entry in entries) and raises.clear(node))


def _parameters(source: Source, node: Function, style: Style, bound: bool) -> list[Entry]:
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
    rows: list[tuple[str, ast.arg, ast.expr | None]] = [("", *pair) for pair in zip(plain, defaults, strict=True)]
    rows = rows[1:] if bound else rows
    rows += [("*", args.vararg, None)] if args.vararg else []
    rows += [("", *pair) for pair in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    rows += [("**", args.kwarg, None)] if args.kwarg else []
    return [_parameter(source, stars, arg, default, style) for stars, arg, default in rows if arg.arg.strip("_")]


def _parameter(source: Source, stars: str, arg: ast.arg, default: ast.expr | None, style: Style) -> Entry:
    key = f"arg_{arg.arg}" if arg.arg in _RESERVED else arg.arg
    told = {"*": "further positional arguments", "**": "further keyword arguments"}.get(stars, "")
    if default is not None:
        told = f"default {_text(source, default)}"
    kind = _annotation(source, arg.annotation) if arg.annotation and style.types else ""
    return Entry("args", ("" if style.bare_stars else stars) + arg.arg, kind, key, told)


def _results(source: Source, node: Function, style: Style) -> tuple[list[Entry], bool]:
    """Entries for what is returned and yielded; and whether that is all that can be said."""
    own = list(body_nodes(node))
    values = [item for item in own if isinstance(item, ast.Return) and not _is_none(item.value)]
    generator = any(isinstance(item, ast.Yield | ast.YieldFrom) for item in own)
    annotation = node.returns
    said = _annotation(source, annotation) if annotation else ""
    name = decorator(annotation.value if isinstance(annotation, ast.Subscript) else annotation) if annotation else ""
    iterates = name.rpartition(".")[2] in _ITERATORS
    inner = _arguments(source, annotation) if iterates else []
    entries: list[Entry] = []
    whole = True
    if generator:
        entries.append(Entry("yields", "", inner[0] if style.result_types and inner else "", "yields"))
        stated = any(isinstance(item, ast.Expr) and isinstance(item.value, ast.Yield | ast.YieldFrom) for item in own)
        whole = not style.strict or (iterates and stated)
        said = inner[2] if len(inner) > 2 else ""
    stub = not values and not generator and said and said.strip("\"'").rpartition(".")[2] not in _NOTHING
    if values or stub:
        kind = said if style.result_types else ""
        whole = whole and not (style.strict and style.result_types and not said)
        entries.insert(0, Entry("returns", "", kind, "returns", f"type {said}" if said else ""))
    elif style.strict and not said and any(isinstance(item, ast.Return) for item in own):
        whole = False  # pydoclint asks for a section about a bare `return`
    return entries, whole


def _raised(raises: Raises, node: Function, owner: ast.ClassDef | None, style: Style) -> list[Entry]:
    if not style.raises:
        return []
    found = raises.stated(node) if style.strict else raises.escaping(node, owner)
    return [Entry("raises", name, "", f"raises_{name.replace('.', '_')}", told) for name, told in found.items()]


def _members(source: Source, node: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """Public names that the class body assigns: name, annotation, what is known of the value."""
    for child in node.body:
        if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
            name, kind, value = child.target.id, _annotation(source, child.annotation), child.value
        elif isinstance(child, ast.Assign) and len(child.targets) == 1 and isinstance(child.targets[0], ast.Name):
            name, kind, value = child.targets[0].id, "", child.value
        else:
            continue
        if not name.startswith("_"):
            yield name, kind, f"default {_text(source, value)}" if value is not None else ""


def _is_record(node: ast.ClassDef) -> bool:
    """Whether the class body's annotations are its parameters."""
    bases = {decorator(base).rpartition(".")[2] for base in node.bases}
    marks = {name.rpartition(".")[2] for name in decorators(node)}
    return bool(bases & _FIELDS or marks & {"dataclass", "define", "frozen", "attrs"})


def _assigned(made: Sequence[ast.FunctionDef]) -> list[str]:
    """The public attributes that `__init__` sets on its first parameter."""
    found: list[str] = []
    for node in made[-1:]:
        args = [*node.args.posonlyargs, *node.args.args]
        for item in body_nodes(node) if args else ():
            if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and isinstance(item.value, ast.Name):
                found += [item.attr] if item.value.id == args[0].arg and not item.attr.startswith("_") else []
    return found


def body_nodes(node: Function) -> Iterator[ast.AST]:
    """All nodes of a function's body but those of functions and classes in it, in the order of the text."""
    stack: list[ast.AST] = [*reversed(node.body)]
    while stack:
        item = stack.pop()
        yield item
        if not isinstance(item, Function | ast.ClassDef | ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(item))))


def _arguments(source: Source, annotation: ast.expr | None) -> list[str]:
    """The arguments of a generic annotation."""
    if not isinstance(annotation, ast.Subscript):
        return []
    inner = annotation.slice
    return [_annotation(source, item) for item in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _annotation(source: Source, node: ast.expr) -> str:
    """A type as people write it in prose: one in quotes without them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split())
    text = _text(source, node)
    return text if "Literal" in text or "Annotated" in text else re.sub(r"""(["'])([\w.\[\], |]+)\1""", r"\2", text)


def _text(source: Source, node: ast.expr) -> str:
    """An expression in one line."""
    text = " ".join(source.segment(node).split())
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
        return repr(node.value)
    return text if len(text) < 200 else "..."
