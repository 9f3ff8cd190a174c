"""What the commands on branches stand on: the repository, the ledger after a fresh look, one branch by its name."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ocode_bot import terminal
from ocode_tools import config, repository, snapshot
from ocode_tools.config import Loaded
from ocode_tools.errors import UsageError
from ocode_tools.ledger import ENDED, Ledger, Row, Settled
from ocode_tools.ledger.reading import HEADS, Commit, commits
from ocode_tools.repository import Repository
from ocode_tools.schema import SCHEMA


@dataclass(frozen=True, slots=True)
class Scene:
    """One look at the branches."""

    repo: Repository
    loaded: Loaded
    environ: Mapping[str, str]
    ledger: Ledger
    settled: Settled


@dataclass(frozen=True, slots=True)
class Ours:
    """A branch that holds nothing but commits of ours: `commits`, oldest first; `shot` is the run whose snapshot of the
    work tree they stand on, if they do."""

    row: Row
    commits: tuple[Commit, ...]
    shot: str | None

    @property
    def name(self) -> str:
        """The name as people say it."""
        return self.row.name

    @property
    def tip(self) -> str:
        """The newest commit."""
        return self.row.tip

    @property
    def base(self) -> str:
        """The commit that the work started from."""
        return self.row.base


@contextmanager
def open_scene(start: Path, environ: Mapping[str, str], quiet: bool = False) -> Generator[Scene]:
    """Look at all branches of the repository around `start`; what became of some is said, unless `quiet`."""
    repo = repository.find(start)
    loaded = config.require(config.load(SCHEMA, start=repo.top, environ=environ))
    with Ledger(repo, str(config.value(loaded, "branch.prefix")), terminal.talk) as ledger:
        settled = ledger.settle()
        for line in () if quiet else settled.lines:
            terminal.talk(line)
        yield Scene(repo, loaded, environ, ledger, settled)


def ours(scene: Scene, name: str) -> Ours:
    """The branch of that name. Raises `UsageError` where there is none, or it holds a commit that is not ours."""
    ref = HEADS + name.removeprefix(HEADS)
    tip, row = scene.repo.sha(ref), scene.ledger.row(ref)
    if tip is None:
        ended = f": it was {row.state} ({row.reason})" if row and row.state in ENDED else "; see ocode review"
        raise UsageError(f"there is no branch {name!r}{ended}")
    if row is None or row.tip != tip:
        raise UsageError(
            f"{name!r} holds commits that are not ocode's (no Ocode-Run trailer, or changed since); "
            "merge or delete it with git"
        )
    return read(scene, row)


def read(scene: Scene, row: Row) -> Ours:
    """The commits of a branch as ocode left it."""
    git = scene.repo.git
    found = tuple(reversed(commits(git, "--first-parent", f"{row.base}..{row.tip}")))
    base = commits(git, "--max-count=1", row.base)[0]
    return Ours(row, found, row.run if snapshot.is_snapshot(base.message) else None)


def find(scene: Scene, name: str) -> Row:
    """A branch that waits by its name or a part of it. Raises `UsageError` for none or several."""
    waiting = scene.ledger.waiting()
    short = name.removeprefix(HEADS)
    found = [row for row in waiting if row.name == short] or [row for row in waiting if short in row.name]
    if len(found) != 1:
        what = ", ".join(row.name for row in found) or "none of them"
        raise UsageError(f"{name!r} names {what}; see ocode review" if found else f"no branch {name!r} waits")
    return found[0]


def first_file(said: bytes) -> str:
    """The file that git's refusal speaks of, else its first line."""
    lines = said.decode("utf-8", "replace").splitlines()
    indented = [line.strip() for line in lines if line.startswith(("\t", "  "))]
    failed = [
        line.removeprefix("error: ").removeprefix("patch failed: ") for line in lines if line.startswith("error: ")
    ]
    return (indented or failed or lines or ["git refused"])[0]
