"""The daemon's decisions: what an end means, when it pauses, what it says, what the user's configuration asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ocode_bot.watching import log, pausing, plan
from ocode_bot.watching.outcome import CAPPED, REST, Outcome, outcome
from ocode_bot.watching.pausing import Machine
from ocode_bot.watching.plan import Plan
from ocode_tools.errors import UsageError

PLAN = Plan(("TODO(ocode)",), ("TODO",), 30.0, (), "", True, 0.0, "", "ocode/", {})


def document(**facts: Any) -> bytes:
    """A report as `ocode todo resolve --json` prints it."""
    empty: dict[str, Any] = {
        "status": "error",
        "run": "r1",
        "branch": None,
        "commits": [],
        "fixed": [],
        "remaining": [],
        "error": None,
    }
    return json.dumps({**empty, **facts}).encode()


LEFT = [{"id": "k", "reason": "tests: test_a is red"}]
FULL = {"kind": "environment", "message": "no tests"}
ENDS: list[tuple[str, int, bytes, bytes, Outcome]] = [
    (
        "landed",
        0,
        document(status="fixed", branch="ocode/todo/x", commits=[{"subject": "Do x"}]),
        b"",
        Outcome("landed", "Do x", "r1", "ocode/todo/x"),
    ),
    (
        "landed, then killed",
        137,
        document(status="interrupted", branch="ocode/todo/x", commits=[{"subject": "Do x"}]),
        b"",
        Outcome("landed", "Do x", "r1", "ocode/todo/x"),
    ),
    ("nothing passed", 1, document(status="unfixed", remaining=LEFT), b"", Outcome("refused", LEFT[0]["reason"], "r1")),
    (
        "no room",
        1,
        document(status="unfixed", remaining=[{"id": "k", "reason": "2 branches wait already (at most 2)"}]),
        b"",
        Outcome("waiting", "2 branches wait already (at most 2)", "r1", rest=CAPPED),
    ),
    ("nothing there", 0, document(status="nothing"), b"", Outcome("refused", "there was nothing to do", "r1")),
    ("interrupted", 130, document(status="interrupted"), b"", Outcome("ready", "interrupted", "r1")),
    ("surroundings", 3, document(error=FULL), b"", Outcome("waiting", "no tests", "r1", rest=REST)),
    (
        "no such target",
        2,
        document(error={"kind": "usage", "message": "no TODO"}),
        b"",
        Outcome("refused", "no TODO", "r1"),
    ),
    (
        "a fault of ours",
        70,
        document(error={"kind": "unexpected", "message": "KeyError"}),
        b"",
        Outcome(None, "KeyError", "r1"),
    ),
    ("killed", 137, b"", b"one\ntwo\n", Outcome(None, "ended with 137 and no report: two")),
    ("half a report", 0, document()[:40], b"", Outcome(None, "ended with 0 and no report: nothing was said")),
]


@pytest.mark.parametrize(("code", "said", "told", "meant"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_what_an_end_means(code: int, said: bytes, told: bytes, meant: Outcome) -> None:
    assert outcome(code, said, told) == meant


NIGHT, DAY = 2 * 60, 12 * 60


@pytest.mark.parametrize(
    ("asked", "machine", "why"),
    [
        ({}, Machine(NIGHT, True, 9.0), None),
        ({"hours": "09:00-18:00"}, Machine(DAY), None),
        ({"hours": "09:00-18:00"}, Machine(18 * 60), "outside of the hours 09:00-18:00"),
        ({"hours": "22:00-06:00"}, Machine(NIGHT), None),
        ({"hours": "22:00-06:00"}, Machine(DAY), "outside of the hours 22:00-06:00"),
        ({"battery": False}, Machine(battery=True), "on battery"),
        ({"battery": False}, Machine(battery=False), None),
        ({"load": 0.8}, Machine(load=1.25), "the load is 1.2 for each core, over 0.8"),
        ({"load": 0.8}, Machine(load=0.5), None),
    ],
)
def test_when_nothing_is_begun(asked: dict[str, Any], machine: Machine, why: str | None) -> None:
    from dataclasses import replace

    assert pausing.why_wait(replace(PLAN, **asked), machine) == why


def test_the_machine_is_asked_only_for_what_counts() -> None:
    from dataclasses import replace

    assert pausing.machine(PLAN, 0.0).load == 0.0
    assert pausing.machine(replace(PLAN, load=1.0, battery=False), 0.0).load >= 0.0


@pytest.mark.parametrize(
    ("supplies", "battery"),
    [
        ({}, False),
        ({"AC": {"type": "Mains", "online": "1"}, "BAT0": {"type": "Battery", "status": "Discharging"}}, False),
        ({"AC": {"type": "Mains", "online": "0"}, "BAT0": {"type": "Battery", "status": "Discharging"}}, True),
        ({"BAT0": {"type": "Battery", "status": "Discharging"}}, True),
        ({"BAT0": {"type": "Battery", "status": "Charging"}}, False),
    ],
    ids=["a desktop", "plugged in", "unplugged", "only a battery", "charging"],
)
def test_whether_it_runs_on_its_battery(tmp_path: Path, supplies: dict[str, dict[str, str]], battery: bool) -> None:
    for name, facts in supplies.items():
        (tmp_path / name).mkdir()
        for fact, value in facts.items():
            (tmp_path / name / fact).write_text(f"{value}\n")
    assert pausing.on_battery(tmp_path) == battery
    assert not pausing.on_battery(tmp_path / "none")


def test_a_model_server_that_is_away() -> None:
    assert not pausing.reachable("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("own", "environ", "variables"),
    [
        ("", {}, {"OCODE_SANDBOX_LEVEL": "require"}),
        ('[sandbox]\nlevel = "best"\n', {}, {}),
        ("", {"OCODE_SANDBOX_LEVEL": "off"}, {}),
    ],
    ids=["by itself", "the user's file", "the user's environment"],
)
def test_a_sandbox_is_required_unless_the_user_says_otherwise(
    tmp_path: Path, own: str, environ: dict[str, str], variables: dict[str, str]
) -> None:
    folder = tmp_path / "config" / "ocode"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(own)
    found = plan.read({"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path), **environ})
    assert found.environ == variables
    assert found.marks == ("TODO(ocode)", "AI!")
    assert "TODO" in found.tags


@pytest.mark.parametrize(
    "line",
    ['marks = ["TODO("]', 'hours = "9-18"', "quiet = -1", 'commits = ["todo"]'],
    ids=lambda line: line.split()[0],
)
def test_what_is_wrong_in_the_users_file_is_named(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "ocode"
    folder.mkdir()
    (folder / "config.toml").write_text(f"[watch]\n{line}\n")
    with pytest.raises(UsageError, match=rf"config\.toml:2: watch\.{line.split()[0]}"):
        plan.read({"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)})


def test_what_is_said_for_people_for_journald_and_as_json(tmp_path: Path) -> None:
    said = list[str]()
    forms: tuple[log.Form, ...] = ("people", "journal", "json")
    for form in forms:
        told = log.Log(said.append, form, lambda: 0.0)
        told.tell("landed", "/src/shop", "Do x\nnow", "notice", key="k1")
    assert said[0].endswith(" shop: landed: Do x now")
    assert said[1] == "<5>shop: landed: Do x now"
    assert json.loads(said[2]) == {
        "at": 0.0,
        "event": "landed",
        "tree": "/src/shop",
        "text": "Do x\nnow",
        "level": "notice",
        "key": "k1",
    }


def test_a_log_file_is_rotated(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "watch.log"
    told = log.make({}, file, as_json=False, once=False)
    for number in range(40):
        told.tell("event", text=f"{number} {'x' * 40_000}")
    told.close()
    kept = sorted(path.name for path in file.parent.iterdir())
    assert kept == ["watch.log", "watch.log.1"]
    assert all(path.stat().st_size <= log.LARGEST for path in file.parent.iterdir())
