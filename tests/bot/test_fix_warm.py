"""`ocode fix` by rules: candidates by the hundred in a warm process, the others one by one, nothing said falsely."""

from __future__ import annotations

from typing import Any

import pytest

from door import Done, fix, ocode
from quick import bare, mended, reasons
from repos import MakeRepo, Repo

HEAD = "import unittest\nimport subject\n\n\nclass T(unittest.TestCase):\n"
# Many candidates before the right one: nothing says which number is wrong.
MANY = """def score(a, b, c):
    x = a * 3 + b * 5 - c * 7
    y = a * 11 - b * 13 + c * 17
    z = a * 19 + b * 23 + c * 28
    return (x + y) * 2 - z
"""
MANY_TESTS = HEAD + "    def test_a(self):\n        self.assertEqual(subject.score(1, 2, 3), -96)\n"


def quick(repo: Repo, budget: int = 60, **extra: str) -> Done:
    """Run the fix without a model, in two lanes."""
    return fix(repo, "--model", "none", "--budget", str(budget), "--jobs", "2", env=bare(**extra))


def events(repo: Repo, done: Done) -> list[dict[str, Any]]:
    """What happened in a run, in order."""
    found: list[dict[str, Any]] = ocode(repo.top, "show", "--json", done.report["run"]).report["events"]
    return found


def of(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The events of one kind."""
    return [event for event in found if event["event"] == name]


def test_many_candidates_cost_few_processes(make_repo: MakeRepo) -> None:
    repo = make_repo({"subject.py": MANY, "test_subject.py": MANY_TESTS})
    done = quick(repo, OCODE_FIX_AFTER="1.0")
    mended(done, "test_subject.py::T::test_a")
    found = events(repo, done)
    assert [event["problem"] for event in of(found, "warm")] == [""]
    (end,) = of(found, "end")
    assert len(of(found, "verdict")) > 8 * end["processes"]


def test_where_it_cannot_be_the_slow_way_works_and_says_so(make_repo: MakeRepo) -> None:
    start = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n\n\n"
    code = "def f(a):\n    return a - 1\n"
    suite = HEAD + "    def test_a(self):\n        self.assertEqual(subject.f(1), 2)\n"
    repo = make_repo({"subject.py": start + code, "test_subject.py": suite})
    done = quick(repo)
    mended(done, "test_subject.py::T::test_a")
    assert [event["problem"] for event in of(events(repo, done), "warm")] == [
        "the project has a thread running after its import"
    ]


def test_an_example_in_the_docstring_tells_green_candidates_apart(make_repo: MakeRepo) -> None:
    code = 'def area(a, b):\n    """\n    >>> area(2, 3)\n    6\n    """\n    return a + b\n'
    suite = HEAD + "    def test_a(self):\n        self.assertEqual(subject.area(0, 5), 0)\n"
    repo = make_repo({"subject.py": code, "test_subject.py": suite})
    branch = mended(quick(repo), "test_subject.py::T::test_a")
    assert repo.git("show", f"{branch}:subject.py") == code.replace("a + b", "a * b")


LATE = {
    "a constant": (
        "LIMIT = 3\n\n\ndef f(a):\n    return a > LIMIT\n",
        "    def test_a(self):\n        self.assertTrue(subject.f(3))\n        self.assertFalse(subject.f(2))\n",
    ),
    "ran at import": (
        "def f(a):\n    return a - 1\n\n\nX = f(1)\n",
        "    def test_a(self):\n        self.assertEqual(subject.f(1), 2)\n        self.assertEqual(subject.X, 2)\n",
    ),
    "loops at first": (
        "def f(n):\n    i = 0\n    while i < n:\n        i -= 1\n    return i\n",
        "    def test_a(self):\n        self.assertEqual(subject.f(3), 3)\n",
    ),
}


@pytest.mark.parametrize(("code", "body"), LATE.values(), ids=LATE)
def test_what_a_warm_process_cannot_judge_is_judged_all_the_same(make_repo: MakeRepo, code: str, body: str) -> None:
    repo = make_repo({"subject.py": code, "test_subject.py": HEAD + body})
    mended(quick(repo, OCODE_LIMITS_TEST="1"), "test_subject.py::T::test_a")


def test_what_is_green_alone_must_be_green_in_the_whole_suite(make_repo: MakeRepo) -> None:
    """A test that depends on the order runs green in a child; the whole suite says otherwise."""
    code = "seen = []\n\n\ndef f(a):\n    seen.append(a)\n    return a - 1\n"
    first = "    def test_0(self):\n        subject.seen.append(0)\n\n"
    body = "    def test_a(self):\n        self.assertEqual((subject.f(1), subject.seen), (2, [1]))\n"
    suite = HEAD + first + body
    done = quick(make_repo({"subject.py": code, "test_subject.py": suite}), budget=5)
    assert (done.code, done.report["status"], done.report["branch"]) == (1, "unfixed", None)
    assert reasons(done).keys() == {"test_subject.py::T::test_a"}
