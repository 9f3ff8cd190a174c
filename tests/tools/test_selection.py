"""Targets as people write them, and what changed since, against real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocode_tools.errors import UsageError
from ocode_tools.git import Git
from ocode_tools.selection import Selection, select
from repos import MakeRepo, Repo

FILES = {
    "app.py": "def f():\n    pass\n\n\ndef g():\n    return 1\n",
    "shop/cart.py": "x = 1\n",
    "shop/deep/total.py": "y = 1\n",
    "shop/data.txt": "text\n",
    "notes.md": "# notes\n",
}
PYTHON = (".py",)


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with some files, one of them untracked and one ignored."""
    made = make_repo({**FILES, ".gitignore": "ignored.py\n"})
    made.write("new.py", "z = 1\n")
    made.write("ignored.py", "z = 1\n")
    return made


@pytest.mark.parametrize(
    ("targets", "start", "paths"),
    [
        ([], "", ["app.py", "new.py", "shop/cart.py", "shop/deep/total.py"]),
        (["app.py"], "", ["app.py"]),
        (["notes.md"], "", ["notes.md"]),
        (["shop"], "", ["shop/cart.py", "shop/deep/total.py"]),
        (["."], "shop", ["shop/cart.py", "shop/deep/total.py"]),
        (["cart.py"], "shop", ["shop/cart.py"]),
        (["app.py"], "shop", ["app.py"]),
        (["../app.py"], "shop", ["app.py"]),
        (["**/*.py"], "", ["app.py", "new.py", "shop/cart.py", "shop/deep/total.py"]),
        (["*/cart.py", "new.py"], "", ["new.py", "shop/cart.py"]),
    ],
    ids=["all", "file", "other-suffix", "folder", "dot", "from-below", "from-the-top", "above", "glob", "two"],
)
def test_targets(repo: Repo, targets: list[str], start: str, paths: list[str]) -> None:
    found = select(Git(repo.top), repo.top / start, targets, suffixes=PYTHON)
    assert list(found.paths) == paths
    assert found.lines is None


@pytest.mark.parametrize("target", ["gone.py", "../else.py", "shop/*.rs", "ignored.py", "app.py::", "/etc/passwd"])
def test_a_target_that_matches_nothing_is_refused(repo: Repo, target: str) -> None:
    with pytest.raises(UsageError, match="names no file that git lists"):
        select(Git(repo.top), repo.top, [target])


def test_names_stand_for_what_is_in_them(repo: Repo) -> None:
    found = select(Git(repo.top), repo.top, ["app.py::A.f", "app.py::B", "shop/cart.py", "shop/cart.py::C"])
    assert dict(found.names) == {"app.py": ("A.f", "B")}
    wanted = [name for name in ("A", "A.f", "A.f.inner", "A.ff", "B", "B.m") if found.wants("app.py", name, 1, 2)]
    assert wanted == ["A.f", "A.f.inner", "B", "B.m"]
    assert found.wants("shop/cart.py", "D", 1, 1)


@pytest.mark.parametrize(
    ("ranges", "first", "last", "wanted"),
    [
        (((3, 4),), 4, 9, True),
        (((3, 4),), 5, 9, False),
        (((3, 4),), 1, 3, True),
        (((6, 5),), 5, 6, True),  # lines went between 5 and 6
        (((6, 5),), 1, 5, False),
        (((6, 5),), 6, 9, False),
    ],
)
def test_lines_decide(ranges: tuple[tuple[int, int], ...], first: int, last: int, wanted: bool) -> None:
    assert Selection(("a.py",), {}, {"a.py": ranges}).wants("a.py", "f", first, last) is wanted


def test_what_is_staged_is_taken_from_the_index(repo: Repo) -> None:
    repo.write("app.py", "def f():\n    pass\n\n\ndef g():\n    return 2\n")
    repo.write("odd \u00e4\t.py", "a = 1\nb = 2\n")
    repo.git("mv", "shop/cart.py", "shop/trolley.py")
    repo.git("rm", "-q", "notes.md")
    (repo.top / "link.py").symlink_to("app.py")
    repo.git("add", "-A")
    repo.write("app.py", "# later, not staged\n")
    found = select(Git(repo.top), repo.top, [], staged=True, suffixes=PYTHON)
    assert found.lines == {
        "app.py": ((6, 6),),
        "new.py": ((1, 1),),
        "odd \u00e4\t.py": ((1, 2),),
        "shop/trolley.py": (),
    }
    assert found.paths == tuple(sorted(found.lines or ()))
    assert select(Git(repo.top), repo.top, ["shop"], staged=True).paths == ("shop/trolley.py",)


def test_staged_before_the_first_commit(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"}, commit=False)
    repo.git("add", "-A")
    assert select(Git(repo.top), repo.top, [], staged=True).lines == {"a.py": ((1, 1),)}


def test_what_changed_since_a_branch_was_left(repo: Repo) -> None:
    repo.git("branch", "old")
    repo.write("app.py", "def f():\n    pass\n\n\ndef g():\n    x = 1\n    return x\n\n\ndef h():\n    pass\n")
    repo.git("commit", "-qam", "more")
    repo.write("app.py", "def g():\n    x = 1\n    return x\n\n\ndef h():\n    pass\n")
    git = Git(repo.top)
    assert select(git, repo.top, [], changed="old", base="HEAD").lines == {"app.py": ((6, 11),)}
    assert select(git, repo.top, [], changed="HEAD", suffixes=PYTHON).lines == {
        "app.py": ((1, 0),),
        "new.py": ((1, 2),),
    }
    with pytest.raises(UsageError, match="'nowhere' names no commit"):
        select(git, repo.top, [], changed="nowhere")
    with pytest.raises(UsageError, match="exclude each other"):
        select(git, repo.top, [], changed="old", staged=True)


def test_the_users_settings_change_nothing(repo: Repo, tmp_path: Path) -> None:
    for name, value in {
        "diff.noprefix": "true",
        "diff.external": "false",
        "color.ui": "always",
        "diff.orderFile": str(tmp_path / "order"),
        "core.quotePath": "true",
    }.items():
        repo.git("config", name, value)
    (tmp_path / "order").write_text("new.py\n")
    repo.write("app.py", "def f():\n    pass\n")
    repo.git("add", "app.py", "new.py")
    assert select(Git(repo.top), repo.top, [], staged=True).lines == {"app.py": ((3, 2),), "new.py": ((1, 1),)}
