"""Opening the model that a task asks: the one that the settings name, else the best that is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ocode_bot import survey
from ocode_bot.models.base import ChatModel, Missing
from ocode_bot.models.open import NEED, open_model
from ocode_bot.models.wire import PATIENCE, Patience
from ocode_bot.sections import Settings
from ocode_tools.config import Loaded
from ocode_tools.process import Cancel


def open_for(
    task: str,
    name: str,
    settings: Settings,
    loaded: Loaded,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    cancel: Cancel,
    patience: Patience = PATIENCE,
) -> ChatModel:
    """The model `name` of the configured server, or what is best there for `task` (then `say` is told which).

    Raises a `ModelError`, or `UsageError` for an endpoint that is no address.
    """
    chosen = settings.models
    if not name:
        server = survey.ask(settings, loaded, environ, cancel, details=False, patience=patience)
        like = task if task in survey.TASKS else "fix"  # all that write code want the same of a model
        name, why = next(((name, why) for use, name, why in server.uses if use == like), ("", server.problem))
        if not name:
            raise Missing(why)
        say(f"model: {name} ({why})")
    return open_model(
        name,
        endpoint=survey.address(settings, loaded, environ),
        cancel=cancel,
        kind=chosen.kind,
        key=chosen.key,
        allow_remote=chosen.allow_remote,
        need=chosen.context or NEED,
        keep_alive=chosen.keep_alive,
        patience=patience,
    )
