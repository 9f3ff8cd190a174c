"""The work of a fix: cause by cause, rung by rung, proposal by proposal, until it lands or nothing is left to try."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocode_bot import message
from ocode_bot.ground import Ground, Landing
from ocode_bot.heard import Heard
from ocode_bot.job import Targets
from ocode_bot.judge import Judge
from ocode_bot.reasons import summary
from ocode_bot.report import one_line
from ocode_bot.solvers.base import Scene, Solver
from ocode_bot.verdict import Verdict
from ocode_bot.warm import SOLVERS, Pool
from ocode_tools import causes, localize
from ocode_tools.causes import Cause
from ocode_tools.gates.base import Context
from ocode_tools.gates.scope import Scope
from ocode_tools.results import Failure, TestRun
from ocode_tools.source import SourceError
from ocode_tools.symbols import Symbols

LEAST_RUNG, PART_OF_RUNG = 10.0, 0.25  # seconds of a rung with another above it, and its part of the cause's time
MOST_PARTS = 4  # half answers that are looked at when no whole one was found


@dataclass(slots=True)
class Work:
    """One fix: `red` is what is left, `fixed` what and how, `refused` why not."""

    ground: Ground
    scope: Scope
    targets: Targets
    solvers: Mapping[str, Callable[[], Solver]]
    red: dict[str, Failure] = field(init=False)
    fixed: dict[str, str] = field(init=False, default_factory=dict[str, str])
    refused: dict[str, str] = field(init=False, default_factory=dict[str, str])
    tried: set[str] = field(init=False, default_factory=set[str])
    deadline: float = field(init=False, default=0.0)
    pool: Pool = field(init=False)
    counted: TestRun = field(init=False)

    def __post_init__(self) -> None:
        ground = self.ground
        settings = ground.job.settings.fix
        self.pool = Pool(ground.suite, ground.workspace, ground.job.lanes, ground.run.note, settings.after)
        ground.taken = self.pool.stale
        self.counted = ground.seen
        self.red = {test: failure for test, failure in ground.measured.red.items() if self.targets.wants(test)}

    def all_causes(self) -> None:
        """One cause after the other, each with its share of the time; a landing may mend others or show new ones."""
        ground = self.ground
        limit, tried = ground.job.settings.fix.causes, self.tried
        self.deadline = time.monotonic() + ground.job.settings.fix.budget
        while self.red and len(tried) < limit and not ground.suite.cancel.is_set():
            if tried:  # the baseline leaves it clean
                ground.workspace.lanes[0].reset(ground.tip)
            waiting = [cause for cause in self._causes() if cause.key not in tried]
            if not waiting:
                return
            if not tried and len(waiting) > limit:
                ground.progress.step(f"{len(waiting)} causes; working on the first {limit} (fix.causes)")
            tried.add(waiting[0].key)
            now = time.monotonic()
            share = (self.deadline - now) / min(len(waiting), limit - len(tried) + 1)
            self._cause(waiting[0], now + share)

    def why_red(self, test: str) -> str:
        """The gate's reason where a proposal was refused, else why there was none."""
        if test in self.refused:
            return self.refused[test]
        if len(self.tried) >= self.ground.job.settings.fix.causes:
            return f"not among the first {self.ground.job.settings.fix.causes} causes (fix.causes)"
        if time.monotonic() > self.deadline - 1:
            return f"not reached within the budget of {self.ground.job.settings.fix.budget:g} s"
        return "not reached: the run was cut short"

    def close(self) -> None:
        """End what was started; a landing that an interrupt came right behind is counted too."""
        if self.counted is not self.ground.seen:
            self._stand_on("landed, then interrupted")
        self.pool.close()

    def may_change(self, path: str) -> bool:
        """Whether a file is Python and in the job's scope."""
        return path.endswith(".py") and self._is_free(path)

    def _is_free(self, path: str) -> bool:
        return not self.ground.is_test(path) and self.scope.why_not(path) is None

    def _causes(self) -> list[Cause]:
        def unit_at(path: str, line: int) -> str:
            source = self.ground.read(path)
            try:
                return source.unit_at(line).qualname if source else ""
            except SourceError:
                return ""

        return causes.group(self.red.values(), self.ground.seen.coverage, self.ground.green, self.may_change, unit_at)

    def _cause(self, cause: Cause, deadline: float) -> None:
        ground = self.ground
        ground.progress.step(f"mending {one_line(cause.title)}")
        suspects = localize.suspects(cause.failures, ground.seen.coverage, ground.green, ground.read, self.may_change)
        first = cause.failures[0]
        if not suspects and not ground.seen.coverage.lines and first.phase != "collect":
            suspects = localize.everywhere(filter(self.may_change, ground.files()), ground.read)
        ground.run.note("cause", key=cause.key, tests=cause.ids, suspects=[f"{s.path}::{s.qualname}" for s in suspects])
        named = [] if suspects else localize.named(cause.failures, ground.files(), self._is_free)
        if not suspects:
            why = "scope: no code in scope was run by it; see --allow and the targets"
            if first.phase == "collect":
                why = f"not importable: {first.exception}: {first.message}"
            self.refused.update(dict.fromkeys(cause.ids, why))
            if not named:
                return
        read = ground.reader({*(s.path for s in suspects), *(test.split("::", 1)[0] for test in cause.ids)})
        files = (path for path in ground.files() if path.endswith(".py"))
        symbols = Symbols((path, source) for path in files if (source := read(path)))
        rungs = [self.solvers[name]() for name in ground.job.settings.fix.solvers if name in self.solvers]
        if SOLVERS.intersection(solver.name for solver in rungs):
            self.pool.start(ground.tip, cause, ground.seen, {s.path for s in suspects})
        scene = Scene(suspects, named, read, symbols, self.pool.width, ground.job.lanes)
        seconds, context, lanes = ground.seen.seconds, self._context(cause), ground.job.lanes
        judge = Judge(ground.suite, ground.workspace, context, seconds, lanes, self.pool)
        for number, solver in enumerate(rungs):
            if self._rung(solver, cause, scene, judge, deadline, rungs[number + 1 :]):
                return
        for verdict in scene.held:  # nobody knew better
            self._land(cause, verdict)

    def _context(self, cause: Cause) -> Context:
        files = dict.fromkeys(test.split("::", 1)[0] for test in cause.ids)
        tests = {path: data for path in files if (data := self.ground.workspace.read(path)) is not None}
        return Context(task="fix", scope=self.scope, failures=cause.failures, test_sources=tests)

    def _rung(
        self, solver: Solver, cause: Cause, scene: Scene, judge: Judge, deadline: float, later: Sequence[Solver]
    ) -> bool:
        """Ask one solver until something lands, it knows no more, or its time is over, which is a part of the cause's
        where a `later` one is there to go on; whether something landed."""
        ground = self.ground
        now = time.monotonic()
        limit = now + max(LEAST_RUNG, (deadline - now) * PART_OF_RUNG)
        deadline -= self._whole() if scene.held else 0.0
        asked = solver.proposals(cause, replace(scene, deadline=deadline) if scene.held else scene)
        heard = Heard()
        verdicts: list[Verdict] | None = None
        ended, more, held = "", True, False
        while (held or time.monotonic() < deadline) and not ground.suite.cancel.is_set():
            if not held and time.monotonic() > limit and any(other.available() for other in later):
                break
            try:
                batch = next(asked) if verdicts is None else asked.send(verdicts)
            except StopIteration as end:
                ended, more = end.value, False
                break
            verdicts = judge.batch(ground.tip, batch, cause)
            held = any(verdict.held for verdict in verdicts)
            for number, verdict in enumerate(verdicts):
                if not verdict.later:
                    ground.note(verdict)
                if verdict.reason is None and self._unsure(verdict, later, deadline):
                    scene.held.append(verdict)
                elif verdict.reason is None:
                    refused = self._best(cause, verdict, scene)
                    if refused is None:
                        return True
                    verdicts[number] = refused
            for verdict in verdicts:
                if not verdict.later:
                    heard.add(verdict)
            ground.progress.tick(f"{one_line(cause.title)}: {heard.count} proposals of {solver.name} tried")
            if any(verdict in scene.held for verdict in verdicts):
                asked.close()
                return False
        asked.close()
        scene.heard.extend(heard.kept)
        for test in cause.ids:  # what a solver says itself tells most, then a gate's refusal of what would have mended
            self.refused[test] = ended or self.refused.get(test) or summary(solver, heard, more)
        return self._two_faults(cause, heard.kept)

    def _unsure(self, verdict: Verdict, later: Sequence[Solver], deadline: float) -> bool:
        """Whether a green proposal of the rules waits for what a model says of it, as there is one, and time for it."""
        sure = self.pool.sure(verdict.proposal)
        if sure is None or sure.level == "high" or deadline - time.monotonic() < self._whole() + LEAST_RUNG:
            return False
        return any(other.available() for other in later)

    def _whole(self) -> float:
        """Seconds that are kept for a landing: those of the whole suite, with its start."""
        return LEAST_RUNG + 2 * sum(self.ground.seen.seconds.values())

    def _best(self, cause: Cause, verdict: Verdict, scene: Scene) -> Verdict | None:
        """Land a green proposal, or the one that was held for it where that is the better one; why not, if so."""
        pair = [verdict]
        for held in scene.held:
            chosen = self.pool.beside(held.proposal, verdict.proposal)
            pair = [held, verdict] if chosen == held.proposal else [verdict, held]
        refused = None
        for one in pair:
            refused = self._land(cause, one)
            if refused is None:
                return None
            scene.held[:] = [held for held in scene.held if held is not one]
        return refused

    def _two_faults(self, cause: Cause, heard: Sequence[Verdict]) -> bool:
        """Two edits in different places that together mend every test of a cause are two faults: land the first."""
        part = [verdict for verdict in heard if verdict.green]
        for one in part[:MOST_PARTS]:
            rest = frozenset(cause.ids) - one.green
            if not self.ground.suite.cancel.is_set() and any(rest <= other.green for other in part if other is not one):
                kept = Cause(tuple(failure for failure in cause.failures if failure.id in one.green))
                if self._land(kept, one) is None:
                    return True
        return False

    def _land(self, cause: Cause, verdict: Verdict) -> Verdict | None:
        """Make the proposal the branch's next commit, if the whole suite agrees; a new verdict when it does not."""
        proposal, first = verdict.proposal, cause.failures[0]
        subject = self.ground.manner.subject(proposal.summary, cause.ids, [edit.path for edit in proposal.edits])
        sure = self.pool.sure(proposal)
        text = message.body(cause.ids, first.exception, first.message, sure)
        words = proposal.summary.rpartition(" in ")[2] or cause.ids[0]
        refused = self.ground.land(Landing(proposal, cause.key, subject, text, words, tuple(cause.ids), sure))
        if refused:
            self.refused.update(dict.fromkeys(cause.ids, refused.reason))
            return replace(verdict, reason=refused.reason, failures=refused.failures)
        self._stand_on(f"{proposal.solver}: {proposal.summary}")
        return None

    def _stand_on(self, how: str) -> None:
        """The landing is the new tip: what it mended is done, what it showed is new work."""
        self.pool.close()
        self.counted = self.ground.seen
        measured, failures = self.ground.measured, self.ground.seen.failures
        aside = {*measured.flaky, *measured.denied}
        left = {t: f for t, f in failures.items() if self.targets.wants(t) and t not in aside}
        self.fixed.update((test, how) for test in self.red if test not in left)
        self.fixed = {test: said for test, said in self.fixed.items() if test not in left}
        self.red = left
