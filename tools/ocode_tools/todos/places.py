"""In which function or class a comment stands, by indentation: files need not parse."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

from ocode_tools.todos.base import Span

# Families whose files have no functions or classes to name.
_NONE = frozenset(
    (
        "hash",
        "toml",
        "yaml",
        "start",
        "docker",
        "make",
        "markup",
        "xml",
        "markdown",
        "css",
        "scss",
        "tex",
        "batch",
        "sql",
    )
)
_PYTHON = re.compile(rb"[ \t]*(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_OTHER = re.compile(
    rb"[ \t]*(?:[\w@:.,<>*&\[\]()\"' ]*?\b)??(?:func|function|fn|fun|def|defn|class|struct|interface|impl|trait|enum|"
    rb"module|namespace|object|record|contract|sub|proc|procedure|protocol|extension|union)\b[ \t]*"
    rb"(?:\([^)\n]*\)[ \t]*)?"
    rb"(?:<[^>\n]*>[ \t]*)?(\w[\w.:$]*)"
)
_CALLABLE = re.compile(
    rb"[ \t]*+(?!(?:if|for|while|switch|return|else|catch|do|case|using|elif|foreach|lock|sizeof)\b)"
    rb"(?:[\w:*&<>,~\[\].$@ \t]+?[ \t*&]|)([\w:~$]+)[ \t]*\([^;\n]*\r?(?:\n|\Z)"
)
_LINE = re.compile(rb"[ \t]*(\S?)[^\n]*(?:\n|\Z)")
_TYPE_FIRST = frozenset(("c", "java", "csharp"))  # int f(struct x *y)
_LONGEST = 400  # bytes of a line
_WINDOW, _FARTHEST = 1500, 1 << 20  # bytes before a comment that are looked at first, and at most
_MOST_BELOW = 40  # lines looked at to find what a comment stands above


def symbol(data: bytes, family: str, span: Span, texts: Sequence[Span]) -> str:
    """The dotted name of the function or class around the comment `span`, or right below it; "" at the top.

    `texts` are the strings of several lines before it, in order: what stands in them does not count.
    """
    if family in _NONE:
        return ""
    first = data.rfind(b"\n", 0, span.start) + 1
    alone = not data[first : span.start].strip()
    indent = _indent(data, first)
    names = list[str]()
    if alone:
        below, touches = _below(data, span)
        header = _header(data, family, below) if touches else None
        if header:
            names.append(header)
            indent = _indent(data, below)
        elif below < len(data):
            indent = max(indent, _indent(data, below))
    at = first
    if not alone and (header := _header(data, family, first)):
        names.append(header)
    starts = [text.start for text in texts]
    while indent > 0 and (found := _above(data, at, indent, texts, starts)) is not None:
        at = found
        indent = _indent(data, at)
        if header := _header(data, family, at):
            names.append(header)
    return ".".join(reversed(names))


def _indent(data: bytes, line: int) -> int:
    end = line
    while data[end : end + 1] in (b" ", b"\t"):
        end += 1
    return end - line


def _header(data: bytes, family: str, line: int) -> str | None:
    """The name of the function or class that a line begins, if it does."""
    if family == "python":
        found = _PYTHON.match(data, line)
    else:
        end = data.find(b"\n", line, line + _LONGEST) + 1 or min(len(data), line + _LONGEST)
        first, second = (_CALLABLE, _OTHER) if family in _TYPE_FIRST else (_OTHER, _CALLABLE)
        found = first.match(data, line, end) or second.match(data, line, end)
    return found[1].decode("utf-8", "replace") if found else None


def _below(data: bytes, span: Span) -> tuple[int, bool]:
    """The first line of code below a comment, decorators left out, and whether nothing but comments is between."""
    sign = data[span.start : span.start + 1]
    at, touches = data.find(b"\n", span.end) + 1, True
    for _ in range(_MOST_BELOW if at else 0):
        line = _LINE.match(data, at)
        if not line or at >= len(data):
            break
        if not line[1] or line[1] == b"\r":
            touches = False
        elif line[1] != sign and line[1] not in b"@*/#":
            return at, touches
        at = line.end()
    return len(data), False


def _above(data: bytes, at: int, indent: int, texts: Sequence[Span], starts: Sequence[int]) -> int | None:
    """The nearest line of code before `at` that is indented less; closing brackets, labels and strings do not count."""
    pattern, size = _less(indent), _WINDOW
    while at > 0 and size < _FARTHEST:
        low = max(0, data.rfind(b"\n", 0, max(0, at - size)))
        for found in reversed(list(pattern.finditer(data, low, at))):
            line = found.start() + 1
            if not _inside(line, texts, starts):
                return line
        at, size = low, size * 4
    first = data[:1] if not at else b""
    return 0 if first.strip() and first not in b"#)]}/*{" else None


def _inside(at: int, texts: Sequence[Span], starts: Sequence[int]) -> bool:
    number = bisect_right(starts, at) - 1
    return number >= 0 and at < texts[number].end


@cache
def _less(indent: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n[ \t]{0,%d}+(?!\w+:\r?\n)[^\s#)\]}/*{]" % (indent - 1))
