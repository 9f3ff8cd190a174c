"""Docstrings that disagree with the signature: what is stale goes, what is missing comes, every other line stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.parts import Entry, Facts, Form, Style
from ocode_tools.docstrings.render import entry_lines
from ocode_tools.docstrings.sections import Parsed, parse
from ocode_tools.docstrings.splice import NoPlaceError
from ocode_tools.source import Change, Source

_LITERAL = re.compile(r"(?P<prefix>[rRuU]?)(?P<quotes>\"\"\"|''')")
_TITLE = re.compile(r"(?:Args|Arguments|Parameters)(:?)\s*\Z")
_GOOGLE = re.compile(r"[*\\]*([A-Za-z_]\w*)[ \t]*(?:\(.*?\))?[ \t]*:")
_NUMPY = re.compile(r"[*\\]*([A-Za-z_]\w*)[ \t]*(?::|\Z)")
_SPHINX = re.compile(r":(?:param|parameter|arg|argument|key|keyword|type)[ \t]+(?:[^:\n]*[ \t])?[*\\]*([A-Za-z_]\w*):")


@dataclass(frozen=True, slots=True)
class Gap:
    """How a docstring disagrees: `stale` are names of parameters that are not there, `missing` entries it lacks."""

    form: Form
    stale: tuple[str, ...]
    missing: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """An entry on lines `first` to before `end` of a docstring, 0-based."""

    name: str
    first: int
    end: int


def gap(unit: Unit, facts: Facts) -> Gap | None:
    """How the docstring of a function disagrees with its parameters; None where it does not, or lists none."""
    if unit.doc is None or unit.kind != "function" or not isinstance(unit.doc.value, str):
        return None
    parsed: Parsed = parse(unit.doc.value)
    said = parsed.entries.get("args")
    if not said or parsed.form is None:
        return None
    entries = [entry for entry in facts.entries if entry.section == "args"]
    names = {entry.name.strip("*") for entry in entries}
    stale = tuple(name for name in said if name not in names)
    missing = tuple(entry for entry in entries if entry.name.strip("*") not in said)
    return Gap(parsed.form, stale, missing) if stale or missing else None


def mended(
    source: Source, unit: Unit, facts: Facts, found: Gap, style: Style, texts: Mapping[str, str]
) -> list[Change]:
    """The changes that take the stale entries out and put in those of the missing ones that have a text.

    Raises NoPlaceError where the entries cannot be told apart in the source.
    """
    assert unit.doc is not None
    start, end = source.span(unit.doc)
    literal = source.text[start:end]
    opened = _LITERAL.match(literal)
    if opened is None or not literal.endswith(opened["quotes"]) or literal.count(opened["quotes"]) != 2:
        raise NoPlaceError("its docstring is not one string in triple quotes")
    lines = literal.splitlines(keepends=True)
    rows = list(_rows(lines, found.form))
    if missed := set(found.stale) - {row.name for row in rows}:
        raise NoPlaceError(f"the entry of {min(missed)} cannot be told from the others")
    if not rows:
        raise NoPlaceError("its entries cannot be told apart")
    gone = {number for row in rows if row.name in found.stale for number in range(row.first, row.end)}
    if len(lines) - 1 in gone:
        raise NoPlaceError("an entry shares its line with the end of the docstring")
    new = _inserted(lines, rows, facts, found, replace(style, form=found.form), texts, source.eol)
    if any(opened["quotes"] in text or "\\" in text for text in new.values()):
        raise NoPlaceError("the new text would need escapes")
    pieces = [new.get(n, "") + ("" if n in gone else line) for n, line in enumerate(lines)]
    return [Change(start, end, "".join(pieces))]


def _inserted(
    lines: Sequence[str],
    rows: Sequence[_Row],
    facts: Facts,
    found: Gap,
    style: Style,
    texts: Mapping[str, str],
    eol: str,
) -> dict[int, str]:
    """What goes before which line: each new entry behind that of the parameter before it."""
    first = lines[rows[0].first]
    indent = first[: len(first) - len(first.lstrip())]
    room = style.width - len(indent.expandtabs())
    ends = {row.name: row.end for row in rows}
    at, new = rows[0].first, dict[int, str]()
    for entry in (entry for entry in facts.entries if entry.section == "args"):
        name = entry.name.strip("*")
        if entry in found.missing and texts.get(entry.key):
            made = entry_lines(entry, texts[entry.key], style, room, "\t" if "\t" in indent else "    ")
            new[at] = new.get(at, "") + "".join(f"{indent}{line}{eol}" for line in made)
        at = ends.get(name, at)
    return new


def _rows(lines: Sequence[str], form: Form) -> Iterator[_Row]:
    """The entries of the parameters by their lines."""
    if form == "sphinx":
        starts = [(n, found[1]) for n, line in enumerate(lines) if (found := _SPHINX.match(line.strip()))]
        for at, name in starts:
            end = at + 1
            while end < len(lines) - 1 and lines[end].strip() and not lines[end].lstrip().startswith(":"):
                end += 1
            yield _Row(name, at, end)
        return
    head = next((n for n in range(len(lines)) if _is_title(lines, n, form)), None)
    if head is None:
        return
    body = head + (1 if form == "google" else 2)
    depth = _depth(lines[head])
    end = body
    while end < len(lines) - 1 and not _ends(lines, end, depth, form):
        end += 1
    while end > body and not lines[end - 1].strip():
        end -= 1
    depths = [_depth(line) for line in lines[body:end] if line.strip()]
    pattern = _GOOGLE if form == "google" else _NUMPY
    starts = [
        (n, found[1])
        for n in range(body, end)
        if lines[n].strip() and _depth(lines[n]) == min(depths) and (found := pattern.match(lines[n].strip()))
    ]
    if not starts:
        return
    for (at, name), (following, _) in zip(starts, [*starts[1:], (end, "")], strict=True):
        yield _Row(name, at, following)


def _is_title(lines: Sequence[str], at: int, form: Form) -> bool:
    found = _TITLE.match(lines[at].strip())
    if not found:
        return False
    return bool(found[1]) if form == "google" else at + 1 < len(lines) and lines[at + 1].strip().startswith("---")


def _ends(lines: Sequence[str], at: int, depth: int, form: Form) -> bool:
    """Whether a section is over on a line."""
    line = lines[at]
    if form == "google":
        return bool(line.strip()) and _depth(line) <= depth
    return at + 1 < len(lines) and lines[at + 1].strip().startswith("---")


def _depth(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())
