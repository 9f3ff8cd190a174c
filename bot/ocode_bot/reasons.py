"""Why a solver landed nothing, in one line."""

from __future__ import annotations

from ocode_bot.heard import Heard
from ocode_bot.solvers.base import Solver


def summary(solver: Solver, heard: Heard, more: bool) -> str:
    """Why nothing of a solver landed: the static gate that refused all it had, else that the tests stayed red with all
    that was tried, at so many places, in so many seconds."""
    if not heard.count:
        return f"{solver.name}: " + ("no time left to try within the budget" if more else "knows no change to try here")
    if heard.refused == heard.count:
        return heard.gate
    if heard.count == 1:
        return heard.first or f"tests: 1 proposal of {solver.name}"
    places = f" at {len(heard.places)} places" if len(heard.places) > 1 else ""
    tried = f"{heard.count} proposals of {solver.name}{places} in {heard.seconds:.0f} s"
    return f"tests: still red with each of {tried}" + (", cut by the budget" if more else "")
