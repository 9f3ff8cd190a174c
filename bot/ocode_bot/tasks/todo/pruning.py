"""The rules: what the project's requirements have decided is done without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ocode_bot.ground import Ground
from ocode_bot.solvers.base import Proposals
from ocode_bot.tasks.todo.goals import Goal, at_tip
from ocode_tools.edits import Edit, Proposal
from ocode_tools.todos.conditions import Version, condition, requirements, shown
from ocode_tools.todos.prune import pruned

PRUNE = "prune"


@dataclass(slots=True)
class Pruning:
    """See `Rung`."""

    ground: Ground

    def proposals(self, target: Goal) -> Proposals:
        """One, where the comment names a version and what is to go is a branch on it."""
        found = at_tip(self.ground, target)
        if found is None:
            return "it is gone already"
        source, todo = found
        required = self._required()
        waits = condition(todo.text, required)
        if waits is None:
            return target.why
        result = pruned(source, todo, waits, required)
        if isinstance(result, str):
            return f"prune: {result}"
        edit = Edit(source.path, source.replace(()), result)
        what = f"remove what {shown(waits.name, waits.version).replace(' >=', '')} made needless"
        (verdict,) = yield [Proposal((edit,), "rules", PRUNE, f"{what} ({target.place}; {waits.why})")]
        return verdict.reason or ""

    def _required(self) -> Mapping[str, Version]:
        return requirements(self.ground.workspace.read)
