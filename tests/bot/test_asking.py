"""Asking a scripted model: what is sent, counted and kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocode_bot.asking import Asking
from ocode_bot.models.base import Failed, Message, Reply
from ocode_bot.models.scripted import Scripted
from ocode_bot.report import Report
from ocode_bot.terminal import Progress
from ocode_tools.process import Cancel
from ocode_tools.store import Run

SECRET = "hunter2hunter2"


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    """For a run of its own."""
    run = Run.start(tmp_path / "runs", "run", {})
    yield Asking(run, Progress(quiet=True), Report(), Cancel(), 5.0)
    run.close()


def question(text: str) -> list[Message]:
    """A short conversation."""
    return [Message("system", "Be short."), Message("user", text)]


def test_secrets_are_neither_sent_nor_kept(asking: Asking) -> None:
    model = Scripted(["password = 'SECRET_1_MASKED'"])
    reply = asking.ask(model, question(f"password = '{SECRET}'"), 100, 0.2, "mending f")
    assert SECRET not in model.asks[0].messages[1].content
    assert SECRET not in asking.run.folder.joinpath("events.jsonl").read_text()
    assert reply.text == f"password = '{SECRET}'"


def test_odd_bytes_become_sendable(asking: Asking) -> None:
    model = Scripted(["yes"])
    asking.ask(model, question("caf\udce9.ini"), 100, 0.2, "mending caf")
    assert model.asks[0].messages[1].content == "caf?.ini"


def test_counts_and_estimates(asking: Asking) -> None:
    model = Scripted([Reply("yes", "", False, 10, 2, 0.1), Reply("no", "", False, 12, 3, 0.1)])
    guessed = asking.tokens(model, "x" * 350)
    for _ in range(2):
        asking.ask(model, question("x" * 91), 100, 0.2, "mending f")
    report = asking.report
    assert (report.model, report.model_calls, report.tokens.prompt, report.tokens.completion) == ("scripted", 2, 22, 5)
    assert guessed == 101
    assert asking.tokens(model, "x" * 350) == 43  # 100 characters were 12 tokens


def test_room_for_the_answer(asking: Asking) -> None:
    model = Scripted([], context=2048)
    short = asking.room(model, question("x"), "code" * 10, 1)
    assert 512 < short < 600
    assert short < asking.room(model, question("x"), "code" * 10, 2) < 2 * short + 1
    assert asking.room(model, question("x" * 5000), "code", 1) < 600
    assert asking.room(model, question("x" * 8000), "code", 1) == 0


def test_what_was_asked_is_kept_also_where_no_answer_comes(asking: Asking) -> None:
    with pytest.raises(Failed):
        asking.ask(Scripted([]), question("why?"), 100, 0.2, "mending f")
    (event,) = asking.run.events()
    assert (event["event"], event["messages"][1]) == ("ask", ["user", "why?"])
    assert asking.report.model_calls == 1
