"""Two edits at once: the same one at several places, and pairs of the cheapest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from ocode_tools.rules.base import Candidate
from ocode_tools.source import Change

EVERYWHERE = 0.5  # how likely the same edit at all places is, beside the likeliest of them alone
MOST_PLACES = 5
CHEAP = 70  # candidates of one unit that are tried in pairs
TOGETHER = frozenset(
    {
        "comparison", "arithmetic", "constant", "off_by_one", "variable", "boolean", "swap", "negation", "number",
        "wrap", "unwrap", "operand", "call", "text", "delete", "method", "attribute", "range", "slice", "assignment",
        "sign", "truths", "argument", "copy", "step", "return", "level", "target",
    }
)  # fmt: skip
"""Kinds that are tried in pairs."""


def everywhere(found: Sequence[Candidate], text: str) -> Iterator[Candidate]:
    """The candidates of one unit that replace the same text by the same one, joined to one candidate."""
    groups: defaultdict[tuple[str, str, str], list[Candidate]] = defaultdict(list)
    for one in found:
        if len(one.changes) == 1 and one.changes[0].start < one.changes[0].end and one.changes[0].text:
            change = one.changes[0]
            groups[one.kind, text[change.start : change.end], change.text].append(one)
    for some in groups.values():
        changes = tuple(dict.fromkeys(one.changes[0] for one in some))
        if 1 < len(changes) <= MOST_PLACES and not overlap(changes):
            best = max(some, key=lambda one: one.weight)
            size = sum(one.size for one in some)
            yield replace(best, changes=changes, weight=best.weight * EVERYWHERE, size=size)


def pairs(found: Sequence[Candidate]) -> Iterator[Candidate]:
    """Two candidates of one unit at a time, the likeliest pairs first; `found` has the best first."""
    cheap = [one for one in found if one.kind in TOGETHER][:CHEAP]
    some = sorted(combinations(cheap, 2), key=lambda pair: -pair[0].weight * pair[1].weight)
    for one, other in some:
        changes = one.changes + other.changes
        if not overlap(changes):
            yield replace(
                one, changes=changes, weight=one.weight * other.weight, size=one.size + other.size, detail="two"
            )


def overlap(changes: Sequence[Change]) -> bool:
    """Whether two changes touch the same stretch."""
    ordered = sorted(changes, key=lambda change: (change.start, change.end))
    return any(
        one.end > other.start or (one.start, one.end) == (other.start, other.end) for one, other in pairwise(ordered)
    )
