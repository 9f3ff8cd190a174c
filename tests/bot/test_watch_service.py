"""The service: texts that the managers accept, commands with managers that a test plays, a watchdog that bites."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ocode_bot.commands.service import install_command, status_command, uninstall_command
from ocode_bot.watching import service
from ocode_tools.errors import RefusedError
from repos import MakeRepo

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("/usr/bin/python3", "/usr/bin/python3"),
        ("a b", '"a b"'),
        ("50%h", '"50%%h"'),
        ("$HOME", '"$$HOME"'),
        ('"x"\\', '"\\"x\\"\\\\"'),
        ("two\nlines", '"two\\nlines"'),
    ],
)
def test_words_of_a_unit_mean_what_they_say(word: str, said: str) -> None:
    assert service.quoted(word) == said


def test_the_unit_in_deploy_is_the_one_that_is_installed() -> None:
    text = service.unit(["WORDS"])
    mine = (DEPLOY / "ocode.service").read_text()
    known = mine.replace("%h/.local/bin/ocode watch %h/src/project", "WORDS")
    assert known.splitlines()[1:] == text.splitlines()[1:]
    facts = plistlib.loads((DEPLOY / "ocode.watch.plist").read_bytes())
    words = facts["ProgramArguments"]
    assert plistlib.loads(service.plist(words, Path(facts["StandardErrorPath"])).encode()) == facts


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_accepts_each_unit(tmp_path: Path) -> None:
    (tmp_path / "ocode.service").write_text(service.unit([sys.executable, "-m", "ocode_bot", "watch", "/a b/50%$x"]))
    for file in (DEPLOY / "ollama").glob("ollama*"):
        (tmp_path / file.name).write_text(file.read_text().replace("/usr/local/bin/ollama", "/bin/true"))
    files = sorted(map(str, tmp_path.glob("o*")))
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *files], env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.replace("curl", "")) == (0, "")


def manager(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> Path:
    """A systemctl that writes down what it is asked and ends with a code."""
    program = folder / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{folder}/asked\n[ $2 != is-active ] || echo active\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return folder / "asked"


@pytest.mark.skipif(sys.platform != "linux", reason="systemd")
def test_install_status_and_uninstall(
    tmp_path: Path, make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = make_repo({"a.py": ""}, name="my repo")
    asked = manager(tmp_path, monkeypatch, 0)
    file = Path(os.environ["XDG_CONFIG_HOME"], "systemd", "user", "ocode.service")
    assert status_command(os.environ, True) == 0
    assert install_command(repo.top, os.environ, ()) == 0
    assert f'watch "{repo.top}"\n' in file.read_text()
    assert status_command(os.environ, False) == 0
    assert "systemd: active" in capsys.readouterr().out
    assert uninstall_command(os.environ) == 0
    assert not file.exists()
    assert asked.read_text().split("\n")[:2] == ["--user daemon-reload", "--user enable --now ocode.service"]
    file.write_text("somebody else's")
    with pytest.raises(RefusedError):
        install_command(repo.top, os.environ, ())
    with pytest.raises(RefusedError):
        uninstall_command(os.environ)
    assert file.read_text() == "somebody else's"


@pytest.mark.skipif(sys.platform != "linux", reason="systemd")
def test_without_a_manager_it_says_what_to_do(
    tmp_path: Path, make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = make_repo({"a.py": ""})
    manager(tmp_path, monkeypatch, 1)
    assert install_command(repo.top, os.environ, ()) == 3
    said = capsys.readouterr().err
    assert "no systemd user manager runs here" in said
    assert "ocode watch --once" in said
    assert status_command(os.environ, False) == 1


SERVER = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
for answer in (b"HTTP/1.0 200 OK\\r\\n\\r\\n{}", b"HTTP/1.0 200 OK\\r\\n\\r\\n{}", b""):
    connection, _ = server.accept()
    connection.recv(1000)
    if not answer:
        time.sleep(60)  # stalls
    connection.sendall(answer)
    connection.close()
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is what the container has")
def test_a_model_server_that_stalls_is_ended() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    quick = {"WATCH_PORT": port, "WATCH_EVERY": "0.3", "WATCH_WAIT": "0.3", "WATCH_TIMES": "2"}
    words = ["bash", str(DEPLOY / "ollama" / "watchdog.sh"), sys.executable, "-c", SERVER, port]
    done = subprocess.run(words, env={**os.environ, **quick}, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "did not answer 2 times in a row" in done.stderr
