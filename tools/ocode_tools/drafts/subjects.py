"""The subject: an imperative phrase that names the thing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ocode_tools.changes.base import Kind
from ocode_tools.changes.points import Point
from ocode_tools.drafts.view import Told, View
from ocode_tools.drafts.whole import at_a_glance, common, dependencies, verb_of
from ocode_tools.drafts.words import common_folder, file_name, last, listed, plain, stem, test_words, title

# What counts most in a commit of a type; for others the code, then the rest.
_FILES: dict[str, tuple[Kind, ...]] = {
    "test": ("tests",),
    "docs": ("docs", "source", "assets"),
    "ci": ("ci", "configuration", "build"),
    "build": ("build", "dependencies", "configuration"),
}
# So many points are tried for a phrase that fits.
_TRIED = 6
# Of more new names than these, people name the files.
_CROWD = 6
_CODE: tuple[Kind, ...] = (
    "source",
    "dependencies",
    "build",
    "configuration",
    "ci",
    "docs",
    "tests",
    "assets",
    "generated",
    "vendored",
    "lock",
)


def phrases(view: View, kind: str) -> list[str]:
    """What the commit does, most telling first, at least one; `kind` is its conventional type."""
    if glance := at_a_glance(view):
        return [glance]
    found: list[str] = []
    for told in _files(view, kind):
        found += [phrase for phrase in _said(told, kind) if phrase not in found]
    if not found:
        found = [_plainly(view)]
    return found


def subject(view: View, kind: str, room: int) -> str:
    """The one phrase for the first line, in at most `room` characters where that can be done."""
    if glance := at_a_glance(view):
        return glance
    files = _files(view, kind)
    points = [point for told in files for point in told.points]
    if kind == "feat" and view.options:
        points = [*(Point("added", "option", name) for name in view.options), *points]
    found = _best(points, files, kind)
    return next((phrase for phrase in found if len(phrase) <= room), found[0] if found else _plainly(view))


def _files(view: View, kind: str) -> list[Told]:
    for group in (_FILES.get(kind, ()), _CODE):
        present = [told for name in group for told in view.of(name)]
        if present:
            main = [told for told in present if told.change.kind == present[0].change.kind]
            return main if kind != "chore" else present
    return []


def _best(points: Sequence[Point], files: Sequence[Told], kind: str) -> list[str]:
    """Phrases for the most telling of all points together with those that are like it, best first."""
    if points and all(point.nature != "code" for point in points):
        return [_unspoken(points, files, kind)]
    if points and all(point.sort == "imports" for point in points):
        return [f"correct the imports of {listed([stem(told.change.path) for told in files])}"]
    if said := dependencies(points):
        return [said]
    ordered = sorted((point for point in points if point.nature == "code"), key=_order(kind), reverse=True)
    if kind == "test" and (said := _many_tests(ordered, files)):
        return [said]
    found: list[str] = []
    for point in ordered[:_TRIED]:
        alike = [other for other in ordered if _group(other) == _group(point)]
        found += [
            said for shown in (3, 2, 1, 0) if (said := _together(alike, files, kind, shown)) and said not in found
        ]
    return found


def _many_tests(points: Sequence[Point], files: Sequence[Told]) -> str:
    """Where many tests were changed, each in its way, none of them is the subject."""
    changed = {point.name for point in points if point.how == "changed" and point.name}
    fresh = [point for point in points if point.how == "added" and point.sort == "test"]
    alike = max((sum(other.detail == point.detail for other in points) for point in points if point.detail), default=0)
    return f"rework tests of {_tested(files)}" if len(changed) > 4 and not fresh and alike * 2 < len(changed) else ""


def _unspoken(points: Sequence[Point], files: Sequence[Told], kind: str) -> str:
    natures = {point.nature for point in points}
    names = listed([last(point.name) for point in points if point.name]) or listed(
        [stem(told.change.path) for told in files]
    )
    if natures == {"format"}:
        return f"format {listed([file_name(told.change.path) for told in files])}"
    if "docstring" in natures:
        return f"document {names}" if kind == "docs" else f"reword the docstring of {names}"
    return f"reword comments in {names}"


def _group(point: Point) -> tuple[str, ...]:
    """Points of one group are told in one phrase."""
    if point.how in ("added", "removed") and not point.detail:
        groups = {"test": "test", "section": "section", "page": "section", "option": "option", "step": "step"}
        return point.how, groups.get(point.sort, "symbol")
    if point.sort in ("key", "entry", "option"):
        return point.how, point.sort, point.name
    return point.how, point.sort, point.detail or point.name, point.name if point.how == "renamed" else ""


def _order(kind: str) -> Callable[[Point], tuple[float, ...]]:
    def key(point: Point) -> tuple[float, ...]:
        return _weight(point, kind), point.rank if point.detail else 0, point.lines

    return key


def _weight(point: Point, kind: str) -> float:
    """How well a point tells a commit of this type."""
    weight = 0.0
    if point.sort == "version":
        weight += 5
    if point.how == "added":
        weight += {"feat": 6, "docs": 6, "test": 6, "refactor": 5.5, "perf": 2}.get(kind, 3 if kind == "fix" else 5)
        weight += 2 if point.sort in ("option", "page", "workflow") else 0
        weight -= 0 if point.public or kind == "refactor" else 2
        weight -= 2 if kind != "refactor" and point.sort in ("constant", "variable", "method", "fixture") else 0
    elif point.how == "renamed":
        weight += 6 if kind in ("refactor", "docs") else 3
    elif point.how == "removed":
        weight += 3 if kind in ("refactor", "chore", "build", "ci") else 1
    elif point.detail:
        weight += 5 if point.rank >= 40 else 3.5 if point.rank >= 25 else 1.5
    if kind == "test" and point.detail.startswith("add parameter"):
        weight -= 4
    if point.hint == kind:
        weight += 2
    return weight - (0 if point.name or point.detail else 5)


def _together(points: Sequence[Point], files: Sequence[Told], kind: str, shown: int = 2) -> str:
    first = points[0]
    if first.how == "added" and not first.detail:
        return _added(points, files, kind, shown)
    if first.how == "removed":
        return f"remove {listed([_called(point) for point in points], shown)}" if first.name else ""
    if first.how == "renamed":
        return f"rename {_called(first, first.old)} to {_called(first)}"
    if not first.detail:
        return _vague(points, files, kind)
    if first.sort in ("key", "entry", "option") and len({point.detail for point in points}) > 1 and first.name:
        verb, link = ("add", "to") if first.how == "added" else ("change", "in")
        return f"{verb} {first.name} {link} {len(files)} files" if len(files) > 1 else f"{verb} {first.name}"
    places = list(dict.fromkeys(_place(point) for point in points if point.where))
    if not places or not shown or places[0] in first.detail.split():
        return first.detail
    # The condition of a phrase comes last: "return early from f if x".
    said, word, condition = first.detail.partition(" if ")
    return f"{said} {first.link} {listed(places, shown)}{word}{condition}"


def _place(point: Point) -> str:
    return title(point.where) if point.sort == "text" else last(point.where)


def _added(points: Sequence[Point], files: Sequence[Told], kind: str, shown: int) -> str:
    first = points[0]
    if first.sort == "test":
        if len(points) == 1:
            return f'add test "{test_words(first.name)}"'
        return f"add tests for {_tested(files)}"
    if not first.name:
        return ""
    word = "extract" if kind == "refactor" and not first.public and "extract" not in first.name else "add"
    names = [_called(point) for point in points if point.sort == first.sort or (point.public and first.public)]
    fresh = [told.change.path for told in files if told.change.status == "added"]
    if len(names) > _CROWD and fresh and first.sort not in ("section", "page"):
        return _crowd(fresh, shown)
    suffix = f" {first.sort}" if first.sort in ("section", "step", "fixture", "workflow") else ""
    return f"{word} {listed(names, shown)}{suffix}{'s' if suffix and len(names) > 1 else ''}"


def _crowd(paths: Sequence[str], shown: int) -> str:
    """New files whose names stand for all that they hold."""
    folder = common_folder(paths)
    if len(paths) == 1:
        return f"add {stem(paths[0])} module"
    return (
        f"add {folder.rpartition('/')[2]}"
        if folder and len(paths) > 3
        else f"add {listed(list(map(stem, paths)), shown)}"
    )


def _called(point: Point, name: str = "") -> str:
    name = name or point.name
    if point.sort in ("section", "page", "text", "step", "workflow"):
        return title(name)
    if point.sort == "test":
        return f'test "{test_words(name)}"'
    return plain(last(name) if point.sort not in ("key", "entry", "pattern", "option", "dependency") else name, 40)


def _tested(files: Sequence[Told]) -> str:
    stems = [re.sub(r"^(test|spec)[_.-]|[_.-](test|tests|spec|it|e2e)$", "", stem(told.change.path)) for told in files]
    return listed(stems)


def _vague(points: Sequence[Point], files: Sequence[Told], kind: str) -> str:
    """Something is known to have changed, but not how."""
    point = points[0]
    names = list(dict.fromkeys(plain(last(point.name), 40) for point in points if point.name))
    if point.sort == "text":
        pages = listed([stem(told.change.path) for told in files])
        return f"revise {title(point.where)} in {pages}" if point.where and len(files) == 1 else f"revise {pages}"
    if point.sort == "test":
        return f'adjust test "{test_words(point.name)}"'
    if not names:
        return ""
    verb = {"feat": "extend", "refactor": "rework", "perf": "speed up", "fix": "correct", "style": "tidy"}.get(
        kind, "change"
    )
    return f"{verb} {names[0]}"


def _said(told: Told, kind: str) -> Iterator[str]:
    """All phrases for one file, most telling first."""
    code = sorted((point for point in told.points if point.nature == "code"), key=_order(kind), reverse=True)
    seen = set[tuple[str, ...]]()
    for point in code:
        if _group(point) not in seen:
            seen.add(_group(point))
            alike = [other for other in code if _group(other) == _group(point)]
            if said := _together(alike, [told], kind):
                yield said


def _plainly(view: View) -> str:
    """The list of files is all that is known."""
    files = sorted(view.files, key=lambda change: -change.lines)
    verbs = {verb_of(change) for change in files}
    verb = verbs.pop() if len(verbs) == 1 else "update"
    return f"{verb} {common(files)}"
