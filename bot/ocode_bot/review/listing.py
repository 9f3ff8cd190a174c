"""What waits for somebody's eyes, as facts of one line each."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ocode_bot.review.scene import Scene
from ocode_tools.git import GitError
from ocode_tools.ledger import Row
from ocode_tools.ledger.reading import Commit, commits

_SURE = re.compile(r"^\s*Confidence: (high|low)\b", re.MULTILINE)
HEADINGS = ("branch", "what", "files", "+/-", "verified by", "sure", "age", "base")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One branch: `what` are its subjects, `files`, `added` and `removed` what it changes, `sure` the least that its
    commits say of themselves ("" where none does), `age` in seconds, `base` whether that has moved."""

    branch: str
    task: str
    state: str
    reason: str
    what: tuple[str, ...]
    files: int
    added: int
    removed: int
    verified: str
    sure: str
    age: int
    base: str
    tip: str
    tries: int

    @property
    def size(self) -> str:
        """How much it is: `1 commit, 2 files, +3 -1`."""
        counts = ((len(self.what), "commit"), (self.files, "file"))
        said = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
        return f"{said}, +{self.added} -{self.removed}"

    def row(self) -> tuple[str, ...]:
        """As a row of the table."""
        more = f" (+{len(self.what) - 1} more)" if len(self.what) > 1 else ""
        subject = (self.what[0] if self.what else self.task) + more
        base = self.base if self.state == "open" else f"{self.state}: {self.reason}"
        size = f"+{self.added} -{self.removed}"
        return self.branch, subject, str(self.files), size, self.verified or "-", self.sure or "-", ago(self.age), base

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def waiting(scene: Scene, rows: Sequence[Row] | None = None) -> list[Waiting]:
    """Every branch that waits, oldest first, or those of `rows`."""
    chosen = scene.ledger.waiting() if rows is None else rows
    return [_waiting(scene, row) for row in chosen if scene.repo.sha(row.ref)]


def _waiting(scene: Scene, row: Row) -> Waiting:
    git, tip = scene.repo.git, scene.repo.sha(row.ref) or row.tip
    try:
        found = commits(git, "--first-parent", f"{row.base}..{tip}")
        sizes = [line.split("\t", 2) for line in git.names("diff", "--numstat", "-z", "--no-renames", row.base, tip)]
    except GitError:  # a base that is there no more
        found, sizes = [], []
    return Waiting(
        branch=row.name,
        task=row.task,
        state=row.state,
        reason=row.reason,
        what=tuple(subject(commit) for commit in reversed(found)),
        files=len(sizes),
        added=sum(int(added) for added, _, _ in sizes if added.isdecimal()),
        removed=sum(int(removed) for _, removed, _ in sizes if removed.isdecimal()),
        verified=row.verdict.rpartition(": ")[2],
        sure=least(found),
        age=max(0, int(time.time()) - row.born),
        base=base_state(scene, row),
        tip=tip,
        tries=row.tries,
    )


def subject(commit: Commit) -> str:
    """The first line of a commit's message, printable."""
    return "".join(c if c.isprintable() else "?" for c in commit.message.partition("\n")[0])


def least(found: Sequence[Commit]) -> str:
    """The least confidence that commits say of themselves, "" where none says any."""
    said = {match[1] for commit in found if (match := _SURE.search(commit.message))}
    return "low" if "low" in said else "high" if said else ""


def confidence(commit: Commit) -> str:
    """What a commit says of how sure it is, and why; "" where it says nothing."""
    found = re.search(r"^\s*Confidence: (.+(?:\n[ \t]+\S.*)*)", commit.message, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def base_state(scene: Scene, row: Row) -> str:
    """Whether the branch that the work was made for has moved since, and whether it still merges there."""
    onto = scene.repo.sha(row.onto) if row.onto else None
    if (onto or scene.repo.head()) == row.base:
        return "current"
    return {1: "moved, merges", 0: "moved, conflicts"}.get(row.merges, "moved")


def ago(seconds: int) -> str:
    """A time for people, in one unit."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
