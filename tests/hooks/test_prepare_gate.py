"""When a draft is made at all: what real git asks for in each situation, and whether Python is started for it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hooked import NAME, Hooked, hooked, write_script
from ocode_tools.hooks.script import BEFORE
from repos import MakeRepo

FILES = {"file": "one\n", "other": "one\n"}
Work = Callable[[Hooked], object]


@pytest.fixture
def marked(make_repo: MakeRepo) -> Hooked:
    """A repository whose hook only marks that Python would have been started."""
    return hooked(make_repo(FILES), None)


@dataclass(frozen=True)
class Row:
    """A situation: what is done, the sources that git names for it, and how often Python starts."""

    id: str
    work: Work
    sources: set[str]
    started: int = 0


def commit(*words: str, cwd: str = "", skip: str = "") -> Work:
    """Stage a change and commit."""

    def work(here: Hooked) -> None:
        here.change()
        here.git("commit", *words, cwd=cwd, OCODE_SKIP=skip)

    return work


def configured(name: str, value: str, *words: str) -> Work:
    """Set something in git's configuration, then commit."""

    def work(here: Hooked) -> None:
        here.repo.git("config", name, value)
        commit(*words)(here)

    return work


def unstaged(*words: str) -> Work:
    """Commit a change that is not in the index."""

    def work(here: Hooked) -> None:
        here.repo.write("file", "two\n")
        here.repo.write("other", "two\n")
        here.git("commit", *words)

    return work


def subdirectory(here: Hooked) -> None:
    here.repo.write("below/file", "one\n")
    here.repo.git("add", "-A")
    here.git("commit", cwd="below")


def worktree(here: Hooked, state: str = "") -> None:
    """Commit in a linked work tree; `state` is a file of its own git folder that says what stands still there."""
    here.git("worktree", "add", "-q", "../linked")
    if state:
        (here.repo.top / ".git" / "worktrees" / "linked" / state).touch()
    here.git("commit", "--allow-empty", cwd="../linked")


def stopped_worktree(here: Hooked) -> None:
    worktree(here, "REVERT_HEAD")


def template(*words: str) -> Work:
    def work(here: Hooked) -> None:
        here.repo.write("template", "\n# why\n")
        commit("-t", "template", *words)(here)

    return work


def drafted_template(here: Hooked) -> None:
    here.repo.git("config", "ocode.draftTemplate", "yes")
    template("-s")(here)


def diverged(here: Hooked, same: bool = False) -> None:
    """A branch `side` of three commits, and one more on main."""
    here.git("switch", "-q", "-c", "side")
    for number in range(3):
        here.change("file" if same else f"side{number}")
        here.repo.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", f"side {number}")
    here.git("switch", "-q", "main")
    here.change("file" if same else "onto")
    here.repo.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "onto")


def onto_side(*words: str) -> Work:
    """Do something with the branch `side` from main."""

    def work(here: Hooked) -> None:
        diverged(here)
        here.git(*words)

    return work


def merge_squash(here: Hooked) -> None:
    onto_side("merge", "-q", "--squash", "side")(here)
    here.git("commit")


def conflict(*words: str) -> Work:
    """Run into a conflict, resolve it and commit by hand."""

    def work(here: Hooked) -> None:
        diverged(here, same=True)
        assert here.git(*words, check=False).returncode
        here.repo.write("file", "resolved\n")
        here.repo.git("add", "-A")
        here.git("commit")

    return work


def rebase(verb: str, *then: tuple[str, ...]) -> Work:
    """Rebase the side branch with this verb for its second commit, then run commands where it stops."""

    def work(here: Hooked) -> None:
        diverged(here)
        here.git("switch", "-q", "side")
        first = f"sed -i -e '2s/^pick/{verb}/'" if " " not in verb else f"sed -i -e '2i{verb}'"
        here.git("rebase", "-q", "-i", "main", GIT_SEQUENCE_EDITOR=first)
        for words in then:
            if words[0] == "commit":
                here.change("more")
            here.git(*words)
        assert not (here.repo.top / ".git" / "rebase-merge").exists()

    return work


def mailed(here: Hooked) -> None:
    diverged(here)
    patch = here.repo.git("format-patch", "-1", "--stdout", "side~2")
    here.repo.git("am", "-q", stdin=patch)


def after_rebase(here: Hooked) -> None:
    rebase("pick")(here)
    commit()(here)


