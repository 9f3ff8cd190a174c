"""A proposal that passed every gate becomes one commit; the branch ref moves last, in one step, with a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocode_tools.edits import Edit
from ocode_tools.errors import SetupError, UsageError
from ocode_tools.git import Git
from ocode_tools.repository import Identity, Repository
from ocode_tools.workspace import Workspace

SIGN_SECONDS = 10.0
LANDED = "refs/heads/ocode-landed"


@dataclass(slots=True)
class Branch:
    """The branch of one `task` in the user's repository: full ref name, and the tip that we wrote, None before the
    first."""

    repository: Repository
    workspace: Workspace
    ref: str
    task: str
    tip: str | None = None

    def move(self, sha: str, reason: str) -> None:
        """Bring the commit over and move the ref to it, only if it still is where we left it.

        Objects come first (git-fetch(1) without a destination), the ref last (git-update-ref(1) with the old value).
        Raises `SetupError` when someone else moved or made it meanwhile.
        """
        git = self.repository.git
        bring(git, self.workspace, sha)
        old = self.tip or "0" * len(sha)
        done = git.ask("update-ref", "--create-reflog", "-m", f"ocode {self.task}: {reason}", self.ref, sha, old)
        if done.code:
            raise SetupError(f"{self.ref} was made or moved by someone else meanwhile; run again with another --branch")
        self.tip = sha


def bring(git: Git, workspace: Workspace, sha: str) -> None:
    """Copy a commit's objects out of the workspace (git-fetch(1) without a destination); no ref moves."""
    workspace.git.out("update-ref", LANDED, sha)
    options = ["-q", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"]
    git.out("fetch", *options, "--", str(workspace.git_dir), LANDED)


def check_name(repository: Repository, name: str) -> str:
    """The full ref of a branch to be made. Raises `UsageError` when the name is no branch name, or taken."""
    if repository.git.ask("check-ref-format", "--branch", name).code:
        raise UsageError(f"--branch: {name!r} is no name for a branch (git check-ref-format)")
    ref = f"refs/heads/{name}"
    taken = repository.git.names("for-each-ref", "--format=%(refname)%00", "refs/heads/")
    for other in (line.strip() for line in taken):
        if other == ref or ref.startswith(f"{other}/") or other.startswith(f"{ref}/"):
            raise UsageError(f"--branch: {other.removeprefix('refs/heads/')!r} is taken; choose another name")
    return ref


def free_name(repository: Repository, prefix: str, words: str, run_id: str) -> str:
    """The full ref `<prefix><slug>-<id>` for a run; longer ids where a shorter one is taken."""
    slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:40].strip("-") or "work"
    for identity in (run_id.rpartition("-")[2], run_id):
        ref = f"refs/heads/{prefix}{slug}-{identity}"
        if repository.sha(ref) is None:
            return ref
    raise SetupError(f"{prefix}{slug}-{run_id} exists already; give another --branch")


def commit(
    workspace: Workspace, parent: str, edits: Sequence[Edit], message: str, who: Identity, sign: bool
) -> tuple[str, bool]:
    """Make the commit in the workspace; returns its sha and whether it is signed.

    Signing (git-commit-tree(1) `-S`) gets ten seconds, then the commit is made without.
    """
    tree = workspace.write_tree(parent, edits)
    text, names = message.encode("utf-8", "replace"), who.variables()
    if sign:
        signed = workspace.git.ask("commit-tree", "-S", tree, "-p", parent, stdin=text, timeout=SIGN_SECONDS, env=names)
        if signed.code == 0:
            return signed.text.strip(), True
    return workspace.git.text("commit-tree", "--no-gpg-sign", tree, "-p", parent, stdin=text, env=names), False


def wants_signature(repository: Repository) -> bool:
    """Whether the user signs commits (`commit.gpgsign`)."""
    return repository.git.ask("config", "--type=bool", "--get", "commit.gpgsign").text.strip() == "true"
