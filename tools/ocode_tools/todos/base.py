"""What the lexer's parts share: kinds of tokens, rules, and how a rule asks for the code inside a string."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["line", "block", "string", "text", "open", "close", "stop"]
"""A comment to the end of its line, one with an end mark, a string that tells nothing, one that may span lines or that
somebody may want to look into, a bracket, a stop."""


class Span(NamedTuple):
    """A comment or a string that may span lines: byte offsets, the end exclusive."""

    kind: Kind
    start: int
    end: int


class Found(NamedTuple):
    """What a handler read: where it ends, what it is, and the comments in the code that it holds."""

    end: int
    kind: Kind = "text"
    inner: tuple[Span, ...] = ()


class UnclosedError(ValueError):
    """Code inside a string has no end: it is no such string."""


Nest: TypeAlias = Callable[[int, bytes, bytes, bytes], tuple[int, tuple[Span, ...]]]
"""Reads code inside a string: from an offset on to the bracket of `closes` that nothing of `opens` opened there, or to
a byte of `stops` outside of brackets; the offset behind that, and the comments before it. Raises UnclosedError."""
Handler: TypeAlias = Callable[[Nest, bytes, int], Found | None]
"""What begins at an offset of the data; None: not that."""


class Rule(NamedTuple):
    """A token: it begins with `head`, the regular expression `tail` matches the rest, unless a `handler` reads it."""

    kind: Kind
    head: bytes
    tail: bytes = b""
    handler: Handler | None = None


def quoted(quote: bytes, *, lines: bool = False, escape: bool = True, double: bool = False, after: bytes = b"") -> Rule:
    """A string: over several lines, with backslashes, with doubled quotes; `after` is a test behind its first quote."""
    stop = quote + (rb"\\" if escape else b"") + (b"" if lines else rb"\r\n")
    more = [rb"\\(?:\r\n|.)"] * escape + [quote * 2] * double
    inner = b"[^" + stop + b"]*+"
    rest = b"(?:(?:" + b"|".join(more) + b")" + inner + b")*+" if more else b""
    return Rule("text" if lines else "string", quote, after + inner + rest + quote + (b"(?!%b)" % quote) * double)


def triple(quote: bytes, escape: bool = True) -> Rule:
    """A string between three quotes."""
    inner = b"[^" + quote + rb"\\" * escape + b"]*+"
    more = rb"\\.|" * escape + quote + b"(?!" + quote * 2 + b")"
    return Rule("text", quote * 3, inner + b"(?:(?:" + more + b")" + inner + rb")*+(?:" + quote * 3 + rb"|\Z)")


def line(head: bytes, tail: bytes = rb"[^\r\n]*") -> Rule:
    """A comment to the end of the line."""
    return Rule("line", head, tail)


def block(head: bytes, close: bytes) -> Rule:
    """A comment to its end mark, or to the end of the file."""
    return Rule("block", head, b".*?(?:" + re.escape(close) + rb"|\Z)")


def call(handler: Handler, head: bytes, tail: bytes = b"") -> Rule:
    """What a regular expression cannot tell: a function looks."""
    return Rule("text", head, tail, handler)


class Family(NamedTuple):
    """How to lex some languages.

    `rules` in the order in which they are tried; each begins with a literal, so that the engine of `re` leaps from
    one possible beginning to the next. `jumps` is what begins a token of several lines: a line without one of these
    can be left out, whatever is on it; None: every line is read.
    """

    name: str
    rules: tuple[Rule, ...]
    jumps: tuple[bytes, ...] | None = None


QUOTES = (quoted(b'"'), quoted(b"'"))
CHAR = Rule("string", b"'", rb"(?:[^'\\\r\n]|\\[^\r\n]){1,12}'")  # not 1'000, which has no second one
UTF8 = rb"(?:[\x00-\x7f]|[\xc0-\xff][\x80-\xbf]+)"
# A backslash at the end of a line takes the next one in.
SLASHES = (line(b"//", rb"(?:[^\\\r\n]|\\(?:\r\n|.)?)*+"), block(b"/*", b"*/"))
