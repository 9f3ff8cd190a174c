"""`ocode fix` on ordinary suites of every shape: what counts as a target, how causes are told apart, what is said."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from door import BUGGY, CALC, KEYS, TEST_CALC, Done, environment, fix
from ocode_tools import sandbox
from quick import QUICK, RED, quick
from repos import MakeRepo, Repo


def run(repo: Repo, light: str, *args: str, **extra: str) -> Done:
    """`ocode fix` by pytest in the light interpreter, one proposal at a time."""
    return fix(repo, "--budget", "60", "--jobs", "1", *args, env=environment(OCODE_TESTS_PYTHON=light, **extra))


def reasons(done: Done) -> dict[str, str]:
    """What remains, by id; each reason is one line."""
    found = {left["id"]: left["reason"] for left in done.report["remaining"]}
    assert all(reason.strip() and "\n" not in reason for reason in found.values())
    return found


ODD = ["a b", "a::b", "a/b/../c", "[x]", "x]", "new\nline", "tab\t", "ünï ☃", "\\", "'\"", "-x", "", "\x1b[31m"]
SHAPES = {
    "calc.py": CALC,
    "data.txt": "6",
    "tests/test_ids.py": f"""import pytest
from calc import total


@pytest.mark.parametrize("text", {ODD!r})
def test_odd(text):
    assert total([len(text) + 1]) == len(text) + 1


@pytest.mark.parametrize("text", {ODD!r})
def test_green(text):
    assert total([]) == 0
""",
    "tests/test_classes.py": """import unittest

import pytest
from calc import total


class TestOuter:
    class TestInner:
        def test_total(self):
            assert total([1]) == 1


class Case(unittest.TestCase):
    def setUp(self):
        self.expected = 6

    def test_total(self):
        self.assertEqual(total([1, 2, 3]), self.expected)

    @unittest.skip("not now")
    def test_skipped(self):
        raise AssertionError


@pytest.mark.xfail(reason="known")
def test_xfail():
    assert total([]) == 1


@pytest.mark.skip
def test_skip():
    raise AssertionError


def test_cwd():
    with open("data.txt") as file:
        assert total([6]) == int(file.read())
""",
    "tests/deep/conftest.py": """import pytest
from calc import total


@pytest.fixture
def six():
    assert total([1, 2, 3]) == 6
    return 6
