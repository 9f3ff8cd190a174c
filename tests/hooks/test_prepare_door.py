"""What the hook does with the message file: the draft, and whatever goes wrong with it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from hooked import GIT, STAGED, Hooked, command, door, hooked, message_file
from repos import MakeRepo

FILES = {"file": "one\n", "other": "one\n", "below/file": "one\n"}


@pytest.fixture
def here(make_repo: MakeRepo) -> Hooked:
    """A repository whose hook drafts what is staged."""
    return hooked(make_repo(FILES), STAGED)


@dataclass(frozen=True)
class Way:
    """A way to commit a change of `file` and `other`, the latter not staged, and what the message must be."""

    id: str
    words: tuple[str, ...]
    subject: str = "feat: file"
    cwd: str = ""
    signed: bool = False


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, id=way.id)
        for way in (
            Way("plain", ("commit",)),
            Way("all", ("commit", "-a"), "feat: file other"),
            Way("partial", ("commit", "other"), "feat: other"),
            Way("in a folder below", ("commit",), cwd="below"),
            Way("verbose and signed off", ("commit", "-v", "-s"), signed=True),
            Way("other comments", ("-c", "core.commentChar=;", "commit")),
            Way("scissors", ("commit", "--cleanup=scissors", "-v")),
            Way("comments chosen by git", ("-c", "core.commentChar=auto", "commit")),
            Way("no status", ("commit", "--no-status", "-s"), signed=True),
        )
    ],
)
def test_the_draft_is_of_what_git_will_commit(way: Way, here: Hooked) -> None:
    here.change("file")
    (here.repo.top / "other").write_text("two\n")
    here.git(*way.words, cwd=way.cwd, GIT_EDITOR="true")
    last = "Signed-off-by: Test <test@example.org>\n" if way.signed else ""
    assert here.message() == f"{way.subject}\n\nAssisted-by: tiny\n{last}\n"


def test_the_draft_in_a_linked_work_tree_and_with_a_git_folder_named(here: Hooked) -> None:
    here.git("worktree", "add", "-q", "../linked")
    Path(here.repo.top, "../linked/new").touch()
    here.git("add", "-A", cwd="../linked")
    here.git("commit", cwd="../linked", GIT_EDITOR="true")
    assert here.message("linked").startswith("feat: new\n")
    here.change("file")
    tops = f"--work-tree={here.repo.top}", f"--git-dir={here.repo.top / '.git'}"
    here.git(*tops, "commit", cwd="..", GIT_EDITOR="true")
    assert here.message().startswith("feat: file\n")


def test_a_template_is_drafted_into_above_its_comments(here: Hooked) -> None:
    here.repo.git("config", "ocode.draftTemplate", "true")
    here.repo.write("template", "\n# Why?\n")
    here.change("file")
    here.git("commit", "-t", "template", GIT_EDITOR="true")
    assert here.message().startswith("feat: file template\n")


def test_somebodys_own_text_is_left_alone(here: Hooked) -> None:
    here.repo.git("config", "ocode.draftTemplate", "true")
    here.repo.write("template", "mine\n")
    here.change("file")
    here.git("commit", "-t", "template", GIT_EDITOR="sed -i -e '1s/$/, edited/'")
    assert here.message() == "mine, edited\n\n"


def test_the_file_keeps_its_mode_and_a_link_stays_a_link(here: Hooked, tmp_path: Path) -> None:
    file, target = message_file(here), tmp_path / "elsewhere"
    file.replace(target)
    target.chmod(0o640)
    file.symlink_to(target)
    os.link(target, tmp_path / "second name")
    done, after = door(here, STAGED, fresh=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert after.startswith(b"feat:")
    assert file.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "second name").read_bytes() == GIT


def test_a_file_that_somebody_wrote_meanwhile_is_left_alone(here: Hooked) -> None:
    file = message_file(here)
    body = f"    import pathlib; pathlib.Path({str(file)!r}).write_text('theirs')\n{STAGED}"
    done, after = door(here, body)
    assert (done.returncode, after) == (0, b"theirs")
    assert b"somebody else wrote into it" in done.stderr


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        pytest.param(("message",), {}, id="source"),
        pytest.param(("commit", "HEAD"), {}, id="source and commit"),
        pytest.param(("template",), {}, id="template"),
        pytest.param((), {"PRE_COMMIT_COMMIT_MSG_SOURCE": "message"}, id="source as pre-commit tells it"),
        pytest.param((), {"GIT_EDITOR": ":"}, id="no editor"),
        pytest.param((), {"OCODE_SKIP": "1"}, id="switched off"),
    ],
)
def test_python_decides_as_the_script_does(words: tuple[str, ...], environ: dict[str, str], here: Hooked) -> None:
    done, after = door(here, STAGED, *words, environ=environ)
    assert (done.returncode, done.stderr, after) == (0, b"", GIT)


def test_a_file_that_pre_commit_filtered_away_is_found(here: Hooked) -> None:
    file = message_file(here)
    call = command(here, STAGED)[:-1]
    done = subprocess.run(
        call, cwd=here.repo.top, env={**os.environ, "PRE_COMMIT": "1"}, capture_output=True, check=True
    )
    assert done.stderr == b""
    assert file.read_bytes().startswith(b"feat:")


@pytest.mark.parametrize("state", ["rebase-merge", "rebase-apply", "sequencer", "MERGE_HEAD", "REVERT_HEAD"])
def test_python_sees_what_stands_still(state: str, here: Hooked) -> None:
    (here.repo.top / ".git" / state).touch()
    assert door(here, STAGED)[1] == GIT


def test_the_switch_in_gits_configuration_counts_without_the_script(here: Hooked) -> None:
    here.repo.git("config", "ocode.draft", "off")
    assert door(here, STAGED)[1] == GIT
