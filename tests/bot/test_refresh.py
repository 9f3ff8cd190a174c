"""A branch whose base moved is made again from there, at its own name; what others did to it is kept."""

from __future__ import annotations

import json

import pytest

from door import Done, ocode
from quick import MENDED, QUICK, bare, mended, quick
from repos import MakeRepo, Repo


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A red suite."""
    return make_repo(QUICK)


def again(repo: Repo, *words: str) -> Done:
    """Run `ocode refresh`."""
    return ocode(repo.top, "refresh", "--json", "--model", "none", *words, env=bare())


def moved(repo: Repo, text: str) -> str:
    """Commit another calc.py on main; its sha."""
    repo.write("calc.py", text)
    repo.commit("main goes on")
    return repo.git("rev-parse", "HEAD").strip()


def test_a_branch_in_conflict_is_made_again_and_put_away_once_its_cause_is_gone(repo: Repo) -> None:
    branch = mended(quick(repo, "--model", "none"))
    old = repo.git("rev-parse", branch).strip()
    base = moved(repo, QUICK["calc.py"].replace("result - price", "result - 1 * price"))
    told = json.loads(ocode(repo.top, "status", "--json", env=bare()).out)
    assert told["again"] == [branch]
    done = again(repo, branch)
    assert (done.code, done.report["status"], done.report["branch"]) == (0, "fixed", branch), done
    assert repo.git("rev-parse", f"{branch}^").strip() == done.report["base"]["sha"] == base
    assert f"git update-ref refs/heads/{branch} {old}" in done.err
    (waiting,) = json.loads(ocode(repo.top, "status", "--json", env=bare()).out)["waiting"]
    assert (waiting["branch"], waiting["tries"], waiting["base"]) == (branch, 1, "current")

    moved(repo, MENDED)
    done = again(repo, branch)
    assert (done.code, done.report["status"]) == (0, "nothing"), done
    assert repo.git("branch", "--list", branch) == ""
    assert "refs/ocode/closed/" in repo.git("for-each-ref", "--format=%(refname)", "refs/ocode")


def test_what_others_did_there_is_kept_unless_it_is_to_be_dropped(repo: Repo) -> None:
    branch = mended(quick(repo, "--model", "none"))
    repo.git("switch", "-q", branch)
    repo.write("notes.txt", "mine\n")
    repo.commit("look at it")
    theirs = repo.git("rev-parse", branch).strip()
    done = again(repo, branch)
    assert (done.code, done.report["error"]["message"]) == (1, f"{branch} is checked out; leave it first")
    repo.git("switch", "-q", "main")
    done = again(repo, branch)
    assert (done.code, "--discard drops them" in done.report["error"]["message"]) == (1, True), done
    assert repo.git("rev-parse", branch).strip() == theirs
    done = again(repo, branch, "--discard")
    assert (done.code, done.report["branch"]) == (0, branch), done
    assert repo.git("log", "--format=%s", f"main..{branch}").count("\n") == 1
