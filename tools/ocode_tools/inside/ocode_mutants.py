"""Carries out orders about new tests in the process that has collected them, before it runs them as always.

Loaded by pytest's `-p ocode_mutants` beside ocode_pytest, or run in place of ocode_unittest.py; Python 3.8 and
pytest 6 or later, standard library and the files beside it only. PYTEST_DONT_REWRITE
Read from the environment; without the first nothing happens:
OCODE_MUTANTS   file with the orders, see `ocode_tools.newtests.bench.Orders`
OCODE_ANSWERS   file that the answers are appended to, a JSON line each
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocode_tools.inside.ocode_bench import Bench, Steps, chosen, verdict
    from ocode_tools.inside.ocode_child import Begin, End, silence
    from ocode_tools.inside.ocode_pytest import Places, hook
    from ocode_tools.inside.ocode_warm import Plugin
else:
    from ocode_bench import Bench, Steps, chosen, verdict
    from ocode_child import Begin, End, silence
    from ocode_pytest import Places, hook
    from ocode_warm import Plugin


def _orders() -> dict[str, Any]:
    with open(os.environ.pop("OCODE_MUTANTS"), encoding="utf-8") as file:  # what the tests start is no part of this
        orders: dict[str, Any] = json.load(file)
    return orders


class Child(Plugin):
    """Pytest's side in a child."""

    def __init__(self, config: Any, items: dict[str, Any]) -> None:
        self._config, self._items = config, items
        self._passed = self._failed = False
        self._said = ""
        self._places = Places(os.environ)
        self._files = {test.split("::", 1)[0] for test in items}

    def start(self, tests: list[str], begin: Begin, end: End) -> None:
        """See `ocode_child.Run`."""
        manager = self._config.pluginmanager
        if not manager.is_registered(self):
            sys.settrace(sys.gettrace() if isinstance(getattr(sys.gettrace(), "__self__", None), Steps) else None)
            manager.unregister(name="ocode-events")
            manager.register(self)
        self.run(tests, begin, end)

    @hook(hookwrapper=True)
    def pytest_runtest_makereport(self, call: Any) -> Iterator[None]:
        """See `Plugin`."""
        yield
        if call.excinfo is not None and not self._said:
            self._said = verdict(call.excinfo.value, self._files, self._places)


class Loop:
    """Pytest's side: does the work before the tests run."""

    def __init__(self) -> None:
        self._orders = _orders()

    @hook(trylast=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """The new tests alone, if there are some, and another order."""
        events = config.pluginmanager.getplugin("ocode-events")
        chosen(items, self._orders, events._id)

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> Iterator[None]:
        """The work, then the tests."""
        events = session.config.pluginmanager.getplugin("ocode-events")
        items = {events._id(item): item for item in session.items}
        child = Child(session.config, items)
        Bench(self._orders, child.start, list(items)).work()
        if self._orders["chdir"]:
            os.chdir(tempfile.gettempdir())
        yield


def pytest_addoption(pluginmanager: Any) -> None:
    """The first hook: pytest calls it as soon as it knows of this file, before it imports anything of the project."""
    if os.environ.get("OCODE_MUTANTS"):
        pluginmanager.register(Loop(), "ocode-mutants")


def serve(tests: list[Any], name: Callable[[Any], str], _: object) -> None:
    """Stands in for `ocode_cases.serve` with unittest's tests; returns, so that they run as always."""
    import unittest

    cases = importlib.import_module("ocode_cases")
    orders = _orders()
    chosen(tests, orders, name)
    known = {name(test): test for test in tests}
    places, files = Places(os.environ), {test.split("::", 1)[0] for test in known}

    class Result(cases.Result):  # type: ignore[misc, name-defined]
        _bad = ""

        def _exc_info_to_string(self, err: Any, test: Any) -> str:
            self._bad = self._bad or verdict(err[1], files, places)
            return ""

    def run(chosen: list[str], begin: Begin, end: End) -> None:
        silence()
        kept = [test for one, test in known.items() if one in chosen]
        # A suite drops its tests as it goes; these may be run once more.
        suite = unittest.TestSuite(kept)
        suite._cleanup = False  # type: ignore[attr-defined]
        suite.run(Result(name, begin, end))

    os.environ.pop("OCODE_WARM", None)
    Bench(orders, run, list(known)).work()
    if orders["chdir"]:
        os.chdir(tempfile.gettempdir())


def main() -> int:
    """Unittest's side: ocode_unittest, with this file where it asks for ocode_cases."""
    cases, runner = importlib.import_module("ocode_cases"), importlib.import_module("ocode_unittest")
    standing = type("standing", (), {"Watch": object, "serve": staticmethod(serve)})
    find = importlib.import_module

    def instead(name: str, package: str | None = None) -> Any:
        return standing if name == cases.__name__ and os.environ.get("OCODE_WARM") else find(name, package)

    vars(runner)["importlib"] = type("importlib", (), {"import_module": staticmethod(instead)})
    os.environ["OCODE_WARM"] = "mutants"
    code: int = runner.main()
    return code


if __name__ == "__main__":
    sys.exit(main())
