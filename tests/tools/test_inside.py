"""What our plugin says from inside real pytest and unittest processes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import venv
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
    plugins: bool = False

    def write(self, modules: dict[str, str] | None = None, **top: str) -> None:
        """Write modules by their paths without a suffix, or by name at the top."""
        for name, text in {**(modules or {}), **top}.items():
            path = self.top / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, *options: str, command: tuple[str, ...] = PYTEST, **variables: str) -> TestRun:
        """Run the tests; variables are given without OCODE_."""
        self.file.unlink(missing_ok=True)
        env = {**os.environ, "PYTHONPATH": str(INSIDE), "PYTHONDONTWRITEBYTECODE": "1", "OCODE_TOP": str(self.top)}
        if not self.plugins:  # each start is twice as quick without those of the checks
            env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
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
    text += "class TestB:\n    class TestC:\n        def test_d(self): pass\n"
    project.write({"sub/tests/test_a": text})
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
    def __repr__(self): raise ValueError
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
    project.plugins = True
    run = project.run("-n2", COVERAGE="1")
    assert run.passed == {"test_a.py::test_a"}
    assert run.failures["test_a.py::test_b"].exception == "AssertionError"
    assert run.failures["test_a.py::test_c"].exception == "Crashed"
    assert len(project.lines("begin")) == 3


def test_a_path_that_is_not_utf_8(project: Project) -> None:
    folder = project.top / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "test_a.py").write_text("def test_a(): pass\n")
    run = project.run("-p", "no:cacheprovider")
    assert run.collected == (f"{folder.name}/test_a.py::test_a",)
    assert len(project.lines("phase")) == 3


# What setuptools 64 and later write for an editable install (setuptools/command/editable_wheel.py)
FINDER = """
import sys
from importlib.machinery import ModuleSpec, all_suffixes
from importlib.util import spec_from_file_location
from itertools import chain
from pathlib import Path
MAPPING = {mapping!r}
NAMESPACES = {namespaces!r}
PATH_PLACEHOLDER = "__editable__.demo-1.finder.__path_hook__"
class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        for pkg, pkg_path in reversed(list(MAPPING.items())):
            if fullname == pkg or fullname.startswith(pkg + "."):
                rest = fullname.replace(pkg, "", 1).strip(".").split(".")
                found = Path(pkg_path, *rest)
                for file in chain([found / "__init__.py"], (found.with_suffix(x) for x in all_suffixes())):
                    if file.exists():
                        return spec_from_file_location(fullname, file)
class _EditableNamespaceFinder:
    @classmethod
    def _path_hook(cls, path):
        if path == PATH_PLACEHOLDER:
            return cls
        raise ImportError
    @classmethod
    def find_spec(cls, fullname, target=None):
        if fullname in NAMESPACES:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = NAMESPACES[fullname]
            return spec
def install():
    sys.meta_path.append(_EditableFinder)
    sys.path_hooks.append(_EditableNamespaceFinder._path_hook)
    sys.path.append(PATH_PLACEHOLDER)
"""
IMPORTS = """
import pkg, pkg.part, single, space.inner
def test_a():
    for module in (pkg, pkg.part, single, space.inner):
        assert module.__file__.startswith({top!r}), module.__file__
"""


@dataclass
class Editable:
    """A checkout with a virtual environment in it that has it installed, and a workspace that is a copy of it."""

    checkout: Path
    workspace: Project

    def packages(self) -> Path:
        """The virtual environment's site-packages."""
        return next((self.checkout / ".venv" / "lib").glob("python3*")) / "site-packages"

    def run(self, **variables: str) -> TestRun:
        """Run the workspace's tests by the checkout's interpreter."""
        tops = json.dumps([[str(self.checkout), str(self.workspace.top)]])
        return self.workspace.run("-p", "no:cacheprovider", command=PYTEST, USER_TOPS=tops, **variables)


@pytest.fixture
def editable(project: Project, tmp_path: Path) -> Editable:
    checkout = Project(tmp_path / "checkout", project.file)
    for one in (checkout, project):
        one.write(dict.fromkeys(("src/pkg/__init__", "src/pkg/part", "src/single", "src/space/inner"), ""))
    venv.create(checkout.top / ".venv", with_pip=False)
    project.write({"tests/test_a": IMPORTS.format(top=str(project.top))})
    project.python = str(checkout.top / ".venv" / "bin" / "python")
    made = Editable(checkout.top, project)
    site = Path(pytest.__file__).parent.parent
    (made.packages() / "tools.pth").write_text(f"{site}\n")
    return made


@pytest.mark.parametrize("kind", ["path", "finder"])
def test_an_editable_install_is_turned_to_the_workspace(editable: Editable, kind: str) -> None:
    src = editable.checkout / "src"
    if kind == "path":
        (editable.packages() / "demo.pth").write_text(f"{src}\n")
    else:
        mapping = {"pkg": str(src / "pkg"), "single": str(src / "single")}
        finder = FINDER.format(mapping=mapping, namespaces={"space": [str(src / "space")]})
        (editable.packages() / "__editable___demo_1_finder.py").write_text(finder)
        line = "import __editable___demo_1_finder; __editable___demo_1_finder.install()\n"
        (editable.packages() / "__editable__.demo-1.pth").write_text(line)
    run = editable.run(NAMES='["pkg", "single", "space"]')
    assert run.passed == {"tests/test_a.py::test_a"}, run.output
    assert run.outside == ()
    assert run.inside == 5


