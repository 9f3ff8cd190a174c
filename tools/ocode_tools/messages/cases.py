"""The letter cases that commitlint knows (https://commitlint.js.org/reference/rules.html), and one of our own."""

from __future__ import annotations

import re

_WORDS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+"
_QUOTED = r"`[^`]*`|\"[^\"]*\"|'[^']*'"
NAMES = {
    "lowercase": "lower-case",
    "lowerCase": "lower-case",
    "uppercase": "upper-case",
    "sentencecase": "sentence-case",
    "camelCase": "camel-case",
    "kebabCase": "kebab-case",
    "PascalCase": "pascal-case",
    "snakeCase": "snake-case",
}
KNOWN = frozenset(
    {
        "lower-case",
        "upper-case",
        "sentence-case",
        "camel-case",
        "kebab-case",
        "pascal-case",
        "snake-case",
        "start-case",
        "first-lower",
    }
)


def fits(text: str, case: str) -> bool:
    """Whether `text` is written in `case`; what is quoted does not count, a text without letters fits any."""
    text = re.sub(_QUOTED, "", text).strip()
    if not re.search(r"[^\W\d_]", text):
        return True
    return text == _written(text, case)


def _written(text: str, case: str) -> str:
    words = re.findall(_WORDS, text)
    match case:
        case "lower-case":
            return text.lower()
        case "upper-case":
            return text.upper()
        case "sentence-case":
            return text[0].upper() + text[1:]
        case "first-lower":
            return text[0].lower() + text[1:]
        case "kebab-case":
            return "-".join(words).lower()
        case "snake-case":
            return "_".join(words).lower()
        case "start-case":
            return " ".join(word[0].upper() + word[1:] for word in words)
        case "pascal-case":
            return "".join(word.capitalize() for word in words)
        case "camel-case":
            joined = "".join(word.capitalize() for word in words)
            return joined[:1].lower() + joined[1:]
        case _:
            return text
