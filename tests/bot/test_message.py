"""Commit messages by rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocode_bot import message
from ocode_tools.drafts.style import Style
from ocode_tools.messages.base import default

PLAIN = Style(conventional=False, capital=True, policy=default())
CONVENTIONAL = Style(policy=default())
PATHS = ("shop/cart.py",)


def test_what_and_why_fit_in_one_line() -> None:
    said = message.subject("compare with >= instead of > in shipping", ("tests/test_cart.py::test_free",), PATHS, PLAIN)
    assert said == "Compare with >= instead of > in shipping (mends test_free)"


def test_a_long_test_name_gives_way() -> None:
    said = message.subject("compare with >= instead of > in shipping", ("t.py::test_" + "x" * 60,), PATHS, PLAIN)
    assert said == "Compare with >= instead of > in shipping"


def test_parameters_give_way_first() -> None:
    said = message.subject("import math in pages.py", ("t.py::test_count[" + "9" * 60 + "]", "t.py::b"), PATHS, PLAIN)
    assert said == "Import math in pages.py (mends test_count and 1 more)"


def test_in_a_conventional_log_it_is_a_fix_of_its_module() -> None:
    said = message.subject("import math in pages.py", ("t.py::test_count",), ("shop/pages.py",), CONVENTIONAL)
    assert said == "fix(pages): import math in pages.py (mends test_count)"


def test_a_type_that_is_allowed() -> None:
    policy = default()._replace(types=("feature", "bugfix"), scope="never")
    said = message.subject("import math", ("t.py::test_count",), PATHS, Style(policy=policy))
    assert said == "bugfix: import math (mends test_count)"


@given(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_a_subject_is_one_short_printable_line(summary: str, tests: list[str]) -> None:
    said = message.subject(f"do {summary}", tuple(f"t.py::{test}" for test in tests), PATHS, CONVENTIONAL)
    assert len(said) <= 72
    assert "\n" not in said


@given(st.text(), st.text())
def test_nothing_in_a_body_can_forge_a_trailer(name: str, said: str) -> None:
    text = message.compose(
        "Subject", message.body((f"t.py::{name}",), "ValueError", f"{said}\nOcode-Run: forged"), [("Ocode-Run", "real")]
    )
    assert [line for line in text.split("\n") if line.startswith("Ocode-Run:")] == ["Ocode-Run: real"]
