"""Judges changes in forked children of one process that has imported the project and collected its tests.

Loaded by ocode_pytest.py as a plugin, or by ocode_cases.py for unittest; Python 3.8 and pytest 6 or later,
standard library and the files beside it only. PYTEST_DONT_REWRITE
Read from the environment; without the first nothing happens:
OCODE_WARM          folder with two FIFOs: orders are read from `ask`, answers are written to `say`, a JSON line each
OCODE_WARM_MEMORY   bytes of address space that a child may take beyond what this process has
OCODE_WARM_DROP     JSON [name, ...]: variables that only the imports should see
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocode_tools.inside.ocode_child import EXAMPLES, Begin, End, Run, examples, judge, silence
    from ocode_tools.inside.ocode_inputs import Recorder, outcome, unpacked
    from ocode_tools.inside.ocode_pytest import Places, hook, text
    from ocode_tools.inside.ocode_swap import Cold, Files, Index, Watch
else:
    from ocode_child import EXAMPLES, Begin, End, Run, examples, judge, silence
    from ocode_inputs import Recorder, outcome, unpacked
    from ocode_pytest import Places, hook, text
    from ocode_swap import Cold, Files, Index, Watch

# Plugins that do nothing around a test that is a mere call.
KNOWN = "_pytest ocode_pytest ocode_warm _hypothesis_pytestplugin pytest_benchmark xdist anyio pytest_asyncio"
LAZY = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
# What tools leave in a tree, and no test looks at.
LEFT = {"__pycache__", ".pytest_cache", ".hypothesis", ".coverage", ".benchmarks", ".git"}


class Server:
    """Takes orders until there is none left. `run` runs tests in a child: it calls `begin` before each and `end` after
    it, which says whether to go on; `clean` is called here behind it. `plain` are tests that are mere calls."""

    def __init__(
        self, run: Run, tests: list[str], watch: Watch, clean: Callable[[], None], plain: dict[str, Callable[[], Any]]
    ) -> None:
        self._run, self._tests, self._clean, self._ran = run, tests, clean, watch.stop()
        self._plain = plain
        folder = os.environ.pop("OCODE_WARM")
        self._ask = open(os.path.join(folder, "ask"), encoding="utf-8")  # noqa: SIM115
        self._say = os.open(os.path.join(folder, "say"), os.O_WRONLY)
        self._growth = int(os.environ.pop("OCODE_WARM_MEMORY", "0"))
        for name in json.loads(os.environ.pop("OCODE_WARM_DROP", "[]")):
            os.environ.pop(name, None)
        self._top = os.environ.get("OCODE_TOP", os.getcwd())
        self._files = Files(self._top)
        self._temporary = tempfile.gettempdir()

    def serve(self) -> None:
        """Say what is there, then judge; ends the process."""
        why = _unsafe()
        if why:
            self._tell({"declined": why})
            os._exit(0)
        gc.collect()
        self._index = Index(Places(os.environ).relative, self._ran)
        self._kept = set(os.listdir(self._temporary))
        gc.collect()
        gc.freeze()
        self._tell({"tests": self._tests})
        for line in self._ask:
            order = json.loads(line)
            if "swap" not in order:
                break
            self._tell(self._judge(order))
        os._exit(0)

    def _tell(self, fields: dict[str, Any]) -> None:
        data = f"{json.dumps(fields)}\n".encode()
        while data:
            data = data[os.write(self._say, data) :]

    def _judge(self, order: dict[str, Any]) -> dict[str, Any]:
        swap = order["swap"]
        before = _files(self._top) if order.get("control") else {}
        began = time.perf_counter(), sum(os.times()[:4])
        try:
            steps = self._index.plan(swap["path"], swap["unit"], swap["names"]) if swap else []
            if swap:
                self._files.put(swap["path"], swap["start"], swap["end"], swap["data"].encode("latin-1"))
        except (Cold, OSError) as reason:
            return {"cold": str(reason)}
        answer = self._inputs(order, steps) if order.get("function") else self._children(order, steps)
        if swap:
            self._files.restore(swap["path"])
        self._tidy()
        answer["seconds"], answer["processor"] = time.perf_counter() - began[0], sum(os.times()[:4]) - began[1]
        if before:
            after = _files(self._top)
            answer["wrote"] = sorted(n for n in {*before, *after} if before.get(n) != after.get(n))[:1]
        return answer

    def _children(self, order: dict[str, Any], steps: list[Any]) -> dict[str, Any]:
        """Mere calls take a third of the time: what is red so is red. Only what is green is run as it should be; the
        control shows whether a call is as good."""
        control, first = order.get("control"), order["first"]
        plain = {test: None for test in first if test in self._plain}
        called: dict[str, Any] = {}
        if plain and (control or len(plain) == len(first)):
            limits = {test: order["limits"][test] for test in plain}
            quick = {**order, "first": list(plain), "then": [], "limits": limits}
            called = judge(self._call, quick, steps, self._say, self._growth)
            if called["red"] and not control:
                return called
        answer = judge(self._run, order, steps, self._say, self._growth)
        self._clean()
        if called and set(answer["green"]) & set(plain) - set(called["green"]):
            self._plain = {}
        return answer

    def _inputs(self, order: dict[str, Any], steps: list[Any]) -> dict[str, Any]:
        """Record what a function is called with by tests (and by its docstring's examples where these have a limit), or
        try what was recorded, from the input `from` on: its outcomes stand for red tests."""
        asked = order["function"]
        function = self._index.function(asked["path"], asked["first"], asked["name"].rpartition(".")[2])
        if function is None:
            return {"cold": "the function is not there once"}

        def record(tests: list[str], begin: Begin, end: End) -> None:
            recorder = Recorder(function.__code__)
            recorder.start()
            self._run(tests, begin, _go_on)
            if EXAMPLES in order["limits"]:
                begin(EXAMPLES)
                examples(function)
            for one in recorder.stop():
                end("input", False, one)

        def attempt(tests: list[str], begin: Begin, end: End) -> None:
            silence()
            for number, (given, named) in enumerate(unpacked(order["inputs"])):
                if number < order["from"]:
                    continue
                begin(str(number))
                end(str(number), False, outcome(function, given, named))

        return judge(attempt if "inputs" in order else record, order, steps, self._say, self._growth)

    def _call(self, tests: list[str], begin: Begin, end: End) -> None:
        silence()
        for test in tests:
            begin(test)
            said = ""
            try:
                self._plain[test]()
            except BaseException as problem:
                said = said_by(problem)
            if not end(test, not said, said):
                return

    def _tidy(self) -> None:
        """Remove what the child left in the folder for temporary files."""
        for name in set(os.listdir(self._temporary)) - self._kept:
            path = os.path.join(self._temporary, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(path)


def _unsafe() -> str:
    """Why this process must not be forked, if so."""
    if not hasattr(os, "fork"):
        return "this system has no fork"
    if threading.active_count() > 1:
        return "the project has a thread running after its import"
    if os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) > 1:
        return "a library has a thread running after its import"
    return ""


def _files(top: str) -> dict[str, Any]:
    """What is in a tree: size and time by path."""
    found: dict[str, Any] = {".": None}
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name not in LEFT]
        for name in set(names) - LEFT:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                state = os.lstat(path)
                found[path[len(top) + 1 :]] = state.st_size, state.st_mtime_ns
    return found


class Plugin:
    """Pytest's side: serves in place of running the tests."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._items: dict[str, Any] = {}
        self._passed = self._failed = False
        self._said = ""

    def pytest_load_initial_conftests(self, early_config: Any, args: list[str]) -> None:
        if early_config.pluginmanager.hasplugin("xdist"):
            args.append("-n0")

    @hook(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        events = session.config.pluginmanager.unregister(name="ocode-events")
        self._items = {events._id(item): item for item in session.items}
        self._config = session.config
        plain = {test: call for test, item in self._items.items() if (call := _plain(item))}
        Server(self.run, list(self._items), self._watch, self.clean, plain if _usual(session.config) else {}).serve()
        return True

    def run(self, tests: list[str], begin: Begin, end: End) -> None:
        """See `Server`."""
        silence()
        order = {test: number for number, test in enumerate(self._items)}
        items = [(test, self._items[test]) for test in sorted(tests, key=lambda test: order[test])]
        for number, (test, item) in enumerate(items):
            # What a failure looks like is not looked at, and takes longer than most tests.
            item.repr_failure = item._repr_failure_py = _nothing
            self._passed, self._failed, self._said = False, False, ""
            begin(test)
            following = items[number + 1][1] if number + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if not end(test, self._passed and not self._failed, self._said):
                return

    def clean(self) -> None:
        """Empty the files that hold what tests print, which are shared with the child that has ended."""
        manager = self._config.pluginmanager.getplugin("capturemanager")
        if manager is not None:
            manager.read_global_capture()

    @hook(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        rewriting = sys.modules.get("_pytest.assertion.util")
        if rewriting is not None:  # the same for what two values differ in
            rewriting._reprcompare = None  # type: ignore[attr-defined]

    @hook(hookwrapper=True)
    def pytest_runtest_makereport(self, call: Any) -> Iterator[None]:
        yield
        if call.excinfo is not None and not self._said:
            self._said = said_by(call.excinfo.value)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._failed |= report.outcome == "failed"
        self._passed |= report.outcome == "passed" and report.when == "call"


def _usual(config: Any) -> bool:
    """Whether no plugin does anything around tests but those that are known to leave mere calls alone."""
    hooks = [getattr(config.hook, f"pytest_{n}") for n in ("runtest_protocol", "runtest_setup", "runtest_call")]
    found = {impl.plugin for hook in [*hooks, config.hook.pytest_pyfunc_call] for impl in hook.get_hookimpls()}
    names = [str(getattr(one, "__module__", "") or getattr(one, "__name__", "")) for one in found]
    return all(name.split(".")[0] in KNOWN.split() for name in names)


def _plain(item: Any) -> Any:
    """The test as a mere call, if it is one: a function at the top of a module with no mark, fixture or set-up."""
    function = getattr(item, "obj", None)
    asked = getattr(getattr(item, "_fixtureinfo", None), "names_closure", None)
    if type(item).__name__ != "Function" or not isinstance(function, types.FunctionType) or asked != []:
        return None
    odd = vars(function) or list(item.iter_markers()) or function.__code__.co_flags & LAZY
    return None if odd or item.cls else function


def _go_on(*_: Any) -> bool:
    return True


def _nothing(*_: Any, **__: Any) -> str:
    return ""


def said_by(raised: BaseException) -> str:
    """What a red test says."""
    return f"{type(raised).__name__}: {text(raised)[:300]}"


def pytest_addoption(pluginmanager: Any) -> None:
    """The first hook: pytest calls it as soon as it knows of this file, before it imports anything of the project."""
    if os.environ.get("OCODE_WARM") and os.environ.get("OCODE_EVENTS"):
        pluginmanager.register(Plugin(Watch()), "ocode-warm")
