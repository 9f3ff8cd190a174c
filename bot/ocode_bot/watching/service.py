"""The texts that make a service of the daemon: a systemd user unit, a launchd property list."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Sequence
from pathlib import Path

UNIT = "ocode.service"
LABEL = "ocode.watch"
# Type, WatchdogSec, KillMode, ...: systemd.service(5), systemd.kill(5); Nice, IOSchedulingClass: systemd.exec(5).
_UNIT = """\
# Written by ocode service install; ocode service uninstall takes it away.
[Unit]
Description=ocode: resolves marked TODOs, each on a branch of its own
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=10
WatchdogSec=300
KillMode=mixed
TimeoutStopSec=20
Nice=10
IOSchedulingClass=idle

[Install]
WantedBy=default.target
"""


def unit(command: Sequence[str]) -> str:
    """The systemd user unit that runs a command."""
    return _UNIT.format(command=" ".join(map(quoted, command)))


def quoted(word: str) -> str:
    """A word of a command as systemd.service(5) reads it: no specifier, variable or quote in it counts."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$").replace("\n", "\\n")
    return word if re.fullmatch(r"[\w@+=:,./-]+", word) else f'"{word}"'


def plist(command: Sequence[str], log: Path) -> str:
    """The launchd property list (launchd.plist(5)) that runs a command."""
    facts = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "ExitTimeOut": 20,
        "Nice": 10,
        "LowPriorityIO": True,
        "ProcessType": "Background",
        "StandardErrorPath": str(log),
    }
    return plistlib.dumps(facts).decode()
