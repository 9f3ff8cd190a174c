"""What the commit-msg check costs as git starts it: medians of CPU and wall, beside a bare Python.

python benchmarks/checking.py    prints, asserts nothing
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hooking import measure

GOOD = "fix(io): close the file\n\nIt was left open.\n\nSigned-off-by: A <a@example.org>\n"
BAD = "Close the file.\nnow\n"
RULES = {
    "no configuration": {},
    "[tool.ocode.message]": {"pyproject.toml": "[tool.ocode.message]\nscopes = ['io']\n"},
    ".ocode.toml": {".ocode.toml": "[message]\nscopes = ['io']\n"},
    "commitizen": {"pyproject.toml": "[tool.commitizen]\nversion = '1'\n"},
    "commitlint, JSON": {".commitlintrc.json": '{"extends": ["@commitlint/config-conventional"]}'},
    "commitlint, YAML": {".commitlintrc.yaml": "extends: '@commitlint/config-conventional'\n"},
    "gitlint": {".gitlint": "[general]\nignore=B6\n"},
}


def checks(folder: Path) -> None:
    """The check in a repository of 60 commits: by whose rules they are, and on a message that is refused."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "OCODE_"))},
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    environ.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(command: Sequence[str], top: Path = folder) -> None:
        subprocess.run(command, cwd=top, env=environ, capture_output=True, check=False)

    def told(name: str, command: Sequence[str], top: Path = folder) -> None:
        cpu, wall = measure(lambda: run(command, top))
        print(f"{name}: {cpu:.0f} ms CPU, {wall:.0f} ms wall")

    told("python -c pass", [sys.executable, "-c", "pass"])
    top = _repository(folder, run)
    check = [sys.executable, "-m", "ocode_hooks.commit_msg"]
    for name, files in RULES.items():
        for file, text in files.items():
            (top / file).write_text(text)
        told(f"check, {name}", [*check, "good"], top)
        for file in files:
            (top / file).unlink()
    told("check, refused after a look at the log", [*check, "bad"], top)
    (top / "large").write_text(GOOD + "# " + "-" * 24 + " >8 " + "-" * 24 + "\n" + "+line\n" * 800_000)
    told("check, below it a diff of 5 MB (commit -v)", [*check, "large"], top)
    told("python -c pass", [sys.executable, "-c", "pass"])


def _repository(folder: Path, run: Callable[[Sequence[str], Path], None]) -> Path:
    top = folder / "repository"
    top.mkdir()
    run(["git", "init", "-q", "-b", "main"], top)
    for name, value in (("user.name", "b"), ("user.email", "b@example.org")):
        run(["git", "config", name, value], top)
    for number in range(60):
        run(["git", "commit", "-q", "--allow-empty", "-m", f"fix: number {number}"], top)
    (top / "good").write_text(GOOD)
    (top / "bad").write_text(BAD)
    return top


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        checks(Path(place))
