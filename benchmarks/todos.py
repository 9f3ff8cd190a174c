"""What `ocode todo list` costs on a large Python tree, beside `git grep -w`, and beside leasot or ripgrep where given.

python benchmarks/todos.py [COMMAND...]    a peer, such as: rg -w -n -e TODO -e FIXME -e XXX -e HACK -e BUG

Builds a repository of this Python's standard library; prints medians of CPU (user and system) and wall, peak memory
and lines printed, asserts nothing.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

TAGS = ("TODO", "FIXME", "XXX", "HACK", "BUG")
RUNS = 7


def main(peer: Sequence[str]) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        size, files = _repository(top)
        print(f"{files} files, {size / 1e6:.1f} MB")
        words = [word for tag in TAGS for word in ("-e", tag)]
        _measure("python -c pass", [sys.executable, "-c", "pass"], top)
        _measure("git grep -w", ["git", "grep", "-nwI", *words], top)
        _measure("ocode todo list", [sys.executable, "-m", "ocode_bot", "todo", "list"], top)
        if peer:
            _measure(Path(peer[0]).name, peer, top)


def _repository(top: Path) -> tuple[int, int]:
    """The standard library with its tests as a repository; its bytes and files."""
    library = Path(sysconfig.get_paths()["stdlib"])
    kept = [path for path in library.rglob("*.py") if "site-packages" not in path.parts]
    for path in kept:
        target = top / path.relative_to(library)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=top, check=True)
    return sum(path.stat().st_size for path in kept), len(kept)


def _measure(name: str, command: Sequence[str], top: Path) -> None:
    taken: list[tuple[float, float, float]] = []
    lines = 0
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(RUNS + 1):
        used, began = _cpu(), time.perf_counter()
        done = subprocess.Popen(command, cwd=top, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert done.stdout is not None
        lines = done.stdout.read().count(b"\n")
        _, _, usage = os.wait4(done.pid, 0)
        done.returncode = 0
        taken.append((_cpu() - used, time.perf_counter() - began, usage.ru_maxrss / 1024))
    cpu, wall, memory = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    print(f"{name:20} {cpu * 1000:7.0f} ms CPU {wall * 1000:7.0f} ms wall {memory:6.0f} MiB {lines:6} lines")


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
