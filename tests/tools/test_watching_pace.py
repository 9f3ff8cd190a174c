"""When a work tree is looked at: pure decisions, by a clock that the test turns."""

from __future__ import annotations

import pytest

from ocode_tools.watching.pace import ACTIVE, HELD_EVERY, IDLE, IDLE_AFTER, LONGEST, SETTLE, STALE_LOCK, Doing, Pace

FREE = Doing()


def looked(poll: float | None = None, changed: bool = True) -> Pace:
    """A pace after its first look, at time 0."""
    pace = Pace(poll)
    pace.looked(0.0, changed)
    return pace


def test_the_first_look_is_at_once() -> None:
    assert Pace().decide(5.0, FREE).look


def test_a_burst_is_looked_at_once_it_settles_and_not_later_than_the_longest_wait() -> None:
    pace = looked()
    pace.hint(10.0)
    assert not pace.decide(10.0, FREE).look
    assert pace.decide(10.0, FREE).at == 10.0 + SETTLE
    pace.hint(10.0 + SETTLE / 2)
    assert not pace.decide(10.0 + SETTLE, FREE).look
    assert pace.decide(10.0 + SETTLE * 1.6, FREE).look
    for step in range(100):
        pace.hint(20.0 + step / 10)
    assert pace.due(29.9) == 10.0 + LONGEST


@pytest.mark.parametrize(
    ("now", "poll", "due"),
    [
        pytest.param(1.0, None, ACTIVE, id="active"),
        pytest.param(IDLE_AFTER, None, IDLE, id="idle"),
        pytest.param(1.0, 3.0, 3.0, id="polling"),
        pytest.param(IDLE_AFTER + 1, 3.0, 3.0, id="polling when idle"),
    ],
)
def test_without_hints_a_timer_decides(now: float, poll: float | None, due: float) -> None:
    assert looked(poll).due(now) == due


def test_looks_that_see_nothing_new_become_rarer() -> None:
    pace = looked()
    now = 0.0
    for _ in range(int(IDLE_AFTER // ACTIVE) + 1):
        now = pace.due(now)
        pace.looked(now, changed=False)
    assert pace.due(now) == now + IDLE


@pytest.mark.parametrize("what", ["merge", "rebase", "bisect", "cherry-pick"])
def test_nothing_is_looked_at_while_git_is_in_the_middle_of_something(what: str) -> None:
    pace = looked()
    pace.hint(10.0)
    held = pace.decide(11.0, Doing(operation=what))
    assert (held.look, held.at, held.held) == (False, 11.0 + HELD_EVERY, f"a {what} is in progress")
    assert pace.decide(4000.0, Doing(operation=what)).held
    assert pace.decide(4001.0, FREE).look


def test_a_locked_index_is_waited_for_but_not_one_that_a_dead_git_left() -> None:
    pace = looked()
    pace.hint(10.0)
    locked = Doing(locked=True)
    assert pace.decide(11.0, locked).held == "git writes the index"
    assert pace.decide(12.0, FREE).look
    pace.looked(12.0, changed=True)
    pace.hint(20.0)
    assert not pace.decide(21.0, locked).look
    assert not pace.decide(20.9 + STALE_LOCK, locked).look
    assert pace.decide(21.0 + STALE_LOCK, locked).look
