"""Declarations in languages that are not parsed here: a table of patterns a family, and what a change did to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ocode_tools.changes.hunks import Hunk, hunks
from ocode_tools.changes.phrases import comments_only, phrase, squeezed
from ocode_tools.changes.points import Found, Nature, Point

_SCRIPT = (
    r"^\s*(?P<export>export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?(?P<function>function)\b\*?\s*(?P<name>[\w$]+)",
    r"^\s*(?P<export>export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?P<class>class)\s+(?P<name>[\w$]+)",
    r"^(?P<export>export\s+)?(?:declare\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\b[^=]*=\s*(?P<function>(?:async\s*)?(?:\([^=]*=>|\w+\s*=>|function\b|\($))",
    r"^(?P<export>export\s+)?(?:declare\s+)?(?P<constant>const|let|var)\s+(?P<name>[\w$]+)\b",
    r"^(?P<export>export\s+)?(?:declare\s+)?(?:const\s+)?(?P<type>interface|type|enum|namespace)\s+(?P<name>[\w$]+)",
    r"^(?:module\.)?exports\.(?P<export>)(?P<constant>)(?P<name>[\w$]+)\s*=",
    r"^\s*(?P<test>test|it|describe)(?:\.\w+)*\(\s*[\"'`](?P<name>[^\"'`]+)",
    r"^\s+(?P<method>)(?:(?:public|private|protected|static|async|get|set|override|readonly)\s+|\*\s*)*(?P<name>(?!if\b|for\b|while\b|switch\b|catch\b|function\b|return\b)#?[\w$]+)"
    r"\s*(?:<[^>]*>)?\([^()]*\)\s*(?::[^={]+)?\{\s*$",
)
_GO = (
    r"^(?P<function>func)\s+(?:\([^)]*\)\s*)?(?P<name>\w+)",
    r"^(?P<type>type)\s+(?P<name>\w+)",
    r"^(?P<constant>var|const)\s+(?P<name>\w+)",
)
_RUST = (
    r"^\s*(?P<export>pub(?:\([^)]*\))?\s+)?(?:default\s+)?(?:const\s+|async\s+|unsafe\s+|extern\s+(?:\"\w+\"\s+)?)*(?P<function>fn)\s+(?P<name>\w+)",
    r"^\s*(?P<export>pub(?:\([^)]*\))?\s+)?(?P<type>struct|enum|trait|union|type|mod)\s+(?P<name>\w+)",
    r"^\s*(?P<export>pub(?:\([^)]*\))?\s+)?(?P<constant>const|static)\s+(?:mut\s+)?(?P<name>\w+)\s*:",
    r"^\s*(?P<export>#\[macro_export\]\s*)?(?P<function>macro_rules!)\s+(?P<name>\w+)",
)
_JVM = (
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?P<export>public\s+|open\s+|internal\s+)?(?:(?:private|protected|static|final|abstract|sealed|data|partial|readonly|inline|value|case)\s+)*"
    r"(?P<class>class|interface|enum(?:\s+class)?|record|object|struct|trait|protocol|extension|actor)\s+(?P<name>\w+)",
    r"^\s*(?P<export>public\s+|open\s+|override\s+|internal\s+)?"
    r"(?:(?:private|protected|static|suspend|inline|async|mutating|final|override|implicit)\s+)*(?P<function>fun|func|def|function)\s+(?:<[^>]*>\s*)?(?:\w+\.)?(?P<name>\w+)",
    r"^\s+(?P<export>public\s+)?(?P<method>)"
    r"(?:(?:private|protected|static|final|abstract|synchronized|async|override|virtual|internal|public)\s+)+"
    r"[\w<>\[\],.? ]+\s+(?P<name>\w+)\s*\([^;]*$",
)
_C = (
    r"^(?!\s|#|//|\*|return\b|else\b|if\b|for\b|while\b|typedef\b)(?P<function>)[\w:*&<>,~\s]*?[\s*&](?P<name>[\w:~]+)\s*\([^;]*$",
    r"^\s*(?:typedef\s+)?(?P<type>struct|class|enum|union|namespace)\s+(?P<name>\w+)[^;]*$",
    r"^#\s*(?P<constant>define)\s+(?P<name>\w+)",
)
_OTHER = (
    r"^\s*(?P<class>class|module|defmodule|package)\s+(?P<name>[\w:.]+)",
    r"^\s*(?:local\s+)?(?P<function>def|defp|defmacro|function|sub|fn|proc|func)\s+(?:self\.)?(?P<name>[\w?!.:]+)",
    r"^(?P<function>)(?P<name>[\w-]+)\s*\(\)\s*\{?",
    r"(?i)^\s*create\s+(?:or\s+replace\s+)?(?P<type>table|view|function|index)\s+(?:if\s+not\s+exists\s+)?(?P<name>[\w.]+)",
)
_FAMILIES = (
    (r"\.([cm]?[jt]sx?|vue|svelte|astro)$", _SCRIPT),
    (r"\.go$", _GO),
    (r"\.rs$", _RUST),
    (r"\.(java|kts?|scala|groovy|cs|swift|php|dart)$", _JVM),
    (r"\.(c|h|cc|cpp|cxx|hh|hpp|hxx|m|mm|cu)$", _C),
)
_SORTS = ("function", "class", "constant", "type", "test", "method")


class Declaration(NamedTuple):
    """A declaration: what it is, its name, its 0-based line, and whether others may use it."""

    sort: str
    name: str
    line: int
    public: bool
    text: str


def declarations(path: str, text: str) -> list[Declaration]:
    """The declarations of a text in the order of their lines."""
    patterns = _patterns(path)
    found: list[Declaration] = []
    for number, line in enumerate(text.split("\n")):
        if len(line) > 400 or not line.strip():
            continue
        match = next((match for pattern in patterns if (match := pattern.match(line))), None)
        if match:
            groups = match.groupdict()
            sort = next((sort for sort in _SORTS if groups.get(sort) is not None), "function")
            found.append(Declaration(sort, groups["name"], number, _public(path, sort, line, groups), line.strip()))
    return found


def _patterns(path: str) -> list[re.Pattern[str]]:
    family = next((patterns for ending, patterns in _FAMILIES if re.search(ending, path)), _OTHER)
    return [re.compile(pattern) for pattern in family]


def _public(path: str, sort: str, line: str, groups: dict[str, str | None]) -> bool:
    name = groups["name"] or ""
    if path.endswith(".go"):
        return name[:1].isupper()
    if sort == "method":
        return not re.search(r"\b(private|protected)\b|#", line)
    if "export" in groups and not path.endswith((".php", ".swift", ".kt", ".scala", ".dart")):
        return groups["export"] is not None
    return not name.startswith("_") and "private" not in line


def declared(path: str, before: str | None, after: str | None) -> list[Point]:
    """The points of a change of a file in any language."""
    changed = hunks(before, after)
    old, new = declarations(path, before or ""), declarations(path, after or "")
    old_names, new_names = {item.name for item in old}, {item.name for item in new}
    gone = [item for item in old if item.name not in new_names and not _still(item, after or "")]
    come = [item for item in new if item.name not in old_names and not _still(item, before or "")]
    lost = {item.line for item in gone}
    points = list(_renamed(gone, come))
    sizes = _sizes(new, (after or "").count("\n"))
    points += [Point("added", item.sort, item.name, public=item.public, lines=sizes.get(item.line, 1)) for item in come]
    points += [Point("removed", item.sort, item.name, public=item.public) for item in gone]
    if before is not None and after is not None:
        fresh = {item.line for item in new if item.name not in old_names}
        points += _edits(changed, new, fresh, lost)
    return points


def _still(item: Declaration, text: str) -> bool:
    """Whether a method stands in the other text too, in a shape that the patterns miss."""
    return item.sort == "method" and bool(re.search(rf"^\s+[\w ]*\b{re.escape(item.name)}\s*\(", text, re.MULTILINE))


def _renamed(gone: list[Declaration], come: list[Declaration]) -> Iterator[Point]:
    for old in list(gone):
        for new in come:
            if (
                old.sort == new.sort
                and old.sort != "test"
                and old.text.replace(old.name, "") == new.text.replace(new.name, "")
            ):
                yield Point("renamed", new.sort, new.name, old.name, public=new.public)
                gone.remove(old)
                come.remove(new)
                break


def _sizes(items: Sequence[Declaration], total: int) -> dict[int, int]:
    last = {items[-1].line: max(1, total - items[-1].line)} if items else {}
    return {item.line: after.line - item.line for item, after in pairwise(items)} | last


def _edits(changed: Sequence[Hunk], new: Sequence[Declaration], fresh: set[int], lost: set[int]) -> Iterator[Point]:
    for hunk in changed:
        come = any(line in fresh for line in range(hunk.at_new, hunk.at_new + len(hunk.new)))
        gone = any(line in lost for line in range(hunk.at_old, hunk.at_old + len(hunk.old)))
        if (come and (gone or not hunk.old)) or (gone and not any(line.strip() for line in hunk.new)):
            continue
        lines = len(hunk.old) + len(hunk.new)
        within = [item for item in new if item.line <= hunk.at_new and item.sort != "test"]
        place = within[-1] if within else None
        if place and place.line in fresh:
            continue
        where = place.name if place else ""
        nature = _nature(hunk)
        if nature == "code" and all(_is_import(line) for line in (*hunk.old, *hunk.new)):
            yield Point("changed", "imports", "", lines=1)
            continue
        said = phrase(hunk.old, hunk.new) if nature == "code" else None
        said = said or Found("", 0)
        field = place is not None and place.sort == "type" and said.phrase.startswith("add ")
        yield Point(
            "changed", place.sort if place else "module", where, detail=said.phrase, link=said.link, where=where,
            rank=said.rank, public=place.public if place else True, nature=nature, lines=lines,
            hint="feat" if field else said.hint,
        )  # fmt: skip


def _nature(hunk: Hunk) -> Nature:
    if comments_only(hunk.old) and comments_only(hunk.new):
        return "comments" if any(line.strip() for line in (*hunk.old, *hunk.new)) else "format"
    return "format" if squeezed(hunk.old) == squeezed(hunk.new) else "code"


def _is_import(line: str) -> bool:
    return not line.strip() or bool(
        re.match(
            r"\s*(import\b|from\s+['\"\w]|use\s|using\s|#include|require\b|(const|var|let)\s.*=\s*require\(|\}\s*from\s|export\s+\*)",
            line,
        )
    )
