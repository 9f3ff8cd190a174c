"""The daemon from a save to a branch, with scripted jobs: nothing lost, nothing twice, nothing of the user's moved."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from daemon import Stage, branches, staged
from door import changed, state
from ocode_bot.watching.running import command
from ocode_tools.queue.base import Job
from repos import MakeRepo, Repo

ONE = "def f():\n    return 1  # TODO(ocode): return two\n"
TWO = "def g():\n    return 2  # TODO(ocode): return three\n"


def key(stage: Stage) -> str:
    """The key of the only job."""
    (job,) = stage.queue.jobs()
    return job.key


def running(stage: Stage) -> psutil.Process:
    """The process between the daemon and the job."""
    assert stage.work.running is not None
    return psutil.Process(stage.work.running.child.pid)


def begun(stage: Stage) -> Callable[[], bool]:
    """Whether the job's own process is up."""
    return lambda: any(path.name.startswith("began") for path in stage.folder.iterdir())


def test_a_saved_todo_becomes_a_branch_after_its_quiet_time_and_once(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "def f():\n    return 1\n"})
    with staged(tmp_path, repo) as stage:
        stage.turn()
        assert stage.queue.jobs() == []
        repo.write("a.py", ONE)
        before = state(repo.top)
        stage.turn()
        assert stage.state("return two") == "waiting"
        stage.turn(10)
        os.utime(repo.write("a.py", ONE + "# more\n"), (stage.clock.time, stage.clock.time))
        stage.turn()
        stage.turn(25)
        assert stage.state("return two") == "waiting"
        stage.turn(10)
        stage.until(lambda: stage.state("return two") == "landed")
        stage.turn(1000)
        assert branches(repo) == [f"ocode/todo/{key(stage)}-r1"]
        assert stage.began(key(stage)) == 1
        assert changed(before, state(repo.top)) == ["a.py"]
        assert not stage.committed


def test_a_todo_that_is_committed_is_done_on_head_and_another_on_a_snapshot() -> None:
    job = Job(1, "r", "todo", "k1", "/t", "a.py", 1, "", "", "", "running", "", 1, 0, 0, "", 0, 0, 0, "", "")
    assert command(job, True)[1:] == ["-P", "-m", "ocode_bot", "todo", "resolve", "k1", "--json"]
    assert command(job, False)[-2:] == ["--dirty", "--json"]
    assert command(replace(job, task="fix", base="abc"), True)[4:] == ["fix", "--base", "abc", "--json"]
    assert command(replace(job, task="tests", base="abc"), True)[4:] == ["tests", "--changed", "abc^", "--json"]


@pytest.mark.parametrize(
    ("how", "becomes", "reason"),
    [
        ("refuses", "refused", "tests: red"),
        ("crashes", "parked", "its worker died; tried 3 times: ended with 70 and no report: nothing was said"),
        ("needs", "waiting", "no tests"),
        ("lands and dies", "landed", "found on its branch"),
    ],
)
def test_every_end_of_a_job(tmp_path: Path, make_repo: MakeRepo, how: str, becomes: str, reason: str) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.usual = how
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == becomes and not stage.work.busy)
        assert stage.reason("return two") == reason
        assert len(branches(repo)) == (how == "lands and dies")
        assert not list((tmp_path / "places" / "run" / "endpoints").glob("*/*"))


