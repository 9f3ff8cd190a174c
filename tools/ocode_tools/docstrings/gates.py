"""The gate that no text can talk its way through: with its docstrings taken out, a file is what it was before."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from codecs import BOM_UTF8
from collections.abc import Iterator

from ocode_tools.docstrings.base import Node
from ocode_tools.docstrings.units import docstring
from ocode_tools.source import Function, Source, SourceError

_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)
_END = re.compile(r"[ \t]*(?:\r\n|\r|\n|\Z)")
_BLANK = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))+")
_LAYOUT = frozenset({tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})


def only_docstrings(path: str, before: bytes, after: bytes, may_change: bool = False) -> str | None:
    """Why two versions of a file differ in more than added docstrings, in one line; None where they do not.

    The syntax trees and the tokens, comments included, must be the same without docstrings, and every docstring that
    was there must still be there unless `may_change`. Bytes that are not Python are refused.
    """
    try:
        old, new = Source(path, before), Source(path, after)
        if before.startswith(BOM_UTF8) != after.startswith(BOM_UTF8) or old.encoding != new.encoding:
            return "encoding: the coding line or the byte order mark is another"
        return None if _is_old_with_lines(old.text, new) else _differ(old, new, may_change)
    except SourceError as problem:
        return f"parses: {problem}"


def _is_old_with_lines(old: str, new: Source) -> bool:
    """Whether the new text is the old one with docstrings on lines of their own added, and blank lines behind them.

    That is quick to see and leaves nothing else to compare: what remains without those lines is the old text itself.
    """
    text = new.text
    at_old = at = 0
    for node in _holders(new.tree):
        doc = docstring(node)
        if doc is None:
            continue
        start, end = new.span(doc)
        first = new.starts[doc.lineno - 1]
        rest = _END.match(text, end)
        if text[first:start].strip(" \t\f") or not rest or _is_string(node.body[1:2]):
            return False
        if not old.startswith(text[at:first], at_old):
            return False
        at_old, at = at_old + first - at, first
        if old.startswith(text[at : rest.end()], at_old):
            continue  # it was there
        at = rest.end()
        at_old, at = _behind(old, at_old), _behind(text, at)
    return old[at_old:] == text[at:]


def _behind(text: str, at: int) -> int:
    """The end of the blank lines that begin at an offset."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _is_string(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _holders(tree: ast.Module) -> list[Node]:
    """All units in the order of their docstrings."""
    found, stack = list[Node](), list[ast.AST]([tree])
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Module | Function | ast.ClassDef):
            found.append(node)
        stack.extend(child for child in ast.iter_child_nodes(node) if isinstance(child, _BLOCKS))
    return sorted(found, key=lambda node: node.body[0].lineno if node.body else 0)


def _differ(old: Source, new: Source, may_change: bool) -> str | None:
    """The same question by comparing trees and tokens."""
    old_docs, new_docs = _docstrings(old.tree), _docstrings(new.tree)
    if not _same(old.tree, new.tree):
        return "code: the syntax tree without docstrings is another"
    if lost := _lost(old_docs, new_docs, may_change):
        return lost
    rest = _without(old, old_docs), _without(new, new_docs)
    if _comments(rest[0]) == _comments(rest[1]) and rest[0].split() == rest[1].split():
        return None
    try:
        same = list(_tokens(old, old_docs)) == list(_tokens(new, new_docs))
    except (tokenize.TokenError, SyntaxError) as problem:
        return f"code: the tokens cannot be read: {problem}"
    return None if same else "code: the tokens without docstrings are others"


def _docstrings(tree: ast.Module) -> dict[str, ast.Constant | None]:
    """The docstring of each unit by its place among the units: names may come twice."""
    found: dict[str, ast.Constant | None] = {"": docstring(tree)}
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        prefix, holder = stack.pop()
        for number, node in enumerate(_statements(holder)):
            place = f"{prefix}.{number}"
            if isinstance(node, Function | ast.ClassDef):
                place = f"{prefix}.{node.name}"
                while place in found:
                    place += "'"
                found[place] = docstring(node)
            stack.append((place, node))
    return found


def _statements(holder: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(holder):
        if isinstance(node, _BLOCKS) and not _is_docstring(holder, node):
            yield node


def _is_docstring(holder: ast.AST, node: ast.AST) -> bool:
    return (
        isinstance(holder, ast.Module | Function | ast.ClassDef) and node is holder.body[0] and bool(docstring(holder))
    )


def _lost(old: dict[str, ast.Constant | None], new: dict[str, ast.Constant | None], may_change: bool) -> str | None:
    for place, doc in old.items():
        now = new.get(place)
        if doc is not None and (now is None or (now.value != doc.value and not may_change)):
            name = re.sub(r"\.\d+(?=\.|$)|'", "", place).strip(".") or "the module"
            return f"docstrings: the one of {name} was there before and is {'gone' if now is None else 'another'}"
    return None


def _same(old: ast.AST, new: ast.AST) -> bool:
    """Whether two trees are equal without docstrings; positions do not count."""
    stack: list[tuple[object, object]] = [(old, new)]
    while stack:
        first, second = stack.pop()
        if first.__class__ is not second.__class__:
            return False
        if isinstance(first, ast.AST):
            body = _body(first)
            for name in first._fields:
                one, two = getattr(first, name, None), getattr(second, name, None)
                if name == "body" and body is not None and isinstance(second, ast.AST):
                    one, two = body, _body(second)
                if one is not two:
                    stack.append((one, two))
        elif isinstance(first, list):
            these, those = list[object](first), list[object](second)  # type: ignore[call-overload]
            if len(these) != len(those):
                return False
            stack += zip(these, those, strict=True)
        elif first != second or (isinstance(first, float | complex) and repr(first) != repr(second)):  # -0.0
            return False
    return True


def _body(node: ast.AST) -> list[ast.stmt] | None:
    """The body of a unit without its docstring; None for any other node."""
    if not isinstance(node, ast.Module | Function | ast.ClassDef):
        return None
    return node.body[1:] if docstring(node) else node.body


def _without(source: Source, docs: dict[str, ast.Constant | None]) -> str:
    """The text without its docstrings."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(source.span(doc) for doc in docs.values() if doc is not None):
        pieces.append(source.text[at:start])
        at = end
    return "".join([*pieces, source.text[at:]])


def _comments(text: str) -> list[str]:
    """The lines that hold a comment sign: a comment belongs to what stands before it."""
    return [line.strip() for line in text.splitlines() if "#" in line]


def _tokens(source: Source, docs: dict[str, ast.Constant | None]) -> Iterator[tuple[str, bool]]:
    """All tokens but layout and docstrings, by the tokenizer; and of comments whether code stands before them."""
    ends = dict(source.span(doc) for doc in docs.values() if doc is not None)
    until = 0
    for token in tokenize.generate_tokens(io.StringIO(source.text, newline="").readline):
        offset = source.starts[token.start[0] - 1] + token.start[1] if token.start[0] <= len(source.starts) else 0
        until = ends.get(offset, until)
        if token.type not in _LAYOUT and not offset < until:
            behind = token.type == tokenize.COMMENT and bool(token.line[: token.start[1]].strip())
            yield token.string, behind
