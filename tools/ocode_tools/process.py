"""The door to other processes: short trusted tools by `run`, untrusted commands by `supervise`.

A hook that asks git one question loads this file: what only `supervise` needs comes in when that is called.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self, TypeVar

from ocode_tools.errors import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from ocode_tools.landlock import Rules
    from ocode_tools.outcome import Limits, Outcome
    from ocode_tools.supervise import Ended, Report, Spec

NOT_FOUND, TIMED_OUT = 127, 124  # as sh and timeout(1) say it
_HOLDERS_WITHIN = 0.5
_LOOK_EVERY = 0.05
_SUPERVISOR_GRACE = 10.0
# By -c and not by path, so that the byte code is cached; without site, so that no other ocode is found there.
_START = "import sys; sys.path += sys.argv[1:]; from ocode_tools.supervise import main; main()"


class Finished(NamedTuple):
    """What a trusted tool said; `code` is -N after signal N, 127 if it could not start, 124 if too slow."""

    command: tuple[str, ...]
    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """The output as text; bytes that are not UTF-8 come as surrogates."""
        return self.out.decode("utf-8", "surrogateescape")


def run(
    command: Sequence[str],
    *,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> Finished:
    """Run a trusted tool to its end, in a session of its own, with nothing but `stdin` to read.

    A tool that is missing (127) or takes more than `timeout` seconds (124) is an ordinary result with the
    reason in `err`; the timeout, and whatever interrupts this call, kills its whole process group.
    """
    try:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Finished(tuple(command), NOT_FOUND, b"", f"{error.filename}: {error.strerror}\n".encode())
    with child:
        try:
            out, err = child.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            _kill_group(child.pid)
            out, err = _rest(child)
            return Finished(tuple(command), TIMED_OUT, out, err + f"stopped after {timeout:g} s\n".encode())
        except BaseException:
            _kill_group(child.pid)
            raise
        return Finished(tuple(command), child.returncode, out, err)


def hand_over(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run a command of the user's on the user's own terminal, for as long as it takes; returns its exit code.

    Interrupts are the command's to answer: this process only waits. Raises SetupError where it cannot start.
    """

    def wait(_signal: int, _frame: object) -> None:
        """Not SIG_IGN, which the command would inherit."""

    kept = signal.signal(signal.SIGINT, wait)
    try:
        return subprocess.call(command, cwd=cwd, env=env)
    except OSError as error:
        raise SetupError(f"cannot run {command[0]}: {error.strerror}") from None
    finally:
        signal.signal(signal.SIGINT, kept)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _rest(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What a killed child had said; a process outside its group that holds the pipe is not waited for."""
    try:
        return child.communicate(timeout=_HOLDERS_WITHIN)
    except subprocess.TimeoutExpired as late:
        return late.output or b"", late.stderr or b""


class Cancel(threading.Event):
    """A switch that any thread may set, once and for all, to end the runs that it was given to."""


class Spare:
    """Supervisors that wait for work: the next one starts while a command runs, as starting takes longer than many
    a test. A context manager, safe in several threads; those left waiting end with it, or with this process."""

    def __init__(self) -> None:
        self._waiting: deque[subprocess.Popen[bytes]] = deque()

    def __enter__(self) -> Self:
        self.refill()
        return self

    def __exit__(self, *_: object) -> None:
        while self._waiting:
            with self._waiting.pop() as child:
                _let_go(child)

    def take(self) -> subprocess.Popen[bytes]:
        """One that is ready, else a new one."""
        with suppress(IndexError):
            while (child := self._waiting.pop()).poll() is not None:  # somebody killed it
                with child:
                    _let_go(child)
            return child
        return _supervisor()

    def refill(self) -> None:
        """See that one is waiting."""
        if not self._waiting:
            self._waiting.append(_supervisor())


View = TypeVar("View", contravariant=True)


class Jail(Protocol[View]):
    """What `supervise` asks of a sandbox (`ocode_tools.sandbox.Sandbox`)."""

    @property
    def level(self) -> str:
        """Its kind."""
        ...

    def wrap(self, command: Sequence[str], view: View, cwd: Path, home: Path) -> list[str]:
        """The command that runs `command` inside."""
        ...

    def rules(self, view: View) -> Rules | None:
        """What the command must give up before it starts, if anything."""
        ...


def supervise(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: Path,
    limits: Limits,
    sandbox: Jail[View],
    view: View,
    cancel: Cancel,
    spare: Spare | None = None,
) -> Outcome:
    """Run an untrusted command with no terminal and nothing to read, and leave no process of it behind.

    Both its streams go to the file `output`: the first and the last half of the budget. `cancel`, an
    interrupt in this thread and the death of this process all end the whole tree at once. A command that
    cannot start has the code 127 (1 in bwrap) and the reason in the output. Safe in several threads.
    Raises SetupError when the supervisor itself cannot work.
    """
    from pathlib import Path

    spec: Spec = {
        "command": sandbox.wrap(command, view, cwd, Path(os.path.expanduser("~"))),
        "cwd": str(cwd),
        "env": dict(env),
        "output": str(output),
        "seconds": limits.seconds,
        "memory": limits.memory,
        "processes": limits.processes,
        "budget": limits.output,
        "address_space": limits.address_space,
        "landlock": sandbox.rules(view),
    }
    started = time.monotonic()
    with spare.take() if spare else _supervisor() as child:
        try:
            _hand_over(child, spec)
            if spare:
                spare.refill()
            said = _listen(child, cancel, started + limits.seconds + _SUPERVISOR_GRACE)
        except BaseException:
            _let_go(child)
            with suppress(subprocess.TimeoutExpired):
                child.wait(_SUPERVISOR_GRACE)
            child.kill()
            raise
    return _outcome(said, child.returncode, time.monotonic() - started, limits, sandbox.level)


def _supervisor() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _START, *_folders()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _folders() -> list[str]:
    """Where the supervisor finds itself and psutil, which is not loaded here."""
    from importlib.util import find_spec
    from pathlib import Path

    psutil = find_spec("psutil")
    if psutil is None or psutil.origin is None:
        raise SetupError("psutil is not installed: reinstall ocode")
    return [str(Path(__file__).parents[1]), str(Path(psutil.origin).parents[1])]


def _hand_over(child: subprocess.Popen[bytes], spec: Spec) -> None:
    import json

    assert child.stdin is not None
    with suppress(BrokenPipeError):  # what it said before it died tells why
        child.stdin.write(json.dumps(spec).encode() + b"\n")
        child.stdin.flush()


def _listen(child: subprocess.Popen[bytes], cancel: Cancel, deadline: float) -> bytes:
    """Return all that the supervisor says; past the deadline it is killed."""
    assert child.stdout is not None
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(_LOOK_EVERY):
                data = os.read(child.stdout.fileno(), 1 << 16)
                if not data:
                    return said
                said += data
            if cancel.is_set():
                _let_go(child)
            if time.monotonic() > deadline:
                child.kill()


def _let_go(child: subprocess.Popen[bytes]) -> None:
    """Close the lifeline."""
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


def _outcome(said: bytes, supervisor: int, seconds: float, limits: Limits, level: str) -> Outcome:
    import json

    from ocode_tools.outcome import Outcome

    if supervisor < 0:
        late: Ended = "timeout" if seconds > limits.seconds else "exit"
        return Outcome(None, late, seconds, 0, 0, limits)
    line = said.decode(errors="replace").strip().rpartition("\n")[2]
    if supervisor:
        raise SetupError(f"the supervisor of test runs failed ({line}): reinstall ocode")
    report: Report = json.loads(line)
    if report["error"]:
        raise SetupError(f"cannot run the tests ({report['error']}): mend that and run again")
    code = report["code"]
    if level == "bwrap" and code is not None and 128 < code < 128 + signal.NSIG:
        code = 128 - code  # bwrap tells of signal N in this way
    return Outcome(code, report["ended"], report["seconds"], report["peak_memory"], report["output_bytes"], limits)
