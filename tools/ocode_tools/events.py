"""Reads the lines that our plugin wrote inside the project's interpreter: bytes to events, events to a test run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

from ocode_tools.results import Coverage, Failure, Frame, TestRun, Verdict

Phase = Literal["collect", "setup", "call", "teardown", "run"]
Event = Mapping[str, Any]
# Python's traceback, and the short form of pytest and of compilers
_STEP = re.compile(r'^\s*File "([^"\n]+)", line (\d{1,9})(?:, in (\S+))?|^([^\s:]+\.py):(\d{1,9}): ', re.MULTILINE)


@dataclass(slots=True)
class Events:
    """What one process, or several that wrote to one file, said. Ids keep the order in which they came.

    `collected` is what was found before any selection. `verdicts` and `failures` hold what was reported so far: a test
    is failed when any of its phases is, and its first failure counts. `ended` tells whether the process reached its
    own end, `code` with which exit code.
    """

    started: bool = False
    ended: bool = False
    code: int | None = None
    python: str = ""
    pytest: str = ""
    collected: dict[str, None] = field(default_factory=dict)
    begun: dict[str, None] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    inside: int = 0
    outside: dict[tuple[str, str], None] = field(default_factory=dict)
    coverage: dict[str, dict[int, set[str]]] = field(default_factory=dict)


def parse(lines: bytes | Iterable[bytes]) -> Events:
    """Events from the file's bytes or its lines.

    The tests can write to that file too, and a killed process leaves half a line: whatever is no event of ours, or
    has a field of another type, is passed over. Never raises.
    """
    found = Events()
    for line in lines.split(b"\n") if isinstance(lines, bytes) else lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            fields = cast("Event", event)
            _READERS.get(_text(fields.get("event")), _nothing)(found, fields)
    return found


def test_run(
    events: Events, *, command: Sequence[str], code: int | None, ended: str, output: str, processes: int
) -> TestRun:
    """One run's result. `ended` is "exit" or why the process was ended ("timeout", "killed by SIGSEGV").

    A test that began and was never done is failed, "Crashed" or "Timeout". A file that could not be imported is
    failed under its path.
    """
    verdicts, failures = dict(events.verdicts), dict(events.failures)
    for test in events.begun:
        if test not in events.done and verdicts.get(test) != "failed":
            failures[test] = Failure(test, "run", "Timeout" if ended == "timeout" else "Crashed", _why(ended))
            verdicts[test] = "failed"
        elif test not in verdicts:
            failures[test] = Failure(test, "run", "Crashed", "the test ended without a result")
            verdicts[test] = "failed"
    lines = {p: {n: frozenset(t) for n, t in by.items()} for p, by in events.coverage.items()}
    return TestRun(
        collected=tuple(events.collected),
        outcomes=verdicts,
        failures=failures,
        coverage=Coverage(lines),
        seconds=dict(events.seconds),
        inside=events.inside,
        outside=tuple(events.outside),
        command=tuple(command),
        code=code,
        ended=ended,
        output=output,
        processes=processes,
    )


def merge(runs: Sequence[TestRun]) -> TestRun:
    """One result of a suite that went on in a new process after a crash, in order; at least one run.

    Collected and coverage are united, a later outcome of a test wins, processes add up; how it ended and with which
    code is the last one's.
    """
    failures: dict[str, Failure] = {}
    outcomes: dict[str, Verdict] = {}
    lines: dict[str, dict[int, frozenset[str]]] = {}
    for run in runs:
        outcomes.update(run.outcomes)
        failures = {test: why for test, why in failures.items() if test not in run.outcomes} | dict(run.failures)
        for path, by in run.coverage.lines.items():
            mine = lines.setdefault(path, {})
            for line, tests in by.items():
                mine[line] = mine.get(line, frozenset()) | tests
    first, last = runs[0], runs[-1]
    return TestRun(
        collected=tuple(dict.fromkeys(test for run in runs for test in run.collected)),
        outcomes=outcomes,
        failures=failures,
        coverage=Coverage(lines),
        seconds={test: took for run in runs for test, took in run.seconds.items()},
        inside=max(run.inside for run in runs),
        outside=tuple(dict.fromkeys(pair for run in runs for pair in run.outside)),
        command=first.command,
        code=last.code,
        ended=last.ended,
        output="\n".join(run.output for run in runs if run.output),
        processes=sum(run.processes for run in runs),
    )


def unfinished(run: TestRun, selected: Collection[str] | None = None) -> tuple[str, ...]:
    """Ids that were collected, and selected if `selected` says which, but never begun."""
    return tuple(i for i in run.collected if i not in run.outcomes and (selected is None or i in selected))


def frames(text: str, tree: Path) -> tuple[Frame, ...]:
    """The places below `tree` that a program's output speaks of as Python's tracebacks do, in their order."""
    found: list[Frame] = []
    for long, line, name, short, number in _STEP.findall(text):
        path = PurePosixPath(long or short)
        if path.is_relative_to(tree):
            path = path.relative_to(tree)
        if _path(str(path)) and int(line or number):
            found.append(Frame(str(path), int(line or number), name))
    return tuple(found)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str) and one]


def _path(value: object) -> str:
    """A path from the top that stays below it, else ""."""
    text = _text(value)
    strange = text.startswith("/") or ".." in text.split("/") or "\0" in text or text in ("", ".")
    return "" if strange else text


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else 0


def _frames(value: object) -> tuple[Frame, ...]:
    steps = [step for step in map(_list, _list(value)) if len(step) == 3]
    return tuple(Frame(p, n, _text(name)) for p, n, name in steps if _path(p) and _count(n))


def _failure(test: str, phase: Phase, event: Event) -> Failure:
    return Failure(
        id=test,
        phase=phase,
        exception=_text(event.get("exception")) or "Failed",
        message=_text(event.get("message")),
        frames=_frames(event.get("frames")),
        name=_text(event.get("name")),
        close=tuple(_texts(event.get("close"))),
        compared=tuple(_texts(event.get("compared"))),
    )


def _nothing(events: Events, event: Event) -> None:
    """An event that a later plugin may speak of."""


def _start(events: Events, event: Event) -> None:
    events.started = True
    events.python, events.pytest = _text(event.get("python")), _text(event.get("pytest"))


def _collected(events: Events, event: Event) -> None:
    events.collected.update(dict.fromkeys(_texts(event.get("ids"))))


def _begin(events: Events, event: Event) -> None:
    if test := _text(event.get("id")):
        events.begun[test] = None
        events.done.discard(test)


def _done(events: Events, event: Event) -> None:
    events.done.add(_text(event.get("id")))


def _phase(events: Events, event: Event) -> None:
    test, phase, outcome = (_text(event.get(key)) for key in ("id", "phase", "outcome"))
    took = event.get("seconds")
    if not test or outcome not in ("passed", "failed", "skipped"):
        return
    if isinstance(took, (int, float)) and 0 <= took < 1e9:
        events.seconds[test] = events.seconds.get(test, 0.0) + took
    if outcome == "failed":
        known = phase in ("setup", "call", "teardown")
        events.failures.setdefault(test, _failure(test, cast("Phase", phase) if known else "run", event))
        events.verdicts[test] = "failed"
    elif outcome == "skipped" or phase == "call":
        events.verdicts[test] = "skipped" if outcome == "skipped" else "passed"
        if test in events.failures:
            events.verdicts[test] = "failed"


def _collect_error(events: Events, event: Event) -> None:
    if path := _text(event.get("path")):
        events.failures.setdefault(path, _failure(path, "collect", event))
        events.verdicts[path] = "failed"


def _imports(events: Events, event: Event) -> None:
    events.inside = max(events.inside, _count(event.get("inside")))
    for pair in _list(event.get("outside")):
        texts = _texts(pair)
        if len(texts) == 2:
            events.outside[texts[0], texts[1]] = None


def _coverage(events: Events, event: Event) -> None:
    path, tests, lines = _path(event.get("path")), _list(event.get("tests")), event.get("lines")
    for line, numbers in cast("dict[str, Any]", lines).items() if path and isinstance(lines, dict) else ():
        at = int(line) if line.isascii() and line.isdecimal() and len(line) < 10 else 0
        named = {tests[n] for n in _list(numbers) if type(n) is int and 0 <= n < len(tests) and _text(tests[n])}
        if at and named:
            events.coverage.setdefault(path, {}).setdefault(at, set()).update(named)


def _end(events: Events, event: Event) -> None:
    code = event.get("code")
    events.ended, events.code = True, code if type(code) is int else None


def _why(ended: str) -> str:
    return "the process ended in this test" if ended == "exit" else f"the run ended in this test: {ended}"


_READERS: Mapping[str, Callable[[Events, Event], None]] = {
    "start": _start,
    "collected": _collected,
    "begin": _begin,
    "done": _done,
    "phase": _phase,
    "collect-error": _collect_error,
    "imports": _imports,
    "coverage": _coverage,
    "end": _end,
}
