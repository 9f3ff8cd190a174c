"""What became of a solver's proposals for one cause: counted, and kept only where a test became green."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ocode_bot.verdict import Verdict
from ocode_tools.edits import Proposal
from ocode_tools.warm.swap import changed

MOST = 50  # verdicts that are kept: a search has thousands, each with the text of a file


@dataclass(slots=True)
class Heard:
    """`count` proposals were judged at so many `places`; `kept` are those with a green test, `refused` tells how many
    a static gate refused, `first` and `gate` why the first of all and the first of these were."""

    count: int = 0
    refused: int = 0
    first: str = ""
    gate: str = ""
    kept: list[Verdict] = field(default_factory=list[Verdict])
    places: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the solver was asked."""
        return time.monotonic() - self.began

    def add(self, verdict: Verdict) -> None:
        """One proposal was judged."""
        reason = verdict.reason or ""
        self.first = self.first or reason
        if reason and not reason.startswith(("tests:", "cut:")):
            self.refused += 1
            self.gate = self.gate or reason
        if verdict.green and len(self.kept) < MOST:
            self.kept.append(verdict)
        self.count += 1
        self.places.update(_places(verdict.proposal))


def _places(proposal: Proposal) -> set[tuple[str, int]]:
    """The files, and the lines on which what changes in them begins."""
    pairs = [(edit.path, edit.before or b"", edit.after or b"") for edit in proposal.edits]
    return {(path, before.count(b"\n", 0, changed(before, after)[0]) + 1) for path, before, after in pairs}
