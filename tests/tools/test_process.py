"""The process door, with real processes: nothing of them may be left, however they end."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocode_tools.errors import SetupError
from ocode_tools.outcome import Limits, Outcome
from ocode_tools.process import NOT_FOUND, TIMED_OUT, Cancel, run, supervise
from ocode_tools.sandbox import Sandbox, View
from ocode_tools.supervise import Output

BARE = Sandbox("none", "tests")
Start = Callable[..., Outcome]


def family(mark: str) -> list[psutil.Process]:
    """The processes that carry this mark in their arguments, the dead ones left aside."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if mark in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def until(true: Callable[[], bool]) -> bool:
    """Wait for it, with plenty of patience."""
    deadline = time.monotonic() + 20
    while not (done := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


@pytest.fixture
def mark() -> Iterator[str]:
    """A word that only the processes of this test have among their arguments; none of them outlives the test."""
    word = uuid.uuid4().hex
    yield word
    left = family(word)
    for process in left:
        process.kill()
    assert not left


@pytest.fixture
def start(tmp_path: Path, mark: str) -> Start:
    """Supervise a piece of Python (its argv[1] is the mark), or a command, with generous limits."""

    def supervised(code: str | list[str], cancel: Cancel | None = None, name: str = "output", **limits: int) -> Outcome:
        chosen: dict[str, int] = {"seconds": 60, "memory": 2 << 30, "processes": 64, "output": 1 << 20, **limits}
        return supervise(
            [sys.executable, "-c", code, mark] if isinstance(code, str) else code,
            cwd=tmp_path,
            env=dict(os.environ),
            output=tmp_path / name,
            limits=Limits(**chosen),
            sandbox=BARE,
            view=View(()),
            cancel=cancel or Cancel(),
        )

    return supervised


def test_run_gives_streams_and_code() -> None:
    code = "import sys; print(sys.stdin.read()); print('bad', file=sys.stderr); sys.exit(3)"
    done = run([sys.executable, "-c", code], stdin=b"\xff")
    assert (done.code, done.out, done.text, done.err) == (3, b"\xff\n", "\udcff\n", b"bad\n")


def test_run_reads_nothing_unless_told() -> None:
    assert run(["cat"]).out == b""


def test_run_takes_folder_and_environment(tmp_path: Path) -> None:
    done = run(["/bin/sh", "-c", "pwd; echo $WORD"], cwd=tmp_path, env={"WORD": "x"})
    assert done.text == f"{tmp_path}\nx\n"


def test_run_says_what_is_missing(tmp_path: Path) -> None:
    done = run(["no-such-tool"])
    assert (done.code, done.out) == (NOT_FOUND, b"")
    assert b"no-such-tool: No such file" in done.err
    assert b"gone: No such file" in run(["true"], cwd=tmp_path / "gone").err


def test_run_kills_the_group_at_the_timeout(mark: str) -> None:
    code = "import os, time; print('early', flush=True); os.fork(); time.sleep(99)"
    done = run([sys.executable, "-c", code, mark], timeout=1)
    assert (done.code, done.out, done.err) == (TIMED_OUT, b"early\n", b"stopped after 1 s\n")
    assert until(lambda: not family(mark))


def test_run_does_not_wait_for_a_stray_that_holds_the_pipe(mark: str) -> None:
    code = "import os, time\nif os.fork() == 0: os.setsid()\nprint('said', flush=True)\ntime.sleep(60)"
    done = run([sys.executable, "-c", code, mark], timeout=1)
    assert done.code == TIMED_OUT
    assert done.out.startswith(b"said")
    for stray in family(mark):  # out of reach for this door, which trusts its tools
        stray.kill()
        stray.wait(20)


@pytest.mark.parametrize("code", [0, 1, 77])
def test_exit_code_and_output(start: Start, tmp_path: Path, code: int) -> None:
    outcome = start(f"import sys; print('out'); sys.stdout.flush(); sys.stderr.write('err'); sys.exit({code})")
    assert (outcome.code, outcome.ended, outcome.why, outcome.output_bytes) == (code, "exit", "", 7)
    assert (tmp_path / "output").read_bytes() == b"out\nerr"
    assert outcome.peak_memory > 1 << 20


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_signals_are_named(start: Start, number: signal.Signals) -> None:
    outcome = start(f"import os; os.kill(os.getpid(), {int(number)})")
    assert (outcome.code, outcome.why) == (-number, f"killed by {number.name}")


def test_a_command_that_is_missing_is_a_result(start: Start, tmp_path: Path) -> None:
    assert start(["./no-such-thing"]).code == 127
    assert "./no-such-thing: " in (tmp_path / "output").read_text()


def test_output_that_cannot_be_written_is_said(start: Start) -> None:
    with pytest.raises(SetupError, match="No such file or directory"):
        start("", name="no/folder/here")


FORK = "import os, signal, time\n"
HANGS = {
    "sleeps": "time.sleep(99)",
    "ignores SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(99)",
    "setsid child": "if os.fork() == 0: os.setsid()\ntime.sleep(99)",
    "daemon": "if os.fork() == 0:\n  os.setsid()\n  if os.fork(): os._exit(0)\ntime.sleep(99)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "busy": "while True: pass",
}
STRAYS = {
    "background child": "if os.fork() == 0: time.sleep(99)",
    "daemon that holds the pipe": (
        "if os.fork() == 0:\n  os.setsid()\n  if os.fork(): os._exit(0)\n  time.sleep(99)\nos.wait()"
    ),
    "daemon that ignores signals": (
        "if os.fork() == 0:\n  os.setsid()\n  for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
        "  if os.fork(): os._exit(0)\n  time.sleep(99)\nos.wait()"
    ),
}


@pytest.mark.parametrize("code", HANGS.values(), ids=HANGS)
def test_timeout_leaves_nothing(start: Start, mark: str, code: str) -> None:
    outcome = start(FORK + code, seconds=1)
    assert (outcome.code, outcome.ended, outcome.why) == (None, "timeout", "stopped after 1 s")
    assert not family(mark)


@pytest.mark.parametrize("code", STRAYS.values(), ids=STRAYS)
def test_exit_leaves_nothing_behind(start: Start, mark: str, code: str) -> None:
    outcome = start(FORK + code)
    assert (outcome.code, outcome.ended) == (0, "exit")
    assert not family(mark)


@pytest.mark.parametrize("step", ["pass", "os.setsid()"], ids=["one group", "a session each"])
def test_fork_bomb_loses(start: Start, mark: str, step: str) -> None:
    bounded = f"for _ in range(8):\n  try:\n    os.fork(); {step}\n  except OSError: pass\ntime.sleep(99)"
    outcome = start(FORK + bounded, processes=40)
    assert (outcome.ended, outcome.why) == ("processes", "ran more than 40 processes")
    assert not family(mark)


def test_memory_of_the_whole_tree_is_limited(start: Start, mark: str) -> None:
    grow = "import os, time\nfor _ in range(2): os.fork()\nkept = b'x' * (60 << 20)\ntime.sleep(99)"
    outcome = start(grow, memory=200 << 20)
    assert (outcome.ended, outcome.why) == ("memory", "used more than 200 MiB")
    assert outcome.peak_memory > 200 << 20
    assert not family(mark)


def test_address_space_is_limited_on_request(start: Start, tmp_path: Path) -> None:
    assert start("kept = bytearray(1 << 30)").code == 0
    assert start("kept = bytearray(1 << 30)", address_space=1 << 29).code == 1
    assert "MemoryError" in (tmp_path / "output").read_text()


def test_a_flood_of_output_is_cut_in_the_middle(start: Start, tmp_path: Path) -> None:
    flood = "import os\nos.write(1, b'first')\nfor _ in range(200): os.write(1, b'x' * (1 << 20))\nos.write(1, b'last')"
    outcome = start(flood, output=10_000)
    kept = (tmp_path / "output").read_bytes()
    assert outcome.code == 0
    assert outcome.output_bytes == (200 << 20) + 9
    assert kept.startswith(b"first")
    assert kept.endswith(b"last")
    assert b"\n[... %d bytes cut ...]\n" % (outcome.output_bytes - 10_000) in kept
    assert len(kept) < 10_100


@given(st.lists(st.binary(max_size=40)), st.integers(0, 60))
def test_output_keeps_both_ends(chunks: list[bytes], budget: int) -> None:
    file = io.BytesIO()
    output = Output(file, budget)
    for chunk in chunks:
        output.take(chunk)
    output.finish()
    said = b"".join(chunks)
    first, last = said[: budget // 2], said[len(said) - (budget - budget // 2) :]
    cut = b"\n[... %d bytes cut ...]\n" % (len(said) - budget)
    assert output.total == len(said)
    assert file.getvalue() == (said if len(said) <= budget else first + cut + last)


def test_there_is_no_terminal_and_nothing_to_read(start: Start, tmp_path: Path) -> None:
    start("import os\ntry: os.open('/dev/tty', os.O_RDWR)\nexcept OSError: print(os.getsid(0) - os.getpid())\ninput()")
    said = (tmp_path / "output").read_text()
    assert said.startswith("0\n")
    assert "EOFError" in said


def test_arguments_and_environment_may_be_any_bytes(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = os.fsdecode(b"\xff '\n")
    monkeypatch.setenv("WORD", odd)
    assert start(["/bin/sh", "-c", 'printf %s "$1$WORD"', "sh", odd], name=odd).code == 0
    assert (tmp_path / odd).read_bytes() == b"\xff '\n" * 2


def test_cancel_from_another_thread(start: Start, mark: str) -> None:
    cancel = Cancel()

    def watch() -> None:
        until(lambda: len(family(mark)) == 2)
        cancel.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    outcome = start(FORK + HANGS["setsid child"], cancel=cancel)
    watcher.join()
    assert (outcome.code, outcome.ended, outcome.why) == (None, "cancelled", "cancelled")
    assert not family(mark)


def test_cancelled_before_the_start(start: Start) -> None:
    cancel = Cancel()
    cancel.set()
    assert start("import time; time.sleep(99)", cancel=cancel).ended == "cancelled"


def test_several_threads_at_once(start: Start) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(start, f"import sys; sys.exit({n})", name=f"output{n}") for n in range(8)]
    assert [done.result().code for done in runs] == list(range(8))


PARENT = """
import os, sys
from pathlib import Path
from ocode_tools.outcome import Limits
from ocode_tools.process import Cancel, supervise
from ocode_tools.sandbox import Sandbox, View
here = Path.cwd()
code = "import os, time\\nif os.fork() == 0: os.setsid()\\ntime.sleep(99)"
supervise([sys.executable, "-c", code, sys.argv[1]], cwd=here, env=dict(os.environ), output=here / "output",
          limits=Limits(90, 1 << 30, 9, 1 << 20), sandbox=Sandbox("none", ""), view=View(()), cancel=Cancel())
"""
RUNNING = """
import sys
from ocode_tools.process import run
run([sys.executable, "-c", "import os, time; os.fork(); time.sleep(99)", sys.argv[1]])
"""


@pytest.mark.parametrize(
    ("script", "number"),
    [(PARENT, signal.SIGKILL), (PARENT, signal.SIGTERM), (PARENT, signal.SIGINT), (RUNNING, signal.SIGINT)],
    ids=["killed", "ended", "interrupted", "interrupted in run"],
)
def test_nothing_outlives_its_parent(tmp_path: Path, mark: str, script: str, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", script, mark], cwd=tmp_path, stderr=subprocess.DEVNULL) as parent:
        assert until(lambda: len(family(mark)) == 3)
        parent.send_signal(number)
        assert parent.wait(20) != 0
    assert until(lambda: not family(mark))
