"""One work tree that is watched: how, what was last seen there, and when to look again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ocode_bot.watching.plan import Plan
from ocode_tools import repository
from ocode_tools.errors import OcodeError, SetupError
from ocode_tools.git import GitError
from ocode_tools.queue.base import Cause
from ocode_tools.repository import Repository
from ocode_tools.store import Lock, writing
from ocode_tools.watching import folders, marks
from ocode_tools.watching.pace import ACTIVE, Doing, Pace
from ocode_tools.watching.tree import Look, Tree

POLL = 3.0
"""Seconds between looks where no events come."""


@dataclass(slots=True)
class Watched:
    """A place that the user named: a work tree, or where one may appear. `held` says why nothing happens there now,
    `poll` why it is looked at on a timer alone, `problem` why it is not watched, `told` is the last `poll`
    that was said; `renewed`: a folder of `within`, which are watched, was removed and made anew."""

    place: Path
    poll: str = ""
    held: str = ""
    problem: str = ""
    told: str | None = None
    pace: Pace = field(default_factory=Pace)
    repository: Repository | None = None
    tree: Tree | None = None
    within: frozenset[str] = frozenset()
    renewed: bool = False
    _stale: bool = True
    _surveyed: float = 0.0
    _lock: Lock | None = None

    @property
    def top(self) -> str:
        """The work tree's top, or the place where one may appear."""
        return str(self.repository.top if self.repository else self.place)

    def open(self, plan: Plan, everything: bool, known: Callable[[str], Iterable[str]]) -> None:
        """Find the repository. Raises `SetupError` where there is none, or another ocode watches it."""
        found = repository.find(self.place)
        if self._lock is None:
            path = found.git_dir / "ocode" / "watch.lock"
            with writing(path):
                path.parent.mkdir(exist_ok=True)
            self._lock = Lock.take(path)
            if self._lock is None:
                raise SetupError(f"another ocode watches {found.top}; see ocode jobs, or end that one")
        self.repository = found
        wanted = marks.wanted(plan.marks)
        self.tree = Tree(found, plan.tags, wanted, everything, set(known(str(found.top))) if everything else set())
        self._stale = True

    def vanish(self) -> None:
        """Forget a repository that is not there any more."""
        self.repository, self.tree, self.within = None, None, frozenset()
        self.close()

    def close(self) -> None:
        """Let others watch it."""
        if self._lock:
            self._lock.release()
            self._lock = None

    def hint(self, now: float, paths: Iterable[str], new: Iterable[str]) -> None:
        """Something may have changed at these absolute paths; `new` are folders."""
        if self.repository is None:
            return
        if any(self._mine(path) and folders.tells(self.repository, path) for path in paths):
            self.pace.hint(now)
        self._stale |= any(self._mine(path) for path in new)
        self.renewed |= any(path in self.within for path in new)

    def _mine(self, path: str) -> bool:
        assert self.repository is not None
        places = (self.repository.top, self.repository.git_dir, self.repository.common_dir)
        return any(path == str(place) or path.startswith(f"{place}/") for place in places)

    def doing(self) -> Doing:
        """What git is doing there."""
        if self.repository is None:
            return Doing()
        return Doing(self.repository.operation(), (self.repository.git_dir / "index.lock").exists())

    def gone(self) -> bool:
        """Whether the work tree is there no more."""
        return self.repository is None or not (self.repository.top / ".git").exists()

    def survey(self, forced: bool, now: float) -> bool:
        """Find out which folders to watch, where that may have changed; whether it has. Raises `GitError`."""
        if self.repository is None or self.poll or (not self._stale and now < self._surveyed + ACTIVE):
            return False
        self._stale, self._surveyed = False, now
        top = str(self.repository.top)
        names = folders.listed(self.repository.git)
        why = "asked for" if forced else folders.why_poll(self.repository.top, len(names))
        if why:
            return self.deaf(why)
        found = {os.path.join(top, name) if name else top for name in names} | folders.of_git(self.repository)
        before, self.within = self.within, frozenset(found)
        return before != self.within

    def deaf(self, why: str) -> bool:
        """Look on a timer from now on; always true."""
        self.poll, self.pace.poll, self.within = why, POLL, frozenset()
        return True

    def look(self) -> Look:
        """Look at the work tree. Raises `GitError`."""
        assert self.tree is not None
        return self.tree.look()

    def quiet_until(self, cause: Cause, now: float, quiet: float) -> float:
        """When a file will not have been saved for `quiet` seconds; times are seconds since the epoch."""
        try:
            saved = os.stat(os.path.join(cause.tree, cause.path)).st_mtime
        except OSError:
            return now
        return min(now + quiet, max(now, saved + quiet))


def opened(watched: Watched, plan: Plan, everything: bool, known: Callable[[str], Iterable[str]]) -> str | None:
    """Open it; why that cannot be done, None where it could."""
    try:
        watched.open(plan, everything, known)
    except GitError as problem:
        return str(problem)
    except OcodeError as problem:
        return str(problem)
    return None
