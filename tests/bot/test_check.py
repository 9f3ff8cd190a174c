"""`ocode check`: files and ranges of commits, exit codes, and one document for programs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ocode_bot.commands.check import check_command
from ocode_tools.errors import SetupError, UsageError
from repos import MakeRepo, Repo

KEYS = ["checked", "problems", "error"]


def check(
    top: Path, file: str | None = None, commits: str | None = None, strict: bool = False, as_json: bool = False
) -> int:
    """The command in a folder."""
    return check_command(top, os.environ, file, commits, strict, as_json)


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one document on stdout."""
    found = json.loads(capsys.readouterr().out)
    assert list(found) == KEYS
    return found


@pytest.fixture
def history(make_repo: MakeRepo) -> Repo:
    """A good commit, a bad one, a fixup, and a merge that git wrote."""
    repo = make_repo()
    repo.commit("fix: good")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("Bad \x1b[31mone\n\n# text, no comment")
    repo.git("checkout", "-q", "main")
    repo.commit("fixup! fix: good")
    repo.git("merge", "-q", "--no-ff", "-m", "whatever", "side")
    return repo


@pytest.mark.parametrize(
    ("text", "code", "out"),
    [
        ("fix: good\n# comment\n", 0, ""),
        ("bad\n", 1, "  line 1: header-form\n    found:  bad\n    passes: "),
        ("", 0, ""),
    ],
)
def test_a_file(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str], text: str, code: int, out: str) -> None:
    repo = make_repo()
    repo.write("message", text)
    assert check(repo.top, "message") == code
    assert capsys.readouterr().out.startswith(out)


def test_a_file_outside_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "message").write_text("fix: good")
    assert check(tmp_path, "message") == 0


def test_a_range_names_its_commits(history: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(history.top, commits="HEAD~2..HEAD") == 1
    sha = history.git("rev-parse", "side").strip()
    said = capsys.readouterr()
    assert said.out.splitlines()[:3] == [
        rf"{sha[:10]} Bad \x1b[31mone",
        "  line 1: header-form",
        r"    found:  Bad \x1b[31mone",
    ]
    assert said.err == "ocode: 3 messages checked in HEAD~2..HEAD, 1 refused (Conventional Commits)\n"


@pytest.mark.parametrize(
    ("commits", "strict", "code", "checked", "rules"),
    [
        ("HEAD~2..HEAD", False, 1, 3, ["header-form"]),
        ("HEAD~2..HEAD", True, 1, 3, ["autosquash", "header-form", "header-form"]),
        ("HEAD~2", False, 0, 1, []),
        ("HEAD..HEAD", False, 0, 0, []),
    ],
)
def test_a_range_as_a_document(
    history: Repo,
    capsys: pytest.CaptureFixture[str],
    commits: str,
    strict: bool,
    code: int,
    checked: int,
    rules: list[str],
) -> None:
    assert check(history.top, commits=commits, strict=strict, as_json=True) == code
    found = document(capsys)
    assert (found["checked"], found["error"]) == (checked, None)
    assert sorted(problem["rule"] for problem in found["problems"]) == rules
    for problem in found["problems"]:
        assert list(problem) == ["commit", "subject", "rule", "level", "line", "found", "passes"]
        assert history.git("log", "-1", "--format=%H", problem["commit"]).strip() == problem["commit"]


def test_a_commit_in_another_encoding(make_repo: MakeRepo, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo()
    repo.git("config", "i18n.commitEncoding", "iso-8859-1")
    repo.write("message", "Öffne die Tür".encode("latin-1"))
    repo.git("commit", "-q", "--allow-empty", "-F", "message")
    assert check(repo.top, commits="HEAD", as_json=True) == 1
    (problem,) = document(capsys)["problems"]
    assert problem["subject"] == "Öffne die Tür"


@pytest.mark.parametrize(
    ("files", "file", "commits", "error", "code"),
    [
        pytest.param({}, None, None, UsageError, 2, id="neither"),
        pytest.param({}, "a", "HEAD", UsageError, 2, id="both"),
        pytest.param({}, "absent", None, SetupError, 3, id="no-file"),
        pytest.param({}, None, "nowhere..HEAD", SetupError, 3, id="no-such-revision"),
        pytest.param({}, None, "--all", SetupError, 3, id="an-option"),
        pytest.param({".ocode.toml": "[message]\nbody = 1\n"}, None, "HEAD", UsageError, 2, id="configuration"),
    ],
)
def test_what_cannot_be_checked(
    make_repo: MakeRepo,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    file: str | None,
    commits: str | None,
    error: type[UsageError],
    code: int,
) -> None:
    repo = make_repo(files)
    with pytest.raises(error) as caught:
        check(repo.top, file, commits)
    assert str(caught.value).isprintable()
    assert check(repo.top, file, commits, as_json=True) == code
    found = document(capsys)
    assert (found["checked"], found["problems"]) == (0, [])
    assert found["error"] == {"kind": caught.value.kind, "message": str(caught.value)}


def test_a_range_needs_a_repository(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="not in a git repository"):
        check(tmp_path, commits="HEAD")
