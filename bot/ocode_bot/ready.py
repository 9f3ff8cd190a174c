"""What a run needs besides its tests is loaded while the first of them run, as loading takes as long as they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from ocode_bot.ladder import Ladder
from ocode_bot.models.base import ChatModel
from ocode_bot.report import Report
from ocode_tools.process import Cancel


@dataclass(slots=True)
class Ready:
    """Opens the first model of `ladder`, then does what `load` says; a model that must answer and does not sets
    `cancel`, so that nobody waits for tests which cannot be followed by anything."""

    ladder: Ladder | None
    load: Sequence[Callable[[], object]]
    report: Report
    cancel: Cancel
    _model: Future[ChatModel | None] = field(default_factory=Future[ChatModel | None])

    def start(self) -> None:
        """Begin, in a thread."""
        pool = ThreadPoolExecutor(1)
        self._model = pool.submit(self._open)
        for load in self.load:
            pool.submit(load)
        pool.shutdown(wait=False)

    def check(self) -> None:
        """See that the model which must answer is there; raises its `ModelError`."""
        model = self._model.result()
        self.report.model = model.name if model else None

    def _open(self) -> ChatModel | None:
        done = False
        try:
            model = self.ladder.first() if self.ladder else None
            done = True
        finally:
            if not done:
                self.cancel.set()
        return model
