"""What a test run says, as values: outcomes, failures with their frames, coverage by test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of a traceback inside the repository: path from the repository's top (posix), 1-based line."""

    path: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one test is red.

    `id` is the node id from the repository's top (`tests/test_a.py::test_x[1]`), or the file's path for a
    collection error. `frames` run from the outermost to the innermost. `name` is the name that a NameError,
    AttributeError, ImportError or unexpected keyword spoke of, and `close` the names like it that were really
    there at that moment, best first. `compared` holds the two sides of the comparison that failed, in full as `repr`
    shows them, where they are known and not too long.
    """

    id: str
    phase: Literal["collect", "setup", "call", "teardown", "run"]
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    name: str = ""
    close: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()

    @property
    def hung(self) -> bool:
        """Whether the test was stopped by a time limit: its seconds say nothing of how long it would take."""
        return self.exception.rpartition(".")[2] in {"OcodeTimeout", "Timeout"}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Lines that each test executed: `lines[path][line]` is the set of test ids."""

    lines: Mapping[str, Mapping[int, frozenset[str]]] = field(default_factory=dict[str, dict[int, frozenset[str]]])


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of some tests.

    `collected` holds every id the runner found (before any selection), `outcomes` one verdict for each test that
    ended, `failures` one entry for each red one. `inside` counts the project's modules that came from the
    workspace, `outside` lists (module, file) of those that did not. `seconds` is by test.
    """

    __test__ = False  # the name is ours, not pytest's

    collected: tuple[str, ...]
    outcomes: Mapping[str, Verdict]
    failures: Mapping[str, Failure]
    coverage: Coverage
    seconds: Mapping[str, float]
    inside: int
    outside: tuple[tuple[str, str], ...]
    command: tuple[str, ...]
    code: int | None
    ended: str
    output: str
    processes: int

    @property
    def passed(self) -> frozenset[str]:
        """Ids of the tests that passed."""
        return frozenset(i for i, v in self.outcomes.items() if v == "passed")

    @property
    def red(self) -> frozenset[str]:
        """Ids of the tests that failed."""
        return frozenset(self.failures)

    def green(self, test: str) -> bool:
        """Whether a test was seen green here; a collection error's file is, once its tests are collected."""
        if self.outcomes.get(test) == "passed":
            return True
        inside = test.removesuffix("conftest.py") if test.rpartition("/")[2] == "conftest.py" else f"{test}::"
        collected = any(other.startswith(inside) for other in self.collected)
        return "::" not in test and collected and test not in self.failures and self.ended == "exit"
