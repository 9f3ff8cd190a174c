"""`ocode fix`: prepare the job, execute it, show what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocode_bot import terminal
from ocode_bot.testing import Ahead
from ocode_tools import config, repository, snapshot, store
from ocode_tools.errors import Exit, SetupError
from ocode_tools.process import Cancel
from ocode_tools.repository import Repository
from ocode_tools.schema import SCHEMA
from ocode_tools.workspace import tidy

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocode_bot.job import Job
    from ocode_bot.report import Report
    from ocode_bot.request import Request

STARTING = 600.0  # a run makes its snapshot before its folder (seconds)
EXITS = {"fixed": Exit.DONE, "nothing": Exit.DONE, "interrupted": Exit.INTERRUPTED}


def fix_command(
    start: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, Any],
    request: Request,
    as_json: bool,
    make_report: Callable[[], Report],
) -> Exit:
    """Fix the repository around `start`; the report is filled on the way, so that an error can still show it."""
    repo = repository.find(start)
    loaded = config.require(config.load(SCHEMA, start=repo.top, environ=environ, flags=flags))
    folders = store.folders(repo, environ)
    ahead = Ahead(repo, loaded, environ, folders.workspaces)
    from ocode_bot.asking import Asking  # loading all these takes 0.2 s, in which that thread looks
    from ocode_bot.fix import fix
    from ocode_bot.job import make_job
    from ocode_bot.ladder import make_ladder
    from ocode_bot.prompting import Prompts
    from ocode_bot.ready import Ready
    from ocode_bot.settings import settings
    from ocode_bot.solvers import load, solvers

    report, chosen = make_report(), settings(loaded)
    prompts = Prompts(config.user_folder(environ) / "prompts")
    prompts.check()
    progress, cancel = terminal.Progress(), Cancel()
    ladder = make_ladder(chosen, loaded, environ, progress.step, cancel)
    if not ladder and "rules" not in chosen.fix.solvers:
        raise SetupError("nobody is left to solve anything: name a model, or give --solvers rules")
    _tidy(repo, folders)
    dirty = _beside(repo, request, progress)
    job = make_job(repo, chosen, folders, environ, request, store.new_run_id(time.time()))
    run = store.Run.start(folders.runs, job.run_id, {"task": "fix", "base": {"sha": job.base, "dirty": job.snapshot}})
    asking = Asking(run, progress, report, cancel, chosen.fix.budget)
    try:
        fix(
            job,
            run,
            progress,
            report,
            cancel,
            solvers(asking, ladder, prompts, chosen.fix.attempts),
            ahead,
            Ready(ladder, [load, partial(asking.mask.hide, "")] if ladder else [load], report, cancel),
        )
    finally:
        run.close()
        if not report.commits:
            snapshot.forget(repo, job.run_id)
    if as_json:
        terminal.document(report.model_dump())
    else:
        show(report, job)
    if dirty and report.status == "nothing" and not report.flaky:
        terminal.talk("HEAD is green; for what is not committed:  ocode fix --dirty")
        return Exit.REMAINS
    return EXITS.get(report.status, Exit.REMAINS)


def show(report: Report, job: Job) -> None:
    """The report for people: each failure with what became of it, then what to do with the branch."""
    rows = [(test, "fixed", report.how[test]) for test in report.fixed]
    rows += [(left.id, "still red", left.reason) for left in report.remaining]
    rows += [(test, "flaky", "red once, green when run again") for test in report.flaky]
    terminal.table(("test", "result", "by / why"), rows)
    if report.branch:
        lines = ["", f"{len(report.commits)} commit(s) on {report.branch}, each verified by the whole suite:"]
        lines += [f"  {c.sha[:10]} {c.subject}" for c in report.commits]
        lines += [
            "no hooks were run" if not job.request.hooks else "pre-commit passed on each",
            "",
            f"  look:    git diff {report.base.sha[:10]} {report.branch}",
            f"  accept:  ocode accept {report.branch}",
            f"  reject:  ocode reject {report.branch}",
        ]
        terminal.out("\n".join(lines))
    names = {"nothing": "nothing to fix: no test is red", "interrupted": "interrupted; what landed is kept"}
    count = f"{len(report.fixed)} fixed, {len(report.remaining)} still red"
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


def _tidy(repo: Repository, folders: store.Folders) -> None:
    """Remove what killed runs left: workspaces, and snapshots that no branch needs."""
    tidy(folders.workspaces)
    for run_id, sha, born in snapshot.kept(repo):
        status = store.Run(folders.runs / run_id).load()["status"]
        starting = status == "unreadable" and time.time() - born < STARTING
        if status != "running" and not starting and not repo.git.out("for-each-ref", "--contains", sha, "refs/heads/"):
            snapshot.forget(repo, run_id)
