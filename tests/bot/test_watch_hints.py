"""What makes the daemon look: timers, word from hooks, new commits. Jobs are scripted."""

from __future__ import annotations

from pathlib import Path

from daemon import staged
from ocode_bot.watching.events import Deaf
from ocode_tools.queue import spool
from repos import MakeRepo

ONE = "def f():\n    return 1  # TODO(ocode): return two\n"


def test_an_event_that_was_lost_delays_and_loses_nothing(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    with staged(tmp_path, repo) as stage:
        stage.turn()
        repo.write("a.py", ONE)
        stage.clock.time += 30
        stage.daemon.turn()
        assert stage.state("return two") == ""
        stage.clock.time += 31
        stage.daemon.turn()
        assert stage.state("return two") != ""


def test_where_no_events_can_be_had_it_polls_and_says_why(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    with staged(tmp_path, repo) as stage:
        stage.turn()
        stage.daemon.hear(Deaf("OS file watch limit reached"))
        assert [watcher[2:4] for watcher in stage.queue.watchers()] == [
            ("polling every 3 s", "OS file watch limit reached")
        ]
        assert any("polling every 3 s (OS file watch limit reached)" in line for line in stage.said)
        repo.write("a.py", ONE)
        stage.clock.time += 3
        stage.daemon.turn()
        assert stage.state("return two") == "waiting"


def test_word_from_a_hook_makes_it_look(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    with staged(tmp_path, repo) as stage:
        stage.turn()
        repo.write("a.py", ONE)
        repo.commit("with a TODO")
        stage.daemon.turn()
        assert stage.state("return two") == ""
        spool.leave(tmp_path / "places" / "state" / "spool", str(repo.top))
        stage.daemon.turn()
        stage.clock.time += 1
        stage.daemon.turn()
        assert stage.state("return two") == "waiting"


def test_new_commits_are_worked_on_where_the_user_wants_that(tmp_path: Path, make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    with staged(tmp_path, repo) as stage:
        stage.set(commits=("fix",))
        stage.turn()
        repo.write("a.py", "x = 2\n")
        first = repo.commit("two")
        stage.turn()
        repo.git("checkout", "-q", "-b", "side", "HEAD^")
        stage.turn()
        repo.write("a.py", "x = 3\n")
        second = repo.commit("three")
        stage.turn()
        assert {job.key: (job.task, job.state) for job in stage.queue.jobs()} == {
            first: ("fix", "stale"),
            second: ("fix", "waiting"),
        }
