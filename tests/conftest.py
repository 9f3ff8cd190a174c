"""One hermetic home for every test, and real repositories in it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from repos import MakeRepo, Repo

# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let children hear SIGINT also where these tests were started in the background of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def hermetic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """HOME, XDG folders, identity, dates and git configuration of our own; no editor, no prompt, no network."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith(("GIT_", "OCODE_", "XDG_", "PYTEST_", "COV_CORE_"))]:
        if name != "PYTEST_CURRENT_TEST" and not name.startswith("PYTEST_XDIST"):
            monkeypatch.delenv(name)
    # Without byte code each of the many processes would compile all of ours again.
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PRE_COMMIT_HOME", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.delenv(name, raising=False)
    fixed = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_STATE_HOME": str(home / ".state"),
        "XDG_RUNTIME_DIR": str(home / ".runtime"),
        "OLLAMA_HOST": "127.0.0.1:9",  # nobody: a server of the developer's own is none of ours
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_TEMPLATE_DIR": str(home / "no-template"),
        "GIT_AUTHOR_DATE": "2026-01-02T03:04:05+00:00",
        "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }
    for name, value in fixed.items():
        monkeypatch.setenv(name, value)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n"
    )
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def make_repo(tmp_path: Path) -> MakeRepo:
    """A function that makes a committed repository from a mapping of path to text."""

    def make(files: dict[str, str] | None = None, name: str = "repo", commit: bool = True) -> Repo:
        top = tmp_path / name
        top.mkdir(parents=True)
        repo = Repo(top)
        repo.git("init", "-q", "-b", "main")
        for path, text in (files or {}).items():
            repo.write(path, text)
        if commit:
            repo.commit("start")
        return repo

    return make
