"""What an untrusted command may see and touch: bubblewrap where it works, else Landlock, else nothing.

Source: bwrap(1); the kernel's Documentation/userspace-api/landlock.rst. A sandbox only says how a command is
to be confined; `ocode_tools.process.supervise` starts it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from ocode_tools import landlock
from ocode_tools.errors import SetupError
from ocode_tools.process import run

Policy = Literal["best", "require", "off"]
Level = Literal["bwrap", "landlock", "none"]

# Absolute, so that no repository and no PATH can offer its own.
_PROGRAMS = ("/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap")
_HIDDEN = (Path("/tmp"), Path("/run"))
_SECRET_FOLDERS = (
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config/gh",
    ".config/gcloud",
    ".local/share/keyrings",
)
_SECRET_FILES = (".netrc", ".git-credentials", ".config/git/credentials", ".pypirc", ".npmrc")
_REMEDY = 'install bubblewrap and allow user namespaces, or set sandbox.level to "best"'


@dataclass(frozen=True, slots=True)
class View:
    """Folders or files by absolute path: `writable` ones, and ones kept readable even below /tmp or /run."""

    writable: tuple[Path, ...]
    visible: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """How commands are confined.

    `note` says why it is no better, or which Landlock. `network` leaves the network open, `hides` covers
    /tmp, /run and the places where secrets are kept (bwrap only), `program` is the absolute path of bwrap.
    """

    level: Level
    note: str = ""
    network: bool = False
    hides: bool = True
    program: str = ""

    @property
    def label(self) -> str:
        """For reports: "bwrap", "landlock v7", "landlock v3, network open", "none (switched off)"."""
        if self.level == "none":
            return f"none ({self.note})"
        name = f"{self.level} {self.note}".strip()
        return f"{name}, network open" if self.network else name

    def relaxed(self) -> Sandbox:
        """The same limits on writing, with everything else in reach; to learn what a red test needs."""
        return replace(self, network=True, hides=False)

    def rules(self, view: View) -> landlock.Rules | None:
        """What a process gives up before it turns into the command, where the level is landlock."""
        if self.level != "landlock":
            return None
        return {"writable": [str(path) for path in view.writable], "network": self.network}

    def wrap(self, command: Sequence[str], view: View, cwd: Path, home: Path) -> list[str]:
        """The command that runs `command` inside, in `cwd`, with the secrets below `home` out of sight.

        Paths that do not exist are passed over; links are resolved, so the command should name real paths.
        """
        if self.level != "bwrap":
            return list(command)
        words = [self.program, *_BASE]
        if os.geteuid() == 0:
            words += ["--cap-drop", "ALL"]  # root would keep them, and with them undo the mounts
        if not self.network:
            words.append("--unshare-net")
        if self.hides:
            words += _covers(view, home)
        for path in _real(view.writable):
            words += ["--bind", str(path), str(path)]
        return [*words, "--chdir", os.path.realpath(cwd), "--", *command]


_BASE = (
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
    *("--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session"),
)


def _real(paths: Sequence[Path]) -> list[Path]:
    """Those that exist, resolved, parents before children."""
    return sorted({path.resolve() for path in paths if path.exists()}, key=lambda path: len(path.parts))


def _covers(view: View, home: Path) -> Iterator[str]:
    for folder in _HIDDEN:
        if folder.is_dir():
            yield from ("--tmpfs", str(folder))
    for path in _real(view.visible):
        if any(path.is_relative_to(folder.resolve()) for folder in _HIDDEN):
            yield from ("--ro-bind", str(path), str(path))
    for path in _real([home / name for name in _SECRET_FOLDERS]):
        yield from ("--tmpfs", str(path))
    for path in _real([home / name for name in _SECRET_FILES]):
        yield from ("--ro-bind", os.devnull, str(path))


def choose(policy: Policy, force: Level | None = None) -> Sandbox:
    """The best sandbox that works here; `off` gives none, `force` only the level it names.

    Raises SetupError when `require` finds neither bubblewrap nor Landlock, or the forced level does not work.
    """
    if policy == "off":
        return Sandbox("none", "switched off")
    troubles: list[str] = []
    for level in ("bwrap", "landlock"):
        if force in (None, level):
            found = _bwrap() if level == "bwrap" else _landlock()
            if isinstance(found, Sandbox):
                return found
            troubles.append(found)
    why = ", ".join(troubles)
    if policy == "best" and force in (None, "none"):
        return Sandbox("none", why or "asked for")
    raise SetupError(f"no sandbox for the tests ({why}): {_REMEDY}")


@cache
def _bwrap() -> Sandbox | str:
    """Bubblewrap if it works, else why not; asked once, since user namespaces do not come and go."""
    program = next((path for path in _PROGRAMS if os.access(path, os.X_OK)), None)
    if program is None:
        return "no bubblewrap"
    found = Sandbox("bwrap", program=program)
    tried = run(found.wrap(["/bin/true"], View(()), Path("/"), Path("/")), timeout=10)
    said = tried.err.decode(errors="replace").strip().splitlines()
    return found if tried.code == 0 else (said[-1] if said else f"bubblewrap ends with {tried.code}")


def _landlock() -> Sandbox | str:
    version = landlock.abi()
    if version < 1:
        return "no Landlock"
    return Sandbox("landlock", f"v{version}", network=version < 4)
