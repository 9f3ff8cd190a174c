"""The way of a job, the same for every task: a workspace, its tests as they are, the work in its budget, a report."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from ocode_bot import baseline
from ocode_bot.extras import extras
from ocode_bot.ground import Ground
from ocode_bot.job import Job, links, make_plan
from ocode_bot.ready import Ready
from ocode_bot.report import Base, Problem, Report
from ocode_bot.terminal import Progress
from ocode_bot.testing import Ahead
from ocode_tools.errors import OcodeError
from ocode_tools.process import Cancel, Spare
from ocode_tools.store import Run
from ocode_tools.suite import Suite
from ocode_tools.workspace import Workspace, open_workspace


class Task(Protocol):
    """One kind of work on its ground."""

    def work(self) -> None:
        """Do all of it; ends early once the suite's `cancel` is set, as the time is over then."""
        ...

    def close(self) -> None:
        """Fill the report from where the work stands, and end what it started; also called after an interrupt."""
        ...


Make = Callable[[Ground], Task]


@dataclass(frozen=True, slots=True)
class Way:
    """What a job is executed with. `cancel` ends what is in flight, and is set when time is over; `ahead` has looked up
    how the tests are run; `ready` loads what solvers need while the first tests run. `testless`: the task may be done
    in a project without tests."""

    job: Job
    run: Run
    progress: Progress
    report: Report
    cancel: Cancel
    ahead: Ahead
    ready: Ready
    testless: bool = False

    def execute(self, make: Make) -> None:
        """Execute the job; the report then says everything that a caller may want to know, also after an interrupt.

        Raises `OcodeError` for what ends a job before its first proposal.
        """
        job, report, progress = self.job, self.report, self.progress
        report.run, report.base = self.run.id, Base(sha=job.base, dirty=job.snapshot)
        began = time.monotonic()
        folder = job.folders.workspaces / self.run.id
        progress.step("making a private workspace")
        try:
            with Spare() as spare, open_workspace(job.repository, folder, job.base, links(job.settings)) as workspace:
                suite = Suite(make_plan(job, workspace, self.ahead.at(job.base)), self.cancel, spare)
                self._inside(workspace, suite, make)
        except KeyboardInterrupt:
            report.status = "interrupted"
        except OcodeError as problem:
            report.error = Problem(kind=problem.kind, message=str(problem))
            raise
        finally:
            progress.clear()
            report.seconds = round(time.monotonic() - began, 3)
            self.run.save({"task": job.task, **report.model_dump()})

    def _inside(self, workspace: Workspace, suite: Suite, make: Make) -> None:
        report, run = self.report, self.run
        self._say_how(suite)
        ground = Ground(
            self.job,
            run,
            self.progress,
            workspace,
            suite,
            report,
            extras(self.job, workspace, suite),
            self._measure(workspace, suite),
        )
        task = make(ground)
        try:
            with _budget(suite.cancel, self.job.budget):
                task.work()
        finally:
            task.close()
            run.note("end", status=report.status, processes=suite.processes, test_seconds=round(suite.seconds, 3))
            report.processes = suite.processes

    def _say_how(self, suite: Suite) -> None:
        plan, report = suite.plan, self.report
        report.interpreter = str(plan.python.executable)
        report.test_command = shlex.join(plan.runner.shown(plan.python))
        report.sandbox = plan.sandbox.label
        self.progress.step(f"python: {plan.python.label}")
        where = plan.project or "the top folder"
        self.progress.step(f"tests: {report.test_command} in {where}; sandbox: {report.sandbox}")
        self.run.note("plan", python=plan.python.label, command=report.test_command, sandbox=report.sandbox)

    def _measure(self, workspace: Workspace, suite: Suite) -> baseline.Baseline:
        """The tests as they are; what solvers need is loaded meanwhile."""
        strict = self.job.settings.sandbox.level == "require"
        self.ready.start()
        try:
            measured = baseline.measure(
                suite, workspace.lanes[0], self.job.base, strict, self.progress, testless=self.testless
            )
        finally:
            if suite.cancel.is_set():
                self.ready.check()
        self.ready.check()
        self.report.flaky = list(measured.flaky)
        red = sorted(measured.red)
        self.run.note("baseline", passed=len(measured.green), red=red, flaky=measured.flaky)
        return measured


@contextmanager
def _budget(cancel: Cancel, seconds: float) -> Generator[None]:
    """Cut runs in flight when the time is over."""
    timer = threading.Timer(seconds, cancel.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
