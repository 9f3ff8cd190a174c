"""The tests that are kept so far, and the file that they make: some may go again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ocode_tools.newtests.answer import Answer
from ocode_tools.newtests.placing import place
from ocode_tools.newtests.verdicts import Known
from ocode_tools.source import Source


@dataclass(slots=True)
class Kept:
    """Answers whose tests go into the file `path`, which is `old` now (None: there is none)."""

    path: str
    old: Source | None
    _parts: list[tuple[Answer, Mapping[str, Known]]] = field(default_factory=list[tuple[Answer, Mapping[str, Known]]])

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the tests, in their order."""
        return tuple(test for called in self._placed()[1] for test in called.values())

    @property
    def data(self) -> bytes | None:
        """The file with the tests; None as long as none is kept."""
        return self._placed()[0] if self._parts else None

    @property
    def adds(self) -> Known:
        """What all of them know."""
        known = Known()
        for _, adds in self._parts:
            for one in adds.values():
                known = known.plus(one)
        return known

    def with_more(self, answer: Answer) -> tuple[bytes, dict[str, str]]:
        """The file with another answer's tests, and their ids by what the answer calls them."""
        data = self.data
        return self._place(Source(self.path, data) if data is not None else self.old, answer)

    def add(self, answer: Answer, adds: Mapping[str, Known]) -> None:
        """Keep those tests of an answer that `adds` names, with what each knows."""
        self._parts.append((answer.without(set(answer.tests) - adds.keys()), adds))

    def drop(self, ids: Collection[str]) -> None:
        """Take tests out again."""
        left: list[tuple[Answer, Mapping[str, Known]]] = []
        for (answer, adds), called in zip(self._parts, self._placed()[1], strict=True):
            gone = {name for name, test in called.items() if test in ids}
            if gone < set(answer.tests):
                kept = {name: known for name, known in adds.items() if name not in gone}
                left.append((answer.without(gone), kept))
        self._parts = left

    def _placed(self) -> tuple[bytes, list[dict[str, str]]]:
        source, data = self.old, b""
        names: list[dict[str, str]] = []
        for answer, _ in self._parts:
            data, called = self._place(source, answer)
            source = Source(self.path, data)
            names.append(called)
        return data, names

    def _place(self, source: Source | None, answer: Answer) -> tuple[bytes, dict[str, str]]:
        data, called = place(source, answer)
        return data, {name: f"{self.path}::{new.replace('.', '::')}" for name, new in called.items()}
