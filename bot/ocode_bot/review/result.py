"""The commit that taking a branch would make: computed in a private clone, so that the user's repository only sees it
when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ocode_bot import message
from ocode_bot.landing import SIGN_SECONDS
from ocode_bot.review.scene import Ours
from ocode_tools.errors import RefusedError, SetupError
from ocode_tools.git import Git
from ocode_tools.ledger.reading import Commit
from ocode_tools.process import Finished
from ocode_tools.repository import Identity
from ocode_tools.workspace import Workspace

How = Literal["forward", "squash", "merge", "rebase", "pick"]
SHOWN = 12  # subjects in the message of a squash


@dataclass(slots=True)
class Maker:
    """Makes commits on top of the workspace's base, signed where the user signs; `say` is told where that fails."""

    workspace: Workspace
    who: Identity
    sign: bool
    say: Callable[[str], None]
    git: Git = field(init=False)

    def __post_init__(self) -> None:
        lane = self.workspace.lanes[0]
        variables = {name: value for name, value in self.who.variables().items() if "COMMITTER" in name}
        self.git = Git(lane.tree, **lane.git.variables, **variables)

    def make(self, how: How, ours: Ours, picked: Sequence[str]) -> str:
        """The sha of the result. Raises `RefusedError` for a conflict, which is named."""
        if how in ("rebase", "pick"):
            for sha in picked:
                self._pick(sha, ours)
            return self._head()
        self._merge(ours)
        if how == "merge":
            return self._head()
        tree = self.git.text("rev-parse", "HEAD^{tree}")
        text = squash_message(ours.commits).encode("utf-8", "replace")
        said = self._signed("commit-tree", tree, "-p", self.workspace.base, stdin=text, env=self.who.variables())
        return said.text.strip()

    def _pick(self, sha: str, ours: Ours) -> None:
        """git-cherry-pick(1); one that changes nothing any more is passed over."""
        done = self._signed("cherry-pick", sha)
        if done.code:
            self._refuse_conflict(ours, f"git cherry-pick {sha[:10]}")
            self.git.out("cherry-pick", "--skip")

    def _merge(self, ours: Ours) -> None:
        said = f"Merge branch '{ours.name}'"
        done = self._signed("merge", "--no-ff", "--no-edit", "-q", "--no-stat", "-m", said, ours.tip)
        if done.code:
            self._refuse_conflict(ours, f"git merge {ours.name}")
            lines = done.err.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.code}"]
            raise SetupError(f"git merge: {lines[-1]}")

    def _refuse_conflict(self, ours: Ours, instead: str) -> None:
        names = self.git.names("diff", "--name-only", "-z", "--diff-filter=U")
        if names:
            more = f" (+{len(names) - 1} more)" if len(names) > 1 else ""
            raise RefusedError(
                f"{ours.name} conflicts with HEAD in {names[0]}{more}; resolve it yourself with {instead}, "
                "or have the task done again"
            )

    def _signed(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Finished:
        command, *rest = args
        if self.sign:
            done = self.git.ask(command, "-S", *rest, stdin=stdin, timeout=SIGN_SECONDS, env=env)
            if done.code == 0 or self.git.names("diff", "--name-only", "-z", "--diff-filter=U"):
                return done
            self.say("git could not sign: what is made here is unsigned")
            self.sign = False
            self.git.out("reset", "-q", "--merge", "HEAD")  # in the private clone
        return self.git.ask(command, "--no-gpg-sign", *rest, stdin=stdin, env=env)

    def _head(self) -> str:
        return self.git.text("rev-parse", "HEAD")


def squash_message(commits: Sequence[Commit]) -> str:
    """One message for several commits: the first one's subject, all subjects, every cause's key, the latest facts."""
    if len(commits) == 1:
        return commits[0].message
    subjects = [commit.message.partition("\n")[0] for commit in commits]
    listed = "\n".join(f"- {subject}" for subject in subjects[:SHOWN])
    more = f"\n- and {len(subjects) - SHOWN} more" if len(subjects) > SHOWN else ""
    last = commits[-1].trailers
    keys = [("Ocode-Key", commit.trailers["Ocode-Key"]) for commit in commits if "Ocode-Key" in commit.trailers]
    facts = [(name, value) for name, value in last.items() if name != "Ocode-Key"]
    return message.compose(subjects[0], f"{len(commits)} changes in one:\n\n{listed}{more}\n", [*facts, *keys])
