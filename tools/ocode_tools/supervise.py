"""Runs one untrusted command and ends it, with all its descendants, by every way out.

A process of its own, started by `ocode_tools.process.supervise`: one JSON line (`Spec`) arrives on stdin,
one (`Report`) leaves on stdout. Stdin stays open as a lifeline: when it closes, ocode is gone or wants no
more, and the tree is killed. Being single-threaded, it may run code between fork and exec; being the
subreaper (PR_SET_CHILD_SUBREAPER, prctl(2), Linux only), it keeps daemons and `setsid` children below itself.
"""

from __future__ import annotations

import json
import os
import resource
import selectors
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn, TypedDict

from ocode_tools.landlock import Rules, prctl, restrict

Ended = Literal["exit", "timeout", "memory", "processes", "cancelled"]

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LARGEST_FILE = 8 << 30
_THREADS_PER_PROCESS = 16
_SAMPLE_EVERY, _SLOWEST_SAMPLING = 0.1, 0.5
_END_WITHIN, _LAST_WORDS_WITHIN = 3.0, 0.2


class Spec(TypedDict):
    """One command: seconds of wall time, bytes of memory and output, folders and files by absolute path."""

    command: list[str]
    cwd: str
    env: dict[str, str]
    output: str
    seconds: float
    memory: int
    processes: int
    budget: int
    address_space: int | None
    landlock: Rules | None


class Report(TypedDict):
    """How it ended; `code` is null unless `ended` is exit, -N after signal N. `error` is trouble of ours."""

    code: int | None
    ended: Ended
    seconds: float
    peak_memory: int
    output_bytes: int
    error: str


class Output:
    """A file that takes the first and the last half of what is said, and counts the rest."""

    def __init__(self, file: BinaryIO, budget: int) -> None:
        self.total = 0
        self._file = file
        self._room = budget // 2
        self._keep = budget - self._room
        self._tail = bytearray()
        self._dropped = 0

    def take(self, data: bytes) -> None:
        """Add what came next."""
        self.total += len(data)
        head, rest = data[: self._room], data[self._room :]
        self._room -= len(head)
        if head:
            self._file.write(head)
        self._tail += rest
        if len(self._tail) > 2 * self._keep:
            self._trim()

    def finish(self) -> None:
        """Write the tail, after a line that says what is missing before it."""
        self._trim()
        if self._dropped:
            self._file.write(b"\n[... %d bytes cut ...]\n" % self._dropped)
        self._file.write(self._tail)

    def _trim(self) -> None:
        excess = max(0, len(self._tail) - self._keep)
        del self._tail[:excess]
        self._dropped += excess


class Tree:
    """The command and all that descends from it, which is every descendant of this process."""

    def __init__(self) -> None:
        self.main = 0
        self.code: int | None = None
        self.peak_memory = 0

    def start(self, spec: Spec, output: int) -> None:
        """Fork and become the command there; the descriptor `output` is its stdout and stderr."""
        self.main = os.fork()
        if self.main == 0:
            _become(spec, output)
        if sys.platform == "linux":
            with suppress(OSError):  # only root may, and root's forks know no limit: be heard among thousands
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def reap(self) -> bool:
        """Collect the dead, strays that became ours included; true while any child is left."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG))[0]:
                if dead[0] == self.main:
                    self.code = os.waitstatus_to_exitcode(dead[1])
        except ChildProcessError:
            return False
        return True

    def excess(self, spec: Spec) -> Ended | None:
        """Measure resident memory (shared pages count once a process) and processes against the limits."""
        import psutil  # takes longer to load than a short command to run

        family = psutil.Process().children(recursive=True)
        memory = 0
        for process in family:
            with suppress(psutil.Error):
                memory += process.memory_info().rss
        self.peak_memory = max(self.peak_memory, memory)
        if len(family) > spec["processes"]:
            return "processes"
        return "memory" if memory > spec["memory"] else None

    def end(self) -> None:
        """Kill what is left; return when nothing is, or after a few seconds where something cannot die."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.main, signal.SIGKILL)  # at one stroke: no fork of that group escapes
        for _ in range(5):  # what was killed, or a namespace that ends, needs a moment to be gone
            if not self.reap():
                return
            time.sleep(0.002)
        deadline = time.monotonic() + _END_WITHIN
        stopped: set[int] = set()
        while self.reap() and time.monotonic() < deadline:
            import psutil

            family = {process.pid for process in psutil.Process().children(recursive=True)}
            if fresh := family - stopped:  # all stand still first, or forks would outrun the killing
                _signal(fresh, signal.SIGSTOP)
                stopped |= fresh
                deadline = time.monotonic() + _END_WITHIN
            else:
                _signal(family, signal.SIGKILL)
                time.sleep(0.002)


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _become(spec: Spec, output: int) -> NoReturn:
    """In the child: leave the terminal, take the limits, turn into the command."""
    command = spec["command"]
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and that would be inherited
            signal.signal(number, signal.SIG_DFL)
        if sys.platform == "linux":
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            tasks = Path("/proc/loadavg").read_text().split()[3]  # running/all; the limit counts the user's threads
            _limit(resource.RLIMIT_NPROC, int(tasks.partition("/")[2]) + spec["processes"] * _THREADS_PER_PROCESS)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)
        if spec["address_space"] is not None:
            _limit(resource.RLIMIT_AS, spec["address_space"])
        os.chdir(spec["cwd"])
        if spec["landlock"] is not None:
            restrict([Path(path) for path in spec["landlock"]["writable"]], spec["landlock"]["network"])
        os.execvpe(command[0], command, spec["env"])
    except (OSError, ValueError) as error:
        os.write(2, f"{command[0]}: {error}\n".encode(errors="surrogateescape"))
    finally:
        os._exit(127)


