"""Questions to a model about one thing: two rounds with what became of the answer, then a fresh start, warmer."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocode_bot.asking import Asking
from ocode_bot.means import Means
from ocode_bot.models.base import ChatModel, Incomplete, Message, TooLong
from ocode_bot.prompting import Prompts
from ocode_bot.report import one_line
from ocode_bot.verdict import Verdict
from ocode_tools.edits import Proposal
from ocode_tools.replies import Refusal

ROUNDS = 2
COOL, WARM = 0.2, 0.8
_CUT = Refusal("the reply was cut off at its limit of tokens", "Answer shorter: the code block alone.")

Judged = Generator[Sequence[Proposal], Sequence[Verdict], None]


class Question(Protocol):
    """One thing that a model is asked for; `refused` is the prompt that says why an answer could not be used (values
    `reason` and `tell`)."""

    @property
    def refused(self) -> str:
        """That prompt's name."""
        ...

    @property
    def name(self) -> str:
        """What it is about, in a word."""
        ...

    @property
    def code(self) -> str:
        """What the answer may be as long as, about twice."""
        ...

    def read(self, text: str, model: str) -> Proposal | Refusal:
        """The answer as a proposal, or why it is none."""
        ...

    def feedback(self, verdict: Verdict, prompts: Prompts) -> str:
        """What is said to the model of an answer that did not land."""
        ...


@dataclass(slots=True)
class Rounds:
    """The replies that one target costs: how many are `left`, how many were `asked` for, and `why` the last one came to
    nothing. `about` is what is done ("mending")."""

    asking: Asking
    prompts: Prompts
    about: str
    left: int
    asked: int = 0
    why: str = ""

    def climb(self, means: Means) -> Iterator[ChatModel]:
        """Each model of the ladder that answers, with its share of the replies that are left for one target."""
        ladder = means.ladder
        for number, model in enumerate(ladder.models() if ladder else ()):
            names = len(ladder.names) if ladder else 1
            self.left = means.attempts * (number + 1) // names - self.asked
            yield model

    def ask(self, model: ChatModel, first: Sequence[Message], question: Question) -> Judged:
        """Ask until the answers repeat themselves or are used up; yields a proposal at a time, is sent its verdict.

        Raises `ModelError` where the model cannot go on.
        """
        seen: set[object] = set()
        room = 1
        for temperature in (COOL, WARM):
            talk = list(first)
            for _ in range(ROUNDS):
                answer = self.asking.room(model, talk, question.code, room) if self.left > 0 else 0
                if not answer:
                    self.why = self.why or f"model: {question.name} does not fit into {model.context} tokens"
                    return
                self.asked, self.left = self.asked + 1, self.left - 1
                try:
                    reply = self.asking.ask(model, talk, answer, temperature, f"{self.about} {question.name}")
                except (Incomplete, TooLong) as problem:  # of this question; others the model may answer
                    self.why = f"model: {one_line(str(problem))}"
                    self.asking.progress.step(f"{model.name}: no answer: {one_line(str(problem))}")
                    return
                room += reply.cut
                read = question.read(reply.text, model.name) if not reply.cut else _CUT
                if isinstance(read, Refusal):
                    self._refuse(model, read)
                    told = self.prompts.fill(question.refused, reason=read.reason, tell=read.tell)
                    talk += [Message("assistant", reply.text), Message("user", told)]
                    continue
                (verdict,) = yield [read]
                self.why = verdict.reason or ""
                outcome = (verdict.green, verdict.reason)
                if read.key in seen or outcome in seen:
                    return
                seen |= {read.key, outcome}
                told = question.feedback(verdict, self.prompts)
                talk += [Message("assistant", reply.text), Message("user", told)]

    def _refuse(self, model: ChatModel, refusal: Refusal) -> None:
        self.why = f"reply: {one_line(refusal.reason)}"
        self.asking.run.note("refused reply", model=model.name, reason=refusal.reason)
        self.asking.progress.step(f"{model.name}: the reply was not used: {one_line(refusal.reason)}")
