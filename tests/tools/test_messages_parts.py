"""First lines in their parts, what a log teaches, and putting a message together."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ocode_tools.git import Git
from ocode_tools.messages.compose import compose, fit, wrap
from ocode_tools.messages.header import Header, parse_header
from ocode_tools.messages.history import Entry, conventional, entries
from ocode_tools.messages.text import raw
from repos import MakeRepo


@pytest.mark.parametrize(
    ("subject", "header"),
    [
        ("fix: a", Header("fix", "", False, "a")),
        ("Fix(IO)!:  a b ", Header("fix", "IO", True, "a b")),
        ("build(deps-dev): bump a from 1 to 2", Header("build", "deps-dev", False, "bump a from 1 to 2")),
        ("feat(@org/pkg, ui): a", Header("feat", "@org/pkg, ui", False, "a")),
        ("fix:a", None),
        ("fix(): a", None),
        ("fix : a", None),
        ("fix: ", None),
        ("\u2728: a", None),
        ("two words: a", None),
        ("", None),
    ],
)
def test_headers(subject: str, header: Header | None) -> None:
    assert parse_header(subject) == header


@effort(deadline=None, max_examples=100)
@given(st.from_regex(r"[a-z]{1,6}(\([a-z]{1,4}\))?!?: [a-z][a-z ]{0,9}[a-z]", fullmatch=True))
def test_a_header_is_written_as_it_was_read(subject: str) -> None:
    assert str(parse_header(subject)) == subject


def test_the_log_of_people(make_repo: MakeRepo) -> None:
    repo = make_repo()
    for message in (
        "fix: a\n\nwhy\n\nSigned-off-by: X <x@example.org>",
        'Revert "fix: a"',
        "fixup! fix: a",
        "fix: by ocode\n\nOcode-Task: fix",
        "fix: drafted\n\nAssisted-by: ocode (tiny)",
        "fix: drafted\n\nCo-authored-by: ocode <o@example.org>",
        "Merge things by hand",
        "fix: pair\n\nCo-authored-by: Ann <ann@example.org>",
    ):
        repo.commit(message)
    repo.git("commit", "-q", "--allow-empty", "--author", "dependabot[bot] <x@example.org>", "-m", "build: bump")
    found = entries(Git(repo.top))
    assert [entry.subject for entry in found] == ["fix: pair", "fix: a", "start"]
    assert found[1] == Entry("fix: a", "why\n\nSigned-off-by: X <x@example.org>", "Test <test@example.org>")
    assert [entry.subject for entry in entries(Git(repo.top), limit=1)] == ["fix: pair"]


def test_no_commit_is_no_log(make_repo: MakeRepo) -> None:
    assert entries(Git(make_repo(commit=False).top)) == []


@pytest.mark.parametrize(("plain", "typed", "verdict"), [(9, 0, True), (10, 0, False), (9, 2, False), (8, 2, True)])
def test_when_a_log_is_conventional(plain: int, typed: int, verdict: bool) -> None:
    log = [Entry("Add it", "", "")] * plain + [Entry("fix: a", "", "")] * typed
    assert conventional(log) is verdict


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("fix: a", "", ()), "fix: a\n"),
        (("fix:  a\n", "b\n\n", ()), "fix: a\n\nb\n"),
        (("fix: a", "", (("K", "v\nw"),)), "fix: a\n\nK: v w\n"),
        (("fix: a", "b", (("K", "v"), ("L", "w"))), "fix: a\n\nb\n\nK: v\nL: w\n"),
    ],
)
def test_compose(parts: tuple[str, str, tuple[tuple[str, str], ...]], message: str) -> None:
    assert compose(*parts) == message


def test_trailers_are_found_again_by_git() -> None:
    message = compose("fix: a", "why: because", (("Assisted-by", "ocode (tiny)"), ("Refs", "AB-1")))
    command = ["git", "interpret-trailers", "--parse"]
    said = subprocess.run(command, input=message, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["Assisted-by: ocode (tiny)", "Refs: AB-1"]


@pytest.mark.parametrize(
    ("texts", "wrapped"),
    [
        pytest.param(["aaa bbb ccc ddd"], "aaa bbb\nccc ddd", id="paragraph"),
        pytest.param(["aaa", " ", "bbb"], "aaa\n\nbbb", id="paragraphs"),
        pytest.param(["- aaa bbb ccc", "- ddd"], "- aaa bbb\n  ccc\n- ddd", id="points"),
        pytest.param(["aaa", "1. bbb", "ccc"], "aaa\n\n1. bbb\n\nccc", id="mixed"),
        pytest.param(["aaa https://example.org/x bbb"], "aaa\nhttps://example.org/x\nbbb", id="address"),
        pytest.param(["aaa bbbb #12 ccc"], "aaa\nbbbb #12\nccc", id="comment-inside"),
        pytest.param(["#12 aaa"], " #12 aaa", id="comment-first"),
        pytest.param([], "", id="nothing"),
    ],
)
def test_wrap(texts: list[str], wrapped: str) -> None:
    assert wrap(texts, 9) == wrapped


WORDS = st.lists(
    st.sampled_from(["a", "to", "#1", "#", "the", "- x", "word", "12345678901234567", "(b)", "e.g."]), max_size=30
)


@effort(deadline=None, max_examples=100)
@given(st.lists(WORDS.map(" ".join), max_size=4), st.integers(6, 30))
def test_wrapping_loses_nothing_and_writes_no_comment(texts: list[str], width: int) -> None:
    wrapped = wrap(texts, width)
    assert wrapped.split() == " ".join(texts).split()
    for line in wrapped.split("\n"):
        assert not line.startswith("#")
        assert len(line) <= width or len(line.split()) <= 2 or "#" in line


@pytest.mark.parametrize(
    ("subject", "limit", "fitted"),
    [
        ("fix: a", 6, "fix: a"),
        ("fix(io): close the file and the socket", 32, "fix(io): close the file"),
        ("fix: close, then open", 12, "fix: close"),
        ("fix: " + "x" * 30, 20, "fix: " + "x" * 15),
        ("x" * 30, 20, "x" * 20),
        ("feat(a-very-long-scope-that-fills): a", 20, "feat(a-very-long-sco"),
    ],
)
def test_fit(subject: str, limit: int, fitted: str) -> None:
    assert fit(subject, limit) == fitted


@effort(deadline=None, max_examples=100)
@given(st.text(max_size=120), st.integers(1, 80))
def test_what_fits_is_one_line_within_the_limit(subject: str, limit: int) -> None:
    fitted = fit(subject, limit)
    assert len(fitted) <= limit
    assert len(raw(fitted.encode("utf-8", "surrogatepass")).lines) <= 1
