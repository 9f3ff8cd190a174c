"""The edge of every command: errors become one line and an exit code, signals become an ordinary end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from ocode_bot import terminal
from ocode_bot.version import VERSION
from ocode_tools.errors import Exit, OcodeError, SetupError

Failed = Callable[[str, str], None]


def _no_document(kind: str, message: str) -> None:
    """What commands without a JSON document do about an error."""


@contextmanager
def edge(failed: Failed = _no_document) -> Generator[None]:
    """Run a command's body; leave by `SystemExit` with the documented code whatever it raises.

    `failed(kind, message)` is told about every error before it is printed, so that `--json` can answer at each exit;
    kind is usage, environment, unexpected or interrupted.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        if sys.platform == "win32":
            raise SetupError("Windows is not supported yet; run ocode in WSL")
        yield
    except OcodeError as problem:
        failed(problem.kind, str(problem))
        terminal.error(str(problem))
        raise SystemExit(problem.exit) from None
    except KeyboardInterrupt:
        failed("interrupted", "interrupted")
        terminal.error("interrupted")
        raise SystemExit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(Exit.REMAINS) from None
    except Exception as problem:
        line = f"unexpected {type(problem).__name__}; details in {_log(problem)}"
        failed("unexpected", line)
        terminal.error(line)
        raise SystemExit(Exit.UNEXPECTED) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # a second one would end the tidying up that the first began
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _log(problem: BaseException) -> str:
    """Write versions and the traceback where the user can find them; the path, or the text where there is no room."""
    import platform  # these three only here: they cost each start-up as much as click
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(problem))
    head = f"ocode {VERSION}, Python {platform.python_version()}, {platform.platform()}\n{sys.argv}\n\n"
    try:
        descriptor, name = tempfile.mkstemp(prefix="ocode-", suffix=".log")
        with os.fdopen(descriptor, "w", errors="replace") as file:
            file.write(head + text)
    except OSError:
        return f"no log could be written: {traceback.format_exception_only(problem)[-1].strip()}"
    return name
