"""The rungs of the ladder, by the name that `--solvers` takes; each is loaded when it is made, as that takes long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ocode_bot.means import Means
    from ocode_bot.solvers.base import Solver

Solvers: TypeAlias = "Mapping[str, Callable[[], Solver]]"


def solvers(means: Means) -> Solvers:
    """Every solver that this run may use; without a ladder none asks a model."""

    def rules() -> Solver:
        from ocode_bot.solvers.rules import Rules

        return Rules()

    def model() -> Solver:
        from ocode_bot.solvers.model import Model

        return Model(means)

    return {"rules": rules, "model": model} if means.ladder else {"rules": rules}


def load() -> None:
    """Load what the solvers need, ahead of time."""
    for name in ("model", "rules"):
        import_module(f"ocode_bot.solvers.{name}")
