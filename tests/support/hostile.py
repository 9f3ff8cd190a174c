"""Running `ocode fix` on a suite that means harm, at a chosen level of the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from door import Done, changed, environment, state
from ocode_tools import sandbox
from repos import Repo

Level = Literal["bwrap", "landlock"]
PLACES = (Path("/usr/bin/bwrap"), Path("/usr/local/bin/bwrap"), Path("/bin/bwrap"))
BWRAP = sorted({os.path.realpath(path) for path in PLACES if path.exists()})


def around(level: Level) -> list[str]:
    """What to run ocode in: for Landlock, a mount namespace where there is no bubblewrap; both without root's rights
    over files, so that modes mean something."""
    if level == "bwrap" or sandbox.choose("best").level != "bwrap":
        return []
    gone = [word for program in BWRAP for word in ("--ro-bind", "/dev/null", program)]
    return [BWRAP[0], "--dev-bind", "/", "/", *gone, "--cap-drop", "ALL", "--die-with-parent", "--"]


def attack(repo: Repo, level: Level, *args: str, budget: str = "60", home: Path | None = None, **extra: str) -> Done:
    """`ocode fix` at one level; checks the repository, the home, and what is left behind."""
    env = environment(**extra)
    home = home or Path(env["HOME"])
    if home != Path(env["HOME"]):
        env |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    before = state(repo.top), owned(home)
    done = subprocess.run(
        [*around(level), sys.executable, "-m", "ocode_bot", "fix", "--json", "--budget", budget, *args],
        cwd=repo.top,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert changed(before[0], state(repo.top)) == []
    assert changed(before[1], owned(home)) == []
    ended = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert ended.code in (0, 1, 3), ended.err
    assert ended.code == 3 or ended.report["sandbox"].startswith(level)
    assert [left for left in (home / ".cache" / "ocode").glob("*/**/*") if left.name] == []
    return ended


def owned(home: Path) -> dict[str, bytes]:
    """The files of the home but the cache."""
    return {name: data for name, data in state(home).items() if not name.startswith(".cache/")}


def green_outside(repo: Repo, branch: str, where: Path, command: Sequence[str] = ("-m", "pytest", "-q")) -> bool:
    """Whether the suite of a fresh clone of the branch is green, run by hand."""
    repo.git("clone", "-q", "--branch", branch, str(repo.top), str(where))
    return subprocess.run([sys.executable, *command], cwd=where, capture_output=True, check=False).returncode == 0
