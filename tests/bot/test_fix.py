"""`ocode fix` from the door to the branch, on real repositories with real suites."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from door import BUGGY, CALC, KEYS, TEST_CALC, environment, fix, ocode, state
from repos import MakeRepo

GREEN = {"calc.py": CALC.replace("result - price", "result + price"), "test_calc.py": TEST_CALC}


def test_a_red_test_becomes_a_verified_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(BUGGY)
    base = repo.git("rev-parse", "HEAD").strip()
    done = fix(repo)
    report = done.report
    assert done.code == 0
    assert report.keys() == KEYS
    assert report["status"] == "fixed"
    assert report["fixed"] == ["test_calc.py::test_total"]
    assert report["remaining"] == report["flaky"] == []
    assert report["base"] == {"sha": base, "dirty": False}
    (landed,) = report["commits"]
    assert landed["verified"]["passed"] == 2
    assert landed["verified"]["failed"] == 0
    branch = report["branch"]
    assert branch.startswith("ocode/fix/total-")
    assert repo.git("rev-parse", branch).strip() == landed["sha"]
    assert repo.git("diff", "--name-only", base, branch).split() == ["calc.py"]
    trailers = repo.git("log", "-1", "--format=%(trailers:key=Ocode-Task,key=Ocode-Solver,key=Ocode-Base)", branch)
    assert trailers.split("\n")[:3] == ["Ocode-Task: fix", "Ocode-Solver: rules", f"Ocode-Base: {base}"]
    assert len(landed["subject"]) <= 72
    caches = Path(environment()["XDG_CACHE_HOME"], "ocode")
    assert [left for folder in caches.iterdir() for left in folder.iterdir()] == []


def test_then_accept_and_the_suite_is_green(make_repo: MakeRepo) -> None:
    repo = make_repo(BUGGY)
    branch = fix(repo).report["branch"]
    assert ocode(repo.top, "accept", branch).code == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=repo.top, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert fix(repo).report["status"] == "nothing"


def test_people_see_a_table_and_what_to_do_next(make_repo: MakeRepo) -> None:
    repo = make_repo(BUGGY)
    done = ocode(repo.top, "fix")
    assert "test_calc.py::test_total  fixed   rules:" in done.out
    assert "accept:  ocode accept ocode/fix/total-" in done.out
    assert "git diff" in done.out
    assert "test processes" in done.out
    assert "sandbox:" in done.err
    shown = ocode(repo.top, "show")
    assert "landed" in shown.out
    assert "whole suite: 2 passed, 0 failed; may land" in shown.out
    listed = json.loads(ocode(repo.top, "runs", "--json").out)
    assert [run["status"] for run in listed["runs"]] == ["fixed"]


def test_green_is_nothing_to_do(make_repo: MakeRepo) -> None:
    done = fix(make_repo(GREEN))
    assert (done.code, done.report["status"]) == (0, "nothing")


def test_what_no_rule_can_mend_stays_red_with_the_gates_reason(make_repo: MakeRepo) -> None:
    repo = make_repo({"calc.py": "def f(x):\n    return x\n", "test_calc.py": WORDS})
    done = fix(repo, "--budget", "20")
    assert (done.code, done.report["status"], done.report["branch"]) == (1, "unfixed", None)
    (left,) = done.report["remaining"]
    assert left["id"] == "test_calc.py::test_f"
    assert left["reason"].startswith(("tests: ", "rules: "))
    assert "\n" not in left["reason"]


WORDS = "from calc import f\n\n\ndef test_f():\n    assert f(21) == ['twenty', 'one']\n"


def test_partial(make_repo: MakeRepo) -> None:
    repo = make_repo(
        {**BUGGY, "words.py": "def f(x):\n    return x\n", "test_words.py": WORDS.replace("calc", "words")}
    )
    done = fix(repo, "--budget", "30")
    assert (done.code, done.report["status"]) == (1, "partial")
    assert done.report["fixed"] == ["test_calc.py::test_total"]
    assert [left["id"] for left in done.report["remaining"]] == ["test_words.py::test_f"]


def test_a_test_target_limits_what_counts(make_repo: MakeRepo) -> None:
    repo = make_repo(
        {**BUGGY, "words.py": "def f(x):\n    return x\n", "test_words.py": WORDS.replace("calc", "words")}
    )
    done = fix(repo, "test_calc.py::test_total")
    assert (done.code, done.report["status"]) == (0, "fixed")


def test_a_source_target_limits_what_may_change(make_repo: MakeRepo) -> None:
    repo = make_repo({**BUGGY, "other.py": "x = 1\n"})
    done = fix(repo, "other.py")
    assert (done.code, done.report["status"]) == (1, "unfixed")
    assert done.report["branch"] is None


def test_an_unmatched_target(make_repo: MakeRepo) -> None:
    done = fix(make_repo(BUGGY), "test_calc.py::test_nowhere")
    assert done.code == 2
    assert done.report["error"]["kind"] == "usage"
    assert "'test_calc.py::test_nowhere' is no test and no file here" in done.err


def test_from_a_subdirectory_of_a_monorepo(make_repo: MakeRepo) -> None:
    files = {f"libs/one/{name}": text for name, text in BUGGY.items()}
    repo = make_repo({**files, "libs/one/pyproject.toml": "", "libs/one/deep/keep": "", "test_top.py": "assert 0\n"})
    done = fix(repo, cwd="libs/one/deep")
    assert done.report["fixed"] == ["libs/one/test_calc.py::test_total"]
    assert repo.git("diff", "--name-only", "main", done.report["branch"]).split() == ["libs/one/calc.py"]


def test_a_dirty_tree_is_said_and_head_is_used(make_repo: MakeRepo) -> None:
    repo = make_repo(GREEN)
    repo.write("calc.py", CALC)
    done = fix(repo)
    assert done.code == 1
    assert done.report["status"] == "nothing"
    assert "the work tree differs from HEAD" in done.err
    assert "ocode fix --dirty" in done.err


def test_dirty_works_on_a_snapshot_and_accept_brings_it_back(make_repo: MakeRepo) -> None:
    repo = make_repo(GREEN)
    repo.write("calc.py", CALC)
    repo.write("test_new.py", "def test_new():\n    assert True\n")
    done = fix(repo, "--dirty")
    assert (done.code, done.report["base"]["dirty"]) == (0, True)
    before = state(repo.top)
    assert ocode(repo.top, "accept", done.report["branch"]).code == 0
    assert (repo.top / "calc.py").read_text() == GREEN["calc.py"]
    assert {**before, "calc.py": b""} == {**state(repo.top), "calc.py": b""}
    assert ocode(repo.top, "reject", done.report["branch"]).code == 0
    assert repo.git("for-each-ref", "refs/ocode", "refs/heads/ocode") == ""


def test_base_names_another_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(BUGGY)
    old = repo.git("rev-parse", "HEAD").strip()
    repo.write("calc.py", GREEN["calc.py"])
    repo.commit("mended by hand")
    done = fix(repo, "--base", "HEAD~1")
    assert done.report["base"]["sha"] == old
    assert done.report["status"] == "fixed"


def test_branch_name(make_repo: MakeRepo) -> None:
    repo = make_repo(BUGGY)
    assert fix(repo, "--branch", "main").code == 2
    assert fix(repo, "--branch", "main/below").code == 2
    assert fix(repo, "--branch", "bad..name").code == 2
    done = fix(repo, "--branch", "ocode/mine")
    assert done.report["branch"] == "ocode/mine"
    again = fix(repo, "--branch", "ocode/mine")
    assert (again.code, again.report["status"]) == (2, "error")
    assert "is taken" in again.report["error"]["message"]


def test_a_flaky_test_is_no_target(make_repo: MakeRepo) -> None:
    flaky = "import os, pathlib\n\n\ndef test_flaky():\n    mark = pathlib.Path(os.environ['HOME'], 'seen')\n"
    flaky += "    if not mark.exists():\n        mark.write_text('x')\n        raise ValueError('first time')\n"
    done = fix(make_repo({"test_flaky.py": flaky}))
    assert (done.code, done.report["status"]) == (0, "nothing")
    assert done.report["flaky"] == ["test_flaky.py::test_flaky"]


def test_unittest_by_a_command(make_repo: MakeRepo) -> None:
    suite = "import unittest\nfrom calc import total\n\n\nclass Total(unittest.TestCase):\n    def test_total(self):\n"
    suite += "        self.assertEqual(total([1, 2, 3]), 6)\n"
    repo = make_repo({"calc.py": CALC, "test_calc.py": suite})
    done = fix(repo, "--test-cmd", f"{sys.executable} -m unittest")
    assert done.report["status"] == "fixed"
    assert repo.git("diff", "--name-only", "main", done.report["branch"]).split() == ["calc.py"]


def test_unittest_where_the_interpreter_has_no_pytest(make_repo: MakeRepo, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    suite = "import unittest\nfrom calc import total\n\n\nclass Total(unittest.TestCase):\n    def test_total(self):\n"
    suite += "        self.assertEqual(total([1, 2, 3]), 6)\n"
    repo = make_repo({"calc.py": CALC, "test_calc.py": suite})
    done = fix(repo, env=environment(OCODE_TESTS_PYTHON=str(tmp_path / "bare" / "bin" / "python")))
    assert done.report["test_command"] == "python -m unittest"
    assert done.report["fixed"] == ["test_calc.py::Total::test_total"]


def test_a_command_that_ends_in_pytest_is_read_by_the_plugin(make_repo: MakeRepo) -> None:
    repo = make_repo({**BUGGY, "run-tests": "#!/bin/sh\nexec python -m pytest -q\n"})
    (repo.top / "run-tests").chmod(0o755)
    repo.commit()
    done = fix(repo, "--test-cmd", "./run-tests")
    assert done.report["fixed"] == ["test_calc.py::test_total"]
    assert done.report["test_command"] == "./run-tests"


def test_any_other_command_works_by_its_exit_code(make_repo: MakeRepo) -> None:
    check = "from calc import total\nassert total([1, 2]) == 3\nassert total([5]) == 5\n"
    done = fix(make_repo({"calc.py": CALC, "check.py": check}), "--test-cmd", "python check.py")
    assert done.report["fixed"] == ["python check.py"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--nonsense"], 2, "No such option"),
        (["--budget", "many"], 2, "not a valid float"),
        (["--solvers", "guess"], 2, "fix.solvers"),
        (["--budget", "0"], 2, "--budget: fix.budget must be"),
        (["--base", "nowhere"], 2, "names no commit"),
        (["--base", "HEAD", "--dirty"], 2, "exclude each other"),
        (["--test-cmd", "pytest 'open"], 2, "--test-cmd"),
        (["--test-cmd", ""], 2, "--test-cmd is empty"),
        (["--model", "qwen2.5-coder:7b"], 3, "ollama serve"),
        (["--solvers", "model"], 3, "ollama serve"),
    ],
)
def test_json_is_one_whole_document_at_every_exit(make_repo: MakeRepo, args: list[str], code: int, says: str) -> None:
    done = fix(make_repo(BUGGY), *args)
    assert done.code == code
    assert done.report.keys() == KEYS
    assert done.report["status"] == "error"
    assert done.report["error"]["kind"] == ("usage" if code == 2 else "environment")
    assert says in done.report["error"]["message"]
    assert done.err.strip().count("\n") <= 1
