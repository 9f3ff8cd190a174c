"""A Python source file as text with positions, changed only where asked: every other byte stays as it was."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ocode_tools.errors import Exit, OcodeError

Function = ast.FunctionDef | ast.AsyncFunctionDef
Located = ast.expr | ast.stmt | ast.keyword | ast.alias | ast.arg | ast.excepthandler | ast.pattern
TOO_HARD = (SyntaxError, ValueError, RecursionError, MemoryError)  # what ast.parse raises for text it refuses

_NEWLINE = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_TOKEN = re.compile(
    r"(?P<space>\#[^\r\n]*|\\(?:\r\n|\r|\n)|\s+)|[^\W\d]\w*|\*\*=?|//=?|<<=?|>>=?|[-+*/%&|^@<>=!:]=|->|.", re.DOTALL
)


class SourceError(OcodeError):
    """The file's bytes are not text in the encoding they declare, or the text is not Python."""

    kind = "usage"
    exit = Exit.USAGE


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the characters `start` (inclusive) to `end` (exclusive) of the original text by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """One token that is neither space, comment nor line continuation, with its character offsets."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A function with its decorators, or `<module>`: all that is in no function. Lines are 1-based, inclusive."""

    qualname: str
    first: int
    last: int
    node: Function | ast.Module


class Source:
    """One file. `path` is posix, from the repository's top; `data` is what the file holds.

    The encoding is the one Python itself would use: the UTF-8 byte order mark or PEP 263. Lines end as they do for
    Python's parser: at CRLF, CR or LF, and nowhere else. Raises SourceError when the bytes cannot be decoded, or
    would not come back the same when encoded again.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._bom = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
        head = (found.group() for found in _LINE.finditer(data))
        try:
            self.encoding = tokenize.detect_encoding(lambda: next(head, b""))[0].removesuffix("-sig")
            self.text = data.removeprefix(self._bom).decode(self.encoding)
            same = self._encode(self.text) == data
        except (SyntaxError, UnicodeError, LookupError) as error:
            raise SourceError(f"{path} cannot be decoded: {error}; check its coding line") from error
        if not same:
            raise SourceError(f"{path} does not survive its encoding {self.encoding}; save it as UTF-8")

    def _encode(self, text: str) -> bytes:
        return self._bom + text.encode(self.encoding)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree, parsed once. Raises SourceError for text that is not Python."""
        try:
            return parse(self.text)
        except TOO_HARD as error:
            where = f" line {error.lineno}:" if isinstance(error, SyntaxError) and error.lineno else ""
            what = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
            raise SourceError(f"{self.path} does not parse:{where} {what}") from error

    @cached_property
    def starts(self) -> list[int]:
        """Offset of the first character of each line; `starts[0]` is line 1."""
        return [0, *(found.end() for found in _NEWLINE.finditer(self.text))]

    @cached_property
    def eol(self) -> str:
        """The line end this file uses first, a line feed if it has none."""
        found = _NEWLINE.search(self.text)
        return found.group() if found else "\n"

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    def offset(self, line: int, column: int) -> int:
        """Character offset of a 1-based line and a column in UTF-8 bytes, which is how `ast` counts."""
        start = self.starts[line - 1]
        if self._ascii:
            return start + column
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode())

    def line(self, offset: int) -> int:
        """The 1-based line that holds a character offset."""
        return bisect_right(self.starts, offset)

    def span(self, node: Located) -> tuple[int, int]:
        """Start and end offsets of a node; parentheses around an expression are not part of it."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def segment(self, node: Located) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def lines(self, first: int, last: int) -> tuple[int, int]:
        """Start and end offsets of whole lines, 1-based and inclusive, with the last one's line end."""
        return self.starts[first - 1], self.starts[last] if last < len(self.starts) else len(self.text)

    def tokens(self, start: int, end: int) -> Iterator[Token]:
        """Names, operators and brackets between two offsets, lazily; the stretch must hold no literal.

        Made for the gaps between a node's children. `tokenize` cannot read those: from Python 3.12 it refuses
        unbalanced brackets.
        """
        for found in _TOKEN.finditer(self.text, start, end):
            if found.lastgroup is None:
                yield Token(found.group(), found.start(), found.end())

    def replace(self, changes: Iterable[Change]) -> bytes:
        """The file's bytes after these changes, which must not overlap (else ValueError); the rest is identical.

        Raises SourceError when the new text has a character that the file's encoding lacks.
        """
        try:
            return self._encode(splice(self.text, changes))
        except UnicodeError as error:
            raise SourceError(f"{self.path} is {self.encoding}: {error}; save it as UTF-8 first") from error

    @cached_property
    def _index(self) -> tuple[list[Unit], list[tuple[str, ast.ClassDef]]]:
        units = [Unit("<module>", 1, len(self.starts), self.tree)]
        classes: list[tuple[str, ast.ClassDef]] = []
        stack: list[tuple[str, ast.AST]] = [("", self.tree)]
        while stack:
            prefix, node = stack.pop()
            if isinstance(node, ast.expr):
                continue
            if isinstance(node, Function | ast.ClassDef):
                name = prefix + node.name
                prefix = f"{name}."
                if isinstance(node, ast.ClassDef):
                    classes.append((name, node))
                else:
                    first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
                    units.append(Unit(name, first, node.end_lineno or node.lineno, node))
            stack.extend((prefix, child) for child in ast.iter_child_nodes(node))
        units[1:] = sorted(units[1:], key=lambda unit: (unit.first, -unit.last))
        return units, sorted(classes, key=lambda item: item[1].lineno)

    def functions(self) -> list[Unit]:
        """All units in the order of their lines, `<module>` first; names of nested ones are dotted (`A.f.g`)."""
        return self._index[0]

    def classes(self) -> list[tuple[str, ast.ClassDef]]:
        """All classes with their dotted names, in the order of their lines."""
        return self._index[1]

    def unit_at(self, line: int) -> Unit:
        """The innermost unit that holds a 1-based line."""
        return self.functions()[self._unit_of_line[line - 1] if line <= len(self.starts) else 0]

    @cached_property
    def _unit_of_line(self) -> list[int]:
        numbers = [0] * len(self.starts)
        for number, unit in enumerate(self.functions()[1:], 1):  # outer units come first, inner ones overwrite
            numbers[unit.first - 1 : unit.last] = [number] * (unit.last - unit.first + 1)
        return numbers


def parse(text: str) -> ast.Module:
    """`ast.parse` without the warnings that some odd but legal literals raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def splice(text: str, changes: Iterable[Change]) -> str:
    """Apply changes to a text. Insertions at one place keep their order. Raises ValueError if changes overlap."""
    out = io.StringIO(newline="")
    at = 0
    for change in sorted(changes, key=lambda item: (item.start, item.end)):
        if not at <= change.start <= change.end <= len(text):
            raise ValueError(f"overlapping or misplaced change: {change}")
        out.write(text[at : change.start] + change.text)
        at = change.end
    return out.getvalue() + text[at:]
