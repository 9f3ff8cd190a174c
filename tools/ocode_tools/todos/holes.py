"""Strings with code in them: f-strings, templates and their like."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ocode_tools.todos.base import Found, Handler, Nest, Span, UnclosedError

_SPEC = re.compile(rb"[{}]")
MOST = 1 << 16
"""Bytes that such a string may have: more is a quote that nobody closed."""


class Hole(NamedTuple):
    """How code begins in a string, and the brackets that are counted to find its end; `spec`: a colon outside of
    those begins a format, which is text up to the bracket."""

    head: bytes
    opens: bytes
    closes: bytes
    spec: bool = False


def string(quote: bytes, *holes: Hole, lines: bool = True, escape: bool = True) -> Handler:
    """A handler for strings between `quote`, on several `lines` or one, with backslashes or without."""
    parts = [
        *([rb"\\(?:\r\n|.)"] if escape and not any(hole.head.startswith(b"\\") for hole in holes) else []),
        *(re.escape(hole.head * 2) for hole in holes if hole.spec),
        *(re.escape(hole.head) for hole in holes),
        *([rb"\\(?:\r\n|.)"] if escape else []),
        re.escape(quote),
        *([] if lines else [rb"[\r\n]"]),
    ]
    known = {hole.head: hole for hole in holes}
    edges = cache(lambda: re.compile(b"|".join(parts), re.DOTALL))

    def read(nest: Nest, data: bytes, start: int) -> Found | None:
        at, inner = start + len(quote), list[Span]()
        while edge := edges().search(data, at, start + MOST):
            at, text = edge.end(), edge.group()
            if text == quote:
                return Found(at, "text", tuple(inner))
            if text in (b"\n", b"\r"):
                return None
            if text in known:
                at = _hole(known[text], nest, data, at, inner)
        return None

    return read


def _hole(hole: Hole, nest: Nest, data: bytes, at: int, inner: list[Span]) -> int:
    """The offset behind the code that begins at `at`; its comments are added to `inner`."""
    end, comments = nest(at, hole.opens, hole.closes, b":" if hole.spec else b"")
    inner += comments
    if data[end - 1 : end] != b":":
        return end
    while edge := _SPEC.search(data, end, end + MOST):
        if edge.group() == b"}":
            return edge.end()
        end = _hole(hole, nest, data, edge.end(), inner)
    raise UnclosedError


_BRACE = (b"{", b"}")
_FORMAT = Hole(b"{", b"([{", b")]}", spec=True)
_SHELL = (Hole(b"$(", b"(", b")"), Hole(b"${", *_BRACE))


def python(nest: Nest, data: bytes, start: int) -> Found | None:
    """An f-string (PEP 701: the quotes around it may stand in its braces)."""
    quote = data[start : start + 1]
    return _PYTHON[quote * 3 if data[start : start + 3] == quote * 3 else quote](nest, data, start)


_PYTHON = {quote: string(quote, _FORMAT, lines=len(quote) > 1) for quote in (b'"', b"'", b'"""', b"'''")}
javascript = string(b"`", Hole(b"${", *_BRACE))
shell = string(b'"', *_SHELL)
ruby = {quote: string(quote, Hole(b"#{", *_BRACE)) for quote in (b'"', b"`")}
kotlin = {
    quote: string(quote, Hole(b"${", *_BRACE), lines=len(quote) > 1, escape=len(quote) == 1) for quote in (b'"', b'"""')
}
swift = {quote: string(quote, Hole(b"\\(", b"(", b")"), lines=len(quote) > 1) for quote in (b'"', b'"""')}
csharp = string(b'"', _FORMAT, lines=False)
