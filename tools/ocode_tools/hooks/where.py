"""Where git looks for hooks: the repository's own folder, or what `core.hooksPath` says (git-config(1))."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ocode_tools.errors import SetupError
from ocode_tools.git import Git
from ocode_tools.repository import Repository


@dataclass(frozen=True, slots=True)
class Place:
    """The folder that git takes hooks from; `path` is core.hooksPath as written ("" if unset), `scope` where it is."""

    folder: Path
    path: str = ""
    scope: str = ""

    @property
    def shared(self) -> bool:
        """Whether other repositories take their hooks from here too."""
        return bool(self.scope) and self.scope not in ("local", "worktree")


def place(repo: Repository) -> Place:
    """Ask git; linked work trees share the folder of their repository, a relative path starts at their own top.

    Raises SetupError when there can be no hook in what is named.
    """
    path, scope = _configured(repo.git)
    where = Place(repo.top / path, path, scope) if scope else Place(repo.common_dir / "hooks")
    if scope and not path:
        raise SetupError(f"core.hooksPath is empty ({scope} configuration); run git config --unset core.hooksPath")
    if os.path.lexists(where.folder) and not where.folder.is_dir():
        raise SetupError(f"git looks for hooks in {where.folder}, which is no folder; mend core.hooksPath")
    return where


def _configured(git: Git) -> tuple[str, str]:
    """The value that counts and its scope; what the door to git sets itself has the scope `command` and is left out."""
    fields = git.ask("config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath").text.split("\0")
    pairs = [(value, scope) for scope, value in zip(fields[::2], fields[1::2], strict=False) if scope != "command"]
    return pairs[-1] if pairs else ("", "")
