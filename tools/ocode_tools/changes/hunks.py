"""The changed lines of a text, bounded: a huge rewrite is one hunk."""

from __future__ import annotations

from typing import NamedTuple

_MOST = 4000


class Hunk(NamedTuple):
    """Lines `old`, from 0-based line `at_old`, became lines `new`, from line `at_new`; without line ends."""

    at_old: int
    old: tuple[str, ...]
    at_new: int
    new: tuple[str, ...]


def _blank(line: str) -> bool:
    return not line.strip()  # blank lines are everywhere: pairing them tells nothing and takes squared time


def hunks(before: str | None, after: str | None) -> list[Hunk]:
    """What changed between two texts, as `diff` would say it with no context."""
    old, new = (text.split("\n") if text else [] for text in (before, after))
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    first, second = old[start : len(old) - end], new[start : len(new) - end]
    if not first and not second:
        return []
    if not first or not second or len(first) + len(second) > _MOST:
        return [Hunk(start, tuple(first), start, tuple(second))]
    from difflib import SequenceMatcher

    return [
        Hunk(start + a, tuple(first[a:b]), start + c, tuple(second[c:d]))
        for tag, a, b, c, d in SequenceMatcher(_blank, first, second).get_opcodes()
        if tag != "equal"
    ]
