"""What the daemon does not do: what was rejected, and more than somebody can read. Jobs are scripted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from daemon import Stage, branches, staged
from ocode_tools import ledger
from ocode_tools.errors import SetupError
from ocode_tools.repository import find
from repos import MakeRepo

ONE = "def f():\n    return 1  # TODO(ocode): return two\n"


def key(stage: Stage) -> str:
    """The key of the only job."""
    (job,) = stage.queue.jobs()
    return job.key


def test_what_was_rejected_is_not_begun_again(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == "landed")
        ref = f"refs/heads/{branches(repo)[0]}"
        with ledger.Ledger(find(repo.top)) as book:
            book.settle()
            assert book.end(ref, "rejected", "not like this")
        stage.queue.change(stage.queue.jobs()[0].id, "ready", "asked for again", stage.clock.now())
        stage.until(lambda: stage.state("return two") == "refused")
        assert stage.reason("return two").startswith("rejected before (not like this); remembered")
        assert stage.began(key(stage)) == 1


def test_what_was_rejected_is_offered_again_once_the_code_it_names_is_another(
    tmp_path: Path, make_repo: MakeRepo
) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == "landed")
        with ledger.Ledger(find(repo.top)) as book:
            book.settle()
        repo.git("branch", "-q", "-D", branches(repo)[0])
        repo.write("a.py", f"# elsewhere\n{ONE}")
        repo.commit("elsewhere")
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == "refused")
        assert stage.began(key(stage)) == 1
        repo.write("a.py", ONE.replace("return 1", "return 1 + 0"))
        repo.commit("there")
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == "landed")
        assert stage.began(key(stage)) == 2


def test_no_more_branches_than_somebody_can_read(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({f"f{n}.py": f"x = {n}  # TODO(ocode): do number {n}\n" for n in range(5)})
    with staged(tmp_path, repo) as stage:
        stage.turn(60)
        stage.until(lambda: sum(job.state == "landed" for job in stage.queue.jobs()) >= 2)
        stage.until(
            lambda: (
                not stage.work.busy
                and all("at most" in job.reason for job in stage.queue.jobs(None, ["waiting", "ready"]))
            )
        )
        assert 2 <= len(branches(repo)) <= 3
        assert {job.state for job in stage.queue.jobs()} == {"landed", "waiting"}


def test_what_became_of_a_job_is_not_lost_where_it_cannot_be_written_just_now(
    tmp_path: Path, make_repo: MakeRepo
) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.turn(60)
        assert stage.work.running is not None
        stage.work.running.child.wait()
        with closing(sqlite3.connect(tmp_path / "places" / "state" / "queue.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # as a full disk, which nothing can be written to
            for _ in range(2):
                with pytest.raises(SetupError, match="cannot use"):
                    stage.work.turn([])
            assert stage.state("return two") == "running"
            other.execute("ROLLBACK")
        stage.turn()
        assert stage.state("return two") == "landed"
        assert stage.began(key(stage)) == 1
