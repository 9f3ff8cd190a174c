"""Where the fault is likely to be: Ochiai over the coverage of red and green tests, the traceback as evidence.

Ochiai: Abreu, Zoeteweij, van Gemund, "On the accuracy of spectrum-based fault localization" (2007).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from ocode_tools.results import Coverage, Failure
from ocode_tools.rules.base import Suspect
from ocode_tools.source import Source, SourceError

# A frame of the traceback is evidence of its own, the innermost most of all.
INNERMOST, ABOVE = 1.0, 0.6
UNKNOWN = 0.1


def line_scores(coverage: Coverage, red: frozenset[str], green: frozenset[str]) -> dict[str, dict[int, float]]:
    """Suspiciousness 0..1 of each executed line, by path and 1-based line; lines that no red test ran are left out."""
    scores: dict[str, dict[int, float]] = {}
    for path, lines in coverage.lines.items():
        for line, tests in lines.items():
            failing = len(tests & red)
            if failing:
                passing = len(tests & green)
                scores.setdefault(path, {})[line] = failing / math.sqrt(len(red) * (failing + passing))
    return scores


def suspects(
    failures: Sequence[Failure],
    coverage: Coverage,
    green: frozenset[str],
    read: Callable[[str], Source | None],
    may_change: Callable[[str], bool],
    limit: int = 12,
) -> list[Suspect]:
    """The units (functions, or a module's own code) that may hold the fault, most suspicious first, at most `limit`.

    `read` gives a file's source, or None where it cannot be read as Python; `may_change` is the job's scope.
    """
    red = frozenset(failure.id for failure in failures)
    scores = {path: dict(lines) for path, lines in line_scores(coverage, red, green).items() if may_change(path)}
    for path, line, score in _evidence(failures, may_change):
        lines = scores.setdefault(path, {})
        lines[line] = max(score, lines.get(line, 0.0))
    found: list[Suspect] = []
    for path, lines in scores.items():
        source = read(path)
        if source is not None:
            found.extend(_by_unit(path, source, lines))
    return sorted(found, key=lambda s: (-s.score, len(s.lines), s.path, s.qualname))[:limit]


def everywhere(paths: Iterable[str], read: Callable[[str], Source | None], limit: int = 40) -> list[Suspect]:
    """Every unit of some files, all equally suspicious: what is left where neither coverage nor traceback speaks."""
    found: list[Suspect] = []
    for path in paths:
        source = read(path)
        try:
            found += [Suspect(path, unit.qualname, UNKNOWN, {}) for unit in source.functions()] if source else []
        except SourceError:
            continue
        if len(found) >= limit:
            break
    return found[:limit]


def named(
    failures: Iterable[Failure], files: Iterable[str], may_change: Callable[[str], bool], limit: int = 3
) -> list[str]:
    """Files that the failures' messages name, the first named first: for tests that tell of no Python code."""
    said = "\n".join(failure.message for failure in failures)
    found = [(said.find(path), path) for path in files if path in said and may_change(path)]
    return [path for _, path in sorted(found)][:limit]


def _evidence(failures: Iterable[Failure], may_change: Callable[[str], bool]) -> Iterable[tuple[str, int, float]]:
    for failure in failures:
        frames = [frame for frame in failure.frames if may_change(frame.path)]
        for frame in frames[:-1]:
            yield frame.path, frame.line, ABOVE
        for frame in frames[-1:]:
            # An error that a test raised itself (an assertion) says less about the code that it called.
            inner = failure.frames[-1] == frame
            yield frame.path, frame.line, INNERMOST if inner else ABOVE


def _by_unit(path: str, source: Source, lines: Mapping[int, float]) -> Iterable[Suspect]:
    units: dict[str, dict[int, float]] = defaultdict(dict)
    try:
        source.functions()
    except SourceError:
        return
    for line, score in lines.items():
        units[source.unit_at(line).qualname][line] = score
    for qualname, inside in units.items():
        yield Suspect(path, qualname, max(inside.values()), inside)
