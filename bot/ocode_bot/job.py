"""A job: one task on one repository at one base, with its targets; everything is looked up before any work begins."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocode_bot import landing
from ocode_bot.request import Request
from ocode_bot.sections import Settings
from ocode_bot.testing import Testing
from ocode_tools import sandbox, snapshot
from ocode_tools.errors import SetupError, UsageError
from ocode_tools.origins import owned_names
from ocode_tools.outcome import Limits
from ocode_tools.repository import Identity, Repository
from ocode_tools.store import Folders
from ocode_tools.suite import Plan
from ocode_tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Job:
    """One `task` ready to be executed: `base` is a full sha, `ref` a full ref name or None for one of ours."""

    task: str
    repository: Repository
    settings: Settings
    folders: Folders
    environ: Mapping[str, str]
    request: Request
    run_id: str
    base: str
    who: Identity
    ref: str | None
    snapshot: bool

    @property
    def budget(self) -> float:
        """Wall seconds after the first test run."""
        settings = self.settings
        budgets = {
            "fix": settings.fix.budget,
            "todo": settings.todo.budget,
            "docstrings": settings.docstrings.budget,
            "tests": settings.tests.budget,
        }
        return budgets[self.task]

    @property
    def lanes(self) -> int:
        """How many proposals are judged at a time."""
        return self.settings.fix.jobs or min(4, os.cpu_count() or 1)


def make_job(
    task: str,
    repository: Repository,
    settings: Settings,
    folders: Folders,
    environ: Mapping[str, str],
    request: Request,
    run_id: str,
) -> Job:
    """Check everything that can be checked without running a test.

    Raises `UsageError` for a bad flag, `SetupError` for a repository that cannot be worked on.
    """
    if request.base and request.dirty:
        raise UsageError("--base and --dirty exclude each other: one names a commit, the other the work tree as it is")
    head = repository.head()
    who = repository.identity()
    ref = landing.check_name(repository, request.branch) if request.branch else None
    base = repository.resolve(request.base) if request.base else head
    refused = repository.why_not(base)
    if refused:
        raise SetupError(refused)
    shot = request.dirty and repository.dirty()
    if shot:
        base = snapshot.snapshot(repository, run_id, settings.limits.snapshot << 20)
    return Job(task, repository, settings, folders, environ, request, run_id, base, who, ref, shot)


def links(settings: Settings) -> dict[str, bool]:
    """Ignored paths that tests need: True to copy, False to link."""
    return {**dict.fromkeys(settings.workspace.links, False), **dict.fromkeys(settings.workspace.copies, True)}


def make_plan(job: Job, workspace: Workspace, testing: Testing) -> Plan:
    """How the tests of this job are run: what was looked up, within the job's limits.

    Raises `SetupError` where the required sandbox is missing.
    """
    settings, repository = job.settings, job.repository
    project = repository.project()
    roots = [f"{project}/src".lstrip("/"), project]
    limits = settings.limits
    space = limits.address_space << 20 if limits.address_space else None
    return Plan(
        python=testing.python,
        runner=testing.runner,
        project=project,
        checkouts=tuple(repository.checkouts()),
        names=owned_names(workspace.files(job.base), roots, frozenset(sys.stdlib_module_names)),
        limits=Limits(limits.run, limits.memory << 20, limits.processes, limits.output << 10, space),
        test_seconds=limits.test,
        sandbox=sandbox.choose(settings.sandbox.level),
        visible=(repository.common_dir, *(repository.top / name for name in settings.workspace.links), *_hooks(job)),
        environ=job.environ,
        pass_env=tuple(settings.tests.pass_env),
        junit=settings.tests.junit,
    )


def _hooks(job: Job) -> list[Path]:
    """The environment of pre-commit where it is needed."""
    program = shutil.which("pre-commit", path=job.environ.get("PATH")) if job.request.hooks else None
    return [place.parents[1] for place in (Path(program), Path(program).resolve())] if program else []


@dataclass(frozen=True, slots=True)
class Targets:
    """The request's targets, resolved: ids or test files that count, sources that may change. Empty means all."""

    tests: tuple[str, ...]
    sources: tuple[str, ...]

    def wants(self, test: str) -> bool:
        """Whether a failure counts."""
        return not self.tests or any(_within(test, target) for target in self.tests)


def resolve_targets(job: Job, files: Sequence[str], collected: Sequence[str]) -> Targets:
    """Tell test targets from source targets by what was collected. Raises `UsageError` for one that matches nothing."""
    tests: list[str] = []
    sources: list[str] = []
    test_files = {test.split("::", 1)[0] for test in collected}
    for target in job.request.targets:
        for name in _readings(job.repository, target):
            if any(_within(test, name) for test in collected):
                tests.append(name)
            elif any(file == name or file.startswith(f"{name}/") for file in files) and name not in test_files:
                sources.append(name)
            else:
                continue
            break
        else:
            raise UsageError(f"{target!r} is no test and no file here; give a test id, a test file or a source path")
    return Targets(tuple(tests), tuple(sources))


def _readings(repository: Repository, target: str) -> list[str]:
    """What a target may mean from the top: read from where the user stands, from the project's folder, from the top."""
    path, mark, rest = target.partition("::")
    found: list[str] = []
    for folder in (repository.start, repository.top / repository.project(), repository.top):
        full = Path(os.path.normpath(folder / path))
        if full == repository.top or repository.top in full.parents:
            name = full.relative_to(repository.top).as_posix()
            found.append(("" if name == "." else name) + mark + rest)
    return list(dict.fromkeys(found))


def _within(test: str, target: str) -> bool:
    """Whether a test id is the target, one of its parameters, or below it; "" holds everything."""
    return not target or test == target or test.startswith((f"{target}::", f"{target}[", f"{target}/"))
