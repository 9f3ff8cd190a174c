"""A long-running command of our own that outlives nobody: when this process ends, however it ends, so does it.

A part of the door to processes (`ocode_tools.process`). As with `ocode_tools.supervise`, a small process between the
two holds the lifeline, its stdin. When that closes, the command is asked to end (SIGTERM, so that it tidies up), and
killed some seconds later. Where the small process itself is killed, the kernel asks (PR_SET_PDEATHSIG, prctl(2), Linux
only).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ocode_tools.errors import SetupError

GRACE = 12.0  # seconds to tidy up
_PR_SET_PDEATHSIG = 1
_START = "import sys; sys.path.append(sys.argv.pop(1)); from ocode_tools.attend import main; main()"


class Attended:
    """A running command; `out` and `err` are files that take what it prints. The descriptors `held` (locks) stay open
    until it has ended. Raises `SetupError` where it cannot start."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path | str,
        env: Mapping[str, str],
        out: Path,
        err: Path,
        held: Sequence[int] = (),
    ) -> None:
        words = [sys.executable, "-I", "-S", "-c", _START, str(Path(__file__).parents[1])]
        words += [",".join(map(str, held)), *command]
        try:
            with out.open("wb") as said, err.open("wb") as told:
                self._child = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env=env,
                    stdin=subprocess.PIPE,
                    stdout=said,
                    stderr=told,
                    start_new_session=True,
                    pass_fds=held,
                )
        except OSError as error:
            raise SetupError(f"cannot run {command[0]} in {cwd}: {error.strerror}") from None

    @property
    def pid(self) -> int:
        """Of the process between."""
        return self._child.pid

    def wait(self, seconds: float | None = None) -> int | None:
        """The command's exit code, 128 + N after signal N; None where it still runs after so many seconds."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """Ask it to end; `wait` tells when it has."""
        if self._child.stdin and not self._child.stdin.closed:
            with suppress(BrokenPipeError):
                self._child.stdin.close()


def main() -> None:
    """The process between."""
    held = [int(word) for word in sys.argv[1].split(",") if word]
    wake, signalled = os.pipe()
    for end in (wake, signalled):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
    ended = [False]
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: ended.__setitem__(0, ended[0] or number != signal.SIGCHLD))
    try:
        child = subprocess.Popen(
            sys.argv[2:], stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=held, preexec_fn=_die_with_parent
        )
    except OSError as error:
        os.write(2, f"{sys.argv[2]}: {error.strerror}\n".encode(errors="surrogateescape"))
        os._exit(127)
    with selectors.DefaultSelector() as selector:
        for source in (0, wake):
            selector.register(source, selectors.EVENT_READ)
        while child.poll() is None and not ended[0]:
            for key, _ in selector.select():
                ended[0] |= not os.read(key.fd, 1 << 12) and key.fd == 0
    if child.poll() is None:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    code = child.wait()
    os._exit(code if code >= 0 else 128 - code)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        from ocode_tools.landlock import prctl

        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
