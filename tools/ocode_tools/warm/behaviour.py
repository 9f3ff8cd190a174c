"""Which of several green candidates to prefer, and how sure that is: pure functions of what each does with inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ENOUGH = 5  # inputs with a result on which candidates must be alike
GIVEN = 2  # of these, inputs that tests or examples gave
SURE = 0.9  # part of the likelihood of all green candidates that those alike with the first must have
HEAD = 5  # a candidate's likelihood falls with its place among those tried: 1 / (place + HEAD)


@dataclass(frozen=True, slots=True)
class Green:
    """A green candidate: what it does with each input, why it needs stronger evidence ("" where it needs none), and its
    `place`, from 1, among those that were tried, the likeliest first."""

    name: str
    outcomes: tuple[str, ...]
    doubt: str = ""
    place: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that do the same with every input, those without a doubt first; on how many inputs that is what was
    done before; the doubt of the first, and how likely they are together."""

    candidates: tuple[str, ...]
    outcomes: tuple[str, ...]
    kept: int
    doubt: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the first of several groups is the right one, and why in one line."""

    level: Literal["high", "low"]
    reason: str


def groups(greens: Sequence[Green], before: Sequence[str]) -> list[Group]:
    """Group candidates, which have the likeliest first, by their outcomes: those without a doubt first, then those that
    change least of what was right, then the likeliest together.

    `before` are the outcomes without a change for the first inputs, those that green tests gave. Where they raise
    nothing is kept. Inputs that some candidates were not asked for, because too many took too long, do not count.
    """
    shared = min((len(one.outcomes) for one in greens if one.outcomes), default=0)
    found: dict[tuple[str, ...], list[Green]] = {}
    for one in sorted(greens, key=lambda one: bool(one.doubt)):
        found.setdefault(one.outcomes[:shared], []).append(one)
    made = [_group(said, some, before) for said, some in found.items()]
    return sorted(made, key=lambda group: (bool(group.doubt), -group.kept, -group.weight))


def _group(said: tuple[str, ...], some: Sequence[Green], before: Sequence[str]) -> Group:
    pairs = zip(said, before, strict=False)
    kept = sum(one == other and not other.startswith("raises ") for one, other in pairs)
    weight = sum(1 / (one.place + HEAD) for one in some if bool(one.doubt) == bool(some[0].doubt))
    return Group(tuple(one.name for one in some), said, kept, some[0].doubt, weight)


def confidence(found: Sequence[Group], given: int) -> Confidence:
    """How sure it is that the first group is right, where tests and examples gave so many inputs.

    High where the green candidates do the same, or all but unlikely ones, with enough inputs, and nothing speaks
    against them; else low with the reason, such as an input that tells them apart.
    """
    if not found or not found[0].outcomes:
        return Confidence("low", "no green candidate was tried on more inputs")
    first, rest = found[0], [one for one in found[1:] if not one.doubt]
    count = sum(len(group.candidates) for group in found)
    inputs = sum(not one.startswith("raises ") for one in first.outcomes)
    several = f"{count} green" if count > 1 else "only one green"
    alike = f"{several}, " + ("tried" if count == 1 else "all alike" if len(found) == 1 else "the likeliest alike")
    if first.doubt:
        return Confidence("low", f"{several}, but {first.doubt}")
    if first.weight < SURE * (first.weight + sum(one.weight for one in rest)):
        one, other = apart(first.outcomes, rest[0].outcomes)
        return Confidence(
            "low", f"{several}, {len(found)} behaviours: one gives {one[:60]} where another gives {other[:60]}"
        )
    if given < GIVEN:
        return Confidence("low", f"{alike} on {inputs} inputs, but the tests ask for one only")
    if inputs < ENOUGH:
        return Confidence("low", f"{alike} on {inputs} inputs, which is few")
    return Confidence("high", f"{alike} on {inputs} inputs")


def apart(first: Sequence[str], second: Sequence[str]) -> tuple[str, str]:
    """The outcomes of the first input that two candidates answer differently; empty where that is not known."""
    return next(((one, other) for one, other in zip(first, second, strict=False) if one != other), ("", ""))
