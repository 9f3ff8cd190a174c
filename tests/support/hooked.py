"""Hooks of ours in real repositories: an interpreter that leaves a mark, and a drafter that does as it is told."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocode_tools.hooks.install import install
from ocode_tools.hooks.script import render
from repos import Repo

NAME = "prepare-commit-msg"
DRAFTED = "feat: say what is new"
STAGED = """
    names = git.names("diff", "--cached", "--name-only", "-z")
    return Draft(f"feat: {' '.join(names)}", "", (("Assisted-by", "tiny"),), "rules", error="refused")
"""
"""The body of a drafter whose subject names what is staged."""
GIT = b"\n# Please enter the commit message. Lines starting\n# with '#' will be ignored.\n#\n"
"""A message file as git makes it."""
_PYTHON = """#!/bin/sh
echo "$5" >>{log}
shift 3
{then}
"""
_STAND_IN = """
import sys
from ocode_hooks.prepare_commit_msg import main
from ocode_tools.drafts.base import Draft


def drafter(top, git, environ, deadline):
{body}


sys.exit(main(sys.argv[1:], drafter))
"""
_SAY = f'    return Draft({DRAFTED!r}, "", (), "model", "tiny")'
_FOREIGN = """#!/bin/sh
echo "${{2-}}" >>{log}
"""


@dataclass
class Hooked:
    """A repository with our hook; `started` and `sources` say what was called, one line a call: the source."""

    repo: Repo
    logs: Path
    environ: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def folder(self) -> Path:
        """Where its hooks are."""
        return self.repo.top / ".git" / "hooks"

    @property
    def started(self) -> list[str]:
        """The source argument of every time that Python was started."""
        return self._lines("started")

    @property
    def sources(self) -> list[str]:
        """The source argument of every time that git called the hook, by the foreign hook that ours runs first."""
        return self._lines("foreign")

    def _lines(self, name: str) -> list[str]:
        log = self.logs / name
        return log.read_text().splitlines() if log.exists() else []

    def git(self, *words: str, cwd: str = "", check: bool = True, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run git with an editor that leaves what it finds and writes a line where there is none."""
        whole = {**os.environ, "GIT_EDITOR": editor(), **self.environ, **environ}
        folder = self.repo.top / cwd
        done = subprocess.run(["git", *words], cwd=folder, env=whole, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    def change(self, name: str = "file", text: str = "more\n") -> None:
        """Change a file and stage it."""
        with (self.repo.top / name).open("a") as file:
            file.write(text)
        self.repo.git("add", "-A")

    def message(self, revision: str = "HEAD") -> str:
        """A commit's message as it is stored."""
        return self.repo.git("show", "-s", "--format=%B", revision)


def editor() -> str:
    """An editor that leaves a message alone, and writes one where the first line is empty."""
    return "sed -i -e '1s/^$/by hand/'"


def hooked(repo: Repo, body: str | None = _SAY) -> Hooked:
    """Put our prepare-commit-msg behind a foreign one; `body` is what the drafter does, None: no Python at all."""
    logs = repo.top.parent / f"{repo.top.name}-logs"
    logs.mkdir()
    found = Hooked(repo, logs)
    found.folder.mkdir(exist_ok=True)
    write_script(found.folder / NAME, _FOREIGN.format(log=shlex.quote(str(logs / "foreign"))))
    install(found.folder, NAME, render(NAME, str(interpreter(logs, body))))
    return found


def interpreter(folder: Path, body: str | None, name: str = "python") -> Path:
    """A stand-in for the interpreter in a hook: it leaves a mark, then runs the hook with a drafter of this body."""
    stand_in = folder / f"{name}.py"
    stand_in.write_text(_STAND_IN.format(body=body or "    pass"))
    run = shlex.join([sys.executable, "-I", str(stand_in)])
    then = f'exec {run} "$@"' if body else ""
    return write_script(folder / name, _PYTHON.format(log=shlex.quote(str(folder / "started")), then=then))


def write_script(path: Path, text: str | Sequence[str]) -> Path:
    """Write a file that may be executed."""
    path.write_text(text if isinstance(text, str) else "\n".join(text))
    path.chmod(0o755)
    return path


def message_file(here: Hooked, data: bytes = GIT) -> Path:
    """The file as git makes it."""
    file = here.repo.top / ".git" / "COMMIT_EDITMSG"
    file.write_bytes(data)
    return file


def command(here: Hooked, body: str, *words: str) -> list[str]:
    """The hook with a drafter of this body, as a command."""
    python = interpreter(here.logs, body, "other")
    return [sys.executable, "-I", f"{python}.py", *words, str(here.repo.top / ".git" / "COMMIT_EDITMSG")]


def door(
    here: Hooked, body: str, *words: str, fresh: bool = True, environ: Mapping[str, str] = {}
) -> tuple[subprocess.CompletedProcess[bytes], bytes]:
    """Run the hook on a fresh message file; how it ended, and the file afterwards."""
    file = message_file(here) if fresh else here.repo.top / ".git" / "COMMIT_EDITMSG"
    whole = {name: value for name, value in os.environ.items() if name != "GIT_EDITOR"} | dict(environ)
    call = [*command(here, body, "--budget", "0.6"), *words]
    done = subprocess.run(call, cwd=here.repo.top, env=whole, capture_output=True, timeout=30, check=False)
    return done, file.read_bytes()
