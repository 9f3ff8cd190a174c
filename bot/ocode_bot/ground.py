"""What every task stands on: the workspace and its tests, the tip, what is green there, the one way to the branch."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ocode_bot import landing, message
from ocode_bot.baseline import Baseline, impatient
from ocode_bot.job import Job
from ocode_bot.report import Landed, Report, Tested, Verified, one_line
from ocode_bot.terminal import Progress
from ocode_bot.verdict import Verdict
from ocode_bot.whole import QUICK, Extra, Whole
from ocode_tools import ledger as ledgers
from ocode_tools.drafts.base import attribution
from ocode_tools.edits import Proposal
from ocode_tools.errors import OcodeError
from ocode_tools.gates.scope import is_test_path
from ocode_tools.ledger import Ledger
from ocode_tools.results import Failure, TestRun
from ocode_tools.source import Source, SourceError
from ocode_tools.store import Run
from ocode_tools.suite import Suite
from ocode_tools.warm.behaviour import Confidence
from ocode_tools.workspace import Lane, Workspace


@dataclass(frozen=True, slots=True)
class Landing:
    """A proposal that passed its own gates, and what its commit says: `key` is the stable identity of its cause, `must`
    the tests that have to be green with it, `words` name the branch if it is the first, `sure` what rules say of it,
    `tested` what new tests reach."""

    proposal: Proposal
    key: str
    subject: str
    body: str
    words: str
    must: tuple[str, ...] = ()
    sure: Confidence | None = None
    tested: Tested | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something did not land, in one line, and the tests that it made red."""

    reason: str
    failures: tuple[Failure, ...] = ()


def _nothing(_: Lane) -> None:
    """Nobody is told."""


