"""Which files a job may change: never tests or configuration unless allowed, and only the targets where given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ocode_tools.edits import shown

_TEST_FOLDERS = frozenset({"tests", "test", "testing"})
_TEST_NAME = re.compile(r"test_.*\.py|.*_test\.py|tests?\.py|conftest\.py")
_CONFIG_FOLDERS = frozenset({".github", ".gitlab", ".circleci", ".buildkite", ".ci", ".woodpecker"})
_CONFIG_NAME = re.compile(
    r"""
    \.?pytest\.(ini|toml) | tox\.(ini|toml) | setup\.(cfg|py) | pyproject\.toml | noxfile\.py | \.coveragerc
    | (gnu)?makefile | justfile | tasks\.py | \.pre-commit-config\.ya?ml | \.ocode\.toml
    | \.gitlab-ci\.ya?ml | \.travis\.ya?ml | \.?appveyor\.ya?ml | azure-pipelines\.ya?ml | bitbucket-pipelines\.ya?ml
    | \.drone\.ya?ml | jenkinsfile | \.?ruff\.toml | \.flake8 | \.?mypy\.ini | \.?pylintrc | pyrightconfig\.json
    | (site|user)customize\.py | .*\.pth
    """,
    re.VERBOSE,
)
_CLASSES = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What may change: files named or below `targets` (none given: any), and whatever an `allow` glob names.

    Test files and the configuration of tests, linters and CI may change only where an `allow` glob names them.
    """

    targets: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()

    def why_not(self, path: str) -> str | None:
        """Why `path` (posix, from the repository's top) may not change, in one line; None when it may."""
        if any(glob_match(pattern, path) for pattern in self.allow):
            return None
        name = shown(path)
        if is_test_path(path):
            return f"{name} belongs to the tests, which are read-only; --allow GLOB widens"
        if is_config_path(path):
            return f"{name} is configuration of tests or CI, which is read-only; --allow GLOB widens"
        if self.targets and not any(path == target or path.startswith(f"{target}/") for target in self.targets):
            return f"{name} is not among the targets"
        return None


def is_test_path(path: str) -> bool:
    """Whether a path is a test's by convention: `test_*.py`, `*_test.py`, `conftest.py`, or below a test folder."""
    *folders, name = path.casefold().split("/")
    return not _TEST_FOLDERS.isdisjoint(folders) or bool(_TEST_NAME.fullmatch(name))


def is_config_path(path: str) -> bool:
    """Whether a file steers the test runner, the linters, the build or CI, or is run by Python at its start."""
    *folders, name = path.casefold().split("/")
    return not _CONFIG_FOLDERS.isdisjoint(folders) or bool(_CONFIG_NAME.fullmatch(name))


def glob_match(pattern: str, path: str) -> bool:
    """Whether a pathspec of git's `:(top,glob)` kind names `path` (see "pathspec" in gitglossary(7)).

    A pattern taken literally names a file, or a folder with all that is below it. As a glob it names whole paths:
    `*` and `?` stop at a slash, `**/` matches in all folders, `/**` everything below, `[...]` one character of a
    class, and a backslash takes the next character as it is.
    """
    pattern = pattern.removeprefix("./")
    folder = pattern if pattern.endswith("/") else f"{pattern}/"
    literal = bool(pattern) and (pattern == "." or path == pattern or path.startswith(folder))
    return literal or bool(_compiled(pattern).fullmatch(path))


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Git's wildmatch with WM_PATHNAME as a regular expression; a broken class matches nothing, as there."""
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            run = re.compile(r"\*+").match(pattern, at)
            end = run.end() if run else at + 1
            whole = end - at > 1 and (at == 0 or pattern[at - 1] == "/") and pattern[end : end + 1] in ("", "/")
            if whole and end < len(pattern):
                out, at = out + "(?:.*/)?", end + 1
                continue
            out, at = out + (".*" if whole else "[^/]*"), end
        elif char == "[":
            one, at = _class(pattern, at + 1)
            out += one
        elif char == "\\":
            out, at = out + (re.escape(pattern[at + 1]) if at + 1 < len(pattern) else "(?!)"), at + 2
        else:
            out, at = out + ("[^/]" if char == "?" else re.escape(char)), at + 1
    return re.compile(out, re.DOTALL)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A bracket expression whose inside starts at `at`, as a regular expression, and where it ends."""
    negated = pattern[at : at + 1] in ("!", "^") and bool(pattern[at : at + 1])
    at += negated
    parts: list[str] = []
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        first = False
        named = re.compile(r"\[:(\w+):\]").match(pattern, at)
        ranged = re.compile(r"(\\.|[^\\])-(\\.|[^\]\\])", re.DOTALL).match(pattern, at)
        if named:
            parts.append(_CLASSES.get(named[1], ""))
            at = named.end()
        elif ranged:
            low, high = ranged[1][-1], ranged[2][-1]
            parts.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else "")
            at = ranged.end()
        else:
            at += pattern[at] == "\\"
            parts.append(re.escape(pattern[at : at + 1]))
            at += 1
    inside = "".join(parts)
    if at >= len(pattern):
        return "(?!)", at
    if not inside:
        return "[^/]" if negated else "(?!)", at + 1
    return f"(?!/)[{'^' if negated else ''}{inside}]", at + 1
