"""A file, the reply to a question about it, and what has to come of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from ocode_tools.replies import Refusal, Target, read

CALC = '''"""A calculator."""

import math

LIMIT = 10


def add(a, b):
    """Add two numbers."""
    if a is None:
        a = 0
    return a - b


def area(radius):
    """The area of a circle."""
    return math.pi * radius**2


class Stack:
    """A stack."""

    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        if not self.items:
            return None
        return self.items.pop(0)


class Queue:
    """A queue."""

    def __init__(self):
        self.items = []

    def pop(self):
        return self.items.pop(0)
'''
FIXED = CALC.replace("return a - b", "return a + b")
OLD = '''def add(a, b):
    """Add two numbers."""
    if a is None:
        a = 0
    return a - b
'''
ADD = OLD.replace("a - b", "a + b")
A, B = "    return a - b\n", "    return a + b\n"
POP = """    def pop(self):
        if not self.items:
            return None
        return self.items.pop()
"""
POPPED = CALC.replace(
    "            return None\n        return self.items.pop(0)",
    "            return None\n        return self.items.pop()",
)
STACK = POPPED[POPPED.index("class Stack") : POPPED.index("\n\nclass Queue")]


@dataclass(frozen=True, slots=True)
class Case:
    """A reply about `path`, whose text is `text`, and the text it has to become; None: a refusal with these words."""

    id: str
    reply: str
    wanted: str | bytes | None = FIXED
    said: str = ""
    text: str | bytes | None = CALC
    names: tuple[str, ...] = ("add",)
    path: str = "src/calc.py"


def fenced(
    code: str, info: str = "python", before: str = "Here is the fix:\n\n", after: str = "\nThat mends it.\n"
) -> str:
    """Code as most models give it."""
    return f"{before}```{info}\n{code}```\n{after}"


def table(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """The cases as parameters of a test."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases])


def judge(case: Case) -> None:
    """Read the reply and compare."""
    data = case.text.encode() if isinstance(case.text, str) else case.text
    outcome = read(case.reply, [Target(case.path, data, case.names)])
    if case.wanted is None:
        assert isinstance(outcome, Refusal), outcome[0].after
        sound(outcome)
        assert case.said in outcome.reason
        return
    wanted = case.wanted.encode() if isinstance(case.wanted, str) else case.wanted
    assert not isinstance(outcome, Refusal), outcome
    assert [(edit.path, edit.before) for edit in outcome] == [(case.path, data)]
    assert (outcome[0].after or b"").decode("utf-8", "replace") == wanted.decode("utf-8", "replace")
    assert outcome[0].after == wanted


def sound(refusal: Refusal) -> None:
    """A refusal says why in one line and what to do."""
    assert refusal.reason
    assert refusal.tell
    assert "\n" not in refusal.reason
    assert refusal.reason.isprintable() or ast.literal_eval(repr(refusal.reason)) == refusal.reason
