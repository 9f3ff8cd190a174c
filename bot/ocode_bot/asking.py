"""Asking a model on behalf of a run: the wait is shown, the transcript written, calls and tokens counted."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

from ocode_bot.masking import Mask
from ocode_bot.models.base import Ask, ChatModel, Message, Piece, Reply, follow, sendable
from ocode_bot.report import Report
from ocode_bot.terminal import Progress
from ocode_tools.process import Cancel
from ocode_tools.store import Run

CHARACTERS = 3.5  # a token of code, until a model's own counts say better
LEAST_ANSWER = 512


@dataclass(slots=True)
class Asking:
    """One run's questions, to any model; `budget` in seconds for each."""

    run: Run
    progress: Progress
    report: Report
    cancel: Cancel
    budget: float
    mask: Mask = field(default_factory=Mask)
    _characters: dict[str, float] = field(default_factory=dict[str, float])

    def tokens(self, model: ChatModel, text: str) -> int:
        """About how many tokens a text is, by what this model counted so far."""
        return int(len(text) / self._characters.get(model.name, CHARACTERS)) + 1

    def room(self, model: ChatModel, messages: Sequence[Message], code: str, times: int) -> int:
        """Tokens for an answer that may be twice the code shown, so many times, or 0 where it does not fit."""
        prompt = sum(self.tokens(model, message.content) + 8 for message in messages)
        wanted = LEAST_ANSWER + 2 * self.tokens(model, code)
        return min(times * wanted, left) if (left := model.context - prompt - 64) >= wanted // 2 else 0

    def ask(
        self,
        model: ChatModel,
        messages: Sequence[Message],
        answer: int,
        temperature: float,
        about: str,
        schema: Mapping[str, object] | None = None,
    ) -> Reply:
        """One answer, secrets put back in; raises a `ModelError`. What is sent is what the transcript holds.

        `schema` is a JSON schema that the answer should follow (see `Ask`).
        """
        sent = tuple(Message(message.role, sendable(self.mask.hide(message.content))) for message in messages)
        size = sum(self.tokens(model, message.content) for message in sent)
        self.progress.step(f"{model.name}: {about}, reading about {size} tokens")
        said = [[message.role, message.content] for message in sent]
        self.run.note("ask", model=model.name, temperature=temperature, messages=said, answer=answer)
        self.report.model, self.report.model_calls = model.name, self.report.model_calls + 1
        stream = model.chat(Ask(sent, answer, time.monotonic() + self.budget, temperature, schema=schema), self.cancel)
        reply = self._follow(model.name, stream)
        self.run.note("reply", model=model.name, text=reply.text, cut=reply.cut, seconds=round(reply.seconds, 3))
        self.report.tokens.prompt += reply.prompt
        self.report.tokens.completion += reply.completion
        if reply.prompt:
            self._characters[model.name] = max(1.0, sum(len(message.content) for message in sent) / reply.prompt)
        return Reply(
            self.mask.show(reply.text), reply.thinking, reply.cut, reply.prompt, reply.completion, reply.seconds
        )

    def _follow(self, name: str, stream: Generator[Piece, None, Reply]) -> Reply:
        """Show what arrives until the answer is whole."""
        pieces, began = 0, 0.0

        def hear(piece: Piece) -> None:
            nonlocal pieces, began
            if piece.kind == "wait":
                self.progress.tick(f"{name}: {piece.text}")
                return
            began = began or time.monotonic()
            pieces += 1
            speed = pieces / max(time.monotonic() - began, 0.1)
            doing = "writing" if piece.kind == "text" else "thinking"
            self.progress.tick(f"{name}: {doing}, {pieces} tokens, {speed:.1f}/s")

        return follow(stream, hear)
