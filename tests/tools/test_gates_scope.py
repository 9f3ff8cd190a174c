"""What may change and what must stay: tests, configuration, targets, globs as git reads them; public names."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.edits import Edit, Proposal
from ocode_tools.gates import judge
from ocode_tools.gates.base import Context
from ocode_tools.gates.scope import Scope, glob_match, is_config_path, is_test_path
from repos import MakeRepo

TEST_PATHS = [
    "test_a.py", "pkg/test_a.py", "a_test.py", "conftest.py", "pkg/conftest.py", "tests/data/x.json",
    "tests.py", "src/pkg/tests/__init__.py", "test/a.py", "pkg/testing/tools.py", "Tests/a.py", "TEST_A.PY",
]  # fmt: skip


@pytest.mark.parametrize("path", TEST_PATHS)
def test_test_paths(path: str) -> None:
    assert is_test_path(path)
    assert Scope().why_not(path) == f"{path} belongs to the tests, which are read-only; --allow GLOB widens"


@pytest.mark.parametrize(
    "path", ["contest.py", "pkg/latest.py", "attest/a.py", "testimony.py", "test_data.json", "a/testy.py"]
)
def test_what_only_sounds_like_a_test(path: str) -> None:
    assert not is_test_path(path)
    assert Scope().why_not(path) is None


CONFIG_PATHS = [
    "pytest.ini", ".pytest.ini", "pytest.toml", "tox.ini", "setup.cfg", "pyproject.toml", "noxfile.py",
    ".coveragerc", "Makefile", "GNUmakefile", ".github/workflows/ci.yml", ".gitlab-ci.yml",
    ".circleci/config.yml", "sub/tox.ini", ".pre-commit-config.yaml", "sitecustomize.py",
    "src/usercustomize.py", "x.pth", ".ocode.toml", ".ci/run",
]  # fmt: skip


@pytest.mark.parametrize("path", CONFIG_PATHS)
def test_config_paths(path: str) -> None:
    assert is_config_path(path)
    assert Scope().why_not(path) == f"{path} is configuration of tests or CI, which is read-only; --allow GLOB widens"


@pytest.mark.parametrize("path", ["config.py", "pkg/toxin.py", "github/a.py", "settings.toml", "make.py", "setup/a.py"])
def test_what_only_sounds_like_configuration(path: str) -> None:
    assert not is_config_path(path)


def test_targets_narrow_and_globs_widen() -> None:
    scope = Scope(targets=("src/calc.py", "lib"), allow=("tests/helpers/*.py", "docs/"))
    allowed = ["src/calc.py", "lib/a.py", "lib/deep/b.py", "tests/helpers/x.py", "docs/a/b.md"]
    refused = ["src/other.py", "library/a.py", "tests/helpers/deep/x.py", "tests/test_a.py", "lib/test_a.py", "docs"]
    assert [path for path in allowed if scope.why_not(path)] == []
    assert [path for path in refused if not scope.why_not(path)] == []
    assert scope.why_not("src/other.py") == "src/other.py is not among the targets"
    assert scope.why_not("a\nb.py") == r'"a\nb.py" is not among the targets'


def test_an_edit_out_of_scope_refuses_the_whole_proposal() -> None:
    edits = (Edit("calc.py", b"x = 1\n", b"x = 2\n"), Edit("tests/test_a.py", b"x = 1\n", b"x = 2\n"))
    proposal = Proposal(edits, "model", "reply", "change x")
    refusal = judge(proposal, Context("fix", Scope()))
    assert refusal is not None
    assert refusal.gate == "scope"
    assert judge(proposal, Context("fix", Scope(allow=("tests/**",)))) is None


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("tests", "tests/a/b.py", True),
        ("tests/", "tests/a/b.py", True),
        ("tests/", "tests", False),
        ("./tests", "tests/a.py", True),
        ("tests", "src/tests/a.py", False),
        ("test*", "tests/a.py", False),
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "a/b/c.py", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c", True),
        ("a**c", "a/c", False),
        ("a**c", "abc", True),
        ("?.py", "a.py", True),
        ("a?b", "a/b", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("[a-c]x", "bx", True),
        ("[[:digit:]]", "7", True),
        ("[", "[", True),
        ("[", "a", False),
        ("[a", "a", False),
        (r"\*", "*", True),
        (r"\*", "a", False),
        ("", "a", False),
        (".", "a/b", True),
        ("a.c", "abc", False),
        ("a\nb*", "a\nbc", True),
    ],
)
def test_globs(pattern: str, path: str, matches: bool) -> None:
    assert glob_match(pattern, path) is matches


FILES = [
    "a", "b.py", "ab.py", "a-b", "d/a", "d/b.py", "d/ab/c.py", "d/d/a", "d/d/d/b.py", "e/a.b/c", "e/[x]", "e/*", "e/x",
    "1",
]  # fmt: skip
# git skips the literal start of a pattern before it globs, so that its `d**` is a `**`, unlike its documentation.
ODD = re.compile(r"[^*?\[\\]*[^*?\[\\/]\*\*")
PATTERNS = st.lists(
    st.sampled_from(
        ["a", "b", "d", "e", "x", "/", "/", "*", "**", "**/", "/**", "?", ".py", "[ab]", "[!a]", "[^b]", "[a-d]"]
    )
    | st.sampled_from(["[[:digit:]]", "[[:alpha:]]", "\\*", "\\a", "[x]", "\\[x\\]", "-", "[]a]", "[a-]"]),
    min_size=1,
    max_size=5,
).map("".join)


def test_globs_match_what_git_matches(make_repo: MakeRepo) -> None:
    repo = make_repo(dict.fromkeys(FILES, "x"))

    @settings(max_examples=250, deadline=None)
    @given(
        PATTERNS.filter(lambda pattern: not pattern.startswith("/") and "//" not in pattern and not ODD.match(pattern))
    )
    def check(pattern: str) -> None:
        listed = repo.git("ls-files", "-z", f":(top,glob){pattern}").split("\0")
        assert [path for path in sorted(FILES) if glob_match(pattern, path)] == sorted(filter(None, listed))

    check()


def names(before: str | None, after: str | None, path: str = "calc.py") -> str | None:
    """Why one edit may not land for the names it loses or doubles; no other gate may refuse it."""
    old, new = (None if text is None else dedent(text).encode() for text in (before, after))
    proposal = Proposal((Edit(path, old, new),), "model", "reply", "change it")
    refusal = judge(proposal, Context("fix", Scope(allow=("**",))))
    assert refusal is None or refusal.gate == "names"
    return refusal.reason if refusal else None


API = """
__all__ = ["area", "Box"]
LIMIT = 3
low, high = 0, 9
if high:
    MAYBE = 1
