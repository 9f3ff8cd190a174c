"""What a commit holds that was saved unchanged in the editor, for each reply of a model: the table of the README.

The model is scripted; git, its hooks and the editor are real.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from chat import NAME, done, said
from door import environment
from model import answering
from ocode_tools.hooks.install import install
from ocode_tools.hooks.script import render
from repos import MakeRepo, Repo
from server import STALL, Play, ndjson

HOOK = "prepare-commit-msg"
BEFORE = "def parse_size(text):\n    return len(text) < 10\n"
SUBJECT = "fix(units): allow ten digits in parse_size"
BODY = "- sizes of the importer have ten digits"
RULED = "fix(units): compare with <= in parse_size"
BY = f"Assisted-by: ocode ({NAME})"


def says(text: str) -> Play:
    """The model's whole reply."""
    return Play([ndjson(said(text), done())])


@dataclass(frozen=True)
class Row:
    """A row of the table: what the model does, what git is told, and what the commit then holds."""

    play: Play
    wanted: str = f"{SUBJECT}\n\n{BY}"
    words: tuple[str, ...] = ()
    config: tuple[tuple[str, str], ...] = ()
    asked: int = 1
    budget: str = "8"


ROWS = {
    "plain subject": Row(says(SUBJECT)),
    "`<think>...</think>` and subject": Row(says(f"<think>fix: hm</think>\n\n{SUBJECT}")),
    "text, lone `</think>`, subject": Row(says(f"It is a fix: of sizes.\n</think>\n\n{SUBJECT}")),
    "unclosed `<think>`": Row(says(f"<think>It is\n{SUBJECT}"), RULED, asked=2),
    "`<thinking>` tag": Row(says(f"<thinking>fix: hm</thinking>\n{SUBJECT}")),
    "code fence": Row(says(f"```\n{SUBJECT}\n```")),
    "lead-in line and subject": Row(says(f"Here is a commit message:\n\n{SUBJECT}")),
    "quoted subject": Row(says(f'"{SUBJECT}"')),
    "subject and body": Row(says(f"{SUBJECT}\n\n{BODY}"), f"{SUBJECT}\n\n{BODY}\n\n{BY}"),
    "with `commit -s`": Row(says(SUBJECT), f"{SUBJECT}\n\n{BY}\nSigned-off-by: Test <test@example.org>", words=("-s",)),
    "empty reply": Row(says(""), RULED, asked=2),
    "HTTP 500": Row(Play([b'{"error":"out of memory"}'], 500), RULED, asked=2),
    "HTTP 404": Row(Play([b'{"error":"no such thing"}'], 404), RULED),
    "no end to it": Row(Play([ndjson(said("fix")), STALL]), RULED, budget="3"),
    "`core.commentChar` `;`": Row(says(SUBJECT), config=(("core.commentChar", ";"),)),
    "`commit.cleanup` `whitespace`": Row(says(SUBJECT), config=(("commit.cleanup", "whitespace"),)),
    "`-m` given": Row(says(SUBJECT), "mine", words=("-m", "mine"), asked=0),
    "`--no-edit`": Row(says(SUBJECT), "feat: start", words=("--amend", "--no-edit"), asked=0),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_reply_saved_unchanged(make_repo: MakeRepo, name: str) -> None:
    row, repo = ROWS[name], _staged(make_repo)
    for key, value in row.config:
        repo.git("config", key, value)
    with answering(row.play) as server:
        _commit(repo, *row.words, OCODE_MODELS_ENDPOINT=server.url, OCODE_MESSAGE_BUDGET=row.budget)
        assert len(server.asked("/api/chat")) == row.asked
    message = repo.git("log", "-1", "--format=%B").strip()
    if row.config == (("commit.cleanup", "whitespace"),):  # git's own help stays then, whoever drafts
        message = message.partition("\n# Please")[0].strip()
    assert message == row.wanted


def test_a_refused_connection(make_repo: MakeRepo) -> None:
    repo = _staged(make_repo)
    _commit(repo, OCODE_MODELS_ENDPOINT="http://127.0.0.1:9")
    assert repo.git("log", "-1", "--format=%B").strip() == RULED


def test_the_readme_has_each_row() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    table = readme.partition("| the model's reply")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)[1:]
    assert set(rows) == {*ROWS, "refused connection"}


def _staged(make_repo: MakeRepo) -> Repo:
    repo = make_repo({"units.py": BEFORE}, commit=False)
    repo.commit("feat: start")
    repo.write("units.py", BEFORE.replace("<", "<="))
    repo.git("add", "-A")
    install(repo.top / ".git" / "hooks", HOOK, render(HOOK, sys.executable))
    return repo


def _commit(repo: Repo, *words: str, **extra: str) -> None:
    environ = environment(GIT_EDITOR="true", OCODE_MODELS_MESSAGE=NAME, **extra)
    done = subprocess.run(["git", "commit", "-q", *words], cwd=repo.top, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, json.dumps(done.stderr)
