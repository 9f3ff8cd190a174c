"""When to look at a work tree: hints, timers and what git is doing come in, one decision goes out. No input or output.

Times are seconds of a clock that never jumps (`time.monotonic`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

SETTLE, LONGEST = 0.3, 2.0  # without a further hint; from the first hint
ACTIVE, IDLE = 60.0, 600.0  # between looks that no hint asked for, while there are changes and when there are none
IDLE_AFTER = 1800.0
HELD_EVERY = 1.0
STALE_LOCK = 60.0  # an index.lock that old was left by a git that died


@dataclass(frozen=True, slots=True)
class Doing:
    """What git is doing in a work tree: the merge, rebase or the like in progress, and whether it writes the index."""

    operation: str | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """To look now, or to ask again at `at`; `held` says why a look is put off."""

    look: bool
    at: float
    held: str = ""


@dataclass(slots=True)
class Pace:
    """The pace of one work tree. `poll` is the time between looks where no events come."""

    poll: float | None = None
    _first: float | None = field(init=False, default=None)
    _last: float = field(init=False, default=0.0)
    _looked: float | None = field(init=False, default=None)
    _changed: float = field(init=False, default=0.0)
    _locked: float | None = field(init=False, default=None)

    def hint(self, now: float) -> None:
        """Something may have changed."""
        self._first = now if self._first is None else self._first
        self._last = now

    def looked(self, now: float, changed: bool) -> None:
        """A look is over, and whether it saw anything new."""
        if changed or self._looked is None:
            self._changed = now
        self._looked, self._first = now, None

    def due(self, now: float) -> float:
        """When the next look is due."""
        if self._looked is None:
            return now
        if self._first is not None:
            return min(self._last + SETTLE, self._first + LONGEST)
        every = ACTIVE if now - self._changed < IDLE_AFTER else IDLE
        return self._looked + (min(self.poll, every) if self.poll else every)

    def decide(self, now: float, doing: Doing) -> Decision:
        """Whether to look now."""
        at = self.due(now)
        if now < at:
            return Decision(False, at)
        self._locked = (self._locked if self._locked is not None else now) if doing.locked else None
        if doing.operation:
            return Decision(False, now + HELD_EVERY, f"a {doing.operation} is in progress")
        if self._locked is not None and now - self._locked < STALE_LOCK:
            return Decision(False, now + HELD_EVERY, "git writes the index")
        return Decision(True, now)
