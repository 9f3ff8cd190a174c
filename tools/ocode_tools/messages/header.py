"""The first line of a conventional commit: `type(scope)!: text`.

The form is that of Conventional Commits 1.0 (https://www.conventionalcommits.org/en/v1.0.0/), rules 1-5 and 15.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# A type begins with a letter or a digit, so that an emoji or a bullet is none; scopes may be anything in one bracket.
_HEADER = r"(\w[\w/+.-]*)(?:\(([^()]*)\))?(!?): +(\S.*)"


class Header(NamedTuple):
    """A conventional first line in its parts; `type` in lower case (rule 15), `scope` "" where there is none."""

    type: str
    scope: str
    breaking: bool
    text: str

    def __str__(self) -> str:
        scope = f"({self.scope})" if self.scope else ""
        return f"{self.type}{scope}{'!' if self.breaking else ''}: {self.text}"


def parse_header(subject: str) -> Header | None:
    """The parts of a conventional first line; None where it is none (an empty scope, type or text included)."""
    found = re.fullmatch(_HEADER, subject.rstrip())
    if not found or (found[2] is not None and not found[2].strip()):
        return None
    return Header(found[1].lower(), (found[2] or "").strip(), bool(found[3]), found[4])
