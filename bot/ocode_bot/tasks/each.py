"""Targets one after the other, each up the ladder until something lands or nobody knows more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ocode_bot.ground import Ground, Landing
from ocode_bot.report import one_line
from ocode_bot.solvers.base import Proposals
from ocode_bot.verdict import Verdict
from ocode_tools.edits import Proposal
from ocode_tools.results import Failure


class Target(Protocol):
    """One thing to be done: `id` names it in reports (`path::name`), `key` is its stable identity (the trailer
    Ocode-Key), `title` says it in a line."""

    @property
    def id(self) -> str:
        """Its name in reports."""
        ...

    @property
    def key(self) -> str:
        """The stable identity of its cause."""
        ...

    @property
    def title(self) -> str:
        """What is done, for people."""
        ...


T = TypeVar("T", bound=Target)
S = TypeVar("S", bound=Target, contravariant=True)


class Rung(Protocol[S]):
    """Proposes edits for one target and is sent their verdicts; returns why it gave up (see `Solver`)."""

    def proposals(self, target: S) -> Proposals:
        """Batches, the most promising first."""
        ...


@dataclass(slots=True)
class Each(Generic[T]):
    """The work of a task whose targets are known from the start. `refusal` is the task's own gates (a reason in one
    line, or None), `landing` what a commit says; `done` and `left` tell by id how and why."""

    ground: Ground
    targets: Sequence[T]
    rungs: Sequence[Rung[T]]
    refusal: Callable[[T, Proposal], str | None]
    landing: Callable[[T, Proposal], Landing]
    done: dict[str, str] = field(default_factory=dict[str, str])
    left: dict[str, str] = field(default_factory=dict[str, str])
    _landing: tuple[str, str, str] | None = field(init=False, default=None)

    def work(self) -> None:
        """Every target, with its share of the time."""
        ground = self.ground
        deadline = time.monotonic() + ground.job.budget
        for number, target in enumerate(self.targets):
            if ground.suite.cancel.is_set():
                return
            ground.workspace.lanes[0].reset(ground.tip)
            if unwelcome := ground.unwelcome(target.key):
                self.left[target.id] = unwelcome
                continue
            now = time.monotonic()
            ground.progress.step(one_line(target.title))
            ground.run.note("target", id=target.id)
            self._target(target, now + (deadline - now) / (len(self.targets) - number))

    def close(self) -> None:
        """Fill the report; see `Task`."""
        if self._landing and self._landing[0] != self.ground.tip:  # an interrupt came right behind a landing
            self.done.setdefault(*self._landing[1:])
        why = f"not reached within the budget of {self.ground.job.budget:g} s"
        left = {target.id: self.left.get(target.id, why) for target in self.targets if target.id not in self.done}
        self.ground.report.conclude(self.done, left)

    def _target(self, target: T, deadline: float) -> None:
        for rung in self.rungs:
            asked = rung.proposals(target)
            verdicts: list[Verdict] | None = None
            while time.monotonic() < deadline and not self.ground.suite.cancel.is_set():
                try:
                    batch = next(asked) if verdicts is None else asked.send(verdicts)
                except StopIteration as end:
                    if end.value:
                        self.left[target.id] = end.value
                    break
                verdicts = [self._judge(target, proposal) for proposal in batch]
                if target.id in self.done:
                    return
            asked.close()

    def _judge(self, target: T, proposal: Proposal) -> Verdict:
        """Gates, then the landing; once something landed nothing more is judged."""
        if target.id in self.done:
            return Verdict(proposal, frozenset(), "cut: another landed before")
        reason = self.refusal(target, proposal)
        failures: tuple[Failure, ...] = ()
        if reason is None:
            how = f"{proposal.solver}: {proposal.summary}"
            self._landing = (self.ground.tip, target.id, how)
            refused = self.ground.land(self.landing(target, proposal))
            self._landing = None
            if refused is None:
                self.done[target.id] = how
            else:
                reason, failures = refused.reason, refused.failures
        verdict = Verdict(proposal, frozenset(), reason, failures)
        self.ground.note(verdict)
        if reason:
            self.left[target.id] = reason
        return verdict
