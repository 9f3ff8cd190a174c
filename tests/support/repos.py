"""Real git repositories for tests."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

MakeRepo = Callable[..., "Repo"]


class Repo:
    """A real git repository in a temporary folder."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def git(self, *args: str, check: bool = True, stdin: str = "") -> str:
        """Run git here and return what it prints."""
        done = subprocess.run(["git", *args], cwd=self.top, input=stdin, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"git {' '.join(args)}: {done.stderr}")
        return done.stdout

    def write(self, path: str, text: str | bytes) -> Path:
        """Write one file below the top, parents included."""
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def commit(self, message: str = "change") -> str:
        """Commit everything and return the sha."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()
