"""Running the real command line, and seeing everything of the user's that it must leave alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pythons import light
from repos import Repo


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def environment(**extra: str) -> dict[str, str]:
    """The test's environment, with a Python that holds pytest and nothing else for the suites that are run."""
    return {**os.environ, "OCODE_TESTS_PYTHON": light(), "OCODE_FIX_AFTER": "0.1", "OCODE_FIX_JOBS": "1", **extra}


def ocode(cwd: Path, *args: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Done:
    """Run `ocode ARGS` in a folder, with no terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "ocode_bot", *args],
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    assert "Traceback" not in err, err
    return Done(done.returncode, out, err)


def fix(repo: Repo, *args: str, cwd: str = "", env: Mapping[str, str] | None = None, timeout: float = 120) -> Done:
    """Run `ocode fix --json ARGS` and check that the user's things stayed as they were, byte for byte."""
    before = state(repo.top)
    done = ocode(repo.top / cwd, "fix", "--json", *args, env=env, timeout=timeout)
    assert changed(before, state(repo.top)) == []
    return done


def state(top: Path) -> dict[str, bytes]:
    """Every file of the work tree and of `.git` but what is ours: objects, `ocode/` and the refs that bear our name."""
    seen: dict[str, bytes] = {}
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top).as_posix()
        if name.startswith((".git/objects/", ".git/ocode/")) or "/refs/heads/ocode" in name or "/refs/ocode" in name:
            continue
        if path.is_symlink():
            seen[name] = b"link " + os.fsencode(os.readlink(path))
        elif path.is_file():
            seen[name] = path.read_bytes()
    return seen


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Names that are not as they were."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


KEYS = {
    "version",
    "status",
    "base",
    "interpreter",
    "test_command",
    "sandbox",
    "model",
    "branch",
    "commits",
    "fixed",
    "remaining",
    "flaky",
    "model_calls",
    "tokens",
    "seconds",
    "run",
    "error",
}
CALC = """def total(prices):
    result = 0
    for price in prices:
        result = result - price
    return result
"""
TEST_CALC = """from calc import total


def test_total():
    assert total([1, 2, 3]) == 6


def test_nothing():
    assert total([]) == 0
"""
BUGGY = {"calc.py": CALC, "test_calc.py": TEST_CALC}
