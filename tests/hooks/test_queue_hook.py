"""The hook after a commit: leaves word for the daemon, by sh where git starts it, and holds nothing up."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from ocode_bot.commands.hooks import install_command, status_command, uninstall_command
from ocode_hooks.queue import main
from ocode_tools.hooks.script import EVERY, HOOKS, program
from ocode_tools.queue.places import places
from ocode_tools.queue.spool import take, waiting
from repos import MakeRepo

NAMES = ("post-commit", "post-merge")


@pytest.fixture
def spool() -> Path:
    """Where word is left; a daemon was here before."""
    folder = places(os.environ).spool
    folder.mkdir(parents=True)
    return folder


def test_a_commit_and_a_merge_leave_word_by_sh_alone(
    make_repo: MakeRepo, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo({"a.py": "x = 1\n"}, name='a repo\'s "own" name')
    assert install_command(repo.top, os.environ, NAMES) == 0
    for name in NAMES:
        script = repo.top / ".git" / "hooks" / name
        script.write_text(script.read_text().replace(sys.executable, "/no/python"))
    repo.commit("one")
    assert list(waiting(spool).values()) == [str(repo.top)]
    repo.commit("two")
    assert take(spool, frozenset({str(repo.top)})) == [str(repo.top)]
    repo.git("checkout", "-q", "-b", "side")
    (repo.top / "sub").mkdir()
    repo.write("b.py", "y = 1\n")
    monkeypatch.chdir(repo.top / "sub")
    subprocess.run(["git", "add", ".."], check=True)
    subprocess.run(["git", "commit", "-q", "-m", "three"], check=True)
    assert take(spool, frozenset({str(repo.top)})) == [str(repo.top)]
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "side")
    assert take(spool, frozenset({str(repo.top)})) == [str(repo.top)]
    assert list(spool.iterdir()) == []


def test_the_program_for_other_tools_leaves_the_same_word(
    make_repo: MakeRepo, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repo({"a/b.py": ""})
    monkeypatch.chdir(repo.top / "a")
    assert main([]) == 0
    assert main([]) == 0
    assert list(waiting(spool).values()) == [str(repo.top)]


def test_where_no_daemon_ever_was_nothing_is_written(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo({"a.py": ""})
    monkeypatch.chdir(repo.top)
    assert install_command(repo.top, os.environ, NAMES) == 0
    repo.commit("one")
    assert main([]) == 0
    assert not places(os.environ).state.exists()


def test_trouble_is_one_line(
    make_repo: MakeRepo, spool: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = make_repo({"a.py": ""})
    monkeypatch.chdir(repo.top)
    (spool / f".{zlib.crc32(os.fsencode(repo.top)):x}.{os.getpid()}").mkdir()
    assert main([]) == 0
    said = capsys.readouterr().err
    assert said.startswith("ocode: not queued: ")
    assert said.count("\n") == 1
    assert waiting(spool) == {}


def test_it_is_installed_only_by_name_and_taken_out_with_the_rest(
    make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = make_repo({"a.py": ""})
    folder = repo.top / ".git" / "hooks"
    assert install_command(repo.top, os.environ, ()) == 0
    assert {path.name for path in folder.iterdir()} == set(HOOKS)
    assert install_command(repo.top, os.environ, NAMES) == 0
    assert {path.name for path in folder.iterdir()} == set(EVERY)
    capsys.readouterr()
    assert status_command(repo.top, os.environ, False) == 0
    assert "post-commit" in capsys.readouterr().out
    assert uninstall_command(repo.top, os.environ, ()) == 0
    assert list(folder.iterdir()) == []
    assert {program(name) for name in NAMES} == {"ocode-queue"}
