"""A branch as a page, as rows side by side, as a story: pure functions of what git and a run's folder say."""

from __future__ import annotations

import difflib
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_bot.review import listing, sides
from ocode_bot.review.listing import Waiting
from ocode_bot.review.page import page
from ocode_bot.review.story import Event, Exchange, Run, Tried, tell
from ocode_tools.ledger.reading import Commit

SHA = "a" * 40
EVIL = '<script src="https://example.org/x.js">alert(1)</script>'
EVENTS: list[Event] = [
    {"at": 10.0, "event": "plan"},
    {"at": 11.0, "event": "baseline", "passed": 7, "red": ["t::one", EVIL]},
    {"at": 12.0, "event": "cause", "key": "other", "tests": ["t::gone"]},
    {"at": 12.5, "event": "verdict", "solver": "rules", "summary": "for another cause", "reason": "no"},
    {"at": 13.0, "event": "cause", "key": "key-1", "tests": ["t::one"]},
    {"at": 13.5, "event": "verdict", "solver": "rules", "summary": "swap", "reason": "tests: still\nred"},
    {"at": 14.0, "event": "ask", "model": "m:7b", "messages": [["system", "be good"], ["user", EVIL]]},
    {"at": 15.0, "event": "reply", "text": "half", "seconds": 1.5},
    {"at": 15.0, "event": "refused reply", "reason": "cut off"},
    {"at": 15.5, "event": "ask", "model": "m:7b", "messages": [["user", "again"]]},
    {"at": 16.0, "event": "reply", "text": f"whole {EVIL}", "seconds": 0.5},
    {"at": 16.5, "event": "verdict", "solver": "m:7b", "summary": "mend", "reason": None},
    {"at": 17.0, "event": "full run", "passed": 8, "failed": 0},
    {"at": 18.0, "event": "landed", "sha": SHA},
    {"at": 19.0, "event": "full run", "passed": 9, "failed": 0},
    {"at": 20.0, "event": "landed", "sha": "b" * 40},
]
DIFF = f"""diff --git a/a.py b/a.py
index 111..222 100644
--- a/a.py
+++ b/a.py
@@ -1,3 +1,3 @@ def one():
 same
-old {EVIL}
+new {EVIL}
 same
diff --git a/b.bin b/b.bin
index 111..222 100644
Binary files a/b.bin and b/b.bin differ
"""
MESSAGE = f"Mend {EVIL}\n\nWhy\n\n  Confidence: low (few inputs,\n  and alike)\n\nOcode-Solver: m:7b\nOcode-Run: r\n"
WAITING = Waiting("ocode/fix/a", "fix", "open", "", (EVIL,), 1, 1, 1, "8 passed", "low", 60, "current", SHA, 0)


def test_a_story_reaches_from_its_cause_to_its_landing() -> None:
    run = tell("r", EVENTS, {})
    story = run.stories[SHA]
    assert (run.passed, run.red) == (7, ("t::one", EVIL))
    assert (story.cause, story.tests) == ("key-1", ("t::one",))
    assert story.tried == (Tried("rules", "swap", "tests: still red"), Tried("m:7b", "mend", ""))
    asked = f"system:\nbe good\n\nuser:\n{EVIL}"
    first = Exchange("m:7b", asked, "half", 1.5, "cut off")
    assert story.exchanges == (first, Exchange("m:7b", "user:\nagain", f"whole {EVIL}", 0.5))
    assert (story.passed, story.failed, story.seconds) == (8, 0, 7.0)
    assert run.stories["b" * 40].passed == 9


def test_a_run_whose_folder_is_gone_tells_nothing() -> None:
    assert tell("r", [], {}) == Run("r", None, (), {}, {})


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [name for name, _ in attrs if name in ("src", "href", "action", "style") or name.startswith("on")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made() -> str:
    commit = Commit(SHA, "b" * 40, 0, 0, MESSAGE, {"Ocode-Solver": "m:7b"})
    return page(WAITING, tell("r", EVENTS, {"seconds": 3.25, "sandbox": EVIL}), [(commit, sides.files(DIFF))])


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    parser = Tags()
    parser.feed(made())
    assert parser.open == []
    assert parser.links == []
    assert not {"script", "img", "link", "iframe", "form", "a"} & set(parser.tags)
    assert "url(" not in made()
    assert EVIL not in made()


@pytest.mark.parametrize(
    "text",
    [
        "7 passed",
        "5 failed".replace("5", "2"),
        "9 passed",
        "how sure: low (few inputs, and alike)",
        "2 proposals tried",
        "tests: still red",
        "2 questions to a model",
        "not used: cut off",
        "3.2 s in all",
        "binary",
        "def one():",
        "ocode accept ocode/fix/a",
        "prefers-color-scheme: dark",
        'name="viewport"',
        "default-src 'none'",
    ],
)
def test_the_page_says(text: str) -> None:
    assert text in made()


LINES = st.lists(st.sampled_from(["one", "two", "three", "", "-x", "+y", "@@ z", "\\ no"]), max_size=12)


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_both_sides_are_whole(before: list[str], after: list[str]) -> None:
    text = "".join(f"{line}\n" for line in difflib.unified_diff(before, after, "a/f", "b/f", n=99, lineterm=""))
    pairs = [pair for file in sides.files(text) for hunk in file.hunks for pair in hunk.pairs]
    if before == after:
        assert pairs == []
        return
    assert [pair.before for pair in pairs if pair.old] == before
    assert [pair.after for pair in pairs if pair.new] == after
    assert [pair.old for pair in pairs if pair.old] == list(range(1, len(before) + 1))
    assert all(pair.before == pair.after for pair in pairs if pair.kind == "same")


@pytest.mark.parametrize(
    ("seconds", "says"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (200_000, "2 d")]
)
def test_ages(seconds: int, says: str) -> None:
    assert listing.ago(seconds) == says


def test_what_hides_text_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sides.files("no diff at all") == []
    broken = sides.files("--- a/f\n+++ b/f\n@@ -1,3 +1,1 @@\n x\n")
    assert broken[0].note != ""
