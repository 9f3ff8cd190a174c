"""Which code a change names, and what counts as changing it."""

from __future__ import annotations

import pytest

from branches import Grower
from ocode_tools.git import Git
from ocode_tools.ledger.code import named, unchanged
from repos import MakeRepo

CLASS = """import os


class Cart:
    def one(self):
        return 1

    def two(self):
        a = 2
        return a


LIMIT = 10
"""
TEXT = "".join(f"line {n}\n" for n in range(40))


@pytest.mark.parametrize(
    ("path", "before", "after", "later", "held"),
    [
        pytest.param("a.py", CLASS, ("return a", "return a + 1"), ("return 1", "return 9"), True, id="other method"),
        pytest.param("a.py", CLASS, ("return a", "return a + 1"), ("a = 2", "a = 3"), False, id="same method"),
        pytest.param("a.py", CLASS, ("return a", "return a + 1"), ("import os", "import os, sys"), True, id="moved"),
        pytest.param("a.py", CLASS, ("        a = 2\n", ""), ("return a", "return 0"), False, id="a line less"),
        pytest.param(
            "a.py", CLASS, ("a = 2\n", "a = 2\n        a += 1\n"), ("return 1", "return 2"), True, id="one more"
        ),
        pytest.param("a.py", CLASS, ("LIMIT = 10", "LIMIT = 11"), ("return 1", "return 2"), True, id="module level"),
        pytest.param(
            "a.py", CLASS, ("LIMIT = 10", "LIMIT = 11"), ("LIMIT = 10", "LIMIT = 9"), False, id="the constant"
        ),
        pytest.param("a.py", f"if (:\n{TEXT}", ("line 20", "other"), ("line 2\n", "far\n"), True, id="no Python"),
        pytest.param("a.txt", TEXT, ("line 20", "other"), ("line 2\n", "far\n"), True, id="far away"),
        pytest.param("a.txt", TEXT, ("line 20", "other"), ("line 22\n", "near\n"), False, id="near"),
        pytest.param("ä ö.txt", TEXT, ("line 20", "other"), ("line 20\n", "same\n"), False, id="odd path"),
        pytest.param("a.py", CLASS.replace("\n", "\r\n"), ("return a", "b"), ("return a", "c"), False, id="CRLF"),
        pytest.param("a.bin", "\0" * 9, ("\0", "\1"), ("\0", "\2"), False, id="binary"),
    ],
)
def test_code_that_is_named(
    path: str, before: str, after: tuple[str, str], later: tuple[str, str], held: bool, make_repo: MakeRepo
) -> None:
    repo = make_repo({"other": "x"})
    grow, git = Grower(repo), Git(repo.top)
    base = grow.commit([], {f'"{path}"' if " " in path else path: before}, "base")
    change = grow.commit([base], {f'"{path}"' if " " in path else path: before.replace(*after)}, "change")
    moved = grow.commit([base], {f'"{path}"' if " " in path else path: before.replace(*later)}, "later")
    code = named(git, base, change)
    assert code
    assert unchanged(git, base, code)
    assert unchanged(git, moved, code) is held
    assert not unchanged(git, change, code)


def test_a_new_file_is_named_until_somebody_makes_it(make_repo: MakeRepo) -> None:
    repo = make_repo({"other": "x"})
    grow, git = Grower(repo), Git(repo.top)
    base = repo.git("rev-parse", "HEAD").strip()
    code = named(git, base, grow.commit([base], {"test_new.py": "x\n"}, "new"))
    assert unchanged(git, grow.commit([base], {"other": "y"}, "on"), code)
    assert not unchanged(git, grow.commit([base], {"test_new.py": "mine\n"}, "mine"), code)


def test_nothing_named_holds_nothing(make_repo: MakeRepo) -> None:
    assert not unchanged(Git(make_repo({"a": ""}).top), "HEAD", ())
