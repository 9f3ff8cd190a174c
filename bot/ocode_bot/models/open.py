"""One way to a model of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocode_bot.models import ollama, openai
from ocode_bot.models.base import ChatModel
from ocode_bot.models.wire import PATIENCE, Patience, Wire
from ocode_tools.errors import UsageError
from ocode_tools.process import Cancel

NEED = 8192
KEEP_ALIVE = "15m"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client is made of; see `open_model`."""

    name: str
    endpoint: str
    key: str
    allow_remote: bool
    need: int
    keep_alive: str
    cancel: Cancel
    patience: Patience


def _ollama(wanted: Wanted) -> ChatModel:
    wire = Wire(wanted.endpoint, key=wanted.key, hint=ollama.HINT, patience=wanted.patience)
    return ollama.connect(
        wire,
        wanted.name,
        allow_remote=wanted.allow_remote,
        need=wanted.need,
        keep_alive=wanted.keep_alive,
        cancel=wanted.cancel,
    )


def _openai(wanted: Wanted) -> ChatModel:
    wire = Wire(wanted.endpoint, key=wanted.key, hint=openai.HINT, patience=wanted.patience)
    return openai.connect(wire, wanted.name, allow_remote=wanted.allow_remote, need=wanted.need, cancel=wanted.cancel)


KINDS: Mapping[str, Callable[[Wanted], ChatModel]] = {"ollama": _ollama, "openai": _openai}


def open_model(
    name: str,
    *,
    endpoint: str,
    cancel: Cancel,
    kind: str = "ollama",
    key: str = "",
    allow_remote: bool = False,
    need: int = NEED,
    keep_alive: str = KEEP_ALIVE,
    patience: Patience = PATIENCE,
) -> ChatModel:
    """The model `name` of the server at `endpoint` (from `endpoint.resolve`), of one of `KINDS`.

    `need` is the tokens that the longest prompt and its answer will take, `keep_alive` how long the server keeps the
    model in memory afterwards, `key` a bearer token. Raises UsageError for an unknown kind, Remote before anything is
    sent that leaves this machine, and the other errors of `base`.
    """
    try:
        make = KINDS[kind]
    except KeyError:
        raise UsageError(f"no kind of model server is called {kind!r}: {' or '.join(KINDS)}") from None
    return make(Wanted(name, endpoint, key, allow_remote, need, keep_alive, cancel, patience))
