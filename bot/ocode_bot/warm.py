"""Candidates by the hundred: judged in processes that have imported the project already, one in each lane."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from ocode_bot.verdict import Verdict
from ocode_tools.causes import Cause
from ocode_tools.edits import Edit, Proposal
from ocode_tools.results import Failure, TestRun
from ocode_tools.source import Source, SourceError
from ocode_tools.suite import Suite
from ocode_tools.warm.behaviour import Confidence, Group, confidence, groups
from ocode_tools.warm.client import Answer, Place, Warm
from ocode_tools.warm.swap import Swap, swap
from ocode_tools.workspace import Lane, Workspace

SOLVERS = frozenset({"rules"})  # whose proposals are many and cheap; a model's are worth the tests' whole report
BATCH = 16  # proposals for each lane at a time
LEAST, LEAST_AGAIN, TIMES = 0.1, 2.0, 5.0  # processor seconds of a test, at first and for one that was cut by it
MOST_COMPARED = 8  # green proposals that are compared on more inputs
ALL_OF, ALL_WITHIN = 8, 0.1  # so many red tests, or seconds of them, are all run to see which a candidate mends
NEAR, NEAR_WITHIN = 200, 1.0  # green tests, and their seconds, that a candidate must not break to be looked at


@dataclass(slots=True)
class Pool:
    """Warm processes for one cause at the tip, started by `start`; without them everything is judged the slow way.

    `problem` says why there are none. `note` takes what happens for the run's events; the search for more goes on for
    `after` seconds once a candidate is green.
    """

    suite: Suite
    workspace: Workspace
    lanes: int
    note: Callable[..., None]
    after: float
    problem: str = "not started"
    _warm: list[tuple[Lane, Warm]] = field(default_factory=list[tuple[Lane, Warm]])
    _used: set[str] = field(default_factory=set[str])
    _cut: set[str] = field(default_factory=set[str])
    _green: dict[str, tuple[bool, Verdict]] = field(default_factory=dict[str, tuple[bool, Verdict]])
    _sure: dict[str, Confidence] = field(default_factory=dict[str, Confidence])
    _until: float = math.inf
    _tip: str = ""
    _seen: TestRun | None = None
    _near: frozenset[str] = frozenset()
    _seconds: dict[str, float] = field(default_factory=dict[str, float])
    _sources: dict[tuple[str, bytes], Source] = field(default_factory=dict[tuple[str, bytes], Source])

    @property
    def width(self) -> int:
        """How many proposals are judged together."""
        return self.lanes if self.problem else self.lanes * BATCH

    def start(self, tip: str, cause: Cause, seen: TestRun, paths: Iterable[str]) -> None:
        """Get ready for a cause whose suspects are in `paths`; `seen` is the full run of the tip."""
        self.close()
        if any("::" not in test for test in cause.ids):
            self.problem = "its tests cannot be imported"
        else:
            self._start(tip, cause, seen, paths)
        self.note("warm", problem=self.problem)

    def _start(self, tip: str, cause: Cause, seen: TestRun, paths: Iterable[str]) -> None:
        self._tip, self._seen = tip, seen
        reached = {t for p in paths for tests in seen.coverage.lines.get(p, {}).values() for t in tests}
        self._near = frozenset(_cheapest(reached & seen.passed, seen.seconds))
        self._seconds = {test: seen.seconds.get(test, 0.0) for test in seen.passed}
        usual = sum(self._seconds.values()) / max(1, len(self._seconds))
        for failure in cause.failures:  # what a red one took says little of what a green one would
            self._seconds[failure.id] = max(usual, 0.0 if failure.hung else seen.seconds.get(failure.id, 0.0))
        lanes = self.workspace.widen(self.lanes)
        wanted = {*cause.ids, *self._near}
        for lane in lanes:
            lane.reset(tip)
        self._warm = [(lane, Warm(self.suite, lane, wanted)) for lane in lanes]
        with ThreadPoolExecutor(len(lanes)) as threads:
            asked = [threads.submit(self._check, warm, cause) for _, warm in self._warm]
        self.problem = next((why for one in asked if (why := one.result())), "")
        if self.problem:
            self.close(self.problem)

    def _check(self, warm: Warm, cause: Cause) -> str:
        """Why a process that has started is of no use: without a change it must say what the tests said."""
        if not warm.ready(self.suite.plan.limits.seconds):
            return warm.problem
        missing = set(cause.ids) - warm.tests
        if missing:
            return f"{min(missing)} was not collected there"
        self._near &= warm.tests
        for tests in (cause.ids, tuple(sorted(self._near))):
            said = (
                warm.judge(None, tests, (), self._limits(tests, LEAST), every=True, control=True) if tests else Answer()
            )
            if said is None or said.wrote:
                return f"the tests write {said.wrote} into the tree" if said else warm.problem
            if odd := said.green.intersection(cause.ids):
                return f"{min(odd)} is green there"
            self._near -= (said.red or {}).keys()
        return ""

    def stale(self, lane: Lane) -> None:
        """The tree of a lane was used by others."""
        self._used.add(lane.folder.name)

    def close(self, problem: str = "not started") -> None:
        """End the processes."""
        for _, warm in self._warm:
            warm.close()
        self._warm, self.problem = [], problem
        self._used.clear()
        self._green.clear()

    def judge(self, proposals: Sequence[Proposal], cause: Cause) -> list[Verdict | None]:
        """A verdict each, in order; None for what has to be judged the slow way."""
        found: list[Verdict | None] = [None] * len(proposals)
        waiting: SimpleQueue[int] = SimpleQueue()
        for number, proposal in enumerate(proposals):
            if proposal.solver in SOLVERS and not self.problem:
                waiting.put(number)

        if not self.has_green(proposals):
            self._until = math.inf

        def work(lane: Lane, warm: Warm) -> None:
            if lane.folder.name in self._used:
                lane.reset(self._tip)
                self._used.discard(lane.folder.name)
            while not self.suite.cancel.is_set():
                try:
                    number = waiting.get_nowait()
                except Empty:
                    return
                if time.monotonic() > self._until and proposals[number].key not in self._green:
                    found[number] = Verdict(proposals[number], frozenset(), "cut: not judged in time", later="next")
                    continue
                found[number] = self._one(warm, proposals[number], cause)
                if warm.problem:
                    return

        with ThreadPoolExecutor(max(1, len(self._warm))) as threads:
            for done in [threads.submit(work, lane, warm) for lane, warm in self._warm]:
                done.result()
        self._warm = [(lane, warm) for lane, warm in self._warm if not warm.problem]
        if not self._warm and not self.problem:
            self.problem = "all ended"
        return found

    def has_green(self, proposals: Iterable[Proposal]) -> bool:
        """Whether any of these was green before."""
        return any(proposal.key in self._green for proposal in proposals)

    def choose(self, verdicts: Sequence[Verdict | None], over: bool) -> list[Verdict | None]:
        """The same, with one green verdict at most, the others put off: none while the search for more goes on, unless
        it is `over`; then the best of those whose docstring examples are right, else of all."""
        green = [one for one in verdicts if one and one.reason is None]
        fine = [one for one in green if self._green[one.proposal.key][0]]
        wait = not over and time.monotonic() <= self._until
        best = None if wait or not green else self._best(fine or green)
        late = [replace(one, reason="cut: others are looked at first", later="next") for one in green]
        put_off = {one.proposal.key: one for one in late if best is None or one.proposal.key != best.proposal.key}
        return [put_off.get(one.proposal.key, one) if one else None for one in verdicts]

    def sure(self, proposal: Proposal) -> Confidence | None:
        """How sure it is that a green proposal is right; None for those of other solvers."""
        if proposal.solver not in SOLVERS:
            return None
        return self._sure.get(proposal.key, Confidence("low", "not compared with others on more inputs"))

    def _best(self, green: Sequence[Verdict]) -> Verdict:
        """The first of those that change least of what the function did with what green tests gave it."""
        found = self._compared([one.proposal for one in green])
        return next(one for one in green if not found or one.proposal.key == found[0].candidates[0])

    def _compared(self, proposals: Sequence[Proposal]) -> list[Group]:
        """Green proposals in groups of the same behaviour, the best first; notes how sure the choice among them is."""
        changes = {one.key: change for one in proposals[:MOST_COMPARED] if (change := self._swap(one))}
        first = next((change for change in changes.values() if change.unit), None)
        if first is None or first.unit is None or not self._warm:
            return []
        warm = self._warm[0][1]
        place = Place(first.path, first.unit.first, first.unit.name)
        tests = self._touching(first)
        inputs = warm.record(place, tests, self._limits(tests, LEAST))
        alike = {key: one for key, one in changes.items() if one.unit and one.unit.first == place.first}
        before = warm.outcomes(None, place, inputs) if inputs else []
        found = groups({key: warm.outcomes(one, place, inputs) for key, one in alike.items()} if before else {}, before)
        sure = confidence(found, len(before))
        if found:
            self._sure[found[0].candidates[0]] = sure
        names = {one.key: one.summary for one in proposals}
        shown = [[names[key] for key in group.candidates] for group in found]
        self.note("confidence", level=sure.level, reason=sure.reason, groups=shown, kept=[one.kept for one in found])
        return found

    def _one(self, warm: Warm, proposal: Proposal, cause: Cause) -> Verdict | None:
        if proposal.key in self._green:
            return self._green[proposal.key][1]
        change = self._swap(proposal)
        if change is None:
            return None
        again = proposal.key in self._cut
        then = self._touching(change)
        limits = self._limits((*cause.ids, *then), LEAST_AGAIN if again else LEAST)
        first = sorted(cause.ids, key=lambda test: self._seconds.get(test, 0.0))
        quick = sum(self._seconds.get(test, 0.0) for test in first) <= ALL_WITHIN
        said = warm.judge(change, first, then, limits, every=quick and len(first) <= ALL_OF)
        if said is None or said.cold:
            return None
        if said.hung and not again:
            self._cut.add(proposal.key)
            return Verdict(proposal, frozenset(), "tests: it takes too long", later="last")
        red = dict(said.red or {})
        green = said.green.intersection(cause.ids)
        if not red:
            verdict = Verdict(proposal, green, None)
            self._until = min(self._until, time.monotonic() + self.after)
            self._green[proposal.key] = said.examples, verdict
            return verdict
        test, why = next(iter(red.items()))
        how = "is still red" if test in cause.ids else "was green and is red with it"
        failures = tuple(Failure(name, "call", *_parts(text)) for name, text in red.items() if name in cause.ids)
        return Verdict(proposal, green, f"tests: {test or 'a fixture'} {how}: {_parts(why)[1]}", failures)

    def _swap(self, proposal: Proposal) -> Swap | None:
        if len(proposal.edits) != 1:
            return None
        (edit,) = proposal.edits
        source = self._source(edit)
        return swap(edit, source) if source else None

    def _source(self, edit: Edit) -> Source | None:
        if edit.before is None:
            return None
        key = edit.path, edit.before
        if key not in self._sources:
            try:
                self._sources[key] = Source(*key)
            except SourceError:
                return None
        return self._sources[key]

    def _touching(self, change: Swap) -> list[str]:
        """The green tests that run the changed function, or the changed file where it is not one function's."""
        assert self._seen is not None
        lines = self._seen.coverage.lines.get(change.path, {})
        if change.unit:
            last = change.unit.first + change.unit.lines
            lines = {line: tests for line, tests in lines.items() if change.unit.first <= line < last}
        found = {test for tests in lines.values() for test in tests}
        return sorted(found & self._near, key=lambda test: (self._seconds.get(test, 0.0), test))

    def _limits(self, tests: Iterable[str], least: float) -> dict[str, float]:
        return {test: least + TIMES * self._seconds.get(test, 0.0) for test in tests}


def _parts(said: str) -> tuple[str, str]:
    """The exception and the message of what a red test said."""
    exception, _, message = said.partition(": ")
    return (exception, message) if message and exception.isidentifier() else ("Failed", said)


def _cheapest(tests: Iterable[str], seconds: Mapping[str, float]) -> list[str]:
    """The quickest tests, as many as are run with each green candidate."""
    kept: list[str] = []
    left = NEAR_WITHIN
    for test in sorted(tests, key=lambda test: (seconds.get(test, 0.0), test))[:NEAR]:
        left -= seconds.get(test, 0.0)
        if left < 0:
            break
        kept.append(test)
    return kept
