"""What a TODO says: its tag, whom or what it names, and its text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

TAGS = ("TODO", "FIXME", "XXX", "HACK", "BUG")
AI = "AI!"
"""A mark for agents, first or last in a comment; elsewhere it is just words."""
MOST = 1000
"""Characters of a text."""
Form: TypeAlias = Literal["leading", "trailing", "inside"]
"""The tag opens the comment, ends it, or is among its words."""

_MOST_LINES = 40
_REF = re.compile(
    r"(?:[ \t]?\((?P<round>[^()\n]{0,80})\)|\[(?P<square>[^\]\n]{1,80})\]"
    r"|[ \t]*(?P<at>@[\w.-]+|\#\d+)(?=[\s:,;.)-]|\Z))?"
    r"[ \t]*(?P<colon>:|-+(?!\w)|\u2013|\u2014)?[ \t]*"
)
_NO_WORD = re.compile(r"\W*\Z")
_FIELD = re.compile(r"[@:\\]\w+|=end\b|\w+:\Z|[-=*~_]{3,}")  # of a doc comment, a heading, a rule
_WORD = re.compile(r"\w")


class Row(NamedTuple):
    """A line of a comment without its signs: the text and the column (0-based) where it begins."""

    column: int
    text: str


class Said(NamedTuple):
    """A TODO as read: the tag and its place in its row, whom or what it names, its text in one line, its form, and
    how many lines below belong to it."""

    tag: str
    place: int
    ref: str
    text: str
    form: Form
    more: int


@cache
def pattern(tags: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the tags as a whole word."""
    return re.compile("|".join(rf"(?<!\w){re.escape(tag)}(?!\w)" for tag in tags))


def read(row: Row, below: Iterable[Row], tags: tuple[str, ...]) -> Said | None:
    """The TODO in a row of a comment, with the rows `below` that go on; None where the tag is mere words."""
    found = _chosen(row.text, (*tags, AI))
    if not found:
        return None
    tag, form, place = found
    before, after = row.text[:place], row.text[place + len(tag) :]
    if form == "trailing":
        return Said(tag, place, "", _short([before.rstrip(" \t-:,(")]), form, 0)
    ref = _REF.match(after)
    assert ref is not None
    name = (ref["round"] or ref["square"] or ref["at"] or "").strip()
    if form == "inside" and not (name or ref["colon"] == ":"):
        return Said(tag, place, "", _short([row.text]), form, 0)
    more = _going_on(row, row.column + place, below, (*tags, AI))
    return Said(tag, place, name, _short([after[ref.end() :], *more]), form, len(more))


def _chosen(text: str, tags: tuple[str, ...]) -> tuple[str, Form, int] | None:
    """The tag that counts: the first that opens the row or has a colon or a bracket, else the first of all."""
    known = list[tuple[str, Form, int]]()
    for mark in pattern(tags).finditer(text):
        form: Form = "inside"
        if _NO_WORD.match(text[: mark.start()]):
            form = "leading"
        elif not _WORD.search(text, mark.end()):
            form = "trailing"
        if form == "leading" or text.startswith((":", "("), mark.end()):
            return mark.group(), form, mark.start()
        if form == "trailing" or mark.group() != AI:
            known.append((mark.group(), form, mark.start()))
    return known[0] if known else None


def _going_on(row: Row, column: int, below: Iterable[Row], tags: tuple[str, ...]) -> list[str]:
    """The rows that go on: up to an empty one, another tag or, where they hang, one that does not."""
    texts = list[str]()
    least = row.column
    for line in islice(below, _MOST_LINES):
        if not _WORD.search(line.text) or line.column < least or _FIELD.match(line.text):
            break
        mark = pattern(tags).search(line.text)
        if mark and (_NO_WORD.match(line.text[: mark.start()]) or line.text.startswith((":", "("), mark.end())):
            break
        if not texts and line.column > column:
            least = column + 1
        texts.append(line.text)
    return texts


def _short(texts: list[str]) -> str:
    text = " ".join(" ".join(texts).split())
    return text if len(text) <= MOST else text[: MOST - 1] + "\u2026"
