"""`ocode fix` from the door to the branch, on real repositories with real suites."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from door import BUGGY, CALC, KEYS, environment, fix, ocode, state
from quick import MENDED, QUICK, RED, bare, quick, reasons
from repos import MakeRepo

GREEN = {**QUICK, "calc.py": MENDED}
WORDS = QUICK["test_calc.py"].replace("calc", "words").replace("total", "f").replace("6)", "['six'])")
UNABLE = {**QUICK, "words.py": "def f(x):\n    return x\n", "test_words.py": WORDS}


def test_a_red_test_becomes_a_verified_commit(make_repo: MakeRepo) -> None:
    """With this very Python: pytest and all the plugins that the checks install, coverage.py."""
    repo = make_repo(BUGGY)
    base = repo.git("rev-parse", "HEAD").strip()
    done = fix(repo, env=environment(OCODE_TESTS_PYTHON=sys.executable))
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
    repo = make_repo(QUICK)
    branch = quick(repo).report["branch"]
    assert ocode(repo.top, "accept", branch).code == 0
    done = subprocess.run([sys.executable, "-B", "-m", "unittest"], cwd=repo.top, capture_output=True, check=False)
    assert (done.returncode, b"Ran 1 test" in done.stderr) == (0, True)
    again = quick(repo)
    assert (again.code, again.report["status"]) == (0, "nothing")


def test_people_see_a_table_and_what_to_do_next(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    done = ocode(repo.top, "fix", env=bare())
    assert f"{RED}  fixed   rules:" in done.out
    assert "accept:  ocode accept ocode/fix/total-" in done.out
    assert "git diff" in done.out
    assert "test processes" in done.out
    assert "sandbox:" in done.err
    shown = ocode(repo.top, "show")
    assert "landed" in shown.out
    assert "whole suite: 1 passed, 0 failed; may land" in shown.out
    listed = json.loads(ocode(repo.top, "runs", "--json").out)
    assert [run["status"] for run in listed["runs"]] == ["fixed"]


def test_partial(make_repo: MakeRepo) -> None:
    done = quick(make_repo(UNABLE))
    assert (done.code, done.report["status"]) == (1, "partial")
    assert done.report["fixed"] == [RED]
    ((left, reason),) = reasons(done).items()
    assert left == "test_words.py::Total::test_f"
    assert reason.startswith(("tests: ", "rules: "))


def test_a_test_target_limits_what_counts(make_repo: MakeRepo) -> None:
    done = quick(make_repo(UNABLE), RED)
    assert (done.code, done.report["status"]) == (0, "fixed")


def test_a_source_target_limits_what_may_change(make_repo: MakeRepo) -> None:
    done = quick(make_repo({**QUICK, "other.py": "x = 1\n"}), "other.py")
    assert (done.code, done.report["status"]) == (1, "unfixed")
    assert done.report["branch"] is None


def test_an_unmatched_target(make_repo: MakeRepo) -> None:
    done = quick(make_repo(QUICK), "test_calc.py::test_nowhere")
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
    done = quick(repo)
    assert done.code == 1
    assert done.report["status"] == "nothing"
    assert "the work tree differs from HEAD" in done.err
    assert "ocode fix --dirty" in done.err


def test_dirty_works_on_a_snapshot_and_accept_brings_it_back(make_repo: MakeRepo) -> None:
    repo = make_repo(GREEN)
    repo.write("calc.py", CALC)
    repo.write("test_new.py", "def test_new():\n    assert True\n")
    done = quick(repo, "--dirty")
    assert (done.code, done.report["base"]["dirty"]) == (0, True)
    before = state(repo.top)
    assert ocode(repo.top, "accept", done.report["branch"]).code == 0
    assert (repo.top / "calc.py").read_text() == GREEN["calc.py"]
    assert {**before, "calc.py": b""} == {**state(repo.top), "calc.py": b""}
    (kept,) = repo.git("for-each-ref", "--format=%(refname)", "refs/ocode", "refs/heads/ocode").splitlines()
    assert kept.startswith("refs/ocode/closed/")  # for the undo, thirty days


def test_base_names_another_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    old = repo.git("rev-parse", "HEAD").strip()
    repo.write("calc.py", GREEN["calc.py"])
    repo.commit("mended by hand")
    done = quick(repo, "--base", "HEAD~1")
    assert done.report["base"]["sha"] == old
    assert done.report["status"] == "fixed"


def test_branch_name(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    assert quick(repo, "--branch", "main").code == 2
    assert quick(repo, "--branch", "main/below").code == 2
    assert quick(repo, "--branch", "bad..name").code == 2
    done = quick(repo, "--branch", "ocode/mine")
    assert done.report["branch"] == "ocode/mine"
    again = quick(repo, "--branch", "ocode/mine")
    assert (again.code, again.report["status"]) == (2, "error")
    assert "is taken" in again.report["error"]["message"]


def test_a_flaky_test_is_no_target(make_repo: MakeRepo) -> None:
    flaky = "import os, pathlib\n\n\ndef test_flaky():\n    mark = pathlib.Path(os.environ['HOME'], 'seen')\n"
    flaky += "    if not mark.exists():\n        mark.write_text('x')\n        raise ValueError('first time')\n"
    done = fix(make_repo({"test_flaky.py": flaky}))
    assert (done.code, done.report["status"]) == (0, "nothing")
    assert done.report["flaky"] == ["test_flaky.py::test_flaky"]


def test_unittest_by_a_command(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    done = quick(repo, "--test-cmd", "python -m unittest")
    assert done.report["status"] == "fixed"
    assert repo.git("diff", "--name-only", "main", done.report["branch"]).split() == ["calc.py"]


def test_unittest_where_the_interpreter_has_no_pytest(make_repo: MakeRepo) -> None:
    done = quick(make_repo(QUICK))
    assert done.report["test_command"] == "python -m unittest"
    assert done.report["fixed"] == [RED]


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
