"""The client for OpenAI's chat completions on a real loopback server, in the manners of many servers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chat import NAME, QUICK, answer, ask, failure, model, told
from ocode_bot.models.base import ChatModel, Failed, Incomplete, Missing, ModelError, TimedOut, TooLong
from server import DROP, STALL, Play, Server, Step, serving, sse

CHAT = "/v1/chat/completions"


def delta(reason: str | None = None, **fields: object) -> dict[str, object]:
    """One chunk."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": reason}]}


USAGE: dict[str, object] = {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}
GOOD = Play(
    [sse(delta(role="assistant", content=None), delta(content="Hel"), delta("stop", content="lo"), USAGE, "[DONE]")]
)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with one model that says hello."""
    with serving() as running:
        running.on("/v1/models", {"data": [{"id": NAME, "max_model_len": 9000}]})
        running.on(CHAT, GOOD)
        yield running


def client(server: Server, name: str = NAME, **more: object) -> ChatModel:
    """The client, in a hurry."""
    return model(server, name, kind="openai", **more)


def test_what_is_sent(server: Server) -> None:
    reply, pieces = answer(client(server, key="k"), ask(seed=7))
    assert (reply.text, reply.cut, reply.prompt, reply.completion) == ("Hello", False, 12, 3)
    assert [piece.text for piece in pieces if piece.kind == "text"] == ["Hel", "lo"]
    (request,) = server.asked(CHAT)
    assert request.headers["authorization"] == "Bearer k"
    assert request.body == {
        "model": NAME,
        "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 200,
        "temperature": 0.2,
        "seed": 7,
        "chat_template_kwargs": {"enable_thinking": False},
    }


@pytest.mark.parametrize(
    ("steps", "text", "thinking"),
    [
        ([b": keep-alive\n\n\n", b"data:" + json.dumps(delta("stop", content="a")).encode() + b"\n\n"], "a", ""),
        ([sse(delta(content="a"), "[DONE]")], "a", ""),
        ([sse({"choices": [{"delta": None}]}, {"choices": None}, delta("stop", content="a"))], "a", ""),
        ([sse({"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]})], "a", ""),
        ([sse(delta(reasoning_content="hm"), delta("stop", content="a"))], "a", "hm"),
        ([sse(delta(reasoning="hm"), delta("stop", content="a"))], "a", "hm"),
        ([sse(delta(content="<think>hm</think>a"), delta("stop"))], "a", "hm"),
        ([b"event: x\r\nid: 1\r\n" + sse(delta("stop", content="a")).replace(b"\n", b"\r\n")], "a", ""),
        (
            [b"\n\n", json.dumps({"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}).encode()],
            "a",
            "",
        ),
        ([sse(delta("stop", content="a")), STALL], "a", ""),
        ([sse(delta("stop", content="a")), DROP], "a", ""),
        ([sse(delta("stop"))], "", ""),
    ],
    ids=["comments", "no end", "nulls", "bare", "thinks", "reasons", "tags", "CRLF", "plain", "mute", "drop", "empty"],
)
def test_many_manners_of_the_same_answer(server: Server, steps: list[Step], text: str, thinking: str) -> None:
    server.on(CHAT, Play(steps))
    reply, _ = answer(client(server), ask())
    assert (reply.text, reply.thinking, reply.cut) == (text, thinking, False)
    assert len(server.asked(CHAT)) == 1


@pytest.mark.parametrize(
    "steps",
    [
        [sse(delta(content="half"))],
        [sse(delta(content="half")), DROP],
        [sse(delta(content="half"), {"error": {"message": "crashed", "type": "api_error"}})],
        [sse(delta("insufficient_system_resource", content="half"), "[DONE]")],
    ],
    ids=["no end", "dropped", "an error", "a bad end"],
)
@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
def test_an_answer_that_breaks_off(server: Server, steps: list[Step], again: bool) -> None:
    server.on(CHAT, Play(steps), Play(steps) if again else GOOD)
    if again:
        failure(client(server), ask(), ModelError)
    else:
        assert answer(client(server), ask())[0].text == "Hello"
    assert len(server.asked(CHAT)) == 2


def test_a_stream_without_an_end_is_incomplete(server: Server) -> None:
    server.on(CHAT, Play([sse(delta(content="half"))]))
    failure(client(server), ask(), Incomplete)


@pytest.mark.parametrize("reason", ["length", "max_tokens"])
def test_a_cut_answer_is_called_cut(server: Server, reason: str) -> None:
    server.on(CHAT, Play([sse(delta(reason, content="a"))]))
    assert answer(client(server), ask())[0].cut


def test_when_thinking_takes_all_room_it_is_asked_again_without(server: Server) -> None:
    server.on(CHAT, Play([sse(delta("length", reasoning_content="hm"))]), GOOD)
    assert answer(client(server), ask(think=True))[0].text == "Hello"
    assert [r.body["chat_template_kwargs"]["enable_thinking"] for r in server.asked(CHAT)] == [True, False]


def test_comments_alone_are_no_answer(server: Server) -> None:
    server.on(CHAT, Play([step for _ in range(500) for step in (b": keep-alive\n\n", 0.01)]))
    failure(client(server), ask(0.5), TimedOut)
    assert server.gone.wait(2)


def test_a_silence_in_the_middle_ends_at_its_limit(server: Server) -> None:
    server.on(CHAT, Play([sse(delta(content="half")), STALL]))
    assert "0.3 s" in failure(client(server), ask(), TimedOut)
    assert server.gone.wait(2)


def test_a_first_chunk_without_text_does_not_start_the_clock_of_the_pauses(server: Server) -> None:
    server.on(CHAT, Play([sse(delta(role="assistant", content="")), 3 * QUICK.pause, *GOOD.steps]))
    assert answer(client(server), ask())[0].text == "Hello"


LLAMA = {
    "error": {
        "code": 400,
        "message": "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9000,
        "n_ctx": 8192,
    }
}
LLAMA_PYTHON = {
    "error": {
        "message": "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8800 in "
        "the messages, 200 in the completion). Please reduce the length of the messages or completion.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}
VLLM = {
    "object": "error",
    "message": "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens in the messages",
    "type": "BadRequestError",
    "code": 400,
}


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (LLAMA, (9000, 8192)),
        (LLAMA_PYTHON, (9000, 8192)),
        (VLLM, (9000, 8192)),
        ({"error": {"message": "Requested tokens (9000) exceed context window of 8192"}}, (9000, 8192)),
        ({"error": {"message": "Prompt is too long", "code": None}}, (0, 9000)),
    ],
    ids=["llama.cpp", "llama-cpp-python", "vLLM", "its library", "no numbers"],
)
def test_a_prompt_that_is_refused_as_too_long(server: Server, body: object, numbers: tuple[int, int]) -> None:
    server.on(CHAT, Play([json.dumps(body).encode()], 400))
    with pytest.raises(TooLong) as caught:
        answer(client(server), ask())
    assert (caught.value.prompt, caught.value.context) == numbers
    assert len(server.asked(CHAT)) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "part"),
    [
        (401, '{"error":{"message":"bad key sk-s3cret"}}', Failed, "API key (401)"),
        (402, '{"error":{"message":"Insufficient Balance"}}', Failed, "Insufficient Balance"),
        (400, '{"error":{"message":"Model Not Exist"}}', Missing, "did you mean 'coder:7b'"),
        (404, '{"object":"error","message":"The model `x` does not exist.","code":404}', Missing, "coder:7b"),
        (404, '{"error":{"message":"model \'x\' not found","type":"not_found_error"}}', Missing, "coder:7b"),
        (422, '{"detail":[{"loc":["body","seed"],"msg":"not allowed"}]}', Failed, "body.seed: not allowed"),
        (422, '{"detail":"no such thing"}', Failed, "no such thing"),
        (400, '{"error":"plain text"}', Failed, "plain text"),
        (400, "plain text", Failed, "plain text"),
        (400, "", Failed, "no reason given"),
    ],
    ids=["key", "balance", "DeepSeek", "vLLM", "Ollama", "a list", "a detail", "native", "text", "nothing"],
)
def test_errors_of_all_shapes(server: Server, status: int, body: str, kind: type[ModelError], part: str) -> None:
    server.on(CHAT, Play([body.encode()] if body else [], status))
    line = failure(client(server, "coder", key="sk-s3cret"), ask(), kind)
    assert part in line
    assert "s3cret" not in line
    assert len(server.asked(CHAT)) == 1


def test_an_empty_stream_is_asked_for_its_reason_without_streaming(server: Server) -> None:
    server.on(CHAT, Play([]), Play([json.dumps(LLAMA_PYTHON).encode()], 400))
    with pytest.raises(TooLong) as caught:
        answer(client(server), ask())
    assert (caught.value.prompt, caught.value.context) == (9000, 8192)
    first, second = server.asked(CHAT)
    assert (first.body["stream"], second.body["stream"], "stream_options" in second.body) == (True, False, False)


def test_an_empty_stream_without_a_reason_is_incomplete(server: Server) -> None:
    server.on(CHAT, Play([]))
    failure(client(server), ask(), Incomplete)


def test_a_schema_that_a_server_fails_on_is_eased_at_once(server: Server) -> None:
    server.on(CHAT, Play([b'{"error":{"message":"response_format.type: should be json_object"}}'], 500), GOOD)
    answer(client(server), ask(schema={"type": "object"}))
    assert [request.body["response_format"]["type"] for request in server.asked(CHAT)] == ["json_schema", "json_object"]


def test_a_refused_key_is_named_when_the_model_is_opened(server: Server) -> None:
    server.on("/v1/models", Play([b'{"error":{"message":"no"}}'], 401))
    with pytest.raises(Failed, match=r"refuses the API key \(401\)"):
        client(server)


def test_a_server_that_still_loads_is_asked_again(server: Server) -> None:
    loading = Play([b'{"error":{"message":"Loading model","type":"unavailable_error","code":503}}'], 503)
    server.on("/v1/models", loading, loading, Play([b'{"data":[]}']))
    server.on(CHAT, loading, GOOD)
    assert answer(client(server), ask())[0].text == "Hello"


@pytest.mark.parametrize(
    ("name", "refusals"),
    [
        ("response_format", ["response_format.type must be text", "response_format is unknown"]),
        ("stream_options", ["Unrecognized request argument supplied: stream_options"]),
        ("chat_template_kwargs", ["body.chat_template_kwargs: Extra inputs are not permitted"]),
    ],
    ids=str,
)
def test_what_a_server_does_not_know_is_left_out(server: Server, name: str, refusals: list[str]) -> None:
    plays = [Play([json.dumps({"error": {"message": text}}).encode()], 400) for text in refusals]
    server.on(CHAT, *plays, GOOD)
    _, pieces = answer(client(server), ask(schema={"type": "object"}))
    assert len(told(pieces)) == 2 * len(refusals) + 1
    requests = server.asked(CHAT)
    assert [name in request.body for request in requests] == [True] * len(refusals) + [False]


@pytest.mark.parametrize(
    ("models", "props", "context"),
    [
        ({"data": [{"id": NAME, "max_model_len": 9000}]}, None, 9000),
        ({"data": None}, None, 8192),
        ({"data": [{"id": NAME}]}, {"default_generation_settings": {"n_ctx": 2048}}, 2048),
        ({"object": "list", "data": [{"id": "x", "max_model_len": 9}]}, {"n_ctx": 4096}, 4096),
        ([{"id": NAME, "context_length": 16384}], None, 16384),
        (None, None, 8192),
    ],
    ids=["vLLM", "no models", "llama.cpp", "another model", "a bare list", "no list"],
)
def test_the_context_is_what_the_server_says(server: Server, models: object, props: object, context: int) -> None:
    server.on("/v1/models", models if models is not None else Play([b"no"], 404))
    if props:
        server.on("/props", props)
    for endpoint in (server.url, f"{server.url}/v1"):
        assert client(server, endpoint=endpoint).context == context


def test_ollama_itself_is_to_be_asked_in_its_own_way(server: Server) -> None:
    server.on("/v1/models", {"data": [{"id": NAME}]})
    server.on("/api/version", {"version": "0.33.0"})
    with pytest.raises(Failed, match=r'models\.kind = "ollama"'):
        client(server, endpoint=f"{server.url}/v1")


@pytest.mark.parametrize(
    ("path", "prefix"),
    [("", "/v1"), ("/v1", "/v1"), ("/api/v1", "/api/v1"), ("/openai", "/openai/v1"), ("/v1beta/x", "/v1beta/x")],
)
def test_an_address_with_or_without_its_version(server: Server, path: str, prefix: str) -> None:
    server.on(f"{prefix}/models", {"data": []})
    server.on(f"{prefix}/chat/completions", GOOD)
    assert answer(client(server, endpoint=server.url + path), ask())[0].text == "Hello"
