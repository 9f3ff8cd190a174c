"""Candidates a second in a warm process against a test process for each, on a small suite; prints, asserts nothing.

python benchmarks/warm.py [PYTHON]    the interpreter that runs the suite (default: this one)
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ocode_tools.edits import Edit
from ocode_tools.git import Git
from ocode_tools.interpreter import probe
from ocode_tools.outcome import Limits
from ocode_tools.process import Cancel, Spare
from ocode_tools.runners import RUNNERS
from ocode_tools.sandbox import choose
from ocode_tools.source import Source
from ocode_tools.suite import Plan, Suite
from ocode_tools.warm.client import Warm
from ocode_tools.warm.swap import Swap, swap
from ocode_tools.workspace import Lane

CODE = """def total(prices, rate):
    result = 0
    for price in prices:
        result = result - price
    return result * rate
"""
SUITES = {
    "pytest": "from calc import total\n\n\ndef test_total():\n    assert total([1, 2, 3], 1) == 6\n",
    "unittest": "import unittest\nfrom calc import total\n\n\nclass T(unittest.TestCase):\n    def test_total(self):\n"
    "        self.assertEqual(total([1, 2, 3], 1), 6)\n",
}
WARM, SLOW = 500, 5


def candidates() -> Iterator[Edit]:
    """Edits of the one function, none of which mends it."""
    for number in range(WARM):
        yield Edit("calc.py", CODE.encode(), CODE.replace("- price", f"- price * {number + 1}").encode())


def measure(folder: Path, name: str, python: str) -> None:
    """One runner: warm and slow."""
    for part in ("tree", "home", "tmp", "out", "ours"):
        (folder / part).mkdir(parents=True)
    (folder / "tree" / "calc.py").write_text(CODE)
    (folder / "tree" / "test_calc.py").write_text(SUITES[name])
    found = probe([python], "given", folder, os.environ)
    if found is None:
        sys.exit(f"{python} is no Python of 3.8 or newer")
    limits, nothing = Limits(60, 2 << 30, 100, 1 << 20), frozenset[str]()
    plan = Plan(found, RUNNERS[name](), "", (), nothing, limits, 10, choose("best"), (), dict(os.environ))
    lane, source = Lane(folder, Git(folder)), Source("calc.py", CODE.encode())
    with Spare() as spare:
        suite = Suite(plan, Cancel(), spare)
        began = time.perf_counter()
        warm = Warm(suite, lane, [])
        if not warm.ready(60):
            sys.exit(warm.problem)
        started = time.perf_counter() - began
        tests = sorted(warm.tests)
        changes = [change for edit in candidates() if (change := swap(edit, source))]
        taken, used = _warm(warm, changes, tests)
        warm.close()
        began = time.perf_counter()
        for _ in range(SLOW):
            suite.run(lane, tests)
        slow = (time.perf_counter() - began) / SLOW
    print(
        f"{name}: {len(changes) / taken:.0f} candidates a second in one warm process ({started:.1f} s to start), "
        f"{len(changes) / used:.0f} for each second of processor time, "
        f"{1 / slow:.1f} with a process for each ({slow * len(changes) / taken:.0f} times)"
    )


def _warm(warm: Warm, changes: list[Swap], tests: list[str]) -> tuple[float, float]:
    """Wall seconds for all changes, and processor seconds."""
    began, used = time.perf_counter(), 0.0
    for change in changes:
        answer = warm.judge(change, tests, (), dict.fromkeys(tests, 0.5))
        if answer is None or answer.green or answer.cold:
            sys.exit(f"{change} was not judged as it should be: {answer} {warm.problem}")
        used += answer.processor
    return time.perf_counter() - began, used


def main() -> None:
    """Measure both runners."""
    for name in SUITES:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder) / "lane", name, sys.argv[1] if len(sys.argv) > 1 else sys.executable)


if __name__ == "__main__":
    main()
