"""The queue: what comes, who may take what, and what becomes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ocode_tools.errors import SetupError
from ocode_tools.queue.base import AGAIN_AFTER, LEASE, MOST_TRIES, Cause, Job, State
from ocode_tools.queue.places import places
from ocode_tools.queue.queue import EVERYWHERE, Queue
from ocode_tools.queue.spool import leave, take, waiting
from ocode_tools.queue.workers import Worker, alive, turn

NOW = 1_800_000_000.0


def cause(key: str = "k1", repository: str = "r1", digest: str = "d1", tree: str = "", path: str = "a.py") -> Cause:
    """A cause in the one work tree of a repository."""
    return Cause(repository, "todo", key, tree or f"/{repository}", path, 3, f"do {key}", digest)


@pytest.fixture(params=[True, False], ids=["returning", "an old sqlite"])
def queue(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Queue]:
    """An empty queue, with and without UPDATE ... RETURNING."""
    with Queue(tmp_path / "state" / "queue.db", returning=request.param) as queue:
        yield queue


def fill(queue: Queue, *causes: Cause, now: float = NOW, after: float = 0.0) -> None:
    """See that there are jobs for these causes."""
    for one in causes:
        queue.add(one, now, now + after)


def claimed(queue: Queue, now: float = NOW, owner: str = "w") -> Job:
    """The next job, which there must be."""
    job = queue.claim(owner, now)
    assert job is not None
    return job


def test_a_cause_is_one_job_however_often_it_is_seen(queue: Queue) -> None:
    assert queue.add(cause(), NOW, NOW) is not None
    assert queue.add(cause(), NOW + 1, NOW + 1) is None
    assert queue.add(cause(tree="/other worktree"), NOW + 2, NOW) is None
    assert [(job.key, job.state, job.tree) for job in queue.jobs()] == [("k1", "waiting", "/r1")]


def test_nothing_is_taken_before_its_time_and_nothing_twice(queue: Queue) -> None:
    fill(queue, cause(), after=30)
    assert queue.claim("a", NOW + 29.9) is None
    job = claimed(queue, NOW + 30)
    assert (job.state, job.tries, job.lease, job.owner) == ("running", 1, NOW + 30 + LEASE, "w")
    assert queue.claim("b", NOW + 31) is None


def test_a_save_makes_its_jobs_wait_longer(queue: Queue) -> None:
    fill(queue, cause("k1"), cause("k2", path="b.py"))
    queue.postpone("/r1", ["a.py"], NOW, NOW + 30)
    assert claimed(queue).key == "k2"
    assert queue.claim("w", NOW + 29) is None


def test_repositories_take_turns(queue: Queue) -> None:
    fill(queue, *(cause(f"k{n}", "r1") for n in range(3)), cause("x", "r2"), cause("y", "r2"), cause("z", "r3"))
    order = [claimed(queue, NOW + n).repository for n in range(6)]
    assert order == ["r1", "r2", "r3", "r1", "r2", "r1"]


def test_a_worker_takes_only_from_the_trees_it_watches(queue: Queue) -> None:
    fill(queue, cause("k1", "r1"), cause("k2", "r2"))
    assert queue.claim("w", NOW, trees=["/r3"]) is None
    assert queue.claim("w", NOW, trees=[]) is None
    taken = queue.claim("w", NOW, trees=["/r2", "/r3"])
    assert taken is not None
    assert taken.key == "k2"


def test_a_lost_lease_makes_a_job_ready_and_its_late_worker_is_not_heard(queue: Queue) -> None:
    fill(queue, cause())
    job = claimed(queue)
    assert queue.renew(job, NOW + 60)
    assert queue.recover(NOW + 60 + LEASE - 1) == []
    assert [dead.key for dead in queue.recover(NOW + 60 + LEASE)] == ["k1"]
    assert not queue.renew(job, NOW + 500)
    assert not queue.finish(job, "landed", "", NOW + 500)
    again = claimed(queue, NOW + 500, "other")
    assert (again.tries, again.owner) == (2, "other")
    assert not queue.finish(job, "landed", "", NOW + 501)


def test_a_job_whose_workers_die_is_parked_in_the_end(queue: Queue) -> None:
    fill(queue, cause())
    now = NOW
    for _ in range(MOST_TRIES):
        claimed(queue, now)
        now += LEASE
        queue.recover(now)
    (job,) = queue.jobs()
    assert (job.state, job.reason) == ("parked", f"its worker died; tried {MOST_TRIES} times")


def test_what_was_refused_is_tried_again_when_its_file_changed_and_then_parked(queue: Queue) -> None:
    fill(queue, cause())
    for number in range(1, MOST_TRIES + 1):
        assert queue.finish(claimed(queue), "refused", "tests: red", NOW)
        assert queue.add(cause(digest=f"d{number}"), NOW, NOW) is None
        back = queue.add(cause(digest=f"d{number + 1}"), NOW, NOW)
        assert (back is not None) == (number < MOST_TRIES)
    (job,) = queue.jobs()
    assert (job.state, job.reason) == ("parked", f"tried {MOST_TRIES} times; tests: red")
    assert queue.add(cause(digest="new"), NOW + AGAIN_AFTER - 1, NOW) is None
    assert queue.add(cause(digest="new"), NOW + AGAIN_AFTER, NOW + AGAIN_AFTER) is not None


ENDINGS: list[tuple[State, State]] = [("landed", "landed"), ("refused", "stale"), ("parked", "stale")]


@pytest.mark.parametrize(("state", "then"), ENDINGS, ids=[state for state, _ in ENDINGS])
def test_a_cause_that_is_gone(queue: Queue, state: State, then: State) -> None:
    fill(queue, cause("done"), cause("left"))
    job = claimed(queue)
    queue.finish(job, state, "why", NOW)
    synced = queue.sync("/r1", "todo", [cause("left")], NOW, lambda _: NOW)
    assert [one.key for one in synced.gone] == ([] if state == "landed" else ["done"])
    assert {one.key: one.state for one in queue.jobs()} == {"done": then, "left": "waiting"}


def test_a_cause_that_goes_while_it_is_worked_on_is_told_and_one_that_comes_back_is_fresh(queue: Queue) -> None:
    fill(queue, cause("k1"), cause("k2"))
    job = claimed(queue)
    synced = queue.sync("/r1", "todo", [], NOW, lambda _: NOW)
    assert [one.key for one in synced.running] == [job.key]
    assert [one.key for one in synced.gone] == ["k2"]
    assert queue.finish(job, "stale", "its cause is gone", NOW)
    synced = queue.sync("/r1", "todo", [cause("k1"), cause("k2")], NOW, lambda _: NOW)
    assert [(one.key, one.state) for one in synced.fresh] == [("k1", "waiting"), ("k2", "waiting")]


def test_a_job_put_back_was_not_tried(queue: Queue) -> None:
    fill(queue, cause())
    job = claimed(queue)
    assert queue.put_back(job, "told to stop", NOW)
    again = claimed(queue)
    assert again.tries == 1
    assert queue.put_back(again, "no model", NOW, NOW + 60)
    assert queue.claim("w", NOW + 59) is None
    assert [one.state for one in queue.jobs()] == ["waiting"]


def test_pause_and_resume(queue: Queue) -> None:
    fill(queue, cause("k1", "r1"), cause("k2", "r2"))
    queue.pause("r1", "by hand", NOW)
    assert claimed(queue).repository == "r2"
    assert queue.claim("w", NOW) is None
    queue.pause(EVERYWHERE, "quiet hours", NOW)
    assert queue.pauses() == {"r1": "by hand", "": "quiet hours"}
    assert queue.resume("r1")
    assert queue.claim("w", NOW) is None
    assert queue.resume(EVERYWHERE)
    assert not queue.resume(EVERYWHERE)
    assert claimed(queue).repository == "r1"


def test_what_people_say_holds(queue: Queue) -> None:
    fill(queue, cause())
    (job,) = queue.jobs()
    assert queue.change(job.id, "parked", "cancelled", NOW) is not None
    assert queue.add(cause(digest="other"), NOW + 10 * AGAIN_AFTER, NOW) is None
    assert queue.change(job.id, "ready", "", NOW) is not None
    assert claimed(queue).tries == 1
    assert queue.change(99, "ready", "", NOW) is None


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0], ids=["back", "forward"])
def test_a_clock_that_jumps_neither_holds_up_nor_doubles_anything(tmp_path: Path, jump: float) -> None:
    with Queue(tmp_path / "queue.db", alive=lambda owner: owner == "w") as queue:
        fill(queue, cause("k1"), cause("k2"), after=30)
        job = claimed(queue, NOW + 30)
        assert queue.recover(NOW + 30 + jump) == []
        assert queue.renew(job, NOW + 30 + jump)
        assert claimed(queue, NOW + 30 + jump).key != job.key


def test_a_damaged_file_is_moved_aside_and_told_once(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(b"no database at all" * 100)
    said = list[str]()
    with Queue(path, say=said.append) as queue:
        fill(queue, cause())
    assert len(said) == 1
    assert said[0].startswith("the queue was broken; kept as queue.db.broken-")
    with Queue(path, say=said.append) as queue:
        assert len(queue.jobs()) == 1
    assert len(said) == 1


def test_a_file_of_a_newer_ocode_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(SetupError, match="newer ocode"):
        Queue(path)
    assert path.read_bytes() == before


def test_a_worker_lives_as_long_as_it_holds_its_lock(tmp_path: Path) -> None:
    where = places({"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "not absolute"})
    assert where.runtime == tmp_path / ".local" / "state" / "ocode" / "run"
    worker = Worker(where)
    assert alive(where, worker.name) is True
    worker.close()
    assert alive(where, worker.name) is False
    assert alive(where, "elsewhere:1:abcd") is None


def test_what_dead_workers_left_is_swept_away(tmp_path: Path) -> None:
    where = places({"HOME": str(tmp_path)})
    first = Worker(where)
    for owner in (first.name, first.name.replace(":", ":9", 1), "elsewhere:1:abcd"):
        (where.jobs / f"{owner}.x1").mkdir(parents=True)
    second = Worker(where)
    assert {path.name for path in where.jobs.iterdir()} == {f"{first.name}.x1", "elsewhere:1:abcd.x1"}
    first.close()
    second.close()


def test_one_turn_at_a_time_for_each_model_server(tmp_path: Path) -> None:
    where = places({"HOME": str(tmp_path)})
    first = turn(where, "http://127.0.0.1:11434")
    assert first is not None
    assert turn(where, "http://127.0.0.1:11434") is None
    other = turn(where, "http://127.0.0.1:8080")
    assert other is not None
    first.release()
    again = turn(where, "http://127.0.0.1:11434")
    assert again is not None
    again.release()
    other.release()


def test_word_from_hooks_is_taken_once_and_kept_for_others(tmp_path: Path) -> None:
    mine, theirs, gone = tmp_path / "mi\nne", tmp_path / "theirs", tmp_path / "gone"
    mine.mkdir()
    theirs.mkdir()
    spool = tmp_path / "spool"
    assert take(spool, frozenset({str(mine)})) == []
    for tree in (mine, mine, theirs, gone):
        leave(spool, str(tree))
    assert sorted(waiting(spool).values()) == sorted(map(str, (mine, theirs, gone)))
    assert take(spool, frozenset({str(mine)})) == [str(mine)]
    assert list(waiting(spool).values()) == [str(theirs)]


def test_forgetting_what_is_long_stale(queue: Queue) -> None:
    fill(queue, cause("k1"), replace(cause("k2"), path="b.py"))
    queue.sync("/r1", "todo", [cause("k1")], NOW, lambda _: NOW)
    assert queue.forget(NOW) == 0
    assert queue.forget(NOW + 1) == 1
    assert [job.key for job in queue.jobs()] == ["k1"]
