"""Whether a job was done already, or may not be: what git and the ledger say just before it begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocode_tools.ledger import Ledger
from ocode_tools.queue.base import REFRESH, Job
from ocode_tools.repository import Repository


@dataclass(frozen=True, slots=True)
class Before:
    """`branch`: it landed there before. `refused`: it was rejected. `full`: too many branches wait."""

    branch: str = ""
    refused: str = ""
    full: str = ""


def look(repository: Repository, prefix: str, job: Job, clock: Callable[[], float]) -> Before:
    """What is known of a job's cause. Raises `OcodeError`.

    A worker may have died between landing a branch and writing that down: the ledger knows it, or learns it from git.
    """
    if job.task == REFRESH:
        return Before()
    key = f"{job.task}:{job.key}"
    with Ledger(repository, prefix, clock=clock) as ledger:
        ledger.settle()
        for row in ledger.waiting():
            if any(change.key == key for change in ledger.changes(row.ref)):
                return Before(branch=row.name)
        refused = ledger.rejected(key, repository.head()) or ""
        full = ledger.may_open(job.task, asked=False) or ""
    return Before(refused=refused, full=full)


def committed(repository: Repository, job: Job) -> bool:
    """Whether the job's file is as it is in HEAD."""
    git, path = repository.git, f":(literal){job.path}"
    if not git.names("ls-files", "-z", "--", path):
        return False
    return git.ask("diff", "--quiet", "--no-ext-diff", "HEAD", "--", path).code == 0
