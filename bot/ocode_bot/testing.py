"""How a repository's tests are run: with which Python, and by which command.

Looking costs some processes, so it is begun in a thread while the rest of ocode loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ocode_tools import interpreter, runners, sandbox
from ocode_tools.config import Loaded, value
from ocode_tools.interpreter import Interpreter
from ocode_tools.repository import Repository
from ocode_tools.runners import Runner

UNITTEST = r"^(import|from)[ \t]+unittest|\bTestCase\b"


@dataclass(frozen=True, slots=True)
class Testing:
    """What was found."""

    python: Interpreter
    runner: Runner


def look(
    repository: Repository,
    commit: str,
    loaded: Loaded,
    environ: Mapping[str, str],
    cache: Path,
    testless: bool = False,
) -> Testing:
    """Look for everything that running the tests of `commit` needs; `cache` is for environments that uv makes, and
    `testless` says that there need not be any.

    Raises `UsageError` for a configured interpreter that does not answer, `SetupError` where there is nothing to run.
    """
    uses_unittest = repository.git.ask("grep", "-q", "-E", UNITTEST, commit, "--", "*.py").code == 0
    place = repository.top / repository.project()
    named = str(value(loaded, "tests.python"))
    python = interpreter.choose(repository, place, named, environ, cache, not uses_unittest)
    files = repository.git.names("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    runner = runners.choose(str(value(loaded, "tests.command")), python, files, uses_unittest, testless)
    return Testing(python, runner)


class Ahead:
    """Looks at the commit that HEAD is, in a thread; `at` gives what was found, or looks at another commit."""

    def __init__(
        self, repository: Repository, loaded: Loaded, environ: Mapping[str, str], cache: Path, testless: bool = False
    ) -> None:
        self._look = partial(look, repository, loaded=loaded, environ=environ, cache=cache, testless=testless)
        pool = ThreadPoolExecutor(1)
        self._head: Future[tuple[str, Testing]] = pool.submit(self._look_at_head, repository)
        pool.shutdown(wait=False)

    def _look_at_head(self, repository: Repository) -> tuple[str, Testing]:
        sandbox.choose("best")  # what it finds is remembered
        head = repository.head()
        return head, self._look(head)

    def at(self, commit: str) -> Testing:
        """What was found for a commit; raises what `look` does."""
        head, found = self._head.result()
        return found if head == commit else self._look(commit)