try:
    import json
except ImportError:
    FAST = False
else:
    FAST = True


def area(a, b):
    return a + b


def _private(x):
    return x


class Box:
    def __init__(self, a):
        self.a = a

    def __len__(self):
        return 1

    def grow(self):
        return self

    def _hidden(self):
        return None


class _Inner:
    def anything(self):
        return 1
"""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("def area(a, b):\n    return a + b\n", "", "calc.py no longer has the public name area"),
        ("def area(", "def size(", "calc.py no longer has the public name area"),
        ("LIMIT = 3\n", "", "calc.py no longer has the public name LIMIT"),
        ("low, high = 0, 9", "low = 0", "calc.py no longer has the public name high"),
        ("    MAYBE = 1", "    pass", "calc.py no longer has the public name MAYBE"),
        ("    FAST = True", "    pass", None),
        ("class Box:", "class Crate:", "calc.py no longer has the public name Box (+3 more)"),
        ("    def grow(self):\n        return self\n", "", "calc.py no longer has the public name Box.grow"),
        ("    def __len__(self):\n        return 1\n", "", "calc.py no longer has the public name Box.__len__"),
        ('["area", "Box"]', '["area"]', "calc.py no longer has the public name __all__: Box"),
        ("    def _hidden(self):\n        return None\n", "", None),
        ("def _private(x):\n    return x\n", "", None),
        ("    def anything(self):\n        return 1", "    x = 1", None),
        ("def area(a, b):\n    return a + b\n", "from math import hypot as area\n", None),
        ("def area(a, b):\n    return a + b\n", "area = max\n", None),
        ("import json", "import json, re", None),
        (
            "class Box:\n",
            "class Base:\n    def grow(self):\n        return self\n\n\nclass Box(Base):\n",
            None,
        ),
        ("def _private(", "def area(", "calc.py defines area twice in one scope"),
        ("    def _hidden(", "    def grow(", "calc.py defines grow twice in one scope"),
        (
            "    def _hidden(self):\n        return None",
            "    class A: ...\n    class A: ...",
            "calc.py defines A twice in one scope",
        ),
        ("class _Inner:", "class Box:", "calc.py no longer has the public name Box.__init__ (+2 more)"),
    ],
)
def test_public_names_stay_and_none_comes_twice(old: str, new: str, reason: str | None) -> None:
    assert old in API
    after = API.replace(old, new)
    assert names(API, after) == reason


def test_a_method_may_move_to_a_base_of_the_same_file() -> None:
    before = "class A:\n    def x(self):\n        return 1\n\n    def y(self):\n        return 2\n"
    moved = "class _B:\n    def x(self):\n        return 1\n\n\nclass A(_B):\n    def y(self):\n        return 2\n"
    assert names(before, moved) is None
    assert names(before, moved.replace("A(_B)", "A")) == "calc.py no longer has the public name A.x"


def test_imports_are_names_of_a_package() -> None:
    before, after = "from .core import run, stop\n", "from .core import run\n"
    assert names(before, after, "pkg/__init__.py") == "pkg/__init__.py no longer has the public name stop"
    assert names(before, after, "pkg/core.py") is None


def test_a_file_cannot_vanish_with_its_names() -> None:
    assert names("def f():\n    return 1\n", None) == "calc.py no longer has the public name f"
    assert names("# nothing here\n", None) is None


def test_overloads_and_setters_are_no_duplicates() -> None:
    before = "class A:\n    def x(self):\n        return 1\n"
    after = """
    from typing import overload

    class A:
        @property
        def x(self):
            return 1

        @x.setter
        def x(self, value):
            self.y = value

    @overload
    def f(a: int) -> int: ...
    @overload
    def f(a: str) -> str: ...
    def f(a):
        return a

    if A:
        def g(): return 1
    else:
        def g(): return 2
    """
    assert names(before, after) is None


def test_a_broken_file_still_has_names() -> None:
    broken = "def f(x)\n    return x\n\n\ndef g(x):\n    return x\n\n\nclass C:\n    def m(self)\n        return 1\n"
    mended = broken.replace("(x)\n", "(x):\n").replace("(self)\n", "(self):\n")
    assert names(broken, mended) is None
    assert names(broken, mended.replace("def f", "def _f")) == "calc.py no longer has the public name f"
    assert names(broken, mended.replace("def g", "def _g")) == "calc.py no longer has the public name g"
    assert names(broken, mended.replace("class C", "class D")) == "calc.py no longer has the public name C"
