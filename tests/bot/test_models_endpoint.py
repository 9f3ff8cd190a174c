"""Where a server is, and that nothing leaves this machine unasked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import NAME, QUICK, answer, ask, described, failure, model, ollama, told
from ocode_bot.models.base import Failed, Piece, Remote, Unreachable
from ocode_bot.models.endpoint import DEFAULT, base_url, is_loopback, is_private, resolve
from ocode_bot.models.wire import Wire
from ocode_tools.errors import UsageError
from ocode_tools.process import Cancel
from ocode_tools.schema import SCHEMA
from server import Play, Server, ndjson, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with one model."""
    with ollama() as running:
        yield running


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        ("example.com", "http://example.com:11434"),
        (":1234", "http://127.0.0.1:1234"),
        ("1.2.3.4:1234", "http://1.2.3.4:1234"),
        ("[::1]:1337", "http://[::1]:1337"),
        ("::1", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("http://1.2.3.4", "http://1.2.3.4:80"),
        ("https://x", "https://x:443"),
        ("https://example.com/ollama/", "https://example.com:443/ollama"),
        ("ollama.com", "https://ollama.com:443"),
        ("example.com:99999", "http://example.com:11434"),
        ("https://example.com:-1", "https://example.com:443"),
        ("example.com:x", "http://example.com:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("http://0.0.0.0:5050", "http://127.0.0.1:5050"),
        ("[::]:5", "http://[::1]:5"),
        ("::", "http://[::1]:11434"),
        (' "1.2.3.4" ', "http://1.2.3.4:11434"),
        ("'http://x:1/'", "http://x:1"),
        ("HTTP://x:1", "http://x:1"),
        ("[fe80::1%eth0]:7", "http://[fe80::1%eth0]:7"),
    ],
    ids=str,
)
def test_an_address_as_ollama_reads_it(text: str, url: str) -> None:
    assert base_url(text) == url
    assert base_url(url) == url


