"""New tests in a process of the project's: alone, again, at another date, on changed code; what each is worth."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ocode_tools import events
from ocode_tools.git import Git
from ocode_tools.interpreter import probe
from ocode_tools.newtests import bench, verdicts
from ocode_tools.newtests.bench import Findings, Orders
from ocode_tools.newtests.mutants import Mutant, mutants
from ocode_tools.newtests.units import goals
from ocode_tools.newtests.verdicts import Judged, Known
from ocode_tools.outcome import Limits
from ocode_tools.process import Cancel, Spare
from ocode_tools.runners import RUNNERS
from ocode_tools.sandbox import choose
from ocode_tools.source import Source
from ocode_tools.suite import Plan, Suite
from ocode_tools.warm.client import Place
from ocode_tools.workspace import Lane

SUBJECT = '''import datetime
import random


def total(prices, tax=0, year=0, chance=False, file=""):
    """The sum."""
    if year:
        tax = datetime.date.today().year - year
    if chance and random.random() < 0.5:
        tax = 1
    if file:
        open(file, "w").close()
    result = 0
    for price in prices:
        assert price is not None
        if price < 0:
            raise ValueError("negative")
        result += price
    return result + tax
'''
TESTS = f"""import pytest
from calc import total

STATE = []


def test_good():
    assert total([1, 2, 3], tax=2) == 8


def test_raises():
    with pytest.raises(ValueError):
        total([-1])


@pytest.mark.parametrize("given", [1, 2])
def test_cases(given):
    assert total([given]) == given


def test_wrong():
    assert total([1]) == 2


def test_broken():
    assert total(1) == 1


def test_weak():
    assert total([1]) > -100


def test_crash_only():
    total([1, None][:1])
    assert str(total([1])) > ""


def test_today():
    assert total([1], year={datetime.date.today().year}) == 1


def test_chance():
    assert total([1], chance=True) in (1, 1)


def test_writes():
    assert total([1], file="left.txt") == 1


def test_state_first():
    STATE.append(1)
    assert total(STATE) == 1


def test_state_second():
    assert STATE == [1]
    assert total(STATE) == 1


def test_beside():
    assert sum([1]) == 1
"""
REASONS = {
    "test_good": "",
    "test_raises": "",
    "test_cases": "",
    "test_wrong": "fails: AssertionError: assert 1 == 2",
    "test_broken": "does not run: TypeError: 'int' object is not iterable",
    "test_weak": "kills nothing: it still passes when the body is only `return 0`",
    "test_crash_only": "kills nothing: it still passes when the body is only",
    "test_today": "flaky: it does not pass at another date",
    "test_chance": "",  # either: it fails at once or when it is run again
    "test_writes": "danger: it leaves left.txt behind",
    "test_state_first": "flaky: it passes once, but not each time",
    "test_state_second": "fails: AssertionError",
    "test_beside": "useless: it runs no line",
}


@contextmanager
def suite_of(folder: Path, files: dict[str, str], runner: str) -> Generator[tuple[Suite, Lane]]:
    """A suite in a lane of its own, without a repository around it."""
    for name in ("tree", "home", "tmp", "out", "ours"):
        (folder / name).mkdir(parents=True)
    for path, text in files.items():
        (folder / "tree" / path).write_text(text)
    python = probe([sys.executable], "test", folder, os.environ)
    assert python is not None
    limits, sandbox = Limits(60, 2 << 30, 100, 1 << 20), choose("best")
    plan = Plan(python, RUNNERS[runner](), "", (), frozenset(), limits, 10, sandbox, (), dict(os.environ))
    with Spare() as spare:
        yield Suite(plan, Cancel(), spare), Lane(folder, Git(folder))


def examined(folder: Path, tests: str, names: list[str], runner: str = "pytest") -> tuple[Findings, list[Mutant]]:
    """What is found of the tests of `total`."""
    source = Source("calc.py", SUBJECT.encode())
    (goal,) = goals(source)
    changes = mutants(source, goal.unit)
    ids = tuple(f"test_calc.py::{name}" for name in names)
    orders = Orders(ids, Place("calc.py", goal.unit.first, goal.name), tuple(changes), repeat=20, clock=True)
    with suite_of(folder / "lane", {"calc.py": SUBJECT, "test_calc.py": tests}, runner) as (suite, lane):
        return bench.examine(suite, lane, orders), changes


def judged(found: Findings, changes: list[Mutant], names: list[str]) -> dict[str, Judged]:
    """The verdicts by name."""
    (goal,) = goals(Source("calc.py", SUBJECT.encode()))
    ids = [f"test_calc.py::{name}" for name in names]
    made = verdicts.judge(ids, found, changes, Known(), goal.lines, 0.001)
    return {one.name.partition("::")[2]: one for one in made}


def test_only_tests_that_notice_something_pass(tmp_path: Path) -> None:
    found, changes = examined(tmp_path, TESTS, list(REASONS))
    verdict = judged(found, changes, list(REASONS))
    for name, reason in REASONS.items():
        said = str(verdict[name].fault) if verdict[name].fault else ""
        if name == "test_chance":
            assert said.startswith(("flaky: ", "fails: ")), said
        else:
            assert said.startswith(reason), (name, said)
            assert bool(said) == bool(reason), (name, said)
    assert verdict["test_wrong"].wrong
    assert not verdict["test_broken"].wrong
    assert len(verdict["test_good"].adds.killed) >= len(changes) // 3
    # A crash, or an assertion of the code itself, is not noticed by the test.
    weak = [change for change in found.mutants.values() if "test_calc.py::test_weak" in change.red]
    assert weak
    assert not any("test_calc.py::test_weak" in change.found for change in weak)
    picked, now = verdicts.pick(list(verdict.values()), Known())
    assert {one.name.rpartition("::")[2] for one in picked if one.fault is None} >= {"test_good", "test_raises"}
    assert now.killed >= verdict["test_good"].adds.killed | verdict["test_raises"].adds.killed
    assert (tmp_path / "lane" / "tree" / "calc.py").read_text() == SUBJECT  # every change was taken back


UNITTEST = """import unittest

from calc import total


class Total(unittest.TestCase):
    def test_good(self):
        self.assertEqual(total([1, 2, 3], tax=2), 8)

    def test_raises(self):
        with self.assertRaises(ValueError):
            total([-1])

    def test_weak(self):
        self.assertIsNotNone(total([1]))

    def test_wrong(self):
        self.assertEqual(total([1]), 2)
"""


def test_unittest(tmp_path: Path) -> None:
    names = [f"Total::test_{name}" for name in ("good", "raises", "weak", "wrong")]
    found, changes = examined(tmp_path, UNITTEST, names, "unittest")
    said = {name: str(one.fault or "") for name, one in judged(found, changes, names).items()}
    assert (said[names[0]], said[names[1]]) == ("", "")
    assert said[names[2]].startswith("kills nothing")
    assert said[names[3]].startswith("fails: AssertionError: 1 != 2")


@pytest.mark.parametrize("lines", [b"", b"{]", b"[]", b'{"test": 1}', b'{"change": "mutant x", "red": []}'])
def test_answers_that_make_no_sense_are_passed_over(lines: bytes) -> None:
    run = events.test_run(events.Events(), command=(), code=0, ended="exit", output="", processes=1)
    assert bench.read(lines, run) == Findings(run, False, {}, {}, {})
