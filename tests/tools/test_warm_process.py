"""Warm processes of their own: unittest, where they are of no use, what they cost, how they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ocode_tools.process import Cancel
from ocode_tools.runners import Command, Runner
from ocode_tools.warm.client import Linked
from warming import warming

SUBJECT = "def value(n):\n    return n + 0  # here\n"
HERE = "return n + 0  # here"
UNIT = """import unittest
import subject


class A(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = subject.value(1)

    def test_a(self):
        self.assertEqual(self.made, 2)

    def test_b(self):
        for n in range(2):
            with self.subTest(n=n):
                self.assertEqual(subject.value(n), n + 1)

    @unittest.skip("")
    def test_c(self):
        pass


class B(unittest.IsolatedAsyncioTestCase):
    async def test_d(self):
        self.assertEqual(subject.value(1), 2)
"""


def test_unittest(tmp_path: Path) -> None:
    ids = {name: f"test_unit.py::{name.replace('.', '::test_')}" for name in ("A.a", "A.b", "A.c", "B.d")}
    files = {"subject.py": SUBJECT, "test_unit.py": UNIT}
    with warming(tmp_path / "lane", files, "unittest") as made:
        assert made.warm.ready(60), made.warm.problem
        assert made.warm.tests == set(ids.values())
        right = made.change("subject.py", HERE, "return n + 1")
        assert made.judge(None, *ids.values(), every=True).green == set()
        assert made.judge(right, ids["A.a"], ids["A.b"], ids["B.d"]).green == {ids["A.a"], ids["A.b"], ids["B.d"]}
        assert made.judge(right, ids["A.c"]).green == set()
        broken = made.judge(made.change("subject.py", HERE, "raise OSError"), ids["A.a"])
        assert not broken.green
        assert len(broken.red or ()) == 1
        assert made.judge(made.change("subject.py", HERE, "while True: pass"), ids["A.b"], ids["B.d"]).hung


THREAD = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
USELESS: dict[str, tuple[dict[str, str], str | Callable[[], Runner], str]] = {
    "a thread": ({"test_a.py": f"{THREAD}def test_a(): pass\n"}, "pytest", "a thread running"),
    "an import that exits": ({"test_a.py": "import os\nos._exit(3)\n"}, "pytest", "exit code 3"),
    "no tests": ({"test_a.py": ""}, "unittest", ""),
    "another command": ({}, lambda: Command(("echo", "done")), "exit code 0: done"),
    "a command that is missing": ({}, lambda: Command(("/missing",)), "/missing"),
}


@pytest.mark.parametrize(("files", "runner", "why"), USELESS.values(), ids=USELESS)
def test_where_it_is_of_no_use_it_says_why(
    tmp_path: Path, files: dict[str, str], runner: str | Callable[[], Runner], why: str
) -> None:
    with warming(tmp_path / "lane", files, runner) as made:
        if made.warm.ready(60):
            assert made.warm.tests == set()
            return
        assert why in made.warm.problem
        assert made.warm.judge(None, ["a"], [], {"a": 1.0}) is None


def test_a_slow_import_is_paid_once(tmp_path: Path) -> None:
    files = {"subject.py": "import time\ntime.sleep(1)\n\n\ndef f():\n    return 0  # here\n"}
    files["test_a.py"] = "import subject\n\n\ndef test_a():\n    assert subject.f() == 1\n"
    with warming(tmp_path / "lane", files) as made:
        assert made.warm.ready(60), made.warm.problem
        for number in range(5):
            change = made.change("subject.py", "return 0  # here", f"return {number}")
            answer = made.judge(change, "test_a.py::test_a")
            assert bool(answer.green) == (number == 1)
            assert answer.seconds < 1


def test_cancel_ends_it_in_a_judgement(tmp_path: Path) -> None:
    files = {"test_a.py": "import time\n\n\ndef test_a():\n    time.sleep(600)\n"}
    with warming(tmp_path / "lane", files) as made:
        assert made.warm.ready(60), made.warm.problem
        made.suite.cancel.set()
        began = time.monotonic()
        assert made.warm.judge(None, ["test_a.py::test_a"], [], {"test_a.py::test_a": 60.0}) is None
        assert time.monotonic() - began < 60


def test_what_tests_leave_in_the_tree_is_told_by_a_control(tmp_path: Path) -> None:
    files = {"test_a.py": "def test_a():\n    open('left.txt', 'w').close()\n\n\ndef test_b():\n    pass\n"}
    with warming(tmp_path / "lane", files) as made:
        assert made.warm.ready(60), made.warm.problem
        for test, wrote in (("test_b", ""), ("test_a", "left.txt")):
            name = f"test_a.py::{test}"
            answer = made.warm.judge(None, [name], [], {name: 1.0}, control=True)
            assert answer is not None
            assert answer.wrote == wrote


def test_a_linked_switch() -> None:
    above = Cancel()
    one, other = Linked(above), Linked(above)
    one.set()
    assert (one.is_set(), other.is_set(), above.is_set()) == (True, False, False)
    above.set()
    assert other.is_set()
