"""The task: module by module, each module's docstrings as one commit."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ocode_bot.ground import Ground, Landing, Refused
from ocode_bot.means import Means
from ocode_bot.tasks.docstrings.author import Author
from ocode_bot.tasks.docstrings.checks import pydoclint
from ocode_bot.tasks.docstrings.filling import Filling, Piece, counted, short
from ocode_bot.tasks.docstrings.manner import rules_in, style_of
from ocode_bot.whole import Whole
from ocode_tools.changes import Change, Changes
from ocode_tools.docstrings.base import MODULE, Unit
from ocode_tools.docstrings.page import SUFFIXES, Page
from ocode_tools.docstrings.parts import Style
from ocode_tools.drafts.scopes import scope_of
from ocode_tools.drafts.view import View
from ocode_tools.edits import Edit, Proposal
from ocode_tools.errors import UsageError
from ocode_tools.messages import compose
from ocode_tools.messages.header import Header
from ocode_tools.selection import Selection, select
from ocode_tools.source import SourceError


@dataclass(slots=True)
class Document:
    """See `Task`. `units` are what lacks a docstring, by file; `done` and `left` tell by `path::name` how and why."""

    means: Means
    ground: Ground
    style: Style = field(init=False)
    files: list[tuple[Page, list[Unit]]] = field(init=False, default_factory=list[tuple[Page, list[Unit]]])
    done: dict[str, str] = field(init=False, default_factory=dict[str, str])
    left: dict[str, str] = field(init=False, default_factory=dict[str, str])

    def work(self) -> None:
        """Every module with its share of the time."""
        ground = self.ground
        self._look()
        deadline = time.monotonic() + ground.job.budget
        if check := pydoclint(ground):
            ground.checks = {**ground.checks, "pydoclint": check}
        author = Author(self.means)
        for number, (page, units) in enumerate(self.files):
            if ground.suite.cancel.is_set():
                return
            if unwelcome := ground.unwelcome(_key(page, units)):
                self.left.update((_id(page, unit), unwelcome) for unit in units)
                continue
            now = time.monotonic()
            weight = len(units) / sum(len(units) for _, units in self.files[number:])
            ground.progress.step(f"describing {len(units)} of {page.path}")
            ground.run.note("target", id=page.path)
            self._file(author, page, units, now + (deadline - now) * weight)

    def close(self) -> None:
        """See `Task`."""
        why = f"not reached within the budget of {self.ground.job.budget:g} s"
        ids = [_id(page, unit) for page, units in self.files for unit in units]
        left = {name: self.left.get(name, why) for name in ids if name not in self.done}
        self.ground.report.conclude(self.done, left | {k: v for k, v in self.left.items() if k not in self.done})

    def _look(self) -> None:
        """Find what lacks a docstring, and how docstrings are written here."""
        ground, request = self.ground, self.ground.job.request
        settings = ground.job.settings.docstrings
        read = ground.workspace.read
        self.style = style_of(settings, read, ground.files())
        rules = rules_in(settings, read)
        selection = self._selection()
        most = request.limit if request.limit is not None else 1 << 30
        for path in selection.paths:
            data = read(path)
            try:
                page = Page(path, data or b"")
                units = page.wanting(selection, rules, init=self.style.init)
                if "improve" in request.options:
                    units += page.disagreeing(selection, rules, self.style)
                units = units[:most]
            except SourceError as problem:
                if path in request.targets:
                    self.left[path] = f"source: {problem}"
                continue
            most -= len(units)
            if units:
                self.files.append((page, units))
            self._named(page, selection)
        style = self.style
        ground.progress.step(f"style: {style.form}, {style.width} characters ({style.origin})")
        ground.run.note("style", form=style.form, width=style.width, origin=style.origin)

    def _selection(self) -> Selection:
        job = self.ground.job
        request, git = job.request, job.repository.git
        since = "HEAD" if request.staged else request.changed
        found = select(git, job.repository.start, request.targets, changed=since, suffixes=SUFFIXES, base=job.base)
        if not request.staged:
            return found
        staged = frozenset(git.names("diff", "--cached", "--name-only", "-z"))
        return Selection(tuple(path for path in found.paths if path in staged), found.names, found.lines)

    def _named(self, page: Page, selection: Selection) -> None:
        """Say of each name that was asked for whether it is there. Raises `UsageError` for one that is not."""
        by_name = {unit.qualname: unit for unit in page.units}
        for name in selection.names.get(page.path, ()):
            if name not in by_name:
                raise UsageError(f"{page.path} has no {name!r}; name a function, a class or {MODULE}")

    def _file(self, author: Author, page: Page, units: Sequence[Unit], until: float) -> None:
        ground = self.ground
        filling = Filling(page, self.style)
        facts_alone = "skeleton" in ground.job.request.options
        try:
            filling.ask(author, units, until, facts_alone, ground.suite.cancel.is_set)
        finally:
            self.left.update((f"{page.path}::{name}", why) for name, why in filling.left.items())
        if not filling.pieces:
            return
        refused = self._land(filling, filling.pieces, units)
        if refused and refused.reason.partition(":")[0] in ground.checks:
            fit = self._fit(filling)
            refused = self._land(filling, fit, units) if fit else None
        if refused:
            ids = [_id(page, piece.unit) for piece in filling.pieces]
            self.left.update((name, refused.reason) for name in ids if name not in self.done)

    def _fit(self, filling: Filling) -> list[Piece]:
        """The pieces that the linters take one by one, with all their words or with the summary alone."""
        ground, found = self.ground, list[Piece]()
        judge = Whole(ground.suite, ground.workspace, ground.checks)
        for piece in filling.pieces:
            for one in (piece, short(piece)):
                edit = filling.edit([one])
                reason = edit if isinstance(edit, str) else judge.refusal(ground.tip, _proposal(edit, [one]))
                if reason is None:
                    found.append(one)
                    break
                self.left[_id(filling.page, piece.unit)] = reason
        return found

    def _land(self, filling: Filling, pieces: Sequence[Piece], units: Sequence[Unit]) -> Refused | None:
        edit = filling.edit(pieces)
        if isinstance(edit, str):
            return Refused(edit)
        page, proposal = filling.page, _proposal(edit, pieces)
        body = "\n".join(f"  {_shown(piece.unit)}" for piece in pieces)
        said = f"Nothing but docstrings changes: the syntax tree and the tokens without them are the same.\n\n{body}\n"
        words = page.path.rpartition("/")[2].removesuffix(".py")
        landing = Landing(proposal, _key(page, units), self._subject(page, pieces), said, words)
        refused = self.ground.land(landing)
        if refused is None:
            self.done.update((_id(page, p.unit), f"{p.by}: {_said(p)}") for p in pieces)
        return refused

    def _subject(self, page: Page, pieces: Sequence[Piece]) -> str:
        """The first line of the commit, in the repository's style."""
        style = self.ground.manner.style
        name = page.path.rpartition("/")[2].removesuffix(".py")
        what = f"document {_shown(pieces[0].unit) if len(pieces) == 1 else f'{len(pieces)} parts'} of {name}"
        if not style.conventional:
            return compose.fit(what.capitalize() if style.capital else what, style.limit)
        kind = "docs" if "docs" in style.policy.types or not style.policy.types else "chore"
        view = View(Changes((Change(page.path, page.path, "changed"),)))
        head = str(Header(kind, scope_of(view, kind, style), False, ""))
        what = what[:1].upper() + what[1:] if style.capital else what
        return compose.fit(f"{head}{what}", style.limit)


def make(means: Means, ground: Ground) -> Document:
    """The task on its ground."""
    return Document(means, ground)


def _proposal(edit: Edit, pieces: Sequence[Piece]) -> Proposal:
    by = Counter(piece.by for piece in pieces).most_common(1)[0][0]
    return Proposal((edit,), by, "docstrings", f"{counted(pieces)} in {edit.path}")


def _said(piece: Piece) -> str:
    if piece.gap is None:
        return piece.words.summary
    added = [entry.name for entry in piece.gap.missing if piece.words.entries.get(entry.key)]
    parts = [("added", added), ("dropped", piece.gap.stale)]
    return "; ".join(f"{word} {', '.join(names)}" for word, names in parts if names)


def _shown(unit: Unit) -> str:
    return "the module" if unit.kind == "module" else unit.qualname


def _id(page: Page, unit: Unit) -> str:
    return f"{page.path}::{unit.qualname}"


def _key(page: Page, units: Sequence[Unit]) -> str:
    """The stable identity of what is missing in a file."""
    names = "\n".join(["docstrings", page.path, *(unit.qualname for unit in units)])
    return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:16]
