"""Puts changed code into functions that are loaded, where that is the same as loading the changed file.

Python 3.8 or later, standard library only. Works on the function objects that share a code object, whoever holds them:
modules that imported the function, wrappers, properties, class and static methods, partial objects.
"""

from __future__ import annotations
import __future__

import ast
import gc
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

# nested_scopes has the bit that says of a function that it is nested (CO_NESTED)
_FUTURE = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names} - {0x10})
_SHAPE = ("argcount", "posonlyargcount", "kwonlyargcount", "names", "varnames", "freevars", "cellvars")
_PAUSED: Any = (
    (types.GeneratorType, "gi_code"),
    (types.CoroutineType, "cr_code"),
    (types.AsyncGeneratorType, "ag_code"),
)


class Cold(Exception):
    """This change must be judged in a fresh process; the text says why."""


class Watch:
    """Keeps the code objects that run until `stop`: what ran while the project was imported has left its results."""

    def __init__(self) -> None:
        self.ran: dict[int, Any] = {}
        self._monitoring: Any = getattr(sys, "monitoring", None)  # from 3.12, and much cheaper
        if self._monitoring and not self._monitoring.get_tool(self._monitoring.PROFILER_ID):
            tool, event = self._monitoring.PROFILER_ID, self._monitoring.events.PY_START
            self._monitoring.use_tool_id(tool, "ocode")
            self._monitoring.register_callback(tool, event, self._start)
            self._monitoring.set_events(tool, event)
        else:
            self._monitoring = None
            sys.settrace(self._call)

    def _start(self, code: Any, _: int) -> Any:
        self.ran[id(code)] = code
        return self._monitoring.DISABLE

    def _call(self, frame: Any, event: str, arg: Any) -> None:
        code = frame.f_code
        self.ran[id(code)] = code

    def stop(self) -> dict[int, Any]:
        """The code objects by their `id`; none is kept from now on."""
        if self._monitoring:
            self._monitoring.set_events(self._monitoring.PROFILER_ID, 0)
            self._monitoring.free_tool_id(self._monitoring.PROFILER_ID)
        elif sys.gettrace() == self._call:
            sys.settrace(None)
        return self.ran


class Index:
    """The project's functions as they are loaded now. `relative` gives a file's path from the top, None if it is not
    the project's; `ran` is what `Watch` kept."""

    def __init__(self, relative: Callable[[str], Any], ran: dict[int, Any]) -> None:
        self._ran = dict(ran)
        self._live: dict[int, list[Any]] = {}
        self._codes: dict[tuple[str, int, str], list[Any]] = {}
        self._loaded: set[str] = set()
        self._spaces: dict[str, list[dict[str, Any]]] = {}
        for module in list(sys.modules.values()):
            space: dict[str, Any] = getattr(module, "__dict__", {})
            file = space.get("__file__")
            path = relative(file) if isinstance(file, str) else None
            if path:
                self._loaded.add(path)
                self._spaces.setdefault(path, []).append(space)
        objects: list[Any] = gc.get_objects()
        for one in objects:
            if type(one) is types.FunctionType:
                self._add(one, relative(one.__code__.co_filename))
            for kind, name in _PAUSED:
                if type(one) is kind:
                    self._ran[id(getattr(one, name))] = getattr(one, name)

    def _add(self, function: Any, path: Any) -> None:
        code = function.__code__
        if not path:
            return
        self._loaded.add(path)
        if id(code) not in self._live:
            self._codes.setdefault((path, code.co_firstlineno, code.co_name), []).append(code)
        self._live.setdefault(id(code), []).append(function)

    def plan(self, path: str, unit: Any, names: Any = None) -> list[tuple[Any, Any, Any]]:
        """What to do for a change of `unit` (as `ocode_tools.warm.swap.Swap.unit` says it, None for a change outside
        of functions, then `names` are its) in the file `path`: (function, its new code, its new defaults or None), or
        (a module's names, the code to run among them, None).

        Nothing has to be done where the file is not loaded yet. Raises `Cold`.
        """
        if path not in self._loaded:
            return []
        if names:
            return [self._bind(path, names)]
        if not unit:
            raise Cold("it changes what runs at import")
        *classes, name = unit["name"].split(".")
        olds = self._codes.get((path, unit["first"], name))
        if not olds:
            raise Cold(f"{unit['name']} is not loaded as a plain function")
        defaults = unit["defaults"] and (
            tuple(map(ast.literal_eval, unit["defaults"]["positional"])) or None,
            {key: ast.literal_eval(text) for key, text in unit["defaults"]["keywords"].items()} or None,
        )
        found: list[tuple[Any, Any, Any]] = []
        for old in olds:
            new = _compiled(unit["text"], old, [*classes, name])
            for before, after, changed in _pairs(old, new):
                given = defaults if before is old else None
                found.extend((function, after, given) for function in self._swaps(before, after, changed))
        return found

    def _bind(self, path: str, names: Any) -> tuple[Any, Any, None]:
        """What to do for names at the top of a module."""
        spaces = self._spaces.get(path, [])
        wanted = set(names["names"])
        if len(spaces) != 1:
            raise Cold("its module is not loaded once")
        (space,) = spaces
        if names["fresh"] and wanted & set(space):
            raise Cold(f"{min(wanted & set(space))} is there already")
        file = space["__file__"]
        others = [other for some in self._spaces.values() for other in some if other is not space]
        taken = {name for other in others for name in wanted & set(other) if space.get(name) is other[name]}
        if taken and not names["fresh"]:
            raise Cold(f"{min(taken)} may be another module's too")
        files = {file} if names["fresh"] else {file, *(other.get("__file__") for other in others)}
        for code in self._ran.values():
            own = code.co_filename == file and code.co_name == "<module>"  # looked at before
            if code.co_filename in files and not own and wanted & set(code.co_names):
                raise Cold(f"{code.co_name} ran at import")
        make: Any = compile
        return space, make(names["text"], file, "exec", dont_inherit=True), None

    def function(self, path: str, first: int, name: str) -> Any:
        """The function `name` that starts on a line of a file; None where it is not loaded, or more than once."""
        found = [one for code in self._codes.get((path, first, name), ()) for one in self._live[id(code)]]
        return found[0] if len(found) == 1 else None

    def _swaps(self, before: Any, after: Any, changed: bool) -> list[Any]:
        """The functions that get the code `after` in place of `before`."""
        live = self._live.get(id(before), [])
        if changed and id(before) in self._ran:
            raise Cold(f"{before.co_name} ran at import")
        if live and after is None:
            raise Cold(f"{before.co_name} is loaded and was taken out")
        if live and before.co_freevars != after.co_freevars:
            raise Cold(f"{before.co_name} takes other names from around it")
        return live


