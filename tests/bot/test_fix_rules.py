"""What the rules say of themselves: how sure they are, what they tried, what they let the model judge."""

from __future__ import annotations

import re
from typing import Any

import pytest

from door import Done, fix, ocode
from ocode_bot.heard import MOST, Heard
from ocode_bot.reasons import summary
from ocode_bot.solvers.rules import Rules
from ocode_bot.verdict import Verdict
from ocode_tools.edits import Edit, Proposal
from quick import bare, mended, reasons
from repos import MakeRepo, Repo

HEAD = "import unittest\nimport subject\n\n\nclass T(unittest.TestCase):\n"
TEST = "test_subject.py::T::test_a"


def mend(repo: Repo, budget: int = 60) -> Done:
    """Run the fix without a model."""
    return fix(repo, "--model", "none", "--budget", str(budget), "--jobs", "2", env=bare())


def confidence(repo: Repo, done: Done) -> list[dict[str, Any]]:
    """What was found of the green candidates of a run."""
    events: list[dict[str, Any]] = ocode(repo.top, "show", "--json", done.report["run"]).report["events"]
    return [event for event in events if event["event"] == "confidence"]


SURE = {
    "all alike": (
        "def f(a):\n    return [x for x in a if x > 0]\n",
        "(subject.f([1, -1, 0]), subject.f([0]))",
        "([1, 0], [0])",
        "high",
    ),
    "one input": ("def f(a):\n    return [x for x in a if x > 0]\n", "subject.f([1, -1, 0])", "[1, 0]", "low"),
    "drops a check": (
        "def f(a):\n    if a > 3:\n        raise ValueError(a)\n    return a\n",
        "(subject.f(9), subject.f(-4))",
        "(9, -4)",
        "low",
    ),
}


@pytest.mark.parametrize(("code", "got", "wanted", "level"), SURE.values(), ids=SURE)
def test_how_sure_it_is(make_repo: MakeRepo, code: str, got: str, wanted: str, level: str) -> None:
    suite = f"{HEAD}    def test_a(self):\n        self.assertEqual({got}, {wanted})\n"
    repo = make_repo({"subject.py": code, "test_subject.py": suite})
    done = mend(repo)
    branch = mended(done, TEST)
    (commit,) = done.report["commits"]
    assert commit["confidence"]["level"] == level, commit
    assert f"Confidence: {level} (" in repo.git("log", "-1", "--format=%B", branch)
    event = confidence(repo, done)[-1]
    assert all(
        one["diff"].startswith("diff --git a/subject.py") for group in event["groups"] for one in group["proposals"]
    )


def test_nothing_found_says_what_was_tried(make_repo: MakeRepo) -> None:
    suite = f"{HEAD}    def test_a(self):\n        self.assertEqual(subject.f(1), 'nobody can know')\n"
    done = mend(make_repo({"subject.py": "def f(a):\n    a += 2\n    return a - 1\n", "test_subject.py": suite}), 4)
    assert done.code == 1
    said = reasons(done)[TEST]
    assert re.match(r"tests: still red with each of \d+ proposals of rules at \d places in \d s", said), said


def verdict(number: int, reason: str | None, *green: str) -> Verdict:
    edit = Edit("a.py", b"x\n" * 9, b"x\n" * (number % 9) + b"y\n" + b"x\n" * (8 - number % 9))
    return Verdict(Proposal((edit,), "rules", "kind", str(number)), frozenset(green), reason)


TRIED: dict[str, tuple[list[Verdict], bool, str]] = {
    "nothing": ([], False, "rules: knows no change to try here"),
    "no time": ([], True, "rules: no time left to try within the budget"),
    "one": ([verdict(0, "tests: red")], False, "tests: red"),
    "a gate": ([verdict(0, "scope: no"), verdict(1, "scope: not that")], False, "scope: no"),
    "several": (
        [verdict(number, "tests: red") for number in range(20)],
        True,
        "tests: still red with each of 20 proposals of rules at 9 places in 0 s, cut by the budget",
    ),
    "mixed": (
        [verdict(0, "scope: no"), verdict(9, "cut: no time")],
        False,
        "tests: still red with each of 2 proposals of rules in 0 s",
    ),
}


@pytest.mark.parametrize(("verdicts", "more", "said"), TRIED.values(), ids=TRIED)
def test_why_nothing_landed(verdicts: list[Verdict], more: bool, said: str) -> None:
    heard = Heard()
    for one in verdicts:
        heard.add(one)
    assert summary(Rules(), heard, more) == said


def test_only_what_was_green_is_kept() -> None:
    heard = Heard()
    for number in range(3 * MOST):
        heard.add(verdict(number, "tests: red", *(["t"] if number % 2 else [])))
    assert (heard.count, len(heard.kept)) == (3 * MOST, MOST)
    assert all(one.green for one in heard.kept)
