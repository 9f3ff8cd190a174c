"""The parts of the clients that need no server: lines, circles, thinking, errors, choosing, a scripted model."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import answer, ask, failure, model, ollama, told
from ocode_bot.models import catalog
from ocode_bot.models.base import Cancelled, Failed, Missing, Reply, Unreachable
from ocode_bot.models.catalog import Installed, Loaded, Shown
from ocode_bot.models.choose import choose
from ocode_bot.models.fields import decoded
from ocode_bot.models.lines import Lines
from ocode_bot.models.loops import Loops
from ocode_bot.models.open import KINDS
from ocode_bot.models.problems import read
from ocode_bot.models.scripted import Scripted
from ocode_bot.models.thoughts import Kind, split
from ocode_bot.models.wire import Wire
from ocode_tools.errors import UsageError
from ocode_tools.process import Cancel
from server import Play, serving

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS.map(lambda text: text.replace("\n", "")), max_size=8), st.data())
def test_lines_are_the_same_however_they_arrive(texts: list[str], data: st.DataObject) -> None:
    whole = "\n".join([*texts, ""]).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    lines = Lines()
    parts = itertools.pairwise([0, *cuts, len(whole)])
    found = [line for start, end in parts for line in lines.feed(whole[start:end])]
    assert found + lines.rest() == [text.removesuffix("\r") for text in texts]


def test_a_line_may_not_be_longer_than_its_limit() -> None:
    lines = Lines(longest=10)
    assert lines.feed(b"0123456789\n01234") == ["0123456789"]
    with pytest.raises(Failed, match="line of more"):
        lines.feed(b"567890")


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_any_error_body_is_one_printable_line(body: str) -> None:
    assert read(body).text.isprintable()


@pytest.mark.parametrize("body", ['{"error":' * 50 + '"x"' + "}" * 50, "[" * 100_000, '{"error":null}', "[]", "3"])
def test_odd_error_bodies_are_read(body: str) -> None:
    assert len(read(body).text) <= 300


def test_json_nested_too_deeply_is_no_json() -> None:
    with pytest.raises(ValueError, match="deeply"):
        decoded("[" * 100_000)


CODE = """
def table():
    return [
        (0, 0, 0, 0),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
    ]


