"""Putting a commit message together: subject, wrapped body, trailers (git-interpret-trailers(1))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ocode_tools.messages.header import parse_header

WIDTH = 72
_POINT = re.compile(r"([-*+]|\d{1,3}[.)])\s+")
# Words that nothing may end with: what they announce was cut off.
_LOOSE = (
    " a an the and or but nor of in on at to for from by with without as via into onto over under than that which when"
    " while if so is are be not its their this these between per instead only also "
)


def compose(subject: str, body: str = "", trailers: Sequence[tuple[str, str]] = ()) -> str:
    """Subject, body and trailers as one message that ends with a line end; empty parts leave no blank lines."""
    last = "\n".join(f"{name}: {_one_line(value)}" for name, value in trailers)
    return "\n\n".join(part for part in (_one_line(subject), body.strip("\n"), last) if part) + "\n"


def wrap(texts: Iterable[str], width: int = WIDTH, comment: str = "#") -> str:
    """Paragraphs and points (`- text`) wrapped at `width` characters, a blank line around each paragraph.

    A point goes on below its text. Words are never cut: one longer than the line (a URL) stands whole on its own.
    No line begins with the comment text `comment`, which git would strip.
    """
    lines: list[str] = []
    was_point = False
    for text in texts:
        words = text.split()
        if not words:
            continue
        point = _POINT.match(" ".join(words))
        if lines and not (point and was_point):
            lines.append("")
        first = words.pop(0) + " " if point else ""
        lines += _filled(words, first, " " * len(first), width, comment)
        was_point = bool(point)
    return "\n".join(lines)


def fit(subject: str, limit: int = WIDTH) -> str:
    """A first line of at most `limit` characters: cut between words, with no loose end; one long word is cut.

    The type and scope of a conventional line are kept where they leave room for a word.
    """
    subject = _one_line(subject)
    if len(subject) <= limit:
        return subject
    header = parse_header(subject)
    if header and (prefix := len(subject) - len(header.text)) < limit:
        return subject[:prefix] + _cut(header.text, limit - prefix)
    return _cut(subject, limit)


def _cut(text: str, limit: int) -> str:
    words = text[: limit + 1].split(" ")[:-1]
    while len(words) > 1 and (f" {words[-1].lower()} " in _LOOSE or words[-1][-1] in "(["):
        words.pop()
    return " ".join(words).rstrip(" ,;:.-") or text[:limit]


def _filled(words: Sequence[str], first: str, rest: str, width: int, comment: str) -> list[str]:
    lines: list[list[str]] = [[]]
    room = width - len(first)
    for word in words:
        if lines[-1] and sum(map(len, lines[-1])) + len(lines[-1]) + len(word) > room:
            lines.append(_carried(lines[-1], word, comment) if not rest else [])
        lines[-1].append(word)
    texts = [(rest if number else first) + " ".join(line) for number, line in enumerate(lines)]
    return [" " + text if comment and text.startswith(comment) else text for text in texts]


def _carried(line: list[str], word: str, comment: str) -> list[str]:
    """What goes down to the next line, so that it does not begin with a comment."""
    carried: list[str] = []
    while comment and (carried[0] if carried else word).startswith(comment) and len(line) > 1:
        carried.insert(0, line.pop())
    return carried


def _one_line(text: str) -> str:
    return " ".join(text.split())
