"""Diffs in a reply: unified ones, with or without headers, numbers and fences, and `*** Begin Patch` envelopes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ocode_tools.replies.base import Block, Part, Swap, Unfit
from ocode_tools.replies.fences import is_prose
from ocode_tools.replies.lines import plain

_HUNK = re.compile(r"[ \t]*@@(?:[ \t]*-(?P<line>\d+)(?:,\d+)?[ \t]+\+\d+(?:,\d+)?)?(?P<rest>.*)$")
_OLD_FILE = re.compile(r"(?:---|\*\*\*)[ \t]+(?P<name>[^\t]+?)(?:\t.*|[ \t]+\d{4}-\d\d-\d\d.*)?$")
_NEW_FILE = re.compile(r"\+\+\+[ \t]+(?P<name>[^\t]+?)(?:\t.*|[ \t]+\d{4}-\d\d-\d\d.*)?$")
_EXTRA = re.compile(
    r"(?:diff --git|index [0-9a-f]{4,}|new file mode|old mode|new mode|similarity index|Index: |={60,}$|`{3,}|~{3,}"
    r"|\\ No newline)"
)
_ENVELOPE = re.compile(
    r"\*\*\*[ \t]*(?P<what>Begin Patch|End Patch|Update File|Add File|Delete File|Move to|End of File)\b[ \t]*:?"
    r"[ \t]*(?P<name>.*?)[ \t]*(?:\*\*\*)?$"
)
_NO_MOVE = ("the reply removes or renames a file", "Change the code in place; do not delete or rename files.")


@dataclass(slots=True)
class _Hunk:
    labels: tuple[str, ...]
    line: int | None = None
    scope: str = ""
    rows: list[str] = field(default_factory=list[str])


def has_patch(text: str) -> bool:
    """Whether a text holds a patch envelope."""
    return any(_ENVELOPE.match(line) for line in plain(text)) if "***" in text else False


def looks_like_diff(code: str, language: str = "") -> bool:
    """Whether the code of a block is a diff rather than plain code."""
    lines = plain(code)
    if any(_HUNK.match(line) and line.lstrip().startswith("@@") for line in lines):
        return True
    heads = [
        number for number, line in enumerate(lines[:-1]) if _OLD_FILE.match(line) and _NEW_FILE.match(lines[number + 1])
    ]
    if heads:
        return True
    changed = [line for line in lines if line[:1] in ("+", "-") and line[1:2] != line[:1]]
    if language in ("diff", "patch", "udiff"):
        return bool(changed)
    return {line[0] for line in changed} == {"+", "-"} or (bool(changed) and any(line[:1] == " " for line in lines))


def readings(texts: Sequence[tuple[str, tuple[str, ...], bool]]) -> Iterator[list[Part]]:
    """Ways to read some diffs, each a text, the labels above it, and whether something closes it.

    A context line may have lost the blank it should begin with, so there are two ways.
    """
    for strict in (True, False):
        parts: list[Part] = []
        for text, labels, closed in texts:
            parts += _parts(text, labels, strict, closed)
        if parts:
            yield parts


def start_of(text: str) -> str:
    """The part of an unfenced reply that is a diff."""
    lines = plain(text)
    heads = ("diff --git", "--- ", "*** Begin", "*** Update", "*** Add", "@@")
    first = next((n for n, line in enumerate(lines) if line.startswith(heads)), len(lines))
    changed = [n for n, line in enumerate(lines) if line[:1] in ("+", "-", "@")]
    last = changed[-1] if changed else len(lines)
    end = next((n for n in range(last + 1, len(lines)) if is_prose(lines[n])), len(lines))
    return "\n".join(lines[first:end])


def _parts(text: str, labels: tuple[str, ...], strict: bool, closed: bool) -> list[Part]:
    parts: list[Part] = []
    hunks = list(_hunks(text, labels))
    for hunk in hunks:
        if not hunk.rows or not any(row[:1] in ("+", "-") for row in hunk.rows):
            continue
        if all(row.startswith("+") or not row.strip() for row in hunk.rows):
            code = "\n".join(row[1:] for row in hunk.rows)
            parts.append(Block(code, hunk.labels, closed=closed or hunk is not hunks[-1]))
        else:
            parts.append(_swap(hunk, strict, closed or hunk is not hunks[-1]))
    return parts


def _swap(hunk: _Hunk, strict: bool, closed: bool) -> Swap:
    old: list[str] = []
    new: list[str] = []
    for row in hunk.rows:
        sign, body = row[:1], row[1:]
        if sign == "-":
            old.append(body)
        elif sign == "+":
            new.append(body)
        else:
            kept = body if strict and sign == " " else row
            old.append(kept)
            new.append(kept)
    return Swap(tuple(old), tuple(new), hunk.labels, hunk.line, hunk.scope, True, closed)


def _hunks(text: str, labels: tuple[str, ...]) -> Iterator[_Hunk]:
    lines = plain(text)
    hunk, at = _Hunk(labels), 0
    while at < len(lines):
        line = lines[at]
        follows = lines[at + 1] if at + 1 < len(lines) else ""
        opened, envelope = _HUNK.match(line), _ENVELOPE.match(line)
        if envelope:
            yield hunk
            hunk = _enveloped(envelope["what"], envelope["name"], hunk.labels)
        elif (old := _OLD_FILE.match(line)) and (new := _NEW_FILE.match(follows)):
            yield hunk
            hunk, at = _Hunk(_header(old["name"], new["name"])), at + 1
        elif (new := _NEW_FILE.match(line)) and not hunk.rows:
            hunk = _Hunk(_header("", new["name"]))
        elif opened and line.lstrip().startswith("@@"):
            yield hunk
            scope = opened["rest"].replace("@@", "").strip() or ("" if hunk.rows else hunk.scope)
            hunk = _Hunk(hunk.labels, int(opened["line"]) if opened["line"] else None, _named_scope(scope))
        elif line.startswith(("rename from", "rename to", "deleted file mode")):
            raise Unfit(*_NO_MOVE)
        elif not (_EXTRA.match(line) or (line.startswith("--- ") and not hunk.rows)):
            hunk.rows.append(line)
        at += 1
    yield hunk


def _enveloped(what: str, name: str, labels: tuple[str, ...]) -> _Hunk:
    if what in ("Delete File", "Move to"):
        raise Unfit(*_NO_MOVE)
    return _Hunk((f"\0{name}",) if what in ("Update File", "Add File") and name else labels)


def _header(old: str, new: str) -> tuple[str, ...]:
    if new == "/dev/null":
        raise Unfit(*_NO_MOVE)
    return (f"\0{new}",) if new else (f"\0{old}",)


def _named_scope(scope: str) -> str:
    """The `def` or `class` line that a hunk header names; line ranges and the like are no scope."""
    found = re.search(r"(?:async\s+)?(?:def|class)\s+\w+", scope)
    return found[0] if found else ""
