"""The scope of a conventional commit: what the log teaches, else the package or module that all code changes share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ocode_tools.changes.base import Change
from ocode_tools.drafts.style import Style, Used
from ocode_tools.drafts.view import View
from ocode_tools.drafts.words import common_folder


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Folders that hold packages side by side, and folders that only hold code.
_HOLDERS = _words("packages apps libs crates modules plugins services components projects workspaces extensions cmd")
_ROOTS = _words("src lib app source sources internal pkg main java kotlin python scala go php include")
_INDEX = _words("__init__ __main__ index main mod lib init setup package readme")
# Languages whose packages are folders.
_BY_FOLDER = _words("go java kt scala cs")
# Votes that are needed, and the share of one scope, to believe the log about these files, and about their folder.
_EXACT, _NEAR = (4.0, 0.8), (5.0, 0.8)
# Share of the commits of a type that carry a scope, above which any does, and below which none does.
_OFTEN, _SELDOM = 0.75, 0.2
_PLAIN = re.compile(r"[\w@/.,+ -]{1,40}")
_CARRY = frozenset({"feat", "fix", "refactor", "perf", "test", "style"})


def scope_of(view: View, kind: str, style: Style) -> str:
    """The scope for a commit of the type `kind`, "" for none."""
    policy = style.policy
    if policy.scope == "never":
        return ""
    # A log that has no scopes wants none; no log says nothing.
    unlearned = _guessed(view, kind) if style.scoped is None else ""
    found = _learned(view, kind, style.used) if style.used else unlearned
    found = found if _PLAIN.fullmatch(found) else ""
    if policy.scopes:
        known = {scope.lower(): scope for scope in policy.scopes}
        found = known.get(found.lower(), "")
    if not found and policy.scope == "required":
        found = policy.scopes[0] if policy.scopes else _guessed(view, "fix") or "repo"
    return found


def _learned(view: View, kind: str, used: Sequence[Used]) -> str:
    """The guess in the log's spelling, unless the log is clear: about these files, or about commits of this type."""
    main = _main(view)
    exact = _votes({change.path for change in main}, kind, used)
    if exact and (sure := _sure(exact, *_EXACT)) is not None:
        return sure
    rate = _rate(kind, used)
    guess = _guessed(view, kind) or (_guessed(view, "fix") if rate >= _OFTEN else "")
    folder = common_folder([change.path for change in main])
    near = _votes({folder}, kind, used) if folder and not guess else {}
    if near and rate >= 0.5 and (sure := _sure(near, *_NEAR)):
        return sure
    return _spelt(guess, used) if rate > _SELDOM else ""


def _votes(places: set[str], kind: str, used: Sequence[Used]) -> dict[str, float]:
    """How often commits of these files, or below these folders, carried each scope; the same type counts double."""
    votes: dict[str, float] = {}
    for commit in used:
        near = [path for path in commit.paths if path in places or _below(path, places)]
        if near:
            weight = (2 if commit.type == kind else 1) * len(near) / len(commit.paths)
            votes[commit.scope] = votes.get(commit.scope, 0.0) + weight
    return votes


def _below(path: str, folders: set[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _sure(votes: dict[str, float], least: float, share: float) -> str | None:
    """The scope with most votes, where it has enough of them."""
    scope, most = max(votes.items(), key=lambda item: item[1])
    whole = sum(votes.values())
    return scope if whole >= least and most >= share * whole else None


def _rate(kind: str, used: Sequence[Used]) -> float:
    """How many commits of a type carry a scope, with a few made-up ones for a type that is rare in the log."""
    mine = [bool(commit.scope) for commit in used if commit.type == kind]
    usual = sum(bool(commit.scope) for commit in used) / len(used)
    return (sum(mine) + 3 * usual) / (len(mine) + 3)


def _spelt(guess: str, used: Sequence[Used]) -> str:
    """The guess as the log writes it: in its case, number, or as the end of a longer name."""
    known = {commit.scope for commit in used if commit.scope}
    if guess in known or not guess:
        return guess
    return next((scope for scope in sorted(known) if _bare(scope) == _bare(guess)), guess)


def _bare(scope: str) -> str:
    """A scope without what people differ in: case, number, the sign between words."""
    return scope.lower().replace("_", "-").rstrip("s")


def _main(view: View) -> list[Change]:
    """The files that the commit is about: code, else all but what only goes with it."""
    source = [change for change in view.files if change.kind == "source"]
    rest = [change for change in view.files if change.kind not in ("lock", "generated", "vendored")]
    return (source or rest or list(view.files))[:20]


def _guessed(view: View, kind: str) -> str:
    main = _main(view)
    package = _package(
        [change for change in view.files if change.kind in ("source", "tests")] if kind in _CARRY else main
    )
    if package:
        return package if kind in _CARRY or (kind == "docs" and len(main) == 1) else ""
    if kind not in _CARRY:
        return ""
    if kind == "test":
        return _subject_of(main[0]) if len(main) == 1 else ""
    return _module(view, main)


def _package(main: Sequence[Change]) -> str:
    """The package of a repository of many that holds most of the changed lines."""
    lines = Counter[str]()
    for change in main:
        lines[package_of(change.path)] += max(1, change.lines)
    name, most = lines.most_common(1)[0] if lines else ("", 0)
    return name if name and most * 2 > sum(lines.values()) else ""


def package_of(path: str) -> str:
    """The name of the package that a path lies in, as layouts of many packages have it; "" for none."""
    folders = path.split("/")[:-1]
    for index, folder in enumerate(folders[:3]):
        if (folder in _HOLDERS or folder.startswith("@")) and index + 1 < len(folders):
            inner = folders[index + 1]
            return folders[index + 2] if inner.startswith("@") and index + 2 < len(folders) else inner
    return ""


def _module(view: View, main: Sequence[Change]) -> str:
    """The module or folder that all source changes share."""
    if len(main) == 1:
        return _stem(main[0].path)
    tests = " ".join(change.path for change in view.files if change.kind == "tests")
    named = {
        stem
        for change in main
        if (stem := _stem(change.path)) and re.search(rf"(?<![a-z]){re.escape(stem)}(?![a-z])", tests)
    }
    if len(named) == 1:
        return named.pop()
    folders = {change.path.rpartition("/")[0] for change in main}
    if len(folders) == 1:
        (folder,) = folders
        parts = [part for part in folder.split("/") if part.lower() not in _ROOTS]
        return parts[-1] if len(parts) > 1 else ""
    return ""


def _stem(path: str) -> str:
    """The name of a module: that of the file, or of its folder where the language or the file's name says so."""
    *folders, name = path.split("/")
    stem, _, ending = name.lstrip(".").partition(".")
    inner = [folder for folder in folders if folder.lower() not in _ROOTS]
    if ending in _BY_FOLDER and inner:
        return inner[-1]
    if stem.lower() not in _INDEX:
        return stem.strip("_")
    return inner[-1] if len(inner) > 1 else ""


def _subject_of(change: Change) -> str:
    """What a test file tests, by its name."""
    stem = re.sub(
        r"^(test|spec)[_.-]|[_.-](test|tests|spec|it|e2e)$", "", change.name.rsplit(".", 1)[0], flags=re.IGNORECASE
    )
    stem = re.sub(r"(Test|Tests|IT|Spec)$", "", stem).split(".")[0]
    return "" if stem.lower() in {*_INDEX, "conftest", "utils", "helpers"} or change.path.count("/") > 3 else stem
