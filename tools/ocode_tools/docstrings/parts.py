"""What docstrings are made of, as data: facts about a unit, words for it, and the style to write in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["google", "numpy", "sphinx", "plain"]
Section = Literal["args", "returns", "yields", "raises", "attributes"]

MOST_ENTRIES = 12  # a unit with more gets a summary alone: no small model keeps so many apart


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a section: `name` as it is written (with stars), its `type` or "", the `key` that a model's answer
    has its words under, and what is known of it besides (`told`: a default, where an exception comes from)."""

    section: Section
    name: str
    type: str
    key: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What analysis says of a unit. `entries` are what its docstring should name, in order; `whole` is False where
    some of it could not be told, so that sections would claim too much; `noun` for what is named, not done."""

    entries: tuple[Entry, ...] = ()
    whole: bool = True
    noun: bool = False
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The prose: one line, further paragraphs, and a text for each entry by its key."""

    summary: str
    details: str = ""
    entries: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Style:
    """How docstrings are written here.

    `width` counts characters of a line, `below` puts the summary of a longer one on the line after the quotes, `types`
    and `result_types` write annotations into entries, `strict` names exactly what the body itself raises (as pydoclint
    wants), `members` lists what class bodies assign, `init` documents `__init__` on its own, and `origin` says in a few
    words where all this comes from.
    """

    form: Form = "google"
    width: int = 88
    quotes: str = '"""'
    descriptive: bool = False
    stop: bool = True
    below: bool = False
    types: bool = False
    result_types: bool = False
    strict: bool = False
    raises: bool = True
    members: bool = False
    init: bool = False
    bare_stars: bool = False
    origin: str = "default"
