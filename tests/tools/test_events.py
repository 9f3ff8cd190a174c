"""From lines of events to a test run, whatever the lines hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools import events
from ocode_tools.results import Coverage, Frame, TestRun

FIELDS = [
    *("event", "id", "ids", "phase", "outcome", "seconds", "message", "exception", "frames", "name", "close"),
    *("path", "tests", "lines", "inside", "outside", "code"),
]
KINDS = ["start", "collected", "begin", "phase", "done", "collect-error", "imports", "coverage", "end", "other"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["call", "failed", "a::b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


def forge(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "event": kind}


forged = st.builds(forge, st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), json_values))


def line(event: str, **fields: Any) -> bytes:
    return json.dumps({"event": event, **fields}).encode()


def phase(test: str, outcome: str = "passed", phase: str = "call", **fields: Any) -> bytes:
    return line("phase", id=test, phase=phase, outcome=outcome, seconds=0.5, **fields)


def run(*lines: bytes, ended: str = "exit", code: int | None = 0, processes: int = 1) -> TestRun:
    heard = events.parse(b"\n".join(lines))
    return events.test_run(heard, command=["t"], code=code, ended=ended, output="said", processes=processes)


@given(st.binary())
def test_any_bytes_are_read(data: bytes) -> None:
    assert events.parse(data) == events.parse(data.split(b"\n"))


@settings(max_examples=50)
@given(st.lists(forged))
def test_forged_events_never_break_the_run_or_its_types(said: list[dict[str, Any]]) -> None:
    made = run(*[json.dumps(one).encode() for one in said])
    assert {test for test, verdict in made.outcomes.items() if verdict == "failed"} == made.red
    assert all(isinstance(one, str) for one in made.collected)
    assert all(took >= 0 for took in made.seconds.values())
    frames = [frame for failure in made.failures.values() for frame in failure.frames]
    assert all(frame.line > 0 and not frame.path.startswith("/") for frame in frames)
    assert events.merge([made, made]).red == made.red


def test_a_run_in_full() -> None:
    why: dict[str, Any] = {
        "exception": "NameError",
        "message": "m",
        "frames": [["a.py", 3, "f"]],
        "name": "x",
        "close": ["y", "z"],
    }
    heard = events.parse(
        [
            line("start", version=1, pytest="8", python="3.9"),
            line("collected", ids=["a", "b", "c", "d"]),
            line("collect-error", path="t.py", **why),
            line("imports", inside=3, outside=[["m", "/x/m.py"]]),
            *(line("begin", id="a"), phase("a", phase="setup"), phase("a"), line("done", id="a")),
            *(line("begin", id="b"), phase("b", "failed", **why), phase("b", "failed", "teardown")),
            *(line("done", id="b"), line("begin", id="c"), phase("c", "skipped", "setup")),
            *(phase("c", phase="teardown"), line("done", id="c")),
            line("coverage", path="a.py", tests=["a", "b"], lines={"3": [0, 1], "4": [1], "5": [7], "x": [0]}),
            line("end", code=1),
        ]
    )
    assert (heard.started, heard.ended, heard.code, heard.python, heard.pytest) == (True, True, 1, "3.9", "8")
    made = events.test_run(heard, command=("t",), code=1, ended="exit", output="said", processes=1)
    assert made.outcomes == {"t.py": "failed", "a": "passed", "b": "failed", "c": "skipped"}
    assert made.seconds == {"a": 1.0, "b": 1.0, "c": 1.0}
    assert made.coverage == Coverage({"a.py": {3: frozenset("ab"), 4: frozenset("b")}})
    assert (made.inside, made.outside) == (3, (("m", "/x/m.py"),))
    b = made.failures["b"]
    assert (b.phase, b.exception, b.frames) == ("call", "NameError", (Frame("a.py", 3, "f"),))
    assert (b.name, b.close) == ("x", ("y", "z"))
    assert made.failures["t.py"].phase == "collect"
    assert events.unfinished(made) == ("d",)
    assert events.unfinished(made, {"a"}) == ()


@pytest.mark.parametrize(
    ("ended", "exception"), [("exit", "Crashed"), ("killed by SIGSEGV", "Crashed"), ("timeout", "Timeout")]
)
def test_a_test_that_never_ended(ended: str, exception: str) -> None:
    made = run(line("begin", id="a"), phase("a"), ended=ended)
    assert made.outcomes == {"a": "failed"}
    assert made.failures["a"].exception == exception
    assert ended == "exit" or ended in made.failures["a"].message


def test_a_test_keeps_its_own_failure_when_the_process_dies_later() -> None:
    made = run(line("begin", id="a"), phase("a", "failed", exception="OSError"), ended="killed by SIGSEGV")
    assert made.failures["a"].exception == "OSError"


def test_a_test_without_a_result_is_red() -> None:
    assert run(line("begin", id="a"), phase("a", phase="setup"), line("done", id="a")).red == {"a"}


def test_a_cut_line_loses_only_itself() -> None:
    made = run(line("begin", id="a"), phase("a"), line("done", id="a"), line("begin", id="b")[:-3])
    assert made.outcomes == {"a": "passed"}


def test_paths_that_leave_the_top_are_no_frames() -> None:
    away = [["/etc/x.py", 1, "f"], ["../x.py", 1, "f"], ["a.py", 0, "f"], ["a.py", True, "f"], ["a.py", 2]]
    frames = [*away, ["a.py", 2, "g"]]
    assert run(phase("a", "failed", frames=frames)).failures["a"].frames == (Frame("a.py", 2, "g"),)


def test_merge() -> None:
    first = run(
        line("collected", ids=["a", "b", "c"]),
        *(line("begin", id="a"), phase("a"), line("done", id="a"), line("begin", id="b")),
        line("coverage", path="a.py", tests=["a"], lines={"1": [0]}),
        ended="killed by SIGSEGV",
        code=-11,
    )
    second = run(
        line("collected", ids=["a", "b", "c", "d"]),
        *(line("begin", id="b"), phase("b"), line("done", id="b"), line("begin", id="c"), phase("c", "failed")),
        line("coverage", path="a.py", tests=["b"], lines={"1": [0], "2": [0]}),
        line("end", code=1),
        code=1,
        processes=2,
    )
    made = events.merge([first, second])
    assert made.collected == ("a", "b", "c", "d")
    assert made.outcomes == {"a": "passed", "b": "passed", "c": "failed"}
    assert made.red == {"c"}
    assert made.coverage.lines == {"a.py": {1: {"a", "b"}, 2: {"b"}}}
    assert (made.processes, made.code, made.ended) == (3, 1, "exit")


def test_frames_in_a_program_s_output(tmp_path: Path) -> None:
    text = (
        f'Traceback (most recent call last):\n  File "{tmp_path}/pkg/a.py", line 3, in main\n    run()\n'
        '  File "/usr/lib/x.py", line 9, in y\nsub/b.py:12: AssertionError\n../c.py:1: Error\n'
    )
    assert events.frames(text, tmp_path) == (Frame("pkg/a.py", 3, "main"), Frame("sub/b.py", 12, ""))
