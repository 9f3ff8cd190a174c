"""All that is known of a commit before a word of its message: its changes, the policy, the draft by rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ocode_tools import changes, drafts
from ocode_tools.changes import Changes, Which
from ocode_tools.drafts import Draft, Style
from ocode_tools.drafts.finish import problems
from ocode_tools.errors import UsageError
from ocode_tools.git import Git
from ocode_tools.messages import sources
from ocode_tools.messages.base import Policy

NOTHING = "nothing is staged: git add what the commit shall hold, or use -a"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drafter looks at; `git` names the index that will be committed, `policy` is what a draft must keep."""

    git: Git
    changes: Changes
    style: Style
    policy: Policy
    rules: Draft

    @property
    def trouble(self) -> str:
        """Why the draft by rules may not be used, in one line; "" where it may."""
        if not self.rules.subject:
            return "there is nothing to describe"
        found = problems(self.rules, self.policy)
        return f"what the rules draft would fail the check ({found[0]})" if found else ""


def look(git: Git, top: Path, environ: Mapping[str, str], which: Which) -> Scene:
    """Read the diff and draft by rules. Raises `UsageError` for an empty diff, `GitError` where git cannot say."""
    found = changes.read(git, which)
    if not found.files:
        raise UsageError(NOTHING if isinstance(which, changes.Staged) else "these commits change nothing")
    policy = sources.policy_of(top, environ).policy
    style = drafts.learn(git, policy)
    # What git or people put below a draft afterwards cannot be asked of it.
    form: Literal["conventional", "plain"] = "conventional" if style.conventional else "plain"
    policy = style.policy._replace(style=form, learn=False, sign_off=False, footers=())
    return Scene(git, found, style, policy, drafts.draft(found, style))


def without_model(scene: Scene, why: str) -> Draft | str:
    """The draft by rules, marked with why no model wrote it; or why there is none at all."""
    return scene.trouble or replace(scene.rules, error=why)
