"""One change at a time: a forked child that takes it over and runs tests, and the parent that listens and ends it.

Python 3.8 or later, standard library only.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import Any

LARGEST_FILE = 64 << 20
WALL = 4.0  # wall seconds for a second of processor time: others may be busy
LOOK_EVERY = 0.02
EXAMPLES = "docstring examples"  # stands for a test, where its limit is given

Begin = Callable[[str], None]
End = Callable[[str, bool, str], bool]
Run = Callable[["list[str]", Begin, End], None]


def judge(run: Run, order: dict[str, Any], steps: list[Any], say: int, growth: int) -> dict[str, Any]:
    """What becomes of an order's tests in a child that puts new code into functions (`steps`); nothing of it is left.

    `say` is the descriptor that it must not have, `growth` the bytes that it may take.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _Child(os.getpid(), writer, order).live(run, steps, say, growth)
    os.close(writer)
    with contextlib.suppress(OSError):  # it may have done so itself
        os.setpgid(pid, pid)
    heard = _Heard(order["limits"])
    try:
        dead = heard.listen(pid, reader)
    finally:
        os.close(reader)
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    status = dead if dead is not None else os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
        heard.hung = heard.hung or heard.now or "the start"
    return heard.answer()


class _Heard:
    """What a child says of its tests, and how long each may take (seconds by id)."""

    def __init__(self, limits: dict[str, float]) -> None:
        self._limits = limits
        self.green: list[str] = []
        self.red: list[list[str]] = []
        self.now = self.hung = ""
        self._over = False
        self._rest = b""

    def listen(self, pid: int, pipe: int) -> Any:
        """Until it is over, dead (then its status is returned) or too late."""
        deadline = time.monotonic() + WALL * max(self._limits.values())
        while not self._over:
            now = time.monotonic()
            if now > deadline:
                self.hung = self.now or "the start"
                return None
            if select.select([pipe], [], [], min(LOOK_EVERY, deadline - now))[0]:
                data = os.read(pipe, 1 << 16)
                if not data:
                    return None
                if began := self._take(data):
                    deadline = time.monotonic() + WALL * self._limits[began]
                continue
            # a process that the test forked may hold the pipe open
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone:
                return status
        return None

    def _take(self, data: bytes) -> str:
        """The test that began last, if one did."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        began = ""
        for line in lines:
            word, *rest = json.loads(line)
            if word == "begin":
                self.now = began = rest[0]
            elif word == "end":
                self.green.extend([rest[0]] if rest[1] else [])
                self.red.extend([] if rest[1] else [[rest[0], rest[2]]])
                self.now = ""
            else:
                self._over = True
        return began

    def answer(self) -> dict[str, Any]:
        """The fields of an answer."""
        if self.hung:
            self.red.append([self.now or self.hung, "it takes too long"])
        elif self.now or not self._over:
            self.red.append([self.now, "the process ended in this test"])
        return {"green": self.green, "red": self.red, "hung": bool(self.hung)}


class _Child:
    """One forked child: takes the change over, runs tests, ends."""

    def __init__(self, pid: int, pipe: int, order: dict[str, Any]) -> None:
        self._pid, self._pipe, self._limits = pid, pipe, order["limits"]
        self._first, self._then, self._all = order["first"], order["then"], order["all"]
        self._reds = 0

    def live(self, run: Any, steps: list[Any], say: int, growth: int) -> None:
        """Never returns."""
        try:
            os.setpgid(0, 0)
            os.close(say)
            _limit(growth)
            if self._changed(steps):
                self._tests(run, steps)
            self._tell("over")
        finally:
            os._exit(0)

    def _changed(self, steps: list[Any]) -> bool:
        """Take the change over; whether that went well."""
        try:
            for place, code, defaults in steps:
                names: Any = place
                if isinstance(place, dict):
                    exec(code, names)
                    continue
                place.__code__ = code
                if defaults:
                    place.__defaults__, place.__kwdefaults__ = defaults
        except BaseException as problem:  # of an import
            self._tell("begin", self._first[0])
            self._tell("end", self._first[0], False, f"{type(problem).__name__}: {problem}"[:300])
            return False
        return True

    def _tests(self, run: Any, steps: list[Any]) -> None:
        for group in (self._first, self._then):
            if not self._reds:
                run(group, self._begin, self._end)
        if EXAMPLES in self._limits and steps and not self._reds:
            self._begin(EXAMPLES)
            self._end(EXAMPLES, *examples(steps[0][0]))

    def _tell(self, *words: Any) -> None:
        if os.getpid() == self._pid:  # not from a child that a test forked
            os.write(self._pipe, f"{json.dumps(words)}\n".encode())

    def _begin(self, test: str) -> None:
        self._tell("begin", test)
        if os.getpid() == self._pid:
            signal.setitimer(signal.ITIMER_PROF, self._limits[test])

    def _end(self, test: str, green: bool, said: str) -> bool:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._tell("end", test, green, said)
        self._reds += not green
        return green or (self._all and test in self._first)


def _limit(growth: int) -> None:
    """What a child may use: no more memory than `growth`, no large files, no output, and the default for SIGPROF."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    limits = [(resource.RLIMIT_FSIZE, LARGEST_FILE)]
    if growth and os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm", "rb") as file:
            limits.append((resource.RLIMIT_AS, int(file.read().split()[0]) * resource.getpagesize() + growth))
    for kind, wanted in limits:
        soft, hard = resource.getrlimit(kind)
        least = min([wanted, *(one for one in (soft, hard) if one != resource.RLIM_INFINITY)])
        resource.setrlimit(kind, (least, hard))


class _Loose(doctest.OutputChecker):
    """Takes the same value in another spelling for the same."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if super().check_output(want, got, optionflags | doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE):
            return True
        try:
            return bool(ast.literal_eval(want.strip()) == ast.literal_eval(got.strip()))
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return False


def examples(function: Any) -> tuple[bool, str]:
    """Whether all examples in a function's docstring come out as they say, and the first that does not."""
    try:
        found = doctest.DocTestParser().get_examples(function.__doc__ or "")
    except ValueError as problem:  # not written as doctest wants it
        return True, str(problem)
    said: list[str] = []
    test = doctest.DocTest(found, dict(function.__globals__), function.__name__, None, None, None)
    doctest.DocTestRunner(_Loose(), verbose=False).run(test, out=said.append, clear_globs=False)
    return not said, "".join(said)[:300]


def silence() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
