"""Which command runs the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocode_tools.errors import SetupError, UsageError
from ocode_tools.interpreter import Interpreter
from ocode_tools.runners import Command, choose, split


def python(*modules: str) -> Interpreter:
    """An interpreter with these modules."""
    return Interpreter(Path("/env/bin/python"), "", (3, 11), Path("/env"), Path("/usr"), (), frozenset(modules))


def test_the_order_of_choice() -> None:
    tests = ["tests/test_a.py"]
    assert choose("make test", python("pytest"), tests, True) == Command(("make", "test"))
    assert choose("", python("pytest"), tests, True).name == "pytest"
    assert choose("", python("pytest"), ["suite.py"], True).name == "pytest"
    assert choose("", python(), tests, True).name == "unittest"
    with pytest.raises(SetupError, match="pip install pytest there"):
        choose("", python(), tests, False)
    with pytest.raises(SetupError, match=r'\[tests\]  command = "make test"'):
        choose("", python("pytest"), ["a.py"], False)


def test_a_command_is_split_without_a_shell() -> None:
    assert split("sh -c 'a && b' --x=\"1 2\"") == Command(("sh", "-c", "a && b", "--x=1 2"))
    assert split("echo $HOME; rm *") == Command(("echo", "$HOME;", "rm", "*"))
    with pytest.raises(UsageError, match="No closing quotation"):
        split("pytest 'open")


def test_options_follow_what_is_installed() -> None:
    runner = choose("", python("pytest", "xdist", "pytest_cov"), ["test_a.py"], False)
    assert {"-n0", "--no-cov"} <= set(runner.command(python("pytest", "xdist", "pytest_cov"), []))
    assert not {"-n0", "--no-cov"} & set(runner.command(python("pytest"), []))


@pytest.mark.parametrize("odd", ["-x.py", "a::b.py", "test_[1].py"])
def test_names_that_pytest_would_misread_are_left_to_the_selection(odd: str) -> None:
    runner = choose("", python("pytest"), ["test_a.py"], False)
    assert runner.command(python("pytest"), ["test_a.py"])[-1] == "test_a.py"
    assert odd not in runner.command(python("pytest"), [odd])


def test_people_see_what_they_would_type() -> None:
    assert choose("", python("pytest"), ["test_a.py"], False).shown(python("pytest")) == ["python", "-m", "pytest"]
    assert choose("", python(), [], True).shown(python()) == ["python", "-m", "unittest"]
