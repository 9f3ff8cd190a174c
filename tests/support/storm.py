"""Workers that are killed at random points while they work through a queue; run as a program.

A landing is a file that may be made once only, as a branch is; what was made before its worker died is found again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ocode_tools.queue import workers
from ocode_tools.queue.base import Cause
from ocode_tools.queue.places import Places
from ocode_tools.queue.queue import Queue

REPOSITORIES = 3
WORKERS = 2


def storm(folder: Path, kills: int, jobs: int, seed: int, say: Callable[[str], object] = str) -> dict[str, int]:
    """Kill workers `kills` times while `jobs` come in; what was landed, lost, done twice, and how often it began."""
    dice = random.Random(seed)
    places = Places(folder / "state", folder / "run")
    (folder / "landed").mkdir(parents=True)
    living = [_fork(places, folder, dice.random()) for _ in range(WORKERS)]
    killed = added = 0
    while killed < kills or added < jobs:
        if added < jobs:
            _add(places, added)
            added += 1
        time.sleep(dice.random() * 0.02)
        if killed < kills:
            victim = dice.randrange(WORKERS)
            os.kill(living[victim], signal.SIGKILL)
            os.waitpid(living[victim], 0)
            living[victim] = _fork(places, folder, dice.random())
            killed += 1
            if killed % 100 == 0:
                say(f"{killed} kills, {len(list((folder / 'landed').iterdir()))} of {added} landed")
    _retry_parked(places)
    (folder / "stop").touch()
    for pid in living:
        os.waitpid(pid, 0)
    return _count(places, folder, killed)


def _add(places: Places, number: int) -> None:
    repository = f"r{number % REPOSITORIES}"
    with Queue(places.queue) as queue:
        queue.add(Cause(repository, "todo", f"k{number}", f"/{repository}", title=f"k{number}"), time.time(), 0.0)


def _retry_parked(places: Places) -> None:
    """As somebody does who looks at what was given up after three deaths."""
    with Queue(places.queue) as queue:
        for job in queue.jobs(states=["parked"]):
            queue.change(job.id, "ready", "asked for again", time.time())


def _fork(places: Places, folder: Path, seed: float) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _work(places, folder, random.Random(seed))
        finally:
            os._exit(0)
    return pid


def _work(places: Places, folder: Path, dice: random.Random) -> None:
    worker = workers.Worker(places)
    with Queue(places.queue, alive=lambda owner: workers.alive(places, owner)) as queue:
        while True:
            queue.recover(time.time())
            turn = workers.turn(places, "the only server")
            job = queue.claim(worker.name, time.time()) if turn else None
            if job:
                landed = folder / "landed" / job.key
                if not landed.exists():
                    (folder / f"began-{job.key}-{time.time_ns()}").touch()
                    time.sleep(dice.random() * 0.01)
                    try:
                        landed.touch(exist_ok=False)
                    except FileExistsError:
                        (folder / f"twice-{job.key}").touch()
                queue.finish(job, "landed", "", time.time())
            elif (folder / "stop").exists() and not queue.jobs(states=["waiting", "ready", "running"]):
                return
            else:
                time.sleep(0.005)
            if turn:
                turn.release()


def _count(places: Places, folder: Path, killed: int) -> dict[str, int]:
    with Queue(places.queue) as queue:
        states = [job.state for job in queue.jobs()]
    return {
        "kills": killed,
        "jobs": len(states),
        "landed": len(list((folder / "landed").iterdir())),
        "said to have landed": states.count("landed"),
        "lost": len(states) - states.count("landed"),
        "done twice": len(list(folder.glob("twice-*"))),
        "begun": len(list(folder.glob("began-*"))),
        "workers left": len(list((folder / "run" / "workers").iterdir())),
    }


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[2:5]]
    found = storm(Path(sys.argv[1]), given[0], given[1], given[2], lambda line: sys.stderr.write(f"{line}\n"))
    sys.stdout.write(json.dumps(found) + "\n")
