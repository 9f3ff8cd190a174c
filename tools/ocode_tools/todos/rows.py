"""The lines of a comment without the signs that make it one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocode_tools.todos.base import Span
from ocode_tools.todos.grammar import Row

_LONGEST = 4000  # bytes of a line that are looked at
_LAST = 12  # characters that an end mark may have
# What begins a comment or one of its lines, and what ends a block.
_OPEN = re.compile(
    r"\s*(?:<!--+|/\*+[*!<]*|//+[!/<]*|\{-[#|]?|--+\[=*\[|--+[|^]?|\(\*+|#+\[=*\[|#\||#=|<#|#+[!:']?|;+|%+\{?|=begin|!+|"
    r"'(?!'')|::|(?i:rem)\b|\*+(?!/)|[rRbBuUfF]{0,2}(?:\"\"\"|'''|\"|'))?[ \t]*"
)
_CLOSE = re.compile(r"\s*(?:\*+/|--+>|#?-\}|\*+\)|\]=*\]|\|#|=#|#>|%\}|\"\"\"|'''|[\"'])?\s*\Z")
_SIGN = re.compile(rb"[^\w\s]{1,3}|(?i:rem)")
_CODING = re.compile(rb"coding[:=][ \t]*([-\w.]+)")


def row_at(data: bytes, span: Span, mark: int) -> tuple[int, Row]:
    """The row of the comment `span` that holds the offset `mark`, and the offset where the row begins."""
    first = data.rfind(b"\n", 0, mark) + 1
    begin = max(first, span.start, mark - _LONGEST)
    return begin, _row(data, begin, _end(data, mark, span.end), begin - first)


def rows_below(data: bytes, span: Span, mark: int) -> Iterator[Row]:
    """The rows of the comment below the one of `mark`; of comments to the end of the line, those with the same sign
    in the same column."""
    first = data.rfind(b"\n", 0, mark) + 1
    at = data.find(b"\n", mark) + 1
    if span.kind != "line":
        while 0 < at < span.end:
            yield _row(data, at, _end(data, at, span.end), 0)
            at = data.find(b"\n", at) + 1
        return
    sign = _SIGN.match(data, span.start)
    column = span.start - first
    while at and sign and data.startswith(sign.group(), at + column) and not data[at : at + column].strip():
        yield _row(data, at + column, _end(data, at, len(data)), column)
        at = data.find(b"\n", at) + 1


def decoded(data: bytes, start: int, end: int) -> str:
    """A piece of the file as text: as UTF-8, else in the encoding that its first lines name, else as Latin-1."""
    piece = data[start:end]
    try:
        return piece.decode()
    except UnicodeDecodeError:
        coding = _CODING.search(data, 0, 400)
    try:
        return piece.decode(coding[1].decode(), "replace") if coding else piece.decode("latin-1")
    except LookupError:
        return piece.decode("latin-1")


def _row(data: bytes, begin: int, end: int, column: int) -> Row:
    text = decoded(data, begin, end)
    opened = _OPEN.match(text)
    at = opened.end() if opened else 0
    rest = text[at:].rstrip()
    return Row(column + at, (rest[:-_LAST] + _CLOSE.sub("", rest[-_LAST:])).rstrip())


def _end(data: bytes, at: int, most: int) -> int:
    """The end of the line that holds `at`."""
    most = min(most, at + _LONGEST)
    found = data.find(b"\n", at, most)
    return found if found >= 0 else most
