"""`ocode models`: what the server has, and what each task would use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ocode_bot import survey, terminal
from ocode_bot.settings import around
from ocode_tools.errors import Exit, SetupError
from ocode_tools.process import Cancel


def models_command(start: Path, environ: Mapping[str, str], as_json: bool) -> Exit:
    """List the server's models. Raises `SetupError` where there is no server."""
    chosen, loaded = around(start, environ)
    server = survey.ask(chosen, loaded, environ, Cancel())
    if server.problem:
        raise SetupError(server.problem)
    uses = {model.name: [task for task, name, _ in server.uses if name == model.name] for model in server.models}
    if as_json:
        models = [asdict(m) | {"tasks": uses[m.name]} for m in server.models]
        document = {"endpoint": server.endpoint, "version": server.version, "models": models, "error": None}
        terminal.document(document)
        return Exit.DONE
    rows = [
        (
            model.name,
            f"{model.billions:g}B" if model.billions else "?",
            str(model.context or "?"),
            ", ".join(model.capabilities) or "?",
            ", ".join(uses[model.name]),
        )
        for model in server.models
    ]
    terminal.table(("model", "size", "context", "can", "used for"), rows)
    for task, name, why in server.uses:
        terminal.talk(f"{task}: {name or 'no model'}: {why}")
    return Exit.DONE
