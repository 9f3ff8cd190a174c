"""The tests as they are at the base: what is red, what only flickers, what the sandbox alone makes red."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from ocode_bot.terminal import Progress
from ocode_tools.errors import SetupError
from ocode_tools.results import Failure, TestRun
from ocode_tools.runners import NO_TESTS
from ocode_tools.suite import Plan, Suite
from ocode_tools.workspace import Lane

DENIED = "needs what the sandbox denies (network, sockets or files outside); see sandbox.level"
IMPATIENT, TIMES = 2.0, 5.0  # seconds, and how often the longest green test's
ENDS = {key: f"stopped at limits.{key}" for key in ("memory", "processes")} | {"timeout": "stopped at limits.run"}


@dataclass(frozen=True, slots=True)
class Baseline:
    """One full run of the base with coverage; `red` are the real failures, `flaky` and `denied` were set aside."""

    run: TestRun
    red: Mapping[str, Failure]
    flaky: tuple[str, ...]
    denied: tuple[str, ...]

    @property
    def green(self) -> frozenset[str]:
        """What must stay green."""
        return self.run.passed


def measure(
    suite: Suite, lane: Lane, commit: str, strict: bool, progress: Progress, testless: bool = False
) -> Baseline:
    """Run everything once with coverage, prove the imports, then look at each red test once more.

    `strict` keeps the red ones inside the sandbox, else they are run once where reading and the network are open.
    Raises `SetupError` when no test is found (unless `testless`), when the suite cannot start, or when the tests import
    the user's own checkout instead of the workspace.
    """
    progress.step("running the tests")
    run = suite.run(lane, coverage=True)
    prove_imports(run)
    nothing = run.code in (None, 0, 5) and run.ended == "exit"
    if not run.outcomes and not (testless and nothing):
        raise SetupError(_nothing_ran(run, suite.plan))
    again = _reds_of(suite, lane, commit, run, run.red, "once more without coverage", progress, relaxed=False)
    flaky = run.red - again
    denied: frozenset[str] = frozenset()
    if again and suite.plan.sandbox.level != "none" and not strict:
        denied = again - _reds_of(
            suite, lane, commit, run, again, "outside the sandbox's walls", progress, relaxed=True
        )
    lane.reset(commit)  # what follows reads the tree
    red = {test: failure for test, failure in run.failures.items() if test not in flaky | denied}
    return Baseline(run, red, tuple(sorted(flaky)), tuple(sorted(denied)))


def prove_imports(run: TestRun) -> None:
    """Raises `SetupError` when a module of the project came from anywhere but the workspace."""
    if run.outside:
        module, file = run.outside[0]
        more = f" (+{len(run.outside) - 1} more)" if len(run.outside) > 1 else ""
        raise SetupError(
            f"the tests import {module} from {file}{more}, not from the private workspace, so no fix can be judged; "
            "uninstall that copy, or set tests.python to an environment without it"
        )


def impatient(seen: TestRun) -> float | None:
    """The limit for each test (seconds) once some of them are known to hang; None where none is."""
    if not any(failure.hung for failure in seen.failures.values()):
        return None
    return max(IMPATIENT, TIMES * max((seen.seconds.get(test, 0.0) for test in seen.passed), default=0.0))


def _reds_of(
    suite: Suite,
    lane: Lane,
    commit: str,
    seen: TestRun,
    tests: frozenset[str],
    how: str,
    progress: Progress,
    relaxed: bool,
) -> frozenset[str]:
    """Which of `tests` are still red in another run of just these; where some hung, none gets the whole limit again."""
    if not tests:
        return tests
    progress.step(f"running {len(tests)} red test{'s' if len(tests) > 1 else ''} {how}")
    lane.reset(commit)
    run = suite.run(lane, tests, test_seconds=impatient(seen), relaxed=relaxed)
    return frozenset(test for test in tests if not run.green(test))


def _nothing_ran(run: TestRun, plan: Plan) -> str:
    if run.code in (None, 0, 5) and run.ended == "exit":
        return NO_TESTS
    why = ENDS.get(run.ended, run.ended) if run.ended != "exit" else f"exit code {run.code}"
    lines = [line.strip() for line in run.output.splitlines() if line.strip()]
    told = [line for line in lines if "error: " in line.lower() and "usage: " not in line]
    said = (told or lines or ["no output"])[-1]
    return f"the tests did not start ({why}): {said}; try {shlex.join(plan.runner.shown(plan.python))} yourself"
