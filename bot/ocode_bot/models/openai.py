"""The client for servers that speak OpenAI's chat completions: llama.cpp, vLLM, DeepSeek, Together and others."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ocode_bot.models import catalog, privacy
from ocode_bot.models.base import Ask, Failed, Incomplete, Missing, ModelError, Piece, Reply, TimedOut
from ocode_bot.models.easing import Body, turns
from ocode_bot.models.failures import Answered, Dropped
from ocode_bot.models.fields import count, table, tables, text
from ocode_bot.models.lines import event
from ocode_bot.models.talk import Came, converse, fields, too_long
from ocode_bot.models.wire import Stream, Wire
from ocode_tools.process import Cancel

HINT = "start it, or set models.endpoint"
_VERSIONED = re.compile(r"/v\d+\w*(?=/|$)")
_NO_MODEL = re.compile(r"model\b.*\b(not exist|not found|unknown)|unknown model|no such model", re.IGNORECASE)
_CUT = ("length", "max_tokens")
_BROKEN = ("error", "abort", "insufficient_system_resource", "content_filter")
# The counts, which may follow the end of the text (seconds).
_AFTERWARDS = 2.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the server's list; `context` in tokens, 0 where it is not said."""

    name: str
    context: int = 0


@dataclass(slots=True)
class OpenAI:
    """A model of such a server; see `connect`. `api` goes before the paths."""

    wire: Wire
    name: str
    context: int
    api: str

    def chat(self, ask: Ask, cancel: Cancel) -> Generator[Piece, None, Reply]:
        """See `ChatModel`. What an attempt that failed has streamed is no part of the reply, which holds the last
        attempt alone: a piece of the kind "wait" comes between them."""
        return converse(self.wire, self._attempt, self._body, ask, cancel)

    def _body(self, ask: Ask) -> Body:
        body: Body = {
            "model": self.name,
            "messages": turns(ask.messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": max(1, min(ask.answer, self.context)),
            "temperature": ask.temperature,
            "chat_template_kwargs": {"enable_thinking": ask.think},
        }
        if ask.seed is not None:
            body["seed"] = ask.seed
        if ask.schema is not None:
            schema = {"name": "answer", "schema": dict(ask.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _attempt(self, body: Body, ask: Ask, cancel: Cancel, vary: bool) -> Generator[Piece, None, Reply]:
        if vary:
            body = {**body, "seed": (ask.seed or 0) + 1, "frequency_penalty": 0.1}
        yield Piece("wait", "reading the prompt")
        came, end = Came(), _End()
        yield from self._once(body, ask, cancel, came, end)
        if end.empty:  # llama-cpp-python says why, but to a plain request alone
            body = {key: value for key, value in body.items() if key != "stream_options"}
            yield from self._once({**body, "stream": False}, ask, cancel, came, end)
        if not end.whole or end.reason in _BROKEN:
            why = f" ({end.reason})" if end.reason else ""
            raise Incomplete(f"{self.name} stopped without the end of its answer{why}")
        return came.reply(end.reason in _CUT, end.prompt, end.completion)

    def _once(self, body: Body, ask: Ask, cancel: Cancel, came: Came, end: _End) -> Generator[Piece]:
        """One request, its answer taken into `came` and `end`."""
        with self.wire.stream(f"{self.api}/chat/completions", body, cancel, ask.deadline) as stream:
            try:
                yield from self._read(stream, came, end)
            except Answered as error:
                if meant := self._meant(error, cancel):
                    raise meant from error
                raise
            except (Dropped, TimedOut):
                if not end.whole:
                    raise

    def _read(self, stream: Stream, came: Came, end: _End) -> Generator[Piece]:
        for line in stream.lines():
            if line is None:
                yield came.wait("reading the prompt", stream)
                continue
            data = event(line)
            if data == "[DONE]":
                end.whole, end.empty = True, False
                return
            if data is None:
                continue
            message = end.take(fields(self.wire, data))
            for piece in came.add(text(message, "reasoning_content", "reasoning"), text(message, "content")):
                stream.begun = True
                yield piece
            if end.whole:
                stream.pause = min(stream.pause, _AFTERWARDS)

    def _meant(self, error: Answered, cancel: Cancel) -> ModelError | None:
        """What an error of the server really is, if more is known of it."""
        problem = error.problem
        if problem.too_long:
            return too_long(self.name, problem.prompt, problem.context or self.context)
        if error.status in (400, 404) and _NO_MODEL.search(problem.text):
            found = catalog.near(self.name, [model.name for model in models(self.wire, self.api, cancel)])
            also = f": did you mean {' or '.join(repr(name) for name in found)}?" if found else ""
            return Missing(f"no model {self.name!r} at {self.wire.base}{also}")
        return _denied(error, self.wire)


@dataclass(slots=True)
class _End:
    """What a stream says beside its text; `whole` once it said that the answer is, `empty` while it said nothing."""

    whole: bool = False
    empty: bool = True
    reason: str = ""
    prompt: int = 0
    completion: int = 0

    def take(self, chunk: Body) -> Body:
        """The message, or part of it, in one chunk."""
        self.empty = False
        usage = table(chunk.get("usage"))
        self.prompt = count(usage, "prompt_tokens") or self.prompt
        self.completion = count(usage, "completion_tokens") or self.completion
        choice = next(iter(tables(chunk.get("choices"))), dict[str, object]())
        if reason := text(choice, "finish_reason"):
            self.whole, self.reason = True, reason
        return table(choice.get("delta")) or table(choice.get("message"))


def connect(wire: Wire, name: str, *, allow_remote: bool, need: int, cancel: Cancel) -> OpenAI:
    """The model `name`; its context is what the server says (`/v1/models`, llama.cpp's `/props`), else `need`.

    An address that has a version in its path (`https://api.deepseek.com/v1`) is taken as it is, else `/v1` is added.
    Raises Remote before anything is sent that leaves this machine, Unreachable, Failed.
    """
    privacy.check(wire.base, name, allow_remote)
    api = prefix(wire.base)
    listed = next((model for model in models(wire, api, cancel) if model.name == name), None)
    context = (listed.context if listed else 0) or _context(wire, cancel) or need
    return OpenAI(wire, name, context, api)


def prefix(base: str) -> str:
    """What goes before the paths: nothing where the address has a version in its own path."""
    return "" if _VERSIONED.search(urlsplit(base).path) else "/v1"


def models(wire: Wire, api: str, cancel: Cancel) -> list[Listed]:
    """The models that the server lists; none where it has no list."""
    try:
        answer = wire.json(f"{api}/models", cancel)
    except Answered as error:
        if error.status in (404, 405) and not error.page:
            return []
        if denied := _denied(error, wire):
            raise denied from error
        raise
    rows = tables(answer) or tables(table(answer).get("data"))
    contexts = "max_model_len", "context_length", "context_window", "max_context_length"
    return [Listed(text(row, "id"), count(row, *contexts)) for row in rows]


def _context(wire: Wire, cancel: Cancel) -> int:
    """The context that llama.cpp gives to each conversation; 0 if this is another server. Raises Failed for Ollama,
    which has a context that nobody sees here, and cuts what does not fit without a word."""
    if not wire.direct:
        return 0
    root = wire.beside(_VERSIONED.sub("", wire.base))
    props = _maybe(root, "/props", cancel)
    if known := count(table(props.get("default_generation_settings")), "n_ctx") or count(props, "n_ctx"):
        return known
    if text(_maybe(root, "/api/version", cancel), "version"):
        raise Failed(f'{root.base} is an Ollama server: set models.kind = "ollama", and no /v1 in models.endpoint')
    return 0


def _maybe(wire: Wire, path: str, cancel: Cancel) -> Body:
    try:
        return table(wire.json(path, cancel))
    except Failed:
        return {}


def _denied(error: Answered, wire: Wire) -> Failed | None:
    if error.status not in (401, 403) or error.page:
        return None
    return Failed(f"{wire.base} refuses the API key ({error.status}): {error.problem.text or 'set another'}")
