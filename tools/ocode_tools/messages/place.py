"""Where a draft goes in a message file: above the trailers and above what git wrote, without changing a byte of that.

Pure: bytes in, bytes out. How git lays the file out and cleans it up afterwards: git-commit(1) `--cleanup`,
git-stripspace(1), git-interpret-trailers(1).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from ocode_tools.errors import OcodeError
from ocode_tools.messages.text import Habits, comment_of

NOTE = 160
"""Characters that a comment line of ours may have."""
_SCISSORS = b" ------------------------ >8 ------------------------"
_TRAILER = re.compile(rb"[A-Za-z0-9][A-Za-z0-9-]*[ \t]*:")
_KEPT = b"will be kept"  # git's own hint where comment lines stay, as --cleanup on the command line asks for


class Parts(Protocol):
    """A message in its parts (`ocode_tools.drafts.base.Draft`)."""

    @property
    def subject(self) -> str:
        """The first line."""
        ...

    @property
    def body(self) -> str:
        """The text below it, wrapped; "" for none."""
        ...

    @property
    def trailers(self) -> tuple[tuple[str, str], ...]:
        """Pairs of name and value."""
        ...


class NoPlaceError(OcodeError):
    """A draft that cannot be put into the file; the text says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A message file as read: its lines, what begins a comment, its encoding and line end.

    `taken`: somebody's own text is in it. `trailers`: the line where its last trailers begin. `notes`: the line
    before which comments may go, since git strips them there; None where it would keep them. `cut`: they go below a
    scissors line.
    """

    lines: tuple[bytes, ...]
    mark: bytes
    codec: str
    end: bytes
    taken: bool
    trailers: int | None
    notes: int | None
    cut: bool


def read(data: bytes, habits: Habits) -> Page:
    """Take a message file apart, before anybody wrote into it; `habits` are what git's configuration says."""
    lines = tuple(re.findall(rb"[^\n]*\n|[^\n]+", data))
    codec = _codec(habits.encoding)
    mark = _mark(lines, habits.comment.encode(codec, "replace"))
    scissors = next((n for n, line in enumerate(lines) if line.rstrip() == mark + _SCISSORS), len(lines))
    block = scissors - len([*takewhile(lambda line: line.startswith(mark), reversed(lines[:scissors]))])
    trailers, taken = _texts(lines[:block], mark)
    notes, cut = _notes(lines, block, scissors, mark, habits.cleanup in ("", "default", "strip"))
    end = b"\r\n" if 0 < data.count(b"\r\n") == data.count(b"\n") else b"\n"
    return Page(lines, mark, codec, end, taken, trailers, notes, cut)


def place(page: Page, draft: Parts | None, notes: Sequence[str] = ()) -> bytes:
    """The file's new bytes: the draft on top, each note as a comment line where git strips those.

    Raises NoPlaceError when the draft has no subject or the encoding lacks one of its characters.
    """
    lines = list(page.lines)
    if notes and page.notes is not None:
        lines[page.notes : page.notes] = _comments(page, notes)
    if draft is None:
        return b"".join(lines)
    subject, body = _subject(draft.subject, page), _body(draft.body, page)
    if not subject:
        raise NoPlaceError("the draft has no subject")
    known = {line.strip() for line in page.lines}
    trailers = [line for line in (_trailer(*pair, page) for pair in draft.trailers) if line not in known]
    if page.trailers is not None:
        lines[page.trailers : page.trailers] = [line + page.end for line in trailers]
        trailers = []
    parts = [part for part in ([subject], body, trailers) if part]
    head = (page.end * 2).join(page.end.join(part) for part in parts) + page.end
    rest = b"".join(lines[_blank(lines) :])
    return head + (page.end + rest if rest else b"")


def _codec(encoding: str) -> str:
    """Python's name of the encoding that git-config(1) `i18n.commitEncoding` names; UTF-8 for none of a text's."""
    with suppress(LookupError):
        if "a".encode(encoding) == b"a":
            return codecs.lookup(encoding).name
    return "utf-8"


def _mark(lines: Sequence[bytes], setting: bytes) -> bytes:
    """What begins a comment in this file; byte for byte, whatever the encoding."""
    texts = [line.decode("latin-1").rstrip(" \t\r\n") for line in lines]
    return comment_of(texts, setting.decode("latin-1")).encode("latin-1") or b"#"


def _texts(lines: Sequence[bytes], mark: bytes) -> tuple[int | None, bool]:
    """Where the last trailers of the text above git's comments begin, and whether there is other text than trailers.

    What begins on the first line is a subject, whatever it looks like: git leaves room above trailers.
    """
    trailers: int | None = None
    inside = False
    for number, line in enumerate(lines):
        if not line.strip() or line.startswith(mark):
            inside = False
        elif number and _TRAILER.match(line):
            trailers, inside = (trailers if inside else number), True
        elif not (inside and line[:1] in b" \t"):
            return None, True
    return trailers, False


def _notes(lines: Sequence[bytes], block: int, scissors: int, mark: bytes, stripped: bool) -> tuple[int | None, bool]:
    """The line before which comments may go, and whether that is below the scissors.

    Only git's own comments show that a comment is welcome: what the command line asked for is not known here.
    """
    if block < scissors and stripped and _KEPT not in b"".join(lines[block:scissors]):
        return block, False
    if scissors == len(lines):
        return None, False
    below = [*takewhile(lambda line: line.startswith(mark) and line.strip() != mark, lines[scissors:])]
    return scissors + len(below), True


def _comments(page: Page, notes: Iterable[str]) -> list[bytes]:
    texts = [" ".join(_clean(note).split()) for note in notes]
    shown = [text if len(text) <= NOTE else text[: NOTE - 3] + "..." for text in texts if text]
    comments = [page.mark + b" " + text.encode(page.codec, "replace") for text in shown]
    empty = [page.mark]  # git's own way to set paragraphs apart
    return [line + page.end for line in ([*empty, *comments] if page.cut else [*comments, *empty])]


def _subject(text: str, page: Page) -> bytes:
    """One line that git does not take for a comment."""
    line = _encoded(" ".join(_clean(text).split()), page)
    while line.startswith(page.mark):
        line = line[len(page.mark) :].lstrip()
    return line


def _body(text: str, page: Page) -> list[bytes]:
    """The lines as git-stripspace(1) leaves them; one that git would take for a comment is indented."""
    lines: list[bytes] = []
    for line in text.split("\n"):
        clean = _encoded(_clean(line).rstrip(), page)
        if clean or (lines and lines[-1]):
            lines.append(b" " + clean if clean.startswith(page.mark) else clean)
    return lines[:-1] if lines and not lines[-1] else lines


def _trailer(name: str, value: str, page: Page) -> bytes:
    return _encoded(" ".join(_clean(f"{name}: {value}").split()), page)


def _clean(text: str) -> str:
    """Without what breaks a line or speaks to a terminal; a tab is let through."""
    return "".join(c if c == "\t" or unicodedata.category(c) not in ("Cc", "Zl", "Zp") else " " for c in text)


def _encoded(text: str, page: Page) -> bytes:
    try:
        return text.encode(page.codec)
    except UnicodeEncodeError as error:
        raise NoPlaceError(f"the draft has a character that {page.codec} lacks") from error


def _blank(lines: Sequence[bytes]) -> int:
    """How many blank lines stand at the beginning."""
    return len([*takewhile(lambda line: not line.strip(), lines)])
