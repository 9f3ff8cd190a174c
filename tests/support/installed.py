"""Installing our hooks, and seeing everything that is in a folder of hooks."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from ocode_bot.commands.hooks import install_command, status_command, uninstall_command
from repos import Repo


def folder(repo: Repo) -> Path:
    """Where its hooks are."""
    return repo.top / ".git" / "hooks"


def install(repo: Repo, *names: str, start: str = "") -> int:
    """`ocode hooks install` in a folder of it."""
    return install_command(repo.top / start, os.environ, names)


def uninstall(repo: Repo, *names: str) -> int:
    """`ocode hooks uninstall`."""
    return uninstall_command(repo.top, os.environ, names)


def states(repo: Repo, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What `status` says of each hook."""
    capsys.readouterr()
    status_command(repo.top, os.environ, True)
    document = json.loads(capsys.readouterr().out)
    assert document["error"] is None
    return {row["name"]: row["state"] for row in document["hooks"]}


def seen(folder: Path) -> dict[str, tuple[str, int, bytes]]:
    """Everything in a folder: name to kind, mode and content."""
    found: dict[str, tuple[str, int, bytes]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        mode = path.lstat().st_mode
        content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
        found[path.name] = ("link" if path.is_symlink() else "file", stat.S_IMODE(mode), content)
    return found
