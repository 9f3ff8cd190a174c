"""Finding the lines that a search text means, and what stands there afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ocode_tools.replies.base import Swap, Unfit
from ocode_tools.replies.lines import canon, indent, merged, plain, split, trimmed

Span = tuple[int, int]  # first line (from 0) and one past the last
_LIKE, _MARGIN = 0.85, 0.08
_DOTS = re.compile(r"\s*(?:#\s*)?(?:\.\.\.|…)\s*(?:\w[^\n]{0,80}(?:\.\.\.|…)\s*)?$")
_MOST = 400  # lines of a search text or of a function beyond which nothing is compared loosely
_LEVELS: tuple[Callable[[str], str], ...] = (
    str,
    str.rstrip,
    canon,
    lambda line: canon(line).strip(),
    lambda line: re.sub(r"\s+", "", canon(line)),
    lambda line: re.sub(r"\s+", "", canon(line).partition(" #")[0]),
)


class NotFound(Unfit):
    """The search text is nowhere in the file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a swap applies: a span of lines and the lines to put there."""

    start: int
    end: int
    new: tuple[str, ...]


def applied(text: str, swaps: Sequence[Swap], spans: Sequence[Span], eol: str) -> str:
    """A text after all swaps, each looked for in the text as it was; one that only fits what another made comes later.

    `spans` are the lines of the functions that were asked for: they decide between several matches, and only there
    may a match be loose. Raises Unfit where a search text is not found, or found more than once.
    """
    todo = [part for swap in dict.fromkeys(swaps) if swap.old != swap.new for part in _pieces(swap, text)]
    if not todo:
        raise Unfit("the search and the replacement are the same: no change", "Send the code with the change in it.")
    lines = [line for line, _ in split(text)]
    try:
        places = [_place(lines, swap, spans) for swap in todo]
    except NotFound as missing:
        try:
            for swap in todo if len(todo) > 1 else ():
                text = _at_once(text, [_place([line for line, _ in split(text)], swap, spans, strict=True)], eol)
        except Unfit:
            raise missing from None
        if len(todo) > 1:
            return text
        raise
    return _at_once(text, places, eol)


def _pieces(swap: Swap, text: str) -> list[Swap]:
    """A swap cut at the lines of dots that stand for the same code in both halves, unless the file has such lines."""
    olds, news = _cut(swap.old), _cut(swap.new)
    if len(olds) < 2 or len(olds) != len(news) or any(_DOTS.match(line) for line in plain(text)):
        return [swap]
    pairs = [(a, b) for a, b in zip(olds, news, strict=True) if a != b]
    return [replace(swap, old=tuple(a), new=tuple(b)) for a, b in pairs]


def _cut(lines: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if _DOTS.match(line):
            found.append([])
        else:
            found[-1].append(line)
    return found


def _at_once(text: str, places: Sequence[Place], eol: str) -> str:
    lines = split(text)
    out: list[str] = []
    at = 0
    for place in sorted(set(places), key=lambda place: (place.start, place.end)):
        if place.start < at:
            raise Unfit("two replacements overlap", "Send one replacement for each place, or the whole function.")
        out.append("".join(line + end for line, end in lines[at : place.start]))
        out.append(_region(lines[place.start : place.end], place, lines, eol))
        at = place.end
    return "".join([*out, *(line + end for line, end in lines[at:])])


def _region(region: list[tuple[str, str]], place: Place, lines: list[tuple[str, str]], eol: str) -> str:
    if not place.new:
        return ""
    known = next((end for _, end in region if end), lines[place.start - 1][1] if place.start else "") or eol
    if not region:
        return "".join(line + known for line in place.new)
    return merged("".join(line + end for line, end in region), place.new, known)


def _place(lines: list[str], swap: Swap, spans: Sequence[Span], strict: bool = False) -> Place:
    old = list(swap.old)
    if not any(line.strip() for line in old):
        raise Unfit(
            "a replacement has no search text", "Copy the lines to replace exactly, or send the whole function."
        )
    scope = _scope(lines, swap.scope)
    for lead, body, new in _variants(swap):
        for level in _LEVELS:
            hits = _hits(lines, body, level)
            if hits:
                start = _chosen(hits, len(body), swap, lead, [*spans], scope)
                return _carried(lines, start, start + len(body), body, new)
    near = (
        None if strict else _spread(lines, swap, spans) or _fragment(lines, swap, spans) or _loose(lines, swap, spans)
    )
    if near:
        return near
    first = next(line for line in old if line.strip()).strip()
    raise NotFound(
        f"the text to replace is not in the file: {first[:80]!r}",
        "The lines you gave are not in the file as it is; copy them exactly, or send the whole function.",
    )


def _variants(swap: Swap) -> list[tuple[int, list[str], list[str]]]:
    """The search as it is, without blank lines around it, and (of a diff) with ever less context around it."""
    old, new = list(swap.old), list(swap.new)
    found = [(0, old, new)]
    lead = next(number for number, line in enumerate(old) if line.strip())
    tail = next(number for number, line in enumerate(reversed(old)) if line.strip())
    fewer = new[:]
    for _ in range(lead):
        fewer = fewer[1:] if fewer and not fewer[0].strip() else fewer
    for _ in range(tail):
        fewer = fewer[:-1] if fewer and not fewer[-1].strip() else fewer
    if lead or tail:
        found.append((lead, old[lead : len(old) - tail], fewer))
    if swap.hunk:
        a = b = 0
        while a < min(len(old), len(new)) and old[a] == new[a]:
            a += 1
        while b < min(len(old), len(new)) - a and old[-1 - b] == new[-1 - b]:
            b += 1
        for cut in range(1, max(a, b) + 1):
            x, y = min(cut, a), min(cut, b)
            body = old[x : len(old) - y]
            if len(body) >= 2 and any(line.strip() for line in body) and cut <= 3:
                found.append((x, body, new[x : len(new) - y]))
    return found


def _hits(lines: list[str], body: list[str], level: Callable[[str], str]) -> list[int]:
    wanted = [level(line) for line in body]
    if not any(wanted):
        return []
    have = [level(line) for line in lines]
    rows = range(len(have) - len(wanted) + 1)
    found: list[int] = []
    for row in rows:
        if have[row] == wanted[0] and have[row : row + len(wanted)] == wanted:
            found.append(row)
            if len(found) > 50:
                break
    return found


def _chosen(hits: list[int], size: int, swap: Swap, lead: int, spans: list[Span], scope: Span | None) -> int:
    if len(hits) == 1:
        return hits[0]
    for some in ([scope] if scope else [], spans):
        inside = [row for row in hits if any(a <= row and row + size <= b for a, b in some)]
        if len(inside) == 1:
            return inside[0]
        hits = inside or hits
    if swap.line is not None and swap.line - 1 + lead in hits:
        return swap.line - 1 + lead
    raise Unfit(
        f"the text to replace is in the file {len(hits)} times: {swap.old[0].strip()[:60]!r} (ambiguous)",
        "Give more lines around the change so that the place is clear, or send the whole function.",
    )


def _scope(lines: list[str], scope: str) -> Span | None:
    """The lines below a header such as `def f():`, as far as they are indented more than it."""
    wanted = scope.strip().rstrip(":").strip()
    rows = [row for row, line in enumerate(lines) if wanted and line.strip().startswith(wanted)]
    if len(rows) != 1:
        return None
    margin = len(indent(lines[rows[0]]))
    for row in range(rows[0] + 1, len(lines)):
        if lines[row].strip() and len(indent(lines[row])) <= margin and lines[row].strip()[0] not in ")]}#":
            return rows[0], row
    return rows[0], len(lines)


def _carried(lines: list[str], start: int, end: int, old: list[str], new: list[str]) -> Place:
    """New lines with those that the search has too as the file spells them, the others indented as the file is."""
    have = lines[start:end]
    shift = _shift(old, have)
    out: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, [*map(canon, old)], [*map(canon, new)], autojunk=False).get_opcodes():
        out += have[a:b] if tag == "equal" else [shift(line) for line in new[c:d]]
    return Place(start, end, tuple(out))


def _shift(old: list[str], have: list[str]) -> Callable[[str], str]:
    """How lines written at the search text's indentation are to be indented in the file."""
    known = {indent(a): indent(b) for a, b in zip(old, have, strict=True) if a.strip() and b.strip()}
    if all(a == b for a, b in known.items()):
        return str
    deltas = {len(b) - len(a) for a, b in known.items()}
    tabs = any("\t" in blanks for pair in known.items() for blanks in pair)
    ratios = {len(b) / len(a) for a, b in known.items() if a}

    def shifted(line: str) -> str:
        mine = indent(line)
        if not line.strip() or mine in known:
            return known.get(mine, mine) + line.lstrip()
        if not tabs and len(deltas) == 1:
            return " " * max(0, len(mine) + next(iter(deltas))) + line.lstrip()
        if len(ratios) == 1 and len(set("".join(known.values()))) <= 1:
            sign = "".join(known.values())[:1] or " "
            return sign * round(len(mine) * next(iter(ratios))) + line.lstrip()
        base = max((blanks for blanks in known if mine.startswith(blanks)), key=len, default="")
        return known.get(base, "") + mine[len(base) :] + line.lstrip()

    return shifted