def test_a_module_made_in_memory_is_from_nowhere(project: Project) -> None:
    test = "import sys, types, own\nmade = types.ModuleType('own.made')\nmade.__file__ = '<virtual own>'\n"
    test += "sys.modules['own.made'] = made\ndef test_a():\n    assert sys.modules['own.made'] is made\n"
    project.write({"own/__init__": "", "tests/test_a": test})
    run = project.run("-p", "no:cacheprovider", command=PYTEST, NAMES='["own"]')
    assert run.passed == {"tests/test_a.py::test_a"}, run.output
    assert run.outside == ()


def test_no_test_runs_on_code_from_elsewhere(editable: Editable) -> None:
    (editable.packages() / "demo.pth").write_text(f"{editable.checkout / 'src'}\n")
    (editable.workspace.top / "src").rename(editable.workspace.top / "gone")
    run = editable.run()
    assert run.collected
    assert run.outcomes == {}
    assert run.code == 4
    assert ("pkg", str(editable.checkout / "src" / "pkg" / "__init__.py")) in run.outside


def test_an_installed_copy_of_the_project_is_from_elsewhere(editable: Editable) -> None:
    for name in ("pkg/__init__", "pkg/part", "single", "space/inner"):
        file = editable.packages() / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
    assert editable.run().outside == ()
    run = editable.run(NAMES='["single"]')
    assert [name for name, _ in run.outside] == ["single"]
    assert run.outcomes == {}


OLD = """
import time, unittest, helper
class TestA(unittest.TestCase):
    def test_pass(self): pass
    def test_fail(self): self.assertEqual(helper.value(), 2)
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i): self.assertEqual(i, 1)
    @unittest.skip("not today")
    def test_skip(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.expectedFailure
    def test_unexpected(self): pass
    def test_slow(self):
        try: time.sleep(60)
        except Exception: pass
class TestBroken(unittest.TestCase):
    @classmethod
    def setUpClass(cls): helper.valeu
    def test_a(self): pass
    def test_b(self): pass
class TestLate(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): raise OSError("late")
    def test_a(self): pass
class TestAsync(unittest.IsolatedAsyncioTestCase):
    async def test_a(self): self.assertTrue(False)
"""


def test_unittest(project: Project) -> None:
    project.write(helper="def value(): return 1\n", test_a=OLD, test_bad="import helpr\n")
    one = "import unittest\nclass T(unittest.TestCase):\n def test_x(self): pass\n"
    project.write({"sub/__init__": "", "sub/test_b": one})
    run = project.run(command=UNITTEST, TEST_SECONDS="0.3")
    assert run.code == 1
    assert run.passed == {"test_a.py::TestA::test_pass", "sub/test_b.py::T::test_x"}
    skipped = {test for test, verdict in run.outcomes.items() if verdict == "skipped"}
    assert skipped == {"test_a.py::TestA::test_skip", "test_a.py::TestA::test_expected"}
    said = {test.removeprefix("test_a.py::"): (f.phase, f.exception, f.close[:1]) for test, f in run.failures.items()}
    assert said == {
        "test_bad.py": ("collect", "ModuleNotFoundError", ("helper",)),
        "TestA::test_fail": ("call", "AssertionError", ()),
        "TestA::test_sub": ("call", "AssertionError", ()),
        "TestA::test_unexpected": ("call", "Failed", ()),
        "TestA::test_slow": ("call", "OcodeTimeout", ()),
        "TestBroken::test_a": ("setup", "AttributeError", ("value",)),
        "TestBroken::test_b": ("setup", "AttributeError", ("value",)),
        "TestLate::test_a": ("teardown", "OSError", ()),
        "TestAsync::test_a": ("call", "AssertionError", ()),
    }
    assert set(run.collected) == (run.passed | skipped | run.red) - {"test_bad.py"}


def test_unittest_selects_and_tells_by_its_exit_code(project: Project, tmp_path: Path) -> None:
    text = "import unittest\nclass T(unittest.TestCase):\n def test_x(self): pass\n def test_y(self): self.fail()\n"
    project.write({"tests/__init__": "", "tests/test_b": text})
    chosen = tmp_path / "chosen.json"
    chosen.write_text('["tests/test_b.py::T::test_x"]')
    run = project.run("-s", "tests", "-t", ".", command=UNITTEST, SELECT=str(chosen))
    assert (run.code, len(run.collected)) == (0, 2)
    assert run.passed == {"tests/test_b.py::T::test_x"}
    chosen.write_text("[]")
    assert project.run("-s", "tests", "-t", ".", command=UNITTEST, SELECT=str(chosen)).code == 5
