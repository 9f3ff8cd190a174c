"""Green proposals beside each other: what each does with more inputs than the tests ask of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocode_tools.edits import Proposal
from ocode_tools.rules.doubts import doubt
from ocode_tools.source import Function, Source, parse
from ocode_tools.warm.behaviour import Confidence, Green, Group, apart, confidence, groups
from ocode_tools.warm.client import Place, Warm
from ocode_tools.warm.swap import Swap

EXAMPLES = 1.0  # processor seconds of a docstring's examples
MOST = 16  # green proposals that are compared


@dataclass(frozen=True, slots=True)
class Entry:
    """A green proposal, its change as a process takes it over, None where it cannot, the file before it, and its place
    among those that were tried, the likeliest first."""

    proposal: Proposal
    change: Swap | None
    source: Source | None
    place: int = 1

    @property
    def doubt(self) -> str:
        """What speaks against it although it is green; see `ocode_tools.rules.doubts`."""
        unit = self.change.unit if self.change else None
        if self.source is None or unit is None:
            return ""
        same = (one.node for one in self.source.functions() if (one.first, one.qualname) == (unit.first, unit.name))
        old, name = next(same, None), unit.name.rpartition(".")[2]
        nodes = ast.walk(parse(unit.text))
        new = next((one for one in nodes if isinstance(one, Function) and one.name == name), None)
        return doubt(old, new) if isinstance(old, Function) and new else ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A function with what it is called with, by green tests, by red ones once they are green, and by the examples of
    its docstring; and what it did, before any change, with what green tests gave it."""

    place: Place
    inputs: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(slots=True)
class Greens:
    """The green proposals for one cause; `note` takes what was found for the run's events."""

    note: Callable[..., None]
    _sure: dict[str, Confidence] = field(default_factory=dict[str, Confidence])
    _trial: Trial | None = None

    def clear(self) -> None:
        """For another cause."""
        self._sure.clear()
        self._trial = None

    def sure(self, proposal: Proposal) -> Confidence | None:
        """How sure it is that a proposal is right; None for one that was not compared with others."""
        return self._sure.get(proposal.key)

    def best(
        self,
        warm: Warm,
        entries: Sequence[Entry],
        green: Sequence[str],
        red: Sequence[str],
        limits: Mapping[str, float],
    ) -> str:
        """The key of the proposal to prefer, of some that have the likeliest first.

        The function is recorded while the tests `green` run, and `red` ones with the first change; `limits` are seconds
        of processor time by test.
        """
        some = entries[:MOST]
        first = next((entry.change for entry in some if entry.change and entry.change.unit), None)
        self._trial = _trial(warm, first, green, red, limits) if first else None
        found = self._groups(warm, some)
        best = found[0].candidates[0]
        self._sure[best] = confidence(found, len(self._trial.inputs) if self._trial else 0)
        self._tell(found, some, self._sure[best])
        return best

    def beside(self, warm: Warm | None, held: Entry, other: Entry) -> Proposal:
        """Which of two green proposals to land: the rules' that was `held` because it is not sure, or a model's that
        knew of it. Where both do the same it is the rules', else the one about which there is no doubt, that changes
        less, and the model's if that says nothing: it has read what the function is for."""
        found = self._groups(warm, (replace(other, place=held.place), held))
        alike = len(found) == 1 and bool(found[0].outcomes)
        key = held.proposal.key if alike else found[0].candidates[0]
        what = f"does the same on {len(found[0].outcomes)} inputs" if alike else "was not compared with it"
        if len(found) > 1:
            one, two = apart(found[0].outcomes, found[1].outcomes)
            what = f"does otherwise: the one that landed gives {one[:60]} where the other gives {two[:60]}"
        known = self.sure(held.proposal)
        sure = Confidence("low", f"{known.reason if known else 'one green'}; a model's answer {what}")
        self._sure[key] = sure
        self._tell(found, (other, held), sure)
        return next(entry.proposal for entry in (held, other) if entry.proposal.key == key)

    def _groups(self, warm: Warm | None, entries: Sequence[Entry]) -> list[Group]:
        some = self._trial
        said = [
            warm.outcomes(entry.change, some.place, some.inputs) if warm and some and _fits(entry.change) else []
            for entry in entries
        ]
        pairs = zip(entries, said, strict=True)
        greens = [Green(entry.proposal.key, tuple(outcomes), entry.doubt, entry.place) for entry, outcomes in pairs]
        return groups(greens, some.before if some else ())

    def _tell(self, found: Sequence[Group], entries: Sequence[Entry], sure: Confidence) -> None:
        known = {one.proposal.key: {"summary": one.proposal.summary, "diff": one.proposal.diff()} for one in entries}
        shown = [
            {"kept": one.kept, "doubt": one.doubt, "proposals": [known[key] for key in one.candidates]} for one in found
        ]
        self.note("confidence", level=sure.level, reason=sure.reason, groups=shown)


def _fits(change: Swap | None) -> bool:
    return change is not None and (change.unit or change.names) is not None


def _trial(
    warm: Warm, change: Swap, green: Sequence[str], red: Sequence[str], limits: Mapping[str, float]
) -> Trial | None:
    """What to compare green changes on, where `change` is one of them; None where nothing is known of its function."""
    assert change.unit is not None
    place = Place(change.path, change.unit.first, change.unit.name)
    known = warm.record(place, green, limits)
    more = warm.record(place, red, limits, change, EXAMPLES)
    inputs = tuple(dict.fromkeys([*known, *more]))
    before = warm.outcomes(None, place, known)[: len(known)] if known else []
    return Trial(place, inputs, tuple(before)) if inputs else None
