"""Red tests grouped by what seems to be one cause."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ocode_tools.localize import line_scores
from ocode_tools.results import Coverage, Failure


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures that are expected to be mended together; `key` stays the same for the same cause on another day."""

    failures: tuple[Failure, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The red tests, in order."""
        return tuple(failure.id for failure in self.failures)

    @property
    def key(self) -> str:
        """Twelve hex digits of the exception and the tests: no line number, no run in it."""
        said = "\0".join(["fix", self.failures[0].exception, *sorted(self.ids)])
        return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:12]

    @property
    def title(self) -> str:
        """A few words for people."""
        first = self.failures[0]
        more = f" (+{len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
        return f"{first.id}{more}: {first.exception}"

    def split(self) -> list[Cause]:
        """One cause for each test."""
        return [Cause((failure,)) for failure in self.failures]


def group(
    failures: Iterable[Failure],
    coverage: Coverage,
    green: frozenset[str],
    may_change: Callable[[str], bool],
    unit_at: Callable[[str, int], str],
) -> list[Cause]:
    """Causes in the order of their first failure.

    Errors raised in the same function with the same exception belong together; so do assertions of tests whose most
    suspicious function (against the green tests) is the same. `unit_at` names the function around a line of a file.
    """
    groups: dict[tuple[str, ...], list[Failure]] = defaultdict(list)
    for failure in failures:
        groups[_place(failure, coverage, green, may_change, unit_at)].append(failure)
    return [Cause(tuple(found)) for found in groups.values()]


def _place(
    failure: Failure,
    coverage: Coverage,
    green: frozenset[str],
    may_change: Callable[[str], bool],
    unit_at: Callable[[str, int], str],
) -> tuple[str, ...]:
    inner = failure.frames[-1] if failure.frames else None
    if inner and may_change(inner.path):
        return failure.exception, inner.path, inner.function
    if failure.phase == "collect":
        return failure.exception, failure.message
    scores = line_scores(coverage, frozenset({failure.id}), green)
    ranked = [(-score, p, n) for p, lines in scores.items() if may_change(p) for n, score in lines.items()]
    if not ranked:
        return "alone", failure.id
    _, path, line = min(ranked)
    return "assert", path, unit_at(path, line)
