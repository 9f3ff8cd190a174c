"""The draft for the prepare-commit-msg hook: nothing is asked, nothing is raised that could stop a commit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ocode_bot.drafting import scene
from ocode_bot.drafting.draft import Drafter
from ocode_tools import config
from ocode_tools.changes import Staged
from ocode_tools.drafts import Draft
from ocode_tools.errors import OcodeError
from ocode_tools.git import Git
from ocode_tools.schema import SCHEMA


def drafted(top: Path, git: Git, environ: Mapping[str, str], deadline: float) -> Draft | str:
    """The draft for what `git` is about to commit, or in one line why there is none; at `deadline` at the latest."""
    loaded = config.load(SCHEMA, start=top, environ=environ)
    try:
        found = Drafter(loaded, environ, deadline, _silent).draft(scene.look(git, top, environ, Staged()))
    except OcodeError as problem:
        return " ".join(str(problem).split())
    return found if isinstance(found, str) else found[0]


def _silent(_line: str) -> None:
    """A hook says only how it ended."""
