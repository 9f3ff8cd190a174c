"""`ocode fix`: how causes are told apart, what the sandbox denies, and what the document says."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from door import CALC, KEYS
from ocode_tools import sandbox
from quick import QUICK, RED, quick, reasons
from repos import MakeRepo, Repo

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


@pytest.mark.skipif(
    sandbox.choose("best").network or sandbox.choose("best").level == "none",
    reason="no sandbox here that closes the network",
)
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
        assert landed.keys() == {"sha", "subject", "solver", "verified", "confidence", "tested"}
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


def test_nothing_to_run_for_unittest(make_repo: MakeRepo) -> None:
    done = quick(make_repo({"calc.py": CALC, "test_calc.py": "import unittest\n"}))
    assert (done.code, done.report["status"]) == (3, "error")
