"""The tests on what accepting would make, in a private workspace."""

from __future__ import annotations

import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ocode_bot import baseline
from ocode_bot.job import Job, links, make_plan
from ocode_bot.report import one_line
from ocode_bot.terminal import Progress
from ocode_bot.testing import look
from ocode_tools.config import Loaded
from ocode_tools.errors import RefusedError, SetupError
from ocode_tools.process import Cancel, Spare
from ocode_tools.runners import NO_TESTS
from ocode_tools.suite import Suite
from ocode_tools.workspace import Workspace, open_workspace


@dataclass(slots=True)
class Trial:
    """A workspace at the user's HEAD, in which a result is made and tried."""

    job: Job
    loaded: Loaded
    workspace: Workspace
    progress: Progress
    cancel: Cancel = field(default_factory=Cancel)

    def run(self, result: str) -> str:
        """Run all tests on the commit `result` (of the workspace); what came of it, in a few words.

        Raises `RefusedError` where a test is red that is green at HEAD, `SetupError` where tests cannot be run.
        """
        job, lane = self.job, self.workspace.lanes[0]
        try:
            testing = look(job.repository, job.base, self.loaded, job.environ, job.folders.workspaces)
        except SetupError as problem:
            if str(problem) == NO_TESTS:
                return "there are no tests to run"
            raise
        with Spare() as spare:
            suite = Suite(make_plan(job, self.workspace, testing), self.cancel, spare)
            self.progress.step(f"running the tests on the result: {shlex.join(testing.runner.shown(testing.python))}")
            lane.reset(result)
            found = suite.run(lane)
            baseline.prove_imports(found)
            red = frozenset(found.failures)
            if red:
                self.progress.step(f"running {len(red)} red test{'s' if len(red) > 1 else ''} at HEAD")
                lane.reset(job.base)
                before = suite.run(lane, red)
                worse = sorted(test for test in red if before.green(test))
                if worse:
                    more = f" (+{len(worse) - 1} more)" if len(worse) > 1 else ""
                    raise RefusedError(f"{worse[0]}{more} is green at HEAD and red with it; nothing was changed")
            if not found.outcomes or (not red and (found.code or found.ended != "exit")):
                how = found.ended if found.ended != "exit" else f"exit code {found.code}"
                lines = found.output.strip().splitlines()
                how += f": {one_line(lines[-1])}" if lines else ""
                raise RefusedError(f"the tests did not end well on the result ({how}); --no-tests accepts it anyway")
        self.progress.clear()
        already = f", {len(red)} red as at HEAD" if red else ""
        return f"{len(found.passed)} tests passed{already}"


@contextmanager
def open_trial(job: Job, loaded: Loaded, progress: Progress) -> Generator[Trial]:
    """A private workspace at the job's base, which is removed at the end."""
    folder = job.folders.workspaces / job.run_id
    with open_workspace(job.repository, folder, job.base, links(job.settings)) as workspace:
        yield Trial(job, loaded, workspace, progress)
