"""TODOs of real repositories: which files are read, since when, by whom, in which form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocode_tools.errors import UsageError
from ocode_tools.git import Git
from ocode_tools.selection import select
from ocode_tools.todos import form, listing
from ocode_tools.todos.ages import blames
from ocode_tools.todos.find import todos
from ocode_tools.todos.item import Blame, Todo
from ocode_tools.todos.scan import candidates, scan, since
from repos import MakeRepo, Repo

FILES = {
    "src/a.py": "def f():\n    # TODO: one\n    pass\n\n\ndef g():\n    pass  # TODO: two\n",
    "src/b.c": "int x; // TODO: three\n",
    "notes.txt": "TODO: no\n",
    "s.py": "x = '# TODO no'\n",
    ".gitignore": "ignored.py\n",
}


def texts(found: list[Todo]) -> list[str]:
    return [todo.text for todo in found]


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with three TODOs."""
    return make_repo(FILES)


def test_the_work_tree_the_index_and_a_commit(repo: Repo) -> None:
    git = Git(repo.top)
    repo.write("src/a.py", "# TODO: staged\n")
    repo.git("add", "-A")
    repo.write("src/a.py", "# TODO: in the tree\n")
    repo.write("new.py", "# TODO: untracked\n")
    repo.write("ignored.py", "# TODO: no\n")
    assert texts(scan(git).todos) == ["untracked", "in the tree", "three"]
    assert texts(scan(git, staged=True).todos) == ["staged", "three"]
    assert texts(scan(git, base="HEAD").todos) == ["one", "two", "three"]
    assert scan(git).notes == ("1 file(s) with a tag left out, their comments are not known: .txt",)


def test_targets_names_and_changed_lines(repo: Repo) -> None:
    git = Git(repo.top)
    assert texts(scan(git, select(git, repo.top, ["src/a.py::g"])).todos) == ["two"]
    assert texts(scan(git, select(git, repo.top, ["**/*.c"])).todos) == ["three"]
    repo.write("src/a.py", FILES["src/a.py"] + "# TODO: four\n")
    assert texts(scan(git, select(git, repo.top, [], changed="HEAD")).todos) == ["four"]
    assert texts(scan(git, select(git, repo.top, [], staged=True), staged=True).todos) == []


def test_odd_files_are_one_line_or_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.write("bin.py", b"# TODO: no\0\n")
    repo.write("utf16.py", "# TODO: no\n".encode("utf-16"))
    repo.write("latin.py", b"# coding: latin-1\n# TODO: na\xefve\n")
    repo.write("odd\nname.py", "# TODO: odd\n")
    (repo.top / "dangling.py").symlink_to("nowhere")
    (tmp_path / "outside.py").write_text("# TODO: no\n")
    (repo.top / "link.py").symlink_to(tmp_path / "outside.py")
    os.mkfifo(repo.top / "pipe.py")
    repo.write("long.js", "x=" + "'a'," * 100_000 + "// TODO: long\n")
    git = Git(repo.top)
    expected = ["na\xefve", "long", "odd", "one", "two", "three"]
    assert texts(scan(git).todos) == expected
    repo.commit()
    found = scan(git, base="HEAD")
    assert texts(found.todos) == [text for text in expected if text != "odd"]
    assert any("not readable" in note for note in found.notes)


def test_a_tag_that_git_would_read_as_a_pattern(repo: Repo) -> None:
    repo.write("a.py", "# WHY?: x\n\n# WH: y\n")
    assert candidates(Git(repo.top), ["WHY?"]) == ["a.py"]
    assert texts(scan(Git(repo.top), tags=["WHY?"]).todos) == ["x"]


def test_since_a_revision_knows_what_only_moved(repo: Repo) -> None:
    git = Git(repo.top)
    repo.git("mv", "src/a.py", "c.py")
    repo.write("c.py", "import os\n\n" + FILES["src/a.py"] + "    # TODO: two\n    # FIXME: new\n")
    repo.write("new.py", "# TODO: untracked\n")
    assert texts(since(git, "HEAD").todos) == ["two", "new", "untracked"]
    repo.commit()
    assert texts(since(git, "HEAD").todos) == []
    assert texts(since(git, "HEAD~1", select(git, repo.top, ["c.py"])).todos) == ["two", "new"]


