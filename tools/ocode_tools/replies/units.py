"""Which function or class of a file a definition in a reply means."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ocode_tools.replies.base import Unfit
from ocode_tools.replies.clean import Code
from ocode_tools.replies.elision import elided
from ocode_tools.replies.lines import canon, indent, plain
from ocode_tools.source import Function, Source

Definition = Function | ast.ClassDef
_LEAST, _MARGIN = 0.75, 0.1


@dataclass(frozen=True, slots=True)
class Home:
    """A definition in the file: its dotted name, its lines (1-based, inclusive, decorators in) and its node."""

    name: str
    first: int
    last: int
    node: Definition


def first_line(node: ast.stmt) -> int:
    """The first line of a statement, decorators included."""
    decorators = node.decorator_list if isinstance(node, Definition) else []
    return min([node.lineno, *(part.lineno for part in decorators)])


def last_line(node: ast.stmt, lines: Sequence[str]) -> int:
    """The last line of a statement, with the comments below it that are indented more than it begins."""
    end = last = node.end_lineno or node.lineno
    while end < len(lines) and (not lines[end].strip() or lines[end].lstrip().startswith("#")):
        if lines[end].strip() and len(indent(lines[end])) <= node.col_offset:
            break
        end += 1
        last = end if lines[end - 1].strip() else last
    return last


def homes(source: Source) -> list[Home]:
    """All functions and classes of a file, in the order of their lines."""
    lines = plain(source.text)
    found = [
        Home(unit.qualname, unit.first, last_line(unit.node, lines), unit.node)
        for unit in source.functions()
        if not isinstance(unit.node, ast.Module)
    ]
    found += [Home(name, first_line(node), last_line(node, lines), node) for name, node in source.classes()]
    return sorted(found, key=lambda home: home.first)


def candidates(name: str, nodes: Sequence[Definition], all_homes: Sequence[Home], wanted: Sequence[str]) -> list[Home]:
    """The definitions of the file that those of this name in the reply, at its top level, may mean.

    What was asked for comes first, then the top level, then the methods of a class. Raises Unfit where two classes
    have such a method and nothing tells which is meant.
    """
    kind = ast.ClassDef if isinstance(nodes[0], ast.ClassDef) else Function
    same = [home for home in all_homes if home.name.rpartition(".")[2] == name and isinstance(home.node, kind)]
    asked = [home for home in same if home.name in wanted]
    top = [home for home in same if home.name == name]
    if top and asked and not any(home in top for home in asked) and not _like_methods(nodes, asked):
        return top
    if asked:
        return asked if len(nodes) > 1 or len({home.name for home in asked}) == 1 else _one(name, asked)
    if top:
        return top
    classes = {home.name for home in all_homes if isinstance(home.node, ast.ClassDef)}
    inner = [home for home in same if home.name.rpartition(".")[0] in classes]
    near = [home for home in inner if any(home.name.rpartition(".")[0] == ask.rpartition(".")[0] for ask in wanted)]
    inner = near or inner
    return inner if len({home.name for home in inner}) <= 1 else _one(name, inner)


def _like_methods(nodes: Sequence[Definition], asked: Sequence[Home]) -> bool:
    """Whether functions take the first parameter that the methods asked for take."""
    firsts = [
        [arg.arg for arg in node.args.args[:1]]
        for node in [*nodes, *(home.node for home in asked)]
        if isinstance(node, Function)
    ]
    return all(first == firsts[-1] for first in firsts)


def _one(name: str, several: Sequence[Home]) -> list[Home]:
    raise Unfit(
        f"{name} is defined in several places: {', '.join(sorted({home.name for home in several}))} (ambiguous)",
        f"Say which {name} is meant: send it inside its class.",
    )


def paired(
    nodes: Sequence[Definition], found: Sequence[Home], code: Code, source: Source
) -> list[tuple[Definition, Home]]:
    """Which definition of the reply replaces which of the file, where one name is defined several times.

    Raises Unfit where that is not plain.
    """
    if len(nodes) == len(found):
        return list(zip(nodes, found, strict=True))
    if len(nodes) > len(found):
        return [(_newest(nodes, found[-1], code, source), found[-1])] if len(found) == 1 else _several(nodes[0])
    pairs: list[tuple[Definition, Home]] = []
    for node in nodes:
        free = [home for home in found if home not in [home for _, home in pairs]]
        rated = sorted(((*_alike(node, home, code, source), -n) for n, home in enumerate(free)), reverse=True)
        best, others = rated[0], rated[1:]
        if others and best[0] < others[0][0] + 1 and best[1] < max(_LEAST, max(one[1] for one in others) + _MARGIN):
            _several(node)
        pairs.append((node, free[-best[2]]))
    return pairs


def _several(node: Definition) -> list[tuple[Definition, Home]]:
    raise Unfit(
        f"{node.name} is defined several times in the file and the reply does not say which it means (ambiguous)",
        f"Send every definition of {node.name}, in the file's order.",
    )


def _newest(nodes: Sequence[Definition], home: Home, code: Code, source: Source) -> Definition:
    """The last of several versions that is not what the file has."""
    old = same_text(source_lines(source, home.first, home.last))
    new = [node for node in nodes if same_text(code_lines(code, node)) != old]
    return (new or list(nodes))[-1]


def _alike(node: Definition, home: Home, code: Code, source: Source) -> tuple[float, float]:
    """How well decorators and parameters agree, and how much of the bodies is the same (0 to 1)."""
    mine, theirs = ([ast.unparse(part) for part in one.decorator_list] for one in (node, home.node))
    score = 2.0 * (mine == theirs) - 2.0 * (bool(mine) and mine != theirs)
    if isinstance(node, Function) and isinstance(home.node, Function):
        score += [arg.arg for arg in node.args.args] == [arg.arg for arg in home.node.args.args]
    a, b = ("\n".join(map(ast.unparse, one.body))[:5000] for one in (node, home.node))
    return score, SequenceMatcher(None, a, b).ratio()


def code_lines(code: Code, node: ast.stmt) -> list[str]:
    """The lines of a statement of the reply, as the reply indents them."""
    return list(code.raw[first_line(node) - 1 : last_line(node, plain(code.text))])


def source_lines(source: Source, first: int, last: int) -> list[str]:
    """Lines of the file, 1-based and inclusive, without their ends."""
    start, end = source.lines(first, last)
    return plain(re.sub(r"(?:\r\n|\r|\n)\Z", "", source.text[start:end]))


def same_text(lines: Sequence[str]) -> str:
    """What two spellings of the same code have in common: all but blanks at both ends of lines, and blank lines."""
    return "\n".join(bare for line in lines if (bare := canon(line).strip()))


def is_stub(node: Definition) -> bool:
    """Whether a definition does nothing: `...`, `pass`, a docstring, or raising NotImplementedError."""
    return all(map(_is_nothing, node.body))


def _is_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case _:
            return False


def is_left_out(node: Definition, home: Home, code: Code, source: Source) -> bool:
    """Whether the reply only stands for what the file has: a stub, or code with an ellipsis, where there was none."""
    if is_stub(node) and not is_stub(home.node):
        return True
    start, end = source.lines(home.first, home.last)
    return (
        elided(
            "\n".join(plain(code.text)[first_line(node) - 1 : last_line(node, plain(code.text))]),
            source.text[start:end],
        )
        is not None
    )
