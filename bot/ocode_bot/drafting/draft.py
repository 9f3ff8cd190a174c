"""One draft, by a model where one is wanted, there and in time, else by rules: what commands and the hook share."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocode_bot.drafting.scene import Scene, without_model
from ocode_tools.config import Loaded, user_folder, value
from ocode_tools.drafts import Draft
from ocode_tools.errors import OcodeError
from ocode_tools.process import Cancel

NONE = "none wanted"
SPREAD = (0.2, 0.6, 0.9)  # temperatures of one candidate after the other


@dataclass(slots=True)
class Drafter:
    """Drafts for scenes of one repository; `deadline` by `time.monotonic()`. `say` hears what is going on.

    A model `required` by name must answer: its error is raised, where else the rules' draft stands with the reason.
    """

    loaded: Loaded
    environ: Mapping[str, str]
    deadline: float
    say: Callable[[str], None]
    hint: str = ""
    required: bool = False

    def draft(self, scene: Scene, candidates: int = 1) -> list[Draft] | str:
        """At most so many drafts, best first, or why there is none."""
        why, found = NONE, list[Draft]()
        if value(self.loaded, "models.message") != "none":
            try:
                why, found = self._asked(scene, candidates)
            except OcodeError as problem:
                if self.required:
                    raise
                why = str(problem)
        if found:
            return found
        ruled = without_model(scene, "" if why == NONE else " ".join(why.split()))
        return ruled if isinstance(ruled, str) else [ruled]

    def _asked(self, scene: Scene, candidates: int) -> tuple[str, list[Draft]]:
        """What a model drafts, and what was wrong with the last answer that could not be used."""
        if why := self._nobody():
            return why, []
        from ocode_bot.drafting.model import by_model  # these take 0.3 s to load
        from ocode_bot.models.wire import Patience
        from ocode_bot.opening import open_for
        from ocode_bot.prompting import Prompts
        from ocode_bot.settings import settings

        chosen, cancel = settings(self.loaded), Cancel()
        prompts = Prompts(user_folder(self.environ) / "prompts")
        left = max(0.1, self.deadline - time.monotonic())
        patience = Patience(connect=min(2.0, left), facts=left, pause=left, backoff=0.2)
        name = chosen.models.message
        model = open_for("message", name, chosen, self.loaded, self.environ, self.say, cancel, patience)
        found: dict[str, Draft] = {}
        why = ""
        for number in range(candidates):
            draft = by_model(
                scene,
                model,
                prompts,
                tokens=chosen.message.tokens,
                language=chosen.message.language or scene.style.language,
                credit=chosen.message.attribution,
                hint=self.hint,
                deadline=self.deadline,
                cancel=cancel,
                say=self.say,
                temperature=SPREAD[min(number, len(SPREAD) - 1)],
            )
            if isinstance(draft, str):
                why = draft
            else:
                found.setdefault(draft.subject, draft)
        return why, list(found.values())

    def _nobody(self) -> str:
        """Why no model can be asked, where that can be told at once."""
        from ocode_bot.models.endpoint import resolve
        from ocode_bot.models.probe import refused

        set_by = self.loaded.origins["models.endpoint"].source
        base = resolve(str(value(self.loaded, "models.endpoint")), set_by == "default", self.environ)
        if not self.required and refused(base):
            return f"no model server at {base}"
        return ""
