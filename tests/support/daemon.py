"""A daemon on real repositories whose clock the test turns and whose jobs are scripted (no model, no test suite)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty

from ocode_bot.watching.daemon import Daemon
from ocode_bot.watching.events import Inbox, Message
from ocode_bot.watching.log import Log
from ocode_bot.watching.plan import Plan
from ocode_bot.watching.watched import Watched
from ocode_bot.watching.work import Work
from ocode_tools.queue import workers
from ocode_tools.queue.base import Job
from ocode_tools.queue.places import Places
from ocode_tools.queue.queue import Queue
from repos import Repo

# What a scripted job does, by its first argument; a landing looks as ours do.
SCRIPT = """
import json, os, signal, subprocess, sys, time
how, key, run = sys.argv[1:4]
def git(*words, stdin=""):
    return subprocess.run(["git", *words], input=stdin, capture_output=True, text=True, check=True).stdout.strip()
def land():
    base = git("rev-parse", "HEAD")
    said = f"Do it\\n\\nOcode-Task: todo\\nOcode-Base: {base}\\nOcode-Key: todo:{key}\\nOcode-Run: {run}\\n"
    os.environ["GIT_INDEX_FILE"] = f"{sys.argv[4]}/index"
    git("read-tree", "HEAD")
    for line in git("ls-files", "--stage").splitlines():
        path = line.partition("\t")[2]
        if "TODO(ocode)" in git("show", f"HEAD:{path}"):
            blob = git("hash-object", "-w", "--stdin", stdin=git("show", f"HEAD:{path}").replace("TODO(ocode)", "done"))
            git("update-index", "--cacheinfo", f"100644,{blob},{path}")
    sha = git("commit-tree", git("write-tree"), "-p", base, stdin=said)
    git("update-ref", f"refs/heads/ocode/todo/{key}-{run}", sha, "0" * 40)
    return f"ocode/todo/{key}-{run}"
def tell(**facts):
    print(json.dumps({"run": run, "branch": None, "commits": [], "remaining": [], "error": None, **facts}), flush=True)
signal.signal(signal.SIGTERM, lambda *_: (tell(status="interrupted"), sys.exit(130)))
open(f"{sys.argv[4]}/began-{key}", "a").write("x")
if how == "lands":
    tell(status="fixed", branch=land(), commits=[{"subject": "Do it"}])
elif how == "refuses":
    tell(status="unfixed", remaining=[{"id": key, "reason": "tests: red"}])
elif how == "crashes":
    sys.exit(70)
elif how == "lands and dies":
    land()
    sys.exit(70)
elif how == "needs":
    tell(status="error", error={"kind": "environment", "message": "no tests"})
else:
    time.sleep(60)
"""


class FakeClock:
    """Stands still until it is turned; waiting for a job's process is real."""

    def __init__(self, now: float) -> None:
        self.time = now

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time

    def monotonic(self) -> float:
        """The same."""
        return self.time

    def wait(self, inbox: Inbox, seconds: float) -> Message | None:
        """The next message, given a short real time; else the clock is turned on."""
        try:
            return inbox.get(timeout=0.02)
        except Empty:
            self.time += seconds
            return None


class Stage:
    """A daemon, what it said, and what jobs do (`how`, by title; else `usual`)."""

    def __init__(self, folder: Path, repos: list[Repo], queue: Queue, worker: str, places: Places) -> None:
        self.clock, self.said, self.folder = FakeClock(time.time()), list[str](), folder
        self.usual, self.how, self.count, self.committed = "lands", dict[str, str](), 0, False
        self.queue = queue
        plan = Plan(("TODO(ocode)", "AI!"), ("TODO",), 30.0, (), "", True, 0.0, "", "ocode/", {})
        log = Log(self.said.append, "people", self.clock.now)
        environ: Mapping[str, str] = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
        self.work = Work(
            environ, plan, places, queue, worker, log, self.clock.now, self.clock.monotonic, self._over, self._command
        )
        trees = [Watched(repo.top) for repo in repos]
        self.daemon = Daemon(environ, plan, places, queue, self.work, trees, log, self.clock)

    def _over(self) -> None:
        self.daemon.inbox.put("child")

    def _command(self, job: Job, committed: bool) -> list[str]:
        self.count += 1
        self.committed = committed
        how = self.how.get(job.title.rpartition(": ")[2], self.usual)
        return [sys.executable, "-c", SCRIPT, how, job.key, f"r{self.count}", str(self.folder)]

    def turn(self, seconds: float = 0.0) -> None:
        """Let time pass, then look everywhere and do what is due."""
        self.clock.time += seconds
        self.daemon.turn(look=True)

    def until(self, what: Callable[[], object], most: float = 20.0) -> None:
        """Turn, in real time, until something is true."""
        end = time.monotonic() + most
        while not what():
            assert time.monotonic() < end, self.said
            message = self.clock.wait(self.daemon.inbox, 0.0)
            if message is not None:
                self.daemon.hear(message)
            self.turn()

    def state(self, title: str) -> str:
        """The state of the job with this title; "" for none."""
        found = [job for job in self.queue.jobs() if job.title.endswith(title)]
        assert len(found) <= 1
        return found[0].state if found else ""

    def reason(self, title: str) -> str:
        """Its reason."""
        return next(job.reason for job in self.queue.jobs() if job.title.endswith(title))

    def set(self, **facts: object) -> None:
        """Change the plan."""
        self.daemon.plan = self.work.plan = replace(self.daemon.plan, **facts)  # type: ignore[arg-type]

    def began(self, key: str) -> int:
        """How often a job's process began."""
        file = self.folder / f"began-{key}"
        return len(file.read_text()) if file.exists() else 0


@contextmanager
def staged(folder: Path, *repos: Repo, place: str = "places") -> Generator[Stage]:
    """A stage that is cleared away; two with one `place` share a queue."""
    places = Places(folder / place / "state", folder / place / "run")
    worker = workers.Worker(places)
    mine = folder / worker.name.rpartition(":")[2]
    mine.mkdir()
    with Queue(places.queue, alive=lambda owner: workers.alive(places, owner), wait=0.2) as queue:
        stage = Stage(mine, list(repos), queue, worker.name, places)
        try:
            yield stage
        finally:
            stage.daemon.close()
            worker.close()


def branches(repo: Repo) -> list[str]:
    """Our branches."""
    return repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads/ocode/").split()
