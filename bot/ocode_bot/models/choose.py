"""The model to take where the user named none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ocode_bot.models.base import Missing
from ocode_bot.models.catalog import Installed
from ocode_bot.models.privacy import is_cloud

# By name, best first: those made for code before those for everything.
_FAMILIES = (
    r"qwen[\d.]*-?coder",
    r"devstral",
    r"deepseek-coder",
    r"codestral",
    r"gpt-?oss",
    r"code|coder",
    r"qwen|granite|mistral|gemma|llama|phi|glm|deepseek",
)
_NO_CHAT = re.compile(r"embed|bert|minilm|\bbge\b|rerank|llava|moondream|\bocr\b|whisper", re.IGNORECASE)
_UNTAUGHT = re.compile(r"\b(base|text)\b")
_LEAST, _MOST = 3.0, 40.0
# What the usual four-bit files take for each parameter.
_BYTES = 0.6e9


@dataclass(frozen=True, slots=True)
class Choice:
    """The model `name`, and `why` in a few words."""

    name: str
    why: str


def choose(installed: Iterable[Installed], task: str) -> Choice:
    """The best of the installed models for `task`: one that answers, runs here, has 3 to 40 billion parameters and
    is made for code, as far as there is one. For `message`, the smallest of the best kind, else the largest.

    Raises Missing if none can do it.
    """
    able = [model for model in installed if _able(model)]
    if not able:
        raise Missing("no installed model can write code: ollama pull qwen2.5-coder:7b, or name another")
    sign = 1.0 if task == "message" else -1.0
    best = min(able, key=lambda model: (_untaught(model), not _fits(model), _rank(model), sign * _billions(model)))
    made = "made for code" if _rank(best) < len(_FAMILIES) - 1 else "the nearest to a model for code"
    size = f", {_billions(best):.3g}B parameters" if _billions(best) else ""
    return Choice(best.name, f"{made}{size}, of {len(able)} installed that can answer")


def _able(model: Installed) -> bool:
    if model.remote or is_cloud(model.name):
        return False
    if model.capabilities:
        return "completion" in model.capabilities and "embedding" not in model.capabilities
    return not _NO_CHAT.search(f"{model.name} {model.family}")


def _untaught(model: Installed) -> bool:
    """Whether it goes on with a text but answers no question."""
    return bool(_UNTAUGHT.search(model.name.partition(":")[2].lower()))


def _fits(model: Installed) -> bool:
    return _LEAST <= _billions(model) <= _MOST


def _billions(model: Installed) -> float:
    return model.billions or round(model.size / _BYTES, 1)


def _rank(model: Installed) -> int:
    name = model.name.rpartition("/")[2].lower()
    return next((rank for rank, family in enumerate(_FAMILIES) if re.search(family, name)), len(_FAMILIES))
