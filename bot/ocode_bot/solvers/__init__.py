"""The rungs of the ladder, by the name that `--solvers` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ocode_bot.solvers.base import Solver
from ocode_bot.solvers.rules import Rules

SOLVERS: Mapping[str, Callable[[], Solver]] = {"rules": Rules}
