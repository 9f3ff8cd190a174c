"""Unittest's side of ocode_warm: serves with tests that ocode_unittest has found. Python 3.8, standard library only."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocode_tools.inside.ocode_child import Begin, End, silence
    from ocode_tools.inside.ocode_pytest import safe
    from ocode_tools.inside.ocode_swap import Watch
    from ocode_tools.inside.ocode_warm import Server, said_by
else:
    from ocode_child import Begin, End, silence
    from ocode_pytest import safe
    from ocode_swap import Watch
    from ocode_warm import Server, said_by

__all__ = ["Result", "Watch", "serve"]


class Result(unittest.TestResult):
    """Tells of each test as it ends."""

    def __init__(self, name: Callable[[Any], str], begin: Begin, end: End) -> None:
        super().__init__()
        self._name, self._tell_begin, self._tell_end = name, begin, end
        self._bad = ""

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self._bad = ""
        self._tell_begin(self._name(test))

    def stopTest(self, test: Any) -> None:
        super().stopTest(test)
        if not self._tell_end(self._name(test), not self._bad, self._bad):
            self.stop()

    def _exc_info_to_string(self, err: Any, test: Any) -> str:
        self._bad = self._bad or safe(lambda: said_by(err[1]), "failed")
        return ""

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        if hasattr(test, "description"):  # a class or module that was not set up, or not torn down
            raise SystemExit(1)

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._bad = "skipped"

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._bad = "expected failure"

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._bad = "passed, but was expected to fail"


def serve(tests: list[Any], name: Callable[[Any], str], watch: Watch) -> None:
    """Serve with unittest's tests; `name` gives their ids."""
    known = {name(test): test for test in tests}

    def run(chosen: list[str], begin: Begin, end: End) -> None:
        silence()
        unittest.TestSuite([test for one, test in known.items() if one in chosen]).run(Result(name, begin, end))

    Server(run, list(known), watch, lambda: None, {}).serve()
