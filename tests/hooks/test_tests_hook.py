"""The pre-push hook that tells of changed functions without tests: what it finds, that it holds nothing up."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping

import pytest

from repos import MakeRepo, Repo

OLD = {"shop/cart.py": "def total(a):\n    return sum(a)\n", "tests/test_cart.py": "from shop.cart import total\n"}
NEW = OLD["shop/cart.py"] + "\n\ndef rate(a):\n    return a * 2\n\n\ndef _own(a):\n    return a\n"


def push(repo: Repo, old: str, new: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the hook as git does."""
    line = f"refs/heads/main {new} refs/heads/main {old}\n"
    command = [sys.executable, "-m", "ocode_hooks.tests", *words, "origin", "url"]
    env = {**os.environ, **environ}
    return subprocess.run(command, cwd=repo.top, input=line, env=env, capture_output=True, text=True, check=False)


def changed(make_repo: MakeRepo, files: Mapping[str, str]) -> tuple[Repo, str, str]:
    """A repository with a second commit."""
    repo = make_repo(OLD)
    old = repo.git("rev-parse", "HEAD").strip()
    for path, text in files.items():
        repo.write(path, text)
    return repo, old, repo.commit("more")


CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "a new function": ({"shop/cart.py": NEW}, ["shop/cart.py::rate"]),
    "with a test": ({"shop/cart.py": NEW, "tests/test_rate.py": "assert rate(1) == 2\n"}, []),
    "part of a word": ({"shop/cart.py": NEW, "tests/test_rate.py": "crate = 1\n"}, ["shop/cart.py::rate"]),
    "one that is tested changed": ({"shop/cart.py": OLD["shop/cart.py"].replace("sum(a)", "sum(a) + 0")}, []),
    "a method": ({"shop/a.py": "class A:\n    def go(self):\n        return 1\n"}, ["shop/a.py::A.go"]),
    "a test": ({"tests/test_more.py": "def helper():\n    return 1\n"}, []),
    "not Python": ({"notes.txt": "text\n"}, []),
    "broken": ({"shop/b.py": "def f(:\n"}, []),
}


@pytest.mark.parametrize(("files", "found"), CASES.values(), ids=CASES)
def test_what_is_found(files: dict[str, str], found: list[str], make_repo: MakeRepo) -> None:
    done = push(*changed(make_repo, files))
    assert done.returncode == 0
    assert [line.strip() for line in done.stderr.splitlines() if "::" in line] == found
    assert done.stdout == ""


def test_strict_and_pre_commit(make_repo: MakeRepo) -> None:
    repo, old, new = changed(make_repo, {"shop/cart.py": NEW})
    assert push(repo, old, new, "--strict").returncode == 1
    done = push(repo, "x", "y", "--strict", PRE_COMMIT_FROM_REF=old, PRE_COMMIT_TO_REF=new)
    assert (done.returncode, "shop/cart.py::rate" in done.stderr) == (1, True)


def test_trouble_is_one_line(make_repo: MakeRepo) -> None:
    repo, old, _ = changed(make_repo, {})
    done = push(repo, old, "1" * 40)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith("ocode: tests not looked at: ")
    assert push(repo, old, "1" * 40, "--strict").returncode == 2


def test_a_new_branch_is_compared_with_what_the_remote_has(make_repo: MakeRepo) -> None:
    repo, old, new = changed(make_repo, {"shop/cart.py": NEW})
    zeros = "0" * 40
    assert push(repo, zeros, new).stderr == ""  # the remote has nothing yet
    repo.git("update-ref", "refs/remotes/origin/main", old)
    assert "shop/cart.py::rate" in push(repo, zeros, new).stderr
    assert push(repo, new, zeros).stderr == ""  # the branch is deleted


@pytest.mark.parametrize(("lines", "found"), [((5, 6), False), ((1, 2), True)], ids=["ran", "did not run"])
def test_coverage_data_counts_where_it_is_newer(lines: tuple[int, ...], found: bool, make_repo: MakeRepo) -> None:
    named = {"shop/cart.py": NEW, "tests/test_rate.py": "assert rate(1) == 2\n"} if found else {"shop/cart.py": NEW}
    repo, old, new = changed(make_repo, named)
    with sqlite3.connect(repo.top / ".coverage") as data:
        data.execute("create table file (id integer, path text)")
        data.execute("create table line_bits (file_id integer, context_id integer, numbits blob)")
        data.execute("create table arc (file_id integer, context_id integer, fromno integer, tono integer)")
        data.execute("insert into file values (1, ?)", (str(repo.top / "shop/cart.py"),))
        data.execute("insert into line_bits values (1, 0, ?)", (bytes([sum(1 << line for line in lines)]),))
    data.close()
    assert ("shop/cart.py::rate" in push(repo, old, new).stderr) == found
    os.utime(repo.top / ".coverage", (1, 1))  # older than the code: the names count
    assert ("shop/cart.py::rate" in push(repo, old, new).stderr) != found


def test_it_loads_nothing_heavy() -> None:
    code = "import sys, ocode_hooks.tests, ocode_tools.newtests.untested; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"click", "pydantic", "httpx", "git", "rich", "unidiff", "asyncio", "pytest"}
    assert not heavy & set(done.stdout.split())
