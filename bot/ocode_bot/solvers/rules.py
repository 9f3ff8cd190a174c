"""The rules solver: one-edit candidates from a table of templates, no model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ocode_bot.solvers.base import Proposals, Scene
from ocode_tools import rules
from ocode_tools.causes import Cause
from ocode_tools.edits import Edit, Proposal
from ocode_tools.rules.base import Candidate, Scope


class Rules:
    """See `Solver`. `name` is what trailers and reports call it."""

    name = "rules"

    def available(self) -> bool:
        """Always: it needs nothing."""
        return True

    def proposals(self, cause: Cause, scene: Scene) -> Proposals:
        """Every candidate for the cause's suspects, best first, as many at a time as are judged together; at last those
        that take long to judge."""
        found = rules.candidates(_scopes(cause, scene))
        files: dict[str, bytes] = {}  # one copy of each for all proposals
        again: list[Proposal] = []
        last: list[Proposal] = []
        while some := [
            *again,
            *(_proposal(one, scene, files) for one in islice(found, max(0, scene.width - len(again)))),
        ]:
            verdicts = yield some
            again = [verdict.proposal for verdict in verdicts if verdict.later == "next"]
            last += [verdict.proposal for verdict in verdicts if verdict.later == "last"]
        while last:
            yield last[: scene.slow]
            del last[: scene.slow]
        return ""


def _scopes(cause: Cause, scene: Scene) -> Iterator[Scope]:
    for suspect in scene.suspects:
        source = scene.read(suspect.path)
        unit = next((u for u in source.functions() if u.qualname == suspect.qualname), None) if source else None
        if source and unit:
            yield Scope(source, suspect, unit, cause.failures, scene.symbols)


def _proposal(candidate: Candidate, scene: Scene, files: dict[str, bytes]) -> Proposal:
    source = scene.read(candidate.path)
    assert source is not None
    if candidate.path not in files:
        files[candidate.path] = source.replace(())
    edit = Edit(candidate.path, files[candidate.path], source.replace(candidate.changes))
    return Proposal((edit,), Rules.name, candidate.kind, candidate.summary)
