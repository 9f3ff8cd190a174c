"""The task `fix`: red tests in, a branch of small verified commits out."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from ocode_bot import baseline
from ocode_bot.extras import extras
from ocode_bot.job import Job, links, make_plan, resolve_targets
from ocode_bot.ready import Ready
from ocode_bot.report import Base, Problem, Remaining, Report, one_line
from ocode_bot.solvers import Solvers
from ocode_bot.terminal import Progress
from ocode_bot.testing import Ahead
from ocode_bot.work import Work
from ocode_tools.errors import OcodeError
from ocode_tools.gates.scope import Scope
from ocode_tools.process import Cancel, Spare
from ocode_tools.store import Run
from ocode_tools.suite import Suite
from ocode_tools.workspace import Workspace, open_workspace


def fix(
    job: Job,
    run: Run,
    progress: Progress,
    report: Report,
    cancel: Cancel,
    solvers: Solvers,
    ahead: Ahead,
    ready: Ready,
) -> None:
    """Execute the job; `report` then says everything that a caller may want to know, also after an interrupt.

    `solvers` are the rungs that the settings may name; `cancel` ends what is in flight, and is set when time is over.
    `ahead` has looked up how the tests are run; `ready` loads what solvers need while the first tests run.

    Raises `OcodeError` for what ends a job before its first proposal.
    """
    report.run, report.base = run.id, Base(sha=job.base, dirty=job.snapshot)
    began = time.monotonic()
    folder = job.folders.workspaces / run.id
    progress.step("making a private workspace")
    try:
        with Spare() as spare, open_workspace(job.repository, folder, job.base, links(job.settings)) as workspace:
            suite = Suite(make_plan(job, workspace, ahead.at(job.base)), cancel, spare)
            _fix(job, run, progress, workspace, suite, report, solvers, ready)
    except KeyboardInterrupt:
        report.status = "interrupted"
    except OcodeError as problem:
        report.error = Problem(kind=problem.kind, message=str(problem))
        raise
    finally:
        progress.clear()
        report.seconds = round(time.monotonic() - began, 3)
        run.save({"task": "fix", **report.model_dump()})


def _fix(
    job: Job,
    run: Run,
    progress: Progress,
    workspace: Workspace,
    suite: Suite,
    report: Report,
    solvers: Solvers,
    ready: Ready,
) -> None:
    plan = suite.plan
    report.interpreter = str(plan.python.executable)
    report.test_command = shlex.join(plan.runner.shown(plan.python))
    report.sandbox = plan.sandbox.label
    progress.step(f"python: {plan.python.label}")
    progress.step(f"tests: {report.test_command} in {plan.project or 'the top folder'}; sandbox: {report.sandbox}")
    run.note("plan", python=plan.python.label, command=report.test_command, sandbox=report.sandbox)
    strict = job.settings.sandbox.level == "require"
    ready.start()
    try:
        measured = baseline.measure(suite, workspace.lanes[0], job.base, strict, progress)
    finally:
        if suite.cancel.is_set():
            ready.check()
    ready.check()
    run.note("baseline", passed=len(measured.green), red=sorted(measured.red), flaky=measured.flaky)
    targets = resolve_targets(job, workspace.files(job.base), measured.run.collected)
    scope = Scope(targets.sources, tuple(job.settings.fix.allow))
    checks = extras(job, workspace, suite)
    work = Work(job, run, progress, workspace, suite, report, scope, targets, checks, measured, solvers)
    report.flaky = list(measured.flaky)
    try:
        with _budget(suite.cancel, job.settings.fix.budget):
            work.all_causes()
    finally:
        work.pool.close()
        _conclude(report, work, [test for test in measured.denied if targets.wants(test)])
        run.note("end", status=report.status, processes=suite.processes, test_seconds=round(suite.seconds, 3))
        report.processes = suite.processes


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


def _conclude(report: Report, work: Work, denied: list[str]) -> None:
    """Fill the report from where the work stands."""
    report.fixed, report.how = sorted(work.fixed), work.fixed
    report.remaining = [
        *(Remaining(id=test, reason=one_line(work.why_red(test))) for test in sorted(work.red)),
        *(Remaining(id=test, reason=baseline.DENIED) for test in denied),
    ]
    if report.remaining:
        report.status = "partial" if report.fixed else "unfixed"
    else:
        report.status = "fixed" if report.fixed else "nothing"
