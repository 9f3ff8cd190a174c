"""Strings and comments that no regular expression can read: nested ones, and those that name their own end."""

from __future__ import annotations

import re

from ocode_tools.todos.base import Found, Handler, Nest

_WORD = re.compile(
    rb"<<<?[-~]?[ \t]*(?:'([^'\r\n]+)'|\"([^\"\r\n]+)\"|`([^`\r\n]+)`|\\?([A-Za-z_]\w*))[^\r\n]*(?:\r\n|\n)"
)
_BRACKET = re.compile(rb"(?:--|#)?\[(=*)\[")
_SCALAR = re.compile(rb"[|>][-+0-9]{0,2}[ \t]*(?:#[^\r\n]*)?\r?\n")
_REGEX = re.compile(rb"/(?![*/])(?:[^/\\\[\r\n]|\\[^\r\n]|\[(?:[^\]\\\r\n]|\\[^\r\n])*+\])++/")
_BEFORE_REGEX = re.compile(
    rb"(?:^|[(,=:\[!&|?{};+\-*%~^>\n]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await|and|or|not|if|unless|when|while|until|split|match))\s*\Z"
)
_SCALAR_AT = re.compile(rb"(?:[:\-|>?]|[!&]\S+)\s*\Z")
_PAIRS = {b"[": b"]", b"{": b"}", b"(": b")", b"<": b">"}


def nested(opener: bytes, closer: bytes) -> Handler:
    """A block comment that may hold others; where those do not close, the first end is its end."""
    edges = re.compile(re.escape(opener) + b"|" + re.escape(closer))

    def read(_nest: Nest, data: bytes, start: int) -> Found:
        depth = 0
        for edge in edges.finditer(data, start):
            depth += 1 if edge.group() == opener else -1
            if not depth:
                return Found(edge.end(), "block")
        first = data.find(closer, start + len(opener))
        return Found(len(data) if first < 0 else first + len(closer), "block")

    return read


def heredoc(_nest: Nest, data: bytes, start: int) -> Found | None:
    """`<<WORD` of shells, Ruby, Perl and PHP: to the line that is this word; a shift has no such line."""
    head = _WORD.match(data, start)
    if not head:
        return None
    word = next(word for word in head.groups() if word)
    end = re.compile(rb"^[ \t]*" + re.escape(word) + rb"(?!\w)", re.MULTILINE).search(data, head.end())
    return Found(end.end()) if end else None


def long_bracket(_nest: Nest, data: bytes, start: int) -> Found | None:
    """`[==[ ]==]` of Lua and CMake, a comment behind `--` or `#`."""
    head = _BRACKET.match(data, start)
    if not head:
        return None
    close = b"]" + head[1] + b"]"
    end = data.find(close, head.end())
    return Found(len(data) if end < 0 else end + len(close), "text" if data[start] == ord("[") else "block")


def scalar(_nest: Nest, data: bytes, start: int) -> Found | None:
    """A block scalar of YAML: the lines that are indented more than the one it begins on."""
    head = _SCALAR.match(data, start)
    first = data.rfind(b"\n", 0, start) + 1
    if not head or not _SCALAR_AT.search(data, first, start):
        return None
    indent = len(data[first:start]) - len(data[first:start].lstrip(b" "))
    more = re.compile(rb"(?:[ \t]*\r?\n| {%d}[^\r\n]*(?:\r?\n|\Z))*+" % (indent + 1)).match(data, head.end())
    return Found(more.end() if more else head.end())


def cpp_raw(_nest: Nest, data: bytes, start: int) -> Found | None:
    """`R"x( )x"` of C++."""
    opened = data.index(b"(", start)
    return _until(data, opened, b")" + data[start + 1 : opened] + b'"')


def rust_raw(_nest: Nest, data: bytes, start: int) -> Found | None:
    """`r#" "#` of Rust, with any number of hashes."""
    hashes = _hashes(data, start)
    return _until(data, start + 1, b'"' + b"#" * hashes) if data[start - hashes - 1 : start - hashes] == b"r" else None


def swift_raw(_nest: Nest, data: bytes, start: int) -> Found | None:
    """`#" "#` of Swift, with any number of hashes."""
    return _until(data, start + 1, b'"' + b"#" * _hashes(data, start))


def csharp_raw(_nest: Nest, data: bytes, start: int) -> Found | None:
    """Three quotes or more, to as many."""
    quotes = re.compile(b'"+').match(data, start)
    return _until(data, quotes.end(), quotes.group()) if quotes else None


def percent(_nest: Nest, data: bytes, start: int) -> Found | None:
    """`%w[ ]` of Ruby, `qw( )` of Perl: to the bracket that closes."""
    at = start + 1
    while data[at : at + 1].isalpha():
        at += 1
    opener = data[at : at + 1]
    closer = _PAIRS.get(opener, opener)
    before = data[start - 1 : start]
    if before.isalnum() or before in (b")", b"]", b"_", b"$", b"@", b"%"):
        return None  # a modulo, a name
    edges = re.compile(rb"\\.|" + re.escape(opener) + b"|" + re.escape(closer), re.DOTALL)
    depth = 1
    for edge in edges.finditer(data, at + 1):
        depth += (edge.group() == opener != closer) - (edge.group() == closer)
        if not depth:
            return Found(edge.end())
    return None


def regex(_nest: Nest, data: bytes, start: int) -> Found | None:
    """A regular expression, where a division cannot stand."""
    found = _REGEX.match(data, start)
    begins = data[max(0, start - 60) : start]
    if (
        not found
        or not _BEFORE_REGEX.search(begins)
        or (begins.rstrip().endswith((b"}", b">")) and data[start + 1 : start + 2] == b">")
    ):
        return None
    return Found(found.end(), "string")


def _until(data: bytes, start: int, close: bytes) -> Found | None:
    end = data.find(close, start)
    return Found(end + len(close)) if end >= 0 else None


def _hashes(data: bytes, start: int) -> int:
    return len(data[max(0, start - 64) : start]) - len(data[max(0, start - 64) : start].rstrip(b"#"))
