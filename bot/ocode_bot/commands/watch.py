"""`ocode watch`: the daemon in the foreground."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from queue import Empty

from ocode_bot import terminal
from ocode_bot.watching import log, plan
from ocode_bot.watching.daemon import Clock, Daemon
from ocode_bot.watching.events import Inbox, Message
from ocode_bot.watching.running import Command, command
from ocode_bot.watching.watched import Watched, opened
from ocode_bot.watching.work import Work
from ocode_tools import repository
from ocode_tools.errors import Exit, SetupError
from ocode_tools.queue import workers
from ocode_tools.queue.places import Places, places
from ocode_tools.queue.queue import Queue
from ocode_tools.watching.folders import NETWORK, mount_kind


class RealClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def wait(self, inbox: Inbox, seconds: float) -> Message | None:
        """The next message, None after so many seconds."""
        try:
            return inbox.get(timeout=seconds) if seconds > 0 else inbox.get_nowait()
        except Empty:
            return None


def watch_command(
    start: Path,
    environ: Mapping[str, str],
    repositories: Sequence[str],
    *,
    once: bool = False,
    poll: bool = False,
    everything: bool = False,
    log_file: str | None = None,
    as_json: bool = False,
    clock: Clock | None = None,
    job: Command = command,
) -> Exit:
    """Watch these work trees (none: the one around `start`) until told to stop. Raises `OcodeError`.

    With `once`: take up what is there now; 1 where something that is ready could not be done.
    """
    wanted, where = plan.read(environ), places(environ)
    chosen = [Path(os.path.abspath(start / name)) for name in repositories] or [repository.find(start).top]
    told = log.make(environ, start / log_file if log_file else None, as_json, once)
    worker = workers.Worker(where)
    try:
        with open_queue(where, environ, lambda line: told.tell("queue", text=line, level="warning")) as queue:
            trees = [Watched(place) for place in dict.fromkeys(chosen)]
            daemon = _daemon(environ, wanted, where, queue, worker.name, trees, told, clock or RealClock(), job)
            daemon.forced, daemon.everything = poll, everything
            _open_all(daemon)
            _heed_signals(daemon)
            if not once:
                daemon.run()
                return Exit.DONE
            daemon.once()
            return _report(daemon, as_json)
    finally:
        worker.close()
        told.close()


def open_queue(where: Places, environ: Mapping[str, str], say: plan.Say) -> Queue:
    """The user's queue. Raises `SetupError`."""
    kind = mount_kind(_mounts(), str(where.state))
    return Queue(where.queue, alive=partial(workers.alive, where), wal=kind not in NETWORK, say=say)


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(errors="replace")
    except OSError:
        return ""


def _daemon(
    environ: Mapping[str, str],
    wanted: plan.Plan,
    where: Places,
    queue: Queue,
    owner: str,
    trees: list[Watched],
    told: log.Log,
    clock: Clock,
    job: Command,
) -> Daemon:
    daemon: Daemon

    def over() -> None:
        daemon.inbox.put("child")

    work = Work(environ, wanted, where, queue, owner, told, clock.now, clock.monotonic, over, job)
    daemon = Daemon(environ, wanted, where, queue, work, trees, told, clock)
    return daemon


def _open_all(daemon: Daemon) -> None:
    """Open what can be opened; the rest may appear later. Raises `SetupError` where there is none at all."""
    known = daemon.known
    problems = [opened(watched, daemon.plan, daemon.everything, known) for watched in daemon.trees]
    for watched, problem in zip(daemon.trees, problems, strict=True):
        if problem:
            daemon.log.tell("not watched", str(watched.place), problem, level="warning")
        watched.problem = problem or ""
    if all(problems):
        raise SetupError(str(problems[0]))


def _heed_signals(daemon: Daemon) -> None:
    """SIGTERM and SIGINT end the loop, SIGHUP reads the configuration anew; a second one ends at once."""

    def stop(number: int, _frame: object) -> None:
        if daemon.stopping:
            signal.signal(number, signal.SIG_DFL)
            raise KeyboardInterrupt
        daemon.stopping = True
        daemon.inbox.put("stop")

    def reload(_number: int, _frame: object) -> None:
        daemon.inbox.put("reload")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.signal(signal.SIGHUP, reload)


def _report(daemon: Daemon, as_json: bool) -> Exit:
    """What came of `--once`."""
    trees = {watched.top for watched in daemon.trees}
    jobs = [job for job in daemon.queue.jobs() if job.tree in trees]
    if as_json:
        done = [{"key": job.key, "title": job.title, "state": s, "reason": why} for job, s, why in daemon.work.done]
        terminal.document({"trees": sorted(trees), "done": done, "jobs": [asdict(job) for job in jobs], "error": None})
    left = [state for _, state, _ in daemon.work.done if state not in ("landed", "stale")]
    return Exit.REMAINS if left else Exit.DONE
