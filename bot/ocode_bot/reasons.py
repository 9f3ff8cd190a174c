"""Why a solver landed nothing, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from ocode_bot.solvers.base import Solver
from ocode_bot.verdict import Verdict


def summary(solver: Solver, heard: Sequence[Verdict], more: bool) -> str:
    """Why nothing of a solver landed: the static gate that refused all it had, else that the tests stayed red."""
    if not heard:
        return f"{solver.name}: " + ("no time left to try within the budget" if more else "knows no change to try here")
    static = [v.reason for v in heard if v.reason and not v.reason.startswith(("tests:", "cut:"))]
    tried = f"{len(heard)} proposal{'s' if len(heard) > 1 else ''} of {solver.name}"
    cut = ", cut by the budget" if more else ""
    if static and len(static) == len(heard):
        return static[0]
    return f"tests: still red with each of {tried}{cut}" if len(heard) > 1 else heard[0].reason or f"tests: {tried}"
