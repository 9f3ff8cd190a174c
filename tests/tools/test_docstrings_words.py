"""A model's words: read out of any answer, tidied, refused where they say nothing or name what is not there."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.docstrings import prose
from ocode_tools.docstrings.answers import read
from ocode_tools.docstrings.gates import only_docstrings
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import Style, Words
from ocode_tools.docstrings.sections import parse
from ocode_tools.docstrings.words import Heard, skeleton

CODE = """import re

LIMIT = 3


class ParseError(ValueError):
    pass


def parse_duration(text, unit="s", *parts, strict=False):
    if not text:
        raise ParseError(text)
    for part in parts:
        re.match(text, part)
    return float(text)


class Cart:
    def __init__(self, owner):
        self.owner = owner

    @property
    def total(self):
        return 1
"""
PAGE = Page("times.py", CODE.encode())
STYLE = Style()
GOOD = {
    "summary": "Turn a text such as 1h30 into seconds.",
    "details": "Spaces around it are ignored.",
    "text": "What the user typed.",
    "unit": "Scale of a bare number.",
    "parts": "Pieces that have to match.",
    "strict": "Whether a bare number is refused.",
    "returns": "Length in seconds.",
    "raises_ParseError": "If nothing was typed.",
}


def heard(said: dict[str, str], name: str = "parse_duration", style: Style = STYLE) -> Heard:
    """What is left of an answer for a unit of CODE."""
    unit = next(unit for unit in PAGE.units if unit.qualname == name)
    return PAGE.reader(unit, PAGE.facts(unit, style), style).read(said)


def written(said: dict[str, str], name: str = "parse_duration", style: Style = STYLE) -> str:
    """The docstring that an answer makes, by Python's reading of the file with it."""
    unit = next(unit for unit in PAGE.units if unit.qualname == name)
    words = heard(said, name, style).words
    assert words is not None
    out = PAGE.put(PAGE.insertion(unit, words, PAGE.facts(unit, style), style))
    assert only_docstrings("times.py", PAGE.data, out) is None
    assert max(map(len, out.decode().splitlines())) <= style.width
    found = next(unit for unit in Page("times.py", out).units if unit.qualname == name).doc
    assert found is not None
    assert isinstance(found.value, str)
    return found.value


def test_google() -> None:
    assert written(GOOD) == (
        "Turn a text such as 1h30 into seconds.\n\n    Spaces around it are ignored.\n\n    Args:\n"
        "        text: What the user typed.\n        unit: Scale of a bare number.\n"
        "        *parts: Pieces that have to match.\n        strict: Whether a bare number is refused.\n\n"
        "    Returns:\n        Length in seconds.\n\n    Raises:\n        ParseError: If nothing was typed.\n    "
    )


def test_numpy() -> None:
    style = Style("numpy", types=True, result_types=True, below=True)
    text = written(GOOD, style=style)
    assert text.startswith("\n    Turn a text such as 1h30 into seconds.\n\n    Spaces")
    assert "    Parameters\n    ----------\n    text\n        What the user typed.\n" in text
    assert "    *parts\n        Pieces" in text
    assert "    Raises\n    ------\n    ParseError\n        If nothing was typed.\n" in text


def test_sphinx() -> None:
    text = written(GOOD, style=Style("sphinx"))
    assert "\n\n    :param text: What the user typed.\n    :param unit: Scale of a bare number.\n" in text
    assert "\n    :param parts: Pieces that have to match.\n" in text
    assert "    :param \\*parts: Pieces" in written(GOOD, style=Style("sphinx", strict=True))
    assert text.endswith("\n    :returns: Length in seconds.\n    :raises ParseError: If nothing was typed.\n    ")


def test_plain() -> None:
    text = written(GOOD, style=Style("plain"))
    assert text == "Turn a text such as 1h30 into seconds.\n\n    Spaces around it are ignored.\n    "


@pytest.mark.parametrize(("form", "convention"), [("google", "google"), ("numpy", "numpy"), ("sphinx", "pep257")])
def test_the_linter_has_nothing_against_it(form: str, convention: str) -> None:
    style = replace(STYLE, form=form)  # type: ignore[arg-type]
    changes = [
        change
        for unit in PAGE.units
        if (words := heard(GOOD, unit.qualname, style).words) and unit.name != "__init__"
        for change in PAGE.insertion(unit, words, PAGE.facts(unit, style), style)
    ]
    flags = ["--isolated", "--select=D", "--ignore=D107", f"--config=lint.pydocstyle.convention='{convention}'"]
    command = [sys.executable, "-m", "ruff", "check", *flags, "--output-format=concise", "-"]
    done = subprocess.run(command, input=PAGE.put(changes), capture_output=True, check=False)
    assert (done.returncode, len(changes)) == (0, 5), done.stdout.decode()


