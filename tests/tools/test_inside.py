"""What our plugin says from inside real pytest and unittest processes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ocode_tools
from ocode_tools import events
from ocode_tools.results import Frame, TestRun

INSIDE = Path(ocode_tools.__file__).parent / "inside"
PYTEST = ("-m", "pytest", "-p", "ocode_pytest", "-q", "--continue-on-collection-errors")
UNITTEST = (str(INSIDE / "ocode_unittest.py"),)


@dataclass
class Project:
    """Files of a small project in `top`, and one run of its tests."""

    top: Path
    file: Path
    python: str = sys.executable
    cwd: str = ""

    def write(self, **texts: str) -> None:
        """Write modules; `__` in a name is a slash."""
        for name, text in texts.items():
            path = self.top / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, *options: str, command: tuple[str, ...] = PYTEST, **variables: str) -> TestRun:
        """Run the tests; variables are given without OCODE_."""
        self.file.unlink(missing_ok=True)
        env = {**os.environ, "PYTHONPATH": str(INSIDE), "PYTHONDONTWRITEBYTECODE": "1", "OCODE_TOP": str(self.top)}
        env |= {"OCODE_EVENTS": str(self.file)} | {f"OCODE_{name}": value for name, value in variables.items()}
        whole = [self.python, *command, *options]
        done = subprocess.run(whole, cwd=self.top / self.cwd, env=env, capture_output=True, text=True, timeout=120)
        heard = events.parse(self.file.read_bytes() if self.file.exists() else b"")
        ended = "exit" if done.returncode >= 0 else f"killed by signal {-done.returncode}"
        output = done.stdout + done.stderr
        return events.test_run(heard, command=whole, code=done.returncode, ended=ended, output=output, processes=1)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The events of one kind of the last run."""
        said: list[dict[str, Any]] = [json.loads(line) for line in self.file.read_bytes().splitlines()]
        return [one for one in said if one["event"] == event]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    top = tmp_path / "top"
    top.mkdir()
    (top / "pytest.ini").write_text("[pytest]\n")
    return Project(top, tmp_path / "events.jsonl")


def test_the_plugin_is_python_3_8() -> None:
    for file in INSIDE.glob("*.py"):
        ast.parse(file.read_text(), feature_version=(3, 8))


def test_nothing_happens_without_a_file_for_events(project: Project) -> None:
    project.write(test_a="def test_a(): pass\n")
    run = project.run(EVENTS="")
    assert run.code == 0
    assert not project.file.exists()


def test_ids_start_at_the_top_whatever_the_root_folder(project: Project) -> None:
    odd = ["a b", "a/b", "a::b", "a\nb", "ü", "["]
    text = f"import pytest\n@pytest.mark.parametrize('x', {odd!r})\ndef test_a(x): pass\n"
    project.write(sub__tests__test_a=text + "class TestB:\n    class TestC:\n        def test_d(self): pass\n")
    (project.top / "sub" / "pytest.ini").write_text("[pytest]\n")
    project.cwd = "sub/tests"
    run = project.run()
    shown = ["a b", "a/b", "a::b", "a\\nb", "\\xfc", "["]
    assert set(run.collected) == {
        *(f"sub/tests/test_a.py::test_a[{x}]" for x in shown),
        "sub/tests/test_a.py::TestB::TestC::test_d",
    }
    assert run.passed == set(run.collected)


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 11)"])
def test_a_process_that_dies_loses_nothing(project: Project, end: str) -> None:
    project.write(test_a=f"import os\ndef test_a(): assert 0\ndef test_b(): {end}\ndef test_c(): pass\n")
    run = project.run()
    assert run.collected == ("test_a.py::test_a", "test_a.py::test_b", "test_a.py::test_c")
    assert run.failures["test_a.py::test_a"].exception == "AssertionError"
    assert run.failures["test_a.py::test_b"].exception == "Crashed"
    assert events.unfinished(run) == ("test_a.py::test_c",)


def test_files_that_cannot_be_imported(project: Project) -> None:
    project.write(
        test_syntax="x = 1\ndef f(:\n",
        test_name="import helper\n",
        helper="value = 1\nvalu\n",
        test_import="from shapes import cirle\n",
        shapes="def circle(): pass\n",
        test_good="def test_a(): pass\n",
    )
    run = project.run()
    assert run.passed == {"test_good.py::test_a"}
    assert run.failures["test_syntax.py"].exception == "SyntaxError"
    assert run.failures["test_syntax.py"].frames[-1] == Frame("test_syntax.py", 2, "<module>")
    name, imported = run.failures["test_name.py"], run.failures["test_import.py"]
    assert (name.phase, name.exception, name.name, name.close[0]) == ("collect", "NameError", "valu", "value")
    assert [frame.path for frame in name.frames] == ["test_name.py", "helper.py"]
    assert (imported.exception, imported.name, imported.close) == ("ImportError", "cirle", ("circle",))


