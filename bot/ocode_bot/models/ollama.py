"""The client for Ollama's own API."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from ocode_bot.models import catalog, privacy
from ocode_bot.models.base import Ask, Incomplete, ModelError, Piece, Reply
from ocode_bot.models.easing import Body, turns
from ocode_bot.models.failures import Answered
from ocode_bot.models.fields import count, table, text
from ocode_bot.models.talk import Came, converse, fields, too_long
from ocode_bot.models.wire import Stream, Wire
from ocode_tools.process import Cancel

HINT = "start it with `ollama serve`, or set models.endpoint"
_LADDER = (4096, 8192, 16384, 32768, 65536, 131072)
# Neither prose nor code has many more characters a token.
_CHARACTERS = 5


@dataclass(slots=True)
class Ollama:
    """A model of an Ollama server; see `connect`.

    `thinks` is whether it can (None: the server does not say), `levels` whether it always does and knows levels
    alone, `loaded` whether it is in memory, as far as is known.
    """

    wire: Wire
    name: str
    context: int
    thinks: bool | None
    levels: bool
    keep_alive: str
    loaded: bool

    def chat(self, ask: Ask, cancel: Cancel) -> Generator[Piece, None, Reply]:
        """See `ChatModel`. What an attempt that failed has streamed is no part of the reply, which holds the last
        attempt alone: a piece of the kind "wait" comes between them."""
        return converse(self.wire, self._attempt, self._body, ask, cancel)

    def _body(self, ask: Ask) -> Body:
        options: Body = {
            "num_ctx": self.context,
            "num_predict": max(1, min(ask.answer, self.context)),
            "temperature": ask.temperature,
        }
        if ask.seed is not None:
            options["seed"] = ask.seed
        body: Body = {
            "model": self.name,
            "messages": turns(ask.messages),
            "stream": True,
            "think": self._think(ask.think),
            "truncate": False,
            "keep_alive": self.keep_alive,
            "options": options,
        }
        return body if ask.schema is None else {**body, "format": dict(ask.schema)}

    def _think(self, wanted: bool) -> bool | str:
        if self.levels:
            return "medium" if wanted else "low"
        return wanted and self.thinks is not False

    def _attempt(self, body: Body, ask: Ask, cancel: Cancel, vary: bool) -> Generator[Piece, None, Reply]:
        if vary:
            other = {"seed": (ask.seed or 0) + 1, "repeat_penalty": 1.1}
            body = {**body, "options": {**table(body["options"]), **other}}
        waits = "reading the prompt" if self.loaded else f"loading {self.name}"
        yield Piece("wait", waits)
        came = Came()
        with self.wire.stream("/api/chat", body, cancel, ask.deadline) as stream:
            try:
                last = yield from self._read(stream, came, waits)
            except Answered as error:
                if meant := self._meant(error, cancel):
                    raise meant from error
                raise
        prompt, completion = count(last, "prompt_eval_count"), count(last, "eval_count")
        if self._was_cut(prompt, ask):
            raise too_long(self.name, 0, self.context)
        # Past its context a model has forgotten its prompt, which the server does not tell.
        cut = last.get("done_reason") == "length" or prompt + completion > self.context
        return came.reply(cut, prompt, completion)

    def _read(self, stream: Stream, came: Came, waits: str) -> Generator[Piece, None, Body]:
        """Stream what comes; the result is the last line."""
        for line in stream.lines():
            if line is None:
                yield came.wait(waits, stream)
            elif line.strip():
                found = fields(self.wire, line)
                message = table(found.get("message"))
                for piece in came.add(text(message, "thinking"), text(message, "content")):
                    self.loaded = stream.begun = True
                    yield piece
                if found.get("done") is True:
                    return found
        raise Incomplete(f"{self.name} stopped without the end of its answer")

    def _meant(self, error: Answered, cancel: Cancel) -> ModelError | None:
        """What an error of the server really is, if more is known of it."""
        problem = error.problem
        if problem.too_long:
            return too_long(self.name, problem.prompt, problem.context or self.context)
        if error.status == 404 and not error.page:
            return catalog.missing(self.wire, self.name, cancel)
        if "token repeat limit" in problem.text:
            return Incomplete(f"{self.name} repeated itself without end")
        return None

    def _was_cut(self, prompt: int, ask: Ask) -> bool:
        """Whether an old server, which knows no `truncate`, left out part of the prompt: it keeps about one half of
        the context, or just fills it."""
        half = self.context - (self.context - 4) // 2
        tokens = sum(len(message.content) for message in ask.messages) / _CHARACTERS
        return (abs(prompt - half) <= 2 or prompt >= self.context - 1) and tokens > 1.2 * prompt


def connect(wire: Wire, name: str, *, allow_remote: bool, need: int, keep_alive: str, cancel: Cancel) -> Ollama:
    """The model `name` with a context for `need` tokens of prompt and answer, as far as it was trained for them.

    Raises Remote before anything is sent that leaves this machine, Missing, Unreachable.
    """
    privacy.check(wire.base, name, allow_remote)
    shown = catalog.show(wire, name, cancel)
    listed = next((model.remote for model in catalog.tags(wire, cancel) if catalog.same(model.name, name)), "")
    privacy.check_host(shown.remote or listed, name, allow_remote)
    loaded = next((model for model in catalog.ps(wire, cancel) if catalog.same(model.name, name)), None)
    context = fitting(need, shown.context, loaded.context if loaded else 0)
    thinks = "thinking" in shown.capabilities if shown.capabilities else None
    levels = any(part.replace("-", "").startswith("gptoss") for part in (shown.family, name.rpartition("/")[2]))
    return Ollama(wire, name, context, thinks, levels, keep_alive, loaded is not None)


def fitting(need: int, trained: int, loaded: int) -> int:
    """The tokens of context to ask for: as another value than the loaded one loads the model anew, one that is large
    enough stays as it is; else the first of a ladder that is, at most what the model was trained for (0: not known).
    """
    step = next((step for step in _LADDER if step >= need), _LADDER[-1])
    return max(loaded, min(step, trained) if trained else step)