@pytest.mark.parametrize("form", ["google", "numpy", "sphinx"])
def test_what_is_written_is_read_again(form: str) -> None:
    style = replace(STYLE, form=form)  # type: ignore[arg-type]
    parsed = parse(written(GOOD, style=style))
    assert (parsed.form, parsed.summary) == (form, GOOD["summary"])
    assert {name: text for entries in parsed.entries.values() for name, text in entries.items()} == {
        **{name: GOOD[name] for name in ("text", "unit", "parts", "strict")},
        "": GOOD["returns"],
        "ParseError": GOOD["raises_ParseError"],
    }


@pytest.mark.parametrize(
    ("summary", "result"),
    [
        ("Returns the length in seconds", "Return the length in seconds."),
        ("This function converts a text to seconds.", "Convert a text to seconds."),
        ("The method that computes how long it takes", "Compute how long it takes."),
        ('"Turn a text into seconds."', "Turn a text into seconds."),
        ("**Summary:** Turn a text into seconds", "Turn a text into seconds."),
        ("turn a text into seconds!", "Turn a text into seconds."),
        ("Turn a text into \u201cseconds\u201d \u2013 fast", 'Turn a text into "seconds" - fast.'),
        ("Turn `text` into seconds with re.match().", "Turn `text` into seconds with re.match()."),
        ("Turn a text into seconds, e.g. for timeouts.", "Turn a text into seconds, e.g. for timeouts."),
        (
            "Turn a text that a person typed into a number of seconds, which is then used for all timeouts",
            "Turn a text that a person typed into a number of seconds.",
        ),
    ],
)
def test_summaries_are_tidied(summary: str, result: str) -> None:
    words = heard({"summary": summary}).words
    assert words is not None
    assert words.summary == result


def test_the_mood_is_the_repositorys() -> None:
    words = heard({"summary": "Turn a text into seconds"}, style=Style(descriptive=True, stop=False)).words
    assert words is not None
    assert words.summary == "Turns a text into seconds"


@pytest.mark.parametrize(
    ("summary", "problem"),
    [
        ("", "summary is missing"),
        ("Parse duration.", "summary says no more than the name"),
        ("Parses the given duration value.", "summary says no more than the name"),
        ("parse_duration", "summary says no more than the name"),
        ("This function parses durations", "summary says no more than the name"),
        ("TODO: describe the timing", "summary holds the placeholder 'TODO'"),
        ("_description_ of seconds", "summary holds the placeholder '_description_'"),
        ("Turn it into seconds with `tomli.loads`", "summary names 'tomli.loads', which is not in the file"),
        ("Turn it into seconds or raise TypoError", "summary names 'TypoError', which is not in the file"),
        ("Call parse_time() to get seconds", "summary names 'parse_time', which is not in the file"),
        (">>> seconds of a clock", "summary holds an example"),
        ("Turn it into seconds, or what???", "summary holds the placeholder '???'"),
        ("x" * 100, "summary has 100 characters; at most 77 fit on its line"),
    ],
)
def test_summaries_that_are_refused(summary: str, problem: str) -> None:
    found = heard({**GOOD, "summary": summary})
    assert found.words is None
    assert found.problems[0] == problem


@pytest.mark.parametrize(
    ("name", "summary", "good"),
    [
        ("Cart", "A cart.", False),
        ("Cart", "Class representing a cart object.", False),
        ("Cart", "What a customer wants to buy.", True),
        ("<module>", "This module provides lengths of time.", True),
        ("Cart.total", "The total.", False),
        ("Cart.total", "Sum that is to be paid.", True),
        ("ParseError", "Parse error exception.", True),
        ("<module>", "Lengths of time as people type them.", True),
    ],
)
def test_the_floor_for_what_is_named(name: str, summary: str, good: bool) -> None:
    assert (heard({"summary": summary}, name).words is not None) is good


@pytest.mark.parametrize(
    ("key", "text", "result"),
    [
        ("text", "text: What the user typed", "What the user typed."),
        ("text", "`text` (str): what the user typed.", "What the user typed."),
        ("text", "The text.", None),
        ("text", "The text parameter", None),
        ("text", "", None),
        ("text", "What `typed_by_user` holds", None),
        ("unit", "Scale of a bare number. Defaults to 's'.", "Scale of a bare number. Defaults to 's'."),
        ("unit", "Scale of a bare number, defaults to minutes.", "Scale of a bare number."),
        ("raises_ParseError", "Raised when nothing was typed", "When nothing was typed."),
        ("raises_ParseError", "Raises a ParseError if nothing was typed", "If nothing was typed."),
        ("returns", "Returns the length in seconds", "The length in seconds."),
        ("returns", "The result.", None),
    ],
)
def test_entries_are_tidied_or_refused(key: str, text: str, result: str | None) -> None:
    found = heard({**GOOD, key: text})
    assert found.words is not None
    if result:
        assert found.words.entries[key] == result
    else:
        assert found.problems
        assert key not in found.words.entries


def test_half_a_list_is_none() -> None:
    found = heard({**GOOD, "strict": "Strict."})
    assert found.words == Words(GOOD["summary"], GOOD["details"])
    assert found.problems == ("strict says no more than 'strict'",)


