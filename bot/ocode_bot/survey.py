"""What the model server has, asked once: for people who want to know, and for choosing a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ocode_bot.models import catalog, choose, ollama, openai, privacy
from ocode_bot.models.base import ModelError
from ocode_bot.models.catalog import Installed
from ocode_bot.models.endpoint import resolve
from ocode_bot.models.wire import PATIENCE, Patience, Wire
from ocode_bot.report import one_line
from ocode_bot.sections import Settings
from ocode_tools.config import Loaded
from ocode_tools.process import Cancel

TASKS = ("fix", "message")


@dataclass(frozen=True, slots=True)
class Model:
    """One model: `billions` of parameters, `context` it was trained for in tokens (0: not said), `loaded` with so many
    tokens of context (0: not in memory), `remote` the other machine that runs it."""

    name: str
    billions: float = 0.0
    context: int = 0
    loaded: int = 0
    capabilities: tuple[str, ...] = ()
    remote: str = ""

    @property
    def facts(self) -> str:
        """A few words for people."""
        parts = [f"{self.billions:g}B" if self.billions else "", f"context {self.context}" if self.context else ""]
        return ", ".join(part for part in [*parts, "loaded" if self.loaded else ""] if part) or "no details"


@dataclass(slots=True)
class Server:
    """A server at `endpoint`; `problem` says why it could not be asked. `uses` are (task, model or "", why)."""

    endpoint: str
    version: str = ""
    models: list[Model] = field(default_factory=list[Model])
    uses: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    problem: str = ""


def address(chosen: Settings, loaded: Loaded, environ: Mapping[str, str]) -> str:
    """The effective endpoint. Raises `UsageError` for one that is no address."""
    return resolve(chosen.models.endpoint, loaded.origins["models.endpoint"].source == "default", environ)


def ask(
    chosen: Settings,
    loaded: Loaded,
    environ: Mapping[str, str],
    cancel: Cancel,
    details: bool = True,
    patience: Patience = PATIENCE,
) -> Server:
    """Ask the configured server what it has, with `details` about each model; `problem` is set where it fails.

    Raises `UsageError` for an endpoint that is no address.
    """
    settings = chosen.models
    server = Server(address(chosen, loaded, environ))
    hint = openai.HINT if settings.kind == "openai" else ollama.HINT
    wire = Wire(server.endpoint, key=settings.key, hint=hint, patience=patience)
    try:
        privacy.check(server.endpoint, "", settings.allow_remote)
        if settings.kind == "openai":
            listed = openai.models(wire, openai.prefix(wire.base), cancel)
            installed = [Installed(model.name) for model in listed]
            server.models = [Model(model.name, context=model.context) for model in listed]
            server.version = "OpenAI-compatible"
        else:
            server.version = f"Ollama {catalog.version(wire, cancel)}"
            installed = catalog.tags(wire, cancel)
            models = [_model(model) for model in installed]
            server.models = _detailed(wire, models, cancel) if details else models
    except ModelError as problem:
        server.problem = one_line(str(problem))
        return server
    named = {"fix": settings.fix, "message": settings.message}
    for task in TASKS:
        server.uses.append((task, *_use(task, named[task], loaded, installed)))
    return server


def _use(task: str, named: str, loaded: Loaded, installed: list[Installed]) -> tuple[str, str]:
    if not named or named == "none":
        try:
            choice = choose.choose(installed, task)
        except ModelError as problem:
            return "", str(problem)
        return choice.name, choice.why
    there = next((model.name for model in installed if catalog.same(model.name, named)), "")
    by = loaded.origins[f"models.{task}"].label
    return (there, f"named by {by}") if there else ("", f"{named!r} is not installed")


def _model(model: Installed) -> Model:
    return Model(model.name, model.billions, 0, 0, model.capabilities, model.remote)


def _detailed(wire: Wire, models: list[Model], cancel: Cancel) -> list[Model]:
    memory = catalog.ps(wire, cancel)
    found: list[Model] = []
    for model in models:
        loaded = next((one.context or 1 for one in memory if catalog.same(one.name, model.name)), 0)
        try:
            shown = catalog.show(wire, model.name, cancel)
        except ModelError:  # one that went away meanwhile, or that the server cannot read
            found.append(replace(model, loaded=loaded))
            continue
        capabilities = shown.capabilities or model.capabilities
        found.append(
            replace(
                model,
                context=shown.context,
                loaded=loaded,
                capabilities=capabilities,
                remote=shown.remote or model.remote,
            )
        )
    return found
