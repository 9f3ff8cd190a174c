"""Search and replace blocks in any dialect: runs of marker signs with any word after them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocode_tools.replies.base import Block, Part, Swap, Unfit
from ocode_tools.replies.fences import is_prose
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
_REPLACE = re.compile(r"(?i)(?<![a-z])(?:replace|change|find|search|old|original|before|from|current)(?![a-z])")
_WITH = re.compile(r"(?i)(?<![a-z])(?:with|replace(?:ment)?|by|to|new|after|into)(?![a-z])")
_MOST = 300
_SIGNS = 2_000  # opening signs beyond which tags are not looked for: each may reach to the end of the text


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
    found = ((row, match) for row, line in enumerate(lines) if (match := _MARK.match(line)))
    marks = [_Line(row, match["sign"], len(match["run"]) + 1, match["word"].strip()) for row, match in found]
    tried: list[list[Part]] = []
    for choice in range(-1, -5, -1):
        parts = _pairs(lines, marks, choice)
        if parts and parts not in tried:
            tried.append(parts)
            yield parts
    tagged: list[Part] = [
        Swap(tuple(_body(found["search"])), tuple(_body(found["replace"])), _labels(plain(text[: found.start()])))
        for found in (_TAGS.finditer(text) if "</" in text and text.count("<") < _SIGNS else ())
    ]
    if tagged:
        yield tagged[:_MOST]


def pairs(blocks: Sequence[Block]) -> Iterator[list[Part]]:
    """Blocks that come in twos, "replace this" and "with that"."""
    found: list[Part] = []
    for old, new in pairwise(blocks):
        if _REPLACE.search(old.lead[-80:]) and _WITH.search(new.lead[-80:]) and old.closed:
            olds, news = _body(old.code), _body(new.code)
            found.append(Swap(tuple(olds), tuple(news), old.labels[1:], closed=new.closed))
    if found:
        yield found[:_MOST]


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
        if middles:
            found.append(_swap(lines, marks, start, middles, stop, choice, last))
            last = marks[stop].row + 1 if stop < len(marks) else len(lines)
        at = stop + (stop < len(marks) and not _opens(marks[stop]))
    return found


def _opens(mark: _Line) -> bool:
    return mark.sign == "<" or (mark.sign == "-" and bool(_OLD.search(mark.word)))


def _closes(mark: _Line, start: _Line) -> bool:
    return mark.sign == ">" if start.sign == "<" else mark.sign == "+" or mark.sign == ">"


def _swap(
    lines: list[str], marks: list[_Line], start: _Line, middles: list[_Line], stop: int, choice: int, last: int
) -> Swap:
    middle = middles[max(choice, -len(middles))]
    tail = marks[stop] if stop < len(marks) else None
    end = tail.row if tail else len(lines)
    base = next((mark.row for mark in marks if mark.sign == "|" and start.row < mark.row < middle.row), middle.row)
    old, new = lines[start.row + 1 : base], lines[middle.row + 1 : end]
    if not tail or _opens(tail):
        new = _cut(new)
        if len(new) < len([line for line in old if line.strip()]) and new[-1:] != old[-1:]:
            raise Unfit(
                "the last replacement has no end (cut off)", "Send the block again with all three marker lines."
            )
    while old and (_ROO.match(old[0]) or re.fullmatch(r"\s*-{5,9}\s*", old[0])):
        del old[0]
    if tail and _NEW.search(start.word) and not _OLD.search(start.word) and _OLD.search(tail.word):
        old, new = new, old
    old, new = _unfenced(old), _unfenced(new)
    old, new = _unmarked(old, "-"), _unmarked(new, "+")
    labels = (start.word, *_labels(lines[last : start.row]))
    return Swap(tuple(old), tuple(new), labels, closed=tail is not None and not _opens(tail))


def _cut(new: list[str]) -> list[str]:
    """The replacement of a block without its tail: up to the fence or the sentence that ends it."""
    ends = (n for n, line in enumerate(new) if _FENCE.match(line) or (n and not new[n - 1].strip() and is_prose(line)))
    new = new[: next(ends, len(new))]
    while new and not new[-1].strip():
        del new[-1]
    return new


def _unfenced(lines: list[str]) -> list[str]:
    """Without fence lines around the text inside the markers."""
    if len(lines) >= 2 and _FENCE.match(lines[0]) and _FENCE.match(lines[-1]):
        return lines[1:-1]
    if sum(bool(_FENCE.match(line)) for line in lines) == 1:
        return lines[1:] if _FENCE.match(lines[0]) else lines[:-1] if _FENCE.match(lines[-1]) else lines
    return lines


def _unmarked(lines: list[str], sign: str) -> list[str]:
    full = [line for line in lines if line.strip()]
    marked = full and all(line.startswith(sign) for line in full)
    return [line[1:] for line in lines] if marked else lines


def _labels(above: Sequence[str]) -> tuple[str, ...]:
    near = [line for line in reversed(above[-6:]) if line.strip()]
    return tuple(near[:3])