def test_an_exception_without_words_is_left_out_unless_linters_ask_for_it() -> None:
    said = {**GOOD, "raises_ParseError": ""}
    loose, strict = heard(said).words, heard(said, style=Style(strict=True)).words
    assert loose is not None
    assert strict is not None
    assert (len(loose.entries), len(strict.entries)) == (5, 0)


@pytest.mark.parametrize(
    "details",
    [
        ">>> parse_duration('1h')\n3600.0",
        "```python\nparse_duration('1h')\n```",
        "Args:\n    text: What it is.",
        "Turn a text such as 1h30 into seconds.",
        "See `other_module.thing` for more.",
        "Raises KeyError for another unit.",
    ],
)
def test_details_that_go(details: str) -> None:
    words = heard({**GOOD, "details": details}).words
    assert words is not None
    assert words.details == ""


def test_quotes_and_backslashes_stay_what_they_are() -> None:
    said = {**GOOD, "summary": 'Split at \\n and """ of it.', "details": 'It ends with a "quote"'}
    text = written(said)
    assert text.startswith('Split at \\n and """ of it.\n\n    It ends with a "quote".')


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.text(st.sampled_from("ab\\\"' \n#\t{}`"), max_size=40),
    st.sampled_from(["google", "numpy", "sphinx", "plain"]),
)
def test_no_text_breaks_a_file(summary: str, text: str, form: str) -> None:
    unit = next(unit for unit in PAGE.units if unit.qualname == "parse_duration")
    style = replace(STYLE, form=form)  # type: ignore[arg-type]
    facts = PAGE.facts(unit, style)
    said = {**GOOD, "summary": f"Turn seconds {summary}", "details": text, "text": f"Typed {text}"}
    words = PAGE.reader(unit, facts, style).read(said).words
    if words is None:
        return
    out = PAGE.put(PAGE.insertion(unit, words, facts, style))
    assert only_docstrings("times.py", PAGE.data, out) is None
    ast.parse(out)


ENTRIES = PAGE.facts(next(u for u in PAGE.units if u.qualname == "parse_duration"), STYLE).entries
DOCSTRING = '''def parse_duration(text, unit):
    """Turn a text into seconds.

    Args:
        text (str): What the user typed.

    Raises:
        ParseError: If nothing was typed.
    """
'''


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (json.dumps(GOOD), GOOD),
        (f"Sure! Here it is:\n```json\n{json.dumps(GOOD, indent=2)}\n```\nHope it helps {{}}.", GOOD),
        (f"<think>{{}} hm</think>{json.dumps(GOOD)}", GOOD),
        (json.dumps(GOOD)[:-1] + ",}", GOOD),
        (json.dumps({"summary": "A.", "params": {"text": "B."}, "raises": {"ParseError": "C."}}),
         {"summary": "A.", "text": "B.", "raises_ParseError": "C."}),
        (json.dumps({"Summary": "A.", "args": [{"name": "text", "description": "B."}], "return": "D."}),
         {"summary": "A.", "text": "B.", "returns": "D."}),
        ("summary: A.\ndetails:\n- text: B\n  goes on\n**returns**: D.\nother: E.",
         {"summary": "A.", "text": "B goes on", "returns": "D."}),
        (f"```python\n{DOCSTRING}    pass\n```",
         {"summary": "Turn a text into seconds.", "text": "What the user typed.",
          "raises_ParseError": "If nothing was typed."}),
        (json.dumps({"docstring": '"""Turn it.\n\nReturns:\n    int: D."""'}),
         {"summary": "Turn it.", "returns": "D."}),
        ('{"summary": "A", "text": "B', "JSON that was cut off or has other keys"),
        ("I cannot do that.", "prose without the keys that were asked for"),
        ("", "an empty answer"),
    ],
)  # fmt: skip
def test_answers_of_every_kind(reply: str, found: dict[str, str] | str) -> None:
    said = read(reply, ENTRIES)
    assert ({key: text for key, text in said.items() if text} if isinstance(said, dict) else said) == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Use `LIMIT` and re.match().", ""),
        ("A snake_case name", "snake_case"),
        ("Raises KeyError or ParseError", "KeyError"),
        ("Raises a ParseError", ""),
        ("Raises LostError", "LostError"),
        ("`x + 1` of it", ""),
        ("Send e.g. to example.com (JavaScript)", ""),
    ],
)
def test_names_in_prose(text: str, name: str) -> None:
    assert prose.unknown(text, prose.known_names(CODE), frozenset({"ParseError"})) == name


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("def f(a) -> int:\n    if a: raise ValueError\n    return 1\n", "Return int; raise ValueError."),
        ("def g(): raise OSError\ndef f(): g()\n", "Raise OSError (raised by g())."),
        ("def f(a): return a\n", None),
    ],
)
def test_a_skeleton_says_facts_or_nothing(code: str, text: str | None) -> None:
    page = Page("a.py", code.encode())
    unit = next(unit for unit in page.units if unit.qualname == "f")
    found = skeleton(unit, page.facts(unit, STYLE), STYLE)
    assert (found and found.summary) == text
