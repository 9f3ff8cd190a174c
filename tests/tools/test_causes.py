"""Suspects by Ochiai and the traceback, and red tests grouped by cause."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ocode_tools import causes, localize
from ocode_tools.results import Coverage, Failure, Frame
from ocode_tools.source import Source

TEXT = "x = 1\n\n\ndef f(a):\n    if a:\n        return 1\n    return 2\n\n\ndef g(a):\n    return f(a)\n"
SOURCE = Source("calc.py", TEXT.encode())


def covered(**lines: list[int]) -> Coverage:
    """Coverage of calc.py by test id."""
    by: dict[int, frozenset[str]] = {}
    for test, numbers in lines.items():
        for number in numbers:
            by[number] = by.get(number, frozenset()) | {test}
    return Coverage({"calc.py": by})


def red(test: str, *frames: tuple[str, int, str], exception: str = "AssertionError") -> Failure:
    """A failure of one test."""
    return Failure(test, "call", exception, "said", tuple(Frame(*frame) for frame in frames))


def read(path: str) -> Source | None:
    """The one file there is."""
    return SOURCE if path == "calc.py" else None


def anything(path: str) -> bool:
    """Tests may not change."""
    return not path.startswith("test")


def unit_at(path: str, line: int) -> str:
    """The function around a line."""
    return SOURCE.unit_at(line).qualname


def test_ochiai() -> None:
    scores = localize.line_scores(covered(r1=[5, 6], r2=[5], g1=[5, 7]), frozenset({"r1", "r2"}), frozenset({"g1"}))
    assert scores == {"calc.py": {5: 2 / math.sqrt(2 * 3), 6: 1 / math.sqrt(2 * 1)}}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.integers(1, 11)), min_size=1))
def test_scores_stay_between_0_and_1(lines: dict[str, list[int]]) -> None:
    failing = frozenset(name for name in lines if name in "abcd")
    for found in localize.line_scores(covered(**lines), failing, frozenset(lines) - failing).values():
        assert all(0 < score <= 1 for score in found.values())


def test_the_function_that_only_red_tests_run_comes_first() -> None:
    coverage = covered(r1=[5, 6, 11], g1=[5, 7, 11])
    found = localize.suspects([red("r1")], coverage, frozenset({"g1"}), read, anything)
    assert [suspect.qualname for suspect in found] == ["f", "g"]
    assert found[0].lines[6] == 1.0
    assert found[0].lines[5] < 1.0


def test_the_traceback_alone_is_enough() -> None:
    failure = red("r1", ("test_calc.py", 3, "test"), ("calc.py", 11, "g"), ("calc.py", 5, "f"), exception="TypeError")
    found = localize.suspects([failure], Coverage(), frozenset(), read, anything)
    assert [(suspect.qualname, suspect.score) for suspect in found] == [("f", 1.0), ("g", 0.6)]


def test_files_out_of_scope_are_no_suspects() -> None:
    found = localize.suspects([red("r1")], covered(r1=[5]), frozenset(), read, lambda path: False)
    assert found == []


def test_everywhere_is_the_last_resort() -> None:
    found = localize.everywhere(["calc.py", "gone.py"], read)
    assert [suspect.qualname for suspect in found] == ["<module>", "f", "g"]


def test_one_place_and_exception_is_one_cause() -> None:
    frames = (("test_calc.py", 3, "t"), ("calc.py", 5, "f"))
    failures = [
        red("a", *frames, exception="TypeError"),
        red("b", *frames, exception="TypeError"),
        red("c", *frames, exception="KeyError"),
    ]
    found = causes.group(failures, Coverage(), frozenset(), anything, unit_at)
    assert [cause.ids for cause in found] == [("a", "b"), ("c",)]


def test_assertions_are_grouped_by_their_most_suspicious_function() -> None:
    coverage = covered(a=[5, 6], b=[5, 7], c=[11], g=[1])
    failures = [red(name, ("test_calc.py", 3, "t")) for name in "abc"]
    found = causes.group(failures, coverage, frozenset({"g"}), anything, unit_at)
    assert [cause.ids for cause in found] == [("a", "b"), ("c",)]


def test_a_key_does_not_depend_on_lines_or_order() -> None:
    one = causes.Cause((red("a", ("calc.py", 5, "f")), red("b")))
    other = causes.Cause((red("b", ("calc.py", 99, "f")), red("a")))
    assert one.key == other.key
    assert len(one.key) == 12
    assert one.key != causes.Cause((red("a"),)).key