""",
    "tests/deep/test_fixture.py": "def test_six(six):\n    assert six == 6\n",
    "tests/deep/data.txt": "",
}


def test_suites_of_every_shape(make_repo: MakeRepo, light: str) -> None:
    repo = make_repo(SHAPES)
    done = run(repo, light)
    assert (done.code, done.report["status"], reasons(done)) == (0, "fixed", {})
    plain = {"TestOuter::TestInner::test_total", "Case::test_total", "test_cwd"}
    fixed = set(done.report["fixed"])
    odd = {test for test in fixed if test.startswith("tests/test_ids.py::test_odd[")}
    assert len(odd) == len(ODD)
    assert fixed - odd == {f"tests/test_classes.py::{name}" for name in plain} | {
        "tests/deep/test_fixture.py::test_six"
    }
    (landed,) = done.report["commits"]
    assert landed["verified"] == {"command": "python -m pytest", "passed": 2 * len(ODD) + 4, "failed": 0}
    assert repo.git("diff", "--numstat", "main", done.report["branch"]) == "1\t1\tcalc.py\n"
    message = repo.git("log", "-1", "--format=%B", done.report["branch"])
    assert not any(ord(char) < 32 for char in message if char != "\n")


def test_targets_of_odd_ids_and_classes(make_repo: MakeRepo, light: str) -> None:
    repo = make_repo(SHAPES)
    done = run(repo, light, "tests/test_ids.py::test_odd[a b]", "tests/test_classes.py::Case", "calc.py")
    assert done.report["fixed"] == ["tests/test_classes.py::Case::test_total", "tests/test_ids.py::test_odd[a b]"]
    assert done.code == 0


def test_files_that_cannot_be_imported(make_repo: MakeRepo, light: str) -> None:
    files = {
        "limits.py": "LIMIT = math.floor(2.5)\n",
        "test_limits.py": "from limits import LIMIT\n\n\ndef test_limit():\n    assert LIMIT == 2\n",
        "broken.py": "def f(:\n",
        "test_broken.py": "from broken import f\n\n\ndef test_f():\n    f()\n",
        "test_syntax.py": "def test_f(:\n",
        "setup_.py": "def load():\n    return json.loads('1')\n",
        "test_setup.py": "import pytest\nfrom setup_ import load\n\n@pytest.fixture\ndef one():\n    return load()\n\n"
        "def test_one(one):\n    assert one == 1\n",
    }
    repo = make_repo(files)
    done = run(repo, light)
    assert (done.code, done.report["status"]) == (1, "partial")
    assert done.report["fixed"] == ["test_limits.py", "test_setup.py::test_one"]
    left = reasons(done)
    assert left.keys() == {"test_broken.py", "test_syntax.py"}
    assert "(broken.py, line 1)" in left["test_broken.py"]
    assert "(test_syntax.py, line 1)" in left["test_syntax.py"]
    assert sorted(repo.git("diff", "--name-only", "main", done.report["branch"]).split()) == ["limits.py", "setup_.py"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"pytest.ini": "[pytest]\naddopts = --cov=calc\n"}, "--cov"),
        ({"test_calc.py": "def helper():\n    pass\n"}, "no tests"),
        ({"test_calc.py": "import sys\nsys.exit(3)\n"}, "did not start"),
    ],
    ids=["--cov without pytest-cov", "nothing", "exit"],
)
def test_suites_that_cannot_start(make_repo: MakeRepo, light: str, files: dict[str, str], says: str) -> None:
    done = run(make_repo({**BUGGY, **files}), light)
    assert (done.code, done.report["status"], done.report["error"]["kind"]) == (3, "error", "environment")
    message = done.report["error"]["message"]
    assert says in message
    assert "\n" not in message
    assert done.report["branch"] is None


@pytest.mark.parametrize(
    ("conftest", "says"),
    [("def broken(:\n", "(conftest.py, line 1)"), ("import not_there_at_all\n", "not_there_at_all")],
)
def test_a_broken_conftest_is_told_at_once(make_repo: MakeRepo, light: str, conftest: str, says: str) -> None:
    done = run(make_repo({**BUGGY, "conftest.py": conftest}), light)
    assert (done.code, done.report["status"], done.report["branch"]) == (1, "unfixed", None)
    assert says in reasons(done)["conftest.py"]


def test_a_conftest_broken_by_the_code_is_mended(make_repo: MakeRepo, light: str) -> None:
    files = {"limits.py": "LIMIT = math.floor(2.5)\n", "conftest.py": "import limits\n"}
    done = run(make_repo({**files, "test_limits.py": "def test_one():\n    pass\n"}), light)
    assert (done.code, done.report["fixed"]) == (0, ["conftest.py"])


def test_nothing_to_run_for_unittest(make_repo: MakeRepo) -> None:
    done = quick(make_repo({"calc.py": CALC, "test_calc.py": "import unittest\n"}))
    assert (done.code, done.report["status"]) == (3, "error")


@pytest.mark.parametrize("options", ["-x", "--exitfirst -n auto", "-q -q -ra --tb=long -p no:terminal", "-k total"])
def test_options_of_the_projects(make_repo: MakeRepo, light: str, options: str) -> None:
    second = "from other import twice\n\n\ndef test_total_twice():\n    assert twice(3) == 6\n"
    files = {"other.py": "def twice(n):\n    return n ** 2\n", "test_a.py": second}
    done = run(make_repo({**BUGGY, **files, "pytest.ini": f"[pytest]\naddopts = {options}\n"}), light)
    assert (done.code, done.report["status"]) == (0, "fixed")
    assert done.report["fixed"] == ["test_a.py::test_total_twice", "test_calc.py::test_total"]
    assert len(done.report["commits"]) == 2


def test_what_depends_on_order_is_flaky_and_stops_nothing(make_repo: MakeRepo, light: str) -> None:
    order = "import state\n\ndef test_a():\n    state.seen.append(1)\n\ndef test_b():\n    assert state.seen == []\n"
    done = run(make_repo({**BUGGY, "state.py": "seen = []\n", "test_order.py": order}), light)
    assert (done.code, done.report["status"]) == (0, "fixed")
    assert done.report["fixed"] == ["test_calc.py::test_total"]
    assert done.report["flaky"] == ["test_order.py::test_b"]


TWO = """def low(a, b):
    if a > b:
        return a
    return b