"""


@pytest.mark.parametrize(
    "tokens",
    [list(CODE * 10), CODE.splitlines(keepends=True), ["0", ", "] * 64, ["\n"] * 40, [" "] * 100, ["-"] * 120],
    ids=["characters", "lines", "a table", "empty lines", "indentation", "a rule"],
)
def test_code_is_not_a_circle(tokens: list[str]) -> None:
    loops = Loops()
    assert [found for token in tokens if (found := loops.feed(token))] == []


@pytest.mark.parametrize(
    "tokens",
    [
        ["x"] * 200,
        ["a", "b", "c"] * 200,
        list("return x\n" * 200),
        ["word one\n", "word two\n"] * 60,
        [" " * 9, "\n"] * 999,
    ],
    ids=["a token", "some tokens", "a line in characters", "lines", "blanks"],
)
def test_a_circle_is_found(tokens: list[str]) -> None:
    loops = Loops()
    assert any(loops.feed(token) for token in tokens)


@pytest.mark.parametrize(
    ("content", "thought", "expected"),
    [
        ("answer", "", ("answer", "")),
        ("answer", "hm", ("answer", "hm")),
        ("<think>hm</think>\n\nanswer", "", ("answer", "hm")),
        ("\n <think>hm</think>answer", "a", ("answer", "ahm")),
        ("<think>hm", "", ("", "hm")),
        ("<think></think>a <think>b</think>", "", ("a <think>b</think>", "")),
        ("hm</think>answer", "", ("answer", "hm")),
        ("hm</think>answer", "told", ("hm</think>answer", "told")),
        ("```\n</think>\n```", "", ("```\n</think>\n```", "")),
        ("```\nx\n``` hm</think>a", "", ("a", "```\nx\n``` hm")),
    ],
    ids=str,
)
def test_thinking_is_told_apart(content: str, thought: str, expected: tuple[str, str]) -> None:
    assert split(content, thought) == expected


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_block_at_the_beginning_is_thinking_however_it_arrives(data: st.DataObject) -> None:
    whole = "<think>hm ... </think>answer"
    cuts = sorted(data.draw(st.lists(st.integers(1, len(whole)), max_size=6)))
    kind = Kind()
    kinds = [kind.of(whole[a:b]) for a, b in itertools.pairwise([0, *cuts, len(whole)]) if a < b]
    assert kinds == sorted(kinds, reverse=True)
    assert kinds[0] == "thinking"


GB = 1_000_000_000
CODER = Installed("qwen2.5-coder:7b", billions=7.6, capabilities=("completion", "tools"))
LARGE = Installed("qwen3-coder:30b", billions=30.5)
HUGE = Installed("qwen3-coder:480b", billions=480.0)
TINY = Installed("qwen2.5-coder:1.5b", billions=1.5)
PLAIN = Installed("llama3.1:8b", billions=8.0)
CLOUD = Installed("qwen3-coder:480b-cloud", billions=30.0)
STUB = Installed("devstral:24b", billions=24.0, remote="https://ollama.com")
EMBED = Installed("nomic-embed-text:latest", billions=7.0, family="nomic-bert")
EMBED_NEW = Installed("odd:8b", billions=8.0, capabilities=("embedding",))
BASE = Installed("qwen2.5-coder:7b-base", billions=7.6)
UNSAID = Installed("deepseek-coder-v2:latest", size=9 * GB)


@pytest.mark.parametrize(
    ("installed", "task", "name"),
    [
        ([PLAIN, CODER], "fix", CODER.name),
        ([CODER, LARGE], "fix", LARGE.name),
        ([CODER, LARGE], "message", CODER.name),
        ([HUGE, PLAIN], "fix", PLAIN.name),
        ([TINY, PLAIN], "fix", PLAIN.name),
        ([TINY, HUGE], "message", TINY.name),
        ([CLOUD, STUB, EMBED, EMBED_NEW, PLAIN], "fix", PLAIN.name),
        ([BASE, PLAIN], "fix", PLAIN.name),
        ([UNSAID, PLAIN], "fix", UNSAID.name),
        ([Installed("gpt-oss:20b", billions=20.9), Installed("mistral:7b", billions=7.2)], "fix", "gpt-oss:20b"),
        ([Installed("x/y/codestral:22b", billions=22.0), PLAIN], "fix", "x/y/codestral:22b"),
    ],
    ids=str,
)
def test_the_model_for_a_task(installed: list[Installed], task: str, name: str) -> None:
    choice = choose(installed, task)
    assert choice.name == name
    assert choice.why.isprintable()


@pytest.mark.parametrize("installed", [[], [CLOUD, STUB, EMBED]], ids=["nothing", "nothing fit"])
def test_without_a_model_the_way_to_one_is_said(installed: list[Installed]) -> None:
    with pytest.raises(Missing, match="ollama pull"):
        choose(installed, "fix")


TAG = {
    "name": "qwen2.5-coder:7b",
    "size": 4_700_000_000,
    "details": {"family": "qwen2", "parameter_size": "7.6B", "quantization_level": "Q4_K_M"},
    "capabilities": ["completion", "tools"],
}


def test_what_a_server_has() -> None:
    with serving() as server:
        wire, cancel = Wire(server.url), Cancel()
        server.on("/api/version", {"version": "0.33.0"})
        server.on("/api/tags", {"models": [TAG, {"name": "x"}, {"name": None, "details": 3, "size": "big"}]})
        server.on("/api/ps", {"models": [{"model": "x:latest", "context_length": 4096, "size": 9, "size_vram": 4}]})
        server.on("/api/show", {"model_info": {}, "details": {"family": "llama"}, "capabilities": None})
        assert catalog.version(wire, cancel) == "0.33.0"
        first = Installed("qwen2.5-coder:7b", 4_700_000_000, 7.6, "qwen2", "Q4_K_M", ("completion", "tools"))
        assert catalog.tags(wire, cancel) == [first, Installed("x"), Installed("")]
        assert catalog.ps(wire, cancel) == [Loaded("x:latest", 4096, 9, 4)]
        assert catalog.show(wire, "x", cancel) == Shown("x", "llama")


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b""], ids=["a page", "no UTF-8", "nothing"])
def test_an_answer_that_is_no_json_is_refused(body: bytes) -> None:
    with serving() as server:
        server.on("/api/tags", Play([body] if body else []))
        with pytest.raises(Failed, match="did not answer with JSON"):
            catalog.tags(Wire(server.url), Cancel())


@pytest.mark.parametrize("size", [("8x7B", 56.0), ("567M", 0.567), ("1.5b", 1.5), ("", 0.0), ("big", 0.0)], ids=str)
def test_sizes_as_servers_write_them(size: tuple[str, float]) -> None:
    with serving() as server:
        server.on("/api/tags", {"models": [{"name": "x", "details": {"parameter_size": size[0]}}]})
        assert catalog.tags(Wire(server.url), Cancel())[0].billions == pytest.approx(size[1])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("qwen", ["qwen:7b", "qwen:14b"]),
        ("lama3", ["llama3:latest"]),
        ("me/qwen:7b", ["qwen:7b", "qwen:14b"]),
        ("zz", []),
    ],
)
def test_near_names(name: str, expected: list[str]) -> None:
    assert catalog.near(name, ["qwen:7b", "llama3:latest", "qwen:14b"]) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("x", "x:latest", True),
        ("X:7B", "x:7b", True),
        ("x:7b", "x", False),
        ("host:5000/x", "host:5000/x:latest", True),
    ],
)
def test_names_of_the_same_model(one: str, other: str, expected: bool) -> None:
    assert catalog.same(one, other) == expected


def test_a_scripted_model_plays_its_replies_and_remembers_what_it_was_asked() -> None:
    whole = Reply("b", "hm", True, 1, 2, 0.5)
    client = Scripted(["a\nc", whole, Unreachable("gone")])
    first, second = ask(seed=1), ask(seed=2)
    reply, pieces = answer(client, first)
    assert (reply.text, "".join(piece.text for piece in pieces)) == ("a\nc", "a\nc")
    assert answer(client, second)[0] == whole
    assert failure(client, first, Unreachable) == "gone"
    assert "no reply left" in failure(client, first, Failed)
    assert client.asks == [first, second, first, first]


def test_a_scripted_model_can_be_cancelled() -> None:
    cancel = Cancel()
    cancel.set()
    failure(Scripted(["a"]), ask(), Cancelled, cancel)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with ollama() as server, pytest.raises(UsageError, match=" or ".join(KINDS)):
        model(server, kind="magic")


def test_a_wait_is_told_as_it_lasts() -> None:
    with ollama() as server:
        assert told(answer(model(server), ask())[1])[0].startswith("loading")
