"""The gate of the project's own linters: no rule is broken more often in a changed file than before."""

from __future__ import annotations

import configparser
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocode_tools.edits import Proposal, shown
from ocode_tools.gates.base import is_python

CONFIG_FILES = ("ruff.toml", ".ruff.toml", "pyproject.toml", ".flake8", "setup.cfg", "tox.ini")

Run = Callable[[list[str], bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Linter:
    """One linter that reads a file on standard input.

    `detect(files)`: whether the project configures it, from the texts of those of CONFIG_FILES that it has.
    `command(python, path)`: what to run at the repository's top. `parse(output)`: how often each rule is broken;
    None when the output is not the linter's.
    """

    detect: Callable[[Mapping[str, str]], bool]
    command: Callable[[str, str], list[str]]
    parse: Callable[[bytes], Counter[str] | None]

    def counts(self, output: bytes | None) -> Counter[str] | None:
        """How often each rule is broken; None where the linter did not run or said something else."""
        return None if output is None else self.parse(output)


def no_worse(proposal: Proposal, config: Mapping[str, str], python: str, run: Run) -> str | None:
    """Why the project's linters like a proposal less than what was there, in one line; None when they do not.

    `config` holds the texts of those of CONFIG_FILES that the project has, `python` is its interpreter, and
    `run(command, stdin)` returns what a linter prints, or None where it cannot run or fails: that says nothing.
    """
    for name, linter in LINTERS.items():
        for edit in proposal.edits if linter.detect(config) else ():
            if edit.after is None or not is_python(edit):
                continue
            command = linter.command(python, edit.path)
            before = linter.counts(run(command, edit.before)) if edit.before is not None else Counter[str]()
            after = linter.counts(run(command, edit.after))
            if before is not None and after is not None and (grown := after - before):
                code = min(grown)
                return f"{shown(edit.path)}: {name} finds {code} {after[code]} times, {before[code]} before"
    return None


def _ruff_here(files: Mapping[str, str]) -> bool:
    if "ruff.toml" in files or ".ruff.toml" in files:
        return True
    try:
        return "ruff" in tomllib.loads(files.get("pyproject.toml", "")).get("tool", {})
    except (tomllib.TOMLDecodeError, TypeError):
        return False


def _ruff(python: str, path: str) -> list[str]:
    # A configured `fix = true` would print the mended file instead; --force-exclude keeps the project's exclusions.
    flags = ["--no-fix", "--no-cache", "--exit-zero", "--force-exclude", "--quiet", "--output-format=json"]
    return [python, "-m", "ruff", "check", *flags, f"--stdin-filename={path}", "-"]


def _ruff_counts(output: bytes) -> Counter[str] | None:
    try:
        return Counter(str(one["code"] or "syntax") for one in json.loads(output))
    except (ValueError, LookupError, TypeError):
        return None


def _flake8_here(files: Mapping[str, str]) -> bool:
    for name in (".flake8", "setup.cfg", "tox.ini"):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(files.get(name, ""))
        except configparser.Error:
            continue
        if parser.has_section("flake8"):
            return True
    return False


def _flake8(python: str, path: str) -> list[str]:
    return [python, "-m", "flake8", "--exit-zero", "--format=%(code)s", f"--stdin-display-name={path}", "-"]


def _flake8_counts(output: bytes) -> Counter[str] | None:
    codes = output.decode("utf-8", "replace").split()
    return Counter(codes) if all(code.isalnum() for code in codes) else None


LINTERS: Mapping[str, Linter] = {
    "ruff": Linter(_ruff_here, _ruff, _ruff_counts),
    "flake8": Linter(_flake8_here, _flake8, _flake8_counts),
}
