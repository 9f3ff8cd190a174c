"""`ocode review`, `push`, `status` and `clean` on real repositories; the questions through a real terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from branches import RUN, Grower, message
from door import environment
from ocode_bot.commands.clean import clean_command
from ocode_bot.commands.push import push_command
from ocode_bot.commands.review import review_command
from ocode_bot.commands.status import failed, status_command
from ocode_tools import store
from ocode_tools.errors import RefusedError, SetupError, UsageError
from ocode_tools.repository import find
from repos import MakeRepo, Repo

NAME = "ocode/fix/a-1a2b"
REF = f"refs/heads/{NAME}"
LAST = ["fix: Mend key-1", "--description"]
PATIENCE = 20.0  # seconds without a word
Capture = pytest.CaptureFixture[str]


class Place:
    """A repository with a branch of two commits, and the run that made them."""

    def __init__(self, repo: Repo) -> None:
        self.repo, self.grow = repo, Grower(repo)
        self.base = repo.git("rev-parse", "HEAD").strip()
        self.first = self.grow.land(REF, self.base, {"a.py": "mended\n"}, "key-1")
        self.second = self.grow.land(REF, self.base, {"b.py": "new\n"}, "key-2", tip=self.first)
        run = store.Run.start(store.folders(find(repo.top), os.environ).runs, RUN, {"task": "fix"})
        run.note("baseline", passed=1, red=["t::one"])
        run.note("ask", model="m:7b", messages=[["user", "please mend it"]])
        run.note("reply", text="mended", seconds=0.5)
        run.note("verdict", solver="m:7b", summary="mend", reason="tests: t::one is still red")
        run.note("landed", sha=self.first)
        run.save({"status": "fixed", "task": "fix", "remaining": [{"id": "t::two", "reason": "too hard"}]})
        run.close()

    def at(self, name: str) -> str:
        return self.repo.git("rev-parse", name).strip()

    def review(self, branch: str | None = None, html: str | None = None, as_json: bool = False) -> int:
        return review_command(self.repo.top, os.environ, branch, html, as_json)

    def status(self, capsys: Capture) -> dict[str, Any]:
        capsys.readouterr()
        assert status_command(self.repo.top, os.environ, True) == 0
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told


@pytest.fixture
def place(make_repo: MakeRepo) -> Place:
    """One branch that waits."""
    return Place(make_repo({"a.py": "broken\n"}))


def test_the_list_says_what_waits(place: Place, capsys: Capture) -> None:
    assert place.review() == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["branch", "what", "files", "+/-", "verified", "by", "sure", "age", "base"]
    assert row.startswith(f"{NAME}  Mend key-1 (+1 more)  2      +2 -1  2 passed, 0 failed  -")
    assert row.endswith("current")
    place.repo.write("c.py", "on\n")
    place.repo.commit("on")
    place.review()
    assert capsys.readouterr().out.splitlines()[1].endswith("moved, merges")


def test_nothing_waits(make_repo: MakeRepo, capsys: Capture) -> None:
    assert review_command(make_repo({"a": ""}).top, os.environ, None, None, False) == 0
    assert capsys.readouterr().err == "nothing waits for a review\n"


def test_one_branch_by_a_part_of_its_name(place: Place, capsys: Capture) -> None:
    place.review("a-1a")
    said = capsys.readouterr().out
    for text in ("[1/2]", "[2/2]", "-broken", "+mended", "+new", "tests before: 1 passed, 1 failed", "still red"):
        assert text in said
    assert "\x1b" not in said


def test_json_has_all_keys(place: Place, capsys: Capture) -> None:
    place.review(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (set(told), told["commits"], told["error"]) == ({"waiting", "news", "commits", "error"}, [], None)
    place.review("a-1a", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [commit["sha"] for commit in told["commits"]] == [place.first, place.second]
    assert told["waiting"][0]["state"] == "open"


def test_a_page_is_written(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    place.review("a-1a", html=str(file))
    assert "please mend it" in file.read_text()
    with pytest.raises(SetupError, match="cannot write"):
        place.review("a-1a", html=str(tmp_path / "none" / "page.html"))


@pytest.mark.parametrize(
    ("branch", "html", "says"), [("nothing", None, "no branch 'nothing' waits"), (None, "x.html", "--html shows one")]
)
def test_what_cannot_be_shown(branch: str | None, html: str | None, says: str, place: Place) -> None:
    with pytest.raises(UsageError, match=says):
        place.review(branch, html)


def test_a_frozen_branch_is_shown_with_what_came_after(place: Place, capsys: Capture) -> None:
    place.review()
    place.grow.move(REF, place.grow.commit([place.second], {"c.py": "mine\n"}, "mine"))
    place.review("a-1a")
    said = capsys.readouterr().out
    assert "frozen: somebody changed it" in said
    assert f"and what somebody else did: git diff {place.second[:10]}" in said


def on_terminal(place: Place, keys: str, **env: str) -> str:
    """Run `ocode review a-1a` on a terminal and type `keys`, each when it is asked for; what was printed."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "ocode_bot", "review", "a-1a"],
        cwd=place.repo.top,
        env=environment(PAGER="cat", TERM="xterm", **env),
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    said, waiting = "", list(keys)
    while select.select([leader], [], [], PATIENCE)[0]:
        try:
            data = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        said += data.decode("utf-8", "replace")
        if waiting and said.count("show [p]rompt: ") > len(keys) - len(waiting):
            os.write(leader, f"{waiting.pop(0)}\n".encode())
    else:
        child.kill()
    os.close(leader)
    assert child.wait(PATIENCE) == 0, said
    assert waiting == []
    return said


