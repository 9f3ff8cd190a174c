"""The commit-msg hook under real git: what it refuses, how the text comes back, and that its own trouble is no veto."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ocode_hooks.commit_msg import main
from repos import MakeRepo, Repo


class Checked:
    """A repository with the hook installed, and an editor that writes what it is told."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        hook = repo.top / ".git" / "hooks" / "commit-msg"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ocode_hooks.commit_msg "$@"\n')
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)

    def git(self, *words: str, message: str | None = None, cwd: Path | None = None) -> tuple[int, str]:
        """Run git; the editor puts `message` above what it finds. Returns the code and what was said."""
        editor = self.repo.top.parent / "editor"
        if message is not None:
            editor.write_text(
                f'#!/bin/sh\n{{ printf %s {shlex.quote(message)}; cat "$1"; }} >"$1.new" && mv "$1.new" "$1"\n'
            )
            editor.chmod(0o755)
        environ = {**os.environ, "GIT_EDITOR": str(editor) if message is not None else "true"}
        folder = cwd or self.repo.top
        done = subprocess.run(["git", *words], cwd=folder, env=environ, capture_output=True, check=False)
        return done.returncode, done.stderr.decode()

    def commit(self, message: str, *words: str, cwd: Path | None = None) -> tuple[int, str]:
        """`git commit` of nothing, with the message written in the editor."""
        return self.git("commit", "--allow-empty", *words, message=message, cwd=cwd)

    @property
    def last(self) -> str:
        """The message of HEAD."""
        return self.repo.git("log", "-1", "--format=%B").strip()


@pytest.fixture
def checked(make_repo: MakeRepo) -> Checked:
    return Checked(make_repo({"file": "one\n"}))


def test_a_good_message_goes_through_without_a_word(checked: Checked) -> None:
    assert checked.commit("fix: close the file\n\nwhy\n") == (0, "")
    assert checked.last == "fix: close the file\n\nwhy"


def test_a_bad_message_is_refused_and_comes_back(checked: Checked) -> None:
    code, said = checked.commit("Close the file.\nnow\n")
    assert code == 1
    assert said.splitlines() == [
        "ocode: commit message refused (Conventional Commits)",
        "  line 1: header-form",
        "    found:  Close the file.",
        '    passes: "type(scope): what it does", such as "fix: close the file"',
        "  line 2: body-leading-blank",
        "    found:  now",
        "    passes: an empty line below the first line",
        "Nothing is lost. Mend the message with this, and the options you gave (--amend, -a, paths):",
        "  git commit -e -F .git/COMMIT_EDITMSG",
        'Nobody chose rules here: set style = "plain" in [message] of .ocode.toml to allow any first line.',
    ]
    code, _ = checked.git(*command(said), "--allow-empty", "--no-verify", message="")
    assert (code, checked.last) == (0, "Close the file.\nnow")


def command(said: str) -> list[str]:
    """The arguments of the git command that brings the text back."""
    (line,) = [line for line in said.splitlines() if "commit -e " in line]
    return shlex.split(line)[1:]


def test_the_text_comes_back_in_a_folder_below_and_in_a_linked_worktree(checked: Checked, tmp_path: Path) -> None:
    below = checked.repo.top / "a folder"
    below.mkdir()
    tree = tmp_path / "it's linked"
    checked.repo.git("worktree", "add", "-q", "--detach", str(tree))
    for place in (below, tree):
        code, said = checked.commit(f"In {place.name}", cwd=place)
        assert code == 1
        code, _ = checked.git(*command(said), "--allow-empty", "--no-verify", message="", cwd=place)
        log = subprocess.run(["git", "log", "-1", "--format=%B"], cwd=place, capture_output=True, text=True, check=True)
        assert (code, log.stdout.strip()) == (0, f"In {place.name}")


