"""What a solver is: something that proposes edits for a cause and hears what became of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ocode_bot.verdict import Verdict
from ocode_tools.causes import Cause
from ocode_tools.edits import Proposal
from ocode_tools.rules.base import Suspect
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Scene:
    """What a solver sees of a cause: the suspicious units, files of other kinds that the failure names, any source at
    the tip, how many answers are judged at once, and `slow` ones among them, and what was heard of earlier solvers'
    proposals. `held` has a green one that is not sure to be right, which lands if nothing better is known at the
    `deadline` (monotonic seconds)."""

    suspects: Sequence[Suspect]
    named: Sequence[str]
    read: Callable[[str], Source | None]
    symbols: Symbols
    width: int
    slow: int
    heard: list[Verdict] = field(default_factory=list[Verdict])
    held: list[Verdict] = field(default_factory=list[Verdict])
    deadline: float = math.inf


# The generator returns why it gave up, or nothing where its proposals say it all.
Proposals = Generator[Sequence[Proposal], Sequence[Verdict], str]


class Solver(Protocol):
    """Yields batches of proposals and is sent their verdicts, so that a search goes on and a model gets its feedback.

    The house judges, lands and stops: a solver neither runs tests nor writes files.
    """

    name: str

    def available(self) -> bool:
        """Whether it can work here and now."""
        ...

    def proposals(self, cause: Cause, scene: Scene) -> Proposals:
        """Batches for one cause, the most promising first; ends when it knows no more."""
        ...
