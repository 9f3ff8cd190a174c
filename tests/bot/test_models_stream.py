"""Streams that fall silent, break, or never end, on a real loopback server: no answer is made of them, none hangs."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chat import QUICK, answer, ask, done, failure, model, ollama, said, told
from ocode_bot.models.base import (
    Cancelled,
    Failed,
    Incomplete,
    ModelError,
    TimedOut,
    Unreachable,
)
from ocode_tools.process import Cancel
from server import DROP, STALL, Play, Server, ndjson

GOOD = Play([ndjson(said("Hel"), done("lo"))])


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with one model."""
    with ollama() as running:
        yield running


def test_a_model_may_load_for_longer_than_it_may_pause(server: Server) -> None:
    server.on("/api/chat", Play(GOOD.steps, before=[3 * QUICK.pause]))
    reply, pieces = answer(model(server), ask())
    assert reply.text == "Hello"
    assert len(told(pieces)) > 3
    assert len(server.asked("/api/chat")) == 1


@pytest.mark.parametrize("play", [Play(before=[STALL]), Play([STALL])], ids=["no headers", "no line"])
def test_a_first_word_that_never_comes_ends_at_its_limit_and_is_not_asked_for_again(server: Server, play: Play) -> None:
    server.on("/api/chat", play)
    client = model(server, patience=replace(QUICK, first=0.2))
    assert "0.2 s" in failure(client, ask(), TimedOut)
    assert server.gone.wait(2)
    assert len(server.asked("/api/chat")) == 1


def test_a_silence_in_the_middle_ends_at_its_limit(server: Server) -> None:
    server.on("/api/chat", Play([ndjson(said("Hel")), STALL]))
    assert "0.3 s" in failure(model(server), ask(), TimedOut)
    assert server.gone.wait(2)
    assert len(server.asked("/api/chat")) == 1


@pytest.mark.parametrize(
    "play",
    [
        Play(before=[STALL]),
        Play([ndjson(said("a")), STALL]),
        Play([step for n in range(500) for step in (ndjson(said(str(n))), 0.01)]),
        Play([step for _ in range(500) for step in (b" ", 0.01)]),
        Play(before=[step for _ in range(500) for step in (b"H", 0.01)]),
    ],
    ids=["silence", "silence later", "an endless answer", "a line that never ends", "headers that never end"],
)
def test_the_deadline_ends_everything(server: Server, play: Play) -> None:
    server.on("/api/chat", play)
    client = model(server, patience=replace(QUICK, pause=60.0))
    failure(client, ask(0.5), TimedOut)
    assert server.gone.wait(2)


@pytest.mark.parametrize("play", [Play(before=[STALL]), Play([ndjson(said("a")), STALL])], ids=["before", "within"])
def test_another_thread_cancels_a_blocked_read(server: Server, play: Play) -> None:
    server.on("/api/chat", play)
    client, cancel = model(server, patience=replace(QUICK, pause=60.0)), Cancel()
    threading.Timer(0.2, cancel.set).start()
    failure(client, ask(), Cancelled, cancel)
    assert server.gone.wait(2)


@pytest.mark.parametrize("seconds", [5.0, -1.0], ids=["cancelled", "late"])
def test_nothing_is_sent_when_it_is_over_before_it_began(server: Server, seconds: float) -> None:
    client, cancel = model(server), Cancel()
    if seconds > 0:
        cancel.set()
    failure(client, ask(seconds), Cancelled if seconds > 0 else TimedOut, cancel)
    assert server.asked("/api/chat") == []


def test_cancel_ends_the_wait_before_another_try(server: Server) -> None:
    server.on("/api/chat", Play([b'{"error":"busy"}'], 503, {"Retry-After": "4"}))
    cancel = Cancel()
    client = model(server)
    threading.Timer(0.2, cancel.set).start()
    too_late = threading.Timer(2.0, cancel.clear)
    too_late.start()
    failure(client, ask(), Cancelled, cancel)
    too_late.cancel()
    assert len(server.asked("/api/chat")) == 1


def test_closing_the_generator_closes_the_connection(server: Server) -> None:
    server.on("/api/chat", Play([ndjson(said("a")), STALL]))
    running = model(server).chat(ask(), Cancel())
    assert [next(running).kind for _ in range(2)] == ["wait", "text"]
    running.close()
    assert server.gone.wait(2)


def test_an_interrupt_closes_the_connection(server: Server) -> None:
    server.on("/api/chat", Play(before=[STALL]))
    client = model(server)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        answer(client, ask())
    assert server.gone.wait(2)


def test_a_refused_connection_is_explained_and_not_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ollama() as server, pytest.raises(Unreachable) as caught:
        model(server, endpoint=f"http://127.0.0.1:{port}")
    assert f"http://127.0.0.1:{port}" in str(caught.value)
    assert "ollama serve" in str(caught.value)


