"""`ocode todo list` at the command line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from door import ocode
from repos import MakeRepo, Repo

FILES = {
    "src/a.py": "def f():\n    # TODO(ann): one\n    pass\n",
    "src/b.c": "int x; // FIXME: two\n",
    "odd.xyz": "TODO: no\n",
    ".ocode.toml": '[todo]\ntags = ["TODO", "FIXME", "NOTE"]\n',
    "c.py": '"""TODO: four"""\n# NOTE: three\n',
}
KEYS = {
    *("key", "path", "line", "column", "last", "tag", "ref", "text", "kind", "form", "symbol"),
    *("commit", "author", "time"),
}


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with TODOs in several languages."""
    return make_repo(FILES)


def test_a_line_each_that_editors_can_read(repo: Repo) -> None:
    done = ocode(repo.top, "todo", "list")
    assert done.out.splitlines() == [
        "c.py:2:3: NOTE: three",
        "src/a.py:2:7: TODO(ann): one",
        "src/b.c:1:11: FIXME: two",
    ]
    assert done.err == "ocode: 1 file(s) with a tag left out, their comments are not known: .xyz\n"


def test_one_document_with_every_key(repo: Repo) -> None:
    document = ocode(repo.top / "src", "todo", "list", "a.py::f", "--json", "--blame").report
    assert document.keys() == {"version", "todos", "notes", "error"}
    (todo,) = document["todos"]
    assert todo.keys() == KEYS
    assert (todo["path"], todo["line"], todo["ref"], todo["symbol"], todo["author"]) == (
        "src/a.py",
        2,
        "ann",
        "f",
        "Test",
    )
    failed = ocode(repo.top, "todo", "list", "nowhere", "--json")
    assert (failed.code, failed.report["todos"], failed.report["error"]["kind"]) == (2, [], "usage")
    assert failed.report.keys() == document.keys()


def test_what_is_chosen_and_how_it_is_shown(repo: Repo) -> None:
    repo.write("src/a.py", FILES["src/a.py"] + "# TODO: new\n")
    assert ocode(repo.top, "todo", "list", "--since", "HEAD").out == "src/a.py:4:3: TODO: new\n"
    assert ocode(repo.top, "todo", "list", "--changed").out == "src/a.py:4:3: TODO: new\n"
    assert ocode(repo.top, "todo", "list", "--staged").out == ""
    assert ocode(repo.top, "todo", "list", "src", "--format", "{tag} {symbol}\\t{author}").out.splitlines() == [
        "TODO f\tTest",
        "TODO \t",
        "FIXME \tTest",
    ]
    assert "TODO: four" in ocode(repo.top, "todo", "list", "--docstrings").out
    assert ocode(repo.top, "todo", "list", "--sort", "age").out.splitlines()[-1].split()[:2] == ["new", "src/a.py:4:3:"]


WRONG = {
    "format": (["--format", "{nobody}"], "--format knows no field 'nobody'"),
    "since and staged": (["--since", "HEAD", "--staged"], "--since goes with neither"),
    "no revision": (["--since", "nowhere"], "'nowhere' names no commit"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_wrong_options(repo: Repo, words: list[str], said: str) -> None:
    done = ocode(repo.top, "todo", "list", *words)
    assert done.code == 2
    assert said in done.err


def test_no_heavy_room_is_loaded(repo: Repo) -> None:
    code = (
        "import json, os, sys, pathlib; from ocode_bot.commands.todo import Asked, list_command;"
        "list_command(pathlib.Path.cwd(), os.environ, Asked(), False); print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=repo.top, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & {"pydantic", "httpx", "git", "rich", "unidiff", "pytest", "concurrent.futures", "hypothesis"}
