"""What a model answered, as texts by key: JSON in any wrapping, lines with labels, or a docstring in its quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ocode_tools.docstrings.parts import Entry
from ocode_tools.docstrings.sections import parse

_THOUGHT = re.compile(r"<(think\w*|reason\w*|analysis)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_QUOTED = re.compile(r"[rR]?(\"\"\"|''')(.*?)\1", re.DOTALL)
_LABEL = re.compile(r"^[\s>*#`\"'-]*([A-Za-z_][\w. *]*?)[`\"'*]*\s*(?:\([^)]*\))?\s*:[*\"']*\s*(.*)$")
_SUMMARY = ("summary", "short_description", "description", "docstring", "doc")
_DETAILS = ("details", "long_description", "detail", "notes", "note")


def read(reply: str, entries: Sequence[Entry]) -> dict[str, str] | str:
    """The texts that an answer holds for `summary`, `details` and the entries, or in a few words why none.

    Keys that were not asked for are dropped.
    """
    text = _THOUGHT.sub("", reply).strip()
    if not text:
        return "an empty answer"
    for table in _tables(text):
        if found := _from_table(table, entries):
            return found
    if quoted := _QUOTED.search(text):
        return _from_docstring(quoted[2], entries)
    if found := _from_lines(text, entries):
        return found
    if "{" in text:
        return "JSON that was cut off or has other keys"
    return "prose without the keys that were asked for"


def _tables(text: str) -> Iterator[Mapping[str, object]]:
    """Every JSON object that stands in a text, the first one first."""
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{")
    while at >= 0:
        end = at + 1
        for attempt in (text[at:], re.sub(r",(\s*[}\]])", r"\1", text[at:])):
            try:
                found, size = cast("tuple[object, int]", decoder.raw_decode(attempt))
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield cast("Mapping[str, object]", found)
                end = at + max(size, 1)
            break
        at = text.find("{", end)


def _from_table(table: Mapping[str, object], entries: Sequence[Entry]) -> dict[str, str]:
    flat = dict(_flat(table, ""))
    if len(flat) == 1 and (quoted := _QUOTED.search(next(iter(flat.values())))):
        return _from_docstring(quoted[2], entries)
    return _matched(flat, entries)


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    """The strings of a table and of those in it, by their keys; inner ones with the outer key before a dot too."""
    for key, value in table.items():
        name = str(key)
        if isinstance(value, str):
            yield name, value
            if prefix:
                yield f"{prefix}_{name}", value
        elif isinstance(value, dict):
            yield from _flat(cast("Mapping[str, object]", value), name)
        elif isinstance(value, list):
            items = cast("list[object]", value)
            for item in items:
                if isinstance(item, dict):
                    row = cast("Mapping[str, object]", item)
                    named = row.get("name") or row.get("type") or row.get("exception")
                    said = row.get("description") or row.get("desc") or row.get("text")
                    if isinstance(named, str) and isinstance(said, str):
                        yield named, said
            if all(isinstance(item, str) for item in items):
                yield name, " ".join(map(str, items))


def _matched(said: Mapping[str, str], entries: Sequence[Entry]) -> dict[str, str]:
    """What was said for each key, by the names that models give it."""
    lower = {_plain(key): text for key, text in said.items()}
    found: dict[str, str] = {}
    wanted = [("summary", _SUMMARY), ("details", _DETAILS), *((entry.key, _names(entry)) for entry in entries)]
    for key, names in wanted:
        if text := next((lower[_plain(name)] for name in names if lower.get(_plain(name))), ""):
            found[key] = text
    return found if "summary" in found or len(found) > 1 else {}


def _names(entry: Entry) -> tuple[str, ...]:
    bare = entry.name.strip("*")
    if entry.section == "raises":
        return entry.key, f"raises {bare}", bare, bare.rpartition(".")[2]
    if entry.section in ("returns", "yields"):
        return entry.key, entry.key.removesuffix("s"), f"{entry.key}_description"
    return entry.key, bare, f"arg_{bare}", f"param_{bare}", f"args_{bare}", f"parameters_{bare}"


def _plain(key: str) -> str:
    return re.sub(r"[\W_]+", "_", key.strip().strip("*`").lower()).strip("_")


def _from_docstring(text: str, entries: Sequence[Entry]) -> dict[str, str]:
    parsed = parse(text)
    said = {"summary": parsed.summary, "details": parsed.details}
    for entry in entries:
        name = "" if entry.section in ("returns", "yields") else entry.name.strip("*")
        if heard := parsed.entries.get(entry.section, {}).get(name):
            said[entry.key] = heard
    return {key: value for key, value in said.items() if value}


def _from_lines(text: str, entries: Sequence[Entry]) -> dict[str, str]:
    said: dict[str, str] = {}
    key = ""
    for line in re.sub(r"(?m)^\s*(?:```|~~~).*$", "", text).splitlines():
        if found := _LABEL.match(line):
            key = found[1]
            said.setdefault(key, found[2].strip().rstrip(",").strip("\"'"))
        elif key and line.strip():
            said[key] = f"{said[key]} {line.strip()}".strip()
        else:
            key = ""
    return _matched(said, entries)
