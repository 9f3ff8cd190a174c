"""Real workers, killed at random points: nothing is lost and nothing is done twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
KILLS, JOBS = 60, 30


def test_killed_workers_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    words = [
        sys.executable,
        str(TOP / "tests" / "support" / "storm.py"),
        str(tmp_path / "s"),
        str(KILLS),
        str(JOBS),
        "1",
    ]
    environ = {**os.environ, "PYTHONPATH": str(TOP / "tools")}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("begun") >= JOBS
    assert found.pop("workers left") <= 2  # of those killed last
    assert found == {
        "kills": KILLS,
        "jobs": JOBS,
        "landed": JOBS,
        "said to have landed": JOBS,
        "lost": 0,
        "done twice": 0,
    }