def _spread(lines: list[str], swap: Swap, spans: Sequence[Span]) -> Place | None:
    """A match that differs in blank lines only, inside a target function."""
    wanted = [canon(line).strip() for line in swap.old if line.strip()]
    full = [row for row, line in enumerate(lines) if line.strip()]
    have = [canon(lines[row]).strip() for row in full]
    hits = [
        n for n in range(len(have) - len(wanted) + 1) if have[n] == wanted[0] and have[n : n + len(wanted)] == wanted
    ]
    rows = [(full[n], full[n + len(wanted) - 1] + 1) for n in hits]
    rows = [(a, b) for a, b in rows if any(x <= a and b <= y for x, y in spans)] or rows
    if len(rows) != 1 or len(wanted) < 2:
        return None
    start, end = rows[0]
    full_old = [line for line in swap.old if line.strip()]
    shift = _shift(full_old, [line for line in lines[start:end] if line.strip()])
    return Place(start, end, tuple(shift(line) for line in trimmed(swap.new)))


def _fragment(lines: list[str], swap: Swap, spans: Sequence[Span]) -> Place | None:
    """Part of a line, or of several, where it stands only once."""
    old, new = "\n".join(swap.old), "\n".join(swap.new)
    for piece, put in ((old, new), (old.strip(), new.strip())):
        if swap.hunk or len(piece.strip()) < 3:
            continue
        for start, end in [(0, len(lines)), *spans]:
            text = "\n".join(lines[start:end])
            at = text.find(piece)
            if at >= 0 and text.find(piece, at + 1) < 0 and _whole_words(text, at, at + len(piece)):
                return Place(start, end, tuple(plain(text[:at] + put + text[at + len(piece) :])))
    return None


def _whole_words(text: str, start: int, end: int) -> bool:
    return not (
        ((text[start - 1 : start] + text[start : start + 1]).replace("_", "a").isalnum() and start > 0)
        or ((text[end - 1 : end] + text[end : end + 1]).replace("_", "a").isalnum() and end < len(text))
    )


def _loose(lines: list[str], swap: Swap, spans: Sequence[Span]) -> Place | None:
    """The one stretch of a target function that is nearly the search text, where no other comes close."""
    old, new = trimmed(swap.old), trimmed(swap.new)
    wanted = [canon(line).strip() for line in old]
    rated: list[tuple[float, int]] = []
    if len(old) > _MOST:
        return None
    for start, end in spans:
        if end - start > _MOST:
            continue
        for row in range(start, end - len(old) + 1):
            have = [canon(line).strip() for line in lines[row : row + len(old)]]
            rated.append((min(map(_like, wanted, have)), row))
    rated.sort(reverse=True)
    if not rated or rated[0][0] < _LIKE or (len(rated) > 1 and rated[1][0] > rated[0][0] - _MARGIN):
        return None
    row = rated[0][1]
    return _carried(lines, row, row + len(old), old, new)


def _like(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if len(a) > 1000 or len(b) > 1000:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