def test_blame_is_remembered_but_not_for_lines_without_a_commit(repo: Repo, tmp_path: Path) -> None:
    git, cache = Git(repo.top), tmp_path / "state" / "blame.json"
    sha = repo.git("rev-parse", "HEAD").strip()
    repo.write("src/b.c", "int x; // TODO: three\n// TODO: mine\n")
    found = scan(git).todos
    first = blames(git, found, cache)
    assert [blame.author for blame in first] == ["Test", "Test", "Test", ""]
    assert first[0].commit == sha[:10]
    assert first[0].time > 0
    assert first[3] == Blame()
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "more", "--author", "Ann <a@example.org>")
    assert [blame.author for blame in blames(git, found, cache)] == ["Test", "Test", "Test", "Ann"]
    cache.write_text("[1]")
    assert blames(git, found, cache)[3].author == "Ann"
    assert blames(git, todos("gone.py", b"# TODO x\n"), None) == [Blame()]


@pytest.mark.parametrize(
    ("template", "line"),
    [
        (listing.DEFAULT, "a.py:2:7: TODO(bob): mend it"),
        ("{path}:{line}\\t{symbol} {tag}", "a.py:2\tf TODO"),
        ("{author} {age} {date} {commit}", "Ann 2 d 2026-01-02 abc"),
    ],
    ids=["default", "tab", "blame"],
)
def test_formats(template: str, line: str) -> None:
    (todo,) = todos("a.py", b"def f():\n    # TODO(bob): mend it\n    pass\n")
    blame = Blame("abc", "Ann", 1767322800)
    assert listing.line(todo, listing.escaped(template), blame, blame.time + 200_000) == line


@pytest.mark.parametrize("template", ["{nobody}", "{path", "{}", "{path.x}", "{line[0]}"])
def test_formats_that_are_none(template: str) -> None:
    (todo,) = todos("a.py", b"# TODO x\n")
    with pytest.raises(UsageError):
        listing.fields_of(template)
    assert "{path}" not in listing.line(todo, listing.DEFAULT, Blame(), 0.0)


def test_what_could_steer_a_terminal_is_not_printed() -> None:
    (todo,) = todos("a.py", "# TODO: a\x1b[31mb\u202ec\n".encode())
    assert listing.line(todo, "{text}", Blame(), 0.0) == "a\ufffd[31mb\ufffdc"


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(0, "new"), (86_400, "0 d"), (50 * 86_400, "49 d"), (100 * 86_400, "3 mo"), (999 * 86_400, "2 y")],
)
def test_ages(seconds: int, age: str) -> None:
    assert listing.age(Blame("a", "b", 86_400 if seconds else 0), float(seconds)) == age


def test_orders() -> None:
    found = todos("a.py", b"# TODO x\n\n# FIXME y\n\n# BUG z\n")
    given = [Blame("a", "a", 5), Blame(), Blame("b", "b", 3)]
    assert [todo.tag for todo, _ in listing.ordered(found, given, "age")] == ["BUG", "TODO", "FIXME"]
    assert [todo.tag for todo, _ in listing.ordered(found, given, "tag")] == ["BUG", "FIXME", "TODO"]


LACKS = {
    "TODO: x": {"owner", "issue", "reference", r"^TODO\(\w+\)"},
    "TODO": {"text", "owner", "issue", "reference", r"^TODO\(\w+\)"},
    "TODO(ann): x": {"issue"},
    "TODO(#12): x": {"owner", r"^TODO\(\w+\)"},
    "TODO(SHOP-12): x": {"owner", r"^TODO\(\w+\)"},
    "TODO: x, see https://example.org/12": {"owner", r"^TODO\(\w+\)"},
    "AI! x": set[str](),
    "see the TODO there": set[str](),
}


@pytest.mark.parametrize(("text", "lacks"), LACKS.items(), ids=LACKS)
def test_forms(text: str, lacks: set[str]) -> None:
    (todo,) = todos("a.py", f"# {text}\n".encode())
    names = {
        name for name in ("any", "text", "owner", "issue", "reference", r"^TODO\(\w+\)") if form.missing(todo, name)
    }
    assert names == lacks


def test_a_form_or_tag_that_is_none() -> None:
    assert form.checked_form("owner") == "owner"
    with pytest.raises(UsageError, match=r"todo\.form"):
        form.checked_form("(")
    with pytest.raises(UsageError, match=r"todo\.tags"):
        form.tags_of(("TO DO",))
