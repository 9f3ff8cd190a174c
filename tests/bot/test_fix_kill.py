"""A fix that is killed or interrupted at any moment leaves the user's things as they were, and no process."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from door import CALC, KEYS, changed, fix, ocode, state
from ocode_tools.runners import INSIDE
from quick import bare
from repos import MakeRepo, Repo

KILLS = 20
AT_THE_LANDING = 5
COMMAND = f"python {INSIDE / 'ocode_unittest.py'}"
SUITE = """import unittest
from calc import total


class Total(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2, 3]), 6)
"""
HANGS = "import time, unittest\n\n\nclass Slow(unittest.TestCase):\n    def test_slow(self):\n        time.sleep(60)\n"


def busy(repo: Repo) -> Repo:
    """A repository in which someone is at work."""
    repo.write("words.txt", "one\n")
    repo.write(".gitignore", "*.log\n")
    repo.commit("more")
    repo.git("branch", "other")
    repo.git("tag", "v1")
    repo.write("words.txt", "stashed\n")
    repo.git("stash", "-q")
    repo.write("words.txt", "staged\n")
    repo.git("add", "words.txt")
    repo.write("words.txt", "changed\n")
    repo.write("untracked.txt", "mine\n")
    repo.write("ignored.log", "mine\n")
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n").chmod(0o755)
    repo.git("config", "alias.mine", "status")
    return repo


def start(repo: Repo, env: Mapping[str, str], *args: str) -> subprocess.Popen[bytes]:
    """`ocode fix` on its way, its words to a file."""
    with (repo.top.parent / "out").open("wb") as out, (repo.top.parent / "err").open("wb") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "ocode_bot", "fix", "--json", "--test-cmd", COMMAND, *args],
            cwd=repo.top,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )


def wait_for_words(repo: Repo, words: str, child: subprocess.Popen[bytes]) -> None:
    """Until stderr holds the words, or the process is over."""
    deadline = time.monotonic() + 60
    while words not in (repo.top.parent / "err").read_text() and child.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def ours(folder: Path) -> list[psutil.Process]:
    """Processes that speak of a folder in their arguments or environment, but this one."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(folder) in text for text in told):
            found.append(process)
    return found


def all_gone(folder: Path, seconds: float = 2.0) -> bool:
    """Whether they end in time."""
    deadline = time.monotonic() + seconds
    while ours(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def branches(repo: Repo) -> dict[str, str]:
    """Ocode's branches and their tips."""
    said = repo.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/ocode")
    return dict(line.split() for line in said.splitlines())


def workspaces(env: Mapping[str, str]) -> list[Path]:
    """Private clones that are there."""
    return list(Path(env["XDG_CACHE_HOME"], "ocode").glob("*/*"))


def check_branches(repo: Repo, known: set[str]) -> None:
    """Each commit above the base is verified and the suite is green in a fresh clone; `known` trees are passed over."""
    for name in branches(repo):
        tree = repo.git("rev-parse", f"{name}^{{tree}}").strip()
        commits = repo.git("log", "--format=%(trailers:key=Ocode-Verified,valueonly,separator=;)", f"main..{name}")
        snapshots = repo.git("log", "--format=%H", "--grep=^Ocode-Snapshot: ", f"main..{name}").split()
        verified = [line for line in commits.splitlines() if ": 1 passed, 0 failed" in line]
        assert len(verified) == 1
        assert len(commits.splitlines()) == len(verified) + len(snapshots)
        if tree not in known:
            clone = repo.top.parent / f"clone-{tree}"
            repo.git("clone", "-q", "--branch", name, str(repo.top), str(clone))
            assert subprocess.run([sys.executable, "-m", "unittest", "-q"], cwd=clone, check=False).returncode == 0
            known.add(tree)


def test_killed_at_twenty_moments(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = busy(make_repo({"calc.py": CALC, "test_calc.py": SUITE}))
    env = bare()
    before, chance, trees = state(repo.top), random.Random(7), set[str]()
    began = time.monotonic()
    assert start(repo, env).wait(60) == 0
    whole = time.monotonic() - began
    for number in range(KILLS):
        child = start(repo, env, *(["--dirty"] if number % 2 else []))
        if number < KILLS - AT_THE_LANDING:
            time.sleep(whole * (number + chance.random()) / (KILLS - AT_THE_LANDING))
        else:
            wait_for_words(repo, "checking the whole suite", child)
            time.sleep(whole * 0.35 * chance.random())
        whole *= 1.0 if child.poll() is None else 0.7  # the first run, on a cold machine, took longer
        child.kill()
        child.wait(10)
        assert all_gone(tmp_path), ours(tmp_path)
        assert changed(before, state(repo.top)) == [], number
        check_branches(repo, trees)
    runs = json.loads(ocode(repo.top, "runs", "--json").out)["runs"]
    killed = sum(run["status"] == "killed" for run in runs)
    assert {run["status"] for run in runs} <= {"killed", "fixed"}
    assert killed >= KILLS // 4  # on a busy machine some end before they are killed
    tips = branches(repo)
    report = fix(repo, "--test-cmd", COMMAND, env=env).report
    assert report["status"] == "fixed"
    assert workspaces(env) == []
    assert branches(repo) == {**tips, report["branch"]: report["commits"][-1]["sha"]}
    for ref in repo.git("for-each-ref", "--format=%(objectname)", "refs/ocode").split():
        assert repo.git("for-each-ref", "--contains", ref, "refs/heads/ocode") != ""


@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 2, [signal.SIGTERM] * 3])
def test_interrupted_in_a_test_run(make_repo: MakeRepo, tmp_path: Path, numbers: list[signal.Signals]) -> None:
    repo = busy(make_repo({"calc.py": CALC, "test_calc.py": SUITE, "test_slow.py": HANGS}))
    env, before = bare(), state(repo.top)
    child = start(repo, env)
    wait_for_words(repo, "running the tests", child)
    time.sleep(0.7)
    for number in numbers:
        child.send_signal(number)
        time.sleep(0.02)
    assert child.wait(2) == 130
    report = json.loads((tmp_path / "out").read_text())
    assert (report.keys(), report["status"], report["error"]) == (KEYS, "interrupted", None)
    assert workspaces(env) == []
    assert all_gone(tmp_path), ours(tmp_path)
    assert changed(before, state(repo.top)) == []


def test_interrupted_after_a_landing_keeps_it(make_repo: MakeRepo, tmp_path: Path) -> None:
    """The second cause waits for ever once the first is mended."""
    waits = SUITE.replace("calc", "later").replace("6)", "600)") + "\n\nclass Waits(unittest.TestCase):\n"
    waits += "    def test_waits(self):\n        import calc, time\n        total([])\n"
    waits += "        time.sleep(60 if calc.total([1]) == 1 and total([1]) != -1 else 0)\n"
    repo = busy(make_repo({"calc.py": CALC, "later.py": CALC, "test_calc.py": SUITE, "test_later.py": waits}))
    env, before = bare(), state(repo.top)
    child = start(repo, env, "--budget", "60")
    wait_for_words(repo, "landed ", child)
    child.send_signal(signal.SIGINT)
    assert child.wait(2) == 130
    report = json.loads((tmp_path / "out").read_text())
    assert report["status"] == "interrupted"
    assert branches(repo) == {report["branch"]: report["commits"][-1]["sha"]}
    assert report["fixed"] == ["test_calc.py::Total::test_total"]
    assert workspaces(env) == []
    assert all_gone(tmp_path), ours(tmp_path)
    assert changed(before, state(repo.top)) == []
