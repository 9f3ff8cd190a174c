"""One file: which of its units want a docstring, why some may not have one, and the file with docstrings put in."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.behaviour import Behaviour
from ocode_tools.docstrings.units import Rules, asked, exempt, units
from ocode_tools.source import Source

if TYPE_CHECKING:
    from ocode_tools.docstrings.parts import Facts, Style, Words
    from ocode_tools.docstrings.raises import Raises
    from ocode_tools.docstrings.words import Reader
    from ocode_tools.selection import Selection
    from ocode_tools.source import Change

SUFFIXES = (".py", ".pyi")


class Page:
    """A file as `data`; `path` is posix, from the repository's top. Raises SourceError for what is not Python."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path, self.data = path, data
        self.source = Source(path, data)
        self.units = units(self.source)

    def wanting(self, selection: Selection, rules: Rules, *, init: bool = False) -> list[Unit]:
        """The units that lack a docstring, are asked for and not left out, in the order of their lines.

        A unit that is named itself is never left out by a rule.
        """
        named = selection.names.get(self.path, ())
        return [
            unit
            for unit in self.units
            if unit.doc is None
            and asked(unit, self.path, selection)
            and (unit.qualname in named or not exempt(unit, self.path, rules, init))
        ]

    def why_not(self, unit: Unit) -> str:
        """Why a unit's docstring may not be written by us, in a few words; "" where it may."""
        first = unit.node.body[0] if unit.node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.JoinedStr):
            return "an f-string stands where its docstring would"
        return self._behaviour.why(unit)

    @cached_property
    def _behaviour(self) -> Behaviour:
        return Behaviour(self.source)

    @cached_property
    def _known(self) -> frozenset[str]:
        from ocode_tools.docstrings.prose import known_names

        return known_names(self.source.text)

    def facts(self, unit: Unit, style: Style) -> Facts:
        """What analysis says of a unit."""
        from ocode_tools.docstrings.facts import facts  # not for a mere check

        return facts(self.source, unit, style, self._raises)

    @cached_property
    def _raises(self) -> Raises:
        from ocode_tools.docstrings.raises import Raises

        return Raises(self.source)

    def reader(self, unit: Unit, facts: Facts, style: Style) -> Reader:
        """What makes a model's answer for a unit into words. Raises NoPlaceError where they could not be put."""
        from ocode_tools.docstrings.prose import known_names
        from ocode_tools.docstrings.splice import indent_of
        from ocode_tools.docstrings.words import Reader

        start, end = self.source.lines(unit.first, unit.last)
        here = known_names(f"{self.source.text[start:end]} {' '.join(entry.name for entry in facts.entries)}", False)
        return Reader(unit, facts, style, self._known, here, len(indent_of(self.source, unit).expandtabs()))

    def render(self, unit: Unit, words: Words, facts: Facts, style: Style) -> str:
        """The string literal that puts words and facts in style. Raises NoPlaceError where it could not be put."""
        from ocode_tools.docstrings.render import render
        from ocode_tools.docstrings.splice import indent_of

        return render(words, facts, style, indent_of(self.source, unit), self.source.eol)

    def insertion(self, unit: Unit, words: Words, facts: Facts, style: Style) -> list[Change]:
        """The changes that put a docstring into a unit. Raises NoPlaceError where there is no safe place."""
        from ocode_tools.docstrings.splice import insert

        return insert(self.source, unit, self.render(unit, words, facts, style), blank=unit.kind == "class")

    def disagreeing(self, selection: Selection, rules: Rules, style: Style) -> list[Unit]:
        """The units whose docstring names other parameters than the code, as `wanting` chooses them."""
        from ocode_tools.docstrings.mend import gap

        named = selection.names.get(self.path, ())
        return [
            unit
            for unit in self.units
            if unit.doc is not None
            and asked(unit, self.path, selection)
            and (unit.qualname in named or not exempt(unit, self.path, rules, style.init))
            and gap(unit, self.facts(unit, style))
        ]

    def put(self, changes: Iterable[Change]) -> bytes:
        """The file with these changes. Raises SourceError where the file's encoding lacks a character."""
        return self.source.replace(changes)
