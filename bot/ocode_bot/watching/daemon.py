"""The daemon's loop: hints in, looks at work trees, the queue brought up to date, one job at a time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Protocol

from ocode_bot.watching import plan as plans
from ocode_bot.watching.events import Deaf, Hint, Inbox, Message, Notifier
from ocode_bot.watching.log import Log
from ocode_bot.watching.plan import Plan
from ocode_bot.watching.watched import Watched, opened
from ocode_bot.watching.work import Work
from ocode_tools.errors import OcodeError, SetupError
from ocode_tools.git import GitError
from ocode_tools.queue import spool
from ocode_tools.queue.base import Cause, Job
from ocode_tools.queue.file import Broken
from ocode_tools.queue.places import Places
from ocode_tools.queue.queue import Queue
from ocode_tools.watching.notify import notify, watchdog
from ocode_tools.watching.tree import Look

TURN = 60.0  # seconds between two turns of the loop at most
MISSING_EVERY = 10.0
STALE_FOR = 30 * 24 * 3600.0


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> float:
        """Seconds since the epoch; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    def wait(self, inbox: Inbox, seconds: float) -> Message | None:
        """The next message, None after so many seconds without one."""
        ...


@dataclass(slots=True)
class Daemon:
    """Watches `trees` until it is told to stop. With `once` it looks and works until nothing is to be done."""

    environ: Mapping[str, str]
    plan: Plan
    places: Places
    queue: Queue
    work: Work
    trees: list[Watched]
    log: Log
    clock: Clock
    forced: bool = False
    everything: bool = False
    inbox: Inbox = field(default_factory=SimpleQueue)
    stopping: bool = field(init=False, default=False)
    notifier: Notifier | None = field(init=False, default=None)
    _trouble: str = field(init=False, default="")
    _missing: float = field(init=False, default=0.0)
    _beat: float = field(init=False, default=0.0)

    def run(self) -> None:
        """Until told to stop; a job under way is put back then."""
        self.notifier = Notifier(self.inbox)
        beat = watchdog(self.environ) or TURN
        try:
            notify(self.environ, READY="1", STATUS="looking at what is there")
            while not self.stopping:
                until = self._patient_turn()
                wait = max(0.0, min(until, self.clock.monotonic() + min(TURN, beat)) - self.clock.monotonic())
                message = self.clock.wait(self.inbox, wait)
                while message is not None:
                    self.hear(message)
                    message = _next(self.inbox)
        finally:
            notify(self.environ, STOPPING="1", STATUS="stopping")
            self.notifier.close()
            self.close()

    def once(self) -> None:
        """Look at every work tree, then do what may be done now."""
        try:
            while not self.stopping:
                self.turn(look=True)
                if not self.work.busy and not self.work.begun(self._free()):
                    break
                message = self.clock.wait(self.inbox, 5.0)
                if message is not None:
                    self.hear(message)
        finally:
            self.close()

    def close(self) -> None:
        """End the job under way, and forget what is watched."""
        self.work.stop("told to stop")
        self.queue.watched_no_more(self.work.owner)
        for watched in self.trees:
            watched.close()

    # What comes in.

    def hear(self, message: Message) -> None:
        """One message."""
        match message:
            case Hint(paths, new):
                now = self.clock.monotonic()
                for watched in self.trees:
                    if paths:
                        watched.hint(now, paths, new)
                    else:
                        watched.pace.hint(now)
                if any(path.startswith(f"{self.places.spool}/") for path in paths):
                    self.hear("spool")
            case Deaf(reason):
                for watched in self.trees:
                    watched.deaf(reason)
                    self._tell_how(watched)
            case "spool":
                self._spool()
            case "stop":
                self.stopping = True
            case "reload":
                self._reload()
            case "child":
                pass  # the next turn sees to it

    def _spool(self) -> None:
        mine = frozenset(watched.top for watched in self.trees)
        for tree in spool.take(self.places.spool, mine):
            for watched in self.trees:
                if watched.top == tree:
                    watched.pace.hint(self.clock.monotonic())

    def _reload(self) -> None:
        notify(self.environ, RELOADING="1")
        try:
            self.plan = self.work.plan = plans.read(self.environ)
        except OcodeError as problem:
            self.log.tell("not reloaded", text=str(problem), level="error")
        else:
            self.log.tell("reloaded")
            for watched in self.trees:
                if watched.repository and self._open(watched):
                    watched.pace.hint(self.clock.monotonic())
        notify(self.environ, READY="1")

    # One turn.

    def _patient_turn(self) -> float:
        """A turn; where the queue cannot be written just now (a full disk), another one a little later."""
        try:
            until = self.turn()
        except Broken:
            raise
        except SetupError as problem:
            if self._trouble != str(problem):
                self._trouble = str(problem)
                self.log.tell("in trouble", text=str(problem), level="error")
            return self.clock.monotonic() + MISSING_EVERY
        self._trouble = ""
        return until

    def turn(self, look: bool = False) -> float:
        """Do what is due; when the next turn is, by the clock that never jumps."""
        now = self.clock.monotonic()
        self._spool()
        self._find_missing(now)
        for watched in self.trees:
            if watched.repository is not None:
                self._attend(watched, now, look)
        if self.notifier and any(watched.within for watched in self.trees):
            self.places.spool.mkdir(parents=True, exist_ok=True)
            wanted = {str(self.places.spool), *(path for watched in self.trees for path in watched.within)}
            self.notifier.watch(wanted, any(watched.renewed for watched in self.trees))
            for watched in self.trees:
                watched.renewed = False
        soonest = self.work.turn(self._free())
        dues = [watched.pace.due(now) for watched in self.trees if watched.repository and not watched.held]
        dues += [now + 1.0 for watched in self.trees if watched.repository and watched.held]
        dues += [now + MISSING_EVERY for watched in self.trees if watched.repository is None]
        self._say_how_it_goes(now)
        return min([soonest, *dues], default=soonest)

    def _attend(self, watched: Watched, now: float, look: bool) -> None:
        """See to one work tree."""
        decision = watched.pace.decide(now, watched.doing())
        if decision.held != watched.held:
            watched.held = decision.held
            self.log.tell("paused" if decision.held else "goes on", watched.top, decision.held)
        if not decision.look and not (look and not decision.held):
            return
        try:
            self._take_in(watched, watched.look(), now)
            if self.notifier and watched.survey(self.forced, now):  # what comes before it is watched is hinted at then
                self._tell_how(watched)
        except (GitError, SetupError) as problem:
            if watched.gone():
                self.log.tell("vanished", watched.top, level="warning")
                self.work.drop_tree(watched.top, "its work tree is gone")
                watched.vanish()
            else:
                self.log.tell("not seen", watched.top, str(problem), level="warning")
                watched.pace.looked(now, False)

    def _take_in(self, watched: Watched, seen: Look, now: float) -> None:
        """Bring the queue up to date with what was seen."""
        wall, quiet = self.clock.now(), self.plan.quiet
        watched.pace.looked(now, seen.changed)

        def due(cause: Cause) -> float:
            return watched.quiet_until(cause, wall, quiet)

        synced = self.queue.sync(watched.top, "todo", seen.causes, wall, due)
        if seen.changed and watched.repository:
            self.work.reconsider(watched.repository, seen.causes)
        if seen.saved:
            saved = [cause for cause in seen.causes if cause.path in seen.saved]
            self.queue.postpone(watched.top, {cause.path for cause in saved}, wall, max(map(due, saved), default=wall))
        for job in synced.fresh:
            self.log.tell("queued", watched.top, _named(job), level="notice", key=job.key)
        for job in synced.gone:
            self.log.tell("gone", watched.top, _named(job), key=job.key)
        for job in synced.running:
            self.work.drop(job, "its cause is gone")
        if seen.before and seen.head != seen.before and watched.repository:
            self.work.committed(watched.repository, seen.before, seen.head)

    def _find_missing(self, now: float) -> None:
        """Look for repositories that are not there (yet, or any more)."""
        if now < self._missing:
            return
        self._missing = now + MISSING_EVERY
        for watched in self.trees:
            if watched.repository is None and watched.place.is_dir() and self._open(watched):
                self.log.tell("watching", watched.top)

    def _open(self, watched: Watched) -> bool:
        problem = opened(watched, self.plan, self.everything, self.known)
        if problem and problem != watched.problem:
            self.log.tell("not watched", str(watched.place), problem, level="warning")
        watched.problem = problem or ""
        return problem is None

    def known(self, tree: str) -> list[str]:
        """The keys of the jobs in a work tree."""
        return [job.key for job in self.queue.jobs() if job.tree == tree]

    def _free(self) -> list[str]:
        """The work trees where a job may begin."""
        return [watched.top for watched in self.trees if watched.repository and not watched.held]

    def _tell_how(self, watched: Watched) -> None:
        how = f"polling every {watched.pace.poll:g} s" if watched.poll else f"events in {len(watched.within)} folders"
        if watched.told != watched.poll:
            watched.told = watched.poll
            self.log.tell("watches", watched.top, f"{how}{f' ({watched.poll})' if watched.poll else ''}")
        now = self.clock.now()
        self.queue.watching(watched.top, self.work.owner, os.getpid(), how, watched.poll, now)

    def _say_how_it_goes(self, now: float) -> None:
        """To the service manager."""
        if now >= self._beat:
            self._beat = now + (watchdog(self.environ) or TURN)
            notify(self.environ, WATCHDOG="1", STATUS=self.work.status())
            self.queue.forget(self.clock.now() - STALE_FOR)


def _next(inbox: Inbox) -> Message | None:
    try:
        return inbox.get_nowait()
    except Empty:
        return None


def _named(job: Job) -> str:
    return f"{job.title} ({job.path}:{job.line})" if job.path else job.title
