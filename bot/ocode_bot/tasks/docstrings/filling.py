"""One file's docstrings: words asked for unit by unit, set, put in, and past the gate; no git, no tests."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ocode_bot.tasks.docstrings.author import Author, Written
from ocode_bot.tasks.docstrings.question import Told
from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.gates import only_docstrings
from ocode_tools.docstrings.mend import Gap, gap, mended
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import Facts, Style, Words
from ocode_tools.docstrings.splice import NoPlaceError, indent_of
from ocode_tools.docstrings.words import skeleton
from ocode_tools.edits import Edit
from ocode_tools.source import Change, SourceError

_ORDER = {"function": 0, "class": 1, "module": 2}  # what is inside is described first: it helps with what is around
FACTS = "rules"  # who wrote what analysis alone can say


@dataclass(frozen=True, slots=True)
class Piece:
    """A unit with the words that were found for it, and who found them; `gap` is what its docstring gets wrong, if it
    has one already."""

    unit: Unit
    facts: Facts
    words: Words
    by: str
    gap: Gap | None = None


@dataclass(slots=True)
class Filling:
    """A file that is being filled: `pieces` are what can be put in, `left` says by qualified name why others cannot."""

    page: Page
    style: Style
    pieces: list[Piece] = field(default_factory=list[Piece])
    left: dict[str, str] = field(default_factory=dict[str, str])

    def ask(
        self, author: Author, units: Sequence[Unit], until: float, facts_alone: bool, over: Callable[[], bool]
    ) -> None:
        """Find words for the units, each within its share of the time until `until` (`time.monotonic()`).

        `facts_alone` allows what analysis can say where no words are found.
        """
        summaries = self._present()
        for number, unit in enumerate(sorted(units, key=lambda unit: _ORDER[unit.kind])):
            if over() or time.monotonic() > until:
                return
            if why := self.page.why_not(unit):
                self.left[unit.qualname] = f"behaviour: {why}"
                continue
            now = time.monotonic()
            share = now + (until - now) / (len(units) - number)
            try:
                piece = self._piece(author, unit, Told(summaries, self._indent(unit)), share, facts_alone)
                self.page.put(self._changes(piece)) if piece else None
            except (NoPlaceError, SourceError) as problem:
                self.left[unit.qualname] = f"place: {problem}"
                continue
            if piece is not None:
                summaries.setdefault(unit.qualname, piece.words.summary)
                self.pieces.append(piece)

    def _piece(self, author: Author, unit: Unit, told: Told, until: float, facts_alone: bool) -> Piece | None:
        facts = self.page.facts(unit, self.style)
        found = gap(unit, facts)
        if found is not None:
            return self._mended(author, unit, facts, found, told, until)
        written = author.write(self.page, unit, facts, self.style, told, until)
        words = written.words or (skeleton(unit, facts, self.style) if facts_alone else None)
        if words is None:
            self.left[unit.qualname] = _why(written, facts_alone)
            return None
        return Piece(unit, facts, words, written.model if written.words else FACTS)

    def _mended(self, author: Author, unit: Unit, facts: Facts, found: Gap, told: Told, until: float) -> Piece | None:
        """Words for what a docstring lacks; what is stale in it goes without any."""
        told_by, words = FACTS, Words("")
        if found.missing:
            style = replace(self.style, form=found.form)
            written = author.write(self.page, unit, Facts(found.missing), style, told, until)
            words, told_by = (written.words or words), (written.model or FACTS)
            if not words.entries and not found.stale:
                self.left[unit.qualname] = written.why or "reply: no words for what is missing"
                return None
        return Piece(unit, facts, words, told_by, found)

    def _changes(self, piece: Piece) -> list[Change]:
        if piece.gap is None:
            return self.page.insertion(piece.unit, piece.words, piece.facts, self.style)
        style, texts = self.style, piece.words.entries
        return mended(self.page.source, piece.unit, piece.facts, piece.gap, style, texts)

    def _indent(self, unit: Unit) -> int:
        return len(indent_of(self.page.source, unit).expandtabs())

    def edit(self, pieces: Sequence[Piece]) -> Edit | str:
        """The file with these pieces in it, or why the gate refuses it."""
        page = self.page
        try:
            after = page.put(change for piece in pieces for change in self._changes(piece))
        except (NoPlaceError, SourceError, ValueError) as problem:
            return f"place: {problem}"
        may_change = any(piece.gap for piece in pieces)
        return only_docstrings(page.path, page.data, after, may_change) or Edit(page.path, page.data, after)

    def _present(self) -> dict[str, str]:
        """The first lines of the docstrings that are there."""
        docs = {unit.qualname: unit.doc for unit in self.page.units if unit.doc is not None}
        return {name: text.strip().partition("\n")[0] for name, doc in docs.items() if (text := _value(doc))}


def _value(doc: ast.Constant) -> str:
    return doc.value.strip() if isinstance(doc.value, str) else ""


def _why(written: Written, facts_alone: bool) -> str:
    return f"{written.why}; analysis alone has nothing to say" if facts_alone else written.why


def short(piece: Piece) -> Piece:
    """The same with its summary alone."""
    return piece if piece.gap else replace(piece, words=Words(piece.words.summary))


def counted(pieces: Sequence[Piece]) -> str:
    """How many docstrings, for people."""
    return "1 docstring" if len(pieces) == 1 else f"{len(pieces)} docstrings"
