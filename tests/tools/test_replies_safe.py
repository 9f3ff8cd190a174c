"""Whatever a model writes: sound edits of the targets or a refusal that says why; no exception, and not for ever."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocode_tools.replies import Refusal, Target, read
from replying import ADD, CALC, FIXED, POP, STACK, A, B, fenced, sound

TARGETS = [Target("src/calc.py", CALC.encode(), ("add",)), Target("src/q.py", b"def q(x):\n    return x\n")]
SEARCH = f"<<<<<<< SEARCH\n{A}=======\n{B}>>>>>>> REPLACE\n"
DIFF = (
    f"```diff\n--- a/src/calc.py\n+++ b/src/calc.py\n@@ -9,4 +9,4 @@\n     if a is None:\n         a = 0\n-{A}+{B}```\n"
)
GOOD = [
    fenced(ADD),
    fenced(FIXED),
    fenced(STACK),
    fenced(POP),
    SEARCH,
    DIFF,
    ADD,
    json.dumps({"path": "src/calc.py", "code": ADD}),
    f"*** Begin Patch\n*** Update File: src/calc.py\n@@\n-{A}+{B}*** End Patch\n",
    "<think>\nhm\n</think>\n" + fenced(ADD),
]
PIECES = [
    "```",
    "```python\n",
    "~~~",
    "<think>",
    "</think>",
    "<<<<<<< SEARCH\n",
    "=======\n",
    ">>>>>>> REPLACE\n",
    "@@",
    "+",
    "-",
    "\n",
    "    ",
    "\t",
    "\r\n",
    "\x00",
    "\ud800",
    "“",
    "&lt;",
    "\\n",
    "def add(a, b):\n",
    "class Stack:\n",
    "return a",
    "{",
    '"',
    "# ...",
    "...",
    "*** Begin Patch\n",
    "--- a/src/calc.py\n",
    "src/calc.py\n",
    "12 | ",
    ">>> ",
    "(",
    "'''",
    "\x0c",
    "é",
]


def holds(reply: str) -> None:
    """The promise for one reply."""
    outcome = read(reply, TARGETS)
    if isinstance(outcome, Refusal):
        sound(outcome)
        return
    assert outcome
    for edit in outcome:
        target = next(target for target in TARGETS if target.path == edit.path)
        assert edit.before == target.data != edit.after
        tree = ast.parse(edit.after or b"")
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        old = {
            node.name for node in ast.parse(target.data or b"").body if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert old <= names


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good reply with stretches deleted, doubled, cut off, or put in from elsewhere."""
    reply = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(reply)))
        end = min(len(reply), at + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["delete", "double", "cut", "insert", "splice"])):
            case "delete":
                reply = reply[:at] + reply[end:]
            case "double":
                reply = reply[:end] + reply[at:]
            case "cut":
                reply = reply[: max(at, len(reply) // 2)]
            case "insert":
                reply = reply[:at] + draw(st.sampled_from(PIECES)) + reply[at:]
            case _:
                reply = reply[:at] + draw(st.sampled_from(GOOD))[at:]
    return reply


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_mutations_of_good_replies(reply: str) -> None:
    holds(reply)


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
@example("\x00")
@example("```python\n\ud800\n```")
@example("def add(a, b):\n    return " + "-" * 5000 + "a\n")
@example("def add(a, b):\n    return " + "(" * 300 + "a" + ")" * 300 + "\n")
def test_any_text(reply: str) -> None:
    holds(reply)


@pytest.mark.parametrize("cut", range(0, len(fenced(FIXED)), 37))
def test_a_file_cut_off_anywhere(cut: int) -> None:
    reply = fenced(FIXED)[:cut]
    outcome = read(reply, TARGETS)
    if isinstance(outcome, Refusal):
        sound(outcome)
    else:
        assert [edit.after for edit in outcome] == [FIXED.encode()]


BIG = 1_000_000
LARGE = {
    "backticks": "`" * 100_000,
    "backtick-lines": "```\n" * 30_000,
    "opened-fences": "```python\n" * 30_000,
    "blanks": " " * BIG,
    "blank-lines": "\n" * BIG,
    "blanks-then-x": "```python\n" + " " * BIG + "x\n```",
    "less-than": "<" * 100_000,
    "less-than-lines": "<<<<<<< SEARCH\n" * 30_000,
    "equals-lines": "=======\n" * 60_000,
    "mixed-markers": "<<<<<<< SEARCH\n=======\n" * 20_000,
    "search-blocks": SEARCH * 8_000,
    "braces": "{" * 100_000,
    "brackets": '[{"a":' * 20_000,
    "quotes": '"' * 100_000,
    "json-keys": '{"code": "' * 20_000,
    "think": "<think>" * 50_000,
    "unthink": "</think>" * 50_000,
    "tags": "<code>\n" * 50_000,
    "hunks": "@@ -1 +1 @@\n-a\n+b\n" * 20_000,
    "plus-lines": "+a\n" * 200_000,
    "prose": "This is a sentence that goes on. " * 30_000,
    "prose-lines": "This is a sentence\n" * 50_000,
    "paths": "a/" * 200_000 + "\n```python\n" + ADD + "```",
    "dots": "..." * 100_000,
    "numbers": "1 | x\n" * 60_000,
    "one-line": "x = 1; " * 100_000,
    "functions": "def f():\n    return 1\n\n\n" * 12_000,
    "fenced-functions": fenced(ADD) * 5_000,
    "escapes": "\\n" * 300_000,
    "entities": "&lt;" * 100_000,
    "comments": "# ... rest of the code\n" * 40_000,
    "parameters": "<parameter=a>" * 30_000,
    "search-tags": "<search>" * 30_000,
    "fields": "<path>" * 30_000,
    "closed-fields": "<path>a</" * 15_000,
    "one-word": "a" * 150_000,
}


@pytest.mark.parametrize("reply", [pytest.param(text, id=name) for name, text in LARGE.items()])
def test_large_replies(reply: str) -> None:
    holds(reply)
