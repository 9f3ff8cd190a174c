"""No room for state or for workspaces: one line, the right exit code, nothing of the user's touched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from door import BUGGY, changed, environment, state
from ocode_tools import sandbox
from repos import MakeRepo

KIB = 1024


@pytest.fixture(autouse=True)
def bubblewrap() -> None:
    """Its `--size` makes a small disk without root."""
    if sandbox.choose("best").level != "bwrap":
        pytest.skip("bubblewrap does not work here")


@pytest.mark.parametrize(
    ("where", "size", "words"),
    [
        ("cache", 4, "make room there, or set XDG_CACHE_HOME"),  # in the middle of the clone
        ("cache", 48, "make room there, or set XDG_CACHE_HOME"),  # in the middle of the checkout
        ("cache", 96, "make room there, or set XDG_CACHE_HOME"),  # when the tests have been run
        ("state", 4, "make room"),  # before the workspace is made
        ("state", 8, "make room"),  # in the middle of the work
    ],
)
def test_a_full_disk(make_repo: MakeRepo, tmp_path: Path, where: str, size: int, words: str) -> None:
    filler = {f"data/{number}.txt": "x" * 4000 for number in range(6)}
    noise = {f"test_more_{n}.py": f"def test_{n}():\n    assert {n} == 1\n" for n in range(2, 8)}
    repo = make_repo({**BUGGY, **(noise if where == "state" else filler)})
    cache, own = tmp_path / "cache", repo.top / ".git/ocode"
    cache.mkdir()
    own.mkdir()
    before = state(repo.top)
    program = [sys.executable, "-m", "ocode_bot", "fix", "--json", "--budget", "20", "--jobs", "2"]
    small = ["--size", str(size * KIB), "--tmpfs", str(cache if where == "cache" else own)]
    done = subprocess.run(
        [str(shutil.which("bwrap")), "--dev-bind", "/", "/", *small, *program],
        cwd=repo.top,
        env=environment(XDG_CACHE_HOME=str(cache)),
        capture_output=True,
        timeout=120,
        check=False,
    )
    report = json.loads(done.stdout)
    assert (done.returncode, report["status"], report["error"]["kind"]) == (3, "error", "environment"), report
    assert words in report["error"]["message"]
    assert "\n" not in report["error"]["message"]
    assert changed(before, state(repo.top)) == []
    landed = repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads/ocode/").split()
    assert landed == [report["branch"]] if report["branch"] else landed == []
