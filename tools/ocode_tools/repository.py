"""The user's repository: where it is, what state it is in, what it cannot do. Everything here only reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ocode_tools.errors import SetupError, UsageError
from ocode_tools.git import Git, GitError

OPERATIONS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini")
NO_COMMIT = "this repository has no commit yet; make a first one, then run this again"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who commits, as `git var GIT_AUTHOR_IDENT` says: the dates are left to git."""

    name: str
    email: str

    def variables(self) -> dict[str, str]:
        """The environment variables that make git commit as this person."""
        parts = (("NAME", self.name), ("EMAIL", self.email))
        return {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in parts}


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout of the user's: `top` of this work tree, `git_dir` of it, `common_dir` of the repository."""

    top: Path
    git_dir: Path
    common_dir: Path
    start: Path

    @property
    def git(self) -> Git:
        """Git at the top of this work tree."""
        return Git(self.top)

    def head(self) -> str:
        """The sha of HEAD. Raises `SetupError` when there is no commit."""
        done = self.git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if done.code:
            raise SetupError(NO_COMMIT)
        return done.text.strip()

    def resolve(self, revision: str) -> str:
        """The commit sha that `revision` names. Raises `UsageError` when there is none."""
        done = self.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if done.code:
            raise UsageError(f"{revision!r} names no commit here; see git log")
        return done.text.strip()

    def dirty(self) -> bool:
        """Whether the work tree or the index differs from HEAD, untracked files included, ignored ones not."""
        return bool(self.git.out("status", "--porcelain", "-z", "--ignore-submodules=none"))

    def operation(self) -> str | None:
        """The merge, rebase or the like that is in progress in this work tree."""
        return next((name for file, name in OPERATIONS.items() if (self.git_dir / file).exists()), None)

    def identity(self) -> Identity:
        """Who will commit. Raises `SetupError` with the commands to run when git does not know."""
        done = self.git.ask("var", "GIT_COMMITTER_IDENT")
        found = re.fullmatch(r"(.*) <(.*)> \d+ [+-]\d+\n?", done.text, re.DOTALL)
        if done.code or not found:
            raise SetupError(
                "git does not know who you are; run git config --global user.name NAME"
                " and git config --global user.email ADDRESS"
            )
        return Identity(found[1], found[2])

    def checkouts(self) -> list[Path]:
        """Every work tree of the repository, this one first."""
        fields = self.git.names("worktree", "list", "--porcelain", "-z")
        trees = [Path(field.removeprefix("worktree ")) for field in fields if field.startswith("worktree ")]
        return [self.top, *(tree for tree in trees if tree != self.top and tree.is_dir())]

    def project(self) -> str:
        """The folder of the nearest project file above the start, from the top; "" for the top itself."""
        folder = self.start
        while folder != self.top and self.top in folder.parents:
            if any((folder / name).is_file() for name in PROJECT_FILES):
                return folder.relative_to(self.top).as_posix()
            folder = folder.parent
        return ""

    def checked_out(self, ref: str) -> bool:
        """Whether any work tree stands on the full ref name."""
        return f"branch {ref}" in self.git.names("worktree", "list", "--porcelain", "-z")

    def sha(self, ref: str) -> str | None:
        """The commit a full ref name points to, or None."""
        done = self.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return None if done.code else done.text.strip()

    def why_not(self, base: str) -> str | None:
        """Why a private checkout of `base` would differ from the user's, in one line; None when it would not."""
        promisor = self.git.ask("config", "--get-regexp", r"^remote\..*\.(promisor|partialclonefilter)$")
        if promisor.code == 0:
            return "this is a partial clone; run git fetch --refetch --no-filter, then run this again"
        attributes = [base, "--", ":(glob)**/.gitattributes"]
        done = self.git.ask("grep", "-z", "-h", "-I", "-E", r"filter=[A-Za-z]", *attributes)
        local = self.common_dir / "info" / "attributes"
        lines = done.out + (local.read_bytes() if local.is_file() else b"")
        found = re.search(rb"^[^#\n\0]*filter=([\w.-]+)", lines, re.MULTILINE)
        if found:
            name = found[1].decode("utf-8", "replace")
            what = "files in Git LFS" if name == "lfs" else f"files behind the filter {name!r}"
            return f"this repository keeps {what} (.gitattributes), which a private workspace cannot check out"
        return None


def find(start: Path) -> Repository:
    """The repository around the folder `start`. Raises `SetupError` outside one, in a bare one or inside `.git`."""
    git = Git(start)
    try:
        inside = git.text("rev-parse", "--is-inside-work-tree", "--is-bare-repository").split()
    except GitError as problem:
        if "not a git repository" in str(problem):
            raise SetupError("not in a git repository; go to one, or run git init and commit") from None
        raise
    if inside[0] != "true":
        what = "a bare repository" if inside[1] == "true" else "inside a .git folder"
        raise SetupError(f"this is {what}; run ocode in a work tree (git worktree add, or git clone)")

    flags = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir")
    lines = git.text("rev-parse", *flags).split("\n")
    if len(lines) != len(flags):  # a line end in a path: one question each
        lines = [git.text("rev-parse", flag) for flag in flags]
    top, git_dir, common_dir = ((start / line).resolve() for line in lines)
    return Repository(top, git_dir, common_dir, start.resolve())
