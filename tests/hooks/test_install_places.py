"""Where hooks are installed: where git says it looks for them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from installed import folder, install, seen, states, uninstall
from ocode_bot.commands.hooks import install_command
from ocode_tools.errors import SetupError
from ocode_tools.hooks.script import HOOKS
from repos import MakeRepo, Repo


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with one commit."""
    return make_repo({"file": "one\n"})


def test_linked_work_trees_share_the_hooks(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.git("worktree", "add", "-q", "../linked")
    assert install(repo, start="../linked") == 0
    assert states(repo, capsys) == dict.fromkeys(HOOKS, "installed")
    assert set(seen(folder(repo))) == {*HOOKS}


def test_a_submodule_has_hooks_of_its_own(repo: Repo, make_repo: MakeRepo) -> None:
    outer = make_repo({"file": "one\n"}, name="outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.top), "inner")
    assert install(outer, start="inner") == 0
    assert set(seen(outer.top / ".git" / "modules" / "inner" / "hooks")) == {*HOOKS}
    assert not folder(outer).exists()


@pytest.mark.parametrize("scope", ["--local", "--worktree"])
@pytest.mark.parametrize("path", ["../elsewhere", "own hooks", "~/hooks"])
def test_a_folder_named_in_the_repository_is_followed(
    scope: str, path: str, repo: Repo, hermetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", scope, "core.hooksPath", path)
    (repo.top / "below").mkdir()
    assert install(repo, start="below") == 0
    there = Path(repo.git("rev-parse", "--git-path", "hooks").strip())
    assert set(seen(repo.top / there)) == {*HOOKS}
    assert ("do not commit it" in capsys.readouterr().err) == (path == "own hooks")
    assert not folder(repo).exists()
    assert uninstall(repo) == 0


@pytest.mark.parametrize("scope", ["--global", "--system"])
def test_a_folder_for_all_repositories_is_left_alone(
    scope: str, repo: Repo, hermetic: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(hermetic / "system"))
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    everywhere = hermetic / "everywhere"
    repo.git("config", scope, "core.hooksPath", str(everywhere))
    assert install(repo) == 1
    said = capsys.readouterr().err
    assert not everywhere.exists()
    assert not folder(repo).exists()
    recipe = next(line for line in said.splitlines() if line.startswith("  git config"))
    subprocess.run(recipe.partition(" && ")[0], shell=True, cwd=repo.top, check=True)
    assert install(repo) == 0
    assert set(seen(folder(repo))) == {*HOOKS}
    assert not everywhere.exists()
    repo.git("config", "--unset", "core.hooksPath")
    assert uninstall(repo) == 0
    assert seen(folder(repo)) == {}


@pytest.mark.parametrize("path", ["", "/dev/null"])
def test_a_folder_that_is_none_is_an_error(path: str, repo: Repo) -> None:
    repo.git("config", "core.hooksPath", path)
    with pytest.raises(SetupError, match=r"core\.hooksPath"):
        install(repo)


def test_outside_a_work_tree_nothing_is_installed(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", str(repo.top), "../bare")
    for start in (tmp_path / "bare", tmp_path, repo.top / ".git"):
        with pytest.raises(SetupError):
            install_command(start, os.environ, ())


def test_a_relative_folder_is_one_for_each_work_tree_which_is_said(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.git("config", "core.hooksPath", "own")
    repo.git("worktree", "add", "-q", "../linked")
    assert install(repo, start="../linked") == 0
    assert "install there too" in capsys.readouterr().err
    assert set(states(repo, capsys).values()) == {"absent"}
    assert set(seen(repo.top.parent / "linked" / "own")) == {*HOOKS}
