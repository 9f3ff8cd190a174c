"""Tests from recorded values: they say what the code does today, and are named and marked so."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from ocode_tools.newtests.answer import Answer, made
from ocode_tools.newtests.checks import Subject
from ocode_tools.newtests.habits import Style
from ocode_tools.newtests.inputs import Call
from ocode_tools.source import TOO_HARD, parse

MOST = 6  # values of one test
LONGEST = 160  # characters of a value
MARK = "Characterization: recorded from the code as it was, not from what it should do."
# Raised by mistake more often than on purpose.
_ACCIDENTS = {"TypeError", "AttributeError", "NameError", "RecursionError", "UnboundLocalError", "AssertionError"} | {
    "MemoryError",
    "Timeout",
    "SystemExit",
    "KeyboardInterrupt",
    "ImportError",
    "ModuleNotFoundError",
}


@dataclass(frozen=True, slots=True)
class Record:
    """What came of a call: `value` is its result as a literal, or `raised` the name of a built-in exception."""

    call: Call
    value: str = ""
    raised: str = ""


def records(calls: Sequence[Call], output: bytes) -> list[Record]:
    """What `inside/ocode_record.py` said about calls, in their order; those that say nothing sure are left out."""
    found: list[Record] = []
    for line in output.split(b"\n"):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(said, dict):
            continue
        fields = cast("dict[str, Any]", said)
        number = fields.get("call")
        if type(number) is not int or not 0 <= number < len(calls):
            continue
        value, raised = str(fields.get("value", "")), str(fields.get("raised", ""))
        if value and len(value) <= LONGEST and _is_literal(value):
            found.append(Record(calls[number], value=value))
        elif raised.isidentifier() and raised not in _ACCIDENTS:
            found.append(Record(calls[number], raised=raised))
    return found


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, TypeError, *TOO_HARD):
        return False
    return True


def contradicted(found: Sequence[Record]) -> list[Record]:
    """Those where the docstring's own example says otherwise."""
    return [one for one in found if one.call.expected and _differs(one.call.expected, one)]


def _differs(expected: str, record: Record) -> bool:
    if expected.startswith("Traceback"):
        return not record.raised or not expected.splitlines()[-1].startswith(record.raised)
    if record.raised:
        return True
    try:
        return bool(ast.literal_eval(expected) != ast.literal_eval(record.value))
    except (ValueError, TypeError, *TOO_HARD):
        return False  # not spelt as a value: nothing can be said


def chosen(found: Sequence[Record]) -> list[Record]:
    """The values that a test gets: different ones first, at most a few; nothing where all are alike or empty."""
    values = [one for one in found if not one.raised]
    distinct: dict[str, Record] = {}
    for one in values:
        distinct.setdefault(one.value, one)
    kept = list(distinct.values())[:MOST]
    telling = [one for one in kept if one.value not in ("None", "''", "[]", "{}", "()", "False", "0", "b''")]
    raising: dict[str, Record] = {}
    for one in found:
        if one.raised and one.call.origin != "annotations":
            raising.setdefault(one.raised, one)
    return (
        [*kept, *raising.values()] if telling and (len(distinct) > 1 or values[0].call.origin != "annotations") else []
    )


def render(subject: Subject, found: Sequence[Record], style: Style) -> Answer:
    """A module with one test for the values and one for each exception."""
    name = subject.name.partition(".")[0]
    call = subject.name
    stem = subject.name.replace(".", "_").lower()
    values = [one for one in found if not one.raised]
    lines = [f"from {subject.module} import {name}", "", ""]
    if style == "unittest":
        lines = [
            "import unittest",
            "",
            *lines,
            f"class Test{stem.title().replace('_', '')}Recorded(unittest.TestCase):",
        ]
    elif any(one.raised for one in found):
        lines = ["import pytest", "", *lines]
    pad, self = ("    ", "self") if style == "unittest" else ("", "")
    body: list[str] = []
    if values:
        body += [f"{pad}def test_{stem}_recorded({self}):", f'{pad}    """{MARK}"""']
        body += [f"{pad}    {_equal(f'{call}({one.call.arguments})', one.value, style)}" for one in values]
    for one in found:
        if one.raised:
            body += ["", *([] if style == "unittest" else [""])] if body else []
            body += [f"{pad}def test_{stem}_recorded_{one.raised.lower()}({self}):", f'{pad}    """{MARK}"""']
            with_ = f"self.assertRaises({one.raised})" if style == "unittest" else f"pytest.raises({one.raised})"
            body += [f"{pad}    with {with_}:", f"{pad}        {call}({one.call.arguments})"]
    return made("\n".join([*lines, *body]) + "\n")


def _equal(call: str, value: str, style: Style) -> str:
    if style == "unittest":
        return f"self.assertEqual({call}, {value})"
    if value in ("True", "False", "None"):
        return f"assert {call} is {value}"
    return ast.unparse(parse(f"assert {call} == {value}"))