def _wakeup() -> int:
    """A descriptor that turns readable with every signal that has a handler (signal.set_wakeup_fd)."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


class Watch:
    """Waits for the first reason to end: the command's own exit, a limit, or a closed lifeline."""

    def __init__(self, spec: Spec, tree: Tree, output: Output, pipe: int) -> None:
        self.spec, self.tree, self.output, self.pipe = spec, tree, output, pipe
        self.cancelled = False
        self._selector = selectors.DefaultSelector()

    def heard(self, number: int, _: object) -> None:
        """The signal handler: only a child's end is no reason to stop."""
        self.cancelled |= number != signal.SIGCHLD

    def wait(self, started: float, wake: int) -> Ended:
        """Pass output on until there is a reason to end."""
        for source in (0, wake, self.pipe):
            self._selector.register(source, selectors.EVENT_READ)
        deadline = started + self.spec["seconds"]
        sample_at = started + _SAMPLE_EVERY
        while True:
            self._turn(min(deadline, sample_at) - time.monotonic())
            self.tree.reap()
            now = time.monotonic()
            if self.tree.code is not None:
                return "exit"
            if self.cancelled:
                return "cancelled"
            if now >= deadline:
                return "timeout"
            if now >= sample_at:
                if reason := self.tree.excess(self.spec):
                    return reason
                after = time.monotonic()  # never more than a tenth of one core for looking
                sample_at = after + min(max(_SAMPLE_EVERY, 10 * (after - now)), _SLOWEST_SAMPLING)

    def last_words(self) -> None:
        """Take what is still in the pipe; who holds it open from elsewhere is not waited for."""
        deadline = time.monotonic() + _LAST_WORDS_WITHIN
        while self.pipe in self._selector.get_map() and (left := deadline - time.monotonic()) > 0:
            self._turn(left)

    def _turn(self, seconds: float) -> None:
        for key, _ in self._selector.select(max(0.0, seconds)):
            data = os.read(key.fd, 1 << 16)
            if key.fd == self.pipe:
                self.output.take(data)
            elif key.fd == 0:
                self.cancelled = True
            if not data:
                self._selector.unregister(key.fd)


def supervise(spec: Spec) -> Report:
    """Run it to its end and clean up behind it; raises OSError where the output cannot be written."""
    if sys.platform == "linux":
        prctl(_PR_SET_CHILD_SUBREAPER, 1)
    with Path(spec["output"]).open("wb", buffering=0) as file:
        reader, writer = os.pipe()
        output, tree = Output(file, spec["budget"]), Tree()
        watch = Watch(spec, tree, output, reader)
        wake = _wakeup()
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, watch.heard)
        started = time.monotonic()
        tree.start(spec, writer)
        os.close(writer)
        try:
            ended = watch.wait(started, wake)
        finally:
            tree.end()
        watch.last_words()
        output.finish()
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Report(
        code=tree.code if ended == "exit" else None,
        ended=ended,
        seconds=time.monotonic() - started,
        peak_memory=max(tree.peak_memory, largest * (1024 if sys.platform == "linux" else 1)),
        output_bytes=output.total,
        error="",
    )


def main() -> None:
    """Read the spec, run it, report; nothing to do where stdin ends before one comes."""
    if not (line := sys.stdin.buffer.readline()):
        return
    spec: Spec = json.loads(line)
    try:
        report = supervise(spec)
    except OSError as error:
        report = Report(code=None, ended="cancelled", seconds=0.0, peak_memory=0, output_bytes=0, error=str(error))
    with suppress(BrokenPipeError):
        os.write(1, json.dumps(report).encode() + b"\n")
    os._exit(0)  # an orderly end of the interpreter takes milliseconds that somebody waits for