def test_commit_by_commit_on_a_terminal(place: Place) -> None:
    place.repo.write("d.py", "on\n")
    place.repo.commit("on")
    script = place.repo.top.parent / "editor"
    script.write_text('#!/bin/sh\nsed -i "s/^+mended/+mended by me/" "$1"\n')
    script.chmod(0o755)
    said = on_terminal(place, "pear", GIT_EDITOR=str(script))
    assert "please mend it" in said
    assert "\x1b[32m+mended" in said
    assert "1 to accept, 1 to reject, 0 left as they are" in said
    assert place.repo.git("show", "HEAD:a.py") == "mended by me\n"
    assert "Ocode-Edited: by hand" in place.repo.git("log", "-1", "--format=%B")
    assert "Ocode-Verified" not in place.repo.git("log", "-1", "--format=%B")
    assert place.repo.git("ls-files") == "a.py\nd.py\n"
    assert place.repo.git("for-each-ref", REF) == ""
    assert f"git branch {NAME} {place.second[:10]}" in said


def test_what_is_skipped_stays(place: Place, capsys: Capture) -> None:
    said = on_terminal(place, "sr")
    assert "0 to accept, 1 to reject, 1 left as they are" in said
    assert place.at(REF) == place.second
    assert place.status(capsys)["waiting"][0]["branch"] == NAME


@pytest.fixture
def remote(place: Place) -> Repo:
    """Where branches are pushed."""
    there = Repo(place.repo.top.parent / "there.git")
    place.repo.git("init", "-q", "--bare", str(there.top))
    place.repo.git("remote", "add", "origin", str(there.top))
    return there


def push(place: Place, request: bool = False, **env: str) -> int:
    return push_command(place.repo.top, {**os.environ, **env}, NAME, request)


def test_push_sends_that_branch_only(place: Place, remote: Repo) -> None:
    place.repo.git("tag", "of-mine", place.second)
    assert push(place) == 0
    assert remote.git("for-each-ref", "--format=%(objectname) %(refname)") == f"{place.second} {REF}\n"
    assert push(place) == 0
    assert place.repo.git("config", "--get-regexp", "^branch", check=False) == ""


