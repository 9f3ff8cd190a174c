"""The task `fix`: red tests in, a branch of small verified commits out."""

from __future__ import annotations

from dataclasses import dataclass

from ocode_bot import baseline
from ocode_bot.ground import Ground
from ocode_bot.job import resolve_targets
from ocode_bot.means import Means
from ocode_bot.solvers import Solvers, solvers
from ocode_bot.work import Work
from ocode_tools.gates.scope import Scope


@dataclass(frozen=True, slots=True)
class Fix:
    """See `Task`."""

    ground: Ground
    causes: Work

    def work(self) -> None:
        """One cause after the other."""
        self.causes.all_causes()

    def close(self) -> None:
        """What is red stays, with its reason; what the sandbox denies is told apart."""
        self.causes.close()
        left = {test: self.causes.why_red(test) for test in sorted(self.causes.red)}
        denied = dict.fromkeys(filter(self.causes.targets.wants, self.ground.measured.denied), baseline.DENIED)
        self.ground.report.conclude(self.causes.fixed, left | denied)


def make(means: Means, ground: Ground) -> Fix:
    """The fix of this job. Raises `UsageError` for a target that is nothing here."""
    return fix(ground, solvers(means))


def fix(ground: Ground, rungs: Solvers) -> Fix:
    """The same with the solvers given, by the names that the settings may use."""
    targets = resolve_targets(ground.job, ground.files(), ground.measured.run.collected)
    scope = Scope(targets.sources, tuple(ground.job.settings.fix.allow))
    return Fix(ground, Work(ground, scope, targets, rungs))
