"""New tests of one unit on trial: by their text, in a process of the project's, in other conditions, in the suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ocode_bot.ground import Ground
from ocode_tools.edits import Edit, Proposal
from ocode_tools.newtests import bench, checks, verdicts
from ocode_tools.newtests.answer import Answer
from ocode_tools.newtests.bench import Orders
from ocode_tools.newtests.checks import Fault, Subject
from ocode_tools.newtests.habits import Habits
from ocode_tools.newtests.kept import Kept
from ocode_tools.newtests.mutants import Mutant, mutants
from ocode_tools.newtests.units import Goal, covered
from ocode_tools.newtests.verdicts import Judged, Known
from ocode_tools.source import Source, SourceError
from ocode_tools.warm.client import Place

SECONDS, REPEAT = 2.0, 40  # processor seconds of a test, and how often it is run in each process
BEFORE, BEFORE_SECONDS = 60, 3.0  # tests that there are already and run the unit: how many are tried, and how long
# Other orders of the tests, other orders of sets, other hours, another folder: each a process of its own.
VARIED = (
    Orders(repeat=REPEAT, seconds=SECONDS, shuffle=-1, environ={"PYTHONHASHSEED": "1"}),
    Orders(repeat=REPEAT, seconds=SECONDS, shuffle=7, environ={"PYTHONHASHSEED": "2", "TZ": "OCO-13:45"}),
    Orders(repeat=REPEAT, seconds=SECONDS, shuffle=11, environ={"PYTHONHASHSEED": "3"}, chdir=True),
    Orders(repeat=REPEAT, seconds=SECONDS, environ={"PYTHONHASHSEED": "4", "TZ": "OCO+11"}),
)


@dataclass(slots=True)
class Trial:
    """The trial of one unit: `before` is what its tests know of it, `tests` are the new ones that are kept so far,
    `cases` their ids with those of parameters, known from the last time that they ran."""

    ground: Ground
    goal: Goal
    source: Source
    subject: Subject
    habits: Habits
    changes: tuple[Mutant, ...] = field(init=False)
    before: Known = field(init=False)
    tests: Kept = field(init=False)
    cases: tuple[str, ...] = field(init=False, default=())
    _tidied: bytes | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        ground = self.ground
        self.changes = tuple(mutants(self.source, self.goal.unit))
        ground.workspace.lanes[0].reset(ground.tip)
        self.tests = Kept(self.habits.path, ground.read(self.habits.path) if self.habits.exists else None)
        self.before = self._before()

    @property
    def known(self) -> Known:
        """What is known of the unit with the new tests."""
        return self.before.plus(self.tests.adds)

    @property
    def kept(self) -> tuple[str, ...]:
        """The ids of the new tests that are kept so far."""
        return self.tests.ids

    @property
    def place(self) -> Place:
        """Where the unit is."""
        return Place(self.goal.path, self.goal.unit.first, self.goal.name)

    @property
    def median(self) -> float:
        """Seconds of a test of the suite."""
        took = sorted(self.ground.seen.seconds.values())
        return took[len(took) // 2] if took else 0.0

    def _before(self) -> Known:
        """What the tests that are there know of the unit: the quickest of those that run it."""
        seen = self.ground.seen
        lines = seen.coverage.lines.get(self.goal.path, {})
        tests = {test for line in self.goal.lines for test in lines.get(line, ()) if test in self.ground.green}
        chosen: list[str] = []
        left = BEFORE_SECONDS
        for test in sorted(tests, key=lambda test: (seen.seconds.get(test, 0.0), test))[:BEFORE]:
            left -= seen.seconds.get(test, 0.0)
            if left < 0:
                break
            chosen.append(test)
        ran = Known(lines=covered(self.goal, seen.coverage.lines))
        if not chosen:
            return ran
        count = f"{len(chosen)} test{'s' if len(chosen) > 1 else ''}"
        self.ground.progress.step(f"{self.goal.key}: run by {count} already; trying what is noticed")
        orders = Orders(tuple(chosen), self.place, self.changes, SECONDS, every=False)
        found = bench.examine(self.ground.suite, self.ground.workspace.lanes[0], orders)
        return verdicts.known(found, self.goal.lines).plus(ran)

    def edit(self, data: bytes) -> Edit:
        """The test file as it would be."""
        old = self.tests.old
        return Edit(self.habits.path, old.replace(()) if old else None, data)

    def judge(self, answer: Answer) -> list[Judged]:
        """A verdict for each test of an answer; those without a fault are kept from now on."""
        if fault := checks.whole(answer.tree, answer.text):
            return [Judged(name, fault) for name in answer.tests or ("the answer",)]
        faults = {
            name: fault
            for name, node in answer.nodes().items()
            if (fault := checks.judge(node, self.subject, answer.tree))
        }
        refused = [Judged(name, fault) for name, fault in faults.items()]
        rest = answer.without(faults)
        if not rest.tests:
            return refused
        return [*refused, *self._run(rest)]

    def note(self, solver: str, judged: Sequence[Judged]) -> None:
        """Write what became of each test into the transcript."""
        for one in judged:
            reason = str(one.fault) if one.fault else None
            self.ground.run.note(
                "verdict", solver=solver, kind="test", summary=one.name, diff="", green=[], reason=reason
            )

    def _run(self, answer: Answer) -> list[Judged]:
        data, called = self.tests.with_more(answer)
        lane = self.ground.workspace.lanes[0]
        self.ground.workspace.try_edits(lane, self.ground.tip, [self.edit(data)])
        names = {test: name for name, test in called.items()}
        orders = Orders(tuple(names), self.place, self.changes, SECONDS, REPEAT, clock=True)
        found = bench.examine(self.ground.suite, lane, orders)
        init = self.goal.name.endswith(".__init__")
        judged = verdicts.judge(list(names), found, self.changes, self.known, self.goal.lines, self.median, init)
        named = [replace(one, name=names[one.name]) for one in verdicts.pick(judged, self.known)[0]]
        if kept := {one.name: one.adds for one in named if one.fault is None}:
            self.tests.add(answer, kept)
        return named

    def conditions(self) -> dict[str, Fault]:
        """What is wrong with the kept tests when they run in other orders, again and again, elsewhere and at another
        hour; by id."""
        found: dict[str, Fault] = {}
        lane = self.ground.workspace.lanes[0]
        for orders in VARIED:
            if self.ground.suite.cancel.is_set():
                break
            self._try()
            seen = bench.examine(self.ground.suite, lane, replace(orders, tests=self.kept, unit=self.place))
            self.cases = tuple(sorted(seen.run.passed))
            for test in self.kept:
                if said := _unsteady(test, seen):
                    found.setdefault(test, Fault("flaky", said))
        return found

    def _try(self) -> None:
        ground = self.ground
        ground.workspace.try_edits(ground.workspace.lanes[0], ground.tip, [self.edit(self._file())])

    def _file(self) -> bytes:
        data = self._tidied or self.tests.data
        assert data is not None
        return data

    def backwards(self) -> Fault | None:
        """Whether the rest of the suite stays green when all runs in the opposite order."""
        ground, lane = self.ground, self.ground.workspace.lanes[0]
        orders = Orders(shuffle=-1)
        if not ground.seen.outcomes:
            return None
        self._try()
        red = self._red(bench.examine(ground.suite, lane, orders))
        if red:
            lane.reset(ground.tip)
            red -= self._red(bench.examine(ground.suite, lane, orders))
        if red:
            return Fault("suite", f"{min(red)} is red when the suite runs in the opposite order with them")
        return None

    def _red(self, found: bench.Findings) -> set[str]:
        return {test for test in self.ground.green if not found.run.green(test)}

    def proposal(self, solver: str) -> Proposal:
        """The kept tests as an edit."""
        count = f"{len(self.kept)} test{'s' if len(self.kept) > 1 else ''}"
        return Proposal((self.edit(self._file()),), solver, "tests", f"{count} of {self.goal.name}")

    def tidy(self) -> None:
        """Sort imports, and format a file that is new or was formatted, where the project uses ruff for that."""
        suite, lane = self.ground.suite, self.ground.workspace.lanes[0]
        config = [self.ground.read(name) for name in ("pyproject.toml", "ruff.toml", ".ruff.toml")]
        if "ruff" not in suite.plan.python.modules or not any(one and "ruff" in one.text for one in config):
            return
        start = [str(suite.plan.python.executable), "-m", "ruff"]
        name = f"--stdin-filename={self.habits.path}"
        form = [*start, "format", "--no-cache", "--quiet", name, "-"]
        steps = [[*start, "check", "--fix-only", "--exit-zero", "--select=I", "--no-cache", "--quiet", name, "-"]]
        old = self.tests.old.replace(()) if self.tests.old else None
        if old is None or suite.tool(lane, form, old) == (0, old):
            steps.append(form)
        for step in steps:
            code, said = suite.tool(lane, step, self._file())
            if code == 0 and _same_names(self._file(), said):
                self._tidied = said


def _same_names(before: bytes, after: bytes) -> bool:
    """Whether what a formatter gave back still defines the same."""
    try:
        old, new = (Source("a.py", data) for data in (before, after))
        return [unit.qualname for unit in old.functions()] == [unit.qualname for unit in new.functions()]
    except SourceError:
        return False


def _unsteady(test: str, found: bench.Findings) -> str:
    """Why a test is not as green as it was, or empty."""
    cases = {name: alone for name, alone in found.alone.items() if name.partition("[")[0] == test}
    for alone in cases.values():
        if said := alone.said or alone.again:
            return f"it passes here and there, not always: {said.partition(': ')[2]}"
    red = next((f for name, f in found.run.failures.items() if name.partition("[")[0] == test), None)
    if red:
        return f"it passes alone, not in another order: {red.message[:200]}"
    return "" if cases else "it was not run again"
