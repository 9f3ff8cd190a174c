"""The client for Ollama on a real loopback server: what is sent, and what is made of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chat import NAME, answer, ask, described, done, failure, model, ollama, said, told
from ocode_bot.models.base import Incomplete, Message, Missing, TooLong
from server import Play, Server, ndjson


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with one model."""
    with ollama() as running:
        yield running


def test_what_is_sent_is_all_explicit(server: Server) -> None:
    reply, pieces = answer(model(server), ask(seed=7, temperature=0.5))
    assert (reply.text, reply.cut, reply.prompt, reply.completion) == ("Hello", False, 10, 3)
    assert [piece.text for piece in pieces if piece.kind == "text"] == ["Hel", "lo"]
    (request,) = server.asked("/api/chat")
    assert request.body == {
        "model": NAME,
        "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "think": False,
        "truncate": False,
        "keep_alive": "15m",
        "options": {"num_ctx": 8192, "num_predict": 200, "temperature": 0.5, "seed": 7},
    }
    assert "origin" not in request.headers
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("capabilities", "family", "wanted", "sent"),
    [
        (("thinking",), "qwen3", True, True),
        (("thinking",), "qwen3", False, False),
        ((), "qwen2", True, False),
        ((), "qwen2", False, False),
        (("thinking",), "gptoss", False, "low"),
        (("thinking",), "gpt-oss", True, "medium"),
    ],
    ids=["can and should", "can and should not", "cannot", "cannot, should not", "levels", "levels, wanted"],
)
def test_think_is_right_for_the_model(
    server: Server, capabilities: tuple[str, ...], family: str, wanted: bool, sent: object
) -> None:
    server.on("/api/show", described(*capabilities, family=family))
    answer(model(server), ask(think=wanted))
    assert server.asked("/api/chat")[0].body["think"] == sent


def test_a_model_that_turns_out_not_to_think_is_asked_without(server: Server) -> None:
    server.on("/api/show", {})
    refusal = Play([b'{"error":"\\"coder:7b\\" does not support thinking"}'], 400)
    server.on("/api/chat", refusal, Play([ndjson(done("ok"))]))
    reply, pieces = answer(model(server), ask(think=True))
    assert reply.text == "ok"
    assert "the model cannot think, asking without" in told(pieces)
    assert [request.body["think"] for request in server.asked("/api/chat")] == [True, False]


@pytest.mark.parametrize(
    ("lines", "text", "thinking"),
    [
        ([said(thinking="hm"), said("a"), done("b")], "ab", "hm"),
        ([said("<thi"), said("nk>hm</th"), said("ink>\n\na"), done()], "a", "hm"),
        ([said("hm\n</think>\n\na"), done()], "a", "hm\n"),
        ([said("```py\nx = '</think>'\n```"), done()], "```py\nx = '</think>'\n```", ""),
        ([said(thinking="hm"), said("a </think> b"), done()], "a </think> b", "hm"),
        ([said("x = '<think>'"), done()], "x = '<think>'", ""),
    ],
    ids=["told apart", "a block in the content", "a stray tag", "a tag in code", "told apart, and a tag", "later"],
)
def test_thinking_is_never_the_answer(server: Server, lines: list[dict[str, object]], text: str, thinking: str) -> None:
    server.on("/api/chat", Play([ndjson(*lines)]))
    reply, _ = answer(model(server), ask())
    assert (reply.text, reply.thinking) == (text, thinking)


def test_when_thinking_takes_all_room_it_is_asked_again_without(server: Server) -> None:
    server.on("/api/show", described("thinking"))
    server.on("/api/chat", Play([ndjson(said(thinking="hm"), done(reason="length"))]), Play([ndjson(done("ok"))]))
    reply, _ = answer(model(server), ask(think=True))
    assert (reply.text, reply.cut) == ("ok", False)
    assert [request.body["think"] for request in server.asked("/api/chat")] == [True, False]


@pytest.mark.parametrize(
    ("last", "cut"),
    [
        (done(reason="length"), True),
        (done(), False),
        (done(prompt=8000, completion=300), True),
        (said(done=True), False),
    ],
    ids=["at its limit", "whole", "past the context", "no counts, no reason"],
)
def test_a_cut_answer_is_called_cut(server: Server, last: dict[str, object], cut: bool) -> None:
    server.on("/api/chat", Play([ndjson(said("abc"), last)]))
    reply, _ = answer(model(server), ask())
    assert (reply.text, reply.cut) == ("abc", cut)


NESTED = json.dumps(
    {"error": {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 8192}}
)


@pytest.mark.parametrize(
    ("play", "prompt", "context"),
    [
        (Play([json.dumps({"error": NESTED}).encode()], 400), 9000, 8192),
        (Play([b'{"error":"the prompt is longer than the context length currently available"}'], 400), 0, 8192),
        (Play([ndjson({"error": NESTED})]), 9000, 8192),
    ],
    ids=["nested JSON", "text", "a line of the stream"],
)
def test_a_prompt_that_is_refused_as_too_long(server: Server, play: Play, prompt: int, context: int) -> None:
    server.on("/api/chat", play)
    with pytest.raises(TooLong) as caught:
        answer(model(server), ask())
    assert (caught.value.prompt, caught.value.context) == (prompt, context)
    assert len(server.asked("/api/chat")) == 1


