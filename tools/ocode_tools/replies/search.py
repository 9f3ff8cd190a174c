"""Search and replace blocks in any dialect: runs of marker signs with any word after them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocode_tools.replies.base import Part, Swap
from ocode_tools.replies.lines import plain

_MARK = re.compile(r"[ \t]*(?P<sign>[<=>|+-])(?P<run>(?P=sign){4,8})(?!(?P=sign))[ \t]*(?P<word>[^\n]{0,200})$")
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")
_ROO = re.compile(r"\s*:(?:start|end)_line:\s*\d+\s*$")
_OLD = re.compile(r"(?i)\b(?:search|original|head|old|before|find|current|from|ours|existing)\b")
_NEW = re.compile(r"(?i)\b(?:replace(?:ment)?|updated?|new|after|to|theirs|modified|changed?|fixed)\b")
_TAGS = re.compile(
    r"<(?P<old>search|old\w*|original\w*|find|before)>[ \t]*\n?(?P<search>.*?)</(?P=old)>\s*"
    r"<(?P<new>replace\w*|new\w*|updated?\w*|after|fixed\w*)>[ \t]*\n?(?P<replace>.*?)</(?P=new)>",
    re.DOTALL | re.IGNORECASE,
)
_MOST = 300


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    sign: str
    size: int
    word: str


def readings(text: str) -> Iterator[list[Part]]:
    """Ways to read the search and replace blocks of a text, best first; nothing where there are none.

    They differ where a line of equals signs may be the middle of a block or part of the text.
    """
    lines = plain(text)
    marks = [_Line(row, m["sign"], len(m["run"]) + 1, m["word"].strip()) for row, line in enumerate(lines) if (m := _MARK.match(line))]  # fmt: skip
    for choice in (0, -1, 1):
        parts = _pairs(lines, marks, choice)
        if parts:
            yield parts
        if not any(mark.sign == "=" for mark in marks):
            break
    tagged: list[Part] = [
        Swap(tuple(_body(found["search"])), tuple(_body(found["replace"])), _labels(plain(text[: found.start()])))
        for found in (_TAGS.finditer(text) if "</" in text else ())
    ]
    if tagged:
        yield tagged[:_MOST]


def _body(text: str) -> list[str]:
    lines = plain(text)
    return lines[:-1] if lines and not lines[-1].strip() else lines


def _pairs(lines: list[str], marks: list[_Line], choice: int) -> list[Part]:
    found: list[Part] = []
    at = last = 0
    while at < len(marks) and len(found) < _MOST:
        start = marks[at]
        if not _opens(start):
            at += 1
            continue
        stop = next((n for n in range(at + 1, len(marks)) if _opens(marks[n]) or _closes(marks[n], start)), len(marks))
        middles = [mark for mark in marks[at + 1 : stop] if mark.sign == "=" and not mark.word]
        exact = [mark for mark in middles if mark.size == start.size]
        middles = exact or middles
        if middles and (swap := _swap(lines, marks, start, middles, stop, choice, last)):
            found.append(swap)
            last = marks[stop].row + 1 if stop < len(marks) else len(lines)
        at = stop + (stop < len(marks) and not _opens(marks[stop]))
    return found


def _opens(mark: _Line) -> bool:
    return mark.sign == "<" or (mark.sign == "-" and bool(_OLD.search(mark.word)))


def _closes(mark: _Line, start: _Line) -> bool:
    return mark.sign == ">" if start.sign == "<" else mark.sign == "+" or mark.sign == ">"


def _swap(
    lines: list[str], marks: list[_Line], start: _Line, middles: list[_Line], stop: int, choice: int, last: int
) -> Swap | None:
    if choice not in (0, -1) and choice >= len(middles):
        return None
    middle = middles[choice]
    tail = marks[stop] if stop < len(marks) else None
    end = tail.row if tail else len(lines)
    base = next((mark.row for mark in marks if mark.sign == "|" and start.row < mark.row < middle.row), middle.row)
    old, new = lines[start.row + 1 : base], lines[middle.row + 1 : end]
    if not tail or _opens(tail):
        new = _cut(new)
    while old and (_ROO.match(old[0]) or re.fullmatch(r"\s*-{5,9}\s*", old[0])):
        del old[0]
    if tail and _NEW.search(start.word) and not _OLD.search(start.word) and _OLD.search(tail.word):
        old, new = new, old
    old, new = _unfenced(old), _unfenced(new)
    old, new = _unmarked(old, "-"), _unmarked(new, "+")
    return Swap(tuple(old), tuple(new), (start.word, *_labels(lines[last : start.row])))


def _cut(new: list[str]) -> list[str]:
    """The replacement of a block without its tail: up to the fence that ends it."""
    end = next((number for number, line in enumerate(new) if _FENCE.match(line)), len(new))
    return new[:end]


def _unfenced(lines: list[str]) -> list[str]:
    """Without fence lines around the text inside the markers."""
    if len(lines) >= 2 and _FENCE.match(lines[0]) and _FENCE.match(lines[-1]):
        return lines[1:-1]
    return lines


def _unmarked(lines: list[str], sign: str) -> list[str]:
    full = [line for line in lines if line.strip()]
    marked = full and all(line.startswith(sign) for line in full)
    return [line[1:] for line in lines] if marked else lines


def _labels(above: Sequence[str]) -> tuple[str, ...]:
    near = [line for line in reversed(above[-6:]) if line.strip()]
    return tuple(near[:3])
