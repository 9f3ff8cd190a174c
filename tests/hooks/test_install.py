"""Installing hooks and taking them out again: what was there is never lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hooked import editor, write_script
from installed import folder, install, seen, states, uninstall
from ocode_bot.commands.hooks import status_command
from ocode_tools.errors import SetupError, UsageError
from ocode_tools.hooks import install as installing
from ocode_tools.hooks.script import BEFORE, FORMAT, HOOKS, recognise, render
from repos import MakeRepo, Repo

NAME = "prepare-commit-msg"
FOREIGN = b"#!/bin/sh\n\xff not UTF-8\nexit 0"


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with one commit."""
    return make_repo({"file": "one\n"})


def test_both_are_installed_where_there_was_not_even_a_folder(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert not folder(repo).exists()
    assert states(repo, capsys) == dict.fromkeys(HOOKS, "absent")
    assert install(repo) == 0
    assert capsys.readouterr().out == f"{NAME} installed\ncommit-msg installed\n"
    assert states(repo, capsys) == dict.fromkeys(HOOKS, "installed")
    before = seen(folder(repo))
    assert install(repo) == 0
    assert capsys.readouterr().out == f"{NAME} is installed already\ncommit-msg is installed already\n"
    assert seen(folder(repo)) == before
    assert all(mode & 0o100 for _, mode, _ in before.values())
    assert uninstall(repo) == 0
    assert seen(folder(repo)) == {}
    assert uninstall(repo) == 0


def test_one_hook_alone(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(repo, "commit-msg") == 0
    assert states(repo, capsys) == {NAME: "absent", "commit-msg": "installed"}
    with pytest.raises(UsageError, match="pre-commit"):
        install(repo, "pre-commit")


def plain(path: Path) -> None:
    path.write_bytes(FOREIGN)
    path.chmod(0o751)


def not_executable(path: Path) -> None:
    path.write_bytes(FOREIGN)
    path.chmod(0o640)


def link(path: Path) -> None:
    write_script(path.parent / "shared", "#!/bin/sh\nexit 0\n")
    path.symlink_to("shared")


def dangling(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


@pytest.mark.parametrize("make", [plain, not_executable, link, dangling])
def test_a_foreign_hook_comes_back_as_it_was(make: Callable[[Path], None], repo: Repo) -> None:
    folder(repo).mkdir()
    make(folder(repo) / NAME)
    before = seen(folder(repo))
    for _ in range(2):
        assert install(repo) == 0
    kept = seen(folder(repo))
    assert kept[f"{NAME}{BEFORE}"] == before[NAME]
    assert recognise(kept[NAME][2])
    assert uninstall(repo) == 0
    assert seen(folder(repo)) == before


def test_a_foreign_hook_runs_first_with_the_same_arguments_and_its_verdict_counts(repo: Repo) -> None:
    folder(repo).mkdir()
    log = repo.top.parent / "log"
    write_script(folder(repo) / "commit-msg", f'#!/bin/sh\necho "$# $1" >>{log}\ngrep -q good "$1" || exit 4\n')
    assert install(repo, "commit-msg") == 0
    repo.git("commit", "--allow-empty", "-m", "chore: a good one")
    repo.git("commit", "--allow-empty", "-m", "chore: bad", check=False)
    assert log.read_text() == "1 .git/COMMIT_EDITMSG\n" * 2
    assert repo.git("log", "-1", "--format=%s") == "chore: a good one\n"
    (repo.top / "message").write_text("bad\n")
    assert subprocess.run([folder(repo) / "commit-msg", repo.top / "message"], check=False).returncode == 4


def test_an_older_one_is_renewed_and_a_changed_one_is_left_alone(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(repo).mkdir()
    path = folder(repo) / NAME
    older = render(NAME, "/somewhere/else/python")
    assert recognise(older)
    path.write_bytes(older)
    assert states(repo, capsys)[NAME] == "broken"
    assert install(repo, NAME) == 0
    assert capsys.readouterr().out == f"{NAME} renewed\n"
    assert path.read_bytes() == render(NAME, sys.executable)
    changed = path.read_bytes() + b"echo mine\n"
    path.write_bytes(changed)
    assert states(repo, capsys)[NAME] == "changed"
    for work in (install, uninstall):
        assert work(repo) == 1
        assert "was changed after ocode wrote it" in capsys.readouterr().err
        assert path.read_bytes() == changed


def test_one_that_is_refused_does_not_hold_up_the_other(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    folder(repo).mkdir()
    (folder(repo) / NAME).mkdir()
    assert install(repo) == 1
    assert states(repo, capsys) == {NAME: "foreign", "commit-msg": "installed"}


def test_a_hook_that_somebody_put_over_ours_is_not_lost(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    folder(repo).mkdir()
    plain(folder(repo) / NAME)
    install(repo, NAME)
    (folder(repo) / NAME).write_bytes(b"#!/bin/sh\n# newer\n")
    before = seen(folder(repo))
    for work in (install, uninstall):
        assert work(repo, NAME) == 1
        assert "move one away" in capsys.readouterr().err
        assert seen(folder(repo)) == before


def test_an_install_that_was_cut_short_goes_on_from_there(repo: Repo) -> None:
    """After the foreign hook got its second name, and (without links) after it lost its first one."""
    folder(repo).mkdir()
    path, kept = folder(repo) / NAME, folder(repo) / f"{NAME}{BEFORE}"
    plain(path)
    before = seen(folder(repo))
    os.link(path, kept)
    assert uninstall(repo, NAME) == 0
    assert seen(folder(repo)) == before
    os.link(path, kept)
    assert install(repo, NAME) == 0
    path.unlink()
    assert uninstall(repo, NAME) == 0
    assert seen(folder(repo)) == before
    path.rename(kept)
    assert install(repo, NAME) == 0
    assert uninstall(repo, NAME) == 0
    assert seen(folder(repo)) == before


@pytest.mark.parametrize("stop", range(4))
def test_killed_at_any_call_the_foreign_hook_is_there(stop: int, repo: Repo) -> None:
    """The process is ended before its Nth call that changes names."""
    folder(repo).mkdir()
    plain(folder(repo) / NAME)
    before = seen(folder(repo))
    code = f"""
import os, sys
from pathlib import Path
left = [{stop}]
def watch(event, args):
    if event in ("os.link", "os.rename", "os.remove"):
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)
from ocode_bot.commands.hooks import install_command, uninstall_command
sys.addaudithook(watch)
install_command(Path({str(repo.top)!r}), os.environ, ({NAME!r},))
uninstall_command(Path({str(repo.top)!r}), os.environ, ({NAME!r},))
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == (9 if stop < 3 else 0), done.stderr
    kept = [entry for entry in seen(folder(repo)).values() if entry == before[NAME]]
    assert kept
    assert uninstall(repo, NAME) == 0
    assert seen(folder(repo))[NAME] == before[NAME]


def test_a_folder_that_cannot_be_written_is_an_error_in_one_line(repo: Repo) -> None:
    (repo.top / ".git" / "hooks").write_text("")
    with pytest.raises(SetupError, match="hooks"):
        install(repo)


def test_what_is_installed_works_at_odd_places(repo: Repo, tmp_path: Path) -> None:
    """A script names its interpreter however that is spelled, and the name of the hook it is."""
    python = tmp_path / "it's a $HOME" / "py thon"
    python.parent.mkdir()
    write_script(python, f"#!/bin/sh\necho started >>{tmp_path / 'log'}\n")
    for name in HOOKS:
        script = render(name, str(python))
        ours = recognise(script)
        assert ours
        assert (ours.name, ours.format, ours.intact, ours.python) == (name, FORMAT, True, str(python))
        installing.install(folder(repo), name, script)
    subprocess.run(
        ["git", "commit", "-q", "--allow-empty"], cwd=repo.top, env={**os.environ, "GIT_EDITOR": editor()}, check=True
    )
    assert (tmp_path / "log").read_text() == "started\n" * 2


def test_the_installed_hooks_are_shells_own_language(tmp_path: Path) -> None:
    for name in HOOKS:
        script = tmp_path / name
        script.write_bytes(render(name, "/usr/bin/python3"))
        done = subprocess.run(["sh", "-n", script], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(FOREIGN, id="foreign"),
        pytest.param(b"#!/bin/sh\n# ocode hook\n", id="like ours"),
    ],
)
def test_what_is_not_ours_is_not_taken_for_ours(data: bytes) -> None:
    assert recognise(data) is None


def test_status_for_people(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    folder(repo).mkdir()
    plain(folder(repo) / NAME)
    assert install(repo, NAME) == 0
    capsys.readouterr()
    assert status_command(repo.top, os.environ, False) == 0
    said = capsys.readouterr()
    assert f"{NAME}{BEFORE}" in said.out
    assert "commit-msg" in said.out
    assert str(folder(repo)) in said.err
    (folder(repo) / NAME).chmod(0o644)
    assert status_command(repo.top, os.environ, False) == 1
    assert install(repo, NAME) == 0
    assert status_command(repo.top, os.environ, False) == 0