def span(a, b):
    return a + b


def both(a, b):
    if a == 0:
        return b + 1
    return a * b + 0
"""


def case(*bodies: str) -> str:
    """A test file of unittest's on the module `two`, a method for each body."""
    head = "import unittest\n\nfrom two import both, low, span\n\n\nclass T(unittest.TestCase):\n"
    return head + "\n".join(f"    def test_{n}(self):\n        {body}\n" for n, body in enumerate(bodies))


def suite_at(repo: Repo, commit: str, where: Path) -> int:
    """How many tests are red at a commit, in a clone of its own."""
    repo.git("clone", "-q", ".", str(where))
    Repo(where).git("checkout", "-q", commit)
    words = [sys.executable, "-m", "unittest", "discover"]
    done = subprocess.run(words, cwd=where, capture_output=True, text=True, check=False)
    return done.stderr.count("\nFAIL: ") + done.stderr.count("\nERROR: ")


def test_two_causes_are_two_commits_and_nothing_turns_red_again(make_repo: MakeRepo, tmp_path: Path) -> None:
    equal, lesser = "self.assertEqual(span(5, 3), 2)", "self.assertEqual((low(1, 2), low(4, 3)), (1, 3))"
    repo = make_repo({"two.py": TWO, "test_two.py": case(equal, lesser, "self.assertEqual(both(1, 3), 3)")})
    done = quick(repo)
    assert (done.code, len(done.report["commits"])) == (0, 2)
    assert done.report["fixed"] == ["test_two.py::T::test_0", "test_two.py::T::test_1"]
    red = [suite_at(repo, landed["sha"], tmp_path / landed["sha"]) for landed in done.report["commits"]]
    assert red == [1, 0]
    assert [landed["verified"]["failed"] for landed in done.report["commits"]] == red
    parents = repo.git("log", "--format=%P", f"main..{done.report['branch']}").split()
    assert parents == [done.report["commits"][0]["sha"], done.report["base"]["sha"]]


def test_one_edit_for_two_tests_is_one_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(
        {"two.py": TWO, "test_two.py": case("self.assertEqual(span(5, 3), 2)", "span(0, 2) == -2 or 1 / 0")}
    )
    done = quick(repo)
    assert (done.code, len(done.report["commits"])) == (0, 1)
    assert done.report["fixed"] == ["test_two.py::T::test_0", "test_two.py::T::test_1"]


def test_two_bugs_in_one_function(make_repo: MakeRepo) -> None:
    tests = case(
        "self.assertEqual(both(0, 3), 2)", "self.assertEqual(both(2, 3), 5)", "self.assertEqual(both(0, 1), 0)"
    )
    repo = make_repo({"two.py": TWO, "test_two.py": tests})
    done = quick(repo)
    assert (done.code, done.report["status"]) == (0, "fixed")
    assert len(done.report["fixed"]) == 3
    assert repo.git("diff", "--numstat", "main", done.report["branch"]) == "2\t2\ttwo.py\n"


