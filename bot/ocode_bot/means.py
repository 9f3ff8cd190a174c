"""What a task may use to find its proposals."""

from __future__ import annotations

from dataclasses import dataclass

from ocode_bot.asking import Asking
from ocode_bot.ladder import Ladder
from ocode_bot.prompting import Prompts


@dataclass(frozen=True, slots=True)
class Means:
    """Models from the first to the largest (`ladder`, None where none is to be asked), the way to ask them, and what
    they are asked with; `attempts` is the most replies for one target."""

    asking: Asking
    ladder: Ladder | None
    prompts: Prompts
    attempts: int
