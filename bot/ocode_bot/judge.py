"""Proposals for a cause before the gates: the static ones first, then its red tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from ocode_bot.verdict import Verdict
from ocode_bot.warm import SOLVERS, Pool
from ocode_bot.whole import QUICK
from ocode_tools import gates
from ocode_tools.causes import Cause
from ocode_tools.edits import Proposal
from ocode_tools.errors import OcodeError
from ocode_tools.gates.base import Context
from ocode_tools.suite import Suite
from ocode_tools.workspace import Lane, Workspace

# A candidate that loops costs its limit: a few times what the tests took, never less than this (seconds).
LEAST_TEST, LEAST_RUN, TIMES = 2.0, 10.0, 5.0
FIRST_SLOW = 4  # proposals that are judged the slow way at their place although many wait that are quick to judge


@dataclass(slots=True)
class Judge:
    """Judges proposals against the tip `commit`.

    `seconds` are the baseline's times by test, and `lanes` are used at a time. `pool` judges what it can; the rest,
    after the first few, is put off until it is proposed again.
    """

    suite: Suite
    workspace: Workspace
    context: Context
    seconds: Mapping[str, float]
    lanes: int
    pool: Pool
    _slow: int = 0
    _put_off: set[str] = field(default_factory=set[str])

    def batch(self, commit: str, proposals: Sequence[Proposal], cause: Cause) -> list[Verdict]:
        """One verdict a proposal, in order: static gates, then the cause's tests, several lanes at a time."""
        over = all(self.pool.has_green([proposal]) for proposal in proposals)
        found = self.pool.judge(proposals, cause)
        left: list[Proposal] = []
        for number, proposal in enumerate(proposals):
            verdict = found[number]
            if verdict and verdict.reason is None:
                refusal = gates.judge(proposal, self.context)
                found[number] = replace(verdict, reason=f"{refusal.gate}: {refusal.reason}") if refusal else verdict
            elif verdict is None and len(proposals) > self.lanes:
                found[number] = self._late(proposal)
        quick = sum(self.seconds.values()) <= QUICK
        for number, verdict in enumerate(self.pool.choose(found, over)):
            # Where the whole suite takes long its own tests say first whether it is green in a process of its own.
            found[number] = verdict if quick or not verdict or verdict.reason else None
            left += [] if found[number] else [proposals[number]]
        slow = iter(self._cold(commit, left, cause) if left else ())
        return [verdict or next(slow) for verdict in found]

    def _late(self, proposal: Proposal) -> Verdict | None:
        """Put a proposal off that the pool cannot judge, once, where others are quicker to judge."""
        if proposal.solver not in SOLVERS or proposal.key in self._put_off:
            return None
        self._slow += 1
        if self._slow <= FIRST_SLOW:
            return None
        self._put_off.add(proposal.key)
        return Verdict(proposal, frozenset(), "cut: not judged in time", later="last")

    def _cold(self, commit: str, proposals: Sequence[Proposal], cause: Cause) -> list[Verdict]:
        """The same, each in a process of its own."""
        lanes = self.workspace.widen(self.lanes)
        for lane in lanes:
            self.pool.stale(lane)
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                shares = [
                    pool.submit(self._share, commit, cause, lane, proposals[number :: len(lanes)])
                    for number, lane in enumerate(lanes)
                ]
                found = [share.result() for share in shares]
            except BaseException:
                self.suite.cancel.set()
                raise
        verdicts = {proposal.key: verdict for share in found for proposal, verdict in share}
        return [verdicts[proposal.key] for proposal in proposals]

    def _share(self, commit: str, cause: Cause, lane: Lane, mine: Sequence[Proposal]) -> list[tuple[Proposal, Verdict]]:
        return [(proposal, self._one(lane, commit, proposal, cause)) for proposal in mine]

    def _one(self, lane: Lane, commit: str, proposal: Proposal, cause: Cause) -> Verdict:
        if self.suite.cancel.is_set():
            return Verdict(proposal, frozenset(), "cut: no time left")
        refusal = gates.judge(proposal, self.context)
        if refusal:
            return Verdict(proposal, frozenset(), f"{refusal.gate}: {refusal.reason}")
        try:
            self.workspace.try_edits(lane, commit, proposal.edits)
        except OcodeError as problem:
            return Verdict(proposal, frozenset(), f"applies: {problem}")
        known = [self.seconds.get(failure.id, 0.0) for failure in cause.failures if not failure.hung]
        run = self.suite.run(
            lane,
            cause.ids,
            seconds=max(LEAST_RUN, TIMES * sum(known)),
            test_seconds=max(LEAST_TEST, TIMES * max(known, default=0.0)),
        )
        green = frozenset(test for test in cause.ids if run.green(test))
        red = [test for test in cause.ids if test not in green]
        if red and self.suite.cancel.is_set():
            return Verdict(proposal, green, "cut: no time left")
        if run.outside:
            return Verdict(proposal, green, f"tests: {run.outside[0][0]} was not imported from the workspace")
        failures = tuple(run.failures[test] for test in red if test in run.failures)
        said = failures[0].message if failures else run.ended
        return Verdict(proposal, green, f"tests: {red[0]} is still red: {said}" if red else None, failures)
