"""Carrying decisions out: refs first, the ledger second, each step whole by itself.

`step` is told after each step that is on the disk; whatever ends the process there, the next look at the branches
finds what was done and does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ocode_tools.git import Git
from ocode_tools.ledger.base import ENDED, Row, State
from ocode_tools.ledger.book import Book
from ocode_tools.ledger.reading import PutAway, away_ref

Step = Callable[[str], None]


def put_away(git: Git, book: Book, row: Row, state: State, reason: str, now: float, there: bool, step: Step) -> bool:
    """Move a branch (`there`: it still exists) to a private ref and write down why; False where it moved meanwhile."""
    kept = away_ref(row.ref, row.tip, state, now)
    lines = [
        f"update {kept} {row.tip}",
        f"{'delete' if there else 'verify'} {row.ref} {row.tip if there else '0' * 40}",
    ]
    said = "".join(f"{line}\n" for line in lines).encode()
    done = git.ask("update-ref", "--create-reflog", "-m", f"ocode: {reason}", "--stdin", stdin=said)
    if done.code and (there or git.ask("cat-file", "-e", row.tip).code == 0):
        return False  # it moved or came back meanwhile; what is lost for good is only written down
    step("refs")
    write_end(book, row, state, reason, now)
    step("ledger")
    return True


def write_end(book: Book, row: Row, state: State, reason: str, now: float) -> None:
    """Write down that a branch came to its end; changes that had no answer yet get the branch's."""
    with book.writing():
        if not _same(book, row):
            return
        book.put(replace(row, state=state, reason=reason, changed=int(now), seen=""))
        open_ones = [change for change in book.changes(row.ref) if change.state not in ENDED]
        book.write_changes(row.ref, (replace(change, state=state, reason=reason) for change in open_ones), now)


def bring_back(git: Git, book: Book, row: Row, now: float, away: Iterable[PutAway], step: Step) -> None:
    """A branch that was put away is there again: it waits as before."""
    with book.writing():
        if _same(book, row):
            book.put(replace(row, state="open", reason="", changed=int(now), seen=""))
            book.write_changes(row.ref, (replace(c, state="open", reason="") for c in book.changes(row.ref)), now)
    step("ledger")
    let_go(git, away)
    step("refs")


def let_go(git: Git, away: Iterable[PutAway]) -> None:
    """Forget that a branch was put away, as its name is in use again."""
    for one in away:
        git.ask("update-ref", "-d", one.ref, one.tip)


def mark(book: Book, before: Row, after: Row) -> None:
    """Write what was found out about a branch, unless somebody else wrote meanwhile."""
    if before != after:
        with book.writing():
            if _same(book, before):
                book.put(after)


def _same(book: Book, row: Row) -> bool:
    now = book.rows().get(row.ref)
    return now is None or (now.tip, now.state, now.tries) == (row.tip, row.state, row.tries)