@pytest.mark.parametrize("comment", ["#", ";", "auto"])
def test_the_diff_of_commit_v_is_no_message_and_does_not_come_back(checked: Checked, comment: str) -> None:
    checked.repo.git("config", "core.commentChar", comment)
    checked.repo.write("file", "two\n" + "x " * 200 + "\n")
    assert checked.commit("fix: see the diff\n", "-a", "-v")[0] == 0
    checked.repo.write("file", "three\n")
    code, said = checked.commit("See the diff\n", "-a", "-v")
    assert (code, "body-" in said) == (1, False)
    assert checked.git(*command(said), "-a", "--no-verify", message="")[0] == 0
    assert checked.last == "See the diff"


def test_text_that_looks_like_a_comment_comes_back(checked: Checked) -> None:
    code, said = checked.git("commit", "--allow-empty", "-m", "Close it", "-m", "#12 was open")
    assert code == 1
    assert checked.git(*command(said), "--allow-empty", "--no-verify", message="")[0] == 0
    assert checked.last == "Close it\n\n#12 was open"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ["-c", "core.commentChar=%", "commit", "-a"], "fix: a\n% " + "long " * 40 + "\n", id="comment-by-c"
        ),
        pytest.param(["commit", "-am", "fix: a\n\n#12 is text without an editor"], None, id="no-editor"),
        pytest.param(["commit", "-a", "--fixup=HEAD"], None, id="fixup"),
        pytest.param(["revert", "--no-edit", "HEAD"], None, id="revert"),
    ],
)
def test_what_goes_through(checked: Checked, words: list[str], message: str | None) -> None:
    checked.repo.write("file", "two\n")
    if "revert" in words:
        checked.repo.commit("fix: a")  # with the hook
    assert checked.git(*words, message=message)[0] == 0


def test_a_merge_goes_through_with_any_message(checked: Checked) -> None:
    checked.repo.git("checkout", "-q", "-b", "side")
    checked.repo.write("other", "x\n")
    checked.repo.commit("feat: other")
    checked.repo.git("checkout", "-q", "main")
    assert checked.git("merge", "--no-ff", "-m", "bring in the rest", "side")[0] == 0
    assert checked.last == "bring in the rest"


def test_a_reworded_message_comes_back_for_its_commit(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    checked.repo.write("file", "two\n")
    checked.repo.commit("fix: two")
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "sed -i -e 's/^pick/reword/'")
    code, said = checked.git("rebase", "-i", "HEAD~1", message="Two again\n\n")
    assert code == 1
    assert checked.git(*command(said), "--no-verify", message="")[0] == 0
    assert checked.git("rebase", "--continue")[0] == 0
    assert checked.repo.git("log", "--format=%s").split("\n")[:2] == ["Two again", "start"]


def test_the_way_out_is_told_where_the_form_is_wrong(checked: Checked) -> None:
    for message, told in (("Close it", True), ("fix: close it.", False), ("```\nfix: close it", False)):
        assert ('style = "plain"' in checked.commit(message)[1]) is told


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n#\n# comments\n"])
def test_an_empty_message_is_gits_business(checked: Checked, text: str) -> None:
    (checked.repo.top / "message").write_text(text)
    code, said = checked.git("commit", "--allow-empty", "-F", "message", "--cleanup=strip")
    assert (code, "ocode" in said) == (1, False)


def test_a_plain_log_makes_plain_messages_good(checked: Checked) -> None:
    for number in range(10):
        checked.repo.git("commit", "-q", "--allow-empty", "--no-verify", "-m", f"Count to {number}")
    assert checked.commit("Count to ten") == (0, "")
    code, said = checked.commit("Count on.\n\n")
    assert (code, said.splitlines()[0]) == (1, "ocode: commit message refused (plain messages, as in the log)")
    (checked.repo.top / ".ocode.toml").write_text("[message]\nstyle = 'conventional'\n")
    assert checked.commit("Count to eleven")[0] == 1


