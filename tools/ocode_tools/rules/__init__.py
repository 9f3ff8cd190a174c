"""The rules solver's candidates: small edits from a table of templates, the likeliest first."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import heappop, heappush

from ocode_tools.rules import (
    calls,
    combos,
    conditions,
    elements,
    expressions,
    guards,
    literals,
    names,
    operators,
    returns,
    slices,
    slips,
    statements,
    tops,
    variables,
)
from ocode_tools.rules.arguments import swapped_arguments
from ocode_tools.rules.base import Candidate, Place, Scope, Suspect, Template
from ocode_tools.rules.constants import off_by_one, wrong_constants
from ocode_tools.rules.evidence import evidence
from ocode_tools.rules.imports import missing_imports, moved_imports
from ocode_tools.rules.priors import PRIORS
from ocode_tools.source import TOO_HARD, Change, Function, Source, Unit, parse, splice

__all__ = ["CAP", "PRIORS", "TEMPLATES", "Candidate", "Place", "Scope", "Suspect", "Template", "candidates"]

TEMPLATES: dict[str, Template] = {
    "missing_imports": missing_imports,
    "moved_imports": moved_imports,
    "misspellings": names.misspellings,
    "wrong_operators": operators.wrong_operators,
    "negations": operators.negations,
    "wrong_constants": wrong_constants,
    "off_by_one": off_by_one,
    "wrong_tops": tops.wrong_tops,
    "swapped_arguments": swapped_arguments,
    "wrong_variables": variables.wrong_variables,
    "wrong_attributes": variables.wrong_attributes,
    "missing_calls": calls.missing_calls,
    "extra_calls": calls.extra_calls,
    "wrong_calls": calls.wrong_calls,
    "missing_signs": calls.missing_signs,
    "idle_names": calls.idle_names,
    "boolean_calls": calls.boolean_calls,
    "extra_operands": expressions.extra_operands,
    "missing_operands": expressions.missing_operands,
    "wrong_expressions": expressions.wrong_expressions,
    "wrong_slices": slices.wrong_slices,
    "wrong_ranges": slices.wrong_ranges,
    "wrong_iterations": slices.wrong_iterations,
    "extra_clauses": conditions.extra_clauses,
    "missing_clauses": conditions.missing_clauses,
    "wrong_conditions": conditions.wrong_conditions,
    "wrong_words": conditions.wrong_words,
    "missing_guards": guards.missing_guards,
    "extra_statements": statements.extra_statements,
    "moved_statements": statements.moved_statements,
    "moved_afar": statements.moved_afar,
    "wrong_levels": statements.wrong_levels,
    "repeated_statements": statements.repeated_statements,
    "missing_returns": returns.missing_returns,
    "wrong_results": returns.wrong_results,
    "wrong_assignments": returns.wrong_assignments,
    "wrong_jumps": returns.wrong_jumps,
    "missing_steps": returns.missing_steps,
    "missing_else": returns.missing_else,
    "wrong_numbers": literals.wrong_numbers,
    "wrong_texts": literals.wrong_texts,
    "turned_truths": literals.turned_truths,
    "missing_arguments": elements.missing_arguments,
    "extra_arguments": elements.extra_arguments,
    "swapped_elements": elements.swapped_elements,
    "mutable_defaults": slips.mutable_defaults,
    "missing_self": slips.missing_self,
    "missing_await": slips.missing_await,
    "wrong_handlers": slips.wrong_handlers,
    "missing_keys": slips.missing_keys,
    "missing_format": slips.missing_format,
    "shadowed_names": slips.shadowed_names,
}

CAP = 4000  # candidates of one scope, pairs apart
PAIRS = 1500  # pairs of one scope
# Where scopes have more than so many lines, so many candidates are given before others are looked at.
LINES, AT_ONCE = 30, 16
_HERE = 1.5  # how much likelier a line is that an exception was raised on
_SMALL = 0.15  # how much a large edit is held back: weight falls with its size to this power
_SHARED = 0.3  # how far the chance of a kind is shared out among its candidates: 0 not at all, 1 wholly
_NAMED = frozenset({"import", "misspelling"})
_WORD = re.compile(r"\w+|[^\w\s]")


def candidates(scopes: Iterable[Scope], cap: int = CAP, pairs: int = PAIRS) -> Iterator[Candidate]:
    """All templates' candidates over all scopes, the greatest weight first, each edit once, at most `cap` of a scope.

    After them pairs of the likeliest, at most `pairs` of a scope. Every candidate parses and changes the syntax tree;
    that is checked when the candidate is taken. A scope is looked at when the candidates of those before it weigh no
    more than its own are expected to, and a few of them were given where they are long, so that the first ones come at
    once: `scopes` have the most suspicious first.
    """
    seen: set[tuple[str, tuple[Change, ...]]] = set()
    known: list[Scope] = []
    found: list[list[Candidate]] = []
    yield from _taken(_by_weight(iter(scopes), known, found), known, seen, cap)
    both = [(one, number) for number, some in enumerate(found) for one in combos.pairs(some)]
    both.sort(key=lambda item: -item[0].weight)
    yield from _taken(both, known, seen, pairs)


def _by_weight(
    scopes: Iterator[Scope], known: list[Scope], found: list[list[Candidate]]
) -> Iterator[tuple[Candidate, int]]:
    """Candidates with the numbers of their scopes; `known` and `found` get the scopes and each one's, best first."""
    waiting: list[tuple[float, int, int, Candidate]] = []
    best, given, lines = 0.0, AT_ONCE, 0  # the greatest weight for a suspiciousness of 1, so far
    following = next(scopes, None)
    while waiting or following:
        near = following and (not waiting or -waiting[0][0] <= best * following.suspect.score)
        if following and near and (given >= AT_ONCE or lines < LINES or not waiting):
            scope, lines = following, _lines(following.unit) + (lines if given < AT_ONCE else 0)
            given = 0
            some = _shared(list(_weighed(scope)))
            some = sorted([*some, *combos.everywhere(some, scope.source.text)], key=lambda one: -one.weight)
            for order, one in enumerate(some):
                heappush(waiting, (-one.weight, len(known), order, one))
            best = max(best, some[0].weight / (scope.suspect.score or 1.0)) if some else best
            known.append(scope)
            found.append(some)
            following = next(scopes, None)
            continue
        _, number, _, candidate = heappop(waiting)
        given += 1
        yield candidate, number


