"""Which of several green candidates to prefer, and how sure that is: pure functions of what each does with inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates, in their order, that do the same with every input, and on how many inputs that is what was done
    before."""

    candidates: tuple[str, ...]
    outcomes: tuple[str, ...]
    kept: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the first of several groups is the right one, and why in one line."""

    level: Literal["high", "low"]
    reason: str


def groups(outcomes: Mapping[str, Sequence[str]], before: Sequence[str]) -> list[Group]:
    """Group candidates (by any name, the likeliest first) by their outcomes, those first that change least.

    `before` are the outcomes without a change for the same inputs. Where they raise or are missing nothing is kept.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for name, said in outcomes.items():
        found.setdefault(tuple(said), []).append(name)
    made = [Group(tuple(names), said, _kept(said, before)) for said, names in found.items()]
    return sorted(made, key=lambda group: -group.kept)  # stable: else the likeliest first


def _kept(said: Sequence[str], before: Sequence[str]) -> int:
    pairs = zip(said, before, strict=False)
    return sum(one == other and not other.startswith("raises ") for one, other in pairs)


def confidence(found: Sequence[Group], inputs: int) -> Confidence:
    """High where all green candidates do the same with enough inputs, else low with an input that tells them apart."""
    if not found:
        return Confidence("low", "no green candidate was tried on more inputs")
    count = sum(len(group.candidates) for group in found)
    if count == 1:
        return Confidence("low", f"only one green, tried on {inputs} inputs")
    if len(found) == 1 and inputs >= 5:
        return Confidence("high", f"{count} green, all alike on {inputs} inputs")
    if len(found) == 1:
        return Confidence("low", f"{count} green, but only {inputs} inputs to compare them on")
    first, second = found[0].outcomes, found[1].outcomes
    number = next((n for n, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), None)
    apart = "" if number is None else f": one gives {first[number][:60]} where another gives {second[number][:60]}"
    return Confidence("low", f"{count} green, {len(found)} behaviours{apart}")
