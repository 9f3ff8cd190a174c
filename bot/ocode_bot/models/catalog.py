"""What an Ollama server has: its version, and its models installed, described and loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from ocode_bot.models.base import Missing, ModelError
from ocode_bot.models.failures import Answered
from ocode_bot.models.fields import count, table, tables, text, texts
from ocode_bot.models.wire import Wire
from ocode_tools.process import Cancel

_SIZE = re.compile(r"(?:(\d+)x)?(\d+(?:\.\d+)?)\s*([KMBT])", re.IGNORECASE)
_BILLIONS = {"K": 1e-6, "M": 1e-3, "B": 1.0, "T": 1e3}


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is on the server. `size` in bytes, `billions` of parameters (0: not said), `capabilities` empty
    where the server does not list them, `remote` the host that really runs it, if another."""

    name: str
    size: int = 0
    billions: float = 0.0
    family: str = ""
    quantization: str = ""
    capabilities: tuple[str, ...] = ()
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A model's description: `context` is the longest it was trained for in tokens (0: not said)."""

    name: str
    family: str = ""
    context: int = 0
    capabilities: tuple[str, ...] = ()
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: `context` in tokens (0: not said), `size` in bytes and what of it is on a GPU."""

    name: str
    context: int = 0
    size: int = 0
    on_gpu: int = 0


def version(wire: Wire, cancel: Cancel) -> str:
    """The server's version as it says it; builds from source say `0.0.0`."""
    return text(table(wire.json("/api/version", cancel)), "version")


def tags(wire: Wire, cancel: Cancel) -> list[Installed]:
    """The installed models."""
    return [_installed(row) for row in tables(table(wire.json("/api/tags", cancel)).get("models"))]


def ps(wire: Wire, cancel: Cancel) -> list[Loaded]:
    """The models in memory."""
    return [
        Loaded(_name(row), count(row, "context_length"), count(row, "size"), count(row, "size_vram"))
        for row in tables(table(wire.json("/api/ps", cancel)).get("models"))
    ]


def show(wire: Wire, name: str, cancel: Cancel) -> Shown:
    """The description of a model; raises Missing with near names where there is none of that name."""
    try:
        answer = table(wire.json("/api/show", cancel, {"model": name}))
    except Answered as error:
        if error.status == 404:
            raise missing(wire, name, cancel) from error
        raise
    info, details = table(answer.get("model_info")), table(answer.get("details"))
    family = text(info, "general.architecture") or text(details, "family")
    context = count(info, f"{family}.context_length") or count(details, "context_length")
    return Shown(name, family, context, texts(answer.get("capabilities")), _remote(answer))


def missing(wire: Wire, name: str, cancel: Cancel) -> Missing:
    """The error for a model that is not there: what is, and how to get it."""
    try:
        names = [model.name for model in tags(wire, cancel)]
    except ModelError:
        names = []
    found = near(name, names)
    also = f"did you mean {' or '.join(repr(other) for other in found)}? Else: " if found else ""
    return Missing(f"no model {name!r} at {wire.base}: {also}ollama pull {name}")


def near(name: str, names: Iterable[str]) -> list[str]:
    """At most three of `names` that may be meant: other tags of the same model, else similar spellings."""
    known = [(_short(other), other) for other in names]
    own = _short(name)
    similar = (
        [own] if any(short == own for short, _ in known) else get_close_matches(own, {s for s, _ in known}, 3, 0.6)
    )
    return [other for spelling in similar for short, other in known if short == spelling][:3]


def same(one: str, other: str) -> bool:
    """Whether two names are the same model: no tag means `latest`, and case does not count."""
    return _full(one) == _full(other)


def _full(name: str) -> str:
    last = name.rpartition("/")[2]
    return (name if ":" in last else f"{name}:latest").lower()


def _short(name: str) -> str:
    """The name without its tag and its owner."""
    return name.lower().rpartition("/")[2].partition(":")[0]


def _name(row: dict[str, object]) -> str:
    return text(row, "model", "name")


def _remote(fields: dict[str, object]) -> str:
    return text(fields, "remote_host", "remote_model")


def _installed(row: dict[str, object]) -> Installed:
    details = table(row.get("details"))
    return Installed(
        text(row, "name", "model"),
        count(row, "size"),
        _billions(text(details, "parameter_size")),
        text(details, "family"),
        text(details, "quantization_level"),
        texts(row.get("capabilities")),
        _remote(row),
    )


def _billions(size: str) -> float:
    """`7.6B` -> 7.6, `8x7B` -> 56.0, `567M` -> 0.567."""
    found = _SIZE.fullmatch(size.strip())
    return int(found[1] or 1) * float(found[2]) * _BILLIONS[found[3].upper()] if found else 0.0
