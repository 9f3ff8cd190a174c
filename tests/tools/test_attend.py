"""A command that is attended ends with whoever started it, and gets the time to tidy up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ocode_tools.attend import Attended
from ocode_tools.errors import SetupError
from ocode_tools.store import Lock

TIDY = """
import pathlib, signal, sys, time
def stop(*_):
    pathlib.Path("tidied").touch()
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
pathlib.Path("up").touch()
time.sleep(30)
"""


def attended(folder: Path, code: str, *held: int) -> Attended:
    """Python code, attended in a folder."""
    words = [sys.executable, "-c", code]
    return Attended(words, cwd=folder, env={**os.environ}, out=folder / "out", err=folder / "err", held=held)


def eventually(what: Callable[[], object]) -> None:
    """Wait until something is true."""
    until = time.monotonic() + 20
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("code", "ends"),
    [("print('said'); raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)],
    ids=["by itself", "by a signal"],
)
def test_its_code_and_its_words_are_told(tmp_path: Path, code: str, ends: int) -> None:
    command = attended(tmp_path, code)
    assert command.wait(20) == ends
    command.end()
    assert (tmp_path / "out").read_text() == ("said\n" if ends == 3 else "")


def test_it_may_tidy_up_and_a_lock_is_held_until_it_has(tmp_path: Path) -> None:
    lock = Lock.take(tmp_path / "lock")
    assert lock is not None
    command = attended(tmp_path, TIDY, lock.fileno())
    lock.release()
    eventually((tmp_path / "up").exists)
    assert command.wait(0) is None
    assert Lock.take(tmp_path / "lock") is None
    command.end()
    assert command.wait(20) == 130
    assert (tmp_path / "tidied").exists()
    again = Lock.take(tmp_path / "lock")
    assert again is not None
    again.release()


STARTER = """
import os, pathlib, sys
from ocode_tools.attend import Attended
here = pathlib.Path.cwd()
one = Attended([sys.executable, "-c", sys.argv[1]], cwd=here, env=os.environ, out=here / "out", err=here / "err")
(here / "pid").write_text(str(one.pid))
one.wait()
"""


@pytest.mark.parametrize("whom", ["starter", "between"])
def test_it_ends_when_whoever_stands_above_it_is_killed(tmp_path: Path, whom: str) -> None:
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    with subprocess.Popen([sys.executable, "-c", STARTER, TIDY], cwd=tmp_path, env=environ) as starter:
        eventually((tmp_path / "up").exists)
        eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
        between = int((tmp_path / "pid").read_text())
        family = psutil.Process(between).children()
        os.kill(starter.pid if whom == "starter" else between, signal.SIGKILL)
        eventually((tmp_path / "tidied").exists)
        _, left = psutil.wait_procs(family, timeout=20)
        assert left == []


def test_a_folder_that_is_gone_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot run"):
        Attended(["true"], cwd=tmp_path / "no", env={}, out=tmp_path / "out", err=tmp_path / "err")
