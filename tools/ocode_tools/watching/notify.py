"""Telling the service manager how it goes: a datagram to `$NOTIFY_SOCKET` (sd_notify(3)), where there is one."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


def notify(environ: Mapping[str, str], **facts: str) -> None:
    """Send facts such as READY="1", STATUS="watching", WATCHDOG="1"; never raises for what becomes of them."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    place = "\0" + address[1:] if address.startswith("@") else address
    text = "\n".join(f"{name}={' '.join(value.split())}" for name, value in facts.items())
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.sendto(text.encode("utf-8", "replace"), place)


def watchdog(environ: Mapping[str, str]) -> float | None:
    """How often to say WATCHDOG=1, in seconds: half of what the manager waits (sd_watchdog_enabled(3)); None: never."""
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    mine = environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
    return microseconds / 2e6 if mine and microseconds > 0 else None
