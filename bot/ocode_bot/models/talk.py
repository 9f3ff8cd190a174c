"""What the clients have in common: taking an answer as it comes, and asking once more in another way."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial

from ocode_bot.models import problems, thoughts
from ocode_bot.models.base import Ask, Failed, Incomplete, Piece, Reply, TooLong
from ocode_bot.models.easing import Body, eased
from ocode_bot.models.failures import Answered
from ocode_bot.models.fields import decoded, table
from ocode_bot.models.loops import Loops
from ocode_bot.models.retry import persist
from ocode_bot.models.wire import Stream, Wire
from ocode_tools.process import Cancel

# A refusal of something in the request, which may be left out.
_REFUSED = (400, 422, 500)


@dataclass(slots=True)
class Came:
    """What has come of an answer."""

    content: list[str] = field(default_factory=list[str])
    thinking: list[str] = field(default_factory=list[str])
    started: float = field(default_factory=time.monotonic)
    _kind: thoughts.Kind = field(default_factory=thoughts.Kind)
    _loops: tuple[Loops, Loops] = field(default_factory=lambda: (Loops(), Loops()))

    def add(self, thinking: str, content: str) -> Generator[Piece]:
        """Take what came at once; raises Incomplete when the model goes round in circles."""
        if thinking:
            self.thinking.append(thinking)
            yield Piece("thinking", thinking)
        if content:
            self.content.append(content)
            yield Piece(self._kind.of(content), content)
        if again := self._loops[0].feed(thinking) or self._loops[1].feed(content):
            raise Incomplete(f"the model repeats {again} without end")

    def reply(self, cut: bool, prompt: int, completion: int) -> Reply:
        """The whole of it, counts in tokens."""
        text, thinking = thoughts.split("".join(self.content), "".join(self.thinking))
        return Reply(text, thinking, cut, prompt, completion, time.monotonic() - self.started)

    def wait(self, waits: str, stream: Stream) -> Piece:
        """Word of a silence; `waits` is what is waited for before the first word."""
        doing = "writing" if stream.begun else waits
        return Piece("wait", f"{doing}, {time.monotonic() - self.started:.0f} s")


Attempt = Callable[[Body, Ask, Cancel, bool], Generator[Piece, None, Reply]]


def converse(
    wire: Wire, attempt: Attempt, body: Callable[[Ask], Body], ask: Ask, cancel: Cancel
) -> Generator[Piece, None, Reply]:
    """The reply to `ask`: `attempt` with its `body`, as often as `retry.persist` says, and with less in the body if
    the server refuses part of it. Where thinking took all the room there was, once more without thinking."""
    reply = yield from _ask(wire, attempt, body(ask), ask, cancel)
    if ask.think and reply.cut and reply.thinking and not reply.text.strip():
        yield Piece("wait", "all room went into thinking, asking once more without")
        ask = replace(ask, think=False)
        reply = yield from _ask(wire, attempt, body(ask), ask, cancel)
    return reply


def _ask(wire: Wire, attempt: Attempt, body: Body, ask: Ask, cancel: Cancel) -> Generator[Piece, None, Reply]:
    while True:
        attempts = persist(
            partial(attempt, body, ask, cancel),
            cancel,
            ask.deadline,
            wire.patience.backoff,
            final=partial(_easier, body),
        )
        try:
            return (yield from attempts)
        except Answered as error:
            easier = _easier(body, error)
            if easier is None:
                raise
            body, why = easier
            yield Piece("wait", why)


def _easier(body: Body, error: Answered) -> tuple[Body, str] | None:
    return eased(body, error.problem.text) if error.status in _REFUSED else None


def fields(wire: Wire, line: str) -> Body:
    """One JSON object of a stream. Raises Failed for anything else, Answered for one that says what went wrong."""
    try:
        found = table(decoded(line))
    except ValueError as error:
        said = wire.masked(problems.one_line(line, 80))
        raise Failed(f"{wire.base} sent a line that is not JSON: {said}") from error
    if found.get("error") or found.get("object") == "error":
        line = wire.masked(line)
        raise Answered(f"{wire.base} failed: {problems.read(line).text}", 200, line)
    return found


def too_long(name: str, prompt: int, context: int) -> TooLong:
    """The error for a prompt of `prompt` tokens (0: not known) that does not fit into `context`."""
    tokens = f"{prompt} tokens" if prompt else "more tokens than fit"
    return TooLong(f"the prompt is too long for {name}: {tokens}, and its context is {context}", prompt, context)
