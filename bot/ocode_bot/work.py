"""The way of a job: cause by cause, rung by rung, proposal by proposal, until it lands or nothing is left to try."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocode_bot import landing, message
from ocode_bot.baseline import Baseline
from ocode_bot.job import Job, Targets
from ocode_bot.judge import Extra, Judge
from ocode_bot.reasons import summary
from ocode_bot.report import Landed, Report, Verified, one_line
from ocode_bot.solvers.base import Scene, Solver, Verdict
from ocode_bot.terminal import Progress
from ocode_bot.warm import SOLVERS, Pool
from ocode_tools import causes, localize
from ocode_tools.causes import Cause
from ocode_tools.drafts.base import attribution
from ocode_tools.edits import Proposal
from ocode_tools.gates.base import Context
from ocode_tools.gates.scope import Scope, is_test_path
from ocode_tools.results import Failure, TestRun
from ocode_tools.source import Source, SourceError
from ocode_tools.store import Run
from ocode_tools.suite import Suite
from ocode_tools.symbols import Symbols
from ocode_tools.warm.behaviour import Confidence
from ocode_tools.workspace import Workspace

LEAST_RUNG, PART_OF_RUNG = 10.0, 0.25  # seconds of a rung with another above it, and its part of the cause's time
MOST_PARTS = 4  # half answers that are looked at when no whole one was found


@dataclass(slots=True)
class Work:
    """One job: `seen` is the latest full run, `green` what must stay so, `red` what is left, `fixed` what and how."""

    job: Job
    run: Run
    progress: Progress
    workspace: Workspace
    suite: Suite
    report: Report
    scope: Scope
    targets: Targets
    checks: Mapping[str, Extra]
    measured: Baseline
    solvers: Mapping[str, Callable[[], Solver]]
    tip: str = field(init=False)
    seen: TestRun = field(init=False)
    green: frozenset[str] = field(init=False)
    red: dict[str, Failure] = field(init=False)
    fixed: dict[str, str] = field(init=False, default_factory=dict[str, str])
    test_files: frozenset[str] = field(init=False)
    refused: dict[str, str] = field(init=False, default_factory=dict[str, str])
    branch: landing.Branch | None = field(init=False, default=None)
    tried: set[str] = field(init=False, default_factory=set[str])
    deadline: float = field(init=False, default=0.0)
    pool: Pool = field(init=False)
    manner: message.Manner = field(init=False)

    def __post_init__(self) -> None:
        self.manner = message.Manner(self.job.repository, self.job.environ)
        self.pool = Pool(self.suite, self.workspace, self.job.lanes, self.run.note, self.job.settings.fix.after)
        self.tip, self.seen, self.green = self.job.base, self.measured.run, self.measured.green
        self.red = {test: failure for test, failure in self.measured.red.items() if self.targets.wants(test)}
        # A file is a test's by what it holds, or because the test command names it.
        words = (posixpath.join(self.suite.plan.project, word) for word in self.seen.command)
        self.test_files = frozenset([*map(posixpath.normpath, words), *self._files(self.seen)])

    def all_causes(self) -> None:
        """One cause after the other, each with its share of the time; a landing may mend others or show new ones."""
        limit, tried = self.job.settings.fix.causes, self.tried
        self.deadline = time.monotonic() + self.job.settings.fix.budget
        while self.red and len(tried) < limit and not self.suite.cancel.is_set():
            if tried:  # the baseline leaves it clean
                self.workspace.lanes[0].reset(self.tip)
            waiting = [cause for cause in self._causes() if cause.key not in tried]
            if not waiting:
                return
            if not tried and len(waiting) > limit:
                self.progress.step(f"{len(waiting)} causes; working on the first {limit} (fix.causes)")
            tried.add(waiting[0].key)
            now = time.monotonic()
            share = (self.deadline - now) / min(len(waiting), limit - len(tried) + 1)
            self._cause(waiting[0], now + share)

    def why_red(self, test: str) -> str:
        """The gate's reason where a proposal was refused, else why there was none."""
        if test in self.refused:
            return self.refused[test]
        if len(self.tried) >= self.job.settings.fix.causes:
            return f"not among the first {self.job.settings.fix.causes} causes (fix.causes)"
        if time.monotonic() > self.deadline - 1:
            return f"not reached within the budget of {self.job.settings.fix.budget:g} s"
        return "not reached: the run was cut short"

    def may_change(self, path: str) -> bool:
        """Whether a file is Python and in the job's scope."""
        return path.endswith(".py") and self._is_free(path)

    def _is_free(self, path: str) -> bool:
        return not self._is_test(path) and self.scope.why_not(path) is None

    def _is_test(self, path: str) -> bool:
        return is_test_path(path) or path in self.test_files

    def _files(self, run: TestRun) -> set[str]:
        return {test.split("::", 1)[0] for test in run.collected}

    def _causes(self) -> list[Cause]:
        def unit_at(path: str, line: int) -> str:
            source = self._read(path)
            try:
                return source.unit_at(line).qualname if source else ""
            except SourceError:
                return ""

        return causes.group(self.red.values(), self.seen.coverage, self.green, self.may_change, unit_at)

    def _read(self, path: str) -> Source | None:
        data = self.workspace.read(path)
        try:
            return Source(path, data) if data is not None else None
        except SourceError:
            return None

    def _reader(self, paths: Iterable[str]) -> Callable[[str], Source | None]:
        """Sources at the tip: those of `paths` read at once, others when they are asked for."""
        known = {path: self._read(path) for path in paths}
        lane, tip, files = self.workspace.lanes[0], self.tip, frozenset(self.workspace.files(self.tip))

        def read(path: str) -> Source | None:
            if path not in known and path in files:
                lane.reset(tip)
                known[path] = self._read(path)
            return known.get(path)

        return read

    def _cause(self, cause: Cause, deadline: float) -> None:
        self.progress.step(f"mending {one_line(cause.title)}")
        suspects = localize.suspects(cause.failures, self.seen.coverage, self.green, self._read, self.may_change)
        first = cause.failures[0]
        if not suspects and not self.seen.coverage.lines and first.phase != "collect":
            suspects = localize.everywhere(filter(self.may_change, self.workspace.files(self.tip)), self._read)
        self.run.note("cause", key=cause.key, tests=cause.ids, suspects=[f"{s.path}::{s.qualname}" for s in suspects])
        named = [] if suspects else localize.named(cause.failures, self.workspace.files(self.tip), self._is_free)
        if not suspects:
            why = "scope: no code in scope was run by it; see --allow and the targets"
            if first.phase == "collect":
                why = f"not importable: {first.exception}: {first.message}"
            self.refused.update(dict.fromkeys(cause.ids, why))
            if not named:
                return
        read = self._reader({*(s.path for s in suspects), *(test.split("::", 1)[0] for test in cause.ids)})
        files = (path for path in self.workspace.files(self.tip) if path.endswith(".py"))
        symbols = Symbols((path, source) for path in files if (source := read(path)))
        rungs = [self.solvers[name]() for name in self.job.settings.fix.solvers if name in self.solvers]
        if SOLVERS.intersection(solver.name for solver in rungs):
            self.pool.start(self.tip, cause, self.seen, {s.path for s in suspects})
        scene = Scene(suspects, named, read, symbols, self.pool.width, self.job.lanes)
        seconds, context, lanes = self.seen.seconds, self._context(cause), self.job.lanes
        judge = Judge(self.suite, self.workspace, context, seconds, self._touching, self.checks, lanes, self.pool)
        for number, solver in enumerate(rungs):
            if self._rung(solver, cause, scene, judge, deadline, rungs[number + 1 :]):
                return

    def _context(self, cause: Cause) -> Context:
        files = dict.fromkeys(test.split("::", 1)[0] for test in cause.ids)
        tests = {path: data for path in files if (data := self.workspace.read(path)) is not None}
        return Context(task="fix", scope=self.scope, failures=cause.failures, test_sources=tests)

    def _touching(self, proposal: Proposal) -> frozenset[str]:
        """The tests whose coverage meets a changed file."""
        lines = (self.seen.coverage.lines.get(edit.path, {}) for edit in proposal.edits)
        return frozenset(test for found in lines for tests in found.values() for test in tests)

    def _rung(
        self, solver: Solver, cause: Cause, scene: Scene, judge: Judge, deadline: float, later: Sequence[Solver]
    ) -> bool:
        """Ask one solver until something lands, it knows no more, or its time is over, which is a part of the cause's
        where a `later` one is there to go on; whether something landed."""
        now = time.monotonic()
        limit = now + max(LEAST_RUNG, (deadline - now) * PART_OF_RUNG)
        asked = solver.proposals(cause, scene)
        heard: list[Verdict] = []
        verdicts: list[Verdict] | None = None
        ended, more, held = "", True, False
        while (held or time.monotonic() < deadline) and not self.suite.cancel.is_set():
            if not held and time.monotonic() > limit and any(other.available() for other in later):
                break
            try:
                batch = next(asked) if verdicts is None else asked.send(verdicts)
            except StopIteration as end:
                ended, more = end.value, False
                break
            verdicts = judge.batch(self.tip, batch, cause)
            held = any(verdict.held for verdict in verdicts)
            for number, verdict in enumerate(verdicts):
                if not verdict.later:
                    self._note(verdict)
                if verdict.reason is None:
                    refused = self._land(cause, verdict, judge)
                    if refused is None:
                        return True
                    verdicts[number] = refused
            heard += [verdict for verdict in verdicts if not verdict.later]
            self.progress.tick(f"{one_line(cause.title)}: {len(heard)} proposals of {solver.name} tried")
        asked.close()
        scene.heard.extend(heard)
        for test in cause.ids:  # what a solver says itself tells most, then a gate's refusal of what would have mended
            self.refused[test] = ended or self.refused.get(test) or summary(solver, heard, more)
        return self._two_faults(cause, heard, judge)

    def _two_faults(self, cause: Cause, heard: Sequence[Verdict], judge: Judge) -> bool:
        """Two edits in different places that together mend every test of a cause are two faults: land the first."""
        part = [verdict for verdict in heard if verdict.green]
        for one in part[:MOST_PARTS]:
            rest = frozenset(cause.ids) - one.green
            if not self.suite.cancel.is_set() and any(rest <= other.green for other in part if other is not one):
                kept = Cause(tuple(failure for failure in cause.failures if failure.id in one.green))
                if self._land(kept, one, judge) is None:
                    return True
        return False

    def _note(self, verdict: Verdict) -> None:
        proposal = verdict.proposal
        self.run.note(
            "verdict",
            solver=proposal.solver,
            kind=proposal.kind,
            summary=proposal.summary,
            diff=proposal.diff(),
            green=sorted(verdict.green),
            reason=verdict.reason,
        )

    def _land(self, cause: Cause, verdict: Verdict, judge: Judge) -> Verdict | None:
        """Run the whole suite and make the proposal the branch's next commit; a new verdict when that is refused."""
        proposal = verdict.proposal
        self.progress.step(f"checking the whole suite: {proposal.summary}")
        run, refusal = judge.full(self.tip, proposal, cause, self.green)
        counts = {"passed": len(run.passed), "failed": len(run.failures)} if run else {}
        self.run.note("full run", **counts, reason=refusal)
        if refusal or run is None:
            self.refused.update(dict.fromkeys(cause.ids, refusal or "tests: no full run"))
            newly = tuple(failure for test, failure in run.failures.items() if test in self.green) if run else ()
            return replace(verdict, reason=refusal or "tests: no full run", failures=newly)
        verified = Verified(command=self.report.test_command, passed=len(run.passed), failed=len(run.failures))
        subject = self.manner.subject(proposal.summary, cause.ids, [edit.path for edit in proposal.edits])
        text = self._message(proposal.solver, cause, subject, verified, sure := self.pool.sure(proposal))
        sign = self.job.settings.commit.sign == "auto" and landing.wants_signature(self.job.repository)
        sha, signed = landing.commit(self.workspace, self.tip, proposal.edits, text, self.job.who, sign)
        if sign and not signed:
            self.progress.step("git could not sign within 10 s: the commit is unsigned")
        self._branch(cause, proposal).move(sha, subject)
        self.report.commits.append(Landed.of(sha, subject, proposal.solver, verified, sure))
        self.run.note("landed", sha=sha, subject=subject, signed=signed)
        self._stand_on(sha, f"{proposal.solver}: {proposal.summary}", run)
        self.progress.step(f"landed {sha[:10]} {subject}")
        return None

    def _message(self, solver: str, cause: Cause, subject: str, verified: Verified, sure: Confidence | None) -> str:
        first, settings = cause.failures[0], self.job.settings
        trailers = {
            "Ocode-Task": "fix",
            "Ocode-Solver": solver,
            "Ocode-Verified": f"{verified.command}: {verified.passed} passed, {verified.failed} failed",
            "Ocode-Sandbox": self.report.sandbox,
            "Ocode-Base": self.job.base,
            "Ocode-Key": cause.key,
            "Ocode-Run": self.run.id,
        }
        kept = [pair for pair in trailers.items() if settings.commit.trailers or pair[0] in ("Ocode-Base", "Ocode-Run")]
        by = () if sure else attribution(settings.message.attribution, solver)
        return message.compose(subject, message.body(cause.ids, first.exception, first.message, sure), [*kept, *by])

    def _branch(self, cause: Cause, proposal: Proposal) -> landing.Branch:
        if self.branch is None:
            words = proposal.summary.rpartition(" in ")[2] or cause.ids[0]
            prefix = self.job.settings.branch.prefix
            ref = self.job.ref or landing.free_name(self.job.repository, prefix, words, self.run.id)
            self.branch = landing.Branch(self.job.repository, self.workspace, ref)
            self.report.branch = ref.removeprefix("refs/heads/")
        return self.branch

    def _stand_on(self, sha: str, how: str, run: TestRun) -> None:
        """The landing is the new tip: what it mended is done, what it showed is new work."""
        self.pool.close()
        self.tip, self.seen, self.green = sha, run, self.green | run.passed
        self.test_files |= self._files(run)
        aside = {*self.measured.flaky, *self.measured.denied}
        left = {t: f for t, f in run.failures.items() if self.targets.wants(t) and t not in aside}
        self.fixed.update((test, how) for test in self.red if test not in left)
        self.fixed = {test: said for test, said in self.fixed.items() if test not in left}
        self.red = left
