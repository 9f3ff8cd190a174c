"""A test that fails without the change and passes with it, if a model can write one."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ocode_bot.asking import Asking
from ocode_bot.ground import Ground
from ocode_bot.models.base import ChatModel, Incomplete, Message, TooLong
from ocode_bot.prompting import Prompts
from ocode_bot.report import one_line
from ocode_tools.edits import Edit, Proposal
from ocode_tools.newtests import answer as answers
from ocode_tools.newtests import around, checks, habits
from ocode_tools.newtests.checks import Fault
from ocode_tools.newtests.placing import place
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols
from ocode_tools.todos.item import Todo

TRIES, TEMPERATURE = 2, 0.2
_WORDS = ("docstring", "document", "comment", "rename", "refactor", "type hint", "annotat", "clean up", "typo")
_STYLES = {"pytest": "Write a plain pytest function.", "unittest": "Write a method of a `unittest.TestCase` class."}


@dataclass(frozen=True, slots=True)
class Witness:
    """The ids of the tests that came along, or `why` there are none."""

    tests: tuple[str, ...] = ()
    why: str = ""


@dataclass(slots=True)
class Writer:
    """Writes such tests with the model that wrote the change."""

    ground: Ground
    asking: Asking
    prompts: Prompts

    def complete(self, proposal: Proposal, todo: Todo, model: ChatModel) -> tuple[Proposal, Witness]:
        """The proposal with a test, if one can be made; it is not asked for where the change breaks other tests."""
        if any(word in todo.text.casefold() for word in _WORDS):
            return proposal, Witness(why="it asks for no new behaviour")
        if self._breaks(proposal):
            return proposal, Witness(why="the change makes other tests red")
        ground = self.ground
        read = ground.reader()
        files = [path for path in ground.files() if path.endswith(".py")]
        project = ground.suite.plan.project
        roots = [f"{project}/src", project] if project else []
        symbols = Symbols(((path, found) for path in files if (found := read(path))), roots)
        module = symbols.module(todo.path)
        if not module or not todo.symbol:
            return proposal, Witness(why="it is about no function or class that a test could import")
        what = checks.Subject(module, todo.symbol)
        pytest = ground.suite.plan.runner.name != "unittest"
        habit = habits.habits(todo.path, what.module, files, read, pytest=pytest)
        asked = self.prompts.fill(
            "todo_test",
            name=what.name,
            path=todo.path,
            todo=one_line(f"{todo.head}: {todo.text}"),
            diff=proposal.diff().rstrip("\n"),
            style=_STYLES[habit.style],
            helpers="There are:\n" + "\n".join(f"- {one}" for one in habit.helpers) if habit.helpers else "",
            example=f"A test of this project:\n\n```python\n{habit.example}\n```" if habit.example else "",
            line=around.import_line(what),
        )
        old = read(habit.path) if habit.exists else None
        return self._ask(proposal, model, asked, _Place(habit.path, old, what))

    def _breaks(self, proposal: Proposal) -> bool:
        """Whether one of the tests that run the changed lines is red with it; the landing will say so again."""
        ground = self.ground
        touching = ground.touching(proposal) & ground.green
        if not touching:
            return False
        lane = ground.workspace.lanes[0]
        ground.workspace.try_edits(lane, ground.tip, proposal.edits)
        run = ground.suite.run(lane, sorted(touching))
        return any(not run.green(test) for test in touching)

    def _ask(self, proposal: Proposal, model: ChatModel, asked: str, where: _Place) -> tuple[Proposal, Witness]:
        talk = [Message("system", self.prompts.fill("tests_system")), Message("user", asked)]
        why = ""
        for _ in range(TRIES):
            room = self.asking.room(model, talk, asked, 1)
            if not room or self.ground.suite.cancel.is_set():
                return proposal, Witness(why=why or "the question does not fit, or no time is left")
            try:
                reply = self.asking.ask(model, talk, room, TEMPERATURE, f"testing {where.subject.name}")
            except (Incomplete, TooLong) as problem:
                return proposal, Witness(why=one_line(str(problem)))
            found = Fault("form", "it was cut off") if reply.cut else self._tried(proposal, reply.text, where)
            if not isinstance(found, Fault):
                return found
            why = str(found)
            self.ground.run.note("refused test", model=model.name, reason=why)
            told = self.prompts.fill("fix_refused", reason=why, tell="Write the one test function once more.")
            talk += [Message("assistant", reply.text), Message("user", told)]
        return proposal, Witness(why=f"what {model.name} wrote did not serve: {why}")

    def _tried(self, proposal: Proposal, text: str, where: _Place) -> tuple[Proposal, Witness] | Fault:
        """Put the tests of a reply beside the change and run them with it and without it."""
        read = answers.read(text)
        if isinstance(read, Fault):
            return read
        if "pytest." in read.text and not any("pytest" in ast.unparse(node) for node in read.imports()):
            read = answers.made(f"import pytest\n{read.text}")  # which models forget
        nodes = read.nodes()
        faults = (checks.judge(node, where.subject, read.tree) for node in nodes.values())
        if fault := checks.whole(read.tree, read.text) or next((fault for fault in faults if fault), None):
            return fault
        data, called = place(where.old, read)
        edit = Edit(where.path, where.old.replace(()) if where.old else None, data)
        ids = tuple(f"{where.path}::{name.replace('.', '::')}" for name in called)
        if said := self._red(ids, (*proposal.edits, edit)):
            return Fault("fails", f"it fails with the change too: {said}")
        if not self._red(ids, (edit,), every=True):
            return Fault("useless", "it passes without the change as well")
        whole = Proposal((*proposal.edits, edit), proposal.solver, proposal.kind, proposal.summary)
        return whole, Witness(ids)

    def _red(self, ids: tuple[str, ...], edits: tuple[Edit, ...], *, every: bool = False) -> str:
        """What the first of the tests that is red says, "" where none is; with `every`, where not each of them is."""
        lane = self.ground.workspace.lanes[0]
        self.ground.workspace.try_edits(lane, self.ground.tip, edits)
        run = self.ground.suite.run(lane, ids)
        said: list[str] = []
        for test in ids:
            cases = [case for case in run.collected if case.partition("[")[0] == test]
            failed = [run.failures[case].message for case in (*cases, test) if case in run.failures]
            if failed or not cases or not all(run.green(case) for case in cases):
                said.append(one_line(failed[0]) if failed else "it did not run")
        return "" if every and len(said) < len(ids) else next(iter(said), "")


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    old: Source | None
    subject: checks.Subject