def test_a_message_cannot_steer_the_terminal(checked: Checked) -> None:
    _, said = checked.commit("Clear \x1b[2J\x9b \u202e\x07 it")
    assert r"found:  Clear \x1b[2J\x9b \u202e\x07 it" in said
    assert all(line.isprintable() for line in said.splitlines())


def test_a_message_in_the_configured_encoding(checked: Checked) -> None:
    checked.repo.git("config", "i18n.commitEncoding", "iso-8859-1")
    checked.repo.write("message", "fix: schließ die Tür".encode("latin-1"))
    assert checked.git("commit", "--allow-empty", "-F", "message") == (0, "")


def test_a_warning_lets_it_through(checked: Checked) -> None:
    (checked.repo.top / ".ocode.toml").write_text("[message]\nwarn = ['subject-full-stop']\n")
    code, said = checked.commit("fix: close.")
    assert code == 0
    assert said.splitlines()[:2] == [
        "ocode: commit message accepted with warnings (rules: .ocode.toml)",
        "  line 1: subject-full-stop (warning)",
    ]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            {".ocode.toml": "[message]\ntypes = 'x'\n"},
            ".ocode.toml:2: message.types must be a list of strings, not a string",
        ),
        ({".ocode.toml": "["}, ".ocode.toml:1: broken TOML: "),
        ({".commitlintrc.json": "{"}, ".commitlintrc.json: broken JSON: "),
    ],
)
def test_a_broken_configuration_is_one_line_and_no_veto(
    checked: Checked, files: dict[str, str], line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (checked.repo.top / name).write_text(text)
    code, said = checked.commit("Whatever")
    assert (code, len(said.splitlines())) == (0, 1)
    assert said.startswith(f"ocode: commit message not checked: {line}")


def test_a_program_as_configuration_is_named_and_not_run(checked: Checked) -> None:
    (checked.repo.top / "commitlint.config.js").write_text("throw 1")
    code, said = checked.commit("fix: close the file")
    note = "ocode: commitlint.config.js is a program and was not run; say its rules in [message] of .ocode.toml\n"
    assert (code, said) == (0, note)


@pytest.mark.parametrize("words", [[], ["--odd", "file"], ["a", "b"], ["absent"], ["."]])
def test_trouble_of_our_own_is_one_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 0
    said = capsys.readouterr().err
    assert said.startswith("ocode: commit message not checked: ")
    assert said.count("\n") == 1
    assert "unexpected" not in said
    assert main([*words, "--strict"]) == 2


def test_help_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: ocode-commit-msg [--strict] FILE\n")


def test_started_by_hand_it_finds_the_configuration(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo({".ocode.toml": "[message]\nstyle = 'plain'\n", "below/message": "Close the file"})
    monkeypatch.chdir(repo.top / "below")
    assert main(["message"]) == 0


def test_strict_checks_what_git_wrote(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo()
    monkeypatch.chdir(repo.top)
    file = repo.write("message", "fixup! fix: a")
    assert (main([str(file)]), main(["--strict", str(file)])) == (0, 1)


def test_the_hook_loads_nothing_heavy(make_repo: MakeRepo) -> None:
    repo = make_repo()
    repo.write("message", "fix: a")
    code = "import sys; from ocode_hooks.commit_msg import main; main(['message']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=repo.top, capture_output=True, text=True, check=True)
    heavy = {"argparse", "dataclasses", "inspect", "pathlib", "tomllib", "json", "click", "pydantic", "yaml", "difflib"}
    assert heavy & set(done.stdout.split()) == set()


def test_a_pattern_that_takes_for_ever_holds_up_nobody(make_repo: MakeRepo) -> None:
    repo = make_repo({".ocode.toml": "[message]\nstyle = 'plain'\npattern = '(a+)+$'\n"})
    file = repo.write("message", "a" * 40 + "!\n")
    command = [sys.executable, "-m", "ocode_hooks.commit_msg", str(file)]
    done = subprocess.run(command, cwd=repo.top, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    assert "pattern that takes too long" in done.stderr
