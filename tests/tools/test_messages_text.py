"""What git leaves of a message file, for every habit that it can have."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ocode_tools.git import Git
from ocode_tools.messages.text import Habits, comment_of, habits, inherited, raw, read
from repos import MakeRepo

CUT = "------------------------ >8 ------------------------"
HELP = "# Please enter the commit message for your changes.\n#\n# On branch main\n#\tnew file: a\n"


def lines(text: str | bytes, **habit: str | bool) -> list[str]:
    """The lines that are left, by habits in `habit`."""
    data = text if isinstance(text, bytes) else text.encode()
    return [line.text for line in read(data, Habits()._replace(**habit)).lines]  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "habit", "left"),
    [
        pytest.param("fix: a\n", {}, ["fix: a"], id="plain"),
        pytest.param("\n \n\nfix: a\n\nb\n\n\n", {}, ["fix: a", "", "b"], id="blank-ends"),
        pytest.param("fix: a \t\r\n\r\nb\r\n", {}, ["fix: a", "", "b"], id="crlf"),
        pytest.param("fix: a\n\n" + HELP, {}, ["fix: a"], id="comments"),
        pytest.param(HELP, {}, [], id="only-comments"),
        pytest.param("", {}, [], id="empty"),
        pytest.param(f"fix: a\n# {CUT}\ndiff\n+x\n", {}, ["fix: a"], id="scissors"),
        pytest.param(f"fix: a\n; {CUT}\ndiff\n", {"comment": ";"}, ["fix: a"], id="scissors-semicolon"),
        pytest.param(f"fix: a\n; me\n; {CUT}\ndiff\n", {}, ["fix: a"], id="scissors-of-another-comment"),
        pytest.param(f"fix: a\n// {CUT}\ndiff\n", {"comment": "//"}, ["fix: a"], id="scissors-of-a-string"),
        pytest.param(f"fix: a\nREM {CUT}\r\ndiff\n", {"comment": "REM"}, ["fix: a"], id="scissors-of-a-word"),
        pytest.param(f"fix: a\nx {CUT}\nb\n", {}, ["fix: a", f"x {CUT}", "b"], id="no-scissors"),
        pytest.param("fix: a\n# b\n", {"cleanup": "whitespace"}, ["fix: a", "# b"], id="whitespace"),
        pytest.param("fix: a\n# b\n", {"cleanup": "verbatim"}, ["fix: a", "# b"], id="verbatim"),
        pytest.param(f"fix: a\n# b\n# {CUT}\nx", {"cleanup": "scissors"}, ["fix: a", "# b"], id="cleanup-scissors"),
        pytest.param("fix: a\n# b\n", {"cleanup": "strip", "edited": False}, ["fix: a"], id="strip-always"),
        pytest.param("#12 a\n", {"edited": False}, ["#12 a"], id="no-editor-no-comments"),
        pytest.param("fix: a\n\n" + HELP, {"edited": False}, ["fix: a"], id="no-editor-but-git-wrote-help"),
        pytest.param("#12 a\n;\n; help\n;\n", {"comment": "auto"}, ["#12 a"], id="auto"),
        pytest.param("fix: a\n# b\n", {"comment": "auto"}, ["fix: a"], id="auto-without-a-block"),
        pytest.param("fix: a\n# b\n", {"comment": "//"}, ["fix: a"], id="an-older-git-knows-no-strings"),
        pytest.param("fix: a\n// b\n#c\n", {"comment": "//"}, ["fix: a", "#c"], id="comment-string"),
        pytest.param(b"\xef\xbb\xbffix: a", {}, ["fix: a"], id="mark"),
        pytest.param(b"fix: \xe4", {"encoding": "latin-1"}, ["fix: ä"], id="latin-1"),
        pytest.param(b"fix: \xe4", {"encoding": "no-such"}, ["fix: \udce4"], id="unknown-encoding"),
        pytest.param(b"fix: \xe4", {"encoding": "base64"}, ["fix: \udce4"], id="not-a-text-encoding"),
        pytest.param(b"fix: a\0b", {}, ["fix: a\0b"], id="nul"),
    ],
)
def test_what_is_left(text: str | bytes, habit: dict[str, str | bool], left: list[str]) -> None:
    assert lines(text, **habit) == left


def test_lines_keep_their_numbers_in_the_file() -> None:
    text = read(b"\n# c\nfix: a\n# c\n\nb\n", Habits())
    assert [(line.number, line.text) for line in text.lines] == [(3, "fix: a"), (5, ""), (6, "b")]


def test_what_was_seen_on_the_way() -> None:
    assert read(b"\xef\xbb\xbfa", Habits()).mark == "utf-8"
    assert read("fix: a".encode("utf-16"), Habits()).mark == "utf-16-le"
    assert read(b"\xe4", Habits()).odd
    assert not read("ä".encode(), Habits()).odd
    assert read(f"a\n# {CUT}\n".encode(), Habits()).scissors


def test_a_stored_message_has_no_comments() -> None:
    assert [line.text for line in raw(f"#1 a\n\n# b\n# {CUT}\nc".encode()).lines] == [
        "#1 a",
        "",
        "# b",
        f"# {CUT}",
        "c",
    ]


@pytest.mark.parametrize(
    ("text", "setting", "mark"),
    [
        ("a\n#\n# b\n", "auto", "#"),
        ("a\n;\n; b\n", "auto", ";"),
        ("a\n; b\n", "auto", "#"),
        ("a\n", ";", ";"),
        (f"a\n! {CUT}\n", "#", "!"),
        ("", "auto", "#"),
    ],
)
def test_the_comment_of_a_file(text: str, setting: str, mark: str) -> None:
    assert comment_of(text.splitlines(), setting) == mark


@pytest.mark.parametrize(
    ("message", "trailers"),
    [
        pytest.param("a\n\nSigned-off-by: X <x@y>\n", [("Signed-off-by", "X <x@y>")], id="one"),
        pytest.param("a\n\nb\n\nK: 1\nL: 2\n  more\n", [("K", "1"), ("L", "2 more")], id="continued"),
        pytest.param("a\n\nK: 1\nsome text\n", [], id="text-among-them"),
        pytest.param("a\n\nSigned-off-by: X\nsome text\n", [("Signed-off-by", "X")], id="gits-own-among-text"),
        pytest.param("a\n\nSigned-off-by: X\n" + "text\n" * 4, [], id="less-than-a-quarter"),
        pytest.param("a\n\nFixes: 1\nsome text\n", [("Fixes", "1")], id="configured-among-text"),
        pytest.param("K: 1\n", [], id="the-subject-is-none"),
        pytest.param("a\nK: 1\n", [], id="no-paragraph-of-its-own"),
        pytest.param("a\n\nK: 1\n\nb\n", [], id="not-last"),
        pytest.param("a\n\nBREAKING CHANGE: x\nRefs: 1\n", [], id="a-space-in-the-key"),
        pytest.param("a\n\n(cherry picked from commit 1234)\nK: 1\n", [("K", "1")], id="cherry-picked"),
    ],
)
def test_trailers_are_those_that_git_finds(message: str, trailers: list[tuple[str, str]], make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.git("config", "trailer.fix.key", "Fixes")
    text = raw(message.encode(), keys=habits(Git(repo.top)).keys)
    assert [(trailer.key, trailer.value) for trailer in text.trailers] == trailers
    said = repo.git("interpret-trailers", "--parse", "--no-divider", stdin=message).splitlines()
    assert [f"{key}: {value}" for key, value in trailers] == [line for line in said if ":" in line]


def test_habits_are_asked_from_git(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    assert habits(Git(repo.top)) == Habits()
    for key, value in (
        ("core.commentChar", ";"),
        ("commit.cleanup", "scissors"),
        ("commit.template", "t"),
        ("i18n.commitEncoding", "latin-1"),
        ("trailer.see.key", "See-Also"),
    ):
        repo.git("config", key, value)
    expected = Habits(";", "scissors", "latin-1", True, frozenset({"see-also"}), False)
    assert habits(Git(repo.top), {"GIT_EDITOR": ":", "GIT_INDEX_FILE": ".git/index"}) == expected
    assert habits(Git(repo.top), {"GIT_EDITOR": ":"}).edited  # somebody's own setting, not git's word to a hook
    repo.git("config", "core.commentString", "//")
    assert habits(Git(repo.top)).comment == "//"
    assert habits(Git(tmp_path)) == Habits()


def test_settings_of_the_command_line_are_heard(make_repo: MakeRepo) -> None:
    repo = make_repo()
    environ = {**os.environ, "GIT_CONFIG_PARAMETERS": "'core.commentchar'='%'", "GIT_DIR": str(repo.top / ".git")}
    assert habits(inherited(Path("/"), environ)).comment == "%"


# Pieces that git and we might clean up differently.
PIECES = st.sampled_from(["fix: a", "#", "# b", " # c", "", "  ", "\t", ";", "; d", "x  ", "\r", "ä", "\x0b"])


@effort(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=8))
def test_comments_and_blank_lines_go_as_git_strips_them(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    git = subprocess.run(
        ["git", "stripspace", "--strip-comments"], input=text.encode(), capture_output=True, check=True, cwd="/"
    ).stdout.decode()
    ours = lines(text)
    assert [line for line in ours if line] == [line for line in git.split("\n") if line]


@effort(deadline=None, max_examples=100)
@given(st.binary(max_size=200), st.sampled_from(["#", "auto", ";", "//"]), st.sampled_from(["utf-8", "utf-16", "idna"]))
def test_any_bytes_are_read(data: bytes, comment: str, encoding: str) -> None:
    text = read(data, Habits(comment, encoding=encoding))
    assert all("\n" not in line.text for line in text.lines)
    assert {*text.body, *text.footer} <= {*text.lines}
    assert {trailer.line for trailer in text.trailers} <= {line.number for line in text.footer}
