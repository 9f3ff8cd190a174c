"""What changed in a document: pages, sections, links, words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocode_tools.changes.hunks import Hunk, hunks
from ocode_tools.changes.points import Point

_HEADING = re.compile(r"^(?:#{1,6}\s+|=+\s+)(.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^(=|-|~|\^|\*|\"){3,}\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_CODE = re.compile(r"(?<![`\w])`([^`\s][^`\n]{0,38}[^`\s])`(?![`\w])")
_LINK = re.compile(r"https?://[^\s)>\]\"'`]+")
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_WORD = re.compile(r"[\w'-]+|[^\w\s]")


def prose(before: str | None, after: str | None) -> list[Point]:
    """The points of a document's change; a page that is new or gone is one point of the sort "page"."""
    old, new = _headings(before or ""), _headings(after or "")
    if before is None or after is None:
        text, found = after or before or "", new or old
        title = _TITLE.search(text[:600])
        name = _plain(title[1]) if title and text.startswith("---") else found[0] if found else ""
        return [Point("removed" if after is None else "added", "page", name, lines=text.count("\n") + 1)]
    points = list(_sections(old, new))
    changed = hunks(before, after)
    points += _words(changed, before, after)
    return points


def _headings(text: str) -> list[str]:
    found: list[str] = []
    fenced, last = False, ""
    for line in _FRONT.sub("", text).split("\n"):
        fenced ^= bool(_FENCE.match(line))
        if fenced:
            continue
        if heading := _HEADING.match(line):
            found.append(_plain(heading[1]))
        elif (
            _UNDERLINE.match(line)
            and last.strip()
            and not last.startswith(("|", "-", "*"))
            and len(last) <= len(line.rstrip()) + 2
        ):
            found.append(_plain(last.strip()))
        last = line
    return found


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|\{#[^}]*\}|[*]{1,2}|<[^>]+>", r"\1", text).strip(" :")


def _sections(old: Sequence[str], new: Sequence[str]) -> Iterator[Point]:
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    if len(gone) == len(come) == 1 and _similar(gone[0], come[0]):
        return
    if len(gone) == len(come) == 1:
        yield Point("renamed", "section", come[0], gone[0], nature="code", lines=2)
        return
    yield from (Point("added", "section", name, lines=4) for name in come)
    yield from (Point("removed", "section", name, lines=4) for name in gone)


def _similar(old: str, new: str) -> bool:
    """Whether two headings differ by spelling only, which the words tell better."""
    first, second = old.split(), new.split()
    return len(first) == len(second) and all(
        a.lower() == b.lower() or _close(a, b) for a, b in zip(first, second, strict=True)
    )


def _words(changed: Sequence[Hunk], before: str, after: str) -> Iterator[Point]:
    where = _places(after)
    for hunk in changed:
        old, new = " ".join(hunk.old).strip(), " ".join(hunk.new).strip()
        section = where[min(hunk.at_new, len(where) - 1)] if where else ""
        lines = max(1, len(hunk.old) + len(hunk.new))
        if old.split() == new.split():
            yield Point("changed", "text", "", nature="format", where=section, lines=lines)
            continue
        code = [word for word in _CODE.findall(new) if word not in before]
        detail, hint = _swap(old, new)
        if not detail and code and not any(_HEADING.match(line) for line in hunk.new):
            detail = f"document `{code[0]}`" if len(new) > len(old) + 20 else f"mention `{code[0]}`"
        if not detail and not old:
            detail = _block(hunk.new)
        yield Point("changed", "text", section, detail=detail, where=section, lines=lines, hint=hint)


def _places(text: str) -> list[str]:
    """For each line the heading above it."""
    places: list[str] = []
    now, fenced = "", False
    for line in text.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and (heading := _HEADING.match(line)):
            now = _plain(heading[1])
        places.append(now)
    return places


def _swap(old: str, new: str) -> tuple[str, str]:
    """A phrase for text that was replaced by nearly the same text."""
    first, second = set(_LINK.findall(old)), set(_LINK.findall(new))
    if first and second and _LINK.sub("", old) == _LINK.sub("", new):
        link = next(iter(second - first), "")
        return f"correct the link to {_host(link)}", "link"
    if not old or not new:
        return "", ""
    left, right = _WORD.findall(old), _WORD.findall(new)
    if len(left) == len(right) and len(left) < 400:
        pairs = {(a, b) for a, b in zip(left, right, strict=True) if a != b}
        if len(pairs) == 1:
            one, other = pairs.pop()
            return _pair(one, other)
        if 0 < len(pairs) <= 3 and all(_close(a, b) for a, b in pairs):
            return "fix typos", "typo"
    return "", ""


def _pair(old: str, new: str) -> tuple[str, str]:
    if old.lower() == new.lower():
        return f"correct the case of {new}", "typo"
    if re.search(r"\d", old) and re.search(r"\d", new):
        return f"use {new} instead of {old}", ""
    if _close(old, new) and old.isalpha() and new.isalpha():
        return f'fix typo "{old}"', "typo"
    return (f"use {new} instead of {old}", "") if old[0].isalnum() and new[0].isalnum() else ("", "")


def _close(old: str, new: str) -> bool:
    """Whether two words differ by a letter or two."""
    if abs(len(old) - len(new)) > 2 or min(len(old), len(new)) < 4:
        return False
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = next(
        (i for i, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b), min(len(old), len(new))
    )
    return max(len(old), len(new)) - start - tail <= 2


def _block(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    if found := re.search(
        r"(?im)^\s*(?:>\s*\[!|!!!\s+|:::\s*|\.\. )(note|warning|tip|danger|important|caution|info)\b", text
    ):
        return f"add a {found[1].lower()}" if found[1].lower()[0] not in "aeiou" else f"add an {found[1].lower()}"
    if _FENCE.match(next((line for line in lines if line.strip()), "")):
        return "add an example"
    return ""


def _host(link: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", link).rstrip("/.")[:44]
