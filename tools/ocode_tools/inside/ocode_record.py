"""Calls one function with literal arguments and says what comes of it, a JSON line for each call.

    python ocode_record.py MODULE NAME <CALLS     where CALLS is a JSON list of argument texts

Python 3.8 or later, standard library and ocode_pytest beside it only. A call that does not give the same twice, that
changes its arguments, takes over a second, or whose result is no literal is passed over.
"""

from __future__ import annotations

import ast
import functools
import importlib
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocode_tools.inside.ocode_pytest import Places
else:
    from ocode_pytest import Places

SECONDS = 1


class Timeout(BaseException):
    """A call takes too long."""


def _late(*_: Any) -> None:
    raise Timeout


def values(arguments: str) -> Any:
    """Positional and named arguments of a text; each value is a literal."""
    call: Any = ast.parse(f"f({arguments})", mode="eval").body
    return [ast.literal_eval(one) for one in call.args], {w.arg: ast.literal_eval(w.value) for w in call.keywords}


def outcome(function: Any, arguments: str) -> Any:
    """The fields of an answer; None where nothing sure can be said."""
    said: Any = []
    for _ in range(2):
        given, named = values(arguments)
        signal.alarm(SECONDS)
        try:
            result = function(*given, **named)
        except BaseException as problem:
            said.append({"raised": type(problem).__name__ if type(problem).__module__ == "builtins" else ""})
            continue
        finally:
            signal.alarm(0)
        if (given, named) != values(arguments):
            return None
        shown = repr(result)
        try:
            same = ast.literal_eval(shown)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
        if same != result or type(same) is not type(result):
            return None
        said.append({"value": shown})
    return said[0] if said[0] == said[1] else None


def main() -> None:
    """See above."""
    module, name = sys.argv[1:3]
    places = Places(os.environ)
    places.redirect()
    out = os.dup(1)
    os.dup2(2, 1)  # what the project prints is no answer
    sys.path[:0] = [os.getcwd()]
    loaded = importlib.import_module(module)
    if places.relative(str(loaded.__file__)) is None:
        return
    function = functools.reduce(getattr, name.split("."), loaded)
    signal.signal(signal.SIGALRM, _late)
    for number, arguments in enumerate(json.load(sys.stdin)):
        said = outcome(function, arguments)
        if said:
            os.write(out, f"{json.dumps({'call': number, **said})}\n".encode())


if __name__ == "__main__":
    main()
