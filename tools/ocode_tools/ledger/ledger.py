"""The ledger of one repository: every branch that ocode made, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from ocode_tools import snapshot
from ocode_tools.errors import UsageError
from ocode_tools.git import GitError
from ocode_tools.ledger import carry, code, contract, found, merged
from ocode_tools.ledger.base import ENDED, Change, Landing, Row, State
from ocode_tools.ledger.contract import Decision, Facts
from ocode_tools.ledger.opening import open_book
from ocode_tools.ledger.reading import HEADS, PutAway, Refs, commits, read_refs
from ocode_tools.repository import Repository


def _nothing(_text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One look at the branches: those that are to be made again from a new base, and what became of others, a line
    each."""

    again: tuple[Row, ...] = ()
    lines: tuple[str, ...] = ()


class Ledger:
    """A context manager; for one thread. What it does to refs is told by its methods, nothing else is touched.

    `prefix` begins the names of ocode's branches, `say` is told what a person should know in one line, `clock` gives
    seconds since the epoch, and `step` is called after each step that is on the disk.
    """

    def __init__(
        self,
        repository: Repository,
        prefix: str = "ocode/",
        say: Callable[[str], None] = _nothing,
        clock: Callable[[], float] = time.time,
        step: carry.Step = _nothing,
    ) -> None:
        """Raises `SetupError` where the ledger can be neither read nor made again."""
        self._git, self._prefix, self._say, self._clock, self._step = repository.git, prefix, say, clock, step
        self._book = open_book(repository.common_dir / "ocode", say)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._book.close()

    def rows(self) -> list[Row]:
        """Every branch that is known, oldest first, as the last look left them."""
        return list(self._book.rows().values())

    def waiting(self) -> list[Row]:
        """The branches that somebody has to look at."""
        return [row for row in self.rows() if row.state not in ENDED]

    def row(self, ref: str) -> Row | None:
        """One branch by its full ref."""
        return self._book.rows().get(ref)

    def changes(self, ref: str) -> list[Change]:
        """The changes on a branch."""
        return self._book.changes(ref)

    # What landings ask and tell.

    def may_open(self, task: str, asked: bool) -> str | None:
        """Why no further branch of a task may be made now, in one line; never for work that was `asked` for.

        What happened to the branches since is looked at first, so that none counts that was merged or deleted.
        """
        for line in () if asked else self.settle().lines:
            self._say(line)
        return contract.cap(self.rows(), task, asked, self._clock())

    def rejected(self, key: str, commit: str) -> str | None:
        """Why work for a cause is not to be offered at `commit`: it was rejected, and the code it named is the same."""
        for change in self._book.of_key(key):
            if change.state == "rejected" and code.unchanged(self._git, commit, change.code):
                paths = ", ".join(dict.fromkeys(one.path for one in change.code))
                why = f" ({change.reason})" if change.reason else ""
                return f"rejected before{why}; remembered until the code changes: {paths}"
        return None

    def record(self, landing: Landing) -> None:
        """Write a landing down, after its ref was moved. Without it the next look at the branches finds it anyway."""
        now, old = self._clock(), self._book.rows().get(landing.ref)
        known = old is not None and old.state not in ENDED
        row = old if old and known else Row(landing.ref, landing.task, "", "", "", born=int(now))
        same = row.base == landing.base
        key = landing.key or found.key_of(self._git, landing.tip)
        change = Change(key, landing.tip, code=code.named(self._git, f"{landing.tip}^", landing.tip))
        with self._book.writing():
            if not same:
                self._book.drop(landing.ref)
            asked = row.asked if row.run else landing.asked
            row = replace(row, base=landing.base, tip=landing.tip, run=landing.run, onto=landing.onto, asked=asked)
            row = replace(row, verdict=landing.verdict, state="open", reason="", changed=int(now), seen="", merges=-1)
            self._book.put(row)
            self._book.write_changes(landing.ref, [change], now)
        if old and not known:
            carry.let_go(self._git, read_refs(self._git).all_away(landing.ref, landing.tip))

    def begin_again(self, ref: str) -> None:
        """Count that a branch is about to be made again, before that is tried."""
        with self._book.writing():
            row = self._known(ref)
            self._book.put(replace(row, tries=row.tries + 1, seen=""))

    def lost(self, key: str, reason: str) -> None:
        """The cause of a change is no more; the next look puts branches away that were made for nothing else."""
        for row in self.waiting():
            self.answer(row.ref, [key], "closed", reason)

    # What people answer.

    def answer(self, ref: str, keys: Iterable[str], state: State, reason: str) -> None:
        """Write down what becomes of single changes of a branch."""
        wanted, now = set(keys), self._clock()
        with self._book.writing():
            mine = [change for change in self._book.changes(ref) if change.key in wanted]
            self._book.write_changes(ref, (replace(change, state=state, reason=reason) for change in mine), now)

    def end(self, ref: str, state: State, reason: str) -> bool:
        """Put a branch away, as accepted or rejected; False where it is not as we left it, or may not be deleted."""
        row, refs = self._known(ref), read_refs(self._git)
        if refs.heads.get(ref, row.tip) != row.tip or self._held(row, refs):
            return False
        return carry.put_away(self._git, self._book, row, state, reason, self._clock(), ref in refs.heads, self._step)

    def _known(self, ref: str) -> Row:
        row = self.row(ref)
        if row is None:
            raise UsageError(f"{ref.removeprefix(HEADS)!r} is no branch of ocode's; see ocode review")
        return row

    # The look at the branches.

    def settle(self) -> Settled:
        """Look at every branch, and do what the rules say: nothing but our own unmodified branches is touched."""
        before = self._book.rows()  # before the refs: what is written meanwhile is left for the next look
        now, refs = self._clock(), read_refs(self._git)
        written = found.take_in(self._git, self._book, refs, self._prefix, now)
        if self._book.once("closed refs were read"):
            found.take_in_closed(self._git, self._book, refs)
        again: list[Row] = []
        lines: list[str] = []
        rows = self._book.rows()
        for row in rows.values():
            if row.state in ENDED and row.ref not in refs.heads:
                continue
            if row != before.get(row.ref) and row.ref not in written:
                continue
            looked, decision = self._look(row, refs, rows)
            told = self._do(row, looked, decision, refs, now)
            lines += [f"{row.name}: {told}"] if told else []
            again += [looked] if decision.act == "make again" else []
        self._expire(refs, now)
        return Settled(tuple(again), tuple(lines))

    def _look(self, row: Row, refs: Refs, rows: Mapping[str, Row]) -> tuple[Row, Decision]:
        """What is known of a branch, and what follows."""
        tip = refs.heads.get(row.ref)
        others = self._others(row, refs, rows)
        seen = " ".join([tip or "gone", *sorted(set(others.values()))])
        merges, how = row.merges, ""
        if seen != row.seen or row.state in ENDED:
            try:
                how, merges = self._compare(row, refs, others)
            except GitError:  # a commit that is there no more
                how, merges = "", -1
        mine = self._book.changes(row.ref)
        facts = Facts(
            state=row.state,
            tip="gone" if tip is None else "ours" if tip == row.tip else "theirs",
            held=self._held(row, refs),
            merged=how,
            settled=_settled(mine),
            put_away=self._put_away(row, refs),
            merges=None if merges < 0 else bool(merges),
            tries=row.tries,
        )
        return replace(row, seen=seen, merges=merges), contract.decide(facts)

    def _compare(self, row: Row, refs: Refs, others: Mapping[str, str]) -> tuple[str, int]:
        """How the work came to another branch, and whether it would merge into the one it was made for."""
        keys = {change.key: change.sha for change in self._book.changes(row.ref)}
        if row.ref not in refs.heads:
            others = refs.heads  # also one that got another name
        arrived = merged.arrived(self._git, merged.Work(row.tip, row.base, row.run, keys), others)
        if arrived.how or not others:
            return arrived.how, -1
        if arrived.keys:
            self.answer(row.ref, arrived.keys, "accepted", "its change is there")
        target = row.onto if row.onto in others else next(iter(others))
        if others[target] == row.base:
            return "", 1
        clean, nothing = merged.merges(self._git, row.tip, others[target])
        if clean is None:
            if self._book.once("git is too old"):
                self._say("git is older than 2.38: whether branches conflict is not looked at")
            return "", -1
        if nothing:
            return f"nothing of it is left to merge into {merged.short(target)}", 1
        if not clean and snapshot.is_snapshot(commits(self._git, "--max-count=1", row.base)[0].message):
            return "", -1  # made for a work tree that goes on
        return "", int(clean)

    def _others(self, row: Row, refs: Refs, rows: Mapping[str, Row]) -> dict[str, str]:
        """The branches that work goes to: the one it was made for, those that worktrees stand on, and trunks."""
        remote = [ref for ref in refs.heads if not ref.startswith(HEADS)]
        trunks = [HEADS + name for name in contract.PROTECTED]
        names = dict.fromkeys([row.onto, *refs.standing, *trunks, *remote])
        return {name: refs.heads[name] for name in names if name in refs.heads and name not in rows}

    def _held(self, row: Row, refs: Refs) -> str:
        if row.ref in refs.standing:
            return "it is checked out"
        return "its name is protected" if contract.protected(row.name) else ""

    def _put_away(self, row: Row, refs: Refs) -> tuple[State, str] | None:
        away = refs.away(row.ref, row.tip)
        if away is None:
            return None
        return away.state, row.reason if row.state == away.state else found.reason_of(self._git, away)

    def _do(self, row: Row, looked: Row, decision: Decision, refs: Refs, now: float) -> str:
        """Carry a decision out; what happened in one line, "" for nothing that anybody has to know."""
        there, state, reason = row.ref in refs.heads, decision.state, decision.reason
        if decision.act == "put away":
            done = carry.put_away(self._git, self._book, row, state, reason, now, there, self._step)
            return f"{state}: {reason}" if done else ""
        if decision.act == "bring back":
            carry.bring_back(self._git, self._book, row, now, refs.all_away(row.ref, row.tip), self._step)
            return f"open again: {reason}"
        if state in ENDED and not there:
            carry.write_end(self._book, row, state, reason, now)
            return ""
        changed = row.changed if (state, reason) == (row.state, row.reason) else int(now)
        carry.mark(self._book, row, replace(looked, state=state, reason=reason, changed=changed))
        return f"{state}: {reason}" if state != row.state and reason else ""

    def _expire(self, refs: Refs, now: float) -> None:
        """Let closed branches go when their time is over, and rejected ones when nothing holds the rejection."""
        for one in refs.put_away:
            if now - one.at < contract.KEPT_FOR:
                continue
            if one.state == "rejected" and self._holds(one):
                continue
            self._git.ask("update-ref", "-d", one.ref, one.tip)
            row = self.row(one.branch)
            if row and row.state in ENDED and row.tip == one.tip:
                self._book.drop(one.branch)
            self._step("expired")

    def _holds(self, one: PutAway) -> bool:
        """Whether a rejection is still remembered: the code it named is as it was where the user stands."""
        mine = [*self._book.changes(one.branch), *self._book.changes(one.ref)]
        return any(c.state == "rejected" and code.unchanged(self._git, "HEAD", c.code) for c in mine)


def _settled(changes: Iterable[Change]) -> tuple[State, str] | None:
    """What became of a branch all of whose changes were answered."""
    changes = list(changes)
    if not changes or any(change.state not in ENDED for change in changes):
        return None
    for state in ("accepted", "rejected", "closed"):
        same = [change for change in changes if change.state == state]
        if same:
            return state, "; ".join(dict.fromkeys(filter(None, (change.reason for change in same)))) or "answered"
    return None
