"""The last gates before a landing: linters and hooks, then the whole suite, as nothing that was green may be red."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ocode_tools.edits import Proposal
from ocode_tools.results import TestRun
from ocode_tools.suite import Suite
from ocode_tools.workspace import Lane, Workspace

# A suite quicker than this is run as a whole at once; above it, the tests that touch the change come first (seconds).
QUICK = 5.0
CUT = "tests: cut, no time left for the full run"

Extra = Callable[[Lane, Proposal], str | None]


@dataclass(frozen=True, slots=True)
class Whole:
    """Judges what is about to land in the first lane; `checks` cost a process each (linters, hooks), by name;
    `test_seconds` is a limit for each test below the configured one."""

    suite: Suite
    workspace: Workspace
    checks: Mapping[str, Extra]
    test_seconds: float | None = None

    def refusal(self, commit: str, proposal: Proposal) -> str | None:
        """Why one of the checks forbids it; the lane then holds it, applied."""
        lane = self.workspace.lanes[0]
        self.workspace.try_edits(lane, commit, proposal.edits)
        reasons = ((name, check(lane, proposal)) for name, check in self.checks.items())
        return next((f"{name}: {reason}" for name, reason in reasons if reason), None)

    def run(
        self, commit: str, proposal: Proposal, must: Sequence[str], green: frozenset[str], first: frozenset[str]
    ) -> tuple[TestRun | None, str | None]:
        """The whole suite, with coverage, on a proposal; and why it may not land, if so.

        The tests of `must` have to be green with it, those of `green` have to stay so, those of `first` are run before
        the others where there are any. The checks come before: only what passes them is worth a run.
        """
        lane = self.workspace.lanes[0]
        if reason := self.refusal(commit, proposal):
            return None, reason
        if first:
            run = self.suite.run(lane, first)
            if any(not run.green(test) for test in first):
                return run, self._newly_red(run, first)
            self.workspace.try_edits(lane, commit, proposal.edits)
        run = self.suite.run(lane, coverage=True, test_seconds=self.test_seconds)
        still = [test for test in must if not run.green(test)]
        if still and self.suite.cancel.is_set():
            return run, CUT
        if still:
            return run, f"tests: {still[0]} is red again in the full run"
        if not run.failures and (run.code or run.ended != "exit"):  # what the tests write is not taken on trust alone
            how = run.ended if run.ended != "exit" else f"exit code {run.code}"
            return run, f"tests: all are reported green, yet the run did not end well: {how}"
        return run, self._newly_red(run, green)

    def _newly_red(self, run: TestRun, green: frozenset[str]) -> str | None:
        """Why the tests that were green forbid a landing."""
        if self.suite.cancel.is_set():
            return CUT
        lost = sorted(test for test in green if not run.green(test))
        red = [test for test in lost if test in run.failures]
        if red:
            return f"tests: {red[0]} was green and is red with it" + (
                f" (+{len(red) - 1} more)" if len(red) > 1 else ""
            )
        if lost:
            return f"tests: {len(lost)} tests that were green did not run, {lost[0]} for one"
        return None
