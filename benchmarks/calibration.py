"""Measures how often the rules are right where they say that they are sure: `ocode fix` on many small bugs.

    python benchmarks/calibration.py BUGS.jsonl [--ocode COMMAND] [--budget 30] [--part even|odd|all] [--out FILE]

A line of BUGS.jsonl is a bug as reach.py reads it. Each becomes a repository of its own with its visible tests; the
hidden test judges what `ocode fix --json --model none` lands. One fix at a time, as a fix uses every core. Each is told
as it ends, the figures come last.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reach import FILE, Bug, read

WHO = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a bug: `status` and `level` as the command said it, whether the hidden test passes, seconds."""

    id: str
    status: str
    level: str
    reason: str
    subject: str
    right: bool
    seconds: float


def git(folder: Path, *args: str) -> str:
    """Run git in a folder."""
    command = ["git", "-c", "commit.gpgsign=false", *args]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **WHO})
    return done.stdout


def tried(bug: Bug, ocode: Sequence[str], budget: float) -> Done | None:
    """One bug; None where its visible tests are green."""
    with tempfile.TemporaryDirectory(prefix="bug-") as name:
        folder = Path(name) / "repo"
        folder.mkdir()
        (folder / FILE).write_text(bug.text)
        (folder / "test_solution.py").write_text(bug.visible)
        (folder / ".gitignore").write_text("__pycache__/\n")
        git(folder, "init", "-q", "-b", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "start")
        env = {**os.environ, **WHO, "HOME": name, "XDG_CONFIG_HOME": f"{name}/config"}
        began = time.monotonic()
        command = [*ocode, "fix", "--json", "--model", "none", "--budget", str(budget)]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - began
        report: dict[str, Any] = json.loads(done.stdout)
        if report["status"] == "nothing":
            return None
        landed: dict[str, Any] = report["commits"][-1] if report["commits"] else {}
        sure: dict[str, str] = landed.get("confidence") or {}
        right = report["status"] == "fixed" and _right(folder, report["branch"], bug)
        why = sure.get("reason") or next((left["reason"] for left in report["remaining"]), "")
        level, subject = sure.get("level", ""), landed.get("subject", "")
        return Done(bug.id, report["status"], level, why, subject, right, seconds)


def _right(folder: Path, branch: str, bug: Bug) -> bool:
    there = folder.parent / "landed"
    git(folder, "worktree", "add", "-q", "--detach", str(there), branch)
    (there / "hidden.py").write_text(bug.hidden)
    try:
        command = [sys.executable, "hidden.py"]
        done = subprocess.run(command, cwd=there, capture_output=True, check=False, timeout=20)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def report(found: Sequence[Done]) -> None:
    """How many were mended, and for each level of confidence how many of those are right."""
    landed = [one for one in found if one.status == "fixed"]
    print(f"{len(found)} bugs, {len(landed)} mended, {sum(one.right for one in landed)} of them right")
    for level in ("high", "low"):
        some = [one for one in landed if one.level == level]
        part = f" ({sum(one.right for one in some) / len(some):.0%})" if some else ""
        print(f"{level:5} {sum(one.right for one in some):3} right of {len(some):3}{part}")
    if landed:
        print(f"seconds: median {statistics.median(one.seconds for one in landed):.1f} of the mended")


def tell(one: Done) -> None:
    """A line for a bug."""
    how = "right" if one.right else "wrong" if one.status == "fixed" else one.status
    print(f"{one.id:12} {one.seconds:5.1f} s {how:8} {one.level:5} {one.subject} | {one.reason}", flush=True)


def main() -> None:
    """See the top."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bugs", type=Path)
    parser.add_argument("--ocode", default="ocode")
    parser.add_argument("--budget", type=float, default=30)
    parser.add_argument("--part", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--out", type=Path, help="write every bug's result as JSON lines")
    given = parser.parse_args()
    bugs = [bug for bug in read(given.bugs) if given.part in ("all", ("even", "odd")[bug.number % 2]) and bug.visible]
    found: list[Done] = []
    for bug in bugs:
        if done := tried(bug, shlex.split(given.ocode), given.budget):
            found.append(done)
            tell(done)
    if given.out:
        given.out.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in found))
    report(found)


if __name__ == "__main__":
    main()
