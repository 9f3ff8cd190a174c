"""What became of a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocode_tools.edits import Proposal
from ocode_tools.results import Failure


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
