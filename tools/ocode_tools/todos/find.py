"""The TODOs of one file: bytes in, data out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from ocode_tools.todos.base import Span
from ocode_tools.todos.grammar import AI, TAGS, read
from ocode_tools.todos.item import Todo, key, words
from ocode_tools.todos.languages import family
from ocode_tools.todos.lexer import spans
from ocode_tools.todos.places import symbol
from ocode_tools.todos.rows import decoded, row_at, rows_below

_BEFORE_DOCSTRING = re.compile(rb"(?:\A|:[ \t]*(?:#[^\n]*)?\n)(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*[rRuU]?\Z")

_BEFORE = 2000  # bytes before a string that are looked at


def todos(path: str, data: bytes, tags: Sequence[str] = TAGS, docstrings: bool = False) -> list[Todo]:
    """The TODOs in the comments of a file, with `docstrings` those in docstrings of Python too, in order.

    None for a language that is not known. Markers in strings are no TODOs. Never raises for what is in the file.
    """
    name = family(path, data)
    marks = offsets(data, tags) if name else []
    return _Finder(path, data, name, tuple(tags), docstrings).find(marks) if name and marks else []


class _Finder:
    """`at` is an offset whose 1-based line is `line`; what begins before `done` is read."""

    def __init__(self, path: str, data: bytes, family: str, tags: tuple[str, ...], docstrings: bool) -> None:
        self.path, self.data, self.family, self.tags, self.docstrings = path, data, family, tags, docstrings
        self.at, self.line, self.done = 0, 1, -1
        self.texts = list[Span]()
        self.counted = Counter[tuple[str, str]]()

    def find(self, marks: Sequence[int]) -> list[Todo]:
        found, index = list[Todo](), 0
        for span in spans(self.family, self.data, marks):
            while index < len(marks) and marks[index] < span.start:
                index += 1
            wanted = span.kind != "text" or self._is_docstring(span)
            while index < len(marks) and marks[index] < span.end:
                if wanted and marks[index] >= self.done and (todo := self._read(span, marks[index])):
                    found.append(todo)
                index += 1
            if span.kind == "text":
                self.texts.append(span)
        return found

    def _read(self, span: Span, mark: int) -> Todo | None:
        begin, row = row_at(self.data, span, mark)
        self.done = min(self._line_end(mark), span.end)  # one of a row
        said = read(row, rows_below(self.data, span, mark), self.tags)
        if not said:
            return None
        self.line += self.data.count(b"\n", self.at, begin)
        self.at = begin
        if said.more:
            self.done = self._line_end(mark)
        for _ in range(said.more):
            self.done = self._line_end(self.done + 1)
        first = self.data.rfind(b"\n", 0, begin) + 1
        column = len(decoded(self.data, first, begin)) + row.column - (begin - first) + said.place + 1
        where = symbol(self.data, self.family, span, self.texts)
        what = words(said.text) or said.tag
        number = self.counted[what, where]
        self.counted[what, where] += 1
        return Todo(
            key=key(what, where, number),
            path=self.path,
            line=self.line,
            column=column,
            last=self.line + said.more,
            tag=said.tag,
            ref=said.ref,
            text=said.text,
            kind="docstring" if span.kind == "text" else "comment",
            form=said.form,
            symbol=where,
        )

    def _line_end(self, at: int) -> int:
        found = self.data.find(b"\n", at)
        return found if found >= 0 else len(self.data)

    def _is_docstring(self, span: Span) -> bool:
        if not self.docstrings or self.family != "python":
            return False
        return bool(_BEFORE_DOCSTRING.search(self.data, max(0, span.start - _BEFORE), span.start))


def offsets(data: bytes, tags: Sequence[str]) -> list[int]:
    """Where a tag stands as a whole word, ascending."""
    found = list[int]()
    for tag in (*tags, AI):
        word, whole = tag.encode(), _whole(tag)
        at = data.find(word)
        while at >= 0:
            if whole.match(data, at):
                found.append(at)
            at = data.find(word, at + 1)
    return sorted(found)


@cache
def _whole(tag: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)" + re.escape(tag.encode()) + rb"(?!\w)")
