"""The edge of a hook that checks: a failed check is 1, any trouble of ours one line and 0, or 2 with `--strict`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Sequence

from ocode_tools.errors import OcodeError, UsageError


def guarded(argv: Sequence[str], usage: str, trouble: str, seconds: float, check: Callable[[], int]) -> int:
    """The exit code of `check`, which may take so many seconds; `trouble` begins the line about what went wrong."""
    if "-h" in argv or "--help" in argv:
        sys.stdout.write(usage)
        return 0
    signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return check()
    except KeyboardInterrupt:
        return 130
    except Exception as problem:  # whatever is wrong with us, git goes on
        say([f"ocode: {trouble}: {_reason(problem)}"])
        return 2 if "--strict" in argv else 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def say(lines: Iterable[str]) -> None:
    """Tell people, whatever bytes a file name has."""
    text = "".join(f"{line}\n" for line in lines)
    sys.stderr.write(text.encode("utf-8", "backslashreplace").decode())


def _late(_signal: int, _frame: object) -> None:
    """A regular expression of the configuration may take for ever; it lets signals in."""
    raise UsageError("not done in time; is there a pattern that takes too long?")


def _reason(problem: Exception) -> str:
    said = " ".join(str(problem).split())
    if isinstance(problem, OSError):
        return f"{problem.filename}: {problem.strerror}"
    return said if isinstance(problem, OcodeError) else f"unexpected {type(problem).__name__}: {said}"
