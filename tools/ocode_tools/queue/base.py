"""What the queue speaks of: a cause for work, and the job that it became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "ready", "running", "landed", "refused", "parked", "stale"]
"""Its time has not come, it may be taken, somebody works on it (with a lease), a branch came of it, nothing that
passed came of it, it is not tried again unless something changes, its cause is gone."""
STATES: tuple[State, ...] = ("waiting", "ready", "running", "landed", "refused", "parked", "stale")
OPEN: frozenset[State] = frozenset({"waiting", "ready", "running"})

REFRESH = "refresh"
"""The task of making a branch again; its keys are `branch@tip`."""
MOST_TRIES = 3
AGAIN_AFTER = 7 * 24 * 3600.0  # seconds after which what was parked is tried once more
NEVER = 1e15
LEASE = 120.0  # seconds
BACKOFF = (60.0, 300.0, 1800.0)  # seconds before the next try where the surroundings were at fault


@dataclass(frozen=True, slots=True)
class Cause:
    """Why there is something to do: in a repository (its common git folder) one `task` for one stable `key`.

    `tree` is the top of the work tree where it was seen, `path` the file from there with the 1-based `line`, `title`
    what people read. `digest` tells one state of the file from another: what was refused is tried again when it
    changes. `base` is the commit to work on, "" for the work tree as it is.
    """

    repository: str
    task: str
    key: str
    tree: str
    path: str = ""
    line: int = 0
    title: str = ""
    digest: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A cause in the queue. Times are seconds since the epoch; `lease` is when a running job's worker counts as lost,
    `owner` names that worker, `started` is when the last try began, `run` and `branch` are what it left."""

    id: int
    repository: str
    task: str
    key: str
    tree: str
    path: str
    line: int
    title: str
    digest: str
    base: str
    state: State
    reason: str
    tries: int
    run_at: float
    lease: float
    owner: str
    started: float
    born: float
    changed: float
    run: str
    branch: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What a look at a work tree changed: jobs that came (or came back), and those whose causes are gone. Of the
    latter, `running` are being worked on just now."""

    fresh: tuple[Job, ...] = ()
    gone: tuple[Job, ...] = ()
    running: tuple[Job, ...] = ()
