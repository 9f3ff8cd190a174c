"""What a docstring may say: plain text, no claims about names that are not there, and more than the name says."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

# Typographic signs that a file's encoding may lack and linters refuse (ruff RUF002), as people type them.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
        "\u2014": " - ",
        "\u2026": "...",
        "\u2192": "->",
        "\u2190": "<-",
        "\u2265": ">=",
        "\u2264": "<=",
        "\u00d7": "x",
        "\u2022": "-",
    }
)
_HOLDER = re.compile(
    r"\b(?:TODO|FIXME|XXX|TBD|N/A|lorem ipsum)\b|_(?:description|type|summary)_|\[(?:summary|description|type)[^\]]*\]"
    r"|<[a-z][a-z _-]*>|\{[a-z_]*\}|\.\.\.\s*$|description (?:here|of the (?:parameter|function))|SECRET_\d+_MASKED"
    r"|\?\?+|\bas an ai\b|\b(?:docstring|json) (?:for|of|is|object)\b|^(?:here is|here's|sure|certainly)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"`+([^`\n]+)`+|\b(\w+(?:\.\w+)*)\(\)|\b([A-Za-z]\w*_\w+)\b|\b(\w+(?:Error|Exception|Warning))\b")
_EXCEPTION = re.compile(r"\w+(?:Error|Exception|Warning)")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_FILLER = re.findall(
    r"\w+",
    "a an the of for to from in on by with and or that this these those it its is are be as at into if when given"
    " specified provided new current value object instance data function method class module package helper utility"
    " some any all input output parameter argument variable return get set use do handle perform process execute"
    " represent result implement provide define describe contain hold initialize create main simple basic various thing"
    " stuff code file python object named call particular following certain respective corresponding associated item"
    " default optional required str string int integer float bool boolean list dict dictionary tuple none",
)


def plain(text: str) -> str:
    """One line of plain text: typographic signs as typed, no markup around it, no control characters."""
    text = "".join(char if char.isprintable() else " " for char in text.translate(_SIGNS))
    text = " ".join(text.split()).strip()
    for mark in ("**", "__", '"""', "'''", '"', "'", "`"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark) and mark not in text[1:-1]:
            text = text[len(mark) : -len(mark)].strip()
    return text


def placeholder(text: str) -> str:
    """What in a text stands for something that was not written; "" where nothing does."""
    found = _HOLDER.search(text)
    return found[0].strip() if found else ""


def known_names(text: str, python: bool = True) -> frozenset[str]:
    """Every word of a source text, with Python's own names where `python` says so."""
    own = frozenset((*dir(builtins), *keyword.kwlist)) if python else frozenset[str]()
    return own.union(re.findall(r"[^\W\d]\w*", text))


def unknown(text: str, known: frozenset[str], here: frozenset[str]) -> str:
    """The first name in a prose that looks like code and is nowhere in `known`, or like an exception and not in `here`
    (the unit's own text); "" where there is none."""
    for found in _CODE.finditer(text):
        quoted = found[1]
        if quoted is not None and not re.fullmatch(r"\*{0,2}[\w.]+(?:\(\))?", quoted):
            continue  # an expression
        name = (quoted or found[2] or found[3] or found[4]).strip("*").removesuffix("()")
        parts = [part for part in name.split(".") if part and not part.isdigit()]
        if any(part not in (here if _EXCEPTION.fullmatch(part) else known) for part in parts):
            return name
    return ""


def says_more(text: str, names: Iterable[str]) -> bool:
    """Whether a text has a word that is neither in the names nor one of those that say nothing."""
    said = {_stem(word) for word in _WORD.findall(text)} - _FILLER_STEMS
    return any(not any(_akin(word, part) for part in words_of(names)) for word in said if len(word) > 1)


def words_of(names: Iterable[str]) -> frozenset[str]:
    """The stems of the words that names are made of: `parse_HTTPDate` is of parse, http and date."""
    parts = (part for name in names for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name))
    return frozenset(_stem(part) for part in parts)


def _stem(word: str) -> str:
    word = word.lower()
    for end in ("ations", "ation", "ings", "ing", "ers", "ies", "ors", "ed", "es", "er", "or", "s", "e", "y"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            word = word[: -len(end)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def _akin(word: str, part: str) -> bool:
    """Whether one is the beginning of the other: names are often cut short (`msg`, `config`)."""
    short, long = sorted((word, part), key=len)
    return word == part or (len(short) >= 3 and long.startswith(short))


_FILLER_STEMS = frozenset(map(_stem, _FILLER))
