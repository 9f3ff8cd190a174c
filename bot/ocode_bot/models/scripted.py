"""A model that says what it was told to, for tests and for trying things without a server."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable

from ocode_bot.models.base import Ask, Cancelled, Failed, ModelError, Piece, Reply
from ocode_tools.process import Cancel


class Scripted:
    """Plays `replies` in order, one for each ask: a text, a whole Reply, or an error that is raised. `asks` are those
    that came. More asks than replies are Failed."""

    def __init__(
        self, replies: Iterable[str | Reply | ModelError], name: str = "scripted", context: int = 8192
    ) -> None:
        self.name, self.context = name, context
        self.asks: list[Ask] = []
        self._left = deque(replies)

    def chat(self, ask: Ask, cancel: Cancel) -> Generator[Piece, None, Reply]:
        """See `ChatModel`; a text comes line by line."""
        self.asks.append(ask)
        if not self._left:
            raise Failed(f"{self.name} has no reply left")
        said = self._left.popleft()
        if isinstance(said, ModelError):
            raise said
        reply = said if isinstance(said, Reply) else Reply(said, "", False, 0, 0, 0.0)
        if reply.thinking:
            yield Piece("thinking", reply.thinking)
        for line in reply.text.splitlines(keepends=True):
            if cancel.is_set():
                raise Cancelled("stopped")
            yield Piece("text", line)
        return reply
