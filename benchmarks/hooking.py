"""What the installed hooks add to git: commits that need no draft, a rebase of 30, a draft without a model.

python benchmarks/hooking.py    prints medians of CPU (children's user and system time) and wall, asserts nothing
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ocode_tools.hooks.install import install
from ocode_tools.hooks.script import HOOKS, render

PICKS = 30
Work = Callable[[], None]


def measure(work: Work, before: Work = lambda: None, runs: int = 15) -> tuple[float, float]:
    """Median CPU and wall milliseconds of `work`; `before` sets the scene and is not counted, nor is the first run."""
    taken: list[tuple[float, float]] = []
    for _ in range(runs + 1):
        before()
        used, began = _cpu(), time.perf_counter()
        work()
        taken.append((_cpu() - used, time.perf_counter() - began))
    cpu, wall = (statistics.median(column) * 1000 for column in zip(*taken[1:], strict=True))
    return cpu, wall


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Scene:
    """A repository whose side branch has PICKS commits to be picked onto main."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "sed -i -e '1s/^$/chore: no draft/'",
            "OLLAMA_HOST": "127.0.0.1:9",
        }
        self.git("init", "-q", "-b", "main")
        for name, value in (("user.name", "b"), ("user.email", "b@example.org"), ("gc.auto", "0")):
            self.git("config", name, value)
        self._commit("start")
        self.git("switch", "-q", "-c", "side")
        for number in range(PICKS):
            self._commit(f"side{number}")
        self.git("branch", "-q", "kept")
        self.git("switch", "-q", "main")
        self._commit("onto")

    def git(self, *words: str) -> None:
        """Run git, quietly."""
        subprocess.run(["git", *words], cwd=self.top, env=self.environ, check=True, capture_output=True)

    def _commit(self, name: str) -> None:
        (self.top / name).write_text(f"{name}\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", name)

    def with_hooks(self, *names: str) -> Scene:
        """Install these of ours."""
        for name in names:
            install(self.top / ".git" / "hooks", name, render(name, sys.executable))
        return self

    def message(self) -> tuple[float, float]:
        """A commit whose message is given."""
        return measure(lambda: self.git("commit", "-q", "--allow-empty", "-m", "chore: one more"))

    def edited(self) -> tuple[float, float]:
        """A commit with a draft, which the editor takes as it is; nobody listens where the model should be."""
        return measure(lambda: self.git("commit", "-q", "--allow-empty"), self._change, 7)

    def rebase(self) -> tuple[float, float]:
        """A rebase of all picks."""
        return measure(
            lambda: self.git("rebase", "-q", "main"), lambda: self.git("switch", "-q", "-C", "side", "kept"), 7
        )

    def _change(self) -> None:
        with (self.top / "start").open("a") as file:
            file.write("more\n")
        self.git("add", "-A")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Scene(Path(folder, "bare"))
        draft = Scene(Path(folder, "draft")).with_hooks("prepare-commit-msg")
        both = Scene(Path(folder, "both")).with_hooks(*HOOKS)
        rows = {
            "commit -m, no hook": bare.message(),
            "commit -m, prepare-commit-msg (skips)": draft.message(),
            "commit -m, both hooks": both.message(),
            f"rebase of {PICKS}, no hook": bare.rebase(),
            f"rebase of {PICKS}, both hooks": both.rebase(),
            "commit with a draft, no model there": draft.edited(),
        }
    for name, (cpu, wall) in rows.items():
        print(f"{name:40} {cpu:7.1f} ms CPU {wall:7.1f} ms wall")


if __name__ == "__main__":
    main()
