"""The rules of a branch's life, without git or a file: facts in, decision out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from ocode_tools.ledger.base import ENDED, Row, State

MOST_OPEN, MOST_OF_TASK, MOST_NEW = 5, 3, 2  # of what works unasked: in all, of one task, within `WITHIN`
WITHIN = 3600.0  # seconds
MOST_AGAIN = 2  # times that a conflicting branch is made again
KEPT_FOR = 30 * 24 * 3600.0  # seconds that a closed branch stays reachable
PROTECTED = ("main", "master", "trunk", "develop", "dev", "release/*", "gh-pages")

Tip = Literal["ours", "theirs", "gone"]
Act = Literal["keep", "put away", "bring back", "make again"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a branch.

    `tip`: the commit that we wrote, one of somebody else's, or no branch any more. `held`: why the branch may not be
    deleted (checked out, protected). `merged`: how its work came to a branch of the user's, "" if it did not.
    `settled`: state and reason once none of its changes is open (taken or refused one by one, their causes gone).
    `put_away`: what a private ref tells of a branch that was put away. `merges`: None where nobody knows.
    """

    state: State
    tip: Tip
    held: str = ""
    merged: str = ""
    settled: tuple[State, str] | None = None
    put_away: tuple[State, str] | None = None
    merges: bool | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The state a branch is in now and why, and what is to be done for that."""

    state: State
    reason: str
    act: Act = "keep"


def decide(facts: Facts) -> Decision:
    """What becomes of a branch."""
    match facts.tip:
        case "gone":
            return _gone(facts)
        case "theirs":
            return _theirs(facts)
        case "ours":
            return _ours(facts)


def _gone(facts: Facts) -> Decision:
    """The branch was deleted, by us (then a private ref or the ledger tells) or by somebody else."""
    if facts.put_away:
        return Decision(*facts.put_away)
    if facts.state in ENDED:
        return Decision(facts.state, "")
    if facts.merged:
        return Decision("accepted", facts.merged, "put away")
    if facts.settled:
        return Decision(*facts.settled, "put away")
    return Decision("rejected", "its branch was deleted unmerged", "put away")


def _theirs(facts: Facts) -> Decision:
    """Somebody committed, amended or rebased there: only marked, whatever happens."""
    if facts.merged:
        return Decision("accepted", f"{facts.merged}; the branch is left, as somebody changed it")
    if facts.settled:
        return Decision("frozen", f"{facts.settled[1]}; the branch is left, as somebody changed it")
    return Decision("frozen", "somebody changed it; ocode leaves it alone")


def _ours(facts: Facts) -> Decision:
    ended: tuple[State, str] | None = None
    if facts.merged:
        ended = ("accepted", facts.merged)
    elif facts.put_away:
        return Decision("open", "somebody brought it back", "bring back")
    elif facts.settled:
        ended = facts.settled
    if ended:
        state, reason = ended
        return Decision(state, f"{reason}; left: {facts.held}") if facts.held else Decision(state, reason, "put away")
    if facts.merges is not False:
        return Decision("open", "")
    if facts.tries >= MOST_AGAIN:
        return Decision("stale", f"conflicts, and was made again {facts.tries} times")
    if facts.held:
        return Decision("open", f"conflicts; left: {facts.held}")
    return Decision("open", "conflicts; to be made again", "make again")


def cap(rows: Iterable[Row], task: str, asked: bool, now: float) -> str | None:
    """Why no further branch of `task` may be made now, in one line; work that was asked for is never refused.

    Branches that wait count, whoever asked for them, as somebody has to read them all; the hour counts what nobody
    asked for.
    """
    if asked:
        return None
    rows = list(rows)
    waiting = [row for row in rows if row.state not in ENDED]
    if len(waiting) >= MOST_OPEN:
        return f"{len(waiting)} branches wait already (at most {MOST_OPEN}); see ocode review"
    same = sum(row.task == task for row in waiting)
    if same >= MOST_OF_TASK:
        return f"{same} branches of {task} wait already (at most {MOST_OF_TASK}); see ocode review"
    new = sum(not row.asked and 0 <= now - row.born < WITHIN for row in rows)
    if new >= MOST_NEW:
        return f"{new} branches were made within the hour (at most {MOST_NEW})"
    return None


def protected(name: str) -> bool:
    """Whether a branch (short name) is one that nobody but its owners may move or delete."""
    return any(fnmatchcase(name, pattern) for pattern in PROTECTED)
