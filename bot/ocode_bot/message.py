"""Commit messages of landings, by rules: what changed, why, and what was verified."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

SUBJECT = 72
SHOWN = 12


def subject(summary: str, tests: Sequence[str]) -> str:
    """One line of at most 72 characters: what changed and, where there is room, which test it mends."""
    what = " ".join(summary.split())
    what = what[:1].upper() + what[1:]
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    for name in (tests[0].rpartition("::")[2], tests[0].rpartition("::")[2].split("[", 1)[0]):
        line = f"{what} (mends {_plain(name)}{more})"
        if len(line) <= SUBJECT:
            return line
    return textwrap.shorten(what, SUBJECT, placeholder="...")


def body(tests: Sequence[str], exception: str, message: str) -> str:
    """Why: the tests that were red, and what the first of them said."""
    said = next((line.strip() for line in message.splitlines() if line.strip()), "")
    count = "One test was" if len(tests) == 1 else f"{len(tests)} tests were"
    error = _plain(f"{exception}: {said}" if said else exception)[:200]
    names = "\n".join(f"  {_plain(test)}" for test in tests[:SHOWN])
    more = f"\n  and {len(tests) - SHOWN} more" if len(tests) > SHOWN else ""
    return f"{count} red without it, with {error}\n\n{names}{more}\n"


def compose(first: str, text: str, trailers: Mapping[str, str]) -> str:
    """Subject, body and trailers (git-interpret-trailers(1)) as one message."""
    return f"{first}\n\n{text}\n" + "".join(f"{name}: {_plain(value)}\n" for name, value in trailers.items())


def _plain(text: str) -> str:
    """Without line ends and control characters, which would break a line or a terminal; `#` cannot start one here."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
