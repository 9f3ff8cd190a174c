"""Candidates in forked children of one warm process: what each does, and that the process outlives it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from warming import Warming, warming

SUBJECT = """import functools
import state


def value(n):
    return n + 0  # here


@functools.lru_cache
def cached():
    return 0


def at_import():
    return 0


X = at_import()


class Shape:
    def __init__(self, side):
        self.side = side

    @property
    def area(self):
        return self.side * 0


def shown(n):
    '''
    >>> shown(3)
    3
    '''
    return n * 0  # shown


def lazily():
    import late
    return late.number()
"""
TESTS = """import asyncio
import os
import subprocess
import sys
import unittest

import pytest
import subject
from subject import cached, lazily, value
from subject import Shape as Form
import state


def test_value():
    assert value(1) == 2


def test_two():
    assert value(2) == 3


def test_stays():
    assert value(0) in (0, 1)


def test_cached():
    assert cached() == cached() == 1


def test_property():
    assert Form(2).area == 4


def test_import():
    assert subject.X == 1


def test_shown():
    assert subject.shown(0) == 7


def test_lazy():
    assert lazily() == 1


def test_async():
    async def main():
        return value(1)

    assert asyncio.run(main()) == 2


def test_process():
    text = "import subject; print(subject.value(1))"
    assert subprocess.run([sys.executable, "-c", text], capture_output=True).stdout == b"2\\n"


def test_counts():
    state.count += 1
    assert state.count == 1


@pytest.fixture(scope="module")
def resource():
    made = [value(1)]
    yield made
    assert made == [2]


class TestGroup:
    @pytest.mark.parametrize("n", [1, 2])
    def test_parameter(self, resource, tmp_path, capfd, n):
        os.write(1, b"said")
        assert capfd.readouterr().out == "said"
        assert resource == [2] and tmp_path.is_dir() and value(n) == n + 1


class TestUnit(unittest.TestCase):
    def test_unit(self):
        self.assertEqual(value(1), 2)


@pytest.mark.skip
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected():
    assert value(1) == 2


@pytest.mark.xfail(strict=True)
def test_strict():
    assert value(1) == 3
