"""Accepting and rejecting a branch: nothing of the user's is overwritten, and every step can be undone."""

from __future__ import annotations

import pytest

from ocode_bot.commands.accept import accept_command, reject_command
from ocode_tools import snapshot
from ocode_tools.errors import RefusedError, UsageError
from ocode_tools.repository import find
from repos import MakeRepo, Repo

BRANCH = "ocode/fix/a-1a2b"


def branch(repo: Repo, base: str, path: str = "a.py", text: str = "fixed\n") -> str:
    """A branch as a fix leaves it, made without touching the work tree."""
    blob = repo.git("hash-object", "-w", str(repo.write(".git/draft", text))).strip()
    listed = repo.git("ls-tree", "-r", base).splitlines()
    kept = "".join(f"{line}\n" for line in listed if not line.endswith(f"\t{path}"))
    tree = repo.git("mktree", stdin=f"{kept}100644 blob {blob}\t{path}\n").strip()
    said = f"Mend it\n\nOcode-Base: {base}\nOcode-Run: 20260102-030405-1a2b\n"
    sha = repo.git("commit-tree", tree, "-p", base, "-m", said).strip()
    repo.git("update-ref", f"refs/heads/{BRANCH}", sha)
    return sha


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with two files."""
    return make_repo({"a.py": "broken\n", "b.py": "1\n"})


def head(repo: Repo) -> str:
    """The sha of HEAD."""
    return repo.git("rev-parse", "HEAD").strip()


def test_accept_moves_head_forward_and_keeps_other_changes(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    base = head(repo)
    sha = branch(repo, base)
    repo.write("b.py", "my work\n")
    assert accept_command(repo.top, BRANCH) == 0
    assert head(repo) == sha
    assert repo.git("symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert (repo.top / "a.py").read_text() == "fixed\n"
    assert (repo.top / "b.py").read_text() == "my work\n"
    undo = capsys.readouterr().out.splitlines()[-1]
    assert undo == f"undo:  git reset --keep {base[:10]}"
    repo.git(*undo.partition("git ")[2].split())
    assert (repo.top / "a.py").read_text() == "broken\n"
    assert (repo.top / "b.py").read_text() == "my work\n"


def test_accept_refuses_to_overwrite(repo: Repo) -> None:
    base = head(repo)
    branch(repo, base)
    repo.write("a.py", "my work\n")
    with pytest.raises(RefusedError, match=r"would overwrite what you changed: a\.py"):
        accept_command(repo.top, BRANCH)
    assert head(repo) == base
    assert (repo.top / "a.py").read_text() == "my work\n"


def test_accept_refuses_a_moved_head(repo: Repo) -> None:
    branch(repo, head(repo))
    repo.write("b.py", "2\n")
    repo.commit()
    with pytest.raises(RefusedError, match="HEAD has moved since"):
        accept_command(repo.top, BRANCH)


def test_accept_twice_says_so(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    branch(repo, head(repo))
    accept_command(repo.top, BRANCH)
    assert accept_command(repo.top, BRANCH) == 0
    assert "is in HEAD already" in capsys.readouterr().out


def test_after_dirty_the_work_tree_gets_the_difference(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("new.py", "untracked\n")
    repo.write("b.py", "my work\n")
    shot = snapshot.snapshot(find(repo.top), "20260102-030405-1a2b", 1 << 20)
    branch(repo, shot, "new.py", "untracked and fixed\n")
    base = head(repo)
    assert accept_command(repo.top, BRANCH) == 0
    assert head(repo) == base
    assert (repo.top / "new.py").read_text() == "untracked and fixed\n"
    assert (repo.top / "b.py").read_text() == "my work\n"
    assert "git apply -R" in capsys.readouterr().out


def test_after_dirty_later_changes_are_not_overwritten(repo: Repo) -> None:
    repo.write("a.py", "half done\n")
    shot = snapshot.snapshot(find(repo.top), "20260102-030405-1a2b", 1 << 20)
    branch(repo, shot, "a.py", "half done, fixed\n")
    repo.write("a.py", "went on\n")
    with pytest.raises(RefusedError, match=r"would overwrite what you changed since: a\.py"):
        accept_command(repo.top, BRANCH)
    assert (repo.top / "a.py").read_text() == "went on\n"


def test_reject_deletes_only_ours_and_prints_the_undo(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    sha = branch(repo, head(repo))
    assert reject_command(repo.top, BRANCH) == 0
    assert repo.git("for-each-ref", "refs/heads/ocode") == ""
    assert capsys.readouterr().out.splitlines()[-1] == f"undo:  git branch {BRANCH} {sha[:10]}"


def test_reject_leaves_a_branch_with_other_commits(repo: Repo) -> None:
    sha = branch(repo, head(repo))
    tree = repo.git("rev-parse", f"{sha}^{{tree}}").strip()
    repo.git("update-ref", f"refs/heads/{BRANCH}", repo.git("commit-tree", tree, "-p", sha, "-m", "mine").strip())
    with pytest.raises(UsageError, match="holds commits that are not ocode's"):
        reject_command(repo.top, BRANCH)
    with pytest.raises(UsageError, match="holds commits that are not ocode's"):
        reject_command(repo.top, "main")
    with pytest.raises(UsageError, match="there is no branch 'nothing'"):
        accept_command(repo.top, "nothing")


def test_reject_leaves_a_branch_that_is_checked_out(repo: Repo) -> None:
    branch(repo, head(repo))
    repo.git("switch", "-q", BRANCH)
    with pytest.raises(RefusedError, match="is checked out"):
        reject_command(repo.top, BRANCH)


def test_accept_waits_for_a_merge_to_end(repo: Repo) -> None:
    branch(repo, head(repo))
    repo.write(".git/MERGE_HEAD", head(repo) + "\n")
    with pytest.raises(RefusedError, match="a merge is in progress"):
        accept_command(repo.top, BRANCH)
