"""The pre-commit hook for TODOs: new ones in the staged lines, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ocode_hooks.todos import main
from repos import MakeRepo, Repo

OLD = "def f():\n    # TODO\n    pass\n"


@pytest.fixture
def repo(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with an old TODO that has no text, where the hook is started."""
    made = make_repo({"a.py": OLD, "b.py": "x = 1\n", ".ocode.toml": '[todo]\nform = "owner"\n'})
    monkeypatch.chdir(made.top)
    return made


STAGED: dict[str, tuple[dict[str, str], list[str]]] = {
    "nothing": ({}, []),
    "no owner": ({"a.py": OLD + "# TODO: x\n"}, ["a.py:4 TODO lacks an owner: TODO(name): ..."]),
    "no text": ({"b.py": "# FIXME(ann)\n"}, ["b.py:1 FIXME lacks a text: FIXME(ann): what is to be done"]),
    "an owner": ({"b.py": "# FIXME(ann): x\n"}, []),
    "in a string": ({"b.py": "x = '# TODO: x'\n"}, []),
    "old, moved": ({"a.py": "import os\n\n\n" + OLD.replace("f()", "g()")}, []),
    "old, moved to another file": ({"a.py": "", "b.py": OLD}, []),
    "old, reindented": ({"a.py": "if x:\n    # TODO\n    pass\n"}, []),
    "twice": ({"b.py": "# TODO\n\n# TODO\n", "a.py": ""}, ["b.py:3 TODO lacks a text: TODO: what is to be done"]),
    "a removed one": ({"a.py": "def f():\n    pass\n"}, []),
}


@pytest.mark.parametrize(("files", "lines"), STAGED.values(), ids=STAGED)
def test_new_todos_are_checked(
    repo: Repo, files: dict[str, str], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in files.items():
        repo.write(path, text)
    repo.git("add", "-A")
    for path in files:
        repo.write(path, "# TODO: only in the tree\n")
    assert main(sorted(files)) == bool(lines)
    said = capsys.readouterr().err.splitlines()
    assert said[1:] == lines
    assert (
        said[:1]
        == ["ocode: new TODOs do not have the form that is asked for (todo.form: owner, .ocode.toml:2)"][: len(lines)]
    )


def test_only_the_files_that_are_named(repo: Repo) -> None:
    repo.write("b.py", "# TODO: x\n")
    repo.git("add", "-A")
    assert main(["a.py"]) == 0
    assert main(["a.py", "b.py"]) == main([]) == 1


def test_a_merge_brings_what_was_checked_already(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.write("b.py", "# TODO: theirs\n")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write("a.py", OLD + "x = 1\n")
    repo.commit()
    repo.git("merge", "-q", "--no-commit", "side")
    assert main([]) == 0


def test_between_two_revisions(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("b.py", "# TODO: x\n")
    repo.commit()
    assert main([]) == 0
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    assert main(["b.py"]) == 1


def test_the_first_commit(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    new = make_repo({"a.py": "# TODO\n"}, name="new", commit=False)
    new.git("add", "-A")
    monkeypatch.chdir(new.top)
    assert main([]) == 1


@pytest.mark.parametrize(("words", "code"), [([], 0), (["--strict"], 2)], ids=["quiet", "strict"])
@pytest.mark.parametrize(
    ("text", "said"), [("[todo]\nform = '('\n", "todo.form"), ("[todo]\ntags = ['a b']\n", "todo.tags")]
)
def test_trouble_of_our_own_holds_nothing_up(
    repo: Repo, text: str, said: str, words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.write(".ocode.toml", text)
    assert main(words) == code
    assert said in capsys.readouterr().err


def test_outside_a_repository(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "not a git repository" in capsys.readouterr().err


def test_it_is_light_and_runs_in_a_real_commit(repo: Repo) -> None:
    code = (
        "import sys, ocode_hooks.todos as t; t.main([]); sys.exit(bool({'click', 'pydantic', 'git'} & {*sys.modules}))"
    )
    hook = repo.top / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m ocode_hooks.todos\n")
    hook.chmod(0o755)
    repo.write("b.py", "# TODO: x\n")
    done = subprocess.run(
        ["git", "commit", "-qm", "x", "b.py"], cwd=repo.top, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "b.py:1 TODO lacks an owner" in done.stderr
    subprocess.run([sys.executable, "-c", code], cwd=repo.top, check=True)
