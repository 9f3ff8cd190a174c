"""Work that may hang, in a child process that is ended by the clock and never holds its parent up.

A thread cannot do this: nothing stops one that is stuck inside a C function. See fork(2), setsid(2), alarm(2).
"""

from __future__ import annotations

import contextlib
import marshal
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

Message = tuple[str, str, bytes, float]
"""What a child may send: a kind, a line for people, bytes, a number."""
Say = Callable[[Message], None]
_SPARE = 5
_LENGTH = 4
_TIDYING = 0.1
"""Seconds that a child gets to end what it started."""


class Child:
    """A child that does `work(say)` and sends messages; it ends itself some seconds after `seconds` if nobody does."""

    def __init__(self, work: Callable[[Say], None], seconds: float) -> None:
        self._source, sink = os.pipe()
        self._data = bytearray()
        self._pid = os.fork()
        if self._pid == 0:
            _live(work, sink, seconds)
        os.close(sink)

    def hear(self, until: float) -> Message | None:
        """The next message; None when the child has ended. Raises TimeoutError at `until` (time.monotonic())."""
        while len(self._data) < (whole := _LENGTH + int.from_bytes(self._data[:_LENGTH])):
            if not select.select([self._source], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError
            data = os.read(self._source, 1 << 16)
            if not data:
                return None
            self._data += data
        message: Message = marshal.loads(self._data[_LENGTH:whole])
        del self._data[:whole]
        return message

    def end(self) -> None:
        """See that it is gone: asked first, so that it ends what it started, then killed."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, number)
                self._wait(_TIDYING)
        os.close(self._source)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._pid:
            if os.waitpid(self._pid, os.WNOHANG)[0]:
                self._pid = 0
            elif time.monotonic() > end:
                return
            else:
                time.sleep(0.005)


def last(seconds: float) -> None:
    """Let this child live for so many seconds from now, and a few to spare; then the kernel ends it."""
    signal.alarm(int(seconds) + _SPARE)


def _live(work: Callable[[Say], None], sink: int, seconds: float) -> None:
    """The child's whole life. It leaves by `os._exit`: what its parent would do at its end is not done twice."""
    try:
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        last(seconds)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, _stop)
        work(lambda message: _send(sink, message))
    except KeyboardInterrupt:
        pass
    except BaseException as problem:  # whatever it is, a traceback is no answer
        with contextlib.suppress(BaseException):
            _send(sink, ("trouble", " ".join(f"{type(problem).__name__}: {problem}".split()), b"", 0.0))
    finally:
        with contextlib.suppress(BaseException):
            sys.stderr.flush()
        os._exit(0)


def _send(sink: int, message: Message) -> None:
    data = marshal.dumps(message)
    view = memoryview(len(data).to_bytes(_LENGTH) + data)
    while view:
        view = view[os.write(sink, view) :]


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
