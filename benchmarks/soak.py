"""Edits a repository of many files as somebody in a hurry does, while ocode watch works there with a scripted model;
kills what it likes; then counts what became of each TODO. Nothing may be lost, done twice, left behind or touched.

python benchmarks/soak.py [MINUTES] [FILES] [SEED]   (30, 5000 and 1); the daemon's clock runs 30 times as fast
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil

from soaking import Model, Soak

FASTER = 30.0


def main() -> None:
    """Soak, then count."""
    minutes, files, seed = (float(word) for word in (sys.argv[1:] + ["30", "5000", "1"][len(sys.argv) - 1 :]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Path(tempfile.mkdtemp(prefix="ocode-soak-"))
    soak = Soak(folder, int(files), int(seed), server.server_port)
    soak.start()
    try:
        edit(soak, minutes * 60)
        Model.good = True
        settle(soak)
        print_result(soak, folder)
    finally:
        assert soak.daemon is not None
        soak.daemon.kill()
        server.shutdown()


def edit(soak: Soak, seconds: float) -> None:
    """The user edits, somebody kills."""
    until, kill_at = time.monotonic() + seconds, time.monotonic() + 20
    while time.monotonic() < until:
        soak.act()
        before = soak.state()
        time.sleep(soak.dice.random() * 3)
        if time.monotonic() > kill_at:
            soak.kill()
            kill_at = time.monotonic() + 5 + soak.dice.random() * 25
        after = soak.state()
        soak.touched += [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]


def settle(soak: Soak) -> None:
    """The user stops editing, and takes or deletes branches until nothing waits."""
    soak.do_commit()
    for _ in range(200):
        open_jobs = [job for job in soak.jobs().values() if job["state"] in ("waiting", "ready", "running")]
        missing = soak.keys().keys() - soak.jobs().keys()
        if not open_jobs and not missing:
            break
        if any("at most" in job["reason"] for job in open_jobs):
            soak.do_answer()
        time.sleep(2)
    assert soak.daemon is not None
    soak.daemon.send_signal(signal.SIGTERM)
    began = time.monotonic()
    soak.daemon.wait(30)
    print(f"SIGTERM to end: {time.monotonic() - began:.1f} s")


def print_result(soak: Soak, folder: Path) -> None:
    """What became of everything."""
    jobs, keys = soak.jobs(), soak.keys()
    again = {event.get("key") for event in soak.events() if event["event"] == "again"}
    twice = {key: runs for key, runs in soak.landings().items() if len(runs) > 1 and key not in again}
    lost = {
        key: text
        for key, text in keys.items()
        if key not in jobs or jobs[key]["state"] in ("waiting", "ready", "running")
    }
    silent = [job for job in jobs.values() if job["state"] in ("refused", "parked", "stale") and not job["reason"]]
    below = [p for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or ())]
    left = list((soak.home / ".cache" / "ocode").glob("*/*"))
    locks = [path for path in (folder / "run").rglob("*") if path.is_file() and "workers" in path.parts]
    snapshots = soak.git("for-each-ref", "--format=%(refname)", "refs/ocode/snapshots").split()
    print(f"did: {dict(soak.actions)}; killed: {dict(soak.kills)}")
    print(f"jobs: {dict(Counter(job['state'] for job in jobs.values()))}")
    print(f"reasons: {Counter(job['reason'] for job in jobs.values()).most_common(12)}")
    print(f"TODOs there: {len(keys)}; lost: {lost}; done twice: {twice}; without a reason: {silent}")
    print(f"of the user's touched: {soak.touched}")
    print(f"left: workspaces {left}, processes {[p.pid for p in below]}, workers {locks}, snapshots {len(snapshots)}")
    bad = bool(lost or twice or silent or soak.touched or below or left)
    print("FAILED, see " + str(folder) if bad else "held")
    if not bad:
        shutil.rmtree(folder)


class FastClock:
    """A clock that runs faster than the machine's."""

    def now(self) -> float:
        """Seconds since the epoch, of a faster time."""
        start = float(os.environ["SOAK_START"])
        return start + (time.time() - start) * FASTER

    def monotonic(self) -> float:
        """The same that never jumps."""
        return time.monotonic() * FASTER

    def wait(self, inbox: Any, seconds: float) -> Any:
        """The next message."""
        from ocode_bot.commands.watch import RealClock

        return RealClock().wait(inbox, seconds / FASTER)


if __name__ == "__main__":
    if sys.argv[1:] == ["--daemon"]:
        from ocode_bot.commands.watch import watch_command
        from ocode_bot.edge import edge
        from ocode_bot.request import UNASKED
        from ocode_bot.watching.running import command
        from ocode_tools.queue.base import Job

        def asked(job: Job, committed: bool) -> list[str]:
            """As if somebody had asked: the hour's cap goes by the real clock."""
            return ["env", "-u", UNASKED, *command(job, committed)]

        with edge():
            raise SystemExit(watch_command(Path.cwd(), os.environ, (), as_json=True, clock=FastClock(), job=asked))
    main()
