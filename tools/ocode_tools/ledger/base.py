"""What the ledger speaks of: a branch, the changes on it, and what a landing tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["open", "frozen", "accepted", "rejected", "closed", "stale"]
STATES: tuple[State, ...] = ("open", "frozen", "accepted", "rejected", "closed", "stale")
ENDED: frozenset[State] = frozenset({"accepted", "rejected", "closed"})


@dataclass(frozen=True, slots=True)
class Code:
    """Code that a change names, as it was before: `before` is a block of lines of `path` (bytes as Latin-1).

    Where no block can be told (a new, binary or huge file) `blob` is the whole file's id, "" where there was none.
    """

    path: str
    before: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One commit of a branch; `key` is the stable identity of its cause."""

    key: str
    sha: str
    state: State = "open"
    reason: str = ""
    code: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Landing:
    """What is known once a branch's ref was moved to `tip`, a commit for the cause `key`.

    `ref` and `onto` (where the user stood; "" if nowhere) are full ref names, `base` is the commit that the work
    started from, `verdict` says what was verified, and `asked` whether somebody asked for the work explicitly.
    """

    ref: str
    tip: str
    base: str
    task: str
    key: str
    run: str
    verdict: str = ""
    onto: str = ""
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One branch. `tip` is the last commit that we wrote there; `tries` counts how often it was made again.

    `born` and `changed` are seconds since the epoch. `seen` names the commits that the last look at the branch
    compared, `merges` is what it found: 1 merges cleanly, 0 conflicts, -1 not known.
    """

    ref: str
    task: str
    base: str
    tip: str
    run: str
    onto: str = ""
    state: State = "open"
    reason: str = ""
    verdict: str = ""
    tries: int = 0
    asked: bool = False
    born: int = 0
    changed: int = 0
    seen: str = ""
    merges: int = -1

    @property
    def name(self) -> str:
        """The name as people say it."""
        return self.ref.removeprefix("refs/heads/")
