"""What a solver is: something that proposes edits for a cause and hears what became of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ocode_tools.causes import Cause
from ocode_tools.edits import Proposal
from ocode_tools.results import Failure
from ocode_tools.rules.base import Suspect
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a proposal: the cause's tests that were green with it, why it was refused if it was, and what
    its tests said where they were run and are red. `later` is set where it was not judged: it may be proposed once
    more, with the next ones, or at last where judging it takes long."""

    proposal: Proposal
    green: frozenset[str]
    reason: str | None
    failures: tuple[Failure, ...] = ()
    later: Literal["", "next", "last"] = ""

    @property
    def held(self) -> bool:
        """Whether it is green, and waits for a moment to be compared with others."""
        return self.later == "next" and bool(self.green)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a solver sees of a cause: the suspicious units, files of other kinds that the failure names, any source at
    the tip, how many answers are judged at once, and `slow` ones among them, and what was heard of earlier solvers'
    proposals."""

    suspects: Sequence[Suspect]
    named: Sequence[str]
    read: Callable[[str], Source | None]
    symbols: Symbols
    width: int
    slow: int
    heard: list[Verdict] = field(default_factory=list[Verdict])


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
