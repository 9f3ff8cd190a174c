"""A branch made for work that was not committed yet: once it is, the branch is moved onto the commit, or made again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ocode_bot import landing
from ocode_tools import snapshot
from ocode_tools.git import Git
from ocode_tools.ledger import Landing, Ledger, Row
from ocode_tools.ledger.contract import MOST_AGAIN
from ocode_tools.queue.base import Job
from ocode_tools.repository import Repository
from ocode_tools.todos import scan

Moved = Literal["", "moved", "again"]
_SIGN_SECONDS = 10.0


def follow(repository: Repository, prefix: str, tags: Sequence[str], job: Job, head: str) -> Moved:
    """See to the branch of a job after a commit: moved where the commit holds just what the branch was made on, else
    put away so that the job is done again; "" where it is left as it is.

    Only a branch that nobody changed, whose TODO was committed, is touched. Raises `OcodeError`.
    """
    git, ref = repository.git, f"refs/heads/{job.branch}"
    tip = repository.sha(ref)
    if not tip or repository.checked_out(ref):
        return ""
    with Ledger(repository, prefix) as ledger:
        ledger.settle()
        row = ledger.row(ref)
        if row is None or row.state != "open" or row.tip != tip or not _was_snapshot(git, row.base):
            return ""
        if job.key not in {todo.key for todo in scan.at(git, head, [job.path], tags)}:
            return ""
        if _tree(git, row.base) == _tree(git, head):
            moved = _onto(repository, row.base, tip, head)
            reason = f"ocode {job.task}: moved onto {head[:10]}"
            if moved and not git.ask("update-ref", "--create-reflog", "-m", reason, ref, moved, tip).code:
                key = f"{job.task}:{job.key}"
                ledger.record(Landing(ref, moved, head, row.task, key, row.run, row.verdict, row.onto, row.asked))
                snapshot.forget(repository, row.run)
                return "moved"
        if row.tries >= MOST_AGAIN:
            return ""
        ledger.begin_again(ref)
        return "again" if ledger.end(ref, "closed", "made again on what was committed meanwhile") else ""


def conflicting(repository: Repository, prefix: str) -> list[Row]:
    """The branches that nobody asked for and that are in conflict with what they were made for; raises `OcodeError`."""
    with Ledger(repository, prefix) as ledger:
        return [row for row in ledger.settle().again if not row.asked]


def _was_snapshot(git: Git, base: str) -> bool:
    return snapshot.is_snapshot(git.ask("log", "-1", "--format=%B", base).text)


def _tree(git: Git, commit: str) -> str:
    return git.text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")


def _onto(repository: Repository, base: str, tip: str, head: str) -> str:
    """The same commits on `head`; their trees are the same, so what was verified of them holds. "" if unsigned."""
    git, parent = repository.git, head
    who = repository.identity().variables()
    sign = "-S" if landing.wants_signature(repository) else "--no-gpg-sign"
    for commit in git.text("rev-list", "--reverse", f"{base}..{tip}").split():
        said = git.text("log", "-1", "--format=%B", commit).rstrip("\n")
        text = f"{said}\n".replace(f"\nOcode-Base: {base}\n", f"\nOcode-Base: {head}\n").encode(
            "utf-8", "surrogateescape"
        )
        words = ("commit-tree", sign, f"{commit}^{{tree}}", "-p", parent)
        done = git.ask(*words, stdin=text, timeout=_SIGN_SECONDS, env=who)
        if done.code:
            return ""
        parent = done.text.strip()
    return parent
