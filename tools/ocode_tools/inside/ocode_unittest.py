"""Runs unittest's tests as `python -m unittest discover` does, and says what happens as `ocode_pytest` does.

    python ocode_unittest.py [-s START] [-t TOP]

The environment and the events are those of ocode_pytest, which lies beside this file. Ids are `path::Class::method`; a
subtest belongs to its method. Exit code: 0 all passed, 1 something failed, 4 imports from elsewhere, 5 no tests.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import time
import unittest
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocode_tools.inside.ocode_pytest import ELSEWHERE, Recorder, text
else:
    from ocode_pytest import ELSEWHERE, Recorder, text

NO_TESTS = 5


def flat(suite: Any) -> Iterator[Any]:
    """The tests of a suite, in their order."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


class Namer:
    """Ids of tests, and files of modules that could not be imported; `start` is where discovery took its names from."""

    def __init__(self, recorder: Recorder, start: str) -> None:
        self._places = recorder.places
        self._start = start

    def file(self, module: str) -> str:
        """The file of a module, from the top."""
        loaded = getattr(sys.modules.get(module), "__file__", None)
        stem = os.path.join(self._start, *module.split("."))
        package = os.path.join(stem, "__init__.py")
        path = loaded or (package if os.path.exists(package) else f"{stem}.py")
        return self._places.relative(path) or module

    def id(self, test: Any) -> str:
        """`path::Class::method`; `path::name` for a test that is no method."""
        test = getattr(test, "test_case", test)  # of a subtest
        kind: Any = test.__class__
        method = getattr(test, "_testMethodName", "")
        if kind.__module__ == "unittest.loader":  # a module that skipped itself
            return f"{self.file(method)}::{kind.__name__}"
        if isinstance(test, unittest.FunctionTestCase):
            function: Any = vars(test)["_testFunc"]
            return f"{self.file(function.__module__)}::{function.__name__}"
        return f"{self.file(kind.__module__)}::{kind.__qualname__}::{method or test.id()}"


class Result(unittest.TextTestResult):
    """Unittest's own report on the terminal, and our events."""

    recorder: Recorder
    namer: Namer
    tests: tuple[Any, ...] = ()

    def startTest(self, test: Any) -> None:
        """See unittest.TestResult, also below."""
        super().startTest(test)
        self._began = time.perf_counter()
        self.recorder.begin(self.namer.id(test))

    def stopTest(self, test: Any) -> None:
        super().stopTest(test)
        self.recorder.done(self.namer.id(test))

    def _phase(self, test: Any, outcome: str, error: Any = None, message: str = "") -> None:
        fields = self.recorder.places.details(error[1]) if error else {"message": text(message)} if message else {}
        if hasattr(test, "description"):  # unittest's _ErrorHolder for setUpClass and its like
            self._around(test.description, outcome, fields)
        else:
            took = time.perf_counter() - self._began
            self.recorder.emit("phase", id=self.namer.id(test), phase="call", outcome=outcome, seconds=took, **fields)

    def _around(self, description: str, outcome: str, fields: dict[str, Any]) -> None:
        """A class or module that was not set up takes its tests with it; one not torn down is its last test's fault."""
        found = re.match(r"(setUp|tearDown)\w* \((.*)\)$", description)
        kind, owner = found.groups() if found else ("tearDown", "")
        ids = [
            self.namer.id(test)
            for test in self.tests
            if owner in (type(test).__module__, f"{type(test).__module__}.{type(test).__qualname__}")
        ]
        if kind == "tearDown":
            for test in ids[-1:]:
                self.recorder.emit("phase", id=test, phase="teardown", outcome=outcome, seconds=0, **fields)
            return
        for test in ids:
            self.recorder.begin(test)
            self.recorder.emit("phase", id=test, phase="setup", outcome=outcome, seconds=0, **fields)
            self.recorder.done(test)

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._phase(test, "passed")

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._phase(test, "failed", err)

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._phase(test, "failed", err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._phase(test, "failed", err)

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._phase(test, "skipped", message=reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._phase(test, "skipped", message="expected failure")

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._phase(test, "failed", message="passed, but was expected to fail")


def _import_again(name: str) -> BaseException | None:
    """Unittest keeps only the text of what an import raised; importing again shows it."""
    try:
        importlib.import_module(name)
    except BaseException as problem:  # a module may raise or exit as it likes
        return problem
    return None


def _discover(recorder: Recorder, namer: Namer, start: str, top: str | None) -> tuple[list[Any], bool]:
    """All tests, and whether every file could be imported; says both."""
    tests = list(flat(unittest.defaultTestLoader.discover(start, top_level_dir=top)))
    broken = [test for test in tests if type(test).__name__ == "_FailedTest"]
    for test in broken:
        problem = _import_again(test._testMethodName) or test._exception
        path = namer.file(test._testMethodName)
        recorder.emit("collect-error", path=path, **recorder.places.details(problem))
    kept = [test for test in tests if test not in broken]
    recorder.emit("collected", ids=list(dict.fromkeys(namer.id(test) for test in kept)))
    return kept, not broken


def _limited(test: Any, recorder: Recorder) -> Any:
    """The test, with the time limit around each of its steps but not around unittest's own bookkeeping.

    The steps are unittest's own (Lib/unittest/case.py, since 3.8): the public methods may be coroutines.
    """
    for step in ("_callSetUp", "_callTestMethod", "_callTearDown", "_callCleanup"):
        inner = getattr(test, step, None)
        if inner is not None:
            setattr(test, step, recorder.limited()(inner))
    return test


def main(argv: list[str] | None = None) -> int:
    """Discover, select, run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="ocode_unittest")
    parser.add_argument("-s", dest="start", default=".", help="folder where discovery starts")
    parser.add_argument("-t", dest="top", help="top-level folder of the project (default: START)")
    given = parser.parse_args(argv)
    warm = importlib.import_module("ocode_cases") if os.environ.get("OCODE_WARM") else None
    watch = warm.Watch() if warm else None
    sys.path.insert(0, os.getcwd())  # as `python -m unittest` has it
    recorder = Recorder(os.environ)
    os.environ.pop("OCODE_EVENTS")  # what the tests start is no part of this run
    namer = Namer(recorder, os.path.abspath(given.top or given.start))
    found, whole = _discover(recorder, namer, given.start, given.top)
    if not recorder.imports():
        recorder.finish(ELSEWHERE)
        return ELSEWHERE
    if warm:
        warm.serve(found, namer.id, watch)
    recorder.measure()
    chosen = recorder.chosen
    tests = [_limited(test, recorder) for test in found if chosen is None or namer.id(test) in chosen]
    kind: Any = type("Result", (Result,), {"recorder": recorder, "namer": namer, "tests": tuple(tests)})
    result = unittest.TextTestRunner(resultclass=kind).run(unittest.TestSuite(tests))
    code = 1 if not whole or not result.wasSuccessful() else 0 if tests else NO_TESTS
    recorder.finish(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
