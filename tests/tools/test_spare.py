"""Supervisors that are started ahead: used once each, never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ocode_tools.outcome import Limits, Outcome
from ocode_tools.process import Cancel, Spare, supervise
from ocode_tools.sandbox import Sandbox, View


def work(folder: Path, code: str, spare: Spare) -> Outcome:
    """Supervise a piece of Python."""
    return supervise(
        [sys.executable, "-c", code],
        cwd=folder,
        env=dict(os.environ),
        output=folder / "output",
        limits=Limits(60, 1 << 30, 64, 1 << 20),
        sandbox=Sandbox("none", ""),
        view=View(()),
        cancel=Cancel(),
        spare=spare,
    )


def supervisors() -> set[psutil.Process]:
    """Those of this process that live."""
    return {child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE}


def test_one_waits_at_a_time_and_none_is_left(tmp_path: Path) -> None:
    before = supervisors()
    with Spare() as spare:
        (first,) = supervisors() - before
        assert work(tmp_path, "import os, sys; sys.exit(os.getppid() % 251)", spare).code == first.pid % 251
        (second,) = supervisors() - before
        assert work(tmp_path, "import os, sys; sys.exit(os.getppid() % 251)", spare).code == second.pid % 251
        assert first != second
    assert supervisors() == before


def test_a_killed_one_is_not_used(tmp_path: Path) -> None:
    before = supervisors()
    with Spare() as spare:
        (waiting,) = supervisors() - before
        waiting.kill()
        psutil.wait_procs([waiting], timeout=20)
        assert work(tmp_path, "raise SystemExit(7)", spare).code == 7
    assert supervisors() == before


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_one_that_waits_ends_with_its_parent(tmp_path: Path, end: str) -> None:
    code = (
        "import os, psutil\nfrom ocode_tools.process import Spare\n"
        f"with Spare(): print(psutil.Process().children()[0].pid, flush=True); {end}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=tmp_path, check=False)
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(20)
    assert not psutil.pid_exists(int(done.stdout))
