"""Accepting and rejecting a branch: nothing of the user's is overwritten, and every step can be undone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from branches import RUN, Grower
from ocode_bot.commands.accept import accept_command, reject_command
from ocode_tools import snapshot
from ocode_tools.errors import RefusedError, UsageError
from ocode_tools.repository import find
from quick import QUICK, bare
from repos import MakeRepo, Repo

BRANCH = "ocode/fix/a-1a2b"


def branch(repo: Repo, base: str, path: str = "a.py", text: str = "fixed\n") -> str:
    """A branch as a fix leaves it, made without touching the work tree."""
    blob = repo.git("hash-object", "-w", str(repo.write(".git/draft", text))).strip()
    listed = repo.git("ls-tree", "-r", base).splitlines()
    kept = "".join(f"{line}\n" for line in listed if not line.endswith(f"\t{path}"))
    tree = repo.git("mktree", stdin=f"{kept}100644 blob {blob}\t{path}\n").strip()
    said = f"Mend it\n\nOcode-Verified: pytest: 1 passed, 0 failed\nOcode-Base: {base}\nOcode-Run: {RUN}\n"
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
    assert accept_command(repo.top, os.environ, BRANCH) == 0
    assert head(repo) == sha
    assert repo.git("symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert (repo.top / "a.py").read_text() == "fixed\n"
    assert (repo.top / "b.py").read_text() == "my work\n"
    undo = capsys.readouterr().out.splitlines()[-1]
    assert undo == f"undo:  git reset --keep {base[:10]} && git branch {BRANCH} {sha[:10]}"
    assert repo.git("branch", "--list", BRANCH) == ""
    subprocess.run(["sh", "-c", undo.removeprefix("undo:  ")], cwd=repo.top, check=True)
    assert repo.git("rev-parse", BRANCH).strip() == sha
    assert (repo.top / "a.py").read_text() == "broken\n"
    assert (repo.top / "b.py").read_text() == "my work\n"


def test_accept_refuses_to_overwrite(repo: Repo) -> None:
    base = head(repo)
    branch(repo, base)
    repo.write("a.py", "my work\n")
    with pytest.raises(RefusedError, match=r"would overwrite what you changed: a\.py"):
        accept_command(repo.top, os.environ, BRANCH)
    assert head(repo) == base
    assert (repo.top / "a.py").read_text() == "my work\n"


def test_accept_refuses_a_moved_head(repo: Repo) -> None:
    branch(repo, head(repo))
    repo.write("b.py", "2\n")
    repo.commit()
    with pytest.raises(RefusedError, match="HEAD has moved since"):
        accept_command(repo.top, os.environ, BRANCH)


def test_accept_twice_says_so(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    branch(repo, head(repo))
    accept_command(repo.top, os.environ, BRANCH)
    assert accept_command(repo.top, os.environ, BRANCH) == 0
    assert f"{BRANCH} is in HEAD already (taken by ocode accept)" in capsys.readouterr().out


def test_after_dirty_the_work_tree_gets_the_difference(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("new.py", "untracked\n")
    repo.write("b.py", "my work\n")
    shot = snapshot.snapshot(find(repo.top), "20260102-030405-1a2b", 1 << 20)
    branch(repo, shot, "new.py", "untracked and fixed\n")
    base = head(repo)
    assert accept_command(repo.top, os.environ, BRANCH) == 0
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
        accept_command(repo.top, os.environ, BRANCH)
    assert (repo.top / "a.py").read_text() == "went on\n"


def test_reject_deletes_only_ours_and_prints_the_undo(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    sha = branch(repo, head(repo))
    assert reject_command(repo.top, os.environ, BRANCH) == 0
    assert repo.git("for-each-ref", "refs/heads/ocode") == ""
    assert capsys.readouterr().out.splitlines()[-1] == f"undo:  git branch {BRANCH} {sha[:10]}"


def test_reject_leaves_a_branch_with_other_commits(repo: Repo) -> None:
    sha = branch(repo, head(repo))
    tree = repo.git("rev-parse", f"{sha}^{{tree}}").strip()
    repo.git("update-ref", f"refs/heads/{BRANCH}", repo.git("commit-tree", tree, "-p", sha, "-m", "mine").strip())
    with pytest.raises(UsageError, match="holds commits that are not ocode's"):
        reject_command(repo.top, os.environ, BRANCH)
    with pytest.raises(UsageError, match="holds commits that are not ocode's"):
        reject_command(repo.top, os.environ, "main")
    with pytest.raises(UsageError, match="there is no branch 'nothing'"):
        accept_command(repo.top, os.environ, "nothing")


def test_reject_leaves_a_branch_that_is_checked_out(repo: Repo) -> None:
    branch(repo, head(repo))
    repo.git("switch", "-q", BRANCH)
    with pytest.raises(RefusedError, match="is checked out"):
        reject_command(repo.top, os.environ, BRANCH)


def test_accept_waits_for_a_merge_to_end(repo: Repo) -> None:
    branch(repo, head(repo))
    repo.write(".git/MERGE_HEAD", head(repo) + "\n")
    with pytest.raises(RefusedError, match="a merge is in progress"):
        accept_command(repo.top, os.environ, BRANCH)


class Two:
    """A branch with two commits, and a main that went on."""

    def __init__(self, repo: Repo, onward: dict[str, str | None]) -> None:
        self.repo, grow = repo, Grower(repo)
        self.base = head(repo)
        self.first = grow.land(f"refs/heads/{BRANCH}", self.base, {"a.py": "fixed\n"}, "key-1")
        self.second = grow.land(f"refs/heads/{BRANCH}", self.base, {"c.py": "new\n"}, "key-2", tip=self.first)
        for path, text in onward.items():
            repo.write(path, text or "")
        self.head = repo.commit("on")

    def log(self) -> list[str]:
        """Subjects from the base on, with the number of parents."""
        lines = self.repo.git("log", "--topo-order", "--format=%s|%p", f"{self.base}..HEAD").splitlines()
        return [f"{subject} ({len(parents.split())})" for subject, _, parents in (x.partition("|") for x in lines)]


@pytest.mark.parametrize(
    ("how", "log"),
    [
        pytest.param("squash", ["Mend key-1 (1)", "on (1)"], id="squash"),
        pytest.param(
            "merge", [f"Merge branch '{BRANCH}' (2)", "Mend key-2 (1)", "Mend key-1 (1)", "on (1)"], id="merge"
        ),
        pytest.param("rebase", ["Mend key-2 (1)", "Mend key-1 (1)", "on (1)"], id="rebase"),
    ],
)
def test_accept_where_head_has_moved(how: str, log: list[str], repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    two = Two(repo, {"b.py": "2\n"})
    repo.write("d.py", "mine, untracked\n")
    assert accept_command(repo.top, os.environ, BRANCH, how, tests=False) == 0
    assert sorted(two.log()) == sorted(log)
    read = {name: (repo.top / name).read_text() for name in ("a.py", "b.py", "c.py", "d.py")}
    assert read == {"a.py": "fixed\n", "b.py": "2\n", "c.py": "new\n", "d.py": "mine, untracked\n"}
    assert repo.git("status", "--porcelain") == "?? d.py\n"
    assert repo.git("for-each-ref", f"refs/heads/{BRANCH}") == ""
    assert "Ocode-Key: key-1" in repo.git("log", "--format=%B", f"{two.head}..HEAD")
    assert capsys.readouterr().out.splitlines()[-2] == "tests: not run"


def test_pick_takes_one_commit_and_leaves_the_branch(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    two = Two(repo, {"b.py": "2\n"})
    accept_command(repo.top, os.environ, BRANCH, "pick", [two.second[:8]], tests=False)
    assert two.log() == ["Mend key-2 (1)", "on (1)"]
    assert repo.git("rev-parse", BRANCH).strip() == two.second
    assert "accepted 1 of 2 commits" in capsys.readouterr().out
    accept_command(repo.top, os.environ, BRANCH, "rebase", tests=False)  # what is there already is passed over
    assert two.log() == ["Mend key-1 (1)", "Mend key-2 (1)", "on (1)"]


@pytest.mark.parametrize("how", ["squash", "merge", "rebase"])
def test_a_conflict_is_named_and_nothing_changes(how: str, repo: Repo) -> None:
    two = Two(repo, {"a.py": "otherwise\n"})
    with pytest.raises(RefusedError, match=r"conflicts with HEAD in a\.py"):
        accept_command(repo.top, os.environ, BRANCH, how, tests=False)
    assert head(repo) == two.head
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("rev-parse", BRANCH).strip() == two.second


def test_a_dirty_file_is_named_before_any_work(repo: Repo) -> None:
    two = Two(repo, {"b.py": "2\n"})
    repo.write("c.py", "mine, untracked\n")
    with pytest.raises(RefusedError, match=r"would overwrite what you changed: c\.py"):
        accept_command(repo.top, os.environ, BRANCH, "rebase")
    assert head(repo) == two.head
    assert (repo.top / "c.py").read_text() == "mine, untracked\n"


@pytest.mark.parametrize(
    ("names", "says"), [(["1234567"], "is no commit of"), (["a"], "is no commit of")], ids=["unknown", "too short"]
)
def test_pick_wants_a_commit_of_the_branch(names: list[str], says: str, repo: Repo) -> None:
    Two(repo, {})
    with pytest.raises(UsageError, match=says):
        accept_command(repo.top, os.environ, BRANCH, "pick", names)


def onto(repo: Repo, text: str) -> str:
    """A branch that mends the quick suite, and a HEAD that moved on: `text` is what `calc.py` says besides."""
    base = head(repo)
    mended = QUICK["calc.py"].replace("result - price", "result + price")
    Grower(repo).land(f"refs/heads/{BRANCH}", base, {"calc.py": mended}, "key-1")
    repo.write("test_more.py", text)
    return repo.commit("on")


MORE = """import unittest

