"""What killed runs left: workspaces, and snapshots that no branch needs."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ocode_tools import snapshot, store
from ocode_tools.repository import Repository
from ocode_tools.store import Folders
from ocode_tools.workspace import tidy

STARTING = 600.0  # a run makes its snapshot before its folder (seconds)


def tidy_up(repo: Repository, folders: Folders) -> None:
    """Remove all of it."""
    tidy(folders.workspaces)
    for run in needless(repo, folders):
        snapshot.forget(repo, run)


def needless(repo: Repository, folders: Folders) -> Iterator[str]:
    """The runs whose snapshots no branch stands on, and that are not under way or about to be."""
    for run, sha, born in snapshot.kept(repo):
        status = store.Run(folders.runs / run).load()["status"]
        busy = status == "running" or (status == "unreadable" and time.time() - born < STARTING)
        if not busy and not repo.git.out("for-each-ref", "--contains", sha, "refs/heads/"):
            yield run
