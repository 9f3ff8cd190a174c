"""From one changed file to its points: who reads which kind of file."""

from __future__ import annotations

import re
from functools import lru_cache

from ocode_tools.changes.base import Change
from ocode_tools.changes.points import Point

_PROSE = re.compile(r"\.(md|mdx|markdown|rst|adoc|txt|org|textile)$", re.IGNORECASE)
_KEYED = re.compile(
    r"\.(ya?ml|toml|json[5c]?|ini|cfg|conf|properties|xml|env|mod|in|lock|gradle|kts|hcl|tf)$"
    r"|(^|/)(\.\w*ignore|[\w.-]*file(\.\w+)?|\.[\w-]*rc|\.tool-versions|codeowners)$",
    re.IGNORECASE,
)


# What is called like a secret and told with a value, and values that look like one.
_SECRET = re.compile(r"(?i)secret|token|passw|passphrase|credential|api_?key|private|auth")
_VALUE = re.compile(r"[\"'`]|\bto \S")
_RANDOM = re.compile(
    r"(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/=]{20,}|\b[0-9a-f]{32,}\b|\b(?:sk-|gh[pousr]_|AKIA|xox[abp]-)[\w-]{12,}"
)


@lru_cache(maxsize=64)
def points(change: Change) -> tuple[Point, ...]:
    """The points of one file; empty where its texts were not read or nothing is known."""
    return tuple(map(_discreet, _points(change)))


def _points(change: Change) -> list[Point]:
    # Each reader is loaded when it is first needed: a commit is seldom of every kind.
    if change.before is None and change.after is None:
        return []
    if change.path.endswith((".py", ".pyi")):
        from ocode_tools.changes.python import python

        found = python(change.before, change.after)
        if found is not None:
            return found
    if _PROSE.search(change.path) and change.kind != "dependencies":
        return _pages(change)
    if change.kind in ("dependencies", "ci", "build", "configuration") or _KEYED.search(change.path):
        from ocode_tools.changes.keys import keyed

        return keyed(change.path, change.before, change.after)
    from ocode_tools.changes.declared import declared

    return declared(change.path, change.before, change.after)


def _discreet(point: Point) -> Point:
    """A point without its phrase where that could hold a secret, which no message may repeat."""
    named = _SECRET.search(f"{point.name} {point.where}") and _VALUE.search(point.detail)
    if not named and not _RANDOM.search(f"{point.detail} {point.name}"):
        return point
    name = point.name if point.name and not _RANDOM.search(point.name) else "a value"
    return point._replace(detail=f"{'add' if point.how == 'added' else 'change'} {name}", name=name, old="", rank=10)


def _pages(change: Change) -> list[Point]:
    """A document's points; one that everybody knows by its file's name (README.md) is called so."""
    from ocode_tools.changes.prose import prose

    known = change.name.partition(".")[0].isupper()
    return [
        point._replace(name=change.name) if point.sort == "page" and (known or not point.name) else point
        for point in prose(change.before, change.after)
    ]
