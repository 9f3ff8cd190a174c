"""A private snapshot of the work tree: index, changes and untracked files as one commit on no branch."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ocode_tools.errors import SetupError
from ocode_tools.repository import Repository

PREFIX = "refs/ocode/snapshots/"
SUBJECT = "Snapshot of the work tree"


def snapshot(repository: Repository, run: str, limit: int) -> str:
    """Commit the work tree through a private index, kept alive by `refs/ocode/snapshots/RUN`; returns the sha.

    Ignored files are left out. Raises `SetupError` when the changed and untracked files hold more than `limit` bytes or
    the index has conflicts. The user's index is only read: git-write-tree(1) works on GIT_INDEX_FILE.
    """
    git = repository.git
    if git.names("diff", "--name-only", "-z", "--diff-filter=U"):
        raise SetupError("the index has conflicts; resolve them first, or leave --dirty away to work from HEAD")
    changed = git.names("ls-files", "-z", "--others", "--modified", "--exclude-standard", "--deduplicate")
    sizes = {name: _size(repository.top / name) for name in changed}
    if sum(sizes.values()) > limit:
        largest = max(sizes, key=lambda name: sizes[name])
        raise SetupError(
            f"the changed and untracked files hold {sum(sizes.values()) >> 20} MiB, "
            f"over limits.snapshot = {limit >> 20}; the largest is {largest!r}: ignore it, or raise the limit"
        )
    head = repository.head()
    with tempfile.TemporaryDirectory(prefix="ocode-") as folder:
        private = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        if (repository.git_dir / "index").exists():
            # With its time: git compares it with the files' to see which may have changed within one tick.
            shutil.copy2(repository.git_dir / "index", private["GIT_INDEX_FILE"])
        git.out("add", "--all", "--", ":/", env=private)
        tree = git.text("write-tree", env=private)
    said = f"{SUBJECT}\n\nOcode-Snapshot: {run}\n".encode()
    who = repository.identity().variables()
    sha = git.text("commit-tree", "--no-gpg-sign", tree, "-p", head, stdin=said, env=who)
    git.out("update-ref", "-m", "ocode: snapshot of the work tree", f"{PREFIX}{run}", sha, "0" * len(sha))
    return sha


def is_snapshot(message: str) -> bool:
    """Whether a commit message is that of a snapshot."""
    return message.startswith(SUBJECT) and "\nOcode-Snapshot: " in message


def kept(repository: Repository) -> list[tuple[str, str, int]]:
    """Run, sha and time (seconds since the epoch) of each snapshot that a ref keeps alive."""
    form = "--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00"
    fields = [field.strip() for field in repository.git.names("for-each-ref", form, PREFIX)]
    fields = [field for field in fields if field]
    return [(n.removeprefix(PREFIX), s, int(t)) for n, s, t in zip(*[iter(fields)] * 3, strict=True)]


def forget(repository: Repository, run: str) -> None:
    """Drop the ref that keeps a run's snapshot alive, if there is one."""
    ref = f"{PREFIX}{run}"
    sha = repository.sha(ref)
    if sha:
        repository.git.ask("update-ref", "-d", ref, sha)


def _size(path: Path) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
