"""The hooks through pre-commit and prek: quiet without a network or a model, and the same message as git's own hook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocode_bot.commands.hooks import install_command
from repos import MakeRepo, Repo

TOP = Path(__file__).parents[2]
MANIFEST = TOP / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent
STAGES = ("prepare-commit-msg", "commit-msg")
KEYS = {
    "id",
    "name",
    "description",
    "entry",
    "language",
    "stages",
    "always_run",
    "require_serial",
    "types",
    "types_or",
    "pass_filenames",
    "minimum_pre_commit_version",
}
NOBODY = "http://127.0.0.1:9"
NEW = {"units.py": "def parse_size(text):\n    return int(text)\n"}


def hooks() -> list[dict[str, Any]]:
    """What the manifest offers."""
    found: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text())
    return found


def offline(**more: str) -> dict[str, str]:
    """The test's environment where every way out is a closed port."""
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {**os.environ, **dict.fromkeys(names, NOBODY), **more}


def tool(name: str) -> str:
    """The path of pre-commit or prek."""
    found = shutil.which(name, path=str(BIN))
    assert found, f"{name} is one of the tools that the checks install"
    return found


def run(command: list[str], cwd: Path, environ: Mapping[str, str]) -> str:
    """Run something that must succeed; all that it says."""
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_manifest_is_valid_and_says_nothing_that_pre_commit_ignores() -> None:
    run([tool("pre-commit"), "validate-manifest", str(MANIFEST)], TOP, os.environ)
    assert {stage for hook in hooks() for stage in hook["stages"]} == {
        *STAGES,
        "pre-commit",
        "pre-push",
        "post-commit",
        "post-merge",
    }
    for hook in hooks():
        assert hook.keys() <= KEYS
        assert (hook["language"], hook["require_serial"]) == ("python", True)


def of_messages() -> list[dict[str, Any]]:
    """Those for commit messages."""
    return [hook for hook in hooks() if hook["stages"][0] in STAGES]


def configure(repo: Repo, more: Mapping[str, object] = {}) -> None:
    """Let both hooks be run from this very Python, with all that the manifest says else."""
    used = of_messages()
    modules = {hook["id"]: "ocode_hooks." + hook["entry"].removeprefix("ocode-").replace("-", "_") for hook in used}
    entries = [{**hook, "language": "system", "entry": f"{sys.executable} -m {modules[hook['id']]}"} for hook in used]
    config = {"repos": [{"repo": "local", "hooks": entries}], **more}
    repo.write(".pre-commit-config.yaml", json.dumps(config))


def committed(repo: Repo, environ: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Commit a new module; the file as the editor saw it, and the message as it was stored."""
    for path, text in NEW.items():
        repo.write(path, text)
    repo.git("add", *NEW)
    seen = repo.top.parent / "seen"
    run(["git", "commit", "-q", "-s"], repo.top, {**environ, "GIT_EDITOR": f"cp /dev/null {seen}; cat >{seen} <"})
    return seen.read_bytes(), repo.git("cat-file", "commit", "HEAD").partition("\n\n")[2].encode()


@pytest.mark.parametrize("manager", ["pre-commit", "prek"])
def test_the_message_is_the_same_through_a_manager_and_offline(manager: str, make_repo: MakeRepo) -> None:
    native, managed = (make_repo(name=name, commit=False) for name in ("native", "managed"))
    for repo in (native, managed):
        configure(repo)
        repo.commit("chore: start")
    assert install_command(native.top, os.environ, STAGES[:1]) == 0
    types = [word for stage in STAGES for word in ("--hook-type", stage)]
    run([tool(manager), "install", *types], managed.top, os.environ)
    assert committed(managed, offline()) == committed(native, offline())
    assert b"feat(units): add parse_size\n\nSigned-off-by: " in native.git("log", "-1", "--format=%B").encode()


@pytest.mark.parametrize("more", [{}, {"files": "^src/"}, {"exclude": "."}], ids=["plain", "files", "exclude"])
def test_each_stage_run_by_hand(more: Mapping[str, object], make_repo: MakeRepo) -> None:
    repo = make_repo(commit=False)
    configure(repo, more)
    repo.commit("chore: start")
    repo.write("units.py", NEW["units.py"])
    repo.git("add", "-A")
    file = repo.top / ".git" / "COMMIT_EDITMSG"
    file.write_text("\n# help\n#\n")
    words = ["--commit-msg-filename", str(file), "--verbose"]
    environ = offline(GIT_EDITOR="vi")
    said = run([tool("pre-commit"), "run", "--hook-stage", STAGES[0], *words], repo.top, environ)
    assert "Passed" in said
    assert "ocode:" not in said
    assert file.read_text().startswith("feat(units): add parse_size\n\n# ocode: drafted by rules (no model: ")
    said = run([tool("pre-commit"), "run", "--hook-stage", STAGES[1], *words], repo.top, environ)
    assert "Passed" in said


def test_a_clone_can_be_tried(make_repo: MakeRepo, tmp_path: Path) -> None:
    """The one test that builds the environment, as pre-commit does it for users."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    clone = make_repo(name="clone", commit=False)
    for name in filter(None, names):
        if (TOP / name).is_file() and name.partition("/")[0] not in ("tests", "docs", "benchmarks"):
            clone.write(name, (TOP / name).read_bytes())
    clone.commit()
    repo = make_repo(NEW)
    file = repo.top / ".git" / "COMMIT_EDITMSG"
    file.write_text("\n# help\n#\n")
    words = ["--hook-stage", STAGES[0], "--commit-msg-filename", str(file), "--verbose"]
    repo.write("units.py", NEW["units.py"] + "\n\ndef parse_time(text):\n    return float(text)\n")
    repo.git("add", "-A")
    environ = {**os.environ, "GIT_EDITOR": "vi", "PIP_COMPILE": "0"}  # the byte code of all that comes along takes long
    said = run([tool("pre-commit"), "try-repo", str(clone.top), *words], repo.top, environ)
    assert "Passed" in said
    assert "ocode:" not in said
    assert "add parse_time\n" in file.read_text()
    repo.write("units.py", "# TODO\n")
    repo.git("add", "-A")
    tried = [tool("pre-commit"), "try-repo", str(clone.top), "ocode-todos"]
    done = subprocess.run(tried, cwd=repo.top, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "units.py:1 TODO lacks a text" in done.stdout
