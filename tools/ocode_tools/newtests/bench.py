"""The project's own process in which new tests are looked at hard: what it is asked, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

from ocode_tools.interpreter import Interpreter
from ocode_tools.newtests.mutants import Mutant
from ocode_tools.results import TestRun
from ocode_tools.runners import INSIDE, Runner
from ocode_tools.store import read_untrusted
from ocode_tools.suite import Suite
from ocode_tools.warm.client import Place
from ocode_tools.warm.swap import Swap
from ocode_tools.workspace import Lane

LONGEST = 10.0  # seconds of a new test
NOBODY = Place("", 0, "")


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done with the `tests` (ids, without the cases of parameters; none: all tests run, and no more):
    `repeat` times each within `seconds`, with another `clock`, on each of the `mutants` of `unit`; `every` one of them
    on each, or as many as it takes until one notices it.

    `shuffle` is the order of all tests: 0 as they are, -1 reversed, else a seed; `chdir` runs them in another folder;
    `environ` adds to what they see.
    """

    tests: tuple[str, ...] = ()
    unit: Place = NOBODY
    mutants: tuple[Mutant, ...] = ()
    seconds: float = 2.0
    repeat: int = 0
    clock: bool = False
    every: bool = True
    shuffle: int = 0
    chdir: bool = False
    environ: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Alone:
    """One test by itself: `said` is why it is red, `again` and `late` why it was red when run again or with another
    clock, `wrote` what it left behind; each is empty where nothing is wrong. `steps` are those from line to line
    through the unit, `seconds` how long it took with all that is around it."""

    green: bool
    said: str
    again: str
    late: str
    wrote: str
    seconds: float
    steps: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of the tests on changed code: the ids that are red with what they say; `seconds` for all."""

    red: Mapping[str, str]
    hung: bool
    seconds: float

    @property
    def found(self) -> frozenset[str]:
        """The tests that noticed it by an assertion of their own."""
        return frozenset(test for test, said in self.red.items() if said.startswith("assertion"))


@dataclass(frozen=True, slots=True)
class Findings:
    """All answers: `alone` by test, `stubs` by the value that was returned, `mutants` by their number in the orders.
    `loaded` says whether the unit was found as one plain function; `run` is the run of the tests that came after."""

    run: TestRun
    loaded: bool
    alone: Mapping[str, Alone]
    stubs: Mapping[str, Changed]
    mutants: Mapping[int, Changed]


@dataclass(frozen=True, slots=True)
class Watched:
    """A runner whose process also carries out orders: see `inside/ocode_mutants.py`."""

    inner: Runner
    orders: str
    answers: str
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """See `Runner`, also below."""
        return self.inner.name

    def command(self, python: Interpreter, files: Sequence[str]) -> list[str]:
        command = self.inner.command(python, self.files or files)
        plain = str(INSIDE / "ocode_unittest.py")
        return [str(INSIDE / "ocode_mutants.py") if word == plain else word for word in command]

    def shown(self, python: Interpreter) -> list[str]:
        return self.inner.shown(python)

    def variables(self, python: Interpreter) -> Mapping[str, str]:
        known = dict(self.inner.variables(python))
        options = f"{known.get('PYTEST_ADDOPTS', '')} -p ocode_mutants".strip()
        return {**known, "PYTEST_ADDOPTS": options, "OCODE_MUTANTS": self.orders, "OCODE_ANSWERS": self.answers}


def examine(suite: Suite, lane: Lane, orders: Orders, *, coverage: bool = False) -> Findings:
    """Carry the orders out in the lane's tree as it stands, then run the tests as always."""
    said = lane.folder / "out" / "answers.jsonl"
    asked = lane.ours / "orders.json"
    asked.write_text(json.dumps(_fields(orders)))
    plan = suite.plan
    prefix = f"{plan.project}/" if plan.project else ""
    files = dict.fromkeys(test.split("::", 1)[0].removeprefix(prefix) for test in orders.tests)
    environ = {**plan.environ, **orders.environ}
    watched = replace(
        plan,
        runner=Watched(plan.runner, str(asked), str(said), tuple(files)),
        environ=environ,
        pass_env=(*plan.pass_env, *orders.environ),
    )
    inner = replace(suite, plan=watched)
    run = inner.run(lane, coverage=coverage, test_seconds=LONGEST if orders.tests else None)
    suite.processes, suite.seconds = inner.processes, inner.seconds
    return read(read_untrusted(said), run)


def _fields(orders: Orders) -> dict[str, Any]:
    return {
        "tests": orders.tests,
        "unit": asdict(orders.unit),
        "mutants": [_swap(mutant.swap) for mutant in orders.mutants],
        "seconds": orders.seconds,
        "repeat": orders.repeat,
        "clock": orders.clock,
        "every": orders.every,
        "shuffle": orders.shuffle,
        "chdir": orders.chdir,
    }


def _swap(change: Swap) -> dict[str, Any]:
    unit = asdict(change.unit) if change.unit else None
    data = change.data.decode("latin-1")
    return {"path": change.path, "start": change.start, "end": change.end, "data": data, "unit": unit}


def read(lines: bytes, run: TestRun) -> Findings:
    """Answers as values, whatever was written; the first about one thing counts. Never raises."""
    loaded = False
    alone: dict[str, Alone] = {}
    stubs: dict[str, Changed] = {}
    mutants: dict[int, Changed] = {}
    for line in lines.split(b"\n"):
        try:
            said = json.loads(line)
            if not isinstance(said, dict):
                continue
            answer = cast("dict[str, Any]", said)
            loaded = loaded or answer.get("loaded") is True
            if "test" in answer:
                alone.setdefault(str(answer["test"]), _alone(answer))
            kind, _, number = str(answer.get("change", "")).partition(" ")
            if kind and "red" in answer:
                if kind == "stub":
                    stubs.setdefault(str(answer["shown"]), _changed(answer))
                else:
                    mutants.setdefault(int(number), _changed(answer))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return Findings(run, loaded, alone, stubs, mutants)


def _alone(answer: dict[str, Any]) -> Alone:
    steps = frozenset((int(one), int(other)) for one, other in answer["steps"])
    wrote = str(next(iter(answer["wrote"]), ""))
    said, again, late = (str(answer[name]) for name in ("said", "again", "late"))
    return Alone(answer["green"] is True, said, again, late, wrote, float(answer["seconds"]), steps)


def _changed(answer: dict[str, Any]) -> Changed:
    red = {str(test): str(said) for test, said in answer["red"]}
    return Changed(red, answer["hung"] is True, float(answer["seconds"]))
