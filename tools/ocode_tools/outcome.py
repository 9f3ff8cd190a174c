"""What an untrusted command may use, and how it ended."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocode_tools.supervise import Ended


@dataclass(frozen=True, slots=True)
class Limits:
    """What an untrusted command may use.

    Wall seconds, bytes resident in all its processes together, number of processes, bytes of output that are
    kept, and bytes of address space in each process if that is limited at all.
    """

    seconds: float
    memory: int
    processes: int
    output: int
    address_space: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an untrusted command ended.

    `code` is None unless it ended by itself, and -N after signal N. `peak_memory` in bytes is sampled for the
    tree, exact only for its largest process; `output_bytes` counts all that was said, kept or not.
    """

    code: int | None
    ended: Ended
    seconds: float
    peak_memory: int
    output_bytes: int
    limits: Limits

    @property
    def why(self) -> str:
        """One line on an end that was not an ordinary exit, else empty."""
        if self.ended == "timeout":
            return f"stopped after {self.limits.seconds:g} s"
        if self.ended == "memory":
            return f"used more than {self.limits.memory / 2**20:g} MiB"
        if self.ended == "processes":
            return f"ran more than {self.limits.processes} processes"
        if self.ended == "cancelled":
            return "cancelled"
        if self.code is None:
            return "its supervisor was killed"
        return f"killed by {_signal_name(-self.code)}" if self.code < 0 else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
