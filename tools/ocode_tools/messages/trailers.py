"""The trailers of a message, found as git finds them (git-interpret-trailers(1), "last paragraph" rules)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

_KEY = r"([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)"
_GIT = ("Signed-off-by: ", "(cherry picked from commit ")


class Line(NamedTuple):
    """A line of a message: its number in the file, from 1, and its text without white space at the end."""

    number: int
    text: str


class Trailer(NamedTuple):
    """One trailer; its continuation lines are joined to `value` with a space each."""

    key: str
    value: str
    line: int


def block(lines: Sequence[Line], configured: Collection[str] = ()) -> Sequence[Line]:
    """The last lines of a message if they are its trailers, else none; `configured` are keys in lower case.

    Trailers are the whole last paragraph, or at least a quarter of one that holds a trailer of git's own or a
    configured one. The first paragraph is the subject and never trailers.
    """
    start = len(lines)
    while start and lines[start - 1].text:
        start -= 1
    if not start:
        return ()
    trailers = others = 0
    known = after_trailer = False
    for line in lines[start:]:
        if line.text[0] in " \t":
            others += not after_trailer
            continue
        found = re.match(_KEY, line.text)
        ours = line.text.startswith(_GIT)
        after_trailer = bool(found) or ours
        known |= ours or (found is not None and found[1].lower() in configured)
        trailers += after_trailer
        others += not after_trailer
    good = (known and trailers * 3 >= others) or (trailers and not others)
    return lines[start:] if good else ()


def trailers(lines: Sequence[Line]) -> tuple[Trailer, ...]:
    """The trailers in a block of them; what is none is passed over."""
    found: list[Trailer] = []
    for line in lines:
        if line.text[0] in " \t":
            if found:
                found[-1] = found[-1]._replace(value=f"{found[-1].value} {line.text.strip()}".strip())
        elif match := re.match(_KEY, line.text):
            found.append(Trailer(match[1], match[2], line.number))
    return tuple(found)
