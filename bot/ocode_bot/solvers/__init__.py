"""The rungs of the ladder, by the name that `--solvers` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ocode_bot.asking import Asking
from ocode_bot.ladder import Ladder
from ocode_bot.prompting import Prompts
from ocode_bot.solvers.base import Solver
from ocode_bot.solvers.model import Model
from ocode_bot.solvers.rules import Rules

Solvers = Mapping[str, Callable[[], Solver]]


def solvers(asking: Asking, ladder: Ladder | None, prompts: Prompts, attempts: int) -> Solvers:
    """Every solver that this run may use; without a ladder none asks a model."""
    found: dict[str, Callable[[], Solver]] = {"rules": Rules}
    if ladder:
        found["model"] = lambda: Model(ladder, asking, prompts, attempts)
    return found
