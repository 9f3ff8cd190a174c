"""A branch for a TODO that was not committed follows it when it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from branches import Grower
from daemon import Stage, branches, staged
from ocode_bot.watching.running import command
from ocode_tools import ledger, snapshot
from ocode_tools.queue.base import Job
from ocode_tools.repository import find
from repos import MakeRepo, Repo

LINE = "x = 1  # TODO(ocode): double x\n"
NAME = "ocode/todo/double-1a2b"


def landed(stage: Stage, repo: Repo) -> Job:
    """A job done on a snapshot of the work tree, as `ocode todo resolve --dirty` does it."""
    (job,) = stage.queue.jobs()
    found = find(repo.top)
    base = snapshot.snapshot(found, "20260102-030405-1a2b", 1 << 20)
    blob = repo.git("hash-object", "-w", "--stdin", stdin="x = 2\n").strip()
    listed = repo.git("ls-tree", base)
    tree = repo.git(
        "mktree",
        stdin="".join(
            f"100644 blob {blob}\ta.py\n" if "\ta.py" in line else f"{line}\n" for line in listed.splitlines()
        ),
    )
    said = f"Double x\n\nOcode-Task: todo\nOcode-Base: {base}\nOcode-Key: todo:{job.key}\nOcode-Run: r\n"
    sha = repo.git("commit-tree", tree.strip(), "-p", base, stdin=said).strip()
    repo.git("update-ref", f"refs/heads/{NAME}", sha)
    with ledger.Ledger(found) as book:
        run, key = "20260102-030405-1a2b", f"todo:{job.key}"
        book.record(ledger.Landing(f"refs/heads/{NAME}", sha, base, "todo", key, run, asked=False))
    taken = stage.queue.claim(stage.work.owner, stage.clock.now())
    assert taken is not None
    stage.queue.finish(taken, "landed", "Double x", stage.clock.now(), branch=NAME)
    return taken


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with a TODO that is only in its work tree."""
    made = make_repo({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    made.write("a.py", LINE)
    return made


def test_it_is_moved_onto_a_commit_of_just_that(tmp_path: Path, repo: Repo) -> None:
    with staged(tmp_path, repo) as stage:
        stage.set(quiet=0.0, endpoint="http://127.0.0.1:9")  # nothing begins by itself
        stage.turn()
        landed(stage, repo)
        head = repo.commit("as it was")
        stage.turn()
        assert stage.state("double x") == "landed"
        assert repo.git("log", "--format=%s", f"main..{NAME}") == "Double x\n"
        assert repo.git("rev-parse", f"{NAME}^").strip() == head
        assert f"Ocode-Base: {head}" in repo.git("log", "-1", "--format=%B", NAME)
        assert repo.git("show", f"{NAME}:a.py") == "x = 2\n"
        with ledger.Ledger(find(repo.top)) as book:
            assert book.settle().lines == ()
            row = book.row(f"refs/heads/{NAME}")
            assert row is not None
            assert (row.state, row.base, row.asked) == ("open", head, False)
        assert repo.git("for-each-ref", "refs/ocode/snapshots") == ""


def test_it_is_made_again_on_a_commit_of_more(tmp_path: Path, repo: Repo) -> None:
    with staged(tmp_path, repo) as stage:
        stage.set(quiet=0.0, endpoint="http://127.0.0.1:9")
        stage.turn()
        landed(stage, repo)
        repo.write("b.py", "y = 2\n")
        repo.commit("more")
        stage.turn()
        assert stage.state("double x") == "ready"
        assert branches(repo) == []
        assert "double-1a2b" in repo.git("for-each-ref", "refs/ocode/closed")


@pytest.mark.parametrize("what", ["somebody changed it", "the TODO was not committed", "it is checked out"])
def test_it_is_left_alone(tmp_path: Path, repo: Repo, what: str) -> None:
    with staged(tmp_path, repo) as stage:
        stage.set(quiet=0.0, endpoint="http://127.0.0.1:9")
        stage.turn()
        landed(stage, repo)
        before = repo.git("rev-parse", NAME)
        if what == "somebody changed it":
            said = repo.git("commit-tree", f"{NAME}^{{tree}}", "-p", NAME, "-m", "mine")
            repo.git("update-ref", f"refs/heads/{NAME}", said.strip())
            before = said
            repo.commit("as it was")
        elif what == "it is checked out":
            repo.git("worktree", "add", "-q", str(tmp_path / "other"), NAME)
            repo.commit("as it was")
        else:
            repo.write("b.py", "y = 3\n")
            repo.git("commit", "-q", "-m", "only b", "b.py")
        stage.turn()
        assert repo.git("rev-parse", NAME) == before
        assert stage.state("double x") == "landed"


def test_what_a_commit_is_in_conflict_with_is_made_again(tmp_path: Path, repo: Repo) -> None:
    repo.git("checkout", "-q", "a.py")
    grow, base = Grower(repo), repo.git("rev-parse", "HEAD").strip()
    tip = grow.land(f"refs/heads/{NAME}", base, {"a.py": "x = 2\n"}, "todo:1", task="todo")
    other = grow.land("refs/heads/ocode/todo/other-1a2b", base, {"b.py": "y = 2\n"}, "todo:2", task="todo")
    with staged(tmp_path, repo) as stage:
        stage.set(quiet=0.0, endpoint="http://127.0.0.1:9")  # nothing begins by itself
        stage.turn()
        repo.write("a.py", "x = 3\n")
        repo.commit("main goes on")
        stage.turn()
        (job,) = stage.queue.jobs()
        assert (job.task, job.key) == ("refresh", f"{NAME}@{tip[:10]}")
        assert command(job, True)[-3:] == ["refresh", NAME, "--json"]
    assert repo.git("rev-parse", "ocode/todo/other-1a2b").strip() == other
