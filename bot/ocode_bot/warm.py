"""Candidates by the hundred: judged in processes that have imported the project already, one in each lane."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from ocode_bot.answers import failures, reason
from ocode_bot.greens import Entry, Greens
from ocode_bot.verdict import Verdict
from ocode_tools.causes import Cause
from ocode_tools.edits import Edit, Proposal
from ocode_tools.results import TestRun
from ocode_tools.source import Source, SourceError
from ocode_tools.suite import Suite
from ocode_tools.warm.behaviour import Confidence
from ocode_tools.warm.client import Answer, Warm
from ocode_tools.warm.swap import Swap, swap
from ocode_tools.workspace import Lane, Workspace

SOLVERS = frozenset({"rules"})  # whose proposals are many and cheap; a model's are worth the tests' whole report
BATCH = 16  # proposals for each lane at a time
LEAST, LEAST_AGAIN, TIMES = 0.1, 2.0, 5.0  # processor seconds of a test, at first and for one that was cut by it
LEAST_MORE = 48  # candidates that are looked at after the first green one, for thrice the time at most
DOUBTED = 3  # times as long for one without a doubt, where there is one about all that are green
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
    _cut: set[int] = field(default_factory=set[int])
    _green: dict[int, tuple[bool, Verdict, int]] = field(default_factory=dict[int, tuple[bool, Verdict, int]])
    _judged: int = 0
    _more: int = 0
    _until: float = math.inf
    _tip: str = ""
    _seen: TestRun | None = None
    _red: tuple[str, ...] = ()
    _greens: Greens = field(init=False)
    _near: frozenset[str] = frozenset()
    _seconds: dict[str, float] = field(default_factory=dict[str, float])
    _sources: dict[tuple[str, bytes], Source] = field(default_factory=dict[tuple[str, bytes], Source])

    def __post_init__(self) -> None:
        self._greens = Greens(self.note)

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
        self._tip, self._seen, self._red = tip, seen, cause.ids
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
            limits = self._limits(tests, LEAST)
            said = warm.judge(None, tests, (), limits, every=True, control=True) if tests else Answer()
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
        self._greens.clear()
        self._judged = 0

    def judge(self, proposals: Sequence[Proposal], cause: Cause) -> list[Verdict | None]:
        """A verdict each, in order; None for what has to be judged the slow way."""
        found: list[Verdict | None] = [None] * len(proposals)
        waiting: SimpleQueue[int] = SimpleQueue()
        for number, proposal in enumerate([] if self.problem else proposals):
            if proposal.solver in SOLVERS:
                waiting.put(number)
        if not self.has_green(proposals):
            self._until = math.inf
        fresh = [number for number, proposal in enumerate(proposals) if _key(proposal) not in self._green]
        places = {number: self._judged + count for count, number in enumerate(fresh, 1)}
        self._judged += len(fresh)

        def work(lane: Lane, warm: Warm) -> None:
            self._clean(lane)
            while not self.suite.cancel.is_set():
                try:
                    number = waiting.get_nowait()
                except Empty:
                    return
                if self._enough() and number in places:
                    found[number] = Verdict(proposals[number], frozenset(), "cut: not judged in time", later="next")
                    continue
                found[number] = self._one(warm, proposals[number], cause, places.get(number, 0))
                self._more += 1
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
        return any(_key(proposal) in self._green for proposal in proposals)

    def _enough(self) -> bool:
        """Whether the search for more green ones has lasted long enough: for its time, and for some candidates where
        these come slowly."""
        late = time.monotonic() - self._until
        return late > 0 and (self._more >= LEAST_MORE or late > 2 * self.after)

    def choose(self, verdicts: Sequence[Verdict | None], over: bool) -> list[Verdict | None]:
        """The same, with one green verdict at most, the others put off: none while the search for more goes on, unless
        it is `over`; then the best of those whose docstring examples are right, else of all."""
        green = [one for one in verdicts if one and one.reason is None]
        fine = [one for one in green if self._green[_key(one.proposal)][0]]
        wait = not over and not self._enough()
        best = None if wait or not green else self._best(fine or green)
        late = [replace(one, reason="cut: others are looked at first", later="next") for one in green]
        put_off = {_key(one.proposal): one for one in late if best is None or one.proposal != best.proposal}
        return [put_off.get(_key(one.proposal), one) if one else None for one in verdicts]

    def sure(self, proposal: Proposal) -> Confidence | None:
        """How sure it is that a green proposal is right; None for a model's that was not compared with the rules'."""
        unknown = Confidence("low", "not compared with others on more inputs") if proposal.solver in SOLVERS else None
        return self._greens.sure(proposal) or unknown

    def beside(self, held: Proposal, other: Proposal) -> Proposal:
        """Which of two green proposals to land: the rules' that was `held` because it is not sure, or a model's that
        knew of it; see `Greens`. `sure` then tells of it."""
        return self._greens.beside(self._ready(), self._entry(held), self._entry(other))

    def _best(self, green: Sequence[Verdict]) -> Verdict:
        """The one to prefer; the likeliest where they cannot be compared."""
        warm = self._ready()
        entries = [self._entry(one.proposal) for one in green]
        first = next((entry.change for entry in entries if entry.change and entry.change.unit), None)
        if warm is None:
            return green[0]
        tests = self._touching(first) if first else []
        limits = self._limits((*tests, *self._red), LEAST_AGAIN)
        key = self._greens.best(warm, entries, tests, self._red, limits)
        return next(one for one in green if one.proposal.key == key)

    def _entry(self, proposal: Proposal) -> Entry:
        source = self._source(proposal.edits[0]) if len(proposal.edits) == 1 else None
        known = self._green.get(_key(proposal))
        return Entry(proposal, self._swap(proposal), source, known[2] if known else 1)

    def _ready(self) -> Warm | None:
        """A process whose tree is as it should be."""
        if self._warm:
            self._clean(self._warm[0][0])
        return self._warm[0][1] if self._warm else None

    def _clean(self, lane: Lane) -> None:
        if lane.folder.name in self._used:
            lane.reset(self._tip)
            self._used.discard(lane.folder.name)

    def _one(self, warm: Warm, proposal: Proposal, cause: Cause, place: int) -> Verdict | None:
        if _key(proposal) in self._green:
            return self._green[_key(proposal)][1]
        change = self._swap(proposal)
        if change is None:
            return None
        again = _key(proposal) in self._cut
        then = self._touching(change)
        limits = self._limits((*cause.ids, *then), LEAST_AGAIN if again else LEAST)
        first = sorted(cause.ids, key=lambda test: self._seconds.get(test, 0.0))
        quick = sum(self._seconds.get(test, 0.0) for test in first) <= ALL_WITHIN
        said = warm.judge(change, first, then, limits, every=quick and len(first) <= ALL_OF)
        if said is None or said.cold:
            return None
        if said.hung and not again:
            self._cut.add(_key(proposal))
            return Verdict(proposal, frozenset(), "tests: it takes too long", later="last")
        red = dict(said.red or {})
        green = said.green.intersection(cause.ids)
        if not red:
            verdict = Verdict(proposal, green, None)
            wait = self.after * (DOUBTED if self._entry(proposal).doubt else 1)
            self._more = 0 if math.isinf(self._until) else self._more
            self._until = min(self._until, time.monotonic() + wait)
            self._green[_key(proposal)] = said.examples, verdict, place
            return verdict
        return Verdict(proposal, green, reason(red, cause.ids), failures(red, cause.ids))

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


def _key(proposal: Proposal) -> int:
    """Tells the proposals of one search apart; cheap, as bytes keep their hash."""
    return hash(proposal.edits)


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
