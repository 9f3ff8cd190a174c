"""Says what a test run does, one JSON line at a time, from inside the project's own interpreter.

Loaded by pytest's `-p ocode_pytest`: Python 3.8 and pytest 6 or later, standard library only. PYTEST_DONT_REWRITE
Read from the environment; without the first nothing happens, the others are optional:
OCODE_EVENTS        file that the lines are appended to
OCODE_TOP           the workspace: ids and paths start here, with slashes (default: the working folder)
OCODE_USER_TOPS     JSON [[checkout, workspace], ...]: import paths below the first are turned to the second
OCODE_NAMES         JSON [name, ...]: modules and packages that must come from the workspace, else no test runs
OCODE_SELECT        file with a JSON list of the ids to run
OCODE_COVERAGE      1: which test runs which line; OCODE_TRACER=own does without coverage.py
OCODE_TEST_SECONDS  limit for each test, in its main thread
"""

from __future__ import annotations

import builtins
import contextlib
import difflib
import functools
import importlib
import inspect
import json
import os
import pkgutil
import re
import signal
import sys
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Callable, Generator, Iterator
from typing import Any

SIDE = 4000  # characters of one side of a failed comparison; a longer one is not kept
ELSEWHERE = 4  # exit code when the project's modules come from elsewhere: pytest's own for wrong usage
_SPOKEN = (
    (NameError, re.compile(r"(?:name|variable) '(?P<name>[^']+)'")),
    (AttributeError, re.compile(r"no attribute '(?P<name>[^']+)'")),
    (ImportError, re.compile(r"cannot import name '(?P<name>[^']+)' from .*?'(?P<where>[^']+)'")),
    (ImportError, re.compile(r"No module named '(?P<name>(?:(?P<where>[^']+)\.)?[^'.]+)'")),
    (TypeError, re.compile(r"(?P<where>\S+)\(\) got an unexpected keyword argument '(?P<name>[^']+)'")),
)


def safe(ask: Callable[[], Any], default: Any) -> Any:
    """What `ask()` returns, or `default` if it raises: the project's own `__str__`, `__dir__`, ... may do anything."""
    try:
        return ask()
    except BaseException:
        return default


def text(value: Any) -> str:
    """The first 2,000 characters of `str(value)`."""
    shown: str = safe(lambda: str.__getitem__(str(value), slice(2000)), f"<{type(value).__name__}: unprintable>")
    return shown


