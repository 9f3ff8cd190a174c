"""The conversation about one unit: a plan of behaviours, then a few tests at a time, with what became of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ocode_bot.means import Means
from ocode_bot.models.base import ChatModel, Incomplete, Message, Reply, TooLong
from ocode_bot.report import one_line
from ocode_bot.tasks.tests import telling
from ocode_bot.tasks.tests.trial import Trial
from ocode_tools.newtests import answer, around
from ocode_tools.newtests.checks import Fault
from ocode_tools.newtests.verdicts import Judged
from ocode_tools.replies.thinking import views

GROUP, BEHAVIOURS, SURVIVORS, MISSING = 3, 6, 2, 8
COOL, WARM = 0.2, 0.6
ROUNDS = (COOL, COOL, WARM)  # temperatures
_ITEM = re.compile(r"^\s*(?:[-*•+]|\d+[.)])\s+(?:\[.\]\s*)?(.+)$")
_USUAL = ("the result for ordinary input", "each branch of it", "the edges: empty, zero, negative, the largest")
_CUT = Fault("form", "the reply was cut off at its limit of tokens; answer shorter")
_STYLES = {
    "pytest": "Write plain pytest functions; `pytest.raises` for errors.",
    "unittest": "Write methods of one `unittest.TestCase` class, with `self.assertEqual` and `self.assertRaises`.",
}


@dataclass(slots=True)
class Talk:
    """`wrong` holds tests, by name, that fail by their own assertion and were written again after that was said, with
    what they say. `why` is why nothing came of the last answer; `left` the replies that may still be asked for."""

    means: Means
    trial: Trial
    left: int
    asked: int = 0
    why: str = ""
    wrong: dict[str, str] = field(default_factory=dict[str, str])

    def with_model(self, model: ChatModel, over: Callable[[], bool]) -> None:
        """Ask one model until its plan is carried out, nothing more is to be gained, or the replies are used up.

        Raises `ModelError` where the model cannot go on.
        """
        prompts, trial = self.means.prompts, self.trial
        first = [Message("system", prompts.fill("tests_system")), Message("user", self._question())]
        plan = self._ask(model, first, COOL, "planning tests of")
        if plan is None:
            return
        behaviours = planned(plan.text) or list(_USUAL)
        trial.ground.run.note("plan of tests", unit=trial.goal.key, behaviours=behaviours)
        first.append(Message("assistant", plan.text))
        for start in range(0, len(behaviours), GROUP):
            if over() or self.left <= 0 or self._complete():
                return
            wanted = "\n".join(f"- {one}" for one in behaviours[start : start + GROUP])
            self._group(model, [*first, Message("user", self._wanted(wanted))], over)
        if trial.kept and not self._complete() and (wanted := self._unnoticed()):
            self._group(model, [*first, Message("user", self._wanted(wanted))], over)

    def _unnoticed(self) -> str:
        """A wish for tests of changes that nothing notices yet, on lines that run; empty where there is none."""
        trial = self.trial
        alive = [one for number, one in enumerate(trial.changes) if number not in trial.known.killed]
        alive = [one for one in alive if one.line in trial.known.lines][:SURVIVORS]
        said = "a case for which this change of it gives another result, with the result of the code as it is"
        return "\n".join(f"- {said}:\n\n```diff\n{one.diff}\n```\n" for one in alive)

    def _complete(self) -> bool:
        """Whether all lines run and every change is noticed already."""
        trial = self.trial
        return (
            bool(trial.kept) and trial.known.lines >= trial.goal.lines and len(trial.known.killed) == len(trial.changes)
        )

    def _group(self, model: ChatModel, talk: list[Message], over: Callable[[], bool]) -> None:
        """At most three rounds about a few tests; the same answer twice ends it."""
        seen: set[str] = set()
        before: dict[str, str] = {}
        for temperature in ROUNDS:
            reply = None if over() else self._ask(model, talk, temperature, "testing")
            if reply is None or reply.text in seen:
                return
            seen.add(reply.text)
            read = _CUT if reply.cut else answer.read(reply.text)
            judged = [Judged("the answer", read)] if isinstance(read, Fault) else self.trial.judge(read)
            self.trial.note(model.name, judged)
            if isinstance(read, answer.Answer):
                before = self._insisted(read, judged, before)
            faults = [one.fault for one in judged if one.fault]
            if all(fault.kind == "useless" for fault in faults):
                return
            self.why = str(faults[0])
            said, tell = telling.feedback(judged)
            told = self.means.prompts.fill("tests_again", kept=telling.taken(judged), faults=said, tell=tell)
            talk += [Message("assistant", reply.text), Message("user", told)]

    def _insisted(self, read: answer.Answer, judged: Sequence[Judged], before: dict[str, str]) -> dict[str, str]:
        """The tests whose own assertion fails, as they stand; one that was told of and stands as it was may show a bug
        of the code."""
        nodes = read.nodes()
        now: dict[str, str] = {}
        for one in judged:
            if not one.wrong or not one.fault or one.name not in nodes:
                self.wrong.pop(one.name, None)
                continue
            now[one.name] = ast.unparse(nodes[one.name])
            if before.get(one.name) == now[one.name]:
                self.wrong[one.name] = one.fault.reason
        return now

    def _ask(self, model: ChatModel, talk: Sequence[Message], temperature: float, about: str) -> Reply | None:
        """One reply; None where there is none."""
        asking, name = self.means.asking, self.trial.goal.name
        code = around.code(self.trial.source, self.trial.goal.unit)
        room = asking.room(model, talk, code * 2, 1) if self.left > 0 else 0
        if not room:
            self.why = self.why or f"model: {name} does not fit into {model.context} tokens"
            return None
        self.asked, self.left = self.asked + 1, self.left - 1
        try:
            return asking.ask(model, talk, room, temperature, f"{about} {name}")
        except (Incomplete, TooLong) as problem:  # of this question; others the model may answer
            self.why = f"model: {one_line(str(problem))}"
            asking.progress.step(f"{model.name}: no answer: {one_line(str(problem))}")
            return None

    def _question(self) -> str:
        trial = self.trial
        context = around.context(trial.source, trial.goal.unit)
        return self.means.prompts.fill(
            "tests_plan",
            name=trial.goal.name,
            path=trial.goal.path,
            code=around.code(trial.source, trial.goal.unit),
            around=f"Around it:\n\n```python\n{context}\n```" if context else "",
            known=self._missing(),
            most=str(BEHAVIOURS),
        )

    def _missing(self) -> str:
        """Which lines the tests that are there leave out; empty where there are none."""
        trial = self.trial
        missing = sorted(trial.goal.lines - trial.known.lines)
        if not trial.known.lines or not missing:
            return ""
        source = trial.source
        shown = "\n".join(source.text[slice(*source.lines(line, line))].strip() for line in missing[:MISSING])
        return f"Its tests so far do not run these lines:\n\n```python\n{shown}\n```"

    def _wanted(self, behaviours: str) -> str:
        habits = self.trial.habits
        helpers = "\n".join(f"- {line}" for line in habits.helpers)
        return self.means.prompts.fill(
            "tests",
            behaviours=behaviours,
            style=_STYLES[habits.style],
            helpers=f"These may help:\n{helpers}" if helpers else "",
            example=f"A test of this project:\n\n```python\n{habits.example}\n```" if habits.example else "",
            **{"import": around.import_line(self.trial.subject)},
        )


def planned(reply: str) -> list[str]:
    """The behaviours of a plan: its list items, without what surrounds them."""
    for view in views(reply):
        found = [_bare(item[1]) for line in view.splitlines() if (item := _ITEM.match(line))]
        if kept := [one for one in found if len(one.split()) > 1]:
            return kept[:BEHAVIOURS]
    return []


def _bare(text: str) -> str:
    return text.replace("**", "").strip().rstrip(".")[:160]


def models(means: Means, talk: Talk) -> Iterator[ChatModel]:
    """Each model that answers, with its share of the replies."""
    ladder = means.ladder
    for number, model in enumerate(ladder.models() if ladder else ()):
        names = len(ladder.names) if ladder else 1
        talk.left = means.attempts * (number + 1) // names - talk.asked
        yield model