def _compiled(text: str, old: Any, chain: list[str]) -> Any:
    """The code of the innermost of the nested definitions `chain` in `text`."""
    make: Any = compile
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = make(text, old.co_filename, "exec", flags=old.co_flags & _FUTURE, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise Cold(f"it does not compile alone: {problem}") from None
    for name in chain:
        found = next((one for one in _nested(found) if one.co_name == name), None)
        if found is None:
            raise Cold(f"{name} is not found alone")
    return found


def _nested(code: Any) -> list[Any]:
    return [one for one in code.co_consts if isinstance(one, types.CodeType)]


def _pairs(old: Any, new: Any) -> Iterator[tuple[Any, Any, bool]]:
    """A code and those nested in it with what becomes of each, and whether it does anything else than before."""
    mine, others = _nested(old), _nested(new)
    if [one.co_name for one in mine] != [one.co_name for one in others]:
        yield old, new, True
        for one in mine:
            yield from _gone(one)
        return
    yield old, new, _does(old) != _does(new)
    for before, after in zip(mine, others):  # noqa: B905 - not before 3.10
        yield from _pairs(before, after)


def _gone(code: Any) -> Iterator[tuple[Any, Any, bool]]:
    yield code, None, False
    for one in _nested(code):
        yield from _gone(one)


def _does(code: Any) -> list[Any]:
    """What a code does itself, without those nested in it and without its places in the file."""
    constants = [None if isinstance(one, types.CodeType) else repr(one) for one in code.co_consts]
    shape = [getattr(code, f"co_{name}") for name in _SHAPE]
    handlers = getattr(code, "co_exceptiontable", None)  # from 3.11
    return [code.co_code, code.co_flags, constants, handlers, *shape]


class Files:
    """Writes candidates into the tree, for whatever reads or imports a file, and puts back what was there."""

    def __init__(self, top: str) -> None:
        self._top = top
        self._before: dict[str, bytes] = {}

    def put(self, path: str, start: int, end: int, data: bytes) -> None:
        """Replace the bytes from `start` to `end` of a file as it was when it was first asked for."""
        if path not in self._before:
            with open(os.path.join(self._top, path), "rb") as file:
                self._before[path] = file.read()
        before = self._before[path]
        self._write(path, before[:start] + data + before[end:])

    def restore(self, path: str) -> None:
        """Put back what was there."""
        if path in self._before:
            self._write(path, self._before[path])

    def _write(self, path: str, data: bytes) -> None:
        with open(os.path.join(self._top, path), "wb") as file:
            file.write(data)
