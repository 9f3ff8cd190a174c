"""What a drafter hands over: one commit message in its parts, and what it did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit message: one subject line, a wrapped body ("" for none), trailers as pairs of name and value.

    `omitted` names in one line each what the drafter did not see; `error` says in one line why no model wrote it.
    """

    subject: str
    body: str
    trailers: tuple[tuple[str, str], ...]
    source: Literal["model", "rules"]
    model: str = ""
    omitted: tuple[str, ...] = ()
    error: str = ""


def attribution(kind: str, model: str) -> tuple[tuple[str, str], ...]:
    """The trailers that name a model which helped: `kind` is Assisted-by, Co-authored-by, or anything else for none."""
    name = "".join(char for char in model if char.isprintable())
    by = {"Assisted-by": f"ocode ({name})", "Co-authored-by": f"ocode ({name}) <ocode@localhost>"}
    return ((kind, by[kind]),) if kind in by else ()