@dataclass(slots=True)
class Ground:
    """The ground of one job: `tip` is the latest landing (the base before the first), `seen` its full run, `green` what
    must stay so. `taken` is told of a lane before something is tried in it."""

    job: Job
    run: Run
    progress: Progress
    workspace: Workspace
    suite: Suite
    report: Report
    checks: Mapping[str, Extra]
    measured: Baseline
    taken: Callable[[Lane], None] = _nothing
    tip: str = field(init=False)
    seen: TestRun = field(init=False)
    green: frozenset[str] = field(init=False)
    test_files: frozenset[str] = field(init=False)
    branch: landing.Branch | None = field(init=False, default=None)
    manner: message.Manner = field(init=False)

    def __post_init__(self) -> None:
        self.manner = message.Manner(self.job.repository, self.job.environ)
        self.tip, self.seen, self.green = self.job.base, self.measured.run, self.measured.green
        words = (posixpath.join(self.suite.plan.project, word) for word in self.seen.command)
        self.test_files = frozenset([*map(posixpath.normpath, words), *_files(self.seen)])

    def is_test(self, path: str) -> bool:
        """Whether a file is a test's by its name, by what it holds, or because the test command names it."""
        return is_test_path(path) or path in self.test_files

    def files(self) -> Sequence[str]:
        """Every path at the tip."""
        return self.workspace.files(self.tip)

    def read(self, path: str) -> Source | None:
        """A file as it is in the first lane; None where there is none that can be read as text."""
        data = self.workspace.read(path)
        try:
            return Source(path, data) if data is not None else None
        except SourceError:
            return None

    def reader(self, paths: Iterable[str] = ()) -> Callable[[str], Source | None]:
        """Sources at the tip: those of `paths` read at once, others when they are asked for."""
        known = {path: self.read(path) for path in paths}
        lane, tip, files = self.workspace.lanes[0], self.tip, frozenset(self.files())

        def read(path: str) -> Source | None:
            if path not in known and path in files:
                lane.reset(tip)
                known[path] = self.read(path)
            return known.get(path)

        return read

    def touching(self, proposal: Proposal) -> frozenset[str]:
        """The tests whose coverage meets a changed file."""
        lines = (self.seen.coverage.lines.get(edit.path, {}) for edit in proposal.edits)
        return frozenset(test for found in lines for tests in found.values() for test in tests)

    def note(self, verdict: Verdict) -> None:
        """Write what became of a proposal into the transcript."""
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

    def land(self, made: Landing) -> Refused | None:
        """Run the whole suite with it and make it the branch's next commit, or say why not.

        In a dry run everything is done but the moving of the branch.
        """
        self.progress.step(f"checking the whole suite: {made.proposal.summary}")
        run, refusal = self._whole(made)
        counts = {"passed": len(run.passed), "failed": len(run.failures)} if run else {}
        self.run.note("full run", **counts, reason=refusal)
        if refusal or run is None:
            newly = tuple(failure for test, failure in run.failures.items() if test in self.green) if run else ()
            return Refused(refusal or "tests: no full run", newly)
        verified = Verified(command=self.report.test_command, passed=len(run.passed), failed=len(run.failures))
        sign = self.job.settings.commit.sign == "auto" and landing.wants_signature(self.job.repository)
        text = message.compose(made.subject, made.body, self._trailers(made, verified))
        sha, signed = landing.commit(self.workspace, self.tip, made.proposal.edits, text, self.job.who, sign)
        if sign and not signed:
            self.progress.step("git could not sign within 10 s: the commit is unsigned")
        self._deliver(sha, made, verified)
        self.run.note("landed", sha=sha, subject=made.subject, signed=signed)
        self.tip, self.seen, self.green = sha, run, self.green | run.passed
        self.test_files |= _files(run)
        self.progress.step(f"landed {sha[:10]} {made.subject}")
        return None

    def _whole(self, made: Landing) -> tuple[TestRun | None, str | None]:
        self.taken(self.workspace.lanes[0])
        touching = self.touching(made.proposal) & self.green
        first = touching if sum(self.seen.seconds.values()) > QUICK else frozenset[str]()
        judge = Whole(self.suite, self.workspace, self.checks, impatient(self.seen))
        if not self.seen.outcomes and not made.must:  # a project without tests, where the task allows that
            return self.seen, judge.refusal(self.tip, made.proposal)
        return judge.run(self.tip, made.proposal, made.must, self.green, first)

    def _deliver(self, sha: str, made: Landing, verified: Verified) -> None:
        """Move the branch onto the commit; in a dry run keep what would have been."""
        if self.job.request.dry:
            self.report.drafts.append(made.proposal.diff())
            return
        if self.branch is None:
            prefix, task, again = self.job.settings.branch.prefix, self.job.task, self.job.request.again
            ref = again.ref if again else self.job.ref
            ref = ref or landing.free_name(self.job.repository, f"{prefix}{task}/", made.words, self.run.id)
            tip = again.tip if again else None
            self.branch = landing.Branch(self.job.repository, self.workspace, ref, task, tip)
            self.report.branch = ref.removeprefix("refs/heads/")
        self.branch.move(sha, made.subject)
        self.report.commits.append(Landed.of(sha, made.subject, made.proposal.solver, verified, made.sure, made.tested))
        self._record(sha, made.key, verified, self.branch.ref)

    def _record(self, sha: str, key: str, verified: Verified, ref: str) -> None:
        """Tell the ledger, which would find the branch by itself later."""
        said = f"{verified.command}: {verified.passed} passed, {verified.failed} failed"
        job = self.job
        onto = job.repository.git.ask("symbolic-ref", "-q", "HEAD").text.strip()
        try:
            with Ledger(job.repository, job.settings.branch.prefix, self.progress.step) as ledger:
                ledger.record(
                    ledgers.Landing(ref, sha, job.base, job.task, key, self.run.id, said, onto, job.request.asked)
                )
        except OcodeError as problem:
            self.progress.step(f"not in the ledger yet: {one_line(str(problem))}")

    def unwelcome(self, key: str) -> str | None:
        """Why nothing is to be offered for a cause, in one line: what nobody asked for has its limits."""
        job = self.job
        if job.request.asked:
            return None
        with Ledger(job.repository, job.settings.branch.prefix, self.progress.step) as ledger:
            full = None if self.branch or job.request.again else ledger.may_open(job.task, asked=False)
            return full or ledger.rejected(key, self.tip)

    def _trailers(self, made: Landing, verified: Verified) -> list[tuple[str, str]]:
        settings, solver = self.job.settings, made.proposal.solver
        trailers = {
            "Ocode-Task": self.job.task,
            "Ocode-Solver": solver,
            "Ocode-Verified": f"{verified.command}: {verified.passed} passed, {verified.failed} failed",
            "Ocode-Sandbox": self.report.sandbox,
            "Ocode-Base": self.job.base,
            "Ocode-Key": made.key,
            "Ocode-Run": self.run.id,
        }
        kept = [pair for pair in trailers.items() if settings.commit.trailers or pair[0] in ("Ocode-Base", "Ocode-Run")]
        return [*kept, *(() if solver == "rules" else attribution(settings.message.attribution, solver))]


def _files(run: TestRun) -> set[str]:
    return {test.split("::", 1)[0] for test in run.collected}
