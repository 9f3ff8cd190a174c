"""One TODO after the other: rules where the project's requirements decide, then a model, a gate for each promise."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from ocode_bot.ground import Ground, Landing
from ocode_bot.means import Means
from ocode_bot.models.base import Cancelled, ChatModel, Message, ModelError
from ocode_bot.report import one_line
from ocode_bot.rounds import Rounds
from ocode_bot.solvers.base import Proposals
from ocode_bot.tasks.each import Each, Rung
from ocode_bot.tasks.todo import telling
from ocode_bot.tasks.todo.goals import Goal, at_tip, goals
from ocode_bot.tasks.todo.pruning import PRUNE, Pruning
from ocode_bot.tasks.todo.question import Resolving, refusal
from ocode_bot.tasks.todo.witness import Witness, Writer
from ocode_tools.edits import Proposal


@dataclass(slots=True)
class Resolve:
    """The rung that asks models; `witnesses` tell of each proposal which test came with it, by its key."""

    means: Means
    ground: Ground
    witnesses: dict[str, Witness] = field(default_factory=dict[str, Witness])

    def proposals(self, target: Goal) -> Proposals:
        """The answers, each sound by itself; none for what is left to people."""
        if target.why:
            return target.why
        if self.means.ladder is None:
            return "no model is asked"
        found = at_tip(self.ground, target)
        if found is None:
            return "it is gone already"
        means = self.means
        rounds = Rounds(means.asking, means.prompts, "resolving", 0)
        asked = Resolving(self.ground, target, *found, complete=lambda proposal, _: proposal)
        if why := asked.why_not():
            return why
        first = [
            Message("system", means.prompts.fill("todo_system")),
            Message("user", means.prompts.fill(asked.kind, **asked.values())),
        ]
        try:
            for model in rounds.climb(means):
                asked.complete = partial(self._completed, target, model)
                if rounds.left > 0:
                    yield from rounds.ask(model, first, asked)
        except Cancelled:
            pass
        except ModelError as problem:
            rounds.why = f"model: {one_line(str(problem))}"
        return rounds.why

    def _completed(self, target: Goal, model: ChatModel, proposal: Proposal, _name: str) -> Proposal:
        writer = Writer(self.ground, self.means.asking, self.means.prompts)
        whole, witness = writer.complete(proposal, target.todo, model)
        self.witnesses[whole.key] = witness
        self.ground.run.note("test", todo=target.id, tests=list(witness.tests), why=witness.why)
        return whole


@dataclass(slots=True)
class Todos:
    """The task: each TODO by itself, and where it stands in every reason that is given."""

    each: Each[Goal]

    def work(self) -> None:
        """See `Task`."""
        self.each.work()

    def close(self) -> None:
        """See `Task`."""
        each = self.each
        why = f"not reached within the budget of {each.ground.job.budget:g} s"
        for goal in each.targets:
            if goal.id not in each.done:
                each.left[goal.id] = f"{goal.place}: {each.left.get(goal.id, goal.why or why)}"
        each.close()


def make(means: Means, ground: Ground) -> Todos:
    """The task on its ground."""
    resolve = Resolve(means, ground)
    rungs: list[Rung[Goal]] = [Pruning(ground)] if PRUNE in ground.job.request.options else []

    def refused(target: Goal, proposal: Proposal) -> str | None:
        found = at_tip(ground, target)
        if found is None:
            return "it is gone already"
        return refusal(ground, found[1], proposal, pruned=proposal.kind == PRUNE)

    def landing(target: Goal, proposal: Proposal) -> Landing:
        witness = resolve.witnesses.get(proposal.key, Witness())
        return Landing(
            proposal,
            target.key,
            telling.subject(ground.manner, target, proposal),
            telling.body(target, proposal, witness),
            target.todo.text or target.todo.tag,
            witness.tests,
        )

    return Todos(Each(ground, goals(ground), [*rungs, resolve], refused, landing))
