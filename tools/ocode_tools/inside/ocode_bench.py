"""Looks hard at new tests: runs each alone, again, with another clock, and on changed code, in forked children.

Python 3.8 or later, standard library and the files beside it only; see ocode_mutants.py.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import pickle
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocode_tools.inside.ocode_child import Begin, End, Run, judge
    from ocode_tools.inside.ocode_clock import shift
    from ocode_tools.inside.ocode_pytest import Places, text
    from ocode_tools.inside.ocode_stubs import blank, stub
    from ocode_tools.inside.ocode_swap import Cold, Files, Index
else:
    from ocode_child import Begin, End, Run, judge
    from ocode_clock import shift
    from ocode_pytest import Places, text
    from ocode_stubs import blank, stub
    from ocode_swap import Cold, Files, Index

AHEAD = 401 * 86400 + 7 * 3600 + 11 * 60  # seconds: another year, month, weekday, hour and minute
GROWTH = 1 << 30  # bytes that a child may take
KEPT = 40  # values of a function whose likes are tried in place of what it returns
# What tools leave in a tree, and no test looks at.
LEFT = {"__pycache__", ".pytest_cache", ".hypothesis", ".coverage", ".benchmarks", ".git"}


class Bench:
    """Carries the orders out. `run` runs tests as `ocode_child.Run` says; `tests` are the ids that there are."""

    def __init__(self, orders: dict[str, Any], run: Run, tests: list[str]) -> None:
        self._orders = orders
        self._answers = os.open(os.environ.pop("OCODE_ANSWERS"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._run, self._places = run, Places(os.environ)
        self._tests = tests if orders["tests"] else []
        self._folders = [self._places.top, os.environ.get("HOME", ""), tempfile.gettempdir()]
        self._temporary = set(os.listdir(tempfile.gettempdir()))
        self._took: dict[str, float] = {}

    def work(self) -> None:
        """All of it: each test alone, then those that are green on each change."""
        if not self._tests or not hasattr(os, "fork"):
            return
        place = self._orders["unit"]
        # A change counts by what tests see of it when they call the function, whatever ran at import.
        index = Index(self._places.relative, {})
        function = index.function(place["path"], place["first"], place["name"].rpartition(".")[2])
        self._tell(loaded=function is not None)
        gc.collect()
        gc.freeze()
        values: dict[str, str] = {}
        green = [test for test in self._tests if self._alone(test, function, values)]
        if not self._orders["every"]:
            green.sort(key=lambda test: self._took[test])
        if green and function is not None:
            for number, value in enumerate(values.values()):
                made = pickle.loads(base64.b64decode(value))
                self._changed(f"stub {number}", green, [(function, stub(function, made), None)], shown=repr(made)[:80])
            self._mutants(index, green)
        gc.unfreeze()

    def _mutants(self, index: Index, green: list[str]) -> None:
        files = Files(self._places.top)
        for number, swap in enumerate(self._orders["mutants"]):
            try:
                steps = index.plan(swap["path"], swap["unit"])
                files.put(swap["path"], swap["start"], swap["end"], swap["data"].encode("latin-1"))
            except (Cold, OSError) as reason:
                self._tell(change=f"mutant {number}", cold=str(reason))
                continue
            try:
                self._changed(f"mutant {number}", green, steps)
            finally:
                files.restore(swap["path"])

    def _alone(self, test: str, function: Any, values: dict[str, str]) -> bool:
        """Whether a test passes by itself, and as often and as late as the orders want it; adds to the returned values
        of the unit that are to be tried."""
        before = _files(self._folders)
        began = time.perf_counter()
        first = self._child([test], lambda tests, begin, end: self._watched(tests, begin, end, function))
        self._took[test] = took = time.perf_counter() - began
        after = _files(self._folders)
        said = {name: what for name, what in first["red"] if name != test}
        failed = next((what for name, what in first["red"] if name == test), "")
        green = not failed and test in first["green"]
        wrote = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        again = late = ""
        if green and self._orders["repeat"]:
            again = _failure(self._child([test], self._again))
        if green and self._orders["clock"]:
            late = _failure(self._child([test], self._later))
        steps = json.loads(said.get("steps", "[]"))
        answer: dict[str, Any] = {"green": green, "seconds": took, "wrote": wrote[:1], "steps": steps}
        self._tell(test=test, said=failed, again=again, late=late, **answer)
        values.update(json.loads(said.get("values", "{}")))
        return green

    def _child(self, tests: list[str], run: Run) -> dict[str, Any]:
        limits = dict.fromkeys([*tests, "steps", "values"], self._orders["seconds"])
        order = {"first": tests, "then": [], "all": True, "limits": limits}
        answer: dict[str, Any] = judge(run, order, [], self._answers, GROWTH)
        self._tidy()
        return answer

    def _changed(self, name: str, green: list[str], steps: list[Any], **more: Any) -> None:
        began = time.perf_counter()
        limits = dict.fromkeys(green, self._orders["seconds"])
        order = {"first": green, "then": [], "all": self._orders["every"], "limits": limits}
        answer = judge(self._run, order, steps, self._answers, GROWTH)
        self._tidy()
        self._tell(change=name, red=answer["red"], hung=answer["hung"], seconds=time.perf_counter() - began, **more)

    def _watched(self, tests: list[str], begin: Begin, end: End, function: Any) -> None:
        """Run tests, and say which steps they take through the unit and what it returns."""
        steps, values = Steps(function.__code__ if function else None), Values(function)
        sys.settrace(steps.call)
        sys.setprofile(values.event)
        self._run(tests, begin, end)
        sys.settrace(None)
        sys.setprofile(None)
        end("steps", False, json.dumps(sorted(steps.taken)))
        end("values", False, json.dumps(values.found()))

    def _again(self, tests: list[str], begin: Begin, end: End) -> None:
        """A test as many times as the orders say, in one process, as long as it is green."""
        if not tests:
            return
        random.seed()  # not what all children have in common
        until = time.monotonic() + self._orders["seconds"]
        bad: list[str] = []

        def note(_: str, green: bool, said: str) -> bool:
            bad.extend([] if green else [said])
            return green

        for _ in range(self._orders["repeat"]):
            self._run(tests, begin, note)
            if bad or time.monotonic() > until:
                break
        end(tests[0], not bad, bad[0] if bad else "")

    def _later(self, tests: list[str], begin: Begin, end: End) -> None:
        shift(AHEAD)
        self._run(tests, begin, end)

    def _tidy(self) -> None:
        folder = tempfile.gettempdir()
        for name in set(os.listdir(folder)) - self._temporary:
            path = os.path.join(folder, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def _tell(self, **fields: Any) -> None:
        os.write(self._answers, f"{json.dumps(fields)}\n".encode())


class Steps:
    """The steps from line to line that are taken in a code object and those nested in it, as [from, to]; 0 is the
    start."""

    def __init__(self, code: Any) -> None:
        self.taken: set[tuple[int, int]] = set()
        self._codes: set[int] = set()
        self._kept: list[Any] = []
        waiting = [code] if code else []
        while waiting:
            one = waiting.pop()
            self._kept.append(one)
            self._codes.add(id(one))
            waiting.extend(const for const in one.co_consts if hasattr(const, "co_consts"))

    def call(self, frame: Any, event: str, _: Any) -> Any:
        """A trace function (sys.settrace)."""
        if id(frame.f_code) not in self._codes:
            return None
        before = 0

        def line(frame: Any, event: str, arg: Any) -> Any:
            nonlocal before
            if event == "line":
                self.taken.add((before, frame.f_lineno))
                before = frame.f_lineno
            elif event == "return":
                self.taken.add((before, -1))
            return line

        return line


class Values:
    """What a function returns, as values of the same types that say nothing."""

    def __init__(self, function: Any) -> None:
        self._code = function.__code__ if function else None
        self._found: list[Any] = []

    def event(self, frame: Any, event: str, arg: Any) -> None:
        """A profile function (sys.setprofile)."""
        if event == "return" and frame.f_code is self._code and len(self._found) < KEPT:
            self._found.append(arg)

    def found(self) -> dict[str, str]:
        """Values by what they look like, pickled and in base64; None only where nothing else is ever returned."""
        kept = [one for one in self._found if one is not None] or self._found[:1]
        made: dict[str, str] = {}
        for one in kept:
            for value in blank(one):
                with contextlib.suppress(Exception):  # whatever the project's own classes raise
                    made[repr(value)] = base64.b64encode(pickle.dumps(value)).decode()
        return made


def verdict(raised: BaseException, tests: set[str], places: Places) -> str:
    """What a red test says: "assertion" where the test itself found something wrong, else "crash", and the text."""
    own = isinstance(raised, AssertionError) or type(raised).__name__ in ("Failed", "ExceptionGroup")
    step, last = raised.__traceback__, ""
    while step is not None:
        last = places.relative(step.tb_frame.f_code.co_filename) or last
        step = step.tb_next
    kind = "assertion" if own and (last in tests or not last or _of_tests(last)) else "crash"
    said = re.sub(r"0x[0-9a-fA-F]+", "0x", text(raised))  # the same each time
    return f"{kind}: {type(raised).__name__}: {said[:300]}"


def _of_tests(path: str) -> bool:
    *folders, name = path.split("/")
    return name == "conftest.py" or name.startswith("test_") or not {"test", "tests"}.isdisjoint(folders)


def _failure(answer: dict[str, Any]) -> str:
    return str(answer["red"][0][1] or "it failed") if answer["red"] else ""


def _files(folders: list[str]) -> dict[str, Any]:
    """What is in folders: size and time by path; pytest's own temporary folders are left out."""
    found: dict[str, Any] = {}
    for top in folders:
        for folder, inner, names in os.walk(top) if top else ():
            inner[:] = [name for name in inner if name not in LEFT and not name.startswith("pytest-of-")]
            for name in {*names, *inner} - LEFT:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    state = os.lstat(path)
                    found[path] = None if name in inner else (state.st_size, state.st_mtime_ns)
    return found


def chosen(tests: list[Any], orders: dict[str, Any], name: Callable[[Any], str]) -> None:
    """Leave the tests that the orders name, all where they name none, in the order that they ask for: reversed for -1,
    as they are for 0, else by chance from the seed. A name stands for all cases of a test."""
    wanted, seed = set(orders["tests"]), orders["shuffle"]
    if wanted:
        tests[:] = [test for test in tests if name(test) in wanted or name(test).partition("[")[0] in wanted]
    if seed < 0:
        tests.reverse()
    elif seed:
        tests.sort(key=name)
        random.Random(seed).shuffle(tests)
