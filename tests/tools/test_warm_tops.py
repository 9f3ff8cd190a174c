"""Imports that come and variables of a module that change, in a process that runs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ocode_tools.inside.ocode_swap import Cold, Index
from ocode_tools.source import Source
from ocode_tools.warm.tops import new_names

Load = Callable[[str, str], ModuleType]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Import a text as a module of a name."""
    made: list[str] = []

    def make(name: str, text: str) -> ModuleType:
        file = tmp_path / f"{name}.py"
        file.write_text(text)
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        made.append(name)
        spec.loader.exec_module(module)
        return module

    yield make
    for name in made:
        sys.modules.pop(name, None)


def put(before: str, after: str, folder: Path, ran: dict[int, Any] | None = None) -> None:
    """Put the change of the module `tops_subject` in as a child does."""

    def relative(path: str) -> str | None:
        return Path(path).name if path.startswith(str(folder)) else None

    found = new_names(Source("tops_subject.py", before.encode()), after)
    ((space, code, _),) = Index(relative, ran or {}).plan("tops_subject.py", None, asdict(found) if found else None)
    exec(code, space)


GOOD = {
    "an import": ("def f():\n    return math.floor(2.5)\n", "import math\n\n\ndef f():\n    return math.floor(2.5)\n"),
    "one name more": (
        "from math import ceil\n\n\ndef f():\n    return floor(2.5)\n",
        "from math import ceil, floor\n\n\ndef f():\n    return floor(2.5)\n",
    ),
    "a submodule": (
        "def f():\n    return len(os.path.join('a'))+1\n",
        "import os.path\n\n\ndef f():\n    return len(os.path.join('a'))+1\n",
    ),
    "a constant": ("X = 1\n\n\ndef f():\n    return X\n", "X = 2\n\n\ndef f():\n    return X\n"),
    "a noted constant": ("X: int = 1\n\n\ndef f():\n    return X\n", "X: int = 2\n\n\ndef f():\n    return X\n"),
    "a table": ("X = {1: 1}\n\n\ndef f():\n    return X[1]\n", "X = {1: 2}\n\n\ndef f():\n    return X[1]\n"),
}


@pytest.mark.parametrize(("before", "after"), GOOD.values(), ids=GOOD)
def test_names_at_the_top_are_bound_anew(load: Load, tmp_path: Path, before: str, after: str) -> None:
    module = load("tops_subject", before)
    put(before, after, tmp_path)
    assert module.f() == 2


REST = "\n\ndef f(a=1):\n    return X + a\n"
LEFT = {
    "used by another": ("X = 1\nY = X + 1\n", "X = 2\nY = X + 1\n"),
    "used by a default": ("X = 1\n\n\ndef g(a=X):\n    return a\n", "X = 2\n\n\ndef g(a=X):\n    return a\n"),
    "used by a class": ("X = 1\n\n\nclass A:\n    b = X\n", "X = 2\n\n\nclass A:\n    b = X\n"),
    "used by a decorator": ("X = id\n\n\n@X\ndef g(): ...\n", "X = 2\n\n\n@X\ndef g(): ...\n"),
    "bound twice": ("X = 1\nX = 3\n", "X = 2\nX = 3\n"),
    "computed": ("X = 1\n", "X = len('aa')\n"),
    "two": ("X = 1\nY = 1\n", "X = 2\nY = 2\n"),
    "an import for another": ("import math as X\n", "import cmath as X\n"),
    "an import gone": ("import math\nX = 1\n", "X = 1\n"),
    "all names": ("X = 1\n", "from math import *\nX = 1\n"),
    "the future": ("X = 1\n", "from __future__ import annotations\nX = 1\n"),
    "no Python": ("X = 1\n", "X = (\n"),
    "the same": ("X = 1\n", "X = 1\n"),
}


@pytest.mark.parametrize(("before", "after"), LEFT.values(), ids=LEFT)
def test_what_the_import_itself_may_use_is_left_to_a_fresh_process(before: str, after: str) -> None:
    assert new_names(Source("a.py", (before + REST).encode()), after + REST) is None


def test_a_value_that_another_module_took_over_is_left_to_a_fresh_process(load: Load, tmp_path: Path) -> None:
    before = "X = 1000\n"
    load("tops_subject", before)
    load("tops_other", "from tops_subject import X\n")
    with pytest.raises(Cold, match="another module's"):
        put(before, "X = 2\n", tmp_path)


def test_what_ran_at_import_with_it_is_left_to_a_fresh_process(load: Load, tmp_path: Path) -> None:
    before = "X = 1000\n\n\ndef f():\n    return X\n"
    code = load("tops_subject", before).f.__code__
    with pytest.raises(Cold, match="ran at import"):
        put(before, before.replace("1000", "2"), tmp_path, {id(code): code})


def test_a_name_that_is_there_needs_no_import(load: Load, tmp_path: Path) -> None:
    before = "globals()['math'] = 1\n"
    load("tops_subject", before)
    with pytest.raises(Cold, match="there already"):
        put(before, "import math\n" + before, tmp_path)
