"""`ocode service`: let the user's service manager run the daemon."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ocode_bot import terminal
from ocode_bot.watching import service
from ocode_tools import repository
from ocode_tools.errors import Exit, RefusedError
from ocode_tools.process import Finished, run
from ocode_tools.queue.places import places
from ocode_tools.store import writing

SECONDS = 30.0
_MINE = b"ocode"


class Manager(NamedTuple):
    """A service manager: the file that tells it of the daemon, the commands that take it up and let it go, and one
    that says how it is."""

    name: str
    file: Path
    start: tuple[tuple[str, ...], ...]
    stop: tuple[tuple[str, ...], ...]
    state: tuple[str, ...]


def install_command(start: Path, environ: Mapping[str, str], repositories: Sequence[str]) -> Exit:
    """Write the service's file and start it; without a manager that answers, say what to do instead: 3.

    Raises `RefusedError` for a file that is not ours, `SetupError` where it cannot be written.
    """
    tops = [repository.find(Path(os.path.abspath(start / name))).top for name in repositories or ["."]]
    words = [sys.executable, "-P", "-m", "ocode_bot", "watch", *map(str, dict.fromkeys(tops))]
    manager = _manager(environ)
    log = places(environ).state / "watch.log"
    text = service.unit(words) if manager.name == "systemd" else service.plist(words, log)
    if manager.file.exists() and _MINE not in manager.file.read_bytes():
        raise RefusedError(f"{manager.file} is not ocode's; move it away first")
    with writing(manager.file):
        manager.file.parent.mkdir(parents=True, exist_ok=True)
        manager.file.write_text(text)
    terminal.out(f"wrote {manager.file}")
    for command in manager.start:
        done = run(command, timeout=SECONDS)
        if done.code:
            _explain(manager, done)
            return Exit.ENVIRONMENT
    terminal.out(f"started; it watches {', '.join(map(str, tops))}")
    if manager.name == "systemd":
        terminal.talk("it ends when you log out, unless you run: loginctl enable-linger")
    return Exit.DONE


def uninstall_command(environ: Mapping[str, str]) -> Exit:
    """Stop the service and remove its file. Raises `RefusedError` for a file that is not ours."""
    manager = _manager(environ)
    if not manager.file.exists():
        terminal.out("is not installed")
        return Exit.DONE
    if _MINE not in manager.file.read_bytes():
        raise RefusedError(f"{manager.file} is not ocode's; it is left alone")
    for command in manager.stop:
        run(command, timeout=SECONDS)
    with writing(manager.file):
        manager.file.unlink()
    terminal.out(f"stopped; removed {manager.file}")
    return Exit.DONE


def status_command(environ: Mapping[str, str], as_json: bool) -> Exit:
    """Say whether the service is installed and runs; 1 where it is installed and does not."""
    manager = _manager(environ)
    installed = manager.file.exists()
    done = run(manager.state, timeout=SECONDS) if installed else None
    said = (done.text.strip() or _last(done)) if done else ""
    running = done is not None and done.code == 0
    if as_json:
        document = {"manager": manager.name, "file": str(manager.file), "installed": installed, "running": running}
        terminal.document({**document, "said": said, "error": None})
    else:
        terminal.out(f"{manager.file}: {'installed' if installed else 'not installed'}")
        if installed:
            terminal.out(f"{manager.name}: {said or ('running' if running else 'not running')}")
    return Exit.REMAINS if installed and not running else Exit.DONE


def _manager(environ: Mapping[str, str]) -> Manager:
    home = Path(environ.get("HOME") or "~").expanduser()
    if sys.platform == "darwin":
        file = home / "Library" / "LaunchAgents" / f"{service.LABEL}.plist"
        where, who = f"gui/{os.getuid()}", f"gui/{os.getuid()}/{service.LABEL}"
        start = (("launchctl", "bootstrap", where, str(file)),)
        return Manager("launchd", file, start, (("launchctl", "bootout", who),), ("launchctl", "print", who))
    config = environ.get("XDG_CONFIG_HOME", "")
    folder = Path(config) if os.path.isabs(config) else home / ".config"
    control = ("systemctl", "--user")
    return Manager(
        "systemd",
        folder / "systemd" / "user" / service.UNIT,
        ((*control, "daemon-reload"), (*control, "enable", "--now", service.UNIT)),
        ((*control, "disable", "--now", service.UNIT), (*control, "daemon-reload")),
        (*control, "is-active", service.UNIT),
    )


def _explain(manager: Manager, done: Finished) -> None:
    """Why the manager did not take it up, and what to do."""
    terminal.error(f"{' '.join(done.command)}: {_last(done)}")
    if manager.name == "systemd":
        terminal.talk("no systemd user manager runs here (a container, or a login without one). Either")
        terminal.talk("  run ocode watch in a terminal of its own (tmux, screen), or")
        terminal.talk("  let cron do it, by crontab -e:  */10 * * * * cd REPO && ocode watch --once")
        terminal.talk(f"the unit is at {manager.file} for when one does: systemctl --user enable --now {service.UNIT}")


def _last(done: Finished) -> str:
    lines = done.err.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {done.code}"
