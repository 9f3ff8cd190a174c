"""Rows for what git holds and the ledger does not know: after a crash, after its loss, after a landing without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ocode_tools.git import Git
from ocode_tools.ledger import code, merged
from ocode_tools.ledger.base import Change, Row, State
from ocode_tools.ledger.book import Book
from ocode_tools.ledger.reading import CLOSED, HEADS, PutAway, Refs, Story, last_move, made_by_us, moved_by_us, story


def take_in(git: Git, book: Book, refs: Refs, prefix: str, now: float) -> frozenset[str]:
    """Write rows for branches of ours that have none, and newer tips of ours for those that have; returns which.

    Ours are those below `prefix` and those that the ledger knows, besides those whose reflog begins with ocode.
    """
    rows = book.rows()
    written: set[str] = set()
    for ref, sha in refs.heads.items():
        row = rows.get(ref)
        if row and row.tip == sha:
            continue
        signed = ref in refs.signed
        mine = row or ref.startswith(HEADS + prefix) or (signed and ref.startswith(HEADS) and made_by_us(git, ref))
        if not mine or (row and row.seen.startswith(sha)):  # looked at before
            continue
        found = story(git, sha)
        if found is None:
            if row:  # the name is somebody else's now
                book.drop(ref)
            continue
        ours = moved_by_us(git, ref, found, refs.away(ref, sha) is not None)
        if ours or row is None:
            write(
                git, book, ref, found, row, "open" if ours else "frozen", "", now, unknown=not ours and sha == found.tip
            )
            written.add(ref)
    return frozenset(written)


def take_in_closed(git: Git, book: Book, refs: Refs) -> None:
    """Write what private refs tell: which branches were put away, why, and which causes were rejected."""
    rows = book.rows()
    for one in sorted(refs.put_away, key=lambda one: one.at):
        found = story(git, one.tip)
        if found:
            reason = reason_of(git, one)
            # The name may be in use again: then its changes are kept below the private one.
            ref = one.ref if one.branch in rows or one.branch in refs.heads else one.branch
            write(git, book, ref, found, None, one.state, reason, one.at)


def write(
    git: Git,
    book: Book,
    ref: str,
    found: Story,
    row: Row | None,
    state: State,
    reason: str,
    now: float,
    unknown: bool = False,
) -> None:
    """Write a branch and its changes as its commits tell; `unknown`: somebody made the tip anew, what we wrote is not
    known."""
    first, last = found.commits[0], found.commits[-1]
    verdict = last.trailers.get("Ocode-Verified", "")
    again = row is not None and row.base == found.base and row.state not in ("accepted", "rejected", "closed")
    made = row if row and again else None
    row = replace(
        made or Row(ref, last.trailers.get("Ocode-Task", "fix"), found.base, found.tip, last.trailers["Ocode-Run"]),
        tip="0" * len(found.tip) if unknown else found.tip,
        verdict=verdict,
        state=state,
        reason=reason,
        born=made.born if made else min(first.committed, int(now)),
        changed=int(now),
        seen="",
    )
    known = {change.key for change in book.changes(ref)} if made else set[str]()
    changes = changes_of(git, found, state, reason)
    with book.writing():
        if not ref.startswith(CLOSED):
            book.put(row)
        if not made:
            book.forget_changes(ref, "open")
        book.write_changes(ref, [change for change in changes.values() if change.key not in known], now)


def changes_of(git: Git, found: Story, state: State, reason: str) -> Mapping[str, Change]:
    """The changes of a branch by their keys, where they are its commits."""
    answer: State = "open" if state == "frozen" else state
    made: dict[str, Change] = {}
    for commit in found.commits:
        key = commit.trailers.get("Ocode-Key") or key_of(git, commit.sha)
        named = code.named(git, commit.parent, commit.sha)
        made[key] = Change(key, commit.sha, answer, "" if answer == "open" else reason, named)
    return made


def key_of(git: Git, sha: str) -> str:
    """The key of a commit whose message has none: what it changes."""
    return f"patch-{merged.patch(git, f'{sha}^', sha)[:16]}"


def reason_of(git: Git, away: PutAway) -> str:
    """Why a branch was put away, as the private ref's reflog tells."""
    return last_move(git, away.ref).removeprefix("ocode: ")