"""
FILES = {
    "subject.py": SUBJECT,
    "late.py": "def number():\n    return 0\n",
    "state.py": "count = 0\n",
    "test_subject.py": TESTS,
    # the number of processes must not matter, nor may the user's own reporting be needed
    "pytest.ini": "[pytest]\naddopts = -n 2 -p no:terminal\n",
}
VALUE, TWO, STAYS = (f"test_subject.py::test_{name}" for name in ("value", "two", "stays"))
HERE = "return n + 0  # here"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warming]:
    """One process for all tests here."""
    with warming(tmp_path_factory.mktemp("warm") / "lane", FILES) as made:
        assert made.warm.ready(60), made.warm.problem
        yield made


@pytest.mark.parametrize(
    "test",
    ["value", "two", "async", "process", "counts", "TestGroup::test_parameter[1]", "TestUnit::test_unit", "expected"],
)
def test_tests_of_every_kind_see_the_new_code(server: Warming, test: str) -> None:
    name = f"test_subject.py::{test if '::' in test else f'test_{test}'}"
    before, after = server.judge(None, name), server.judge(server.change("subject.py", HERE, "return n + 1"), name)
    assert before.green == ({name} if test == "counts" else set())
    assert after.green == {name}
    assert server.judge(None, name).green == before.green


@pytest.mark.parametrize(
    ("test", "old", "new"),
    [
        ("cached", "def cached():\n    return 0", "def cached():\n    return 1"),
        ("property", "self.side * 0", "self.side * self.side"),
        ("lazy", "def number():\n    return 0", "def number():\n    return 1"),
    ],
)
def test_other_callables(server: Warming, test: str, old: str, new: str) -> None:
    path = "late.py" if test == "lazy" else "subject.py"
    answer = server.judge(server.change(path, old, new), f"test_subject.py::test_{test}")
    assert answer.green == {f"test_subject.py::test_{test}"}


def test_what_ran_at_import_is_cold(server: Warming) -> None:
    change = server.change("subject.py", "def at_import():\n    return 0", "def at_import():\n    return 1")
    answer = server.judge(change, "test_subject.py::test_import")
    assert "ran at import" in answer.cold
    assert not answer.green
    assert not answer.red


@pytest.mark.parametrize("test", ["skipped", "strict"])
def test_what_is_not_passed_is_not_green(server: Warming, test: str) -> None:
    answer = server.judge(server.change("subject.py", HERE, "return n + 2"), f"test_subject.py::test_{test}")
    assert answer.green == set()


def test_the_first_red_test_ends_it(server: Warming) -> None:
    wrong, right = (server.change("subject.py", HERE, f"return n + {n}") for n in (5, 1))
    assert server.judge(wrong, VALUE, TWO).red == {VALUE: "AssertionError: assert 6 == 2\n +  where 6 = value(1)"}
    assert list(server.judge(wrong, VALUE, TWO, every=True).red or ()) == [VALUE, TWO]
    assert server.judge(right, VALUE, then=(STAYS,)).green == {VALUE, STAYS}


def test_other_tests_run_only_behind_green_ones(server: Warming) -> None:
    breaks = server.change("subject.py", HERE, "return n + 1 if n else 9")
    answer = server.judge(breaks, VALUE, then=(STAYS, TWO))
    assert answer.green == {VALUE, TWO}
    assert list(answer.red or ()) == [STAYS]
    assert server.judge(breaks, STAYS, then=(VALUE,)).green == set()


def test_examples_are_told_apart_from_tests(server: Warming) -> None:
    for n, right in ((1, True), (2, False)):
        change = server.change("subject.py", "return n * 0  # shown", f"return n * {n} or 7")
        answer = server.judge(change, "test_subject.py::test_shown")
        assert answer.green == {"test_subject.py::test_shown"}
        assert not answer.red
        assert answer.examples is right


BAD = {
    "loop": ("while True: pass", "it takes too long"),
    "loop that swallows": ("\n    while True:\n        try: value(n)\n        except BaseException: pass", "too long"),
    "sleep": ("__import__('time').sleep(600)", "it takes too long"),
    "memory": ("'x' * (1 << 40)", "MemoryError"),
    "memory bit by bit": ("[0 for _ in iter(int, 1)]", ""),
    "exit": ("exit(0)", "SystemExit"),
    "hard exit": ("__import__('os')._exit(0)", "the process ended"),
    "kill": ("__import__('os').kill(0, 9)", "the process ended"),
    "recursion": ("value(n)", "RecursionError"),
    "deep recursion": ("(__import__('sys').setrecursionlimit(1 << 30), value(n))", ""),
    "flood": ("[print('x' * (1 << 20)) for _ in iter(int, 1)]", ""),
    "interrupt": ("exec('raise KeyboardInterrupt')", ""),
    "pipe closed": ("__import__('os').closerange(3, 100)", ""),
}


@pytest.mark.parametrize(("bad", "said"), BAD.values(), ids=BAD)
def test_nothing_that_a_candidate_does_ends_the_process(server: Warming, bad: str, said: str) -> None:
    body = f"return {bad}" if not bad.startswith(("\n", "while")) else bad
    answer = server.judge(server.change("subject.py", HERE, body), VALUE)
    assert answer.green == set()
    assert said in "".join((answer.red or {}).values())
    assert server.judge(server.change("subject.py", HERE, "return n + 1"), VALUE, then=(STAYS,)).green == {VALUE, STAYS}


FORKS = {
    "fork": "__import__('os').fork(); return n + 1",
    "thread": "__import__('threading').Thread(target=__import__('time').sleep, args=(600,)).start(); return n + 1",
    "child": "__import__('subprocess').Popen(['sleep', '600.25']); return n + 1",
}


@pytest.mark.parametrize("body", FORKS.values(), ids=FORKS)
def test_what_a_candidate_starts_ends_with_it(server: Warming, body: str) -> None:
    assert server.judge(server.change("subject.py", HERE, body), VALUE).green == {VALUE}
    assert server.judge(server.change("subject.py", HERE, "return n + 1"), VALUE).green == {VALUE}
    left = [one for one in psutil.process_iter(["cmdline"]) if "600.25" in (one.info["cmdline"] or [])]
    assert left == []


def test_the_tree_is_as_it_was_and_nothing_stays_in_the_temporary_folder(server: Warming) -> None:
    server.judge(server.change("subject.py", HERE, "return n + 1"), "test_subject.py::TestGroup::test_parameter[1]")
    found = {p.relative_to(server.lane.tree).as_posix() for p in server.lane.tree.rglob("*") if p.is_file()}
    assert {path: (server.lane.tree / path).read_text() for path in found} == FILES
    assert list((server.lane.folder / "tmp").iterdir()) == []


def test_python_is_the_one_that_runs_the_tests(server: Warming) -> None:
    assert server.suite.plan.python.executable == Path(sys.executable)
    assert os.path.samefile(server.suite.command(None)[0], sys.executable)
