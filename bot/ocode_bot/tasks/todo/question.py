"""What a model is asked about one TODO: its unit, what that uses, who uses it, its tests, and the comment as data."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ocode_bot.ground import Ground
from ocode_bot.prompting import Prompts
from ocode_bot.solvers.question import WHOLE, failure_text, short_id
from ocode_bot.tasks.todo.goals import Goal, scope
from ocode_bot.verdict import Verdict
from ocode_tools import gates, replies
from ocode_tools.edits import Edit, Proposal
from ocode_tools.gates.base import Context
from ocode_tools.newtests import around
from ocode_tools.replies import Refusal, Target
from ocode_tools.source import Source, SourceError, Unit
from ocode_tools.symbols import bound
from ocode_tools.todos.find import todos
from ocode_tools.todos.item import Todo
from ocode_tools.todos.keeping import why_not
from ocode_tools.todos.strip import find_again, without

CALLERS, TESTS, TEST_LINES, SHORT = 4, 2, 25, 160
_TELL = "Do what the comment asks for, take that one comment out, and leave everything else as it is."
Complete = Callable[[Proposal, str], Proposal]


@dataclass(slots=True)
class Resolving:
    """A question about one TODO, as `Rounds` asks it. `complete` adds to a sound answer what goes with it (a test)."""

    ground: Ground
    goal: Goal
    source: Source
    todo: Todo
    complete: Complete
    refused: str = "fix_refused"
    unit: Unit | None = field(init=False, default=None)
    kind: str = field(init=False, default="todo")
    code: str = field(init=False, default="")

    def __post_init__(self) -> None:
        try:
            self.unit = next((u for u in self.source.functions()[1:] if u.qualname == self.todo.symbol), None)
            first, last = self._lines()
        except SourceError:
            first, last = 1, len(self.source.starts)
        start, end = self.source.lines(first, last)
        self.code = _plain(self.source.text[start:end])

    @property
    def name(self) -> str:
        """The function, class or file."""
        return self.todo.symbol or self.source.path

    def why_not(self) -> str | None:
        """Why no model is asked, if so."""
        try:
            _ = self.source.tree
        except SourceError as problem:
            return f"parses: {problem}"
        if len(self.code) > WHOLE:
            return f"room: {self.name} has {len(self.code)} characters, which is too much for one question"
        return None

    def _lines(self) -> tuple[int, int]:
        """The unit, with the comment where that stands above it; the whole file where there is none."""
        owner = next((node for name, node in self.source.classes() if name == self.todo.symbol), None)
        if self.unit:
            return min(self.unit.first, self.todo.line), max(self.unit.last, self.todo.last)
        if owner:
            first = min([owner.lineno, *(one.lineno for one in owner.decorator_list)])
            return min(first, self.todo.line), owner.end_lineno or owner.lineno
        self.kind = "todo_file"
        return 1, len(self.source.starts)

    def values(self) -> dict[str, str]:
        """What the prompt is filled with."""
        fenced = _fenced(f"{self.todo.head}: {self.todo.text}")
        if self.kind == "todo_file":
            return {"path": self.source.path, "code": self.code, "todo": fenced}
        return {
            "name": self.name,
            "path": self.source.path,
            "code": self.code,
            "around": self._around(),
            "callers": self._callers(),
            "tests": self._tests(),
            "todo": fenced,
        }

    def _around(self) -> str:
        if self.unit is None:
            return ""
        used = {node.id for node in ast.walk(self.unit.node) if isinstance(node, ast.Name)}
        lines = [*_imports(self.source, used), around.context(self.source, self.unit)]
        text = "\n".join(line for line in lines if line)
        return f"It uses:\n\n```python\n{text}\n```" if text else ""

    def _callers(self) -> str:
        """Lines that call it, by git's own grep; of a constructor, those that call its class."""
        last = self.todo.symbol.removesuffix(".__init__").rpartition(".")[2]
        words = ("grep", "-z", "-n", "-I", "-E", "-e", rf"\b{last}\(", self.ground.tip, "--", "*.py")
        rows = self.ground.workspace.git.ask(*words).out.decode("utf-8", "replace").splitlines()
        found: list[str] = []
        for row in rows:
            path, _, rest = row.partition(":")[2].partition("\0")
            number, _, text = rest.partition("\0")
            if not re.match(r"\s*(?:async\s+)?(?:def|class)\s", text) and not self.ground.is_test(path):
                found.append(f"{path}:{number}: {text.strip()[:SHORT]}")
        return "It is called here:\n\n```\n" + "\n".join(found[:CALLERS]) + "\n```" if found else ""

    def _tests(self) -> str:
        """The shortest of the tests that run it."""
        lines = self.ground.seen.coverage.lines.get(self.source.path, {})
        first, last = (self.unit.first, self.unit.last) if self.unit else (0, -1)
        names = {test.partition("[")[0] for line in range(first, last + 1) for test in lines.get(line, ())}
        texts = sorted((text for name in sorted(names)[:40] if (text := self._test(name))), key=len)[:TESTS]
        return "It is tested like this:\n\n```python\n" + "\n\n\n".join(texts) + "\n```" if texts else ""

    def _test(self, name: str) -> str:
        path, _, inner = name.partition("::")
        source = self.ground.read(path)
        try:
            units = source.functions() if source else []
        except SourceError:
            return ""
        unit = next((unit for unit in units if unit.qualname == inner.replace("::", ".")), None)
        if source is None or unit is None or unit.last - unit.first > TEST_LINES:
            return ""
        return _plain(source.text[slice(*source.lines(unit.first, unit.last))])

    def read(self, text: str, model: str) -> Proposal | Refusal:
        """The answer as a proposal that passes the static gates, with what goes with it; or why it is none."""
        before = self.source.replace(())
        outside = self.unit is not None and self.todo.last < self.unit.first
        shown = (without(before, self.todo, self._tags) if outside else None) or before
        names = (self.todo.symbol,) if self.kind == "todo" else ()
        edits = replies.read(text, (Target(self.source.path, shown, names),))
        if isinstance(edits, Refusal):
            return edits
        after = self._tidied(before, edits[0].after or b"")
        proposal = Proposal((Edit(self.source.path, before, after),), model, "model", _summary(self.goal))
        reason = refusal(self.ground, self.todo, proposal)
        return Refusal(reason, _TELL) if reason else self.complete(proposal, model)

    @property
    def _tags(self) -> Sequence[str]:
        return self.ground.job.settings.todo.tags

    def _tidied(self, before: bytes, after: bytes) -> bytes:
        """An answer that does the work and forgets to take the comment out is helped."""
        path, tags = self.source.path, self._tags
        left = find_again(path, after, self.todo, tags)
        count = len(todos(path, before, tags)) - len(todos(path, after, tags))
        gone = without(after, left, tags) if left and not count else None
        return gone if gone is not None else after

    def feedback(self, verdict: Verdict, prompts: Prompts) -> str:
        """The tests that are red with it, or the gate that refused it."""
        if verdict.failures:
            test = short_id(verdict.failures[0].id)
            return prompts.fill("fix_red", test=test, failure=failure_text(verdict.failures, self.source.path))
        return prompts.fill(self.refused, reason=verdict.reason or "unknown", tell=_TELL)


def refusal(ground: Ground, todo: Todo, proposal: Proposal, *, pruned: bool = False) -> str | None:
    """The static gates on what a proposal does to the TODO's file, as `gate: reason`."""
    own = tuple(edit for edit in proposal.edits if edit.path == todo.path)
    tags = ground.job.settings.todo.tags
    for edit in own:
        if reason := why_not(edit.before or b"", edit.after or b"", todo, tags, pruned=pruned):
            return reason
    part = Proposal(own, proposal.solver, proposal.kind, proposal.summary)
    found = gates.judge(part, Context("todo", scope(ground.job)))
    return f"{found.gate}: {found.reason}" if found else None


def _summary(goal: Goal) -> str:
    return f"{goal.todo.head} at {goal.place} resolved"


def _imports(source: Source, used: set[str]) -> Iterator[str]:
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [name for alias in node.names for name in bound(alias)]
            if used.intersection(names):
                yield _plain(source.segment(node))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").lstrip("\ufeff")


def _fenced(text: str) -> str:
    """Words of the repository, in a block that nothing inside can end."""
    return f"<comment>\n{re.sub(r'</?comment>', '', text)}\n</comment>"
