"""The pre-commit hook for docstrings: what the commit brings is checked, or written with --write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chat import NAME
from model import answering
from repos import MakeRepo, Repo

OLD = '''"""Prices."""


def old(a):
    return a


class Cart:
    def total(self):
        return 1
'''
NEW = OLD + "\n\ndef tax(amount, rate=0.2):\n    return amount * rate\n"
NOBODY = {"OCODE_MODELS_ENDPOINT": "http://127.0.0.1:9"}


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A file with gaps of its own, to which a function is added and staged."""
    made = make_repo({"shop/price.py": OLD})
    made.write("shop/price.py", NEW)
    made.git("add", "-A")
    return made


def hook(repo: Repo, *words: str, cwd: str = "", **environ: str) -> tuple[int, list[str]]:
    """Its exit code and the lines it says."""
    done = subprocess.run(
        [sys.executable, "-m", "ocode_hooks.docstrings", *words],
        cwd=repo.top / cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()


def test_only_what_the_commit_brings(repo: Repo) -> None:
    assert hook(repo) == (1, ["ocode: 1 docstring is missing", "shop/price.py:13 tax"])
    assert hook(repo, "shop/price.py", "other.py")[0] == 1
    assert hook(repo, "price.py", cwd="shop")[0] == 1
    assert hook(repo, "other.py") == (0, [])
    repo.git("commit", "-qm", "more")
    assert hook(repo, "--strict") == (0, [])


def test_what_is_staged_counts_not_the_work_tree(repo: Repo) -> None:
    repo.write("shop/price.py", NEW.replace("    return amount", '    """Say what it costs."""\n    return amount'))
    assert hook(repo)[0] == 1
    repo.git("add", "-A")
    repo.write("shop/price.py", NEW)
    assert hook(repo) == (0, [])


def test_a_docstring_that_is_taken_away(repo: Repo) -> None:
    repo.write("shop/price.py", '"""Prices."""\n\n\ndef old(a):\n    """Say."""\n    return a\n')
    repo.commit()
    repo.write("shop/price.py", '"""Prices."""\n\n\ndef old(a):\n    return a\n')
    repo.git("add", "-A")
    assert hook(repo) == (1, ["ocode: 1 docstring is missing", "shop/price.py:4 old"])


def test_new_files_and_what_needs_none(repo: Repo) -> None:
    repo.write("shop/new \u00e4.py", "class A:\n    def __init__(self): ...\n    def _own(self): ...\n    x = 1\n")
    repo.write("tests/test_new.py", "def test_new(): ...\n")
    repo.write("broken.py", "def f(:\n")
    repo.write("command.py", '"""Doc."""\n@click.command()\ndef run(): ...\n')
    repo.git("add", "-A")
    code, lines = hook(repo)
    assert code == 1
    assert lines[0].startswith("ocode: broken.py does not parse:")
    assert lines[2:] == ["shop/new \u00e4.py:1 <module>", "shop/new \u00e4.py:1 A", "shop/price.py:13 tax"]


def test_the_configuration_says_what_needs_none(repo: Repo) -> None:
    repo.write(".ocode.toml", '[docstrings]\nexclude = ["shop/**"]\n')
    assert hook(repo) == (0, [])
    repo.write(".ocode.toml", "")
    repo.write("pyproject.toml", "[tool.interrogate]\nignore-private = true\nexclude = ['shop']\n")
    assert hook(repo) == (0, [])


def test_between_two_revisions(repo: Repo) -> None:
    repo.git("commit", "-qm", "more")
    assert hook(repo, PRE_COMMIT_FROM_REF="HEAD~1", PRE_COMMIT_TO_REF="HEAD")[1][1:] == ["shop/price.py:13 tax"]


@pytest.mark.parametrize("words", [["--wrong"], ["--write", "--budget", "x"]], ids=["option", "budget"])
def test_trouble_of_ours_lets_the_commit_through(repo: Repo, words: list[str]) -> None:
    code, lines = hook(repo, *words)
    assert (code, len(lines)) == (0, 1)
    assert lines[0].startswith("ocode: docstrings not checked: ")
    assert hook(repo, "--strict", *words)[0] == 2


def test_outside_a_repository(tmp_path: Path) -> None:
    assert hook(Repo(tmp_path))[0] == 0


ANSWER = {
    "summary": "Return the tax that is due on an amount.",
    "details": "",
    "amount": "Net sum in cents.",
    "rate": "Share of the sum that goes to the state.",
    "returns": "Tax in cents.",
}
WRITTEN = NEW.replace(
    "rate=0.2):\n",
    '''rate=0.2):
    """Return the tax that is due on an amount.

    Args:
        amount: Net sum in cents.
        rate: Share of the sum that goes to the state.

    Returns:
        Tax in cents.
    """
''',
)


def test_write_asks_a_model_and_fails_once(repo: Repo) -> None:
    """With a scripted model."""
    index = (repo.top / ".git/index").read_bytes()
    with answering(f"```json\n{json.dumps(ANSWER)}\n```") as server:
        environ = {"OCODE_MODELS_ENDPOINT": server.url, "OCODE_MODELS_DOCSTRINGS": NAME}
        code, lines = hook(repo, "--write", "shop/price.py", **environ)
        assert len(server.asked("/api/chat")) == 1
    assert (code, lines) == (1, ["shop/price.py: wrote 1 docstring: tax"])
    assert (repo.top / "shop/price.py").read_text() == WRITTEN
    assert (repo.top / ".git/index").read_bytes() == index
    repo.git("add", "-A")
    assert hook(repo, "--write") == (0, [])


def test_write_without_a_model_writes_nothing_or_facts(repo: Repo) -> None:
    text = NEW.replace("rate=0.2):\n", "rate=0.2) -> float:\n    if rate > 1: raise ValueError\n")
    repo.write("shop/price.py", text)
    repo.git("add", "-A")
    code, lines = hook(repo, "--write", **NOBODY)
    assert (code, (repo.top / "shop/price.py").read_text()) == (1, text)
    assert lines[-1].startswith("shop/price.py:13 tax: ")
    assert hook(repo, "--write", OCODE_DOCSTRINGS_SKELETON="true", **NOBODY)[0] == 1
    facts = '    """Return float; raise ValueError."""\n    if rate'
    assert (repo.top / "shop/price.py").read_text() == text.replace("    if rate", facts)


def test_write_leaves_a_file_alone_that_is_not_as_staged(repo: Repo) -> None:
    repo.write("shop/price.py", NEW + "\n# on it\n")
    code, lines = hook(repo, "--write", OCODE_DOCSTRINGS_SKELETON="true", **NOBODY)
    assert code == 1
    assert "shop/price.py: has changes that are not staged; nothing is written" in lines
    assert (repo.top / "shop/price.py").read_text() == NEW + "\n# on it\n"
