"""What a person is told, and the letter cases that rules may ask for."""

from __future__ import annotations

import pytest

from ocode_tools.messages import report
from ocode_tools.messages.base import Problem, shown
from ocode_tools.messages.cases import KNOWN, fits
from ocode_tools.messages.policy import default
from ocode_tools.messages.text import Habits, read


def test_a_rule_broken_many_times_is_shown_a_few_times() -> None:
    problems = [Problem("body-max-line-length", line, "120 characters", "100 at most") for line in range(9)]
    told = report.lines([*problems, Problem("pattern", 1, "a", "b", warning=True)])
    assert sum("body-max-line-length" in line for line in told) == report.SHOWN + 1
    assert told[-4:] == [
        "  line 1: pattern (warning)",
        "    found:  a",
        "    passes: b",
        "  body-max-line-length: 5 more",
    ]


def test_colours_are_there_only_when_asked_for() -> None:
    problem = Problem("pattern", 1, "a", "b")
    assert "\x1b" not in "".join([report.heading(True, "x"), *report.lines([problem])])
    assert "\x1b[31m" in report.heading(True, "x", colour=True)
    assert "\x1b" not in report.heading(False, "x", colour=True)
    assert "\x1b[1mpattern" in report.lines([problem], colour=True)[0]


def test_whose_rules_they_are() -> None:
    assert report.rules(default(), "default") == "Conventional Commits"
    assert report.rules(default()._replace(style="plain"), "default") == "plain messages, as in the log"
    assert report.rules(default(), ".gitlint") == "rules: .gitlint"


@pytest.mark.parametrize(
    ("text", "habits", "auto", "amend", "command"),
    [
        ("a", Habits(), False, False, "git commit -e -F 'a b'"),
        ("a", Habits(), False, True, "git commit -e --amend -F 'a b'"),
        ("a\n;\n; b", Habits("auto"), True, False, "git -c 'core.commentChar=;' commit -e -F 'a b'"),
        (f"a\n# {'-' * 24} >8 {'-' * 24}\n", Habits(), False, False, "git commit -e -v -F 'a b'"),
        (f"a\n# {'-' * 24} >8 {'-' * 24}\n", Habits(cleanup="scissors"), False, False, "git commit -e -F 'a b'"),
        ("a\n# b", Habits(edited=False), False, False, "git commit -e --cleanup=scissors -F 'a b'"),
    ],
)
def test_the_command_that_brings_a_text_back(text: str, habits: Habits, auto: bool, amend: bool, command: str) -> None:
    assert report.again("a b", read(text.encode(), habits), auto=auto, amend=amend)[-1] == f"  {command}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain ä 修", "plain ä 修"),
        ("\x1b[2J\x9b\0\udce4\u202e\U000e0001", r"\x1b[2J\x9b\x00\xe4\u202e\U000e0001"),
        ("x" * 80, "x" * 69 + "..."),
    ],
)
def test_a_piece_of_a_message_is_one_printable_line(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(
    ("case", "good", "bad"),
    [
        ("lower-case", "close the file", "close HTTP"),
        ("upper-case", "CLOSE THE FILE", "CLOSE the file"),
        ("sentence-case", "Close the HTTP file", "close the file"),
        ("first-lower", "close the HTTP file", "Close the file"),
        ("kebab-case", "close-the-file", "close the file"),
        ("snake-case", "close_the_file", "close-the-file"),
        ("camel-case", "closeTheFile", "CloseTheFile"),
        ("pascal-case", "CloseTheFile", "closeTheFile"),
        ("start-case", "Close The File", "Close the file"),
    ],
)
def test_cases(case: str, good: str, bad: str) -> None:
    assert case in KNOWN
    assert (fits(good, case), fits(bad, case)) == (True, False)
    assert fits(f"{good} `HTTP x`" if " " in good else good, case)
    assert fits("123", case)