def test_a_conftest_that_cannot_be_imported(project: Project) -> None:
    project.write(conftest="import nowhere_to_be_found\n", test_a="def test_a(): pass\n")
    failure = project.run().failures["conftest.py"]
    assert (failure.exception, failure.name) == ("ModuleNotFoundError", "nowhere_to_be_found")


PHASES = """
import pytest, unittest
@pytest.fixture
def bad_setup(): raise OSError("no")
@pytest.fixture
def bad_teardown():
    yield
    raise OSError("late")
def test_setup(bad_setup): pass
def test_teardown(bad_teardown): pass
@pytest.mark.xfail
def test_xfail(): assert 0
@pytest.mark.xfail(strict=True)
def test_strict(): pass
@pytest.mark.xfail
def test_xpass(): pass
@pytest.mark.skip(reason="not today")
def test_skip(): pass
class Old(unittest.TestCase):
    def test_sub(self):
        for i in range(2):
            with self.subTest(i=i): self.assertEqual(i, 0)
"""


def test_phases(project: Project) -> None:
    project.write(test_a=PHASES)
    run = project.run()
    verdicts = {test.rpartition("::")[2]: verdict for test, verdict in run.outcomes.items()}
    red = dict.fromkeys(("test_setup", "test_teardown", "test_strict", "test_sub"), "failed")
    assert verdicts == {**red, "test_xfail": "skipped", "test_skip": "skipped", "test_xpass": "passed"}
    phases = {test.rpartition("::")[2]: failure.phase for test, failure in run.failures.items()}
    assert phases == {"test_setup": "setup", "test_teardown": "teardown", "test_strict": "call", "test_sub": "call"}
    assert run.failures["test_a.py::Old::test_sub"].frames[0].function == "test_sub"
    skipped = next(p for p in project.lines("phase") if p["id"] == "test_a.py::test_skip" and "message" in p)
    assert "not today" in skipped["message"]


def test_selection(project: Project, tmp_path: Path) -> None:
    project.write(test_a="def test_a(): pass\ndef test_b(): pass\n", test_bad="import nowhere\n")
    chosen = tmp_path / "chosen.json"
    chosen.write_text(json.dumps(["test_a.py::test_b", "gone.py::test_c"]))
    run = project.run(SELECT=str(chosen))
    assert run.collected == ("test_a.py::test_a", "test_a.py::test_b")
    assert run.outcomes == {"test_a.py::test_b": "passed", "test_bad.py": "failed"}


COVERED = """
import threading
import pytest, calc
@pytest.mark.parametrize("x", [1, -1])
def test_sign(x):
    calc.sign(x)
def test_thread():
    thread = threading.Thread(target=calc.sign, args=(0,))
    thread.start()
    thread.join()
    assert list(calc.many(2)) == [0, 1]
def test_none(): pass
"""
CALC = """
def sign(x):
    if x < 0:
        return -1
    return 1
def many(n):
    for i in range(n):
        yield i
"""


@pytest.mark.parametrize("command", [PYTEST, UNITTEST])
def test_coverage_by_test_both_ways(project: Project, command: tuple[str, ...]) -> None:
    project.write(calc=CALC, test_a=COVERED)
    if command is UNITTEST:
        project.write(test_a="import unittest, calc\nclass T(unittest.TestCase):\n def test_a(self): calc.sign(1)\n")
    library = project.run(command=command, COVERAGE="1").coverage.lines
    own = project.run(command=command, COVERAGE="1", TRACER="own").coverage.lines
    assert library == own
    if command is PYTEST:
        assert sorted(own["calc.py"]) == [3, 4, 5, 7, 8]
        assert own["calc.py"][4] == {"test_a.py::test_sign[-1]"}
        assert own["calc.py"][5] == {"test_a.py::test_sign[1]", "test_a.py::test_thread"}
        assert own["calc.py"][8] == {"test_a.py::test_thread"}


SLOW = """
import time, pytest
@pytest.fixture
def slow_end():
    yield
    time.sleep(60)
def test_slow():
    try:
        while True: time.sleep(0.01)
    except Exception: pass
def test_slow_end(slow_end): pass
def test_after(): pass
"""


