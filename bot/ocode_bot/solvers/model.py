"""The model solver: one function a question, two rounds with the new failure, a fresh start, the next function."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ocode_bot.asking import Asking
from ocode_bot.ladder import Ladder
from ocode_bot.models.base import Cancelled, ChatModel, Incomplete, Message, ModelError, TooLong
from ocode_bot.prompting import Prompts
from ocode_bot.report import one_line
from ocode_bot.solvers.base import Proposals, Scene, Verdict
from ocode_bot.solvers.memory import remembered
from ocode_bot.solvers.question import Question, failure_text, questions, short_id
from ocode_bot.solvers.summary import summary
from ocode_tools import replies
from ocode_tools.causes import Cause
from ocode_tools.edits import Proposal

ROUNDS = 2
COOL, WARM = 0.2, 0.8


@dataclass(slots=True)
class Model:
    """See `Solver`. At most `attempts` replies are asked for a cause, divided among the models of the ladder."""

    ladder: Ladder
    asking: Asking
    prompts: Prompts
    attempts: int
    name: str = "model"

    def available(self) -> bool:
        """Whether any model of the ladder answers."""
        return next(self.ladder.models(), None) is not None

    def proposals(self, cause: Cause, scene: Scene) -> Proposals:
        """The answers to one question after the other, each judged before the next is asked for."""
        hand = _Hand(self, cause, scene)
        try:
            for number, model in enumerate(self.ladder.models()):
                hand.left = self.attempts * (number + 1) // len(self.ladder.names) - hand.asked
                for question in questions(cause, scene):
                    if hand.left > 0:
                        yield from hand.function(model, question)
        except Cancelled:
            pass
        except ModelError as problem:
            hand.why = f"model: {one_line(str(problem))}"
        return hand.why


@dataclass(slots=True)
class _Hand:
    """The replies of one cause: how many were asked for and how many are left to a model, and why the last one came to
    nothing."""

    solver: Model
    cause: Cause
    scene: Scene
    asked: int = 0
    left: int = 0
    why: str = ""

    def function(self, model: ChatModel, question: Question) -> Generator[Sequence[Proposal], Sequence[Verdict], None]:
        """Ask about one function until its answers repeat themselves or are used up."""
        prompts, asking = self.solver.prompts, self.solver.asking
        system = prompts.fill("fix_system") + remembered(self.scene.read)
        first = [Message("system", system), Message("user", prompts.fill(question.kind, **question.values))]
        seen: set[object] = set()
        room = 1
        for temperature in (COOL, WARM):
            talk = list(first)
            for _ in range(ROUNDS):
                answer = asking.room(model, talk, question.values["code"], room) if self.left > 0 else 0
                if not answer:
                    self.why = self.why or f"model: {question.name} does not fit into {model.context} tokens"
                    return
                self.asked, self.left = self.asked + 1, self.left - 1
                try:
                    reply = asking.ask(model, talk, answer, temperature, f"mending {question.name}")
                except (Incomplete, TooLong) as problem:  # of this question; others the model may answer
                    self.why = f"model: {one_line(str(problem))}"
                    asking.progress.step(f"{model.name}: no answer: {one_line(str(problem))}")
                    return
                room += reply.cut
                read = replies.read(reply.text, question.targets) if not reply.cut else CUT
                if isinstance(read, replies.Refusal):
                    self._refused(model, read)
                    said = {"reason": read.reason, "tell": read.tell}
                    talk += [Message("assistant", reply.text), Message("user", prompts.fill("fix_refused", **said))]
                    continue
                proposal = Proposal(read, model.name, "model", summary(read, question.name))
                (verdict,) = yield [proposal]
                self.why = verdict.reason or ""
                outcome = (verdict.green, verdict.reason)
                if proposal.key in seen or outcome in seen:
                    return
                seen |= {proposal.key, outcome}
                talk += [Message("assistant", reply.text), Message("user", self._feedback(verdict, question))]

    def _refused(self, model: ChatModel, refusal: replies.Refusal) -> None:
        self.why = f"reply: {one_line(refusal.reason)}"
        self.solver.asking.run.note("refused reply", model=model.name, reason=refusal.reason)
        self.solver.asking.progress.step(f"{model.name}: the reply was not used: {one_line(refusal.reason)}")

    def _feedback(self, verdict: Verdict, question: Question) -> str:
        prompts = self.solver.prompts
        if verdict.failures:
            path = question.targets[0].path
            test = short_id(verdict.failures[0].id)
            return prompts.fill("fix_red", test=test, failure=failure_text(verdict.failures, path))
        gate = (verdict.reason or "").partition(":")[0]
        return prompts.fill("fix_refused", reason=verdict.reason or "unknown", tell=TELLS.get(gate, KEEP))


KEEP = "Mend the bug itself and leave everything else as it is."
TELLS = {
    "literals": "Do not compare with the values of the test: find the rule that holds for every value.",
    "scope": "Change nothing but what you were shown.",
    "stubs": "Write the whole function; keep everything that it can do.",
    "names": "Keep every name that others may use.",
    "tricks": "The tests and how they are run must stay as they are: mend the function itself.",
}
CUT = replies.Refusal("the reply was cut off at its limit of tokens", "Answer shorter: the code block alone.")
