"""What a solver is: something that proposes edits for a cause and hears what became of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocode_tools.causes import Cause
from ocode_tools.edits import Proposal
from ocode_tools.rules.base import Suspect
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a proposal: the cause's tests that were green with it, and why it was refused, if it was."""

    proposal: Proposal
    green: frozenset[str]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a solver sees of a cause: the suspicious units, the sources, how many answers are judged at once."""

    suspects: Sequence[Suspect]
    read: Callable[[str], Source | None]
    symbols: Symbols
    width: int


Proposals = Generator[Sequence[Proposal], Sequence[Verdict], None]


class Solver(Protocol):
    """Yields batches of proposals and is sent their verdicts, so that a search goes on and a model gets its feedback.

    The house judges, lands and stops: a solver neither runs tests nor writes files.
    """

    name: str

    def proposals(self, cause: Cause, scene: Scene) -> Proposals:
        """Batches for one cause, the most promising first; ends when it knows no more."""
        ...
