"""Where a docstring goes, as changes of the text: every byte that is not asked for stays as it was.

A docstring goes behind the colon of its unit, on a line of its own (PEP 257); a body on the colon's line moves below.
A module's goes behind shebang, coding line, licence and the comment blocks at the top that a blank line sets apart.
"""

from __future__ import annotations

import ast
import re

from ocode_tools.docstrings.base import Unit
from ocode_tools.errors import Exit, OcodeError
from ocode_tools.source import Change, Function, Source

_REST = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")
_BLANK = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))+")
_COMMENT = re.compile(r"[ \t\f]*#[^\r\n]*(?:\r\n|\r|\n|\Z)")
_HEAD = re.compile(
    r"[ \t\f]*#(?:!|.*?coding[:=][ \t]*[-\w.]+|.*(?:copyright|licen[cs]e|spdx|-\*-|\bvim?:)"
    r"|[ ]*(?:type|mypy|ruff|pylint|flake8|isort|fmt|pyright):)",
    re.IGNORECASE,
)
_INDENT = re.compile(r"[ \t\f]*")


class NoPlaceError(OcodeError):
    """A docstring cannot be put there without touching more than it; the text says why."""

    kind = "usage"
    exit = Exit.REMAINS


def indent_of(source: Source, unit: Unit) -> str:
    """What stands before each line of the unit's docstring.

    Raises NoPlaceError where the body's own indentation cannot be told.
    """
    node = unit.node
    if isinstance(node, ast.Module):
        return ""
    place = _body(source, node)
    start = source.starts[source.line(place) - 1]
    before = source.text[start:place]
    if not before.strip():
        return before.rpartition("\f")[2]
    # On the header's line: one step below the header, by the file's own step.
    own = _INDENT.match(source.text, source.starts[node.lineno - 1])
    return (own[0].rpartition("\f")[2] if own else "") + step(source)


def step(source: Source) -> str:
    """One step of indentation as the file has it, four spaces where it has none."""
    for node in ast.walk(source.tree):
        if isinstance(node, Function | ast.ClassDef | ast.If | ast.For | ast.While | ast.With | ast.Try):
            first = node.body[0]
            start = source.starts[first.lineno - 1]
            line = source.text[start : start + first.col_offset].rpartition("\f")[2]
            if first.lineno > node.lineno and not line.strip(" \t") and line[node.col_offset :]:
                return line[node.col_offset :]
    return "    "


def insert(source: Source, unit: Unit, literal: str, blank: bool) -> list[Change]:
    """The changes that put `literal` (a string literal, inner lines indented, line ends as the file's) into a unit.

    `blank` asks for a blank line after it. Raises NoPlaceError where there is no safe place.
    """
    node, eol = unit.node, source.eol
    if isinstance(node, ast.Module):
        return _into_module(source, literal)
    indent = indent_of(source, unit)
    colon = _colon(source, node)
    rest = _REST.match(source.text, colon)
    if rest is None:
        return _below(source, node, colon, indent, literal, blank)
    at = rest.end()
    spaces = _BLANK.match(source.text, at)
    after = spaces.end() if spaces else at
    inner = re.match(r"[ \t\f]*(?:@|(?:async[ \t]+)?def\b|class\b)", source.text[after:])
    follows = eol if (blank or inner) else ""
    return [Change(at, after, f"{indent}{literal}{eol}{follows}")]


def replace(source: Source, unit: Unit, literal: str) -> list[Change]:
    """The changes that put `literal` in the place of a unit's docstring."""
    if unit.doc is None:
        raise NoPlaceError("has no docstring to replace")
    start, end = source.span(unit.doc)
    holder = unit.node.body[0]
    if (start, end) != source.span(holder):
        raise NoPlaceError("its docstring is in parentheses")
    return [Change(start, end, literal)]


def _below(
    source: Source, node: Function | ast.ClassDef, colon: int, indent: str, literal: str, blank: bool
) -> list[Change]:
    """For a body on the header's line: the docstring on the next one, the body on the one after."""
    body, eol = _body(source, node), source.eol
    between = source.text[colon:body]
    if between.strip(" \t"):
        raise NoPlaceError("its body follows a line continuation; give it a line of its own first")
    last = node.body[-1]
    end = source.span(last)[1]
    if "#" in source.text[end : source.lines(source.line(end), source.line(end))[1]]:
        raise NoPlaceError("a comment stands on the line of its body; give the body a line of its own first")
    follows = eol if blank else ""
    return [Change(colon, body, f"{eol}{indent}{literal}{eol}{follows}{indent}")]


def _colon(source: Source, node: Function | ast.ClassDef) -> int:
    """The offset behind the colon that ends a header: the first one behind its last expression."""
    start = source.offset(node.lineno, node.col_offset)
    parts: list[ast.expr | ast.keyword | ast.arg] = []
    if isinstance(node, ast.ClassDef):
        parts += [*node.bases, *node.keywords]
    else:
        args = node.args
        parts += [*args.posonlyargs, *args.args, *args.kwonlyargs, *args.defaults]
        parts += [item for item in (args.vararg, args.kwarg, node.returns, *args.kw_defaults) if item is not None]
    parts += getattr(node, "type_params", [])  # from Python 3.12
    ends = [source.span(part)[1] for part in parts]
    for token in source.tokens(max([start, *ends]), _body(source, node)):
        if token.text == ":":
            return token.end
    raise NoPlaceError("the end of its header cannot be found")


def _body(source: Source, node: Function | ast.ClassDef) -> int:
    """The offset of a body's first character, of its decorator where it begins with one."""
    first = node.body[0]
    if isinstance(first, Function | ast.ClassDef) and first.decorator_list:
        line = min(item.lineno for item in first.decorator_list)
        found = _INDENT.match(source.text, source.starts[line - 1])
        assert found is not None
        return found.end()
    return source.offset(first.lineno, first.col_offset)


def _into_module(source: Source, literal: str) -> list[Change]:
    text, eol = source.text, source.eol
    at = _head(text)
    before = "" if at == 0 or text[at - 1] in "\r\n" else eol
    rest = text[at:].strip()
    after = eol if not rest or _BLANK.match(text, at) else eol * 2
    return [Change(at, at, f"{before}{literal}{after}")]


def _head(text: str) -> int:
    """Where a module's docstring goes."""
    at = 0
    while _COMMENT.match(text, at):
        end, marked = at, False
        while found := _COMMENT.match(text, end):
            end, marked = found.end(), marked or bool(_HEAD.match(found[0]))
            if end == len(text):
                return end
        blank = _BLANK.match(text, end)
        if not blank and not marked:
            return at
        at = blank.end() if blank else end
    return at
