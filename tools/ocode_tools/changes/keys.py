"""What changed in a configuration, CI, build or ignore file, by its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocode_tools.changes.dependencies import moved
from ocode_tools.changes.hunks import Hunk, hunks
from ocode_tools.changes.phrases import comments_only, phrase, squeezed
from ocode_tools.changes.points import Nature, Point

_KEY = re.compile(r"^(\s*)(-\s+)?[\"']?([\w$@./:-]*?[\w$@./-])[\"']?\s*[:=](?:\s+|$|(?=[\"'\[{\d]))(.*?),?\s*$")
_ITEM = re.compile(r"^(\s*)-?\s*[\"']?([^\s\"':,#][^\"',#]*?)[\"']?,?\s*(#.*)?$")
_STEP = re.compile(r"^\s*-\s+name:\s*[\"']?(.+?)[\"']?\s*$")
_OPTION = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")
_IGNORE = re.compile(r"\.\w*ignore$")
_NOISE = frozenset({"name", "run", "with", "id", "if", "env", "uses", "-", "description", "steps", "label", "value"})
_SHORT = 32


def keyed(path: str, before: str | None, after: str | None) -> list[Point]:
    """The points of a change of a file that is made of keys, commands or patterns."""
    if before is None or after is None:
        return _workflow(path, before, after)
    points = list(moved(path, before, after))
    bumped = {point.name for point in points}
    for hunk in hunks(before, after):
        if all(any(name and name in line for name in bumped) for line in (*hunk.old, *hunk.new) if line.strip()):
            continue
        points += _ignored(hunk) if _IGNORE.search(path) else _edited(hunk, (after or "").split("\n"))
    return points


def _workflow(path: str, before: str | None, after: str | None) -> list[Point]:
    """A workflow of GitHub that came or went, by its name."""
    found = (
        re.search(r"^name:[ \t]*[\"']?([^\n\"'#]+)", after or before or "", re.MULTILINE)
        if "/workflows/" in path
        else None
    )
    return [Point("added" if before is None else "removed", "workflow", found[1].strip())] if found else []


def _ignored(hunk: Hunk) -> Iterator[Point]:
    for how, lines, word in (("added", hunk.new, "ignore"), ("removed", hunk.old, "stop ignoring")):
        for line in lines:
            if line.strip() and not line.startswith("#") and line not in (hunk.old if how == "added" else hunk.new):
                yield Point("changed", "pattern", line.strip(), detail=f"{word} {line.strip()}")


def _edited(hunk: Hunk, after: list[str]) -> Iterator[Point]:
    old, new = (
        [line for line in lines if line.strip() and not comments_only([line])] for lines in (hunk.old, hunk.new)
    )
    old, new = _without_commas(old, new), _without_commas(new, old)
    if old != new and [_bare(line) for line in old] == [_bare(line) for line in new]:
        old = new = []
    lines = max(1, len(hunk.old) + len(hunk.new))
    if (not old and not new) or squeezed(old) == squeezed(new):
        nature: Nature = (
            "comments" if any(line.strip() for line in (*hunk.old, *hunk.new)) and not (old or new) else "format"
        )
        yield Point("changed", "comment", "", nature=nature, lines=lines)
        return
    steps = [found[1] for line in new if (found := _STEP.match(line))]
    gone = [found[1] for line in old if (found := _STEP.match(line))]
    if steps and not gone:
        yield Point("added", "step", steps[0], lines=lines)
        return
    if gone and not steps:
        yield Point("removed", "step", gone[0], lines=lines)
        return
    yield _line(old, new, after[: hunk.at_new], lines)


def _line(old: list[str], new: list[str], above: list[str], lines: int) -> Point:
    first, second = (
        next((found for line in side if (found := _KEY.match(line)) and found[3] not in _NOISE), None)
        for side in (old, new)
    )
    if option := _option(old, new):
        return Point("changed", "option", option[0], detail=option[1], lines=lines)
    if second and (not first or first[3] != second[3]) and not old:
        value = second[4].strip("\"' ")
        detail = f"set {second[3]} to {value}" if _plain(value) else f"add {second[3]}"
        return Point("added", "key", second[3], detail=detail, lines=lines)
    if first and second and first[3] == second[3]:
        value = second[4].strip("\"' ")
        said = phrase([first[4]], [second[4]]) if len(value) > _SHORT else None
        detail = f"set {second[3]} to {value}" if _plain(value) else ""
        if said and said.rank >= 30:
            detail = f"{said.phrase} in {second[3]}"
        return Point("changed", "key", second[3], detail=detail, lines=lines)
    if first and not new:
        return Point("removed", "key", first[3], lines=lines)
    items = [found[2] for line in new if line not in old and (found := _ITEM.match(line))]
    owner = _owner(above, new or old)
    items = [re.sub(r"[\s&|;]*\\?$", "", item) for item in items]
    command = re.match(r"[a-z][\w.-]+ [-\w]", items[0]) if items and not new[0].lstrip().startswith("-") else None
    if not old and command and len(items[0]) <= 44:
        return Point("added", "entry", items[0], detail=f"run {items[0]}", where=owner, lines=lines)
    if not old and items and len(items[0]) <= _SHORT and owner:
        return Point("added", "entry", items[0], detail=f"add {items[0]} to {owner}", lines=lines)
    said = phrase(old, new)
    place = owner or _nearest(above)
    if said:
        return Point("changed", "key", place, "", said.phrase, said.link, place, said.rank, lines=lines)
    return Point("changed", "key", place, where=place, lines=lines, rank=0)


def _without_commas(lines: list[str], others: list[str]) -> list[str]:
    """Lines that the other side does not hold too, but for a comma at the end, which the next entry asks for."""
    known = {line.rstrip(", ") for line in others if line not in lines}
    return [line for line in lines if line.rstrip(", ") not in known]


def _bare(line: str) -> str:
    return re.sub(r"\s+#\s.*$", "", line)


def _plain(value: str) -> bool:
    """Whether a value can be told in a subject."""
    plain = bool(value) and len(value) <= _SHORT and value[0] not in "{|>$&*"
    return plain and (value[0] != "[" or value[-1] == "]")


def _option(old: list[str], new: list[str]) -> tuple[str, str] | None:
    """A command-line option that the new lines pass and the old ones did not."""
    if not old or len(new) > 6:
        return None
    before, after = _OPTION.findall(" ".join(old)), _OPTION.findall(" ".join(new))
    fresh = [word for word in after if word not in before]
    gone = [word for word in before if word not in after]
    if fresh and not gone:
        line = next(line for line in new if fresh[0] in line)
        words = re.split(r"\s+", re.sub(r"^\s*(-\s+)?([\"']?[\w-]+[\"']?\s*:\s*)?[\"']?", "", line))
        command = next(
            (word for word in words if re.fullmatch(r"[a-z][\w.-]*", word) and word not in ("run", "entry", "sudo")), ""
        )
        return fresh[0], f"pass {fresh[0]} to {command}" if command else f"pass {fresh[0]}"
    if gone and not fresh:
        return gone[0], f"stop passing {gone[0]}"
    return None


def _owner(above: list[str], lines: list[str]) -> str:
    """The key that holds the first of these lines, by indentation."""
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    for line in reversed(above[-400:]):
        found = _KEY.match(line)
        if (
            found
            and len(found[1]) < indent + (1 if lines[0].lstrip().startswith("-") else 0)
            and not found[4].strip("[{|>")
        ):
            if found[3] not in _NOISE:
                return found[3]
            indent = len(found[1])
    return ""


def _nearest(above: list[str]) -> str:
    found = next((found for line in reversed(above[-60:]) if (found := _STEP.match(line))), None)
    return found[1] if found else ""