def test_a_killed_job_is_done_again_and_once(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.usual = "hangs"
        stage.turn(60)
        stage.until(begun(stage))
        (child,) = running(stage).children()
        child.send_signal(signal.SIGKILL)
        stage.usual = "lands"
        stage.until(lambda: stage.state("return two") == "landed")
        assert stage.began(key(stage)) == 2
        assert len(branches(repo)) == 1
        assert stage.committed


def test_a_killed_daemon_loses_nothing_and_its_job_ends_before_another_begins(
    tmp_path: Path, make_repo: MakeRepo
) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as first:
        first.usual = "hangs"
        first.turn(60)
        first.until(begun(first))
        between = running(first)
        orphan, first.work.running = first.work.running, None
        assert orphan is not None
        assert orphan.turn is not None
        orphan.child.end()  # as when its daemon dies: the lifeline is cut, locks are let go
        orphan.turn.release()
        first.daemon.trees[0].close()
        (tmp_path / "places" / "run" / "workers" / first.work.owner).unlink()
        with staged(tmp_path, repo) as second:
            second.until(lambda: second.state("return two") == "landed")
            assert not between.is_running() or between.status() == psutil.STATUS_ZOMBIE
        orphan.close()
        assert len(branches(repo)) == 1


@pytest.mark.parametrize("what", ["removed", "told to stop", "cancelled"])
def test_a_job_ends_when_it_is_wanted_no_more(tmp_path: Path, make_repo: MakeRepo, what: str) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.usual = "hangs"
        stage.turn(60)
        stage.until(begun(stage))
        if what == "removed":
            repo.write("a.py", "def f():\n    return 2\n")
            stage.until(lambda: stage.state("return two") == "stale")
        elif what == "told to stop":
            stage.work.stop("told to stop")
            assert (stage.state("return two"), stage.queue.jobs()[0].tries) == ("ready", 0)
        else:
            stage.queue.change(stage.queue.jobs()[0].id, "parked", "cancelled", stage.clock.now())
            stage.turn(60)
            stage.until(lambda: not stage.work.busy)
            assert stage.reason("return two") == "cancelled"
        assert not stage.work.busy
        assert branches(repo) == []


def test_nothing_begins_during_a_merge_and_all_goes_on_after_it(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as stage:
        stage.turn()
        merge = repo.top / ".git" / "MERGE_HEAD"
        merge.write_text(repo.git("rev-parse", "HEAD"))
        repo.write("b.py", TWO)
        stage.turn(60)
        assert stage.state("return three") == ""
        assert stage.state("return two") == "ready"
        assert any("paused: a merge is in progress" in line for line in stage.said)
        merge.unlink()
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == stage.state("return three") == "landed")


def test_a_repository_that_vanishes_and_comes_back(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo, other = make_repo({"a.py": ONE}), make_repo({"b.py": TWO}, name="other")
    with staged(tmp_path, repo, other) as stage:
        stage.usual = "hangs"
        stage.turn(60)
        stage.until(begun(stage))
        tree = Path(stage.work.running.job.tree) if stage.work.running else repo.top
        shutil.move(tree, tmp_path / "away")
        stage.usual = "lands"
        stage.turn(60)
        stage.until(lambda: any("vanished" in line for line in stage.said))
        shutil.move(tmp_path / "away", tree)
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == stage.state("return three") == "landed")


def test_two_work_trees_of_one_repository_are_one_cause(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ONE})
    repo.git("worktree", "add", "-q", str(tmp_path / "second"))
    with staged(tmp_path, repo, Repo(tmp_path / "second")) as stage:
        stage.turn(60)
        stage.until(lambda: stage.state("return two") == "landed")
        stage.turn(60)
        assert len(branches(repo)) == 1


def test_only_one_daemon_watches_a_work_tree(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ONE})
    with staged(tmp_path, repo) as first, staged(tmp_path, repo) as second:
        first.turn()
        second.turn()
        assert any("another ocode watches" in line for line in second.said)
        first.daemon.close()
        second.turn(60)
        assert second.daemon.trees[0].repository is not None


def test_two_daemons_share_one_model_server(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo, other = make_repo({"a.py": ONE}), make_repo({"b.py": TWO}, name="other")
    with staged(tmp_path, repo) as first, staged(tmp_path, other) as second:
        first.usual = "hangs"
        first.turn(60)
        second.turn(60)
        assert (first.work.busy, second.work.busy) == (True, False)
        first.work.stop("told to stop")
        second.turn(60)
        second.until(lambda: second.state("return three") == "landed")