@pytest.mark.parametrize(
    "text", ["ftp://x", "http://me:secret@x", "me@x", "http://x y", "http://x/a?b", "http://x\\@y"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        base_url(text, "OLLAMA_HOST")
    assert str(caught.value).startswith("OLLAMA_HOST must ")
    assert "secret" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_an_address_that_stays_the_same_or_is_refused(text: str) -> None:
    try:
        url = base_url(text)
    except UsageError:
        return
    assert base_url(url) == url
    assert url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("setting", "is_default", "environ", "url"),
    [
        (DEFAULT, True, {}, DEFAULT),
        (DEFAULT, True, {"OLLAMA_HOST": ""}, DEFAULT),
        (DEFAULT, True, {"OLLAMA_HOST": "0.0.0.0:7"}, "http://127.0.0.1:7"),
        (DEFAULT, False, {"OLLAMA_HOST": "elsewhere"}, DEFAULT),
        ("http://gpu:8080/", False, {}, "http://gpu:8080"),
    ],
    ids=["nothing said", "said to be empty", "the variable", "configured", "configured elsewhere"],
)
def test_what_is_configured_goes_before_the_variable(
    setting: str, is_default: bool, environ: dict[str, str], url: str
) -> None:
    assert resolve(setting, is_default, environ) == url


def test_the_default_is_the_one_of_the_configuration() -> None:
    assert SCHEMA["models.endpoint"].default == DEFAULT


@pytest.mark.parametrize(
    ("host", "loopback", "private"),
    [
        ("127.0.0.1", True, True),
        ("127.9.9.9", True, True),
        ("localhost", True, True),
        ("LOCALHOST.", True, True),
        ("a.localhost", False, True),
        ("[::1]", True, True),
        ("[::ffff:127.0.0.1]", True, True),
        ("192.168.1.5", False, True),
        ("10.0.0.1", False, True),
        ("169.254.1.1", False, True),
        ("[fe80::1%eth0]", False, True),
        ("gpu", False, True),
        ("gpu.local", False, True),
        ("8.8.8.8", False, False),
        ("example.com", False, False),
        ("localhost.example.com", False, False),
        ("127.0.0.1.example.com", False, False),
        ("2130706433", False, True),
    ],
    ids=str,
)
def test_how_far_away_a_host_is(host: str, loopback: bool, private: bool) -> None:
    assert (is_loopback(f"http://{host}:1"), is_private(f"http://{host}:1")) == (loopback, private)


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm:cloud", "x-Cloud", " deepseek:CLOUD "])
@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_a_cloud_model_is_refused_before_anything_is_sent(server: Server, name: str, kind: str) -> None:
    with pytest.raises(Remote, match="allow_remote"):
        model(server, name, kind=kind)
    assert server.requests == []


@pytest.mark.parametrize("endpoint", ["http://192.0.2.1:11434", "https://ollama.com:443", "http://gpu:11434"])
@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_another_machine_is_refused_before_anything_is_sent(server: Server, endpoint: str, kind: str) -> None:
    with pytest.raises(Remote, match="not this machine"):
        model(server, endpoint=endpoint, kind=kind)


STUB = {"models": [{"name": NAME, "remote_host": "https://ollama.com:443"}]}


@pytest.mark.parametrize(
    ("shown", "tags"),
    [(described(remote_host="https://ollama.com:443"), {"models": []}), (described(), STUB)],
    ids=["described so", "listed so"],
)
def test_a_model_that_the_server_has_run_elsewhere_is_refused(server: Server, shown: object, tags: object) -> None:
    server.on("/api/show", shown)
    server.on("/api/tags", tags)
    with pytest.raises(Remote, match=r"ollama\.com"):
        model(server)
    assert server.asked("/api/chat") == []


def test_what_is_allowed_is_sent(server: Server) -> None:
    server.on("/api/show", described(remote_host="https://ollama.com:443"))
    assert answer(model(server, "coder:cloud", allow_remote=True), ask())[0].text == "Hello"


@pytest.mark.parametrize("value", ["http://127.0.0.1:9", "socks5h://127.0.0.1:9", "nonsense://"])
def test_no_proxy_leads_to_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, value)
    assert answer(model(server), ask())[0].text == "Hello"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that is the proxy for the rest of the world."""
    for name in ("ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as running:
        monkeypatch.setenv("http_proxy", running.url.replace("//", "//me:secret@"))
        yield running


def test_a_proxy_that_fails_is_named(proxied: Server) -> None:
    page = Play([b"<html><body>Bad gateway"], 502, {"Content-Type": "text/html"})
    proxied.on("http://models.example.org/api/show", page)
    with pytest.raises(Failed) as caught:
        model(proxied, endpoint="http://models.example.org:80", allow_remote=True)
    assert f"the proxy 127.0.0.1:{proxied.port}" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_proxy_setting_that_cannot_work_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:9")
    with pytest.raises(Failed, match="proxy"):
        Wire("http://models.example.org:80").client()


@pytest.mark.parametrize("host", ["a" * 70, "a..b"])
def test_a_host_that_cannot_be_looked_up_is_not_there(host: str) -> None:
    with pytest.raises(Unreachable, match="no model server at"):
        Wire(f"http://{host}.localhost:9", patience=QUICK_CONNECT).json("/api/tags", Cancel())


def test_localhost_is_tried_by_ipv4_first(server: Server) -> None:
    answer(model(server, endpoint=f"http://localhost:{server.port}"), ask())
    assert {request.headers["host"] for request in server.requests} == {f"127.0.0.1:{server.port}"}


def test_localhost_is_tried_by_ipv6_then() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with ollama("::1") as server:
        assert answer(model(server, endpoint=f"http://localhost:{server.port}"), ask())[0].text == "Hello"


def test_a_host_that_takes_no_connection_is_asked_twice() -> None:
    with socket.socket() as full, socket.socket() as waiting, ollama() as server:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        client: Any = model(server)
        client.wire = Wire(f"http://127.0.0.1:{full.getsockname()[1]}", patience=QUICK_CONNECT)
        pieces: list[Piece] = []
        assert "no connection within" in failure(client, ask(), Unreachable, pieces=pieces)
        assert told(pieces).count("no connection yet, trying once more") == 1


QUICK_CONNECT = type(QUICK)(connect=0.1, backoff=0.01)


def test_a_key_goes_to_the_server_and_nowhere_else(server: Server) -> None:
    server.on("/api/chat", Play([b'{"error":"the key s3cret-key is expired"}'], 401))
    with pytest.raises(Failed) as caught:
        answer(model(server, key="s3cret-key"), ask())
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer s3cret-key"}
    assert "s3cret" not in str(caught.value) + repr(caught.value.__dict__)


@pytest.mark.parametrize("key", ["a\nb", "ключ", "a b"])
def test_a_key_that_no_header_can_carry_is_not_shown(server: Server, key: str) -> None:
    with pytest.raises(Failed) as caught:
        model(server, key=key)
    assert key not in str(caught.value)


def test_a_redirect_is_not_followed(server: Server) -> None:
    with serving() as other:
        other.on("/api/chat", Play([ndjson({"done": True})]))
        server.on("/api/chat", Play([], 307, {"Location": f"{other.url}/api/chat"}))
        with pytest.raises(Failed, match="redirects"):
            answer(model(server), ask())
        assert other.requests == []
