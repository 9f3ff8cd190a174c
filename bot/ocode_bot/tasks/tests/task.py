"""One unit after the other: tests by a model or from recorded values, on trial, then one commit for each unit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from ocode_bot.ground import Ground, Landing
from ocode_bot.means import Means
from ocode_bot.models.base import Cancelled, ModelError
from ocode_bot.report import one_line
from ocode_bot.tasks.tests import telling
from ocode_bot.tasks.tests.recording import record
from ocode_bot.tasks.tests.talk import Talk, models
from ocode_bot.tasks.tests.trial import Trial
from ocode_tools.newtests import around, habits
from ocode_tools.newtests.units import Goal, goals, lowest_first
from ocode_tools.newtests.verdicts import Judged
from ocode_tools.selection import Selection, select
from ocode_tools.source import Source, SourceError, Unit
from ocode_tools.symbols import Symbols

MOST = 20  # units of one run, without --limit
BUG = "possible bug: "


@dataclass(slots=True)
class Write:
    """The task: `done` and `left` tell by unit how and why."""

    means: Means
    ground: Ground
    goals: list[Goal] = field(init=False, default_factory=list[Goal])
    done: dict[str, str] = field(init=False, default_factory=dict[str, str])
    left: dict[str, str] = field(init=False, default_factory=dict[str, str])

    def work(self) -> None:
        """See `Task`."""
        ground = self.ground
        self.goals = self._goals()
        deadline = time.monotonic() + ground.job.budget
        for number, goal in enumerate(self.goals):
            if ground.suite.cancel.is_set() or time.monotonic() > deadline:
                return
            if unwelcome := ground.unwelcome(_key(goal)):
                self.left[goal.key] = unwelcome
                continue
            ground.progress.step(f"testing {goal.key}")
            ground.run.note("target", id=goal.key)
            now = time.monotonic()
            self._unit(goal, partial(self._over, now + (deadline - now) / (len(self.goals) - number)))

    def _over(self, until: float) -> bool:
        return time.monotonic() > until or self.ground.suite.cancel.is_set()

    def close(self) -> None:
        """See `Task`."""
        over = self.ground.suite.cancel.is_set()
        why = f"not reached within the budget of {self.ground.job.budget:g} s" if over else "not reached: cut short"
        left = {goal.key: self.left.get(goal.key, why) for goal in self.goals if goal.key not in self.done}
        left |= {name: why for name, why in self.left.items() if name not in self.done}
        self.ground.report.conclude(self.done, left)

    def _goals(self) -> list[Goal]:
        """The units that were asked for: those named, those changed, or those that tests run least of."""
        ground, request = self.ground, self.ground.job.request
        lines = ground.seen.coverage.lines
        selection = select(
            ground.job.repository.git,
            ground.job.repository.start,
            request.targets,
            changed=request.changed,
            suffixes=(".py",),
            base=ground.job.base,
        )
        found: list[Goal] = []
        for path in selection.paths:
            source = None if ground.is_test(path) else ground.read(path)
            if source:
                wants = partial(self._wants, selection, path)
                found += goals(source, selection.names.get(path), wants)
        named = set(selection.names)
        if "uncovered" in request.options or not named:
            asked = [goal for goal in found if goal.path in named]
            found = [*asked, *lowest_first([goal for goal in found if goal.path not in named], lines)]
        most = request.limit or (MOST if not named else len(found))
        if len(found) > most:
            ground.progress.step(f"{len(found)} units want tests; working on the first {most} (--limit)")
        return found[:most]

    @staticmethod
    def _wants(selection: Selection, path: str, unit: Unit) -> bool:
        return selection.wants(path, unit.qualname, unit.first, unit.last)

    def _unit(self, goal: Goal, over: Callable[[], bool]) -> None:
        ground = self.ground
        ground.workspace.lanes[0].reset(ground.tip)
        read = ground.reader()
        source = read(goal.path)
        assert source is not None
        files = [path for path in ground.files() if path.endswith(".py")]
        symbols = Symbols(((path, found) for path in files if (found := read(path))), self._roots())
        what = around.subject(source, goal.unit, symbols)
        if what is None:
            self.left[goal.key] = "scope: the file is no module that a test could import"
            return
        pytest = ground.suite.plan.runner.name != "unittest"
        habit = habits.habits(goal.path, what.module, files, read, pytest=pytest)
        if habit.exists and not _parses(read(habit.path)):
            self.left[goal.key] = f"scope: {habit.path}, where its tests belong, cannot be read"
            return
        trial = Trial(ground, goal, source, what, habit)
        solver, why = self._write(trial, symbols, over)
        if not trial.kept:
            self.left.setdefault(goal.key, why or "nobody found a test that notices anything new")
            return
        self._land(trial, solver)

    def _roots(self) -> Sequence[str]:
        project = self.ground.suite.plan.project
        return [f"{project}/src", project] if project else []

    def _write(self, trial: Trial, symbols: Symbols, over: Callable[[], bool]) -> tuple[str, str]:
        """Let the model write, or record; who did, and why it came to nothing."""
        talk = Talk(self.means, trial, 0)
        solver = ""
        try:
            for model in models(self.means, talk):
                solver = model.name
                talk.with_model(model, over)
                if trial.kept or over():
                    break
        except Cancelled:
            pass
        except ModelError as problem:
            talk.why = f"model: {one_line(str(problem))}"
        for name, said in talk.wrong.items():
            self._bug(trial, f"{name} expects otherwise: {said}")
        if trial.kept:
            return solver, ""
        found = record(trial, symbols)
        for one in found.wrong:
            came = f"raises {one.raised}" if one.raised else f"gives {one.value}"
            self._bug(trial, f"its docstring says {one.call.expected!r} for ({one.call.arguments}), but it {came}")
        why = found.why
        if found.answer:
            judged = trial.judge(found.answer)
            trial.note("rules", judged)
            why = next((f"rules: {one.fault}" for one in judged if one.fault), "")
        return "rules", talk.why or why

    def _bug(self, trial: Trial, said: str) -> None:
        """Report what a sound test says against the code as it is; nothing of it is committed."""
        key = trial.goal.key
        told = one_line(f"{BUG}{said}")
        self.ground.run.note("possible bug", unit=key, said=told)
        self.ground.progress.step(f"{key}: {told}")
        self.left[f"{key} (bug)"] = told

    def _land(self, trial: Trial, solver: str) -> None:
        """The gates that the kept tests pass together, then the commit."""
        ground, goal = self.ground, trial.goal
        count = f"{len(trial.kept)} test{'s' if len(trial.kept) > 1 else ''}"
        ground.progress.step(f"{goal.key}: {count} again, in other orders and at other hours")
        faults = trial.conditions()
        if faults:
            trial.note(solver, [Judged(test, fault) for test, fault in faults.items()])
            trial.tests.drop(faults)
        if not trial.kept:
            self.left[goal.key] = str(next(iter(faults.values())))
            return
        trial.tidy()
        if backwards := trial.backwards():
            self.left[goal.key] = str(backwards)
            return
        proposal = trial.proposal(solver)
        must = tuple(test for test in trial.cases if test.partition("[")[0] in trial.kept)
        said = telling.subject(ground.manner, trial), telling.body(trial)
        tested = telling.tested(trial)
        refused = ground.land(Landing(proposal, _key(goal), *said, goal.name, must, tested=tested))
        if refused:
            self.left[goal.key] = refused.reason
            return
        ground.run.note("tested", unit=goal.key, tests=trial.kept, **tested.model_dump(exclude={"unit"}))
        self.done[goal.key] = f"{solver}: {telling.how(trial)}"


def _parses(source: Source | None) -> bool:
    try:
        return source is not None and bool(source.functions())
    except SourceError:
        return False


def _key(goal: Goal) -> str:
    """The stable identity of a unit without tests."""
    return f"tests:{goal.key}"


def make(means: Means, ground: Ground) -> Write:
    """The task on its ground."""
    return Write(means, ground)
