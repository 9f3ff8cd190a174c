"""Talking to a chat model in tests: a request in a hurry, its reply and pieces, its failure."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from ocode_bot.models.base import Ask, ChatModel, Message, ModelError, Piece, Reply
from ocode_bot.models.open import open_model
from ocode_bot.models.wire import Patience
from ocode_tools.process import Cancel
from server import Play, Server, ndjson, serving

NAME = "coder:7b"
QUICK = Patience(connect=1.0, pause=0.3, tick=0.1, facts=2.0, backoff=0.01)


def said(content: str = "", thinking: str = "", **more: object) -> dict[str, object]:
    """One line of an Ollama stream."""
    message = {"role": "assistant", "content": content, "thinking": thinking}
    return {"model": NAME, "message": message, "done": False} | more


def done(content: str = "", reason: str = "stop", prompt: int = 10, completion: int = 3) -> dict[str, object]:
    """The last line of an Ollama stream."""
    return said(content, done=True, done_reason=reason, prompt_eval_count=prompt, eval_count=completion)


def described(*capabilities: str, context: int = 32768, family: str = "qwen2", **more: object) -> dict[str, object]:
    """An answer of Ollama's /api/show."""
    info = {"general.architecture": family, f"{family}.context_length": context}
    return {"model_info": info, "capabilities": ["completion", *capabilities], **more}


@contextmanager
def ollama(host: str = "127.0.0.1") -> Generator[Server]:
    """A server like Ollama that has one model, not loaded, which says hello."""
    with serving(host) as running:
        running.on("/api/show", described())
        running.on("/api/ps", {"models": []})
        running.on("/api/tags", {"models": [{"name": NAME}, {"name": "other:latest"}]})
        running.on("/api/chat", Play([ndjson(said("Hel"), said("lo"), done())]))
        yield running


def model(server: Server, name: str = NAME, **more: Any) -> ChatModel:
    """Its client, in a hurry."""
    given: dict[str, Any] = {"endpoint": server.url, "cancel": Cancel(), "patience": QUICK}
    return open_model(name, **(given | more))


def ask(seconds: float = 5.0, **more: Any) -> Ask:
    """A request that must end within `seconds`."""
    messages = (Message("system", "Be short."), Message("user", "Hi"))
    return replace(Ask(messages, 200, time.monotonic() + seconds), **more)


def answer(
    client: ChatModel, request: Ask, cancel: Cancel | None = None, pieces: list[Piece] | None = None
) -> tuple[Reply, list[Piece]]:
    """The reply, and the pieces that came before it (added to `pieces`, if given, also when none comes of it)."""
    pieces = [] if pieces is None else pieces
    running = client.chat(request, cancel or Cancel())
    while True:
        try:
            pieces.append(next(running))
        except StopIteration as end:
            reply = end.value
            assert isinstance(reply, Reply)
            return reply, pieces


def failure(
    client: ChatModel,
    request: Ask,
    kind: type[ModelError],
    cancel: Cancel | None = None,
    pieces: list[Piece] | None = None,
) -> str:
    """The line of the error of this kind (or one below it) that the request ends with; the rest as for `answer`."""
    with pytest.raises(kind) as caught:
        answer(client, request, cancel, pieces)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 500
    return line


def told(pieces: list[Piece]) -> list[str]:
    """What was waited for."""
    return [piece.text for piece in pieces if piece.kind == "wait"]
