"""A warm process in a lane of its own, without a repository around it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ocode_tools.edits import Edit
from ocode_tools.git import Git
from ocode_tools.interpreter import probe
from ocode_tools.outcome import Limits
from ocode_tools.process import Cancel, Spare
from ocode_tools.runners import RUNNERS, Runner
from ocode_tools.sandbox import choose
from ocode_tools.source import Source
from ocode_tools.suite import Plan, Suite
from ocode_tools.warm.client import Answer, Warm
from ocode_tools.warm.swap import Swap, swap
from ocode_tools.workspace import Lane

LIMIT = 0.5  # processor seconds of a test


@dataclass
class Warming:
    """The process, its lane, and the suite that its tests are run with otherwise."""

    warm: Warm
    lane: Lane
    suite: Suite

    def change(self, path: str, old: str, new: str) -> Swap:
        """`old`, which is there once, replaced by `new`."""
        data = (self.lane.tree / path).read_bytes()
        assert data.count(old.encode()) == 1
        found = swap(Edit(path, data, data.replace(old.encode(), new.encode())), Source(path, data))
        assert found is not None
        return found

    def judge(self, change: Swap | None, *first: str, then: tuple[str, ...] = (), every: bool = False) -> Answer:
        """What the process says; it must live on."""
        limits = dict.fromkeys([*first, *then], LIMIT)
        answer = self.warm.judge(change, first, then, limits, every=every)
        assert answer is not None, self.warm.problem
        return answer


@contextmanager
def warming(
    folder: Path, files: Mapping[str, str], runner: str | Callable[[], Runner] = "pytest", python: str = sys.executable
) -> Generator[Warming]:
    """Write `files` into a lane's tree and start a process there; it need not be ready or of use."""
    for name in ("tree", "home", "tmp", "out", "ours"):
        (folder / name).mkdir(parents=True)
    for path, text in files.items():
        file = folder / "tree" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    found = probe([python], "test", folder, os.environ)
    assert found is not None
    plan = Plan(
        python=found,
        runner=RUNNERS[runner]() if isinstance(runner, str) else runner(),
        project="",
        checkouts=(),
        names=frozenset(),
        limits=Limits(60, 2 << 30, 100, 1 << 20),
        test_seconds=10,
        sandbox=choose("best"),
        visible=(),
        environ=dict(os.environ),
    )
    lane = Lane(folder, Git(folder))
    with Spare() as spare:
        suite = Suite(plan, Cancel(), spare)
        warm = Warm(suite, lane, [])
        try:
            yield Warming(warm, lane, suite)
        finally:
            warm.close()
