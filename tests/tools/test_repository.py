"""Where a repository is and what it cannot do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ocode_tools.errors import SetupError, UsageError
from ocode_tools.git import LOCAL_VARIABLES, Git, GitError
from ocode_tools.repository import find
from repos import MakeRepo, Repo


def test_find_from_a_subdirectory(make_repo: MakeRepo) -> None:
    repo = make_repo({"a/b/c.py": "x = 1\n"})
    found = find(repo.top / "a" / "b")
    assert found.top == repo.top
    assert found.git_dir == found.common_dir == repo.top / ".git"


def test_a_path_with_a_newline_and_a_quote(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"}, name="odd\n'name\"")
    assert find(repo.top).top == repo.top
    assert find(repo.top).checkouts() == [repo.top]


def test_a_linked_worktree(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    found = find(tmp_path / "linked")
    assert found.top == tmp_path / "linked"
    assert found.common_dir == repo.top / ".git"
    assert found.checkouts() == [tmp_path / "linked", repo.top]


def test_refused_places(tmp_path: Path, make_repo: MakeRepo) -> None:
    with pytest.raises(SetupError, match="not in a git repository"):
        find(tmp_path)
    repo = make_repo({"a.py": "x = 1\n"})
    with pytest.raises(SetupError, match=r"inside a \.git folder"):
        find(repo.top / ".git")
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    with pytest.raises(SetupError, match="a bare repository"):
        find(tmp_path / "bare")


def test_no_commit_yet(make_repo: MakeRepo) -> None:
    with pytest.raises(SetupError, match="no commit yet"):
        find(make_repo(commit=False).top).head()


def test_no_identity(make_repo: MakeRepo, hermetic: Path) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    (hermetic / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    with pytest.raises(SetupError, match=r"git config --global user\.name"):
        find(repo.top).identity()


def test_an_inherited_git_dir_is_not_obeyed(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = make_repo({"a.py": "x = 1\n"}, name="wrong")
    right = make_repo({"b.py": "x = 1\n"}, name="right")
    monkeypatch.setenv("GIT_DIR", str(wrong.top / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(wrong.top / ".git" / "index"))
    assert Git(right.top).names("ls-files", "-z") == ["b.py"]


def test_the_list_of_local_variables_is_gits_own(make_repo: MakeRepo) -> None:
    listed = set(make_repo().git("rev-parse", "--local-env-vars").split())
    assert listed <= LOCAL_VARIABLES


def test_asking_leaves_the_index_alone(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    os.utime(repo.top / "a.py", (1, 1))  # a plain git status would refresh the index now
    before = (repo.top / ".git" / "index").read_bytes()
    assert not find(repo.top).dirty()
    assert (repo.top / ".git" / "index").read_bytes() == before


def test_a_failing_command_says_gits_own_line(make_repo: MakeRepo) -> None:
    with pytest.raises(GitError, match="git cat-file: Not a valid object name nowhere"):
        Git(make_repo().top).out("cat-file", "-p", "nowhere")


def test_an_unknown_revision(make_repo: MakeRepo) -> None:
    with pytest.raises(UsageError, match="'nowhere' names no commit"):
        find(make_repo({"a": "b"}).top).resolve("nowhere")


CHANGES: dict[str, tuple[Callable[[Repo], object], bool]] = {
    "a changed file": (lambda repo: repo.write("a.py", "x = 2\n"), True),
    "a new file": (lambda repo: repo.write("new.py", "x = 2\n"), True),
    "an ignored file": (lambda repo: repo.write("ignored.log", "x"), False),
    "a file gone": (lambda repo: (repo.top / "a.py").unlink(), True),
    "nothing": (lambda repo: None, False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_dirty(make_repo: MakeRepo, name: str) -> None:
    repo = make_repo({"a.py": "x = 1\n", ".gitignore": "*.log\n"})
    change, dirty = CHANGES[name]
    change(repo)
    assert find(repo.top).dirty() is dirty


def test_an_operation_in_progress(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    assert find(repo.top).operation() is None
    _conflict(repo)
    assert find(repo.top).operation() == "merge"


def test_the_nearest_project(make_repo: MakeRepo) -> None:
    repo = make_repo({"libs/one/pyproject.toml": "", "libs/one/src/a/b.py": "", "other/c.py": ""})
    assert find(repo.top / "libs" / "one" / "src" / "a").project() == "libs/one"
    assert find(repo.top / "other").project() == ""
    assert find(repo.top).project() == ""


def test_filters_are_refused_in_one_line(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    assert find(repo.top).why_not("HEAD") is None
    repo.write("data/.gitattributes", "# filter=none\n*.bin filter=lfs diff=lfs\n")
    repo.commit()
    assert "Git LFS" in (find(repo.top).why_not("HEAD") or "")
    repo.git("rm", "-q", "data/.gitattributes")
    repo.commit()
    repo.write(".git/info/attributes", "secret filter=git-crypt\n")
    assert "'git-crypt'" in (find(repo.top).why_not("HEAD") or "")


def test_a_partial_clone_is_refused(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    repo.git("config", "remote.origin.promisor", "true")
    assert "partial clone" in (find(repo.top).why_not("HEAD") or "")


def _conflict(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "other")
    repo.write("a.py", "x = 2\n")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write("a.py", "x = 3\n")
    repo.commit()
    repo.git("merge", "other", check=False)
