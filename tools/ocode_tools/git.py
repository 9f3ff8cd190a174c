"""The one door to git: plain git through the process door, with an environment that cannot leak.

Behaviour of the switches used here: git(1), git-rev-parse(1) `--local-env-vars`, githooks(5).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ocode_tools.errors import SetupError
from ocode_tools.process import NOT_FOUND, Finished, run

if TYPE_CHECKING:
    from pathlib import Path

# What `git rev-parse --local-env-vars` lists: a hook sets them for its own repository, and a child that inherits them
# writes into the wrong one.
LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
# No hook, no background maintenance and no file-system monitor may start because we asked a question, nor git inside
# a submodule that tests can write to. A checkout of thousands of files takes half the time with several workers.
SWITCHES = (
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "checkout.workers=4",
)
TIMEOUT = 300.0


class GitError(SetupError):
    """A git command failed; the text is git's own last line."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a git child of ours: no repository inherited, no prompt, no optional lock on the user's index."""
    kept = {name: value for name, value in environ.items() if name not in LOCAL_VARIABLES}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":", "LC_ALL": "C.UTF-8"}


class Git:
    """Git in one folder; `variables` (GIT_DIR, GIT_INDEX_FILE, ...) are added to every call, `env` to one."""

    def __init__(self, cwd: Path | str, **variables: str) -> None:
        self._cwd = cwd
        self.variables = variables

    @property
    def cwd(self) -> Path:
        """The folder."""
        from pathlib import Path  # only here: a hook that asks git one thing does without

        return Path(self._cwd)

    def ask(
        self, *args: str, stdin: bytes = b"", timeout: float = TIMEOUT, env: Mapping[str, str] | None = None
    ) -> Finished:
        """Run `git ARGS` and return whatever came of it; never raises for a non-zero code."""
        command = ["git", *(word for switch in SWITCHES for word in ("-c", switch)), *args]
        whole = {**environment(os.environ), **self.variables, **(env or {})}
        return run(command, cwd=self._cwd, env=whole, stdin=stdin, timeout=timeout)

    def out(
        self, *args: str, stdin: bytes = b"", timeout: float = TIMEOUT, env: Mapping[str, str] | None = None
    ) -> bytes:
        """What `git ARGS` prints. Raises `GitError` when it fails."""
        done = self.ask(*args, stdin=stdin, timeout=timeout, env=env)
        if done.code == NOT_FOUND:
            raise SetupError("git is not installed or not on PATH")
        if done.code:
            lines = done.err.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.code}"]
            said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
            raise GitError(f"git {args[0]}: {said.removeprefix('fatal: ').removeprefix('error: ')}")
        return done.out

    def text(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What `git ARGS` prints as text, without its last line end. Raises `GitError` when it fails."""
        return self.out(*args, stdin=stdin, env=env).decode("utf-8", "surrogateescape").removesuffix("\n")

    def names(self, *args: str, env: Mapping[str, str] | None = None) -> list[str]:
        """The NUL-separated fields that `git ARGS` prints (give `-z`). Raises `GitError` when it fails."""
        return [name for name in self.text(*args, env=env).split("\0") if name]
