"""The rules of a branch's life as a table, and the caps."""

from __future__ import annotations

import pytest

from ocode_tools.ledger.base import Row, State
from ocode_tools.ledger.contract import Decision, Facts, cap, decide, protected

HELD = "it is checked out"


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        pytest.param(Facts("open", "ours"), Decision("open", ""), id="nothing happened"),
        pytest.param(Facts("open", "ours", merges=True), Decision("open", ""), id="base moved, merges"),
        pytest.param(
            Facts("open", "ours", merges=False),
            Decision("open", "conflicts; to be made again", "make again"),
            id="base moved, conflicts",
        ),
        pytest.param(
            Facts("open", "ours", merges=False, tries=1),
            Decision("open", "conflicts; to be made again", "make again"),
            id="conflicts once more",
        ),
        pytest.param(
            Facts("open", "ours", merges=False, tries=2),
            Decision("stale", "conflicts, and was made again 2 times"),
            id="conflicts for the third time",
        ),
        pytest.param(Facts("stale", "ours", merges=True, tries=2), Decision("open", ""), id="stale merges again"),
        pytest.param(
            Facts("open", "ours", merges=False, held=HELD),
            Decision("open", f"conflicts; left: {HELD}"),
            id="conflicts while somebody stands on it",
        ),
        pytest.param(
            Facts("open", "theirs"), Decision("frozen", "somebody changed it; ocode leaves it alone"), id="amended"
        ),
        pytest.param(
            Facts("open", "theirs", merges=False),
            Decision("frozen", "somebody changed it; ocode leaves it alone"),
            id="amended and conflicting",
        ),
        pytest.param(Facts("frozen", "ours"), Decision("open", ""), id="reset to ours"),
        pytest.param(
            Facts("open", "ours", merged="merged into main"),
            Decision("accepted", "merged into main", "put away"),
            id="merged",
        ),
        pytest.param(
            Facts("open", "ours", merged="merged into main", held=HELD),
            Decision("accepted", f"merged into main; left: {HELD}"),
            id="merged and checked out",
        ),
        pytest.param(
            Facts("frozen", "theirs", merged="merged into main"),
            Decision("accepted", "merged into main; the branch is left, as somebody changed it"),
            id="merged and amended",
        ),
        pytest.param(
            Facts("open", "gone"),
            Decision("rejected", "its branch was deleted unmerged", "put away"),
            id="deleted unmerged",
        ),
        pytest.param(
            Facts("open", "gone", merged="merged into main"),
            Decision("accepted", "merged into main", "put away"),
            id="deleted after a merge",
        ),
        pytest.param(
            Facts("open", "gone", put_away=("closed", "the TODO is gone")),
            Decision("closed", "the TODO is gone"),
            id="killed before the ledger was written",
        ),
        pytest.param(Facts("rejected", "gone"), Decision("rejected", ""), id="rejected stays rejected"),
        pytest.param(
            Facts("rejected", "ours", put_away=("rejected", "no"), settled=("rejected", "no")),
            Decision("open", "somebody brought it back", "bring back"),
            id="the undo of a reject",
        ),
        pytest.param(
            Facts("accepted", "ours", put_away=("accepted", "taken"), merged="merged into main"),
            Decision("accepted", "merged into main", "put away"),
            id="brought back but merged",
        ),
        pytest.param(
            Facts("open", "ours", settled=("closed", "the TODO is gone")),
            Decision("closed", "the TODO is gone", "put away"),
            id="cause gone",
        ),
        pytest.param(
            Facts("open", "theirs", settled=("closed", "the TODO is gone")),
            Decision("frozen", "the TODO is gone; the branch is left, as somebody changed it"),
            id="cause gone, amended",
        ),
        pytest.param(
            Facts("open", "ours", settled=("closed", "the TODO is gone"), held=HELD),
            Decision("closed", f"the TODO is gone; left: {HELD}"),
            id="cause gone, checked out",
        ),
        pytest.param(
            Facts("open", "gone", settled=("accepted", "picked")),
            Decision("accepted", "picked", "put away"),
            id="deleted after each change was answered",
        ),
    ],
)
def test_rules(facts: Facts, decision: Decision) -> None:
    assert decide(facts) == decision


def row(number: int, state: State = "open", task: str = "fix", age: float = 7200, asked: bool = False) -> Row:
    """A branch of some age (seconds)."""
    return Row(f"refs/heads/ocode/{number}", task, "", "", "", state=state, asked=asked, born=int(10_000 - age))


@pytest.mark.parametrize(
    ("rows", "asked", "says"),
    [
        pytest.param([], False, None, id="nothing waits"),
        pytest.param([row(n, task="todo") for n in range(4)], False, None, id="four wait"),
        pytest.param([row(n, task="todo") for n in range(5)], False, "5 branches wait already", id="five wait"),
        pytest.param([row(n, task="todo") for n in range(5)], True, None, id="five wait, but asked"),
        pytest.param([row(n, "frozen", "todo") for n in range(5)], False, "5 branches wait", id="frozen ones wait"),
        pytest.param([row(n, "accepted", "todo") for n in range(9)], False, None, id="accepted ones do not"),
        pytest.param([row(n) for n in range(3)], False, "3 branches of fix wait already", id="three of the task"),
        pytest.param([row(1, age=10), row(2, "rejected", age=20)], False, "2 branches were made", id="two this hour"),
        pytest.param([row(1, age=10, asked=True), row(2, age=20)], False, None, id="one of two was asked for"),
        pytest.param([row(1, age=3599), row(2, age=3600)], False, None, id="one a whole hour ago"),
        pytest.param([row(1, age=-5), row(2, age=-9)], False, None, id="the clock went back"),
    ],
)
def test_caps(rows: list[Row], asked: bool, says: str | None) -> None:
    found = cap(rows, "fix", asked, 10_000.0)
    assert (found or "").startswith(says or "")
    assert (found is None) == (says is None)


@pytest.mark.parametrize(
    ("name", "is_protected"),
    [("main", True), ("release/2.1", True), ("ocode/fix/main", False), ("maintenance", False)],
)
def test_protected_names(name: str, is_protected: bool) -> None:
    assert protected(name) is is_protected
