"""A task's command: prepare the job, execute it, show what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocode_bot import terminal
from ocode_bot.request import UNASKED
from ocode_bot.tasks import TASKS, TESTLESS
from ocode_bot.testing import Ahead
from ocode_bot.tidying import tidy_up
from ocode_tools import config, repository, snapshot, store
from ocode_tools.errors import Exit, SetupError
from ocode_tools.process import Cancel
from ocode_tools.repository import Repository
from ocode_tools.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocode_bot.job import Job
    from ocode_bot.report import Report
    from ocode_bot.request import Request

EXITS = {"fixed": Exit.DONE, "nothing": Exit.DONE, "interrupted": Exit.INTERRUPTED}
# What a target of each task is called once it is done and while it is left, and what is said where there is none.
WORDS = {
    "fix": ("fixed", "still red", "nothing to fix: no test is red"),
    "todo": ("resolved", "left", "nothing to resolve: no TODO here"),
    "docstrings": ("written", "left", "nothing to write: no docstring is missing here"),
    "tests": ("written", "left", "nothing to write: no unit wants a test here"),
}


def task_command(
    task: str,
    start: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, Any],
    request: Request,
    as_json: bool,
    make_report: Callable[[], Report],
) -> Exit:
    """Do one task in the repository around `start`; the report is filled on the way, so that an error can show it."""
    if environ.get(UNASKED):
        request = replace(request, asked=False)
    repo = repository.find(start)
    loaded = config.require(config.load(SCHEMA, start=repo.top, environ=environ, flags=flags))
    folders = store.folders(repo, environ)
    ahead = Ahead(repo, loaded, environ, folders.workspaces, task in TESTLESS)
    from ocode_bot.asking import Asking  # loading all these takes 0.2 s, in which that thread looks
    from ocode_bot.job import make_job
    from ocode_bot.ladder import make_ladder
    from ocode_bot.means import Means
    from ocode_bot.prompting import Prompts
    from ocode_bot.ready import Ready
    from ocode_bot.settings import settings
    from ocode_bot.way import Way

    report, chosen = make_report(), settings(loaded)
    prompts = Prompts(config.user_folder(environ) / "prompts")
    prompts.check()
    progress, cancel = terminal.Progress(), Cancel()
    ladder = make_ladder(task, chosen, loaded, environ, progress.step, cancel)
    if task == "fix" and not ladder and "rules" not in chosen.fix.solvers:
        raise SetupError("nobody is left to solve anything: name a model, or give --solvers rules")
    tidy_up(repo, folders)
    dirty = _beside(repo, request, progress)
    job = make_job(task, repo, chosen, folders, environ, request, store.new_run_id(time.time()))
    run = store.Run.start(folders.runs, job.run_id, {"task": task, "base": {"sha": job.base, "dirty": job.snapshot}})
    asking = Asking(run, progress, report, cancel, job.budget)
    means = Means(asking, ladder, prompts, chosen.fix.attempts)
    ready = Ready(ladder, [TASKS[task], partial(asking.mask.hide, "")] if ladder else [TASKS[task]], report, cancel)
    try:
        way = Way(job, run, progress, report, cancel, ahead, ready, task in TESTLESS)
        way.execute(lambda ground: TASKS[task]()(means, ground))
    finally:
        run.close()
        if not report.commits:
            snapshot.forget(repo, job.run_id)
    if as_json:
        terminal.document(report.model_dump())
    else:
        show(report, job)
    if dirty and report.status == "nothing" and not report.flaky:
        again = "todo resolve" if task == "todo" else task
        terminal.talk(f"nothing to do at HEAD; for what is not committed:  ocode {again} --dirty")
        return Exit.REMAINS
    return EXITS.get(report.status, Exit.REMAINS)


def show(report: Report, job: Job) -> None:
    """The report for people: each target with what became of it, then what to do with the branch."""
    done, left, nothing = WORDS[job.task]
    rows = [(name, done, report.how[name]) for name in report.fixed]
    rows += [(one.id, left, one.reason) for one in report.remaining]
    rows += [(test, "flaky", "red once, green when run again") for test in report.flaky if job.task == "fix"]
    terminal.table(("test" if job.task == "fix" else job.task, "result", "by / why"), rows)
    for diff in report.drafts:
        terminal.out(f"\n{diff}")
    if report.branch:
        tested = any(commit.verified.passed for commit in report.commits)
        how = "each verified by the whole suite" if tested else "there are no tests here"
        lines = ["", f"{len(report.commits)} commit(s) on {report.branch}, {how}:"]
        lines += [f"  {c.sha[:10]} {c.subject}" for c in report.commits]
        lines += [
            "no hooks were run" if not job.request.hooks else "pre-commit passed on each",
            "",
            f"  look:    git diff {report.base.sha[:10]} {report.branch}",
            f"  accept:  ocode accept {report.branch}",
            f"  reject:  ocode reject {report.branch}",
        ]
        terminal.out("\n".join(lines))
    dry = " (dry run: no branch was made)" if job.request.dry else ""
    names = {"nothing": nothing, "interrupted": "interrupted; what landed is kept"}
    count = f"{len(report.fixed)} {done}, {len(report.remaining)} {left}{dry}"
    terminal.out(f"\n{names.get(report.status, count)}")
    terminal.out(
        f"run {report.run}: {report.seconds:.1f} s, {report.processes} test processes; ocode show {report.run}"
    )


def _beside(repo: Repository, request: Request, progress: terminal.Progress) -> bool:
    """Say what of the user's is left aside; whether that is uncommitted work."""
    dirty = not request.dirty and not request.base and repo.dirty()
    if dirty:
        progress.step("the work tree differs from HEAD; working on HEAD (--dirty takes the work tree as it is)")
    if operation := repo.operation():
        progress.step(f"a {operation} is in progress; working beside it, nothing of it is touched")
    return dirty
