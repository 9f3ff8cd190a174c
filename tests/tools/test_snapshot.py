"""The private snapshot of a work tree."""

from __future__ import annotations

import pytest

from ocode_tools import snapshot
from ocode_tools.errors import SetupError
from ocode_tools.repository import find
from repos import MakeRepo, Repo


@pytest.fixture
def busy(make_repo: MakeRepo) -> Repo:
    """A work tree with a staged, an unstaged, a deleted, an untracked and an ignored file."""
    repo = make_repo({"staged.py": "1\n", "changed.py": "1\n", "gone.py": "1\n", ".gitignore": "*.log\n"})
    repo.write("staged.py", "2\n")
    repo.git("add", "staged.py")
    repo.write("changed.py", "2\n")
    (repo.top / "gone.py").unlink()
    repo.write("new file.py", "new\n")
    repo.write("noise.log", "noise\n")
    return repo


def test_it_holds_the_work_tree_and_leaves_everything_alone(busy: Repo) -> None:
    status = busy.git("status", "--porcelain")
    index = (busy.top / ".git" / "index").read_bytes()
    sha = snapshot.snapshot(find(busy.top), "run-1", 1 << 20)
    assert busy.git("ls-tree", "-r", "--name-only", sha).split("\n")[:-1] == [
        ".gitignore",
        "changed.py",
        "new file.py",
        "staged.py",
    ]
    assert busy.git("show", f"{sha}:staged.py") == busy.git("show", f"{sha}:changed.py") == "2\n"
    assert (busy.top / ".git" / "index").read_bytes() == index
    assert busy.git("status", "--porcelain") == status
    assert busy.git("for-each-ref", "--format=%(refname)", "refs/ocode").split() == ["refs/ocode/snapshots/run-1"]
    assert snapshot.is_snapshot(busy.git("log", "-1", "--format=%B", sha))
    snapshot.forget(find(busy.top), "run-1")
    assert busy.git("for-each-ref", "refs/ocode") == ""


def test_the_limit_is_said(busy: Repo) -> None:
    busy.write("large.bin", b"\0" * (3 << 20))
    with pytest.raises(SetupError, match=r"hold 3 MiB, over limits\.snapshot = 2; the largest is 'large\.bin'"):
        snapshot.snapshot(find(busy.top), "run-1", 2 << 20)


def test_conflicts_are_refused(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "1\n"})
    repo.git("switch", "-q", "-c", "other")
    repo.write("a.py", "2\n")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write("a.py", "3\n")
    repo.commit()
    repo.git("merge", "other", check=False)
    with pytest.raises(SetupError, match="the index has conflicts"):
        snapshot.snapshot(find(repo.top), "run-1", 1 << 20)
