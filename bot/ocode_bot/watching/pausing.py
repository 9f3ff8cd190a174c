"""Why no job is begun just now: the time of day, the battery, the load, a model server that is away."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ocode_bot.watching.plan import Plan

_SUPPLIES = Path("/sys/class/power_supply")
PATIENCE = 2.0  # seconds for a connection


@dataclass(frozen=True, slots=True)
class Machine:
    """How the machine is: minutes since midnight, whether it runs on its battery, load of each core."""

    minute: int = 0
    battery: bool = False
    load: float = 0.0


def why_wait(plan: Plan, machine: Machine) -> str | None:
    """Why nothing may begin now, in a few words."""
    if plan.hours and not _within(plan.hours, machine.minute):
        return f"outside of the hours {plan.hours}"
    if machine.battery and not plan.battery:
        return "on battery"
    if plan.load and machine.load > plan.load:
        return f"the load is {machine.load:.1f} for each core, over {plan.load:g}"
    return None


def machine(plan: Plan, now: float) -> Machine:
    """How it is at a time (seconds since the epoch); only what the plan asks for is looked up."""
    at = time.localtime(now)
    cores = os.cpu_count() or 1
    battery = not plan.battery and on_battery(_SUPPLIES)
    return Machine(at.tm_hour * 60 + at.tm_min, battery, os.getloadavg()[0] / cores if plan.load else 0.0)


def on_battery(supplies: Path) -> bool:
    """Whether a machine runs on its battery, by the kernel's list of power supplies; false where it has none."""
    kinds = {_word(one / "type"): one for one in supplies.iterdir()} if supplies.is_dir() else {}
    if "Mains" in kinds:
        return _word(kinds["Mains"] / "online") == "0"
    return any(_word(one / "status") == "Discharging" for kind, one in kinds.items() if kind == "Battery")


def reachable(endpoint: str) -> bool:
    """Whether somebody answers the door at the model server's address; a job without would only cost a test run."""
    url = urlsplit(endpoint)
    port = url.port or (443 if url.scheme == "https" else 80)
    with suppress(OSError), socket.create_connection((url.hostname or "", port), PATIENCE):
        return True
    return False


def _within(hours: str, minute: int) -> bool:
    first, last = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    return first <= minute < last if first < last else minute >= first or minute < last


def _word(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