def test_push_never_replaces_the_work_of_others(place: Place, remote: Repo) -> None:
    push(place)
    again = place.grow.land(REF, place.base, {"a.py": "better\n"}, "key-1", tip=place.base)
    assert push(place) == 0  # what is there is our own, as we sent it
    assert remote.git("rev-parse", REF).strip() == again
    theirs = place.grow.commit([again], {"c.py": "mine\n"}, "theirs")
    place.repo.git("push", "-q", "origin", f"{theirs}:{REF}")
    with pytest.raises(RefusedError, match="origin has other commits on ocode/fix/a-1a2b"):
        push(place)
    assert remote.git("rev-parse", REF).strip() == theirs


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gh", ["pr", "create", "--head", NAME, "--base", "main", "--title", "fix: Mend key-1", "--body"]),
        (
            "glab",
            ["mr", "create", "--source-branch", NAME, "--target-branch", "main", "--title", *LAST],
        ),
    ],
)
def test_push_opens_a_request_with_what_there_is(name: str, words: list[str], place: Place, remote: Repo) -> None:
    folder = place.repo.top.parent / "bin"
    folder.mkdir()
    program = folder / name
    program.write_text(
        f'#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open({str(folder / "said")!r}, "w"))\n'
    )
    program.chmod(0o755)
    git = next(str(Path(p)) for p in os.environ["PATH"].split(os.pathsep) if (Path(p) / "git").exists())
    only = place.repo.top.parent / "only"
    only.mkdir()
    (only / "git").symlink_to(Path(git) / "git")
    assert push(place, request=True, PATH=f"{folder}:{only}:/bin") == 0
    said: list[str] = json.loads((folder / "said").read_text())
    assert said[: len(words)] == words
    text = said[len(words)]
    for part in ("- Mend key-1", "Tests with it: 2 passed, 0 failed.", "Tests before: 1 passed, 1 failed.", "`t::two`"):
        assert part in text


def test_push_without_a_program_for_requests_sends_nothing(place: Place, remote: Repo) -> None:
    with pytest.raises(SetupError, match="neither gh nor glab is on PATH"):
        push(place, request=True, PATH="")
    assert remote.git("for-each-ref") == ""


def test_push_wants_a_remote_and_committed_work(place: Place) -> None:
    with pytest.raises(SetupError, match="there is no remote"):
        push(place)
    shot = place.grow.commit([place.base], {"c.py": "mine\n"}, f"Snapshot of the work tree\n\nOcode-Snapshot: {RUN}\n")
    place.repo.git("update-ref", "-d", REF)
    place.grow.move(REF, place.grow.commit([shot], {"a.py": "x\n"}, message("Mend", shot, "key-3")), "ocode fix: Mend")
    with pytest.raises(RefusedError, match="snapshot of your work tree, which you did not commit"):
        push(place)


def test_status_tells_states_and_limits(place: Place, capsys: Capture) -> None:
    told = place.status(capsys)
    other = failed({"kind": "usage", "message": "no"})
    assert set(told) == set(other) == {"running", "waiting", "again", "ended", "news", "queue", "limits", "error"}
    assert set(told["limits"]) == set(other["limits"])
    assert told["limits"]["waiting"] == 1
    place.repo.git("update-ref", "refs/heads/main", place.second)
    told = place.status(capsys)
    assert told["news"] == [f"{NAME}: accepted: merged into main"]
    assert [one["state"] for one in told["ended"]] == ["accepted"]
    place.repo.git("branch", "-q", NAME, place.second)
    status_command(place.repo.top, os.environ, False)
    assert f"accepted: {NAME} (merged into main)" in capsys.readouterr().out


def test_clean_removes_what_nobody_needs(place: Place, capsys: Capture) -> None:
    folders = store.folders(find(place.repo.top), os.environ)
    for run in ("20200102-030405-aaaa", "20200102-030405-bbbb"):
        store.Run.start(folders.runs, run, {}).close()
    store.Run(folders.runs / "20200102-030405-bbbb").save({"status": "fixed"})
    (folders.runs.parent / "ledger.sqlite.broken-1").write_text("x")
    dead = folders.workspaces / "dead"
    dead.mkdir(parents=True)
    place.repo.git("update-ref", "refs/ocode/snapshots/20200102-030405-cccc", place.base)
    assert clean_command(place.repo.top, os.environ, dry=True) == 0
    assert "would remove run 20200102-030405-bbbb" in capsys.readouterr().out
    assert (folders.runs / "20200102-030405-bbbb").exists()
    assert clean_command(place.repo.top, os.environ, dry=False) == 0
    said = capsys.readouterr().out
    assert "removed run 20200102-030405-bbbb" in said
    assert "removed workspace dead" in said
    assert [path.name for path in folders.runs.iterdir()] == [RUN]
    assert place.at(REF) == place.second
    assert clean_command(place.repo.top, os.environ, dry=False) == 0
    assert capsys.readouterr().err == "nothing to clean\n"