from calc import total


class More(unittest.TestCase):
    def test_more(self):
        self.assertEqual(total([3]), {})
"""


def test_the_tests_are_run_on_the_result(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(QUICK)
    onto(repo, MORE.replace("{}", "3"))
    assert accept_command(repo.top, bare(), BRANCH, "rebase") == 0
    assert "tests: 2 tests passed\n" in capsys.readouterr().out


def test_what_would_turn_a_green_test_red_is_refused(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    before = onto(repo, MORE.replace("{}", "-3"))  # green at HEAD, and no more with the branch
    with pytest.raises(RefusedError, match="More::test_more is green at HEAD and red with it; nothing was changed"):
        accept_command(repo.top, bare(), BRANCH, "merge")
    assert head(repo) == before
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.parametrize("act", [accept_command, reject_command])
def test_a_branch_that_somebody_changed_is_left(act: Callable[..., int], repo: Repo) -> None:
    two = Two(repo, {})
    theirs = Grower(repo).commit([two.second], {"mine.py": "1\n"}, "mine")
    repo.git("update-ref", f"refs/heads/{BRANCH}", theirs)
    with pytest.raises(UsageError, match="holds commits that are not ocode's"):
        act(repo.top, os.environ, BRANCH)
    assert repo.git("rev-parse", BRANCH).strip() == theirs


def test_a_rejected_branch_says_so_later(repo: Repo) -> None:
    branch(repo, head(repo))
    reject_command(repo.top, os.environ, BRANCH, "wrong layer")
    with pytest.raises(UsageError, match=r"it was rejected \(wrong layer\)"):
        accept_command(repo.top, os.environ, BRANCH)
