"""The daemon's work: takes a job when one may begin, sees to it while it runs, writes down what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocode_bot.tidying import tidy_up
from ocode_bot.watching import moving, pausing, taken
from ocode_bot.watching.log import Level, Log
from ocode_bot.watching.outcome import CAPPED, Outcome
from ocode_bot.watching.plan import Plan
from ocode_bot.watching.running import Command, Running, command, start
from ocode_tools import repository, store
from ocode_tools.errors import OcodeError
from ocode_tools.queue import rules, workers
from ocode_tools.queue.base import LEASE, REFRESH, Cause, Job
from ocode_tools.queue.places import Places
from ocode_tools.queue.queue import Queue
from ocode_tools.repository import Repository

AWAY = 30.0  # seconds before a model server that is away, a turn that is taken or a pause is looked at again
SOON = 2.0


@dataclass(slots=True)
class Work:
    """One job at a time. `now` is the wall clock, `monotonic` never jumps; `over` is called, in a thread, when a job
    has ended."""

    environ: Mapping[str, str]
    plan: Plan
    places: Places
    queue: Queue
    owner: str
    log: Log
    now: Callable[[], float]
    monotonic: Callable[[], float]
    over: Callable[[], None]
    command: Command = command
    running: Running | None = field(init=False, default=None)
    done: list[tuple[Job, str, str]] = field(init=False, default_factory=list[tuple[Job, str, str]])
    _unsaid: list[tuple[Job, Outcome]] = field(init=False, default_factory=list[tuple[Job, Outcome]])
    _pause: str = field(init=False, default="")
    _next: float = field(init=False, default=0.0)

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self.running is not None

    def status(self) -> str:
        """In a few words."""
        if self.running:
            return f"works on {self.running.job.title}"
        waiting = len(self.queue.jobs(states=("waiting", "ready")))
        return f"{waiting} waiting{f'; paused: {self._pause}' if self._pause else ''}"

    def turn(self, trees: list[str]) -> float:
        """See to the job under way or begin the next one; when to do so again, by the clock that never jumps."""
        mono = self.monotonic()
        self._write_down()
        for job in self.queue.recover(self.now()):
            self.log.tell("given up by a worker that died", job.tree, job.title, "warning", key=job.key)
            clear(job.tree, self.environ)
        if self.running:
            self._see_to(self.running, mono)
        if not self.running and mono >= self._next:
            self.begun(trees)
        return self._due(mono, trees)

    def _due(self, mono: float, trees: list[str]) -> float:
        if self.running:
            return mono + LEASE / 4
        soonest = self.queue.soonest(trees)
        return max(self._next, mono + max(0.0, soonest - self.now())) if soonest is not None else mono + LEASE

    def begun(self, trees: list[str]) -> bool:
        """Begin the next job of these work trees, where one may begin; whether one did."""
        if self.running:
            return True
        soonest = self.queue.soonest(trees)
        if soonest is None or soonest > self.now():
            return False
        why = pausing.why_wait(self.plan, pausing.machine(self.plan, self.now())) or ""
        if not why and self.plan.endpoint and not pausing.reachable(self.plan.endpoint):
            why = f"no model server at {self.plan.endpoint}"
        if why != self._pause:
            self.log.tell("paused" if why else "goes on", text=why, level="notice")
            self._pause = why
        if why:
            self._next = self.monotonic() + AWAY
            return False
        turn = workers.turn(self.places, self.plan.endpoint)
        if turn is None:
            self._next = self.monotonic() + SOON
            return False
        job = self.queue.claim(self.owner, self.now(), trees)
        if job is None:
            turn.release()
            return False
        try:
            if not self._start(job, turn):
                self._next = self.monotonic()
        finally:
            if not self.running:
                turn.release()
        return True

    def _start(self, job: Job, turn: store.Lock) -> bool:
        """Start a job that was claimed, unless it need or must not be done; whether it runs."""
        try:
            repo = repository.find(Path(job.tree))
            known = taken.look(repo, self.plan.prefix, job, self.now)
            if known.branch:
                self._finish(job, Outcome("landed", "found on its branch", branch=known.branch))
            elif known.refused:
                self._finish(job, Outcome("refused", known.refused, counted=False))
            elif known.full:
                self._finish(job, Outcome("waiting", known.full, rest=CAPPED))
            else:
                words = self.command(job, taken.committed(repo, job))
                self.running = start(job, words, self.plan.environ, turn, self.over, self.places.jobs)
                self.running.renewed = self.monotonic()
                self.log.tell("works on", job.tree, job.title, key=job.key)
                return True
        except OcodeError as problem:
            if not self._unsaid:
                self._finish(job, Outcome("waiting", str(problem), rest=CAPPED))
        return False

    def _see_to(self, running: Running, mono: float) -> None:
        if running.ended():
            self.running = None
            self._finish(running.job, self._meant(running, running.close()))
        elif mono >= running.renewed + LEASE / 4:
            running.renewed = mono
            if not self.queue.renew(running.job, self.now()):
                running.end("it was taken away")

    def _meant(self, running: Running, ended: Outcome) -> Outcome:
        """The outcome, where we told it to end ours; what landed before that landed."""
        if not running.dropped or ended.state == "landed":
            return ended
        gone = running.dropped.endswith("gone")
        return Outcome("stale" if gone else "ready", running.dropped, ended.run)

    def _finish(self, job: Job, said: Outcome) -> None:
        """Write down what became of a job, and say it; at the next turn where the disk is full just now."""
        self._unsaid.append((job, said))
        self._write_down()

    def _write_down(self) -> None:
        while self._unsaid:
            self._write(*self._unsaid[0])
            del self._unsaid[0]

    def _write(self, job: Job, said: Outcome) -> None:
        now, heard = self.now(), False
        state, reason = said.state, said.reason
        if state in ("ready", "waiting"):
            heard = self.queue.put_back(job, reason, now, now + said.rest if said.rest else 0.0)
        elif state is None:
            state, why, at = rules.lost(job, now)
            reason = f"{reason} (try {job.tries})" if state == "ready" else f"{why}: {reason}"
            heard = self.queue.finish(job, state, reason, now, run=said.run, run_at=at)
            clear(job.tree, self.environ)
        else:
            heard = self.queue.finish(job, state, reason, now, run=said.run, branch=said.branch, counted=said.counted)
        kept = self.queue.job(job.id)
        state = kept.state if heard and kept else state
        level: Level = "notice" if state == "landed" else "info"
        text = f"{job.title}: {f'{said.branch}: ' if said.branch else ''}{reason}"
        self.log.tell(state if heard else "not heard", job.tree, text, level, key=job.key, branch=said.branch)
        self.done.append((job, state, reason))

    # What ends a job early.

    def drop(self, job: Job, why: str) -> None:
        """End a job, if it is the one under way."""
        if self.running and self.running.job.id == job.id:
            self.running.end(why)

    def drop_tree(self, tree: str, why: str) -> None:
        """End the job under way, if it is in this work tree."""
        if self.running and self.running.job.tree == tree:
            self.running.end(why)

    def stop(self, why: str) -> None:
        """End the job under way and put it back."""
        if running := self.running:
            running.end(why)
            self.running = None
            self._finish(running.job, self._meant(running, running.close()))

    # New commits.

    def committed(self, repo: Repository, before: str, head: str) -> None:
        """See to branches that were made before the commit, and queue what the plan asks for on it; a switch to another
        branch is none."""
        if repo.git.ask("merge-base", "--is-ancestor", before, head).code:
            return
        now = self.now()
        self._follow(repo, head, now)
        self._refresh(repo, head, now)
        for task in self.plan.commits:
            for old in self.queue.jobs(str(repo.common_dir), ("waiting", "ready")):
                if old.task == task and old.tree == str(repo.top) and old.base:
                    self.queue.change(old.id, "stale", "a newer commit came", now)
            title = f"{task} at {head[:10]}"
            cause = Cause(str(repo.common_dir), task, head, str(repo.top), title=title, digest=head, base=head)
            if self.queue.add(cause, now, now + self.plan.quiet):
                self.log.tell("queued", str(repo.top), title, "notice", key=head)

    def _follow(self, repo: Repository, head: str, now: float) -> None:
        heads = self._branches(repo)
        for job in self._landed(repo):
            if job.branch not in heads:
                continue
            try:
                came = moving.follow(repo, self.plan.prefix, self.plan.tags, job, head)
            except OcodeError as problem:
                self.log.tell("not moved", job.tree, f"{job.branch}: {problem}", "warning")
                continue
            if came == "again":
                self.queue.change(job.id, "ready", "made again on what was committed", now)
            if came:
                said = f"{job.branch} onto {head[:10]}" if came == "moved" else f"{job.title}: to be made again"
                self.log.tell(came, job.tree, said, "notice", key=job.key)

    def _refresh(self, repo: Repository, head: str, now: float) -> None:
        """Queue that branches are made again which the commit is in conflict with."""
        try:
            found = moving.conflicting(repo, self.plan.prefix)
        except OcodeError as problem:
            self.log.tell("branches not looked at", str(repo.top), str(problem), "warning")
            return
        for row in found:
            key, title = f"{row.name}@{row.tip[:10]}", f"make {row.name} again"
            cause = Cause(str(repo.common_dir), REFRESH, key, str(repo.top), title=title, digest=head, base=head)
            if self.queue.add(cause, now, now + self.plan.quiet):
                self.log.tell("queued", str(repo.top), title, "notice", key=key)

    def reconsider(self, repo: Repository, causes: Sequence[Cause]) -> None:
        """Make jobs ready whose branches are there no more and whose files changed since; whether what was rejected may
        be offered again is asked of the ledger then."""
        digests = {cause.key: cause.digest for cause in causes}
        found = [job for job in self._landed(repo) if digests.get(job.key, job.digest) != job.digest]
        heads = self._branches(repo) if found else set[str]()
        for job in found:
            if job.branch not in heads:
                self.queue.change(job.id, "ready", "its branch is gone, and its file changed", self.now())

    def _landed(self, repo: Repository) -> list[Job]:
        jobs = self.queue.jobs(str(repo.common_dir), ("landed",))
        return [job for job in jobs if job.tree == str(repo.top) and job.branch and job.task == "todo"]

    def _branches(self, repo: Repository) -> set[str]:
        where = f"refs/heads/{self.plan.prefix}"
        return {name.strip() for name in repo.git.names("for-each-ref", "--format=%(refname:short)%00", where)}


def clear(tree: str, environ: Mapping[str, str]) -> None:
    """Remove what killed jobs left in a repository: workspaces, and snapshots that no branch needs."""
    try:
        repo = repository.find(Path(tree))
    except OcodeError:
        return
    tidy_up(repo, store.folders(repo, environ))
