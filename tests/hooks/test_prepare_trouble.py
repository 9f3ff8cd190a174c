"""Whatever goes wrong with a draft, the commit goes on and the message file is as git made it."""

from __future__ import annotations

import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hooked import GIT, NAME, STAGED, Hooked, command, door, hooked, message_file, write_script
from ocode_tools.hooks.install import install
from ocode_tools.hooks.script import BEFORE, render
from repos import MakeRepo

FILES = {"file": "one\n"}


@pytest.fixture
def here(make_repo: MakeRepo) -> Hooked:
    """A repository with our hook."""
    return hooked(make_repo(FILES), STAGED)


HANG = """
    import re
    re.match("(a+)+$", "a" * 64 + "b")
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param('    return "the model took a day off"', "the model took a day off", id="no draft"),
        pytest.param('    raise ValueError("wrong\\nlines")', "unexpected ValueError: wrong lines", id="exception"),
        pytest.param("    raise MemoryError", "unexpected MemoryError:", id="memory"),
        pytest.param('    return Draft("#", "", (), "rules")', "the draft has no subject", id="empty draft"),
        pytest.param("    import time; time.sleep(60)", "not ready within 0.6 s (message.budget)", id="slow"),
        pytest.param(HANG, "not ready within 0.6 s (message.budget)", id="stuck in C"),
        pytest.param(
            "    import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
            "not ready within 0.6 s (message.budget)",
            id="slow and deaf",
        ),
    ],
)
def test_trouble_is_one_line_and_one_comment(body: str, said: str, here: Hooked) -> None:
    done, after = door(here, body)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", f"ocode: no draft: {said}".rstrip().encode() + b"\n")
    assert after == GIT[:1] + f"# ocode: no draft: {said}".rstrip().encode() + b"\n#\n" + GIT[1:]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("    import os; os._exit(7)", "no draft: the drafter ended without a word", id="gone"),
        pytest.param("    import os; os.kill(os.getpid(), 9)", "no draft: the drafter ended without a word", id="shot"),
        pytest.param("    sys.exit(5)", "no draft: unexpected SystemExit: 5", id="exit"),
    ],
)
def test_a_drafter_that_dies_leaves_the_file_as_it_was(body: str, said: str, here: Hooked) -> None:
    done, after = door(here, body)
    assert (done.returncode, done.stderr, after) == (0, f"ocode: {said}\n".encode(), GIT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_at_once_and_leaves_the_file_as_it_was(number: int, here: Hooked, tmp_path: Path) -> None:
    mark, file = tmp_path / "drafting", message_file(here)
    body = f"    import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    with subprocess.Popen(command(here, body, "--budget", "50"), cwd=here.repo.top, stderr=subprocess.PIPE) as hook:
        while not mark.exists() and hook.poll() is None:
            time.sleep(0.01)
        hook.send_signal(number)
        _, said = hook.communicate(timeout=20)
    assert (hook.returncode, said, file.read_bytes(), mark.exists()) == (0, b"", GIT, True)


def test_killed_while_it_drafts_it_leaves_the_file_as_it_was(here: Hooked, tmp_path: Path) -> None:
    mark, file = tmp_path / "drafting", message_file(here)
    body = f"    import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(1)\n{STAGED}"
    with subprocess.Popen(command(here, body), cwd=here.repo.top) as hook:
        while not mark.exists() and hook.poll() is None:
            time.sleep(0.01)
        hook.kill()
    time.sleep(1)  # what it left behind has its draft now
    assert (hook.returncode, file.read_bytes(), mark.exists()) == (-signal.SIGKILL, GIT, True)


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", ">&- 2>&- <&-"])
def test_nobody_need_listen(closed: str, here: Hooked) -> None:
    file = message_file(here)
    call = shlex.join(command(here, '    return "\x1b[2J no"'))
    done = subprocess.run(f"exec {call} {closed}", shell=True, cwd=here.repo.top, check=False)
    assert done.returncode == 0
    assert file.read_bytes() == b"\n# ocode: no draft: [2J no\n#\n" + GIT[1:]


def test_a_full_disk_leaves_the_file_as_it_was(here: Hooked) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))

    file = message_file(here)
    done = subprocess.run(
        command(here, STAGED),
        cwd=here.repo.top,
        capture_output=True,
        check=False,
        preexec_fn=full,
    )
    assert (done.returncode, done.stderr) == (
        0,
        b"ocode: no draft: the message file cannot be written: File too large\n",
    )
    assert file.read_bytes() == GIT
    assert [path.name for path in file.parent.iterdir() if file.name in path.name] == [file.name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([], "give one message file", id="no file"),
        pytest.param(["--bugdet=3", "file"], "give one message file", id="unknown option"),
        pytest.param(["--budget", "soon", "file"], "--budget needs a number", id="no number"),
        pytest.param(["nowhere"], "No such file", id="no such file"),
        pytest.param(["."], "is no ordinary file", id="folder"),
    ],
)
def test_a_wrong_call_is_one_line_and_stops_nothing(words: list[str], said: str, here: Hooked) -> None:
    call = [sys.executable, "-m", "ocode_hooks.prepare_commit_msg", *words]
    done = subprocess.run(call, cwd=here.repo.top, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


PYTHONS = {
    "moved away": None,
    "without ocode": f'#!/bin/sh\nexec {sys.executable} -S "$@"\n',
    "broken": "#!/bin/sh\nexit 1\n",
    "of another machine": "#!/nowhere/interpreter\n",
}


@pytest.mark.parametrize("hook", [NAME, "commit-msg"])
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in PYTHONS.items()])
def test_the_commit_goes_through_without_a_working_python(text: str | None, hook: str, make_repo: MakeRepo) -> None:
    here = hooked(make_repo(FILES), None)
    python = here.logs / "its-python"
    if text:
        write_script(python, text)
    (here.folder / NAME).unlink()
    install(here.folder, hook, render(hook, str(python)))
    here.change()
    done = here.git("commit", "-q")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("ocode: ")]
    assert "ocode hooks install" in line
    assert here.message() == "by hand\n\n"


def test_a_foreign_hook_that_refuses_ends_the_commit_with_its_code(make_repo: MakeRepo) -> None:
    here = hooked(make_repo(FILES), None)
    write_script(here.folder / f"{NAME}{BEFORE}", "#!/bin/sh\nexit 5\n")
    for call in ([f"./{NAME}", "file"], ["sh", NAME, "file"]):
        assert subprocess.run(call, cwd=here.folder, check=False).returncode == 5
    here.change()
    assert here.git("commit", check=False).returncode
    assert here.started == []
