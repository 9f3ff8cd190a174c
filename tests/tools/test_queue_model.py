"""Random lives of a queue, held against a model of it: nothing lost, nothing done twice, nobody passed over."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.queue.base import LEASE, MOST_TRIES, Cause, Job, State
from ocode_tools.queue.queue import Queue

REPOSITORIES = ("r1", "r2", "r3")
KEYS = ("k1", "k2", "k3")
WORKERS = ("w1", "w2")
STEPS = st.one_of(
    st.tuples(
        st.just("see"), st.sampled_from(REPOSITORIES), st.frozensets(st.sampled_from(KEYS)), st.sampled_from("ab")
    ),
    st.tuples(st.just("claim"), st.sampled_from(WORKERS)),
    st.tuples(st.just("end"), st.sampled_from(WORKERS), st.sampled_from(["landed", "refused", "put back"])),
    st.tuples(st.just("renew"), st.sampled_from(WORKERS)),
    st.tuples(st.just("die"), st.sampled_from(WORKERS)),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 31.0, LEASE + 1])),
    st.tuples(st.just("pause"), st.sampled_from(REPOSITORIES)),
    st.tuples(st.just("resume"), st.sampled_from(REPOSITORIES)),
)


@dataclass
class Model:
    """What the queue should hold: the state and tries of each cause, who holds what until when, who was served when."""

    now: float = 1000.0
    states: dict[tuple[str, str], State] = field(default_factory=dict[tuple[str, str], State])
    tries: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    digests: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    due: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    held: dict[str, tuple[Job, float]] = field(default_factory=dict[str, tuple[Job, float]])
    served: dict[str, float] = field(default_factory=dict[str, float])
    paused: set[str] = field(default_factory=set[str])
    landed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def see(self, repository: str, keys: set[str], digest: str) -> None:
        """A look at a work tree."""
        for key in keys:
            name = repository, key
            state = self.states.get(name)
            back = state == "refused" and self.digests[name] != digest
            if state == "stale" and self.tries[name] >= MOST_TRIES:
                self.states[name], self.digests[name] = "parked", digest
            elif state in (None, "stale") or back:
                self.states[name], self.digests[name], self.due[name] = "waiting", digest, self.now + 30
                self.tries.setdefault(name, 0)
        for (where, key), state in self.states.items():
            if where == repository and key not in keys and state in ("waiting", "ready", "refused", "parked"):
                self.states[where, key] = "stale"

    def free(self) -> set[str]:
        """The repositories that have something to do just now."""
        open_ones = (n for n, state in self.states.items() if state in ("waiting", "ready") and self.due[n] <= self.now)
        return {name[0] for name in open_ones if name[0] not in self.paused}

    def take(self, worker: str, job: Job) -> None:
        """A worker took a job."""
        name = job.repository, job.key
        assert self.states[name] in ("waiting", "ready")
        assert self.due[name] <= self.now
        assert job.repository in self.free()
        assert self.served.get(job.repository, 0.0) == min(self.served.get(one, 0.0) for one in self.free())
        self.states[name] = "running"
        self.tries[name] += 1
        self.served[job.repository] = self.now
        self.held[worker] = job, self.now + LEASE

    def end(self, worker: str, how: str) -> None:
        """A worker told what became of its job, in time."""
        job, _ = self.held.pop(worker)
        name = job.repository, job.key
        if how == "put back":
            self.states[name], self.due[name] = "ready", self.now
            self.tries[name] -= 1
        elif how == "landed":
            self.states[name] = "landed"
            self.landed.append(name)
        else:
            self.states[name] = "parked" if self.tries[name] >= MOST_TRIES else "refused"

    def recover(self) -> None:
        """Workers whose leases are over lose their jobs."""
        for worker, (job, until) in list(self.held.items()):
            if until <= self.now:
                self.lose(worker, job)
        for name, state in self.states.items():
            if state == "waiting" and self.due[name] <= self.now:
                self.states[name] = "ready"

    def lose(self, worker: str, job: Job) -> None:
        """A worker lost its job."""
        del self.held[worker]
        name = job.repository, job.key
        self.states[name] = "parked" if self.tries[name] >= MOST_TRIES else "ready"


@contextmanager
def opened() -> Generator[Queue]:
    """An empty queue."""
    with tempfile.TemporaryDirectory() as folder, Queue(Path(folder, "queue.db")) as queue:
        yield queue


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_the_queue_is_as_its_model(steps: list[tuple[object, ...]]) -> None:
    model = Model()
    lost = dict[str, Job]()  # what a worker lost and does not know of
    with opened() as queue:
        full = [("see", repository, frozenset(KEYS), "a") for repository in REPOSITORIES]
        for step in (*full, ("wait", 31.0), *steps):
            model.now += 1
            do(queue, model, lost, step)
            assert {(job.repository, job.key): job.state for job in queue.jobs()} == model.states
            assert {(job.repository, job.key): job.tries for job in queue.jobs()} == model.tries
        assert len(model.landed) == len(set(model.landed))


def do(queue: Queue, model: Model, lost: dict[str, Job], step: tuple[object, ...]) -> None:
    """One step in both."""
    match step:
        case ("see", str(repository), _, str(digest)):
            names = sorted(cast("frozenset[str]", step[2]))
            causes = [Cause(repository, "todo", key, f"/{repository}", digest=digest) for key in names]
            queue.sync(f"/{repository}", "todo", causes, model.now, lambda _: model.now + 30)
            model.see(repository, set(names), digest)
        case ("claim", str(worker)):
            if worker not in model.held:
                job = queue.claim(worker, model.now)
                assert (job is None) == (not model.free())
                if job:
                    model.take(worker, job)
        case ("end", str(worker), str(how)):
            end(queue, model, lost, worker, how)
        case ("renew", str(worker)):
            if worker in model.held:
                job, _ = model.held[worker]
                assert queue.renew(job, model.now)
                model.held[worker] = job, model.now + LEASE
            elif worker in lost:
                assert not queue.renew(lost[worker], model.now)
        case ("die", str(worker)):
            if worker in model.held:
                lost[worker] = model.held[worker][0]
                model.held[worker] = lost[worker], model.now
                queue.renew(lost[worker], model.now, lease=0.0)
        case ("wait", float(seconds)):
            model.now += seconds
        case ("pause", str(repository)):
            queue.pause(repository, "by hand", model.now)
            model.paused.add(repository)
        case _:
            repository = str(step[1])
            assert queue.resume(repository) == (repository in model.paused)
            model.paused.discard(repository)
    lost |= {worker: job for worker, (job, until) in model.held.items() if until <= model.now}
    queue.recover(model.now)
    model.recover()


def end(queue: Queue, model: Model, lost: dict[str, Job], worker: str, how: str) -> None:
    """What a worker says of its job; one that lost it is not heard."""
    mine = model.held.get(worker)
    job = mine[0] if mine else lost.get(worker)
    if job is None:
        return
    match how:
        case "put back":
            heard = queue.put_back(job, "told to stop", model.now)
        case "landed":
            heard = queue.finish(job, "landed", "", model.now)
        case _:
            heard = queue.finish(job, "refused", "tests: red", model.now)
    assert heard == (mine is not None)
    if mine:
        model.end(worker, how)
