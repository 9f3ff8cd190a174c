"""The ladder: which models a run may ask, opened one after the other, each once, when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ocode_bot.models.base import ChatModel, ModelError
from ocode_bot.models.endpoint import resolve
from ocode_bot.models.probe import refused
from ocode_bot.report import one_line
from ocode_bot.sections import Settings
from ocode_tools.config import Loaded
from ocode_tools.process import Cancel

Open = Callable[[str], ChatModel]


@dataclass(slots=True)
class Ladder:
    """`names` from the first to the largest, an empty one for the best that is installed; `open_model` opens one by
    name. A model `required` by name must answer, any other may be missing, which `say` then says once."""

    names: tuple[str, ...]
    required: bool
    open_model: Open
    say: Callable[[str], None]
    _opened: dict[str, ChatModel | None] = field(default_factory=dict[str, ChatModel | None])

    def first(self) -> ChatModel | None:
        """The required model, None where none is; raises its `ModelError`."""
        return self._model(self.names[0]) if self.required else None

    def models(self) -> Iterator[ChatModel]:
        """Each model that answers, in order."""
        for name in self.names:
            if model := self._model(name):
                yield model

    def _model(self, name: str) -> ChatModel | None:
        if name not in self._opened:
            try:
                self._opened[name] = self.open_model(name)
            except ModelError as problem:
                if self.required and name == self.names[0]:
                    raise
                self._opened[name] = None
                self.say(f"going on without {name or 'a model'}: {one_line(str(problem))}")
        return self._opened[name]


def make_ladder(
    task: str,
    settings: Settings,
    loaded: Loaded,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    cancel: Cancel,
) -> Ladder | None:
    """The models that the settings name for a task; None where none is wanted. A name given as a flag must answer, and
    so must the default where nobody else solves. Raises a `ModelError` where it is clear at once that it cannot."""
    chosen = settings.models
    names = {"fix": chosen.fix, "todo": chosen.todo, "docstrings": chosen.docstrings, "tests": chosen.tests}
    name = names[task] or chosen.fix
    if name == "none" or (task == "fix" and "model" not in settings.fix.solvers):
        return None

    def open_one(name: str) -> ChatModel:
        from ocode_bot.opening import open_for  # the HTTP client takes 0.1 s to load

        return open_for(task, name, settings, loaded, environ, say, cancel)

    where = resolve(chosen.endpoint, loaded.origins["models.endpoint"].source == "default", environ)
    alone = task == "fix" and "rules" not in settings.fix.solvers
    required = loaded.origins[f"models.{task}"].source == "flag" or alone
    ladder = Ladder((name, *chosen.ladder), required, open_one, say)
    if required and refused(where):
        ladder.first()  # says so before any work begins
    return ladder
