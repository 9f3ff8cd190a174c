"""What a chat model is: messages in, a stream of pieces out, counts at the end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from ocode_tools.errors import SetupError
from ocode_tools.process import Cancel


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `answer` is the most tokens of the reply (thinking included), `deadline` a `time.monotonic()` that
    ends it, `schema` a JSON schema that the answer should follow (a server may ignore it: check what comes)."""

    messages: tuple[Message, ...]
    answer: int
    deadline: float
    temperature: float = 0.2
    seed: int | None = None
    think: bool = False
    schema: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What arrived: some of the answer, some thinking, or word of what is waited for (`loading`, `reading`)."""

    kind: Literal["text", "thinking", "wait"]
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. `cut` when it ended at its limit of tokens: such an answer is never applied.

    `prompt` and `completion` are tokens as the server counted them, 0 where it did not say; `seconds` are wall time.
    """

    text: str
    thinking: str
    cut: bool
    prompt: int
    completion: int
    seconds: float


class ChatModel(Protocol):
    """A model at a server; one conversation at a time."""

    name: str
    context: int
    """Tokens of prompt and answer together: fixed for the whole run, as another value would load the model anew."""

    def chat(self, ask: Ask, cancel: Cancel) -> Generator[Piece, None, Reply]:
        """Stream the answer; the generator returns the whole `Reply`. Closing it, or `cancel`, closes the connection.

        Raises a `ModelError`; `Cancelled` when `cancel` was set.
        """
        ...


def follow(stream: Generator[Piece, None, Reply], hear: Callable[[Piece], object]) -> Reply:
    """The whole reply of a `ChatModel.chat`; `hear` is told each piece as it comes. Closes the stream in any case."""
    try:
        while True:
            hear(next(stream))
    except StopIteration as end:
        reply: Reply = end.value
        return reply
    finally:
        stream.close()


def sendable(text: str) -> str:
    """Without the surrogates that stand for odd bytes, which JSON cannot carry as UTF-8."""
    return text.encode("utf-8", "replace").decode()


class ModelError(SetupError):
    """A model could not answer; the line says what to do."""


class Unreachable(ModelError):
    """No server at the endpoint, or it went away."""


class Missing(ModelError):
    """The server has no such model."""


class Remote(ModelError):
    """The request would leave this machine, which the user's own configuration does not allow."""


class TooLong(ModelError):
    """The prompt does not fit. `prompt` and `context` are tokens where the server said so, else 0."""

    def __init__(self, text: str, prompt: int = 0, context: int = 0) -> None:
        super().__init__(text)
        self.prompt, self.context = prompt, context


class Incomplete(ModelError):
    """The stream ended before the answer did; what came is never used."""


class TimedOut(ModelError):
    """Nothing came for too long, or the deadline is over."""


class Cancelled(ModelError):
    """The caller wants no more."""


class Failed(ModelError):
    """The server answered with an error of another kind."""