@pytest.mark.parametrize(
    "first",
    [
        Play(before=[DROP]),
        Play([DROP]),
        Play([b'{"error":"model runner has unexpectedly stopped"}'], 500),
        Play([ndjson({"error": "EOF"})]),
        Play([b'{"error":"upstream"}'], 502),
    ],
    ids=["no headers", "no line", "500", "an error for a line", "502"],
)
@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_a_failure_before_any_text_is_tried_once_more(server: Server, first: Play, again: bool) -> None:
    server.on("/api/chat", first, first if again else GOOD)
    if again:
        failure(model(server), ask(), ModelError)
    else:
        reply, pieces = answer(model(server), ask())
        assert reply.text == "Hello"
        assert "the server failed, asking once more" in told(pieces)
    requests = server.asked("/api/chat")
    assert len(requests) == 2
    assert requests[0].body == requests[1].body


@pytest.mark.parametrize(
    "steps",
    [
        [ndjson(said("wrong")), DROP],
        [ndjson(said("wrong"))],
        [ndjson(said("wrong"), {"error": "model runner has unexpectedly stopped"})],
        [ndjson(said("wrong"), {"error": "prediction aborted, token repeat limit reached"})],
        [ndjson(said(thinking="wrong"))],
    ],
    ids=["dropped", "no end", "an error", "Ollama's own guard", "thinking alone"],
)
@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_an_answer_that_breaks_off_is_asked_for_once_more_from_the_start(
    server: Server, steps: list[bytes | float | str], again: bool
) -> None:
    server.on("/api/chat", Play(steps), Play(steps) if again else GOOD)
    if again:
        failure(model(server), ask(), ModelError)
    else:
        reply, pieces = answer(model(server), ask())
        assert (reply.text, reply.thinking) == ("Hello", "")
        assert "the answer broke off, asking once more from the start" in told(pieces)
    assert len(server.asked("/api/chat")) == 2


def test_a_stream_without_an_end_is_incomplete_and_asked_for_in_another_way(server: Server) -> None:
    server.on("/api/chat", Play([ndjson(said("half"))]))
    failure(model(server), ask(), Incomplete)
    first, second = server.asked("/api/chat")
    assert "repeat_penalty" not in first.options
    assert (second.options["repeat_penalty"], second.options["seed"]) == (1.1, 1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_up_to_three_times_more(server: Server, status: int) -> None:
    busy = Play([b'{"error":"server busy, please try again.  maximum pending requests exceeded"}'], status)
    server.on("/api/chat", busy, busy, busy, GOOD)
    reply, pieces = answer(model(server), ask())
    assert reply.text == "Hello"
    assert sum("busy" in text for text in told(pieces)) == 3
    server.on("/api/chat", busy)
    server.requests.clear()
    assert "server busy" in failure(model(server), ask(), Failed)
    assert len(server.asked("/api/chat")) == 4


@pytest.mark.parametrize("after", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"], ids=["seconds", "date"])
def test_a_server_that_is_busy_for_longer_than_there_is_time_is_not_waited_for(server: Server, after: str) -> None:
    server.on("/api/chat", Play([b'{"error":"busy"}'], 503, {"Retry-After": after}))
    failure(model(server), ask(), Failed)
    assert len(server.asked("/api/chat")) == 1


@pytest.mark.parametrize("status", [502, 503, 200])
def test_a_web_page_is_no_answer_and_not_asked_for_again(server: Server, status: int) -> None:
    server.on("/api/chat", Play([b"<!DOCTYPE html>\n<html><body>Squid"], status, {"Content-Type": "text/html"}))
    failure(model(server), ask(), Failed)
    assert len(server.asked("/api/chat")) == 1


@pytest.mark.parametrize(
    ("play", "part"),
    [
        (Play([b'{"error":"invalid model name"}'], 400), "invalid model name"),
        (Play([], 403), "host names"),
        (Play([b""], 302, {"Location": "http://elsewhere.example/"}), "elsewhere.example"),
        (Play([b"not json\n"]), "not JSON"),
        (Play([b"\xff\xfe\n"]), "UTF-8"),
        (Play([b'{"a":"' + b"x" * 9_000_000, b'"}\n']), "line of more than"),
        (Play([b"\x00\x1b[31mred\x07 " * 1000], 418), "418"),
    ],
    ids=["400", "403 without a word", "a redirect", "no JSON", "no UTF-8", "an endless line", "rubbish"],
)
def test_other_failures_are_one_line_and_final(server: Server, play: Play, part: str) -> None:
    server.on("/api/chat", play)
    assert part in failure(model(server), ask(), Failed)
    assert len(server.asked("/api/chat")) == 1


@pytest.mark.parametrize("size", [1, 3, 7])
def test_characters_and_lines_may_arrive_in_parts(server: Server, size: int) -> None:
    text = "naïve 🙂 \u2028 end"
    data = ndjson(said(text), done())
    steps: list[bytes | float | str] = [data[at : at + size] for at in range(0, len(data), size)]
    server.on("/api/chat", Play([*steps[:40], 0.05, *steps[40:]]))
    reply, _ = answer(model(server), ask())
    assert reply.text == text


def test_a_last_line_without_an_end_counts(server: Server) -> None:
    server.on("/api/chat", Play([ndjson(said("a"), done()).rstrip()]))
    assert answer(model(server), ask())[0].text == "a"


def test_what_comes_after_the_end_is_not_waited_for(server: Server) -> None:
    server.on("/api/chat", Play([ndjson(done("a")), STALL]))
    assert answer(model(server), ask())[0].text == "a"
    assert server.gone.wait(2)
