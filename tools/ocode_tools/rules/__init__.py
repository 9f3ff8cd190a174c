"""The rules solver's candidates: one small edit each, from a table of templates, the likeliest first."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from ocode_tools.rules.arguments import swapped_arguments
from ocode_tools.rules.base import Candidate, Place, Scope, Suspect, Template, exception
from ocode_tools.rules.constants import off_by_one, wrong_constants
from ocode_tools.rules.imports import missing_imports, moved_imports
from ocode_tools.rules.names import misspellings
from ocode_tools.rules.operators import negations, wrong_operators
from ocode_tools.rules.variables import wrong_attributes, wrong_variables
from ocode_tools.source import TOO_HARD, Change, Function, Source, Unit, parse, splice

__all__ = ["CAP", "PRIORS", "TEMPLATES", "Candidate", "Place", "Scope", "Suspect", "Template", "candidates"]

TEMPLATES: dict[str, Template] = {
    "missing_imports": missing_imports,
    "moved_imports": moved_imports,
    "misspellings": misspellings,
    "wrong_operators": wrong_operators,
    "negations": negations,
    "wrong_constants": wrong_constants,
    "off_by_one": off_by_one,
    "swapped_arguments": swapped_arguments,
    "wrong_variables": wrong_variables,
    "wrong_attributes": wrong_attributes,
}

PRIORS: dict[str, float] = {
    "import": 1.0,
    "misspelling": 1.0,
    "comparison": 0.9,
    "arithmetic": 0.7,
    "off_by_one": 0.65,
    "boolean": 0.6,
    "negation": 0.55,
    "constant": 0.55,
    "swap": 0.6,
    "variable": 0.5,
    "attribute": 0.4,
}
"""How often a bug is of a kind, relative to the most frequent, other things equal. A judgement, not a measurement."""

SPEAKS: dict[str, dict[str, float]] = {
    "IndexError": {"off_by_one": 2.0, "comparison": 1.5, "constant": 1.5},
    "KeyError": {"variable": 1.5, "swap": 1.5, "negation": 1.5, "comparison": 1.3},
    "RecursionError": {"comparison": 1.5, "off_by_one": 1.5, "constant": 1.5},
    "Timeout": {"comparison": 1.5, "arithmetic": 1.5, "off_by_one": 1.5},
    "TypeError": {"swap": 2.0, "variable": 1.5, "attribute": 1.5},
    "AttributeError": {"variable": 1.5, "attribute": 1.5, "swap": 1.5, "negation": 1.3},
    "ZeroDivisionError": {"arithmetic": 1.5, "comparison": 1.5, "swap": 1.5},
}
"""How much likelier a kind is when the failure is of this exception."""

CAP = 400  # candidates of one scope
_HERE = 2.0  # how much likelier a line is that an exception was raised on


def candidates(scopes: Sequence[Scope]) -> Iterator[Candidate]:
    """All templates' candidates over all scopes, the greatest weight first, each edit once, at most CAP of a scope.

    Every candidate parses and changes the syntax tree; that is checked when the candidate is taken, so that the first
    ones come at once.
    """
    found = [
        (_weighed(scope, candidate), number)
        for number, scope in enumerate(scopes)
        for template in TEMPLATES.values()
        for candidate in template(scope)
    ]
    found.sort(key=lambda item: -item[0].weight)
    seen: set[tuple[str, tuple[Change, ...]]] = set()
    taken: Counter[int] = Counter()
    for candidate, number in found:
        key = candidate.path, tuple(sorted(candidate.changes, key=lambda change: (change.start, change.end)))
        if taken[number] < CAP and key not in seen and _sound(scopes[number], candidate.changes):
            seen.add(key)
            taken[number] += 1
            yield candidate


def _weighed(scope: Scope, candidate: Candidate) -> Candidate:
    weight = candidate.weight * PRIORS[candidate.kind]
    weight *= max((SPEAKS.get(exception(f), {}).get(candidate.kind, 1.0) for f in scope.failures), default=1.0)
    raised = {(f.frames[-1].path, f.frames[-1].line) for f in scope.failures if f.frames}
    here = candidate.kind != "import" and (candidate.path, candidate.line) in raised
    return replace(candidate, weight=weight * (_HERE if here else 1.0))


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
    lines = [(unit.first, unit.last)] if isinstance(unit.node, Function) else []
    lines += [(node.lineno, node.end_lineno or node.lineno) for node in source.tree.body]
    for first, last in lines:
        start, end = source.lines(first, last)
        if all(start <= change.start and change.end <= end for change in changes):
            return start, end
    return 0, len(source.text)


@lru_cache(maxsize=64)  # the text before is the same for all of a unit's candidates
def _dump(text: str) -> str | None:
    """The syntax tree of whole lines as text, None when they do not parse; indented ones are put below an `if`."""
    try:
        return ast.dump(parse(f"if 1:\n{text}" if text[:1] in " \t" else text))
    except TOO_HARD:
        return None
