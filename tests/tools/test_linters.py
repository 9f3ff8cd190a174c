"""The gate of the project's linters: real ruff, and what flake8 prints."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from ocode_tools.edits import Edit, Proposal
from ocode_tools.gates.linters import CONFIG_FILES, LINTERS, Run, no_worse

RUFF = {"ruff.toml": 'lint.select = ["F", "E7"]\n'}


def runner(top: Path, config: Mapping[str, str]) -> Run:
    """A function that runs a linter in a folder that holds this configuration."""
    for name, text in config.items():
        (top / name).write_text(text)

    def run(command: list[str], stdin: bytes) -> bytes | None:
        done = subprocess.run(command, cwd=top, input=stdin, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    return run


def reason(
    top: Path, before: bytes | None, after: bytes | None, config: Mapping[str, str], path: str = "calc.py"
) -> str | None:
    """What the gate says of one edit under real linters."""
    proposal = Proposal((Edit(path, before, after),), "model", "reply", "x")
    return no_worse(proposal, config, sys.executable, runner(top, config))


def test_a_rule_broken_more_often_is_refused(tmp_path: Path) -> None:
    clean, unused = b"x = 1\n", b"import os\nimport sys\n"
    assert reason(tmp_path, clean, b"import os\n", RUFF) == "calc.py: ruff finds F401 1 times, 0 before"
    assert reason(tmp_path, b"import os\n", unused, RUFF) == "calc.py: ruff finds F401 2 times, 1 before"
    assert reason(tmp_path, None, b"import os\n", RUFF) == "calc.py: ruff finds F401 1 times, 0 before"
    assert reason(tmp_path, clean, b"def f(:\n", RUFF) is not None


def test_what_is_no_worse_passes(tmp_path: Path) -> None:
    unused = b"import os\nimport sys\n"
    assert reason(tmp_path, unused, b"import re\n", RUFF) is None
    assert reason(tmp_path, unused, None, RUFF) is None
    assert reason(tmp_path, b"x", b"import os", RUFF, "README.md") is None
    assert reason(tmp_path, b"x = 1\n", b"import os\n", {}) is None
    assert reason(tmp_path, b"x = 1\n", b"import os\n", {"ruff.toml": 'exclude = ["calc.py"]\n'}) is None
    assert not (tmp_path / ".ruff_cache").exists()


def test_a_configured_fix_changes_nothing(tmp_path: Path) -> None:
    config = {"ruff.toml": 'fix = true\nlint.select = ["F"]\n'}
    assert reason(tmp_path, b"x = 1\n", b"import os\n", config) == "calc.py: ruff finds F401 1 times, 0 before"


def test_a_linter_that_does_not_run_says_nothing() -> None:
    proposal = Proposal((Edit("calc.py", b"x = 1\n", b"import os\n"),), "model", "reply", "x")
    broken: list[Run] = [
        lambda command, stdin: None,
        lambda command, stdin: b"Traceback ...",
        lambda command, stdin: b"",
    ]
    for run in broken:
        assert no_worse(proposal, RUFF, "python", run) is None


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, []),
        ({"ruff.toml": ""}, ["ruff"]),
        ({".ruff.toml": ""}, ["ruff"]),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, ["ruff"]),
        ({"pyproject.toml": "[tool.black]\n"}, []),
        ({"pyproject.toml": "[tool.ruff"}, []),
        ({"pyproject.toml": "tool = 1\n"}, []),
        ({".flake8": "[flake8]\nmax-line-length = 100\n"}, ["flake8"]),
        ({"setup.cfg": "[metadata]\nname = x\n\n[flake8]\nselect = F\n"}, ["flake8"]),
        ({"tox.ini": "[tox]\n[flake8]\n"}, ["flake8"]),
        ({"setup.cfg": "not a section"}, []),
        ({"ruff.toml": "", "tox.ini": "[flake8]\n"}, ["ruff", "flake8"]),
    ],
)
def test_the_project_says_which_linters_it_uses(files: dict[str, str], found: list[str]) -> None:
    assert set(files) <= set(CONFIG_FILES)
    assert [name for name, linter in LINTERS.items() if linter.detect(files)] == found


def test_flake8_prints_one_code_a_line() -> None:
    flake8 = LINTERS["flake8"]
    assert flake8.parse(b"F401\nE501\nF401\n") == Counter({"F401": 2, "E501": 1})
    assert flake8.parse(b"") == Counter()
    assert flake8.parse(b"Traceback (most recent call last):\n") is None
    assert flake8.command("py", "a.py")[:3] == ["py", "-m", "flake8"]
