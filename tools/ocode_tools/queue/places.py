"""Where the queue is: folders of the user's, shared by all repositories (XDG Base Directory Specification)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """`state` outlives a restart of the machine; `runtime` holds locks."""

    state: Path
    runtime: Path

    @property
    def queue(self) -> Path:
        """The queue's file."""
        return self.state / "queue.db"

    @property
    def spool(self) -> Path:
        """Where hooks leave word: one file a work tree."""
        return self.state / "spool"

    @property
    def jobs(self) -> Path:
        """What jobs under way print: a folder each, whose name begins with its worker's."""
        return self.runtime / "jobs"

    def worker(self, owner: str) -> Path:
        """The file that a worker holds locked while it lives."""
        return self.runtime / "workers" / owner

    def turn(self, endpoint: str) -> Path:
        """The file that is locked while a job uses this model server."""
        import hashlib  # hooks, which only leave word, do without

        return self.runtime / "endpoints" / hashlib.sha256(endpoint.encode()).hexdigest()[:16]


def places(environ: Mapping[str, str]) -> Places:
    """The user's folders; relative ones are ignored, and without a runtime folder locks lie with the state."""
    home = Path(environ.get("HOME") or "~").expanduser()
    state = _absolute(environ, "XDG_STATE_HOME") or home / ".local" / "state"
    runtime = _absolute(environ, "XDG_RUNTIME_DIR")
    return Places(state / "ocode", runtime / "ocode" if runtime else state / "ocode" / "run")


def _absolute(environ: Mapping[str, str], name: str) -> Path | None:
    folder = environ.get(name, "")
    return Path(folder) if os.path.isabs(folder) else None
