"""Kills workers at random points while they work through a queue, and measures the queue's own steps.

python benchmarks/queueing.py [KILLS] [JOBS]   (1000 and 1000)
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from ocode_tools.queue.base import Cause
from ocode_tools.queue.queue import Queue
from storm import storm

COUNT = 2000


def steps(folder: Path) -> None:
    """What one step costs, in microseconds."""
    with Queue(folder / "queue.db") as queue:
        causes = [Cause(f"r{n % 5}", "todo", f"k{n}", f"/r{n % 5}") for n in range(COUNT)]
        began = time.perf_counter()
        for cause in causes:
            queue.add(cause, 0.0, 0.0)
        added = time.perf_counter()
        while job := queue.claim("w", 1.0):
            queue.finish(job, "landed", "", 1.0)
        ended = time.perf_counter()
    print(f"add {1e6 * (added - began) / COUNT:.0f} us, claim and finish {1e6 * (ended - added) / COUNT:.0f} us")


def main() -> None:
    """Measure."""
    kills, jobs = (int(word) for word in (sys.argv[1:] or ["1000", "1000"]))
    with tempfile.TemporaryDirectory() as folder:
        steps(Path(folder))
        began = time.monotonic()
        found = storm(Path(folder, "storm"), kills, jobs, 1, print)
        print(", ".join(f"{name} {count}" for name, count in found.items()))
        print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
