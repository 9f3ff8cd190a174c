"""`ocode fix` on pytest suites of every shape: ids, fixtures, imports, the project's own options."""

from __future__ import annotations

import pytest

from door import BUGGY, CALC, TEST_CALC, Done, environment, fix
from pythons import XDIST, light
from quick import reasons
from repos import MakeRepo, Repo


def run(repo: Repo, *args: str, python: str | None = None) -> Done:
    """`ocode fix` by pytest, one proposal at a time."""
    env = environment(OCODE_TESTS_PYTHON=python or light())
    return fix(repo, "--budget", "60", "--jobs", "1", *args, env=env)


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


def test_suites_of_every_shape(make_repo: MakeRepo) -> None:
    repo = make_repo(SHAPES)
    done = run(repo)
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


def test_targets_of_odd_ids_and_classes(make_repo: MakeRepo) -> None:
    repo = make_repo(SHAPES)
    done = run(repo, "tests/test_ids.py::test_odd[a b]", "tests/test_classes.py::Case", "calc.py")
    assert done.report["fixed"] == ["tests/test_classes.py::Case::test_total", "tests/test_ids.py::test_odd[a b]"]
    assert done.code == 0


def test_files_that_cannot_be_imported(make_repo: MakeRepo) -> None:
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
    done = run(repo)
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
def test_suites_that_cannot_start(make_repo: MakeRepo, files: dict[str, str], says: str) -> None:
    done = run(make_repo({**BUGGY, **files}))
    assert (done.code, done.report["status"], done.report["error"]["kind"]) == (3, "error", "environment")
    message = done.report["error"]["message"]
    assert says in message
    assert "\n" not in message
    assert done.report["branch"] is None


@pytest.mark.parametrize(
    ("conftest", "says"),
    [("def broken(:\n", "(conftest.py, line 1)"), ("import not_there_at_all\n", "not_there_at_all")],
)
def test_a_broken_conftest_is_told_at_once(make_repo: MakeRepo, conftest: str, says: str) -> None:
    done = run(make_repo({**BUGGY, "conftest.py": conftest}))
    assert (done.code, done.report["status"], done.report["branch"]) == (1, "unfixed", None)
    assert says in reasons(done)["conftest.py"]


def test_a_conftest_broken_by_the_code_is_mended(make_repo: MakeRepo) -> None:
    files = {"limits.py": "LIMIT = math.floor(2.5)\n", "conftest.py": "import limits\n"}
    done = run(make_repo({**files, "test_limits.py": "def test_one():\n    pass\n"}))
    assert (done.code, done.report["fixed"]) == (0, ["conftest.py"])


@pytest.mark.parametrize("options", ["--exitfirst -n auto", "-x -q -q -ra --tb=long -p no:terminal", "-k total"])
def test_options_of_the_projects(make_repo: MakeRepo, options: str) -> None:
    second = "from other import twice\n\n\ndef test_total_twice():\n    assert twice(3) == 6\n"
    files = {"other.py": "def twice(n):\n    return n ** 2\n", "test_a.py": second}
    done = run(make_repo({**BUGGY, **files, "pytest.ini": f"[pytest]\naddopts = {options}\n"}), python=light(*XDIST))
    assert (done.code, done.report["status"]) == (0, "fixed")
    assert done.report["fixed"] == ["test_a.py::test_total_twice", "test_calc.py::test_total"]
    assert len(done.report["commits"]) == 2


def test_what_depends_on_order_is_flaky_and_stops_nothing(make_repo: MakeRepo) -> None:
    order = "import state\n\ndef test_a():\n    state.seen.append(1)\n\ndef test_b():\n    assert state.seen == []\n"
    done = run(make_repo({**BUGGY, "state.py": "seen = []\n", "test_order.py": order}))
    assert (done.code, done.report["status"]) == (0, "fixed")
    assert done.report["fixed"] == ["test_calc.py::test_total"]
    assert done.report["flaky"] == ["test_order.py::test_b"]


def test_a_test_that_is_not_a_target_is_neither_fixed_nor_remaining(make_repo: MakeRepo) -> None:
    words = TEST_CALC.replace("total([1, 2, 3]) == 6", "total('x') == 'y'")
    done = run(make_repo({**BUGGY, "test_words.py": words}), "test_calc.py")
    assert (done.code, done.report["fixed"], done.report["remaining"]) == (0, ["test_calc.py::test_total"], [])