@pytest.mark.skipif(sandbox.choose("best").label not in ("bwrap",), reason="no sandbox here that closes the network")
@pytest.mark.parametrize("level", ["best", "require"])
def test_what_needs_the_network(make_repo: MakeRepo, level: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet, args=(server,), daemon=True).start()
        asks = f"""import socket
import unittest


class T(unittest.TestCase):
    def test_network(self):
        with socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 5) as line:
            self.assertEqual(line.recv(2), b"hi")
"""
        done = quick(make_repo({**QUICK, "test_net.py": asks}), OCODE_SANDBOX_LEVEL=level)
        server.shutdown(socket.SHUT_RDWR)
    assert (done.code, done.report["status"], done.report["fixed"]) == (1, "partial", [RED])
    (reason,) = reasons(done).values()
    assert reason.startswith("needs what the sandbox denies") == (level == "best")


def _greet(server: socket.socket) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:  # shut down
            return
        with line:
            line.sendall(b"hi")


TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("version", "status", "interpreter", "test_command", "sandbox", "run"), (str,)),
    **dict.fromkeys(("model", "branch"), (str, type(None))),
    **dict.fromkeys(("commits", "fixed", "remaining", "flaky"), (list,)),
    **dict.fromkeys(("base", "tokens"), (dict,)),
    "model_calls": (int,),
    "seconds": (float,),
    "error": (dict, type(None)),
}


def check(report: dict[str, Any]) -> None:
    """The document has every key, each of its type, and says nothing that its other parts deny."""
    assert report.keys() == KEYS == TYPES.keys()
    assert {key: type(value) for key, value in report.items() if not isinstance(value, TYPES[key])} == {}
    assert report["base"].keys() == {"sha", "dirty"}
    assert report["tokens"] == {"prompt": 0, "completion": 0}
    assert (report["model"], report["model_calls"]) == (None, 0)
    assert bool(report["commits"]) == bool(report["branch"]) == bool(report["fixed"])
    for landed in report["commits"]:
        assert landed.keys() == {"sha", "subject", "solver", "verified"}
        assert landed["verified"].keys() == {"command", "passed", "failed"}
        assert len(landed["sha"]) == 40
    for left in report["remaining"]:
        assert left.keys() == {"id", "reason"}
    assert {left["id"] for left in report["remaining"]}.isdisjoint(report["fixed"])
    assert (report["status"] == "error") == (report["error"] is not None)


@pytest.mark.parametrize(
    ("files", "args", "code", "status"),
    [
        (QUICK, (), 0, "fixed"),
        (
            {"test_a.py": QUICK["test_calc.py"].replace("calc", "two"), "two.py": TWO + "total = len\n"},
            (),
            1,
            "unfixed",
        ),
        (
            {"test_a.py": "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"},
            (),
            0,
            "nothing",
        ),
        (QUICK, ("nowhere.py",), 2, "error"),
        ({"calc.py": CALC}, (), 3, "error"),
    ],
    ids=["fixed", "unfixed", "nothing", "usage", "no tests"],
)
def test_the_document(
    make_repo: MakeRepo, files: dict[str, str], args: tuple[str, ...], code: int, status: str
) -> None:
    repo = make_repo(files)
    done = quick(repo, *args)
    assert (done.code, done.report["status"]) == (code, status)
    check(done.report)
    if done.report["run"]:
        kept = json.loads((repo.top / ".git/ocode/runs" / done.report["run"] / "run.json").read_text())
        assert {key: kept[key] for key in KEYS - {"error", "status"}} == {
            key: done.report[key] for key in KEYS - {"error", "status"}
        }


def test_a_test_that_is_not_a_target_is_neither_fixed_nor_remaining(make_repo: MakeRepo, light: str) -> None:
    words = TEST_CALC.replace("total([1, 2, 3]) == 6", "total('x') == 'y'")
    done = run(make_repo({**BUGGY, "test_words.py": words}), light, "test_calc.py")
    assert (done.code, done.report["fixed"], done.report["remaining"]) == (0, ["test_calc.py::test_total"], [])
