"""How long a mutant takes: a function with its tests in a process of its own, changed and judged in forked children.

    python benchmarks/mutants.py [--python PYTHON] [--tests N]

Prints the wall milliseconds of each mutant (median, worst), the processor milliseconds of all, and what was noticed.
PYTHON runs the tests (this one, if none is given); with pytest it should have few plugins.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ocode_tools.git import Git
from ocode_tools.interpreter import probe
from ocode_tools.newtests import bench
from ocode_tools.newtests.bench import Orders
from ocode_tools.newtests.mutants import mutants
from ocode_tools.outcome import Limits
from ocode_tools.process import Cancel, Spare
from ocode_tools.runners import RUNNERS
from ocode_tools.sandbox import choose
from ocode_tools.source import Source
from ocode_tools.suite import Plan, Suite
from ocode_tools.warm.client import Place
from ocode_tools.workspace import Lane

SUBJECT = '''import re

SIZES = {"k": 1, "m": 2, "g": 3}


def parse_size(text, binary=False):
    """Bytes of a size such as 1.5k."""
    found = re.fullmatch(r"(-?[0-9.]+) *([kmg]?)b?", text.strip().lower())
    if not found:
        raise ValueError(f"no size: {text}")
    number, unit = float(found[1]), found[2]
    base = 1024 if binary else 1000
    if number < 0:
        raise ValueError("less than nothing")
    power = SIZES[unit] if unit else 0
    whole = number * base**power
    if whole > 10 and whole % 1 != 0:
        whole = whole + 1 - whole % 1
    return int(whole)
'''
TEST = """def test_{n}():
    assert parse_size("{n}k") == {n} * 1000
    assert parse_size("{n}kb", binary=True) == {n} * 1024
    assert parse_size("1.23456789k") == 1235
"""


def suite_in(folder: Path, python: str, spare: Spare) -> tuple[Suite, Lane]:
    """A suite in a folder of its own, without a repository."""
    for name in ("tree", "home", "tmp", "out", "ours"):
        (folder / name).mkdir(parents=True)
    found = probe([python], "given", folder, os.environ)
    assert found, f"{python} is no Python"
    runner = RUNNERS["pytest" if "pytest" in found.modules else "unittest"]()
    limits, sandbox = Limits(300, 4 << 30, 256, 1 << 20), choose("best")
    plan = Plan(found, runner, "", (), frozenset(), limits, 60, sandbox, (), dict(os.environ))
    return Suite(plan, Cancel(), spare), Lane(folder, Git(folder))


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description="How long a mutant takes.")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--tests", type=int, default=1)
    given = parser.parse_args()
    source = Source("sizes.py", SUBJECT.encode())
    unit = source.functions()[1]
    changes = tuple(mutants(source, unit))
    with tempfile.TemporaryDirectory() as name, Spare() as spare:
        suite, lane = suite_in(Path(name) / "lane", given.python, spare)
        (lane.tree / "sizes.py").write_text(SUBJECT)
        tests = "\n\n".join(TEST.format(n=number) for number in range(1, given.tests + 1))
        (lane.tree / "test_sizes.py").write_text(f"from sizes import parse_size\n\n\n{tests}")
        ids = tuple(f"test_sizes.py::test_{number}" for number in range(1, given.tests + 1))
        began = time.perf_counter()
        found = bench.examine(suite, lane, Orders(ids, Place("sizes.py", unit.first, unit.qualname), changes))
        wall = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = [1000 * one.seconds for one in found.mutants.values()]
    noticed = sum(bool(one.found) for one in found.mutants.values())
    print(f"{len(took)} mutants, {len(found.stubs)} stubs, {given.tests} tests: {wall:.2f} s in all")
    print(f"  processor time of all processes: {used.ru_utime + used.ru_stime:.2f} s")
    print(f"  a mutant: median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms")
    print(f"  noticed by an assertion: {noticed} of {len(took)}")


if __name__ == "__main__":
    main()
