"""Reading a model's reply as a commit message: whatever it is wrapped in, the right parts or none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocode_tools.messages.answer import Answer, read
from ocode_tools.messages.base import default

TYPES = default().types
SUBJECT = "fix(units): compare with <= in parse_size"
GOOD = Answer("fix", "units", "compare with <= in parse_size")
BODY = ("- one point", "- another point")

SAME = {
    "plain": SUBJECT,
    "blank lines": f"\n\n  {SUBJECT}  \n\n",
    "carriage returns": f"{SUBJECT}\r\n",
    "thinking": f"<think>The diff changes a comparison.\nfix: no</think>\n\n{SUBJECT}",
    "closing tag only": f"So this is a fix: of a size.\n</think>\n{SUBJECT}",
    "another tag": f"<thinking>\nfix: wrong idea\n</thinking>\n{SUBJECT}",
    "an invented tag": f"<planning>fix: wrong idea</planning>{SUBJECT}",
    "thought marks": f"<|begin_of_thought|>hm<|end_of_thought|>{SUBJECT}",
    "channels": f"<|channel|>analysis<|message|>hm<|end|><|channel|>final<|message|>{SUBJECT}<|return|>",
    "answer tag": f"<commit_message>\n{SUBJECT}\n</commit_message>",
    "fence": f"```\n{SUBJECT}\n```",
    "fence with a language": f"```text\n{SUBJECT}\n```\nLet me know!",
    "fence never closed": f"```\n{SUBJECT}",
    "lone closing fence": f"{SUBJECT}\n```",
    "lead-in": f"Here is the commit message:\n\n{SUBJECT}",
    "lead-in and fence": f"Sure! Here's a concise commit message:\n\n```\n{SUBJECT}\n```",
    "lead-in and afterword": f"Based on the diff:\n\n{SUBJECT}\n\nThis commit message follows Conventional Commits.",
    "quotes": f'"{SUBJECT}"',
    "backticks": f"`{SUBJECT}`",
    "bold": f"**{SUBJECT}**",
    "label": f"Commit message: {SUBJECT}",
    "bold label": f"**Subject:** `{SUBJECT}`",
    "heading": f"### {SUBJECT}",
    "list of candidates": f"1. {SUBJECT}\n2. chore: update units.py\n3. feat: other",
    "trailer of its own": f"{SUBJECT}\n\nSigned-off-by: A Model <m@example.org>",
    "other name of a type": SUBJECT.replace("fix", "Bugfix"),
    "JSON": json.dumps({"type": "fix", "scope": "units", "subject": "compare with <= in parse_size", "body": []}),
    "JSON in a fence": "```json\n" + json.dumps({"subject": SUBJECT}) + "\n```",
    "JSON after prose": "Here you go: " + json.dumps({"message": SUBJECT}),
    "JSON in JSON": json.dumps({"commit": {"title": SUBJECT}}),
    "a note before": f"Note: the diff is short\n{SUBJECT}",
}


@pytest.mark.parametrize("reply", SAME.values(), ids=SAME.keys())
def test_wrappings_go(reply: str) -> None:
    assert read(reply, TYPES) == GOOD


BODIES = {
    "bullets": f"{SUBJECT}\n\n- one point\n- another point",
    "stars": f"{SUBJECT}\n\n* one point\n* another\n  point",
    "numbers": f"{SUBJECT}\n\n1. one point\n2. another point\n\nExplanation: it is short",
    "label": f"{SUBJECT}\n\nBody:\n- one point\n- another point",
    "fence": f"```\n{SUBJECT}\n\n- one point\n- another point\n```\nI hope this helps",
    "JSON list": json.dumps({"subject": SUBJECT, "body": ["one point", "another point"]}),
    "JSON text": json.dumps({"subject": SUBJECT, "body": "- one point\n- another point"}),
    "JSON subject of lines": json.dumps({"subject": f"{SUBJECT}\n\n- one point\n- another point"}),
}


@pytest.mark.parametrize("reply", BODIES.values(), ids=BODIES.keys())
def test_subject_and_body_stay_together(reply: str) -> None:
    assert read(reply, TYPES) == GOOD._replace(points=BODY)


NONE = {
    "empty": ("", "empty"),
    "blank": (" \n\n", "empty"),
    "unclosed thinking": (f"<think>I could say\n{SUBJECT}", "thoughts"),
    "only thinking": ("<think>hm</think>", "thoughts"),
    "cut JSON": ('{"type": "fix", "subject": "compare w', "JSON"),
    "JSON without a subject": ('{"type": "fix"}', "JSON"),
    "lead-in alone": ("Here is the commit message:", "no line"),
    "the diff": ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b", "diff"),
    "punctuation": ("...", "no line"),
}


@pytest.mark.parametrize(("reply", "why"), NONE.values(), ids=NONE.keys())
def test_no_message_is_none(reply: str, why: str) -> None:
    found = read(reply, TYPES)
    assert isinstance(found, str)
    assert why in found


def test_a_line_with_a_colon_is_no_type() -> None:
    found = read("parse_size: compare with <=", TYPES)
    assert found == Answer("", "", "parse_size: compare with <=")


@pytest.mark.parametrize(
    "reply",
    [
        "feat!: drop it",
        "feat: drop it\n\nBREAKING CHANGE: it is gone",
        '{"subject": "feat: drop it", "breaking": true}',
    ],
)
def test_breaking(reply: str) -> None:
    found = read(reply, TYPES)
    assert isinstance(found, Answer)
    assert found.breaking
    assert found.subject == "drop it"


PIECES = st.sampled_from(
    ["<think>", "</think>", "```", "fix: a thing", "{", '{"subject": "x"}', "\n", "- ", "Here is", "**", '"', "body"]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_any_reply_is_read_or_refused(reply: str) -> None:
    found = read(reply, TYPES)
    if isinstance(found, Answer):
        assert found.subject.strip()
        assert "\n" not in found.subject
        assert all(point.strip() for point in found.points)
    else:
        assert found
