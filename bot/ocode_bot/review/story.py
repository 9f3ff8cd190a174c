"""How a commit came about, from the transcript of the run that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocode_bot.report import one_line
from ocode_bot.review.scene import Scene
from ocode_tools import store
from ocode_tools.errors import UsageError

Event = Mapping[str, Any]
_NONE: Event = {}


@dataclass(frozen=True, slots=True)
class Tried:
    """One proposal and what the gates said: "" where it passed."""

    solver: str
    summary: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question to a model and its answer; `seconds` that it took, `refused` why it was not used."""

    model: str
    asked: str
    answered: str
    seconds: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one commit: the cause, what was tried, what models were told, the tests with it, and the wall
    time since the one before (seconds)."""

    cause: str = ""
    tests: tuple[str, ...] = ()
    tried: tuple[Tried, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    passed: int | None = None
    failed: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder tells: the tests before it, a story for each commit, and what its report said."""

    id: str
    passed: int | None
    red: tuple[str, ...]
    stories: Mapping[str, Story]
    report: Mapping[str, Any]


def read_run(scene: Scene, run_id: str) -> Run:
    """The run of that id; empty where its folder is gone."""
    try:
        run = store.find_run(store.folders(scene.repo, scene.environ).runs, run_id)
    except UsageError:
        return Run(run_id, None, (), {}, {})
    return tell(run_id, run.events(), run.load())


def tell(run_id: str, events: Sequence[Event], report: Mapping[str, Any]) -> Run:
    """The stories in a transcript: each reaches from the landing before it to its own."""
    passed: int | None = None
    red: tuple[str, ...] = ()
    stories: dict[str, Story] = {}
    since: list[Event] = []
    began = _at(events[0]) if events else 0.0
    for event in events:
        if event.get("event") == "baseline":
            passed, red = _count(event.get("passed")), tuple(map(str, event.get("red") or ()))
            began = _at(event)
        elif event.get("event") == "landed":
            stories[str(event.get("sha"))] = _story(since, _at(event) - began)
            since, began = [], _at(event)
        else:
            since.append(event)
    return Run(run_id, passed, red, stories, report)


def _story(events: Sequence[Event], seconds: float) -> Story:
    starts = [number for number, event in enumerate(events) if event.get("event") == "cause"]
    mine = events[starts[-1] :] if starts else events
    cause = mine[0] if starts else _NONE
    whole = next((event for event in reversed(mine) if event.get("event") == "full run"), _NONE)
    return Story(
        cause=str(cause.get("key") or ""),
        tests=tuple(map(str, cause.get("tests") or ())),
        tried=tuple(_tried(event) for event in mine if event.get("event") == "verdict"),
        exchanges=tuple(_exchanges(mine)),
        passed=_count(whole.get("passed")),
        failed=_count(whole.get("failed")),
        seconds=max(0.0, seconds),
    )


def _tried(event: Event) -> Tried:
    reason = event.get("reason")
    return Tried(str(event.get("solver")), str(event.get("summary")), one_line(str(reason)) if reason else "")


def _exchanges(events: Sequence[Event]) -> list[Exchange]:
    """Questions with the answers that followed them."""
    found: list[Exchange] = []
    for event in events:
        match event.get("event"):
            case "ask":
                messages: Sequence[Sequence[object]] = event.get("messages") or [["", ""]]
                asked = "\n\n".join(f"{message[0]}:\n{message[-1]}" for message in messages)
                found.append(Exchange(str(event.get("model")), asked, "", 0.0))
            case "reply" if found:
                seconds = event.get("seconds")
                took = float(seconds) if isinstance(seconds, (int, float)) else 0.0
                found[-1] = Exchange(found[-1].model, found[-1].asked, str(event.get("text") or ""), took)
            case "refused reply" if found:
                last = found[-1]
                why = one_line(str(event.get("reason")))
                found[-1] = Exchange(last.model, last.asked, last.answered, last.seconds, why)
            case _:
                pass
    return found


def _at(event: Event) -> float:
    at = event.get("at")
    return float(at) if isinstance(at, (int, float)) else 0.0


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
