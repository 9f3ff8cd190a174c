"""Judges many versions of one small module in forked children: each runs as many as it survives."""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import CodeType

MEMORY = 1 << 30  # bytes of address space on top of what the process has
RED, GREEN, RIGHT = 0, 1, 2
MODULE = "solution"

Check = Callable[[types.ModuleType], None]


class OutOfTimeError(BaseException):
    """Raised in a version that runs past its limit; no plain `except Exception` holds it."""


def verdicts(texts: Sequence[str], visible: str, hidden: str, seconds: float) -> list[int]:
    """For each text RED, GREEN (the visible tests pass), or RIGHT (the hidden ones too).

    `visible` is a module with functions `test_*`, `hidden` one that raises when it is run; both import the text as
    `solution`. `seconds` is the limit of each version; one that hangs beyond it, or ends its process, is red.
    """
    checks = compile(visible, "<visible>", "exec"), compile(hidden, "<hidden>", "exec")
    found: list[int] = []
    while len(found) < len(texts):
        for verdict in _child(texts[len(found) :], checks, seconds):
            found.append(verdict)
    return found


def _child(texts: Sequence[str], checks: tuple[CodeType, CodeType], seconds: float) -> Iterator[int]:
    """The verdicts that one child gives before it is lost; the version that it was lost in is red."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _work(writer, texts, checks, seconds)
    os.close(writer)
    given = 0
    try:
        while given < len(texts):
            ready, _, _ = select.select([reader], [], [], 4 * seconds + 2)
            said = os.read(reader, 1) if ready else b""
            given += 1
            yield said[0] if said else RED
            if not said:
                return
    finally:
        os.close(reader)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _work(writer: int, texts: Sequence[str], checks: tuple[CodeType, CodeType], seconds: float) -> None:
    """The child: one byte for each version. Never returns."""
    try:
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        most = _size() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        signal.signal(signal.SIGALRM, _ring)
        for text in texts:
            os.write(writer, bytes([judge(text, checks, seconds)]))
    finally:
        os._exit(0)


def _size() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _ring(*_: object) -> None:
    raise OutOfTimeError


def judge(text: str, checks: tuple[CodeType, CodeType], seconds: float) -> int:
    """One version's verdict, in this process."""
    visible, hidden = checks
    if not _timed(seconds, lambda: run(text, visible)):
        return RED
    return RIGHT if _timed(5 * seconds, lambda: run(text, hidden)) else GREEN


def _timed(seconds: float, work: Callable[[], None]) -> bool:
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        work()
    except BaseException:
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return True


def run(text: str, check: CodeType) -> None:
    """Import a text as `solution` and run a check on it; raises whatever either does."""
    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    exec(compile(text, f"{MODULE}.py", "exec", dont_inherit=True), module.__dict__)
    names: dict[str, object] = {"__name__": "check"}
    exec(check, names)
    for name, test in list(names.items()):
        if name.startswith("test_") and callable(test):
            test()