def _lines(unit: Unit) -> int:
    """About how many lines a template has to look at."""
    return unit.last - unit.first + 1 if isinstance(unit.node, Function) else len(unit.node.body)


def _taken(
    found: Iterable[tuple[Candidate, int]], scopes: Sequence[Scope], seen: set[tuple[str, tuple[Change, ...]]], cap: int
) -> Iterator[Candidate]:
    taken: Counter[int] = Counter()
    for candidate, number in found:
        key = candidate.path, tuple(sorted(candidate.changes, key=lambda change: (change.start, change.end)))
        if taken[number] < cap and key not in seen:
            seen.add(key)
            if _sound(scopes[number], candidate.changes):
                taken[number] += 1
                yield candidate


def _shared(found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates with the chance of their kind shared out, in part: of many the single one is the less likely.

    A name that a failure speaks of is as likely wherever it occurs.
    """
    best: dict[str, float] = {}
    for one in found:
        best[one.kind] = max(best.get(one.kind, 0.0), one.weight)
    sums = dict.fromkeys(best, 0.0)
    for one in found:
        if best[one.kind] and one.kind not in _NAMED:
            sums[one.kind] += one.weight / best[one.kind]
    return [replace(one, weight=one.weight / max(sums[one.kind], 1.0) ** _SHARED) for one in found]


def _weighed(scope: Scope) -> Iterator[Candidate]:
    """All candidates of a scope with their sizes and with their weights, kinds not yet shared out."""
    said = evidence(scope.failures)
    raised = {(f.frames[-1].path, f.frames[-1].line) for f in scope.failures if f.frames}
    lifts: dict[tuple[str, str], float] = {}
    for one in (one for template in TEMPLATES.values() for one in template(scope)):
        if (one.kind, one.detail) not in lifts:
            lifts[one.kind, one.detail] = PRIORS[one.kind] * said.lift(one.kind, one.detail)
        changed = ((scope.source.text[change.start : change.end], change.text) for change in one.changes)
        size = max(1, sum(_size(old, new) for old, new in changed))
        weight = one.weight * lifts[one.kind, one.detail] * (1.0 if one.kind in _NAMED else size**-_SMALL)
        here = one.kind != "import" and (one.path, one.line) in raised
        yield replace(one, weight=weight * (_HERE if here else 1.0), size=size)


def _size(old: str, new: str) -> int:
    """How many tokens come or go, those that are equal at both ends not counted."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    start = min(len(before), len(after)) if start is None else start
    rest = list(zip(before[start:][::-1], after[start:][::-1], strict=False))
    end = next((at for at, pair in enumerate(rest) if pair[0] != pair[1]), len(rest))
    return len(before) + len(after) - 2 * (start + end)


def _sound(scope: Scope, changes: Sequence[Change]) -> bool:
    """Whether the changed text parses, to another tree than before; only the stretch around the changes is parsed."""
    text = scope.source.text
    start, end = _stretch(scope.source, scope.unit, changes)
    inside = [Change(change.start - start, change.end - start, change.text) for change in changes]
    for first, last, moved in ((start, end, inside), (0, len(text), list(changes))):
        before = _dump(text[first:last])
        if before is not None:
            after = _dump(splice(text[first:last], moved))
            return after is not None and after != before
    return False


def _stretch(source: Source, unit: Unit, changes: Sequence[Change]) -> tuple[int, int]:
    """Whole lines that hold all changes and can be parsed alone: the unit's, a top-level statement's, or all."""
    for first, last in _spans(source, unit):
        start, end = source.lines(first, last)
        if all(start <= change.start and change.end <= end for change in changes):
            return start, end
    return 0, len(source.text)


def _spans(source: Source, unit: Unit) -> Iterator[tuple[int, int]]:
    """First and last lines of what can be parsed alone, the smallest first."""
    if isinstance(unit.node, Function):
        yield from ((node.lineno, node.end_lineno or node.lineno) for node in unit.node.body)
        yield unit.first, unit.last
    yield from ((node.lineno, node.end_lineno or node.lineno) for node in source.tree.body)


@lru_cache(maxsize=64)  # the text before is the same for all of a unit's candidates
def _dump(text: str) -> str | None:
    """The syntax tree of whole lines as text, None when they do not parse; indented ones are put below an `if`."""
    try:
        return ast.dump(parse(f"if 1:\n{text}" if text[:1] in " \t" else text))
    except TOO_HARD:
        return None
