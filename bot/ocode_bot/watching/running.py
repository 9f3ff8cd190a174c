"""The job that is being done: a process of its own, so that a crash of it costs one job."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from ocode_bot.request import UNASKED
from ocode_bot.watching.outcome import Outcome, outcome
from ocode_tools.attend import Attended
from ocode_tools.queue import base
from ocode_tools.queue.base import Job
from ocode_tools.store import Lock, writing

MOST = 8 << 20  # bytes of a report that are read

Command = Callable[[Job, bool], Sequence[str]]


def command(job: Job, committed: bool) -> list[str]:
    """This same program, doing a job: on HEAD where its TODO is `committed`, else on a snapshot of the work tree.

    Nothing is imported from the work tree (python -P).
    """
    words = [sys.executable, "-P", "-m", "ocode_bot"]
    match job.task:
        case "todo":
            return [*words, "todo", "resolve", job.key, *([] if committed else ["--dirty"]), "--json"]
        case base.REFRESH:
            return [*words, "refresh", job.key.rpartition("@")[0], "--json"]
        case "fix":
            return [*words, "fix", "--base", job.base, "--json"]
        case "docstrings":
            return [*words, "docstrings", "--changed", f"{job.base}^", "--base", job.base, "--json"]
        case task:
            return [*words, task, "--changed", f"{job.base}^", "--json"]


@dataclass(slots=True)
class Running:
    """A job under way; `turn` is the lock of its model server, which its process holds too. `dropped`: why it was told
    to end."""

    job: Job
    child: Attended
    turn: Lock | None
    folder: tempfile.TemporaryDirectory[str]
    dropped: str = ""
    renewed: float = 0.0

    def end(self, why: str) -> None:
        """Tell it to end."""
        self.dropped = self.dropped or why
        self.child.end()

    def ended(self) -> bool:
        """Whether it has ended."""
        return self.child.wait(0) is not None

    def close(self) -> Outcome:
        """Wait until it is gone, and clean up; what came of it."""
        self.child.end()
        code = self.child.wait()
        said, told = (_head(Path(self.folder.name, name)) for name in ("out", "err"))
        if self.turn:
            self.turn.release()
        self.folder.cleanup()
        return outcome(code if code is not None else 70, said, told)


def start(
    job: Job,
    words: Sequence[str],
    environ: Mapping[str, str],
    turn: Lock | None,
    over: Callable[[], None],
    place: Path,
) -> Running:
    """Start a job, which prints into a folder below `place`; `over` is called, in a thread, when it has ended.

    Raises `SetupError` where it cannot start.
    """
    with writing(place):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = tempfile.TemporaryDirectory(prefix=f"{job.owner}.", dir=place)
    try:
        child = Attended(
            words,
            cwd=job.tree,
            env={**os.environ, **environ, UNASKED: "1"},
            out=Path(folder.name, "out"),
            err=Path(folder.name, "err"),
            held=[turn.fileno()] if turn else [],
        )
    except BaseException:
        folder.cleanup()
        raise

    def wait() -> None:
        child.wait()
        over()

    Thread(target=wait, daemon=True).start()
    return Running(job, child, turn, folder)


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(MOST)
    except OSError:  # somebody cleaned the runtime folder
        return b""