ROWS = [
    Row("plain", commit(), {""}, 1),
    Row("verbose", commit("-v"), {""}, 1),
    Row("signed-off", commit("-s"), {""}, 1),
    Row("subdirectory", subdirectory, {""}, 1),
    Row("all", unstaged("-a"), {""}, 1),
    Row("partial", unstaged("file"), {""}, 1),
    Row("linked work tree", worktree, {""}, 1),
    Row("stopped in a linked work tree", stopped_worktree, {""}),
    Row("no-verify", commit("--no-verify"), {""}, 1),
    Row("first after a rebase", after_rebase, {"message", ""}, 1),
    Row("message", commit("-m", "x"), {"message"}),
    Row("message edited", commit("-e", "-m", "x"), {"message"}),
    Row("file", commit("-F", "other"), {"message"}),
    Row("fixup", commit("--fixup", "HEAD"), {"message"}),
    Row("squash", commit("--squash", "HEAD"), {"message"}),
    Row("template", template("-s"), {"template"}),
    Row("template drafted into", drafted_template, {"template"}, 1),
    Row("amend", commit("--amend"), {"commit"}),
    Row("amend quietly", commit("--amend", "--no-edit"), {"commit"}),
    Row("message of another, edited", commit("-c", "HEAD"), {"commit"}),
    Row("message of another", commit("-C", "HEAD"), {"commit"}),
    Row("merge", onto_side("merge", "-q", "side"), {"merge"}),
    Row("merge quietly", onto_side("merge", "-q", "--no-edit", "side"), {"merge"}),
    Row("merge after a conflict", conflict("merge", "-q", "side"), {"merge"}),
    Row("merge --squash", merge_squash, {"squash"}),
    Row("cherry-pick", onto_side("cherry-pick", "side~2"), {"message"}),
    Row("cherry-pick after a conflict", conflict("cherry-pick", "side~2"), {"merge"}),
    Row("revert", onto_side("revert", "HEAD"), {"message"}),
    Row("revert quietly", onto_side("revert", "--no-edit", "HEAD"), {"message"}),
    Row("am", mailed, set()),
    Row("rebase: pick", rebase("pick"), {"message"}),
    Row("rebase: reword", rebase("reword"), {"message", "commit"}),
    Row("rebase: edit", rebase("edit", ("rebase", "--continue")), {"message"}),
    Row("rebase: squash", rebase("squash"), {"message"}),
    Row("rebase: fixup", rebase("fixup"), {"message"}),
    Row("rebase: drop", rebase("drop"), {"message"}),
    Row("rebase: exec", rebase("exec true"), {"message"}),
    Row("rebase: exec commit", rebase("exec git commit --allow-empty"), {"message", ""}),
    Row("rebase: commit at a stop", rebase("edit", ("commit",), ("rebase", "--continue")), {"message", ""}),
    Row("rebase --apply", onto_side("rebase", "-q", "--apply", "side"), set()),
    Row("switched off once", commit(skip="1"), {""}),
    Row("switched off here", configured("ocode.draft", "no"), {""}),
    Row("switched on here", configured("ocode.draft", "yes"), {""}, 1),
    Row("nonsense for a switch", configured("ocode.draft", "perhaps"), {""}, 1),
]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in ROWS])
def test_what_git_asks_for_and_whether_python_starts(row: Row, marked: Hooked) -> None:
    row.work(marked)
    assert set(marked.sources) == row.sources
    assert len(marked.started) == row.started


@pytest.mark.parametrize("source", ["message", "merge", "squash", "commit", "something new"])
def test_no_process_is_started_where_the_source_alone_decides(source: str, marked: Hooked) -> None:
    (marked.folder / f"{NAME}{BEFORE}").unlink()
    path = marked.logs / "path"
    path.mkdir()
    write_script(path / "git", f"#!/bin/sh\necho called >>{marked.logs / 'foreign'}\n")
    hook, file = marked.folder / NAME, marked.repo.write("message", "\n")
    environ = {"PATH": str(path)}
    for words, more in (([source], {}), ([], {"PRE_COMMIT_COMMIT_MSG_SOURCE": source})):
        done = subprocess.run([hook, file, *words], env=environ | more, cwd=marked.repo.top, check=True)
        assert not done.returncode
    assert (marked.sources, marked.started) == ([], [])
    subprocess.run([hook, file], env=environ, cwd=marked.repo.top, check=True)
    assert marked.sources == ["called"]  # so it would have been seen


def test_the_foreign_hook_runs_in_a_submodule_too(marked: Hooked, make_repo: MakeRepo) -> None:
    outer = make_repo({"file": "one\n"}, name="outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(marked.repo.top), "inner")
    folder = outer.top / ".git" / "modules" / "inner" / "hooks"
    shutil.copytree(marked.folder, folder, dirs_exist_ok=True)
    marked.git("commit", "--allow-empty", cwd=str(outer.top / "inner"))
    (outer.top / ".git" / "modules" / "inner" / "CHERRY_PICK_HEAD").touch()
    marked.git("commit", "--allow-empty", "-m", "x", cwd=str(outer.top / "inner"))
    assert (marked.sources, len(marked.started)) == (["", "message"], 1)
