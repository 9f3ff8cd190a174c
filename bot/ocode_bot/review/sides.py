"""A diff side by side: unified text in, rows out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from unidiff.errors import UnidiffParseError
from unidiff.patch import Line, PatchedFile, PatchSet

from ocode_tools.git import Git

MOST = 4000  # lines of a file's diff that are drawn; more are told by their number
# Control characters, direction marks and other invisible ones that could hide text from a reader.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
SWITCHES = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/")


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: the line numbers (1-based, None where there is no line) and texts of both sides."""

    kind: Literal["same", "changed", "added", "removed"]
    old: int | None
    before: str
    new: int | None
    after: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Rows that follow one another; `where` is the function or class that git names."""

    where: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class File:
    """The change to one file; `note` says why no rows are shown, if so."""

    path: str
    added: int
    removed: int
    hunks: tuple[Hunk, ...]
    note: str = ""


def between(git: Git, before: str, after: str) -> str:
    """The diff of two commits as text that is harmless to print."""
    shown = git.out("diff", *SWITCHES, "--patch", before, after, "--")
    return _ODD.sub("\N{REPLACEMENT CHARACTER}", shown.decode("utf-8", "replace").replace("\r\n", "\n"))


def files(text: str) -> list[File]:
    """The files of a diff."""
    try:
        return [_file(one) for one in PatchSet.from_string(text)]
    except UnidiffParseError as problem:
        return [File("(a diff that cannot be drawn)", 0, 0, (), str(problem))]


def _file(one: PatchedFile) -> File:
    if one.is_binary_file:
        return File(one.path, 0, 0, (), "binary")
    count = sum(len(hunk) for hunk in one)
    if count > MOST:
        return File(one.path, one.added, one.removed, (), f"{count} lines, not shown")
    hunks = tuple(Hunk(hunk.section_header.strip(), tuple(_pairs(list(hunk)))) for hunk in one)
    return File(one.path, one.added, one.removed, hunks)


def _pairs(lines: Sequence[Line]) -> Iterator[Pair]:
    """Removed lines stand beside the added ones that follow them."""
    removed: list[Line] = []
    added: list[Line] = []
    for line in lines:
        if line.is_removed:
            if added:
                yield from _flush(removed, added)
                removed, added = [], []
            removed.append(line)
        elif line.is_added:
            added.append(line)
        elif line.is_context:
            yield from _flush(removed, added)
            removed, added = [], []
            text = _text(line)
            yield Pair("same", line.source_line_no, text, line.target_line_no, text)
    yield from _flush(removed, added)


def _flush(removed: Sequence[Line], added: Sequence[Line]) -> Iterator[Pair]:
    for number in range(max(len(removed), len(added))):
        old = removed[number] if number < len(removed) else None
        new = added[number] if number < len(added) else None
        yield Pair(
            "changed" if old and new else "removed" if old else "added",
            old.source_line_no if old else None,
            _text(old) if old else "",
            new.target_line_no if new else None,
            _text(new) if new else "",
        )


def _text(line: Line) -> str:
    return str(line.value).removesuffix("\n")
