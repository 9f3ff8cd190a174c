"""The model solver: one function a question, two rounds with the new failure, a fresh start, the next function."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ocode_bot.means import Means
from ocode_bot.models.base import Cancelled, Message, ModelError
from ocode_bot.prompting import Prompts
from ocode_bot.report import one_line
from ocode_bot.rounds import ROUNDS, Rounds
from ocode_bot.solvers.base import Proposals, Scene
from ocode_bot.solvers.memory import remembered
from ocode_bot.solvers.question import Question, failure_text, questions, short_id
from ocode_bot.solvers.summary import summary
from ocode_bot.verdict import Verdict
from ocode_tools import replies
from ocode_tools.causes import Cause
from ocode_tools.edits import Proposal

KEEP = "Mend the bug itself and leave everything else as it is."
TELLS = {
    "literals": "Do not compare with the values of the test: find the rule that holds for every value.",
    "scope": "Change nothing but what you were shown.",
    "stubs": "Write the whole function; keep everything that it can do.",
    "names": "Keep every name that others may use.",
    "tricks": "The tests and how they are run must stay as they are: mend the function itself.",
}


@dataclass(slots=True)
class Model:
    """See `Solver`. At most `attempts` replies are asked for a cause, divided among the models of the ladder."""

    means: Means
    name: str = "model"

    def available(self) -> bool:
        """Whether any model of the ladder answers."""
        ladder = self.means.ladder
        return ladder is not None and next(ladder.models(), None) is not None

    def proposals(self, cause: Cause, scene: Scene) -> Proposals:
        """The answers to one question after the other, each judged before the next is asked for."""
        means = self.means
        asking = replace(means.asking, budget=min(means.asking.budget, scene.deadline - time.monotonic()))
        rounds = Rounds(asking, means.prompts, "mending", 0)
        system = means.prompts.fill("fix_system") + remembered(scene.read)
        try:
            for model in rounds.climb(means):
                rounds.left = min(rounds.left, ROUNDS) if scene.held else rounds.left
                for question in questions(cause, scene):
                    if rounds.left > 0:
                        asked = means.prompts.fill(question.kind, **question.values)
                        first = [Message("system", system), Message("user", asked)]
                        yield from rounds.ask(model, first, Mending(question))
        except Cancelled:
            pass
        except ModelError as problem:
            rounds.why = f"model: {one_line(str(problem))}"
        return rounds.why


@dataclass(frozen=True, slots=True)
class Mending:
    """A question about one function or file, as `Rounds` asks it."""

    question: Question
    refused: str = "fix_refused"

    @property
    def name(self) -> str:
        """The function's or file's."""
        return self.question.name

    @property
    def code(self) -> str:
        """As it is."""
        return self.question.values["code"]

    def read(self, text: str, model: str) -> Proposal | replies.Refusal:
        """The functions of the answer, put in the place of those that were shown."""
        read = replies.read(text, self.question.targets)
        if isinstance(read, replies.Refusal):
            return read
        return Proposal(read, model, "model", summary(read, self.name))

    def feedback(self, verdict: Verdict, prompts: Prompts) -> str:
        """The failure that is left, or the gate that refused it."""
        if verdict.failures:
            path = self.question.targets[0].path
            test = short_id(verdict.failures[0].id)
            return prompts.fill("fix_red", test=test, failure=failure_text(verdict.failures, path))
        gate = (verdict.reason or "").partition(":")[0]
        return prompts.fill(self.refused, reason=verdict.reason or "unknown", tell=TELLS.get(gate, KEEP))