def test_a_test_that_takes_too_long(project: Project) -> None:
    project.write(test_a=SLOW)
    run = project.run(TEST_SECONDS="0.3")
    assert run.outcomes["test_a.py::test_after"] == "passed"
    slow, end = run.failures["test_a.py::test_slow"], run.failures["test_a.py::test_slow_end"]
    assert (slow.exception, slow.phase, slow.message) == ("OcodeTimeout", "call", "took more than 0.3 s")
    assert (end.exception, end.phase) == ("OcodeTimeout", "teardown")


CLOSE = """
import shapes
def test_name():
    total = 1
    return totl
def test_unbound():
    if shapes is None: value = 1
    values = 2
    return value
def test_comprehension():
    names = [1]
    return [nmes for _ in range(2)]
def test_attribute(): shapes.Circle().radios
def test_module(): shapes.Cirkle
def test_import(): from shapes import Cirkle
def test_missing(): import shape
def test_keyword(): shapes.Circle.grow(None, facter=2)
def test_keyword_here():
    circle = shapes.Circle
    Circle = circle
    Circle.grow(None, facter=2)
def test_strange(): raise shapes.Strange
"""
SHAPES = """
class Circle:
    radius = 1
    def grow(self, factor): pass
class Strange(Exception):
    def __str__(self): raise SystemExit
    def __getattribute__(self, name): raise ValueError(name)
"""


def test_names_that_were_there(project: Project) -> None:
    project.write(shapes=SHAPES, test_a=CLOSE)
    failures = project.run().failures
    said = {i.rpartition("::")[2]: (f.name, f.close[:1]) for i, f in failures.items()}
    assert said.pop("test_keyword") == ("facter", ())
    assert said == {
        "test_name": ("totl", ("total",)),
        "test_unbound": ("value", ("values",)),
        "test_comprehension": ("nmes", ("names",)),
        "test_attribute": ("radios", ("radius",)),
        "test_module": ("Cirkle", ("Circle",)),
        "test_import": ("Cirkle", ("Circle",)),
        "test_missing": ("shape", ("shapes",)),
        "test_keyword_here": ("facter", ("factor",)),
        "test_strange": ("", ()),
    }
    assert failures["test_a.py::test_strange"].message == "<Strange: unprintable>"


HOSTILE = """
import os, subprocess, sys, pytest
def test_close(): os.closerange(3, 200)
def test_patch(monkeypatch):
    monkeypatch.setattr(os, "write", None)
    monkeypatch.setattr(os, "open", None)
def test_fork():
    pid = os.fork()
    if pid: os.waitpid(pid, 0)
    else: pytest.exit("the child goes on as pytest")
def test_move(tmp_path):
    os.chdir(tmp_path)
    tmp_path.rmdir()
def test_inner(tmp_path):
    os.chdir(os.path.dirname(__file__))
    inner = tmp_path / "test_inner.py"
    inner.write_text("def test_x(): pass")
    pytest.main([str(inner)])
    subprocess.run([sys.executable, "-m", "pytest", "-p", "ocode_pytest", str(inner)], check=True)
def test_last(): pass
"""


@pytest.mark.filterwarnings("ignore")
def test_what_tests_do_to_the_process(project: Project) -> None:
    project.write(test_a=HOSTILE)
    run = project.run("-s", "-p", "no:cacheprovider")
    names = ["close", "patch", "fork", "move", "inner", "last"]
    assert run.collected == tuple(f"test_a.py::test_{name}" for name in names)
    assert run.passed == set(run.collected)
    assert [len(project.lines(kind)) for kind in ("begin", "done", "end", "start")] == [6, 6, 1, 1]


def test_workers_of_xdist_speak_for_themselves(project: Project) -> None:
    project.write(test_a="import os\ndef test_a(): pass\ndef test_b(): assert 0\ndef test_c(): os._exit(1)\n")
    run = project.run("-n2", COVERAGE="1")
    assert run.passed == {"test_a.py::test_a"}
    assert run.failures["test_a.py::test_b"].exception == "AssertionError"
    assert run.failures["test_a.py::test_c"].exception == "Crashed"
    assert len(project.lines("begin")) == 3


def test_a_path_that_is_not_utf_8(project: Project) -> None:
    folder = project.top / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "test_a.py").write_text("def test_a(): pass\n")
    run = project.run("-p", "no:terminal", "-p", "no:cacheprovider")
    assert run.collected == (f"{folder.name}/test_a.py::test_a",)
    assert len(project.lines("phase")) == 3
