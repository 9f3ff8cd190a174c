"""A scripted model: an Ollama server on loopback that gives the answers a test wrote down, in order."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from chat import NAME, done, ollama, said
from door import Done
from quick import quick
from repos import Repo
from server import Play, Server, ndjson


@contextmanager
def answering(*answers: str | Play) -> Generator[Server]:
    """The server; the last answer is given again and again. Code is sent in a fence, texts with one as they are."""
    with ollama() as server:
        server.on("/api/chat", *(answer if isinstance(answer, Play) else reply(answer) for answer in answers))
        yield server


def reply(text: str, reason: str = "stop") -> Play:
    """One whole answer."""
    content = text if "```" in text or "<<<<" in text else f"```python\n{text}```\n"
    return Play([ndjson(said(content), done(reason=reason, prompt=100, completion=20))])


def fix_with(server: Server, repo: Repo, *args: str, **extra: str) -> Done:
    """Run `ocode fix` on a quick suite with that model alone."""
    words = ("--solvers", "model", "--model", NAME, *args)
    return quick(repo, *words, OCODE_MODELS_ENDPOINT=server.url, **extra)


def conversations(server: Server) -> Sequence[Sequence[dict[str, Any]]]:
    """The messages of each request, in order."""
    return [request.body["messages"] for request in server.asked("/api/chat")]
