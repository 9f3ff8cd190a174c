"""What drafts cost and send: by rules for a small and a 5 MB diff, and what consecutive prompts to a model share."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
from itertools import pairwise
from pathlib import Path

import asking
from hooking import measure

COMMITS = 6
ANSWER = '{"type": "fix", "scope": "", "subject": "keep what was there", "body": [], "breaking": false}'


def drafts(ocode: str, top: Path) -> None:
    """Print the figures of a repository with one module for each small commit."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "OCODE_"))}
    environ |= {"HOME": str(top.parent), "XDG_CONFIG_HOME": str(top.parent), "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=b", "-c", "user.email=b@e", *words], cwd=top, env=environ, check=True)

    def ask(*words: str, **extra: str) -> None:
        command = [ocode, "message", "--json", *words]
        subprocess.run(command, cwd=top, env={**environ, **extra}, check=True, capture_output=True)

    top.mkdir()
    git("init", "-q", "-b", "main")
    for number in range(COMMITS):
        (top / f"module_{number}.py").write_text(f"def work(value):\n    return value < {number}\n")
    git("add", "-A")
    git("commit", "-q", "-m", "feat: start")
    asked: list[str] = []
    for number in range(COMMITS):
        (top / f"module_{number}.py").write_text(f"def work(value):\n    return value <= {number}\n")
        git("add", "-A")
        scripted = asking.Scripted([ANSWER])
        with asking.serving(scripted) as address:
            ask("--model", "m:7b", OCODE_MODELS_ENDPOINT=address)
        asked += [json.dumps(body["messages"]) for _, body in scripted.asked]
        git("commit", "-q", "-m", f"fix: keep {number}")
    shares = [_same(one, other) / len(other) for one, other in pairwise(asked)]
    tokens = statistics.median(sum(len(m["content"]) for m in json.loads(text)) / 4 for text in asked)
    print(f"prompt of a small commit: {tokens:.0f} tokens, {statistics.median(shares):.0%} as in the one before")
    (top / "module_0.py").write_text("def work(value):\n    return value == 0\n")
    git("add", "-A")
    _told("draft by rules, small diff", measure(lambda: ask("--model", "none")))
    chance = random.Random(5)
    lines = (f"value_{number} = {chance.random()}\n" for number in range(150_000))
    (top / "large.py").write_text("".join(lines))
    for number in range(300):
        (top / f"more_{number}.py").write_text(f"def work_{number}():\n    return {number}\n" * 20)
    git("add", "-A")
    _told("draft by rules, 5 MB diff", measure(lambda: ask("--model", "none"), runs=7))
    scripted = asking.Scripted([ANSWER])
    with asking.serving(scripted) as address:
        ask("--model", "m:7b", OCODE_MODELS_ENDPOINT=address)
    size = sum(len(message["content"]) for message in scripted.asked[0][1]["messages"]) / 4
    print(f"prompt of the 5 MB diff: {size:.0f} tokens, {len(scripted.asked)} call(s)")


def _same(one: str, other: str) -> int:
    """Characters that both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _told(name: str, figures: tuple[float, float]) -> None:
    print(f"{name}: {figures[0]:.0f} ms CPU, {figures[1]:.0f} ms wall")
