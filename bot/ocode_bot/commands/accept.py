"""`ocode accept` and `ocode reject`: the only commands that change something of the user's, and only what they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from git import Repo
from git.objects import Commit

from ocode_bot import terminal
from ocode_tools import repository, snapshot
from ocode_tools.errors import Exit, RefusedError, UsageError
from ocode_tools.repository import Repository

_BASE = re.compile(r"^Ocode-Base: ([0-9a-f]{40,64})$", re.MULTILINE)
_RUN = re.compile(r"^Ocode-Run: (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ours:
    """A branch that ocode made: its full ref, its tip, and the base below its commits (`snapshot`: a private one)."""

    ref: str
    tip: str
    base: str
    snapshot: str | None

    @property
    def name(self) -> str:
        """The name as people say it."""
        return self.ref.removeprefix("refs/heads/")


def accept_command(start: Path, branch: str) -> Exit:
    """Bring the branch's commits to where the user stands: fast-forward, or as changes to the work tree after --dirty.

    Raises `RefusedError` where that would touch what the user changed.
    """
    repo = repository.find(start)
    ours = _find(repo, branch)
    if operation := repo.operation():
        raise RefusedError(f"a {operation} is in progress; finish it first")
    if ours.snapshot:
        _apply(repo, ours)
        terminal.out(f"applied {ours.name} to the work tree, nothing is committed")
        terminal.out(f"undo:  git diff {ours.base[:10]} {ours.tip[:10]} | git apply -R")
        return Exit.DONE
    head = repo.head()
    if repo.git.ask("merge-base", "--is-ancestor", ours.tip, head).code == 0:
        terminal.out(f"{ours.name} is in HEAD already")
        return Exit.DONE
    if repo.git.ask("merge-base", "--is-ancestor", head, ours.tip).code:
        raise RefusedError(f"HEAD has moved since; git rebase HEAD {ours.name}, or git cherry-pick ..{ours.name}")
    done = repo.git.ask("merge", "--ff-only", "--no-autostash", "-q", ours.tip)
    if done.code:
        raise RefusedError(
            f"{ours.name} would overwrite what you changed: {_first_file(done.err)}; commit or stash it first"
        )
    terminal.out(f"accepted {ours.name}: HEAD is now {ours.tip[:10]}")
    terminal.out(f"undo:  git reset --keep {head[:10]}")
    return Exit.DONE


def reject_command(start: Path, branch: str) -> Exit:
    """Delete a branch of ours, by its old value, unless someone stands on it or added to it."""
    repo = repository.find(start)
    ours = _find(repo, branch)
    if repo.checked_out(ours.ref):
        raise RefusedError(f"{ours.name} is checked out; git switch to another branch first")
    repo.git.out("update-ref", "-d", "-m", "ocode reject", ours.ref, ours.tip)
    if ours.snapshot:
        snapshot.forget(repo, ours.snapshot)
    terminal.out(f"rejected {ours.name}")
    terminal.out(f"undo:  git branch {ours.name} {ours.tip[:10]}")
    return Exit.DONE


def _find(repo: Repository, branch: str) -> Ours:
    """Raises `UsageError` unless every commit down to the base is ocode's own."""
    ref = f"refs/heads/{branch.removeprefix('refs/heads/')}"
    tip = repo.sha(ref)
    if tip is None:
        raise UsageError(f"there is no branch {branch!r}; see git branch --list 'ocode/*'")
    with Repo(repo.top) as history:
        commit: Commit = history.commit(tip)
        found = _BASE.search(str(commit.message))
        run = _RUN.search(str(commit.message))
        while found and commit.hexsha != found[1] and _RUN.search(str(commit.message)) and commit.parents:
            commit = commit.parents[0]
    if not (found and run) or commit.hexsha != found[1]:
        raise UsageError(
            f"{branch!r} holds commits that are not ocode's (no Ocode-Run trailer); merge or delete it with git"
        )
    return Ours(ref, tip, commit.hexsha, run[1] if snapshot.is_snapshot(str(commit.message)) else None)


def _apply(repo: Repository, ours: Ours) -> None:
    """git-apply(1) checks every file before it writes the first."""
    patch = repo.git.out("diff", "--binary", "--full-index", ours.base, ours.tip)
    done = repo.git.ask("apply", "--whitespace=nowarn", "-", stdin=patch)
    if done.code:
        raise RefusedError(f"{ours.name} would overwrite what you changed since: {_first_file(done.err)}")


def _first_file(said: bytes) -> str:
    """The file that git's refusal speaks of, else its first line."""
    lines = said.decode("utf-8", "replace").splitlines()
    indented = [line.strip() for line in lines if line.startswith(("\t", "  "))]
    failed = [
        line.removeprefix("error: ").removeprefix("patch failed: ") for line in lines if line.startswith("error: ")
    ]
    return (indented or failed or lines or ["git refused"])[0]
