"""How a suite is started: a Protocol and an explicit dict; any other runner works through a command of the user's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ocode_tools.errors import SetupError, UsageError
from ocode_tools.interpreter import Interpreter

INSIDE = Path(__file__).parent / "inside"
NO_TESTS = 'no tests found; name the command in .ocode.toml:  [tests]  command = "make test"'


class Runner(Protocol):
    """Says which command runs tests in the project's folder, and what its environment adds."""

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        ...

    def command(self, python: Interpreter, files: Sequence[str]) -> list[str]:
        """The command for all tests, or for those in `files` (paths from the project's folder)."""
        ...

    def shown(self, python: Interpreter) -> list[str]:
        """The command as a person would type it."""
        ...

    def variables(self, python: Interpreter) -> Mapping[str, str]:
        """Environment variables that the command needs."""
        ...


def _quiet(python: Interpreter) -> list[str]:
    """Pytest options that keep a run plain: our plugin, no cache, no other process, no second coverage."""
    options = ["-p", "ocode_pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors", "--maxfail=0"]
    if "xdist" in python.modules:
        options.append("-n0")
    if "pytest_cov" in python.modules:
        options.append("--no-cov")
    return options


@dataclass(frozen=True, slots=True)
class Pytest:
    """`python -m pytest`, with our plugin."""

    name: str = "pytest"

    def command(self, python: Interpreter, files: Sequence[str]) -> list[str]:
        """See `Runner`. A name that pytest would split or read as an option falls back to the whole suite."""
        odd = any("::" in file or "[" in file or file.startswith("-") for file in files)
        return [str(python.executable), "-m", "pytest", "-q", "--tb=no", *_quiet(python), *([] if odd else files)]

    def shown(self, python: Interpreter) -> list[str]:
        """See `Runner`."""
        return [python.executable.name, "-m", "pytest"]

    def variables(self, python: Interpreter) -> Mapping[str, str]:
        """See `Runner`."""
        return {}


@dataclass(frozen=True, slots=True)
class Unittest:
    """Discovery as `python -m unittest` does it, by a runner of ours that reports each test as it ends."""

    name: str = "unittest"

    def command(self, python: Interpreter, files: Sequence[str]) -> list[str]:
        """See `Runner`; the selection is by id."""
        return [str(python.executable), str(INSIDE / "ocode_unittest.py")]

    def shown(self, python: Interpreter) -> list[str]:
        """See `Runner`."""
        return [python.executable.name, "-m", "unittest"]

    def variables(self, python: Interpreter) -> Mapping[str, str]:
        """See `Runner`."""
        return {}


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the user's: read by our plugin where it ends in pytest, else by exit code and output."""

    words: tuple[str, ...]
    name: str = "command"

    def command(self, python: Interpreter, files: Sequence[str]) -> list[str]:
        """See `Runner`; the selection is by id."""
        return list(self.words)

    def shown(self, python: Interpreter) -> list[str]:
        """See `Runner`."""
        return list(self.words)

    def variables(self, python: Interpreter) -> Mapping[str, str]:
        """See `Runner`: pytest(1) reads PYTEST_ADDOPTS."""
        return {"PYTEST_ADDOPTS": shlex.join(_quiet(python))} if "pytest" in python.modules else {}


RUNNERS: Mapping[str, Callable[[], Runner]] = {"pytest": Pytest, "unittest": Unittest}

_PYTEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")


def has_pytest_tests(files: Sequence[str]) -> bool:
    """Whether any path looks like a test file to pytest."""
    return any(_PYTEST_FILE.search(path) for path in files)


def split(command: str) -> Runner:
    """A command line as a shell would split it, without a shell. Raises `UsageError` for an open quote."""
    try:
        words = shlex.split(command)
    except ValueError as problem:
        raise UsageError(f"--test-cmd: {problem} in {command!r}") from None
    if not words:
        raise UsageError("--test-cmd is empty")
    return Command(tuple(words))


def choose(
    command: str, python: Interpreter, files: Sequence[str], uses_unittest: bool, testless: bool = False
) -> Runner:
    """The configured command, else pytest, else unittest. Raises `SetupError` where there is nothing to run, unless
    that is all right (`testless`): then what would run tests if there were any."""
    if command:
        return split(command)
    if "pytest" in python.modules and (has_pytest_tests(files) or uses_unittest):
        return RUNNERS["pytest"]()
    if uses_unittest:
        return RUNNERS["unittest"]()
    if testless:
        return RUNNERS["pytest" if "pytest" in python.modules else "unittest"]()
    if has_pytest_tests(files):
        raise SetupError(f"the tests look like pytest's, but {python.executable} has none; pip install pytest there")
    raise SetupError(NO_TESTS)