@pytest.mark.parametrize("count", [4098, 4097, 8191, 8192], ids=["half", "nearly half", "full but one", "full"])
def test_a_prompt_that_an_old_server_cut_is_too_long(server: Server, count: int) -> None:
    server.on("/api/chat", Play([ndjson(said("nonsense"), done(prompt=count, completion=1))]))
    failure(model(server), ask(messages=(Message("user", "word " * 20000),)), TooLong)


@pytest.mark.parametrize("count", [4098, 3000, 0], ids=["half, by chance", "another count", "no count"])
def test_a_prompt_that_was_not_cut_is_not_too_long(server: Server, count: int) -> None:
    server.on("/api/chat", Play([ndjson(said("ok"), done(prompt=count))]))
    reply, _ = answer(model(server), ask(messages=(Message("user", "word " * 3000),)))
    assert (reply.text, reply.prompt) == ("ok", count)


@pytest.mark.parametrize(
    ("need", "trained", "loaded", "expected"),
    [
        (3000, 32768, 0, 4096),
        (8192, 32768, 0, 8192),
        (8193, 32768, 0, 16384),
        (99999, 131072, 0, 131072),
        (10**6, 0, 0, 131072),
        (8000, 2048, 0, 2048),
        (8000, 0, 0, 8192),
        (8000, 32768, 32768, 32768),
        (16000, 32768, 4096, 16384),
        (16000, 8192, 4096, 8192),
        (16000, 262144, 65536, 65536),
    ],
    ids=str,
)
def test_one_context_for_a_model(server: Server, need: int, trained: int, loaded: int, expected: int) -> None:
    server.on("/api/show", described(context=trained))
    server.on("/api/ps", {"models": [{"model": NAME, "context_length": loaded}]} if loaded else {"models": None})
    client = model(server, need=need)
    for _ in range(2):
        answer(client, ask())
    assert client.context == expected
    assert [request.options["num_ctx"] for request in server.asked("/api/chat")] == [expected, expected]


def test_a_first_answer_is_loaded_for_and_a_later_one_read(server: Server) -> None:
    client = model(server)
    assert [told(answer(client, ask())[1])[0] for _ in range(2)] == [f"loading {NAME}", "reading the prompt"]


def test_never_more_than_the_context_is_predicted(server: Server) -> None:
    answer(model(server), ask(answer=10**6))
    assert server.asked("/api/chat")[0].options["num_predict"] == 8192


def test_a_missing_model_is_named_with_its_like_and_the_way_to_get_it(server: Server) -> None:
    server.on("/api/show", Play([b'{"error":"model not found"}'], 404))
    with pytest.raises(Missing) as caught:
        model(server, "coder")
    assert str(caught.value) == f"no model 'coder' at {server.url}: did you mean 'coder:7b'? Else: ollama pull coder"
    assert {request.path for request in server.requests} == {"/api/show", "/api/tags"}


def test_a_model_that_is_removed_meanwhile_is_missing(server: Server) -> None:
    client = model(server)
    server.on("/api/chat", Play([b'{"error":"model not found"}'], 404))
    assert "ollama pull" in failure(client, ask(), Missing)


def test_a_schema_goes_as_format_and_is_eased_when_refused(server: Server) -> None:
    refusal = Play([b'{"error":"failed to parse grammar"}'], 400)
    server.on("/api/chat", refusal, refusal, Play([ndjson(done("{}"))]))
    schema = {"type": "object"}
    reply, _ = answer(model(server), ask(schema=schema))
    assert reply.text == "{}"
    assert [request.body.get("format") for request in server.asked("/api/chat")] == [schema, "json", None]
    assert all("tools" not in request.body for request in server.asked("/api/chat"))


def test_a_template_that_refuses_a_system_message_gets_it_with_the_users(server: Server) -> None:
    refusal = Play([b'{"error":"Jinja Exception: System role not supported"}'], 400)
    server.on("/api/chat", refusal, Play([ndjson(done("ok"))]))
    answer(model(server), ask())
    assert server.asked("/api/chat")[1].body["messages"] == [{"role": "user", "content": "Be short.\n\nHi"}]


@pytest.mark.parametrize(
    "lines",
    [
        [said("return 1\n")] * 400,
        [said("la ")] * 400,
        [said("a\n"), said("b\n"), said("c\n")] * 200,
        [said(" " * 500)] * 40,
        [said(thinking="wait, ")] * 400,
    ],
    ids=["a line", "a word", "some lines", "blanks", "thinking"],
)
def test_a_model_that_goes_round_in_circles_is_stopped_and_asked_otherwise(
    server: Server, lines: list[dict[str, object]]
) -> None:
    server.on("/api/chat", Play([ndjson(*lines), "stall"]), Play([ndjson(done("ok"))]))
    reply, _ = answer(model(server), ask(seed=3, answer=10**4))
    first, second = server.asked("/api/chat")
    assert reply.text == "ok"
    assert server.gone.wait(2)
    assert (first.options["seed"], second.options["seed"], second.options["repeat_penalty"]) == (3, 4, 1.1)


def test_a_model_that_always_goes_round_in_circles_gives_no_answer(server: Server) -> None:
    server.on("/api/chat", Play([ndjson(*[said("la ")] * 400, done())]))
    assert "repeats" in failure(model(server), ask(), Incomplete)
    assert len(server.asked("/api/chat")) == 2
