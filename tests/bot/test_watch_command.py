"""`ocode watch` and `ocode jobs` as people run them. The model is scripted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from chat import NAME
from daemon import branches
from door import changed, ocode, state
from model import answering
from ocode_bot.commands import jobs
from ocode_bot.commands.status import status_command
from ocode_bot.commands.watch import open_queue
from ocode_tools.errors import RefusedError, UsageError
from ocode_tools.queue.base import Cause, Job
from ocode_tools.queue.places import places
from ocode_tools.repository import find
from quick import bare
from repos import MakeRepo, Repo

CODE = "def double(x):\n    # TODO(ocode): return twice x\n    return x\n"
DONE = "def double(x):\n    return 2 * x\n"
SUITE = """import unittest

from calc import double


class Double(unittest.TestCase):
    def test_nothing(self):
        self.assertEqual(double(0), 0)
"""
TEST = """    def test_double(self):
        self.assertEqual(double(3), 6)
"""
WATCH = [sys.executable, "-m", "ocode_bot", "watch", "--json"]


def own(text: str) -> None:
    """Write the user's configuration."""
    file = Path(os.environ["XDG_CONFIG_HOME"], "ocode", "config.toml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def jobs_here() -> list[Job]:
    """The jobs of the user's queue."""
    with open_queue(places(os.environ), os.environ, print) as queue:
        return queue.jobs()


def test_once_resolves_what_is_marked_and_leaves_everything_else(make_repo: MakeRepo) -> None:
    repo = make_repo({"calc.py": CODE, "test_calc.py": SUITE, "other.py": "# TODO: some day\n"})
    repo.write("calc.py", CODE + "\n\n# not committed yet\n")
    own('[sandbox]\nlevel = "best"\n')
    before = state(repo.top)
    with answering(DONE, TEST) as server:
        variables = {"OCODE_MODELS_ENDPOINT": server.url, "OCODE_MODELS_TODO": NAME, "OCODE_WATCH_QUIET": "0"}
        done = ocode(repo.top, "watch", "--once", "--json", env=bare(**variables))
        again = ocode(repo.top, "watch", "--once", "--json", env=bare(**variables))
    assert changed(before, state(repo.top)) == []
    document = done.report
    assert document.keys() == {"trees", "done", "jobs", "error"}
    assert [(one["state"], one["title"]) for one in document["done"]] == [("landed", "TODO(ocode): return twice x")], (
        done
    )
    assert (done.code, again.code, again.report["done"]) == (0, 0, [])
    (branch,) = branches(repo)
    assert "return 2 * x" in repo.git("show", f"{branch}:calc.py")
    assert [job["branch"] for job in document["jobs"]] == [branch]
    assert list(Path(os.environ["XDG_CACHE_HOME"], "ocode").glob("*/*/lock")) == []


class Daemon:
    """A running `ocode watch`."""

    def __init__(self, child: subprocess.Popen[str], manager: socket.socket) -> None:
        self.child, self.manager = child, manager

    def told(self) -> list[str]:
        """What the service manager was told so far."""
        found = list[str]()
        with suppress(BlockingIOError):
            while True:
                found.append(self.manager.recv(1000).decode())
        return found

    def hear(self, event: str) -> dict[str, Any]:
        """The next event of this kind."""
        assert self.child.stdout is not None
        for line in self.child.stdout:
            found: dict[str, Any] = json.loads(line)
            if found["event"] == event:
                return found
        raise AssertionError(f"it ended without {event!r}")


@contextmanager
def watching(repo: Repo) -> Generator[Daemon]:
    """`ocode watch` in a repository, with no model server."""
    place = str(repo.top.parent / "notify")
    environ = {**os.environ, "OCODE_MODELS_ENDPOINT": "http://127.0.0.1:9", "NOTIFY_SOCKET": place}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, ExitStack() as stack:
        manager.bind(place)
        manager.setblocking(False)
        child = stack.enter_context(
            subprocess.Popen(WATCH, cwd=repo.top, env=environ, stdout=subprocess.PIPE, text=True)
        )
        late = threading.Timer(60, child.kill)
        late.start()
        try:
            yield Daemon(child, manager)
        finally:
            late.cancel()
            child.kill()


def test_it_hears_saves_new_folders_and_signals(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n", ".gitignore": "node_modules/\n"})
    own("[watch]\nquiet = 3600\n")
    with watching(repo) as daemon:
        assert "events in" in daemon.hear("watches")["text"]
        time.sleep(0.4)
        repo.write("a.py", "x = 1  # TODO(ocode): double x\n")
        assert daemon.hear("queued")["text"] == "TODO(ocode): double x (a.py:1)"
        repo.write("node_modules/m.js", "// TODO(ocode): nothing of ours\n")
        repo.write("new/folder/b.py", "# TODO(ocode): in a new folder\n")
        assert "new/folder/b.py" in daemon.hear("queued")["text"]
        shutil.rmtree(repo.top / "new")
        assert "new/folder/b.py" in daemon.hear("gone")["text"]
        repo.write("new/folder/b.py", "# TODO(ocode): in a folder made anew\n")
        assert "made anew" in daemon.hear("queued")["text"]
        time.sleep(0.5)
        repo.write("new/folder/c.py", "# TODO(ocode): seen there\n")
        assert "seen there" in daemon.hear("queued")["text"]
        refused = ocode(repo.top, "watch", "--json")
        assert (refused.code, "another ocode watches" in refused.err) == (3, True)
        own("[watch]\nquiet = 0\n")
        daemon.child.send_signal(signal.SIGHUP)
        daemon.hear("reloaded")
        repo.write("a.py", "x = 1  # TODO(ocode): triple x\n")
        assert "double x" in daemon.hear("gone")["text"]
        assert daemon.hear("paused")["text"] == "no model server at http://127.0.0.1:9"
        listed = ocode(repo.top, "jobs", "--json").report
        assert [one["pid"] for one in listed["watchers"]] == [daemon.child.pid]
        assert listed["counts"] == {"ready": 1, "stale": 2, "waiting": 2}
        assert psutil.Process(daemon.child.pid).memory_info().rss < 60 << 20
        daemon.child.send_signal(signal.SIGTERM)
        assert daemon.child.wait(20) == 0
        told = daemon.told()
        assert told[0].startswith("READY=1\nSTATUS=")
        assert "RELOADING=1" in told
        assert any(line.startswith("WATCHDOG=1\nSTATUS=") for line in told)
        assert told[-1] == "STOPPING=1\nSTATUS=stopping"
    with open_queue(places(os.environ), os.environ, print) as queue:
        assert queue.watchers() == []


@pytest.mark.parametrize("args", [["watch"], ["watch", "nowhere"]], ids=["outside", "a folder that is not there"])
def test_without_a_repository_it_says_so(tmp_path: Path, args: list[str]) -> None:
    done = ocode(tmp_path, *args, "--json")
    assert done.code == 3
    assert done.err.startswith("ocode: ") or "ocode: " in done.err


@pytest.fixture
def filled(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with two jobs, and one of another."""
    repo = make_repo({"a.py": ""})
    where = str(find(repo.top).common_dir)
    with open_queue(places(os.environ), os.environ, print) as queue:
        for key, of in (("aa1", where), ("aa2", where), ("bb1", "/else/.git")):
            queue.add(Cause(of, "todo", key, str(repo.top), "a.py", 1, f"TODO(ocode): {key}"), time.time(), 0.0)
    return repo


def test_jobs_are_listed_for_people_and_programs(filled: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs.list_command(filled.top, os.environ, False, False) == 0
    said = capsys.readouterr()
    head, *rows = [line.split()[:2] for line in said.out.splitlines()]
    assert (head, sorted(rows)) == (["job", "state"], [["1", "waiting"], ["2", "waiting"]])
    assert "nothing is watched" in said.err
    assert jobs.list_command(filled.top, os.environ, True, True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.keys() == {"jobs", "counts", "paused", "watchers", "error"}
    assert [job["key"] for job in document["jobs"]] == ["aa1", "aa2", "bb1"]
    assert jobs.show_command(os.environ, "2", False) == 0
    assert "TODO(ocode): aa2" in capsys.readouterr().out


def test_status_tells_of_the_daemon_where_there_is_one(filled: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_command(filled.top, os.environ, True) == 0
    told = json.loads(capsys.readouterr().out)["queue"]
    assert told == jobs.daemon(os.environ, str(find(filled.top).common_dir))
    assert sum(told["counts"].values()) > 0
    assert status_command(filled.top, os.environ, False) == 0
    assert "jobs of the daemon: " in capsys.readouterr().out
    places(os.environ).queue.unlink()
    assert status_command(filled.top, os.environ, True) == 0
    assert json.loads(capsys.readouterr().out)["queue"] is None


@pytest.mark.parametrize(("words", "keys"), [(["list"], {"jobs", "counts", "paused", "watchers", "error"})])
def test_an_error_of_jobs_has_every_key(words: list[str], keys: set[str], tmp_path: Path) -> None:
    done = ocode(tmp_path, "jobs", *words, "--json", "--no-such-option")
    assert (done.code, set(done.report)) == (2, keys)


def test_jobs_are_cancelled_and_done_again(filled: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs.change_command(os.environ, "cancel", ["aa1", "3"], False) == 0
    assert [job.state for job in jobs_here()].count("parked") == 2
    assert jobs.change_command(os.environ, "retry", ["1"], True) == 0
    assert {job.key: job.state for job in jobs_here()} == {"aa1": "ready", "aa2": "waiting", "bb1": "parked"}
    for name, why in (("9", "no job"), ("aa", "2 jobs")):
        with pytest.raises(UsageError, match=why):
            jobs.show_command(os.environ, name, False)


def test_one_under_way_is_not_begun_again(filled: Repo) -> None:
    with open_queue(places(os.environ), os.environ, print) as queue:
        taken = queue.claim("somebody:1:2", time.time())
        assert taken is not None
        with pytest.raises(RefusedError, match="cancel it first"):
            jobs.change_command(os.environ, "retry", [str(taken.id)], False)


def test_pause_and_resume_here_and_everywhere(filled: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    where = str(find(filled.top).common_dir)
    assert jobs.pause_command(filled.top, os.environ, True, False, False) == 0
    assert jobs.pause_command(filled.top, os.environ, True, True, True) == 0
    assert capsys.readouterr().out.startswith(f"paused: {where}")
    assert jobs.list_command(filled.top, os.environ, False, False) == 0
    assert "paused (by hand): everywhere" in capsys.readouterr().err
    for everything in (True, False):
        assert jobs.pause_command(filled.top, os.environ, False, everything, False) == 0
    with open_queue(places(os.environ), os.environ, print) as queue:
        assert queue.pauses() == {}
