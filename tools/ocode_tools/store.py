"""The one door to what ocode keeps: runs below the common git folder, workspaces below the user's cache.

Nothing is left in a work tree. Folders are parameters; only `folders` knows the defaults
(XDG Base Directory Specification).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import stat
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ocode_tools.errors import SetupError, UsageError
from ocode_tools.repository import Repository

RUN_FILE = "run.json"
EVENTS_FILE = "events.jsonl"
LOCK_FILE = "lock"
_MOST_READ = 1 << 29


@dataclass(frozen=True, slots=True)
class Folders:
    """`runs`: one folder a run; `workspaces`: one folder a private clone of this repository."""

    runs: Path
    workspaces: Path


def folders(repository: Repository, environ: Mapping[str, str]) -> Folders:
    """The folders of one repository, shared by all its work trees."""
    cache = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or "~").expanduser() / ".cache")
    identity = hashlib.sha256(os.fsencode(repository.common_dir)).hexdigest()[:10]
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in repository.top.name)[:40].lstrip(".") or "repo"
    return Folders(repository.common_dir / "ocode" / "runs", Path(cache) / "ocode" / f"{name}-{identity}")


def new_run_id(now: float) -> str:
    """A name that sorts by time: `20260102-030405-1a2b`."""
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)) + "-" + secrets.token_hex(2)


@contextmanager
def writing(what: Path) -> Generator[None]:
    """Turn a full or read-only disk into one clear line."""
    try:
        yield
    except OSError as problem:
        why = problem.strerror or problem
        raise SetupError(f"cannot write {what}: {why}; make room or give write access") from None


class Lock:
    """An advisory lock on a file (flock(2)): the kernel drops it when its holder dies, however it dies."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """The lock, or None while another process holds it."""
        with writing(path):
            file = path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return cls(file)

    def fileno(self) -> int:
        """Its file, for a child that is to hold the lock too."""
        return self._file.fileno()

    def release(self) -> None:
        """Let it go."""
        self._file.close()


class Run:
    """The folder of one run: `run.json` is its latest state, `events.jsonl` what happened, in order."""

    def __init__(self, folder: Path, lock: Lock | None = None) -> None:
        self.folder = folder
        self.id = folder.name
        self._lock = lock

    @classmethod
    def start(cls, runs: Path, run_id: str, facts: Mapping[str, Any]) -> Run:
        """Make the folder and its first `run.json`. Raises `SetupError` when that is not possible."""
        folder = runs / run_id
        with writing(folder):
            folder.mkdir(parents=True)
        lock = Lock.take(folder / LOCK_FILE)
        run = cls(folder, lock)
        run.save({"status": "running", **facts})
        return run

    def save(self, facts: Mapping[str, Any]) -> None:
        """Replace `run.json` in one step."""
        path = self.folder / RUN_FILE
        with writing(path):
            temporary = path.with_suffix(".tmp")
            temporary.write_text(json.dumps({"id": self.id, **facts}, indent=1))
            temporary.replace(path)

    def note(self, event: str, **facts: Any) -> None:
        """Append one event with the time (seconds since the epoch)."""
        line = json.dumps({"at": round(time.time(), 3), "event": event, **facts}) + "\n"
        path = self.folder / EVENTS_FILE
        with writing(path), path.open("a") as file:
            file.write(line)

    def load(self) -> dict[str, Any]:
        """What `run.json` holds; a run whose process died without a word says `killed`."""
        try:
            facts: dict[str, Any] = json.loads((self.folder / RUN_FILE).read_text())
        except (OSError, ValueError):
            return {"id": self.id, "status": "unreadable"}
        if facts.get("status") == "running" and self._lock is None:
            with suppress(SetupError):
                lock = Lock.take(self.folder / LOCK_FILE)
                if lock:
                    lock.release()
                    facts["status"] = "killed"
        return facts

    def events(self) -> list[dict[str, Any]]:
        """Every whole event that was written."""
        try:
            lines = (self.folder / EVENTS_FILE).read_text().splitlines()
        except OSError:
            return []
        found: list[dict[str, Any]] = []
        for line in lines:
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    def close(self) -> None:
        """Let the run's lock go."""
        if self._lock:
            self._lock.release()


def runs(folder: Path) -> list[Run]:
    """Every run that was kept, oldest first."""
    if not folder.is_dir():
        return []
    return [Run(path) for path in sorted(folder.iterdir()) if path.is_dir()]


def find_run(folder: Path, name: str) -> Run:
    """The run whose id starts with `name`, "last" for the newest. Raises `UsageError` for none or several."""
    known = runs(folder)
    found = known[-1:] if name == "last" else [run for run in known if run.id.startswith(name)]
    if len(found) != 1:
        what = "no run" if not found else f"{len(found)} runs"
        raise UsageError(f"{what} named {name!r}; see ocode runs")
    return found[0]


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours, also where a test took its own permissions away; never follows a link.

    Folders are moved up before they are emptied, so that no depth is too deep for a path or a stack.
    """
    if folder.is_symlink():
        folder.unlink()
        return
    waiting = [folder] if folder.is_dir() else []
    emptied: list[Path] = []
    while waiting:
        here = waiting.pop()
        emptied.append(here)
        with suppress(OSError):
            os.chmod(here, 0o700)
            for entry in list(os.scandir(here)):
                with suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)
                        continue
                    os.chmod(entry.path, 0o700)
                    waiting.append(folder / secrets.token_hex(8) if here != folder else Path(entry.path))
                    os.rename(entry.path, waiting[-1])
    for here in reversed(emptied):
        with suppress(OSError):
            here.rmdir()


def read_untrusted(path: Path) -> bytes:
    """The bytes of a file that tests may have put anything in place of; empty if it is no regular file.

    At most half a gigabyte is taken.
    """
    with suppress(OSError), open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(_MOST_READ) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    return b""
