"""A green edit of the rules that is not sure to be right is shown to a model, whose answer is judged beside it."""

from __future__ import annotations

import pytest

from chat import NAME
from door import fix
from model import answering, conversations
from quick import bare, mended
from repos import MakeRepo

HEAD = "import unittest\nimport subject\n\n\nclass T(unittest.TestCase):\n"
TEST = "test_subject.py::T::test_a"
FILTER = "def f(a):\n    return [x for x in a if x > 0]\n"
CHECK = "def f(a):\n    if a > 3:\n        raise ValueError(a)\n    return a\n"
KEPT = "def f(a):\n    if a > 99:\n        raise ValueError(a)\n    return a\n"
BESIDE: dict[str, tuple[str, str, tuple[str, ...], str, str]] = {
    "the same": (
        FILTER,
        "([1, -1, 0]), [1, 0]",
        (FILTER.replace(">", ">="),),
        "rules",
        "a model's answer does the same on",
    ),
    "red": (FILTER, "([1, -1, 0]), [1, 0]", (FILTER, FILTER.replace(">", "<")), "rules", "ask for one only"),
    "no answer": (FILTER, "([1, -1, 0]), [1, 0]", ("I cannot help with that.",), "rules", "ask for one only"),
    "one without a doubt": (CHECK, "(9), 9", (KEPT,), NAME, "a model's answer does otherwise"),
}


@pytest.mark.parametrize(("code", "call", "answers", "solver", "said"), BESIDE.values(), ids=BESIDE)
def test_a_model_looks_at_what_is_not_sure(
    make_repo: MakeRepo, code: str, call: str, answers: tuple[str, ...], solver: str, said: str
) -> None:
    """The model is scripted."""
    suite = f"{HEAD}    def test_a(self):\n        self.assertEqual(subject.f{call})\n"
    repo = make_repo({"subject.py": code, "test_subject.py": suite})
    with answering(*answers) as server:
        done = fix(repo, "--model", NAME, "--budget", "60", "--jobs", "2", env=bare(OCODE_MODELS_ENDPOINT=server.url))
    mended(done, TEST)
    (commit,) = done.report["commits"]
    assert (commit["solver"], commit["confidence"]["level"]) == (solver, "low"), commit
    assert said in commit["confidence"]["reason"]
    first, *more = conversations(server)
    assert "the tests pass with this change, but it may not be what was meant" in first[-1]["content"]
    assert len(more) == (1 if said.startswith("ask") else 0)


def test_a_model_is_not_asked_where_the_rules_are_sure(make_repo: MakeRepo) -> None:
    """The model is scripted, and would be wrong."""
    both = "(subject.f([1, -1, 0]), subject.f([0])), ([1, 0], [0])"
    suite = f"{HEAD}    def test_a(self):\n        self.assertEqual({both})\n"
    repo = make_repo({"subject.py": FILTER, "test_subject.py": suite})
    with answering(FILTER) as server:
        done = fix(repo, "--model", NAME, "--budget", "60", "--jobs", "2", env=bare(OCODE_MODELS_ENDPOINT=server.url))
    mended(done, TEST)
    assert done.report["commits"][0]["confidence"]["level"] == "high"
    assert conversations(server) == []
