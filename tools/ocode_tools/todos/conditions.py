"""What a TODO waits for that the project's own files can answer: a version of Python or of something it requires."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, cast

Version = tuple[int, ...]
Read = Callable[[str], bytes | None]

_V = r"v?(?P<version>\d+(?:\.\d+){0,3})\b"
_NAME = r"(?P<name>[A-Za-z][\w.-]*?)?\s*-?"
# "drop support for Python 3.8", "once 3.8 is dropped", "fallback for py2": the project must require a later one.
_GONE = r"(?:dropped|gone|removed|eol|end[- ]of[- ]life|unsupported)"
_PAST = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        r"\b(?:drop(?:s|ped|ping)?|remov(?:e|es|ing)|end(?:s|ing)?|no longer (?:support|need)(?:s|ing|ed)?"
        rf"|stop(?:s|ping)? supporting)\s+(?:support\s+)?(?:for\s+)?{_NAME}{_V}",
        rf"{_NAME}{_V}\s+(?:support\s+)?(?:is|was|gets|has been|reaches|goes)\s+{_GONE}",
        rf"\b(?:for|with|on|under)\s+(?P<name>python|cpython|py)\s*{_V}",
        rf"\b(?P<name>python|cpython|py)\s*{_V}\s+(?:compat\w*|fallback|workaround|support)",
    )
)
_FROM = re.compile(
    r"\b(?:when|once|if|after|as soon as|requir(?:e|es|ing)|minimum(?: version)?(?: is)?|at least|needs?)\s+"
    rf"(?:(?:we|it|the|our|is|are|on|only|all|can|use|uses|require|requires|support|supports|minimum|version|supported|of)\s+){{0,6}}"
    rf"{_NAME}\s*(?:>=|>|==|≥|is|is at least)?\s*{_V}\+?",
    re.IGNORECASE,
)
_PYTHON = frozenset(("python", "cpython", "py", ""))
_GOING = re.compile(
    r"\b(?:remov|drop|delet|get rid|clean|simplif|inline|unneeded|needless|unnecessary|obsolete|fallback|workaround|"
    r"compat|legacy|gone|eol|no longer)",
    re.IGNORECASE,
)
_COMING = re.compile(r"\s*(?:add|implement|support|test|check|write|make|document)\b", re.IGNORECASE)
_BOUND = re.compile(r"(?:>=|~=|==|===|\^|>|~)\s*v?(\d+(?:\.\d+)*)")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;)]*)\)?\s*(;.*)?")


class Condition(NamedTuple):
    """What a TODO waits for: `name` ("python" or a package) at `version`, or `past` it. `met`: None where the project
    does not say what it requires; `why` is one line."""

    name: str
    version: Version
    past: bool
    met: bool | None
    why: str


def requirements(read: Read) -> Mapping[str, Version]:
    """The least versions that a project requires, by normal name, from pyproject.toml, setup.cfg or setup.py; `read`
    gives a file's bytes. What is required only sometimes, or without a least version, is left out."""
    found: dict[str, Version] = {}
    for name, text in _stated(read):
        bounds = [_version(bound) for bound in _BOUND.findall(text)]
        if bounds:
            found.setdefault(_normal(name), max(bounds))
    return found


def condition(text: str, required: Mapping[str, Version]) -> Condition | None:
    """The condition that a TODO names, and whether the project meets it; None where it names none."""
    if not _GOING.search(text) or _COMING.match(text):
        return None
    for past, found in _named(text):
        name = _normal(found["name"] or "")
        version = _version(found["version"])
        if name in ("py", "python") and len(version) == 1 and 20 < version[0] < 400:  # py38
            version = (int(str(version[0])[0]), int(str(version[0])[1:]))
        if not name and (len(version) == 1 or version[0] not in (2, 3)):
            continue
        name = "python" if name in _PYTHON else name
        if name != "python" and name not in required:
            continue
        least = required.get(name)
        if least is None:
            return Condition(name, version, past, None, f"the project does not say which {name} it requires")
        met = least[: len(version)] > version if past else least >= version
        return Condition(name, version, past, met, f"the project requires {shown(name, least)}")
    return None


def shown(name: str, version: Version) -> str:
    """A requirement for people: `Python >= 3.11`."""
    return f"{'Python' if name == 'python' else name} >= {'.'.join(map(str, version))}"


def _named(text: str) -> Iterator[tuple[bool, re.Match[str]]]:
    for pattern in _PAST[:2]:
        if found := pattern.search(text):
            yield True, found
    if found := _FROM.search(text):
        yield False, found
    for pattern in _PAST[2:]:
        if found := pattern.search(text):
            yield True, found


def _stated(read: Read) -> Iterator[tuple[str, str]]:
    """Pairs of a name and what is said of its version."""
    try:
        table = tomllib.loads((read("pyproject.toml") or b"").decode())
    except (ValueError, RecursionError):
        table = {}
    project = _table(table.get("project"))
    if isinstance(said := project.get("requires-python"), str):
        yield "python", said
    for row in cast("list[object]", project.get("dependencies") or []):
        found = _REQUIREMENT.fullmatch(row) if isinstance(row, str) else None
        if found and not found[3]:
            yield found[1], found[2]
    poetry = _table(_table(_table(table.get("tool")).get("poetry")).get("dependencies"))
    yield from ((name, said) for name, said in poetry.items() if isinstance(said, str))
    for path in ("setup.cfg", "setup.py"):
        text = (read(path) or b"").decode("utf-8", "replace")
        if found := re.search(r"python_requires\s*=\s*[\"']?([^\"'\n]+)", text):
            yield "python", found[1]


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).strip("-").casefold()


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))