def below(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or inside it, by their letters alone."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class Places:
    """Which files are the project's: below the workspace, below a checkout of the user's, or installed."""

    def __init__(self, environ: Any) -> None:
        self._start = os.getcwd()
        self._known: dict[str, str | None] = {}
        self._real = functools.lru_cache(None)(os.path.realpath)
        self.top = os.path.normpath(os.path.join(self._start, environ.get("OCODE_TOP", "")))
        self.tops = [self.top, os.path.realpath(self.top)]
        pairs = json.loads(environ.get("OCODE_USER_TOPS") or "[]")
        self._turns = [(old, new) for pair, new in pairs for old in {os.path.normpath(pair), os.path.realpath(pair)}]
        self._libraries = [sysconfig.get_path(n) for n in ("stdlib", "platstdlib", "purelib", "platlib")]
        if any(sys.prefix != home and below(sys.prefix, home) for home in [*self.tops, *dict(self._turns)]):
            self._libraries.append(sys.prefix)  # a virtual environment in the tree is not the project's

    def _spellings(self, path: str) -> list[str]:
        """The absolute path as given and with its folder's links resolved; none if it is installed or no file."""
        full = os.path.normpath(os.path.join(self._start, path))
        installed = "site-packages" in full.split(os.sep) or any(below(full, lib) for lib in self._libraries)
        folder, name = os.path.split(full)
        return [] if installed or path.startswith("<") else [full, os.path.join(self._real(folder), name)]

    def relative(self, path: str) -> str | None:
        """`path` from the top, with slashes; None for a file that is not the project's."""
        if path not in self._known:
            found = [s[len(top) :] for s in self._spellings(path) for top in self.tops if below(s, top)]
            self._known[path] = found[0].strip(os.sep).replace(os.sep, "/") if found else None
        return self._known[path]

    def foreign(self, path: str) -> bool:
        """Whether the file is in a checkout of the user's."""
        return any(below(spelt, old) for spelt in self._spellings(path) for old, _ in self._turns)

    def turned(self, value: Any) -> Any:
        """`value`, a path or several, with those of a checkout that exist in the workspace turned to it."""
        if type(value) in (list, tuple, set):
            several: Any = value
            return type(value)(self.turned(one) for one in several)
        for spelt in self._spellings(value) if isinstance(value, str) and value else []:
            for there in [os.path.join(new, spelt[len(old) + 1 :]) for old, new in self._turns if below(spelt, old)]:
                if os.path.exists(there) or os.path.exists(f"{there}.py"):  # setuptools drops a module's suffix
                    return there
        return value

    def redirect(self) -> None:
        """Turn sys.path and the tables of editable installs: setuptools' finder modules, finders of others."""
        sys.path[:] = [self.turned(entry) for entry in sys.path]
        finders = [module for name, module in sys.modules.items() if name.startswith("__editable__")]
        for finder in [*finders, *sys.meta_path]:
            tables: list[Any] = list(getattr(finder, "__dict__", {}).values())
            for table in filter(lambda table: type(table) is dict, tables):
                table.update({key: self.turned(value) for key, value in table.items()})
        for entry in [entry for entry in sys.path_importer_cache if "__editable__" in entry or self.foreign(entry)]:
            del sys.path_importer_cache[entry]
        importlib.invalidate_caches()

    def details(self, raised: BaseException) -> dict[str, Any]:
        """What an exception says: type, text, frames in the project, the name it missed and names close to that."""
        steps = list(traceback.walk_tb(safe(lambda: raised.__traceback__, None)))
        found = [(frame.f_code.co_filename, line or 1, frame.f_code.co_name) for frame, line in steps]
        if isinstance(raised, SyntaxError):
            found.append((str(raised.filename), raised.lineno or 1, "<module>"))
        frames = [(self.relative(file), line, function) for file, line, function in found if self.relative(file)]
        name, close = safe(lambda: _close(raised, [frame for frame, _ in steps]), ("", []))
        compared = safe(lambda: _compared([frame for frame, _ in steps]), [])
        return {
            "exception": type(raised).__name__,
            "message": text(raised),
            "frames": frames[:10] + frames[10:][-40:],  # of a deep recursion
            "name": name,
            "close": close,
            "compared": compared,
        }


def sides(left: Any, right: Any) -> list[str]:
    """The two sides of a comparison that failed, as `repr` shows them; [] where one is long."""
    if any(safe(functools.partial(len, one), 0) > SIDE for one in (left, right)):
        return []
    shown = [safe(functools.partial(repr, one), "") for one in (left, right)]
    return shown if all(0 < len(one) <= SIDE for one in shown) else []


def _compared(frames: list[Any]) -> list[str]:
    """The two sides of unittest's own comparison (assertEqual in Lib/unittest/case.py)."""
    found = [frame.f_locals for frame in frames if frame.f_code.co_name == "assertEqual"]
    return sides(found[0]["first"], found[0]["second"]) if found else []


def _close(raised: BaseException, frames: list[Any]) -> tuple[str, list[str]]:
    for kind, pattern in _SPOKEN:
        found = pattern.search(text(raised)) if isinstance(raised, kind) else None
        if found:
            name = found["name"]
            pool = safe(functools.partial(_pool, raised, found.groupdict(), frames), [])
            return name, difflib.get_close_matches(name, {n for n in pool if isinstance(n, str) and n != name})
    return "", []


def _pool(raised: BaseException, found: dict[str, str], frames: list[Any]) -> list[Any]:
    """The names that were there instead."""
    scopes = [scope for frame in frames[-1:] for scope in (frame.f_locals, frame.f_globals)]
    if isinstance(raised, NameError):
        outer = frames[-2:-1] if frames[-1].f_code.co_name.endswith("comp>") else []  # a frame of its own before 3.12
        return [name for scope in [*scopes, vars(builtins), *(f.f_locals for f in outer)] for name in scope]
    if isinstance(raised, AttributeError):
        there = getattr(raised, "obj", None)  # from 3.10
        return [] if there is None else dir(there)
    if isinstance(raised, ModuleNotFoundError):
        package = found["where"]
        path = sys.modules[package].__path__ if package else None
        return [f"{package}.{m.name}" if package else m.name for m in pkgutil.iter_modules(path)]
    if isinstance(raised, ImportError):
        module = sys.modules[found["where"]]
        return [*dir(module), *(m.name for m in pkgutil.iter_modules(getattr(module, "__path__", [])))]
    first, *rest = found["where"].split(".")
    callee = next(scope[first] for scope in scopes if first in scope)
    return list(inspect.signature(functools.reduce(getattr, rest, callee)).parameters)


class OwnTracer:
    """Lines by test, for an interpreter without coverage.py."""

    def __init__(self, places: Places) -> None:
        self._places, self._before = places, sys.gettrace()
        self._test: int | None = None
        self.hits: dict[str, dict[int, set[int]]] = {}

    def switch(self, test: int | None) -> None:
        """Count lines for the test with this number from now on; None: for no test."""
        self._test = test
        sys.settrace(self._before if test is None else self._call)
        threading.settrace(None if test is None else self._call)

    def _call(self, frame: Any, event: str, arg: Any) -> Any:
        return self._line if self._places.relative(frame.f_code.co_filename) else None

    def _line(self, frame: Any, event: str, arg: Any) -> Any:
        if event == "line" and self._test is not None:
            lines = self.hits.setdefault(frame.f_code.co_filename, {})
            lines.setdefault(frame.f_lineno, set()).add(self._test)
        return self._line

    def lines(self) -> dict[str, dict[int, set[int]]]:
        """Numbers of tests by line by file; the count ends here."""
        return self.hits


class LibraryTracer:
    """The same with coverage.py. Raises ImportError where the interpreter has none."""

    def __init__(self, places: Places) -> None:
        import coverage  # before the next line: an import without its C part would end the process

        before = {n: v for n, v in os.environ.items() if n == "COVERAGE_CORE"}
        os.environ["COVERAGE_CORE"] = "ctrace"  # sys.monitoring cannot change contexts as it goes
        self._coverage = coverage.Coverage(data_file=None, config_file=False, source=places.tops)
        self._coverage.start()
        del os.environ["COVERAGE_CORE"]
        os.environ.update(before)

    def switch(self, test: int | None) -> None:
        """See `OwnTracer`."""
        self._coverage.switch_context("" if test is None else str(test))

    def lines(self) -> dict[str, dict[int, set[int]]]:
        """See `OwnTracer`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._coverage.stop()
            data = self._coverage.get_data()
        found = {file: data.contexts_by_lineno(file) for file in data.measured_files()}
        return {f: {line: {int(t) for t in ts if t} for line, ts in lines.items()} for f, lines in found.items()}


class Recorder:
    """Appends events to the file OCODE_EVENTS; one for the pytest plugin, one for the unittest runner."""

    def __init__(self, environ: Any) -> None:
        self.places = Places(environ)
        self.places.redirect()
        self._names = frozenset(json.loads(environ.get("OCODE_NAMES") or "[]"))
        dotted = [name.split(".") for name in self._names if "." in name]
        packages = [parts for parts in dotted if os.path.isfile(os.path.join(*parts, "__init__.py"))]
        self._moved = {parts[-1]: ".".join(parts) for parts in packages}  # lib/app is most often imported as app
        self._file, self._process = os.path.abspath(environ["OCODE_EVENTS"]), os.getpid()
        self._os = os.open, os.write, os.fstat, os.stat  # a test may put others in their place
        self._descriptor = self._open()
        self._seconds = self._given = self._left = float(environ.get("OCODE_TEST_SECONDS") or 0)
        self._longest, self._hung = 0.0, False
        self._measure = environ.get("OCODE_COVERAGE") == "1" and (environ.get("OCODE_TRACER") or "best")
        self._tracer: Any = None
        self._tests: list[str] = []
        self.chosen: frozenset[str] | None = None
        if environ.get("OCODE_SELECT"):
            with open(environ["OCODE_SELECT"], encoding="utf-8") as file:
                self.chosen = frozenset(json.load(file))
        pytest = getattr(sys.modules.get("pytest"), "__version__", "")
        self.emit("start", version=1, pytest=pytest, python=sys.version.split()[0])

    def _open(self) -> int:
        return self._os[0](self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def emit(self, event: str, **fields: Any) -> None:
        """Write one line, at once; not from a child that a test forked."""
        if os.getpid() != self._process:
            return
        opened = safe(lambda: self._os[2](self._descriptor), None)
        wanted = safe(lambda: self._os[3](self._file), None)
        if not opened or not wanted or (opened.st_dev, opened.st_ino) != (wanted.st_dev, wanted.st_ino):
            self._descriptor = self._open()  # a test closed it
        self._os[1](self._descriptor, f"{json.dumps({'event': event, **fields})}\n".encode())

    def imports(self) -> bool:
        """Say where the project's modules came from; True if all of them are the workspace's."""
        inside = 0
        outside: list[tuple[str, str]] = []
        for name, module in list(sys.modules.items()):
            file = safe(functools.partial(object.__getattribute__, module, "__dict__"), {}).get("__file__")
            # A module that was made in memory may say `<string>`: it is from nowhere.
            if not isinstance(file, str) or name == "__main__" or file.startswith("<"):
                continue
            if self.places.relative(file) is not None:
                inside += 1
            elif self._owned(name) or self.places.foreign(file):
                outside.append((name, file))
        self.emit("imports", inside=inside, outside=outside)
        return not outside

    def _owned(self, name: str) -> bool:
        """Whether the project has a module of this name, or the package that it is in."""
        parts = name.split(".")
        known = any(".".join(parts[:n]) in self._names for n in range(1, len(parts) + 1))
        return known or self._moved.get(parts[0], name) not in sys.modules

    def measure(self) -> None:
        """Start to count lines, if that was asked for: after the imports, whose lines belong to no test."""
        if self._measure:
            try:
                self._tracer = OwnTracer(self.places) if self._measure == "own" else LibraryTracer(self.places)
            except ImportError:
                self._tracer = OwnTracer(self.places)

    def begin(self, test: str) -> None:
        """A test begins."""
        self.emit("begin", id=test)
        # Where one test hangs others often do: they get a few times what the longest took, not the whole limit each.
        self._given = min(self._seconds, max(5.0, 5 * self._longest)) if self._hung else self._seconds
        self._left = self._given
        if self._tracer:
            self._tracer.switch(len(self._tests))
        self._tests.append(test)

    def done(self, test: str) -> None:
        """A test is over."""
        if self._tracer:
            self._tracer.switch(None)
        if not self._hung:
            self._longest = max(self._longest, self._given - self._left)
        self.emit("done", id=test)

    @contextlib.contextmanager
    def limited(self, base: Any = BaseException) -> Generator[None, None, None]:
        """Part of a test. A subclass of `base` is raised in it when the test's time is over, so that the test's
        own `except Exception` does not hold it. Left alone: other threads, and alarms of the test's own."""
        able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        if self._left <= 0 or not able or signal.getitimer(signal.ITIMER_REAL)[0]:
            yield
            return

        def ring(*_: Any) -> None:
            self._hung = True
            raise type("OcodeTimeout", (base,), {})(f"took more than {self._given:g} s")

        before = signal.signal(signal.SIGALRM, ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, self._left, self._given)  # again, if the first was swallowed
            yield
        finally:
            if signal.getsignal(signal.SIGALRM) is ring:
                self._left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
                signal.signal(signal.SIGALRM, before or signal.SIG_DFL)

    def finish(self, code: int) -> None:
        """The run is over: say what was covered, what was imported and the exit code."""
        for file, lines in self._tracer.lines().items() if self._tracer else ():
            used = sorted({number for numbers in lines.values() for number in numbers})
            place = {number: index for index, number in enumerate(used)}
            path = self.places.relative(file)
            if path and used:
                by = {str(line): sorted(place[n] for n in numbers) for line, numbers in lines.items() if numbers}
                self.emit("coverage", path=path, tests=[self._tests[number] for number in used], lines=by)
        self.imports()
        self.emit("end", code=code)


def hook(**options: bool) -> Callable[[Any], Any]:
    """What `pytest.hookimpl` does, without importing pytest (pluggy reads `<project>_impl`)."""

    def mark(function: Any) -> Any:
        function.pytest_impl = options
        return function

    return mark


_around = hook(hookwrapper=True, tryfirst=True)


class Plugin:
    """Pytest's hooks, to events. In the main process of pytest-xdist it is silent: each worker speaks for itself."""

    def __init__(self, recorder: Recorder) -> None:
        self._out = recorder
        self._ids: dict[str, str] = {}
        self._raised: dict[Any, Any] = {}
        self._sides: list[str] = []
        self._silent = False

    def _path(self, node: Any) -> str | None:
        return self._out.places.relative(str(getattr(node, "path", None) or node.fspath))

    def _id(self, item: Any) -> str:
        owners = [n.nodeid for n in item.listchain() if n.nodeid and item.nodeid.startswith(f"{n.nodeid}::")]
        return f"{self._path(item) or owners[0]}{item.nodeid[len(owners[0]) :]}" if owners else item.nodeid

    def _broken(self, path: str, raised: BaseException) -> None:
        """An import failed; pytest's own errors hide what did."""
        own = type(raised).__name__ in ("CollectError", "ConftestImportFailure")
        self._out.emit("collect-error", path=path, **self._out.places.details((own and raised.__cause__) or raised))

    @_around
    def pytest_load_initial_conftests(self) -> Generator[None, Any, None]:
        outcome = yield
        raised: Any = outcome.excinfo[1] if outcome.excinfo else None
        if type(raised).__name__ == "ConftestImportFailure":
            self._broken(self._out.places.relative(str(raised.path)) or str(raised.path), raised)

    def pytest_configure(self, config: Any) -> None:
        if hasattr(config.option, "no_summary"):  # it is for people, and some plugins take a second to say theirs
            config.option.no_summary = True

    @hook(tryfirst=True)
    def pytest_collection(self, session: Any) -> None:
        self._silent = session.config.pluginmanager.hasplugin("dsession")
        if not self._silent:  # what the tests start is no part of this run
            os.environ.pop("OCODE_EVENTS", None)

    @_around
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> Iterator[None]:
        yield
        self._ids.update((item.nodeid, self._id(item)) for item in items)
        self._out.emit("collected", ids=list(dict.fromkeys(self._ids[item.nodeid] for item in items)))
        chosen = self._out.chosen
        gone = [item for item in items if chosen is not None and self._ids[item.nodeid] not in chosen]
        if gone:
            config.hook.pytest_deselected(items=gone)
            items[:] = [item for item in items if self._ids[item.nodeid] in (chosen or ())]

    def pytest_exception_interact(self, node: Any, call: Any) -> None:
        if call.when == "collect":
            self._raised[node.nodeid] = self._path(node), call.excinfo.value

    def pytest_collectreport(self, report: Any) -> None:
        path, raised = self._raised.pop(report.nodeid, (None, None))
        if report.outcome == "failed" and raised is not None:
            self._broken(path or report.nodeid, raised)

    def pytest_collection_finish(self) -> None:
        if not self._out.imports():
            sys.modules["pytest"].exit("modules of the project come from elsewhere than the workspace", ELSEWHERE)
        self._out.measure()

    def pytest_assertrepr_compare(self, op: str, left: Any, right: Any) -> None:
        self._sides = sides(left, right) if op in ("==", "is") else []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._sides = []
        if not self._silent:
            self._out.begin(self._ids.get(nodeid, nodeid))

    def _limited(self) -> Iterator[None]:
        # In fixtures the kind of failure that pytest keeps its books by
        with self._out.limited(sys.modules["_pytest.outcomes"].Failed):
            yield

    @_around
    def pytest_runtest_setup(self) -> Iterator[None]:
        yield from self._limited()

    @_around
    def pytest_runtest_call(self) -> Iterator[None]:
        with self._out.limited():
            yield

    @_around
    def pytest_runtest_teardown(self) -> Iterator[None]:
        yield from self._limited()

    @_around
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        yield  # unittest's exceptions are put in place by pytest here
        if call.excinfo is not None:
            self._raised[item.nodeid, call.when] = call.excinfo.value

    def pytest_runtest_logreport(self, report: Any) -> None:
        raised = self._raised.pop((report.nodeid, report.when), None)
        if self._silent or report.outcome not in ("passed", "failed", "skipped"):
            return
        fields: dict[str, Any] = {}
        if report.outcome == "failed" and raised is not None:
            fields = self._out.places.details(raised)
            if isinstance(raised, AssertionError) and self._sides:
                fields["compared"] = self._sides
        elif report.outcome != "passed":
            spoken = getattr(report, "wasxfail", None) or report.longrepr
            fields = {"message": text(spoken[-1] if isinstance(spoken, tuple) else spoken)}
        test = self._ids.get(report.nodeid, report.nodeid)
        self._out.emit("phase", id=test, phase=report.when, outcome=report.outcome, seconds=report.duration, **fields)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if not self._silent:
            self._out.done(self._ids.get(nodeid, nodeid))

    @_around
    def pytest_sessionfinish(self, session: Any) -> Iterator[None]:
        yield
        self._out.finish(int(session.exitstatus))


def pytest_addoption(pluginmanager: Any) -> None:
    """The first hook: pytest calls it as soon as it knows of this file, before it imports anything of the project."""
    if os.environ.get("OCODE_EVENTS"):
        pluginmanager.register(Plugin(Recorder(os.environ)), "ocode-events")
    if os.environ.get("OCODE_WARM"):  # see ocode_warm, beside this file
        pluginmanager.import_plugin("ocode_warm")
