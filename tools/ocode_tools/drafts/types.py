"""The type of a conventional commit, from the kinds of files and what was done to them."""

from __future__ import annotations

from collections.abc import Sequence

from ocode_tools.changes.base import Change
from ocode_tools.changes.points import Point
from ocode_tools.drafts.release import released
from ocode_tools.drafts.view import View

# Keys of a package's description that its users feel at once.
_PUBLISHED = frozenset(
    {"main", "module", "types", "typings", "exports", "bin", "files", "browser", "entry-points", "scripts.bin"}
)
_PUBLIC = frozenset({"function", "class", "type", "method", "option"})


def type_of(view: View) -> str:
    """One of feat, fix, docs, style, refactor, perf, test, build, ci, chore."""
    kinds = {str(kind) for kind in view.kinds if kind not in ("lock", "generated")}
    if released(view):
        return "chore"
    if "source" in kinds:
        natures = {point.nature for told in view.source for point in told.points}
        others = kinds - {"source", "tests"}
        if natures and natures <= {"format"} and not others:
            return "style"
        if natures and natures <= {"comments", "docstring", "format"} and others <= {"docs"}:
            return "docs"
        return _code(view)
    if "ci" in kinds and kinds <= {"ci", "build", "configuration", "dependencies", "docs", "tests", "assets"}:
        rest = sum(lines for kind, lines in view.kinds.items() if kind not in ("docs", "configuration"))
        if view.kinds["ci"] * 4 >= rest and view.kinds["ci"] * 8 >= rest + view.kinds.get("docs", 0):
            return "ci"
    if kinds == {"tests"}:
        return "test"
    if kinds and kinds <= {"docs", "assets"} and "docs" in kinds:
        return "docs"
    return _rest(view, kinds)


def _rest(view: View, kinds: set[str]) -> str:
    """The type where there is neither code nor one clear kind."""
    if "dependencies" in kinds and kinds <= {"dependencies", "docs", "configuration", "build"}:
        points = [point for told in view.of("dependencies") for point in told.points]
        if any(point.sort == "version" for point in points):
            return "chore"
        if points and all(point.sort in ("key", "entry") and point.name in _PUBLISHED for point in points):
            return "fix"
        return "chore"
    if "tests" in kinds and view.kinds["tests"] * 2 >= sum(view.kinds.values()):
        return "test"
    if "docs" in kinds and view.kinds["docs"] * 2 >= sum(view.kinds.values()):
        return "docs"
    if "build" in kinds:
        return "build"
    return "chore"


def _code(view: View) -> str:
    changes = [told.change for told in view.source]
    points = [point for told in view.source for point in told.code]
    if all(_moved(change) for change in changes):
        return "refactor"
    if all(change.status == "removed" for change in changes):
        return "refactor"
    if any(point.hint == "perf" for point in points):
        return "perf"
    if points and all(point.how == "renamed" or point.hint == "refactor" for point in points):
        return "refactor"
    score = feature(view, points, changes)
    if score >= 2:
        return "feat"
    return "refactor" if _reshaped(view, points) else "fix"


def feature(view: View, points: Sequence[Point], changes: Sequence[Change]) -> int:
    """How much speaks for a new feature and against a mended one."""
    score = 0
    fresh = [point for point in points if point.how == "added" and point.public and point.sort in _PUBLIC]
    added = sum(change.added or 0 for change in changes)
    removed = sum(change.removed or 0 for change in changes)
    if view.options:
        score += 2
    if any(change.status == "added" and not change.name.startswith("_") for change in changes):
        score += 2
    if fresh:
        score += 2 if sum(point.lines for point in fresh) * 3 >= added else 1
    if any(point.hint == "feat" for point in points):
        score += 2 if any(point.hint == "feat" and point.sort == "type" for point in points) else 1
    if view.of("docs"):
        score += 1
    if added >= 15 and added >= 4 * removed:
        score += 1
    if any(point.hint == "fix" for point in points):
        score -= 1
    if added + removed <= 6 and score < 2:
        score -= 1
    return score


def _reshaped(view: View, points: Sequence[Point]) -> bool:
    """Whether code was moved about without a sign of a mended fault."""
    if view.of("tests") or any(point.hint == "fix" and point.rank >= 50 for point in points):
        return False
    private = [point for point in points if point.how == "added" and not point.public]
    removed = sum(told.change.removed or 0 for told in view.source)
    added = sum(told.change.added or 0 for told in view.source)
    # A new function that is longer than all new lines was made of lines that were there.
    if private and (removed * 2 >= added or sum(point.lines for point in private) > added):
        return True
    if any(point.how == "renamed" for point in points):
        return True
    return bool(points) and removed > 2 * added and removed >= 8


def _moved(change: Change) -> bool:
    return change.status in ("renamed", "copied") and change.similarity >= 90
