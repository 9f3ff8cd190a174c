"""Which function a change is in, and its new code in the functions that are loaded."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.edits import Edit
from ocode_tools.inside.ocode_swap import Cold, Files, Index
from ocode_tools.source import Source
from ocode_tools.warm.swap import Defaults, changed, new_unit, swap

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Import a text as the module `warm_subject`."""

    def make(text: str) -> ModuleType:
        file = tmp_path / "warm_subject.py"
        file.write_text(text)
        spec = importlib.util.spec_from_file_location("warm_subject", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["warm_subject"] = module
        spec.loader.exec_module(module)
        return module

    yield make
    sys.modules.pop("warm_subject", None)


def put(module: ModuleType, before: str, after: str, ran: dict[int, Any] | None = None) -> int:
    """Put the change into the module as a child does; how many functions were changed."""
    source = Source("warm_subject.py", before.encode())
    unit = new_unit(source, after)
    index = Index(lambda path: "warm_subject.py" if path == module.__file__ else None, ran or {})
    steps = index.plan("warm_subject.py", asdict(unit) if unit else None)
    for function, code, defaults in steps:
        function.__code__ = code
        if defaults:
            function.__defaults__, function.__kwdefaults__ = defaults
    return len(steps)


CALLABLES: dict[str, tuple[str, str]] = {
    "function": ("def f():\n    return BUG\n", "f()"),
    "alias elsewhere": ("def f():\n    return BUG\n\n\nclass Other:\n    g = staticmethod(f)\n", "Other.g()"),
    "partial": ("import functools\n\n\ndef f(x):\n    return BUG + x\n\n\ng = functools.partial(f, 0)\n", "g()"),
    "method": ("class A:\n    def f(self):\n        return BUG\n", "A().f()"),
    "bound method": ("class A:\n    def f(self):\n        return BUG\n\n\nkept = A().f\n", "kept()"),
    "inherited": ("class A:\n    def f(self):\n        return BUG\n\n\nclass B(A):\n    pass\n", "B().f()"),
    "super": (
        "class A:\n    def f(self):\n        return 0\n\n\nclass B(A):\n    def f(self):\n"
        "        return super().f() + BUG\n",
        "B().f()",
    ),
    "mangled": ("class A:\n    __x = 0\n\n    def f(self):\n        return self.__x + BUG\n", "A().f()"),
    "static": ("class A:\n    @staticmethod\n    def f():\n        return BUG\n", "A.f()"),
    "class method": ("class A:\n    @classmethod\n    def f(cls):\n        return BUG\n", "A().f()"),
    "property": ("class A:\n    @property\n    def f(self):\n        return BUG\n", "A().f"),
    "cached property": (
        "from functools import cached_property\n\n\nclass A:\n    @cached_property\n    def f(self):\n"
        "        return BUG\n",
        "A().f",
    ),
    "setter": (
        "class A:\n    @property\n    def f(self):\n        return self.x\n\n    @f.setter\n    def f(self, value):\n"
        "        self.x = BUG\n",
        "(lambda a: (setattr(a, 'f', 0), a.f)[1])(A())",
    ),
    "nested class": ("class A:\n    class B:\n        def f(self):\n            return BUG\n", "A.B().f()"),
    "generator": ("def f():\n    yield BUG\n", "list(f())[0]"),
    "coroutine": ("async def f():\n    return BUG\n", "run(f())"),
    "nested": ("def f():\n    def g():\n        return BUG\n    return g()\n", "f()"),
    "lambda inside": ("def f():\n    return (lambda x: x + BUG)(0)\n", "f()"),
    "recursive": ("def f(n=3):\n    return f(n - 1) if n else BUG\n", "f()"),
    "cached": ("from functools import lru_cache\n\n\n@lru_cache\ndef f():\n    return BUG\n", "f()"),
    "wrapped": (
        "import functools\n\n\ndef twice(g):\n    @functools.wraps(g)\n    def inner():\n        return g()\n"
        "    return inner\n\n\n@twice\ndef f():\n    return BUG\n",
        "f()",
    ),
    "wrapped without a trace": (
        "def twice(g):\n    return lambda: g()\n\n\n@twice\ndef f():\n    return BUG\n",
        "f()",
    ),
    "wrapper": (
        "def plus(g):\n    def inner():\n        return g() + BUG\n    return inner\n\n\n@plus\n"
        "def f():\n    return 0\n",
        "f()",
    ),
    "dataclass": (
        "from dataclasses import dataclass\n\n\n@dataclass(slots=True)\nclass A:\n    x: int = 0\n\n"
        "    def f(self):\n        return self.x + BUG\n",
        "A().f()",
    ),
    "under a condition": ("if True:\n    def f():\n        return BUG\n", "f()"),
    "future": ("from __future__ import annotations\n\n\ndef f():\n    x: Missing = BUG\n    return x\n", "f()"),
}


@pytest.mark.parametrize(("text", "call"), CALLABLES.values(), ids=CALLABLES)
def test_every_kind_of_callable_takes_new_code(load: Load, text: str, call: str) -> None:
    before, after = text.replace("BUG", "1"), text.replace("BUG", "2")
    module = load(before)
    others = {"run": asyncio.run}
    assert put(module, before, after)
    assert eval(call, {**vars(module), **others}) == 2


DEFAULTS = {
    "positional": ("def f(x=1):\n    return x\n", "def f(x=2):\n    return x\n", 2),
    "keyword": ("def f(*, x=1):\n    return x\n", "def f(*, x=2):\n    return x\n", 2),
    "mutable": (
        "def f(x=[1]):\n    x.append(1)\n    return len(x)\n",
        "def f(x=None):\n    x = x or [1]\n    x.append(1)\n    return len(x)\n",
        2,
    ),
    "one more": ("def f(x=1):\n    return x\n", "def f(x=1, y=1):\n    return x + y\n", 2),
    "one less": ("def f(x=1, y=3):\n    return x\n", "def f(x=2):\n    return x\n", 2),
    "kept": ("ONE = 2\n\n\ndef f(x=ONE):\n    return x - 1\n", "ONE = 2\n\n\ndef f(x=ONE):\n    return x\n", 2),
}


@pytest.mark.parametrize(("before", "after", "value"), DEFAULTS.values(), ids=DEFAULTS)
def test_defaults_are_the_new_ones(load: Load, before: str, after: str, value: int) -> None:
    module = load(before)
    assert put(module, before, after)
    assert module.f() == value


FRESH = {
    "module level": ("X = 1\n\n\ndef f():\n    return X\n", "X = 2\n\n\ndef f():\n    return X\n"),
    "class level": ("class A:\n    x = 1\n", "class A:\n    x = 2\n"),
    "two functions": (
        "def f():\n    return 1\n\n\ndef g():\n    return 1\n",
        "def f():\n    return 2\n\n\ndef g():\n    return 2\n",
    ),
    "decorator": (
        "import functools\n\n\ndef f():\n    return 1\n",
        "import functools\n\n\n@functools.lru_cache\ndef f():\n    return 1\n",
    ),
    "decorator gone": (
        "import functools\n\n\n@functools.lru_cache\ndef f():\n    return 1\n",
        "import functools\n\n\ndef f():\n    return 1\n",
    ),
    "parameters under a decorator": (
        "import functools\n\n\n@functools.lru_cache\ndef f(x=1):\n    return x\n",
        "import functools\n\n\n@functools.lru_cache\ndef f(x=2):\n    return x\n",
    ),
    "a default that is computed": ("def f(x=len('a')):\n    return x\n", "def f(x=len('aa')):\n    return x\n"),
    "name": ("def f():\n    return 1\n", "def g():\n    return 1\n"),
    "not loaded": ("if False:\n    def f():\n        return 1\n", "if False:\n    def f():\n        return 2\n"),
    "other free variables": (
        "def make(x, y):\n    def f():\n        return x\n    return f\n\n\nf = make(1, 2)\n",
        "def make(x, y):\n    def f():\n        return y\n    return f\n\n\nf = make(1, 2)\n",
    ),
    "a function that is loaded goes": (
        "def make():\n    def f():\n        return 1\n    return f\n\n\nf = make()\n",
        "def make():\n    return 1\n\n\nf = make()\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), FRESH.values(), ids=FRESH)
def test_what_cannot_be_put_in_is_left_to_a_fresh_process(load: Load, before: str, after: str) -> None:
    module = load(before)
    with pytest.raises(Cold):
        put(module, before, after)


def test_what_ran_at_import_is_left_to_a_fresh_process(load: Load) -> None:
    before = "def f():\n    return 1\n\n\nX = f()\n"
    module = load(before)
    code = module.f.__code__
    with pytest.raises(Cold, match="ran at import"):
        put(module, before, before.replace("return 1", "return 2"), {id(code): code})


def test_only_what_changes_must_not_have_run(load: Load) -> None:
    before = "def make():\n    def f():\n        return 1\n    return f\n\n\nf = make()\n"
    module = load(before)
    code = module.make.__code__
    assert put(module, before, before.replace("return 1", "return 2"), {id(code): code}) == 2
    assert (module.f(), module.make()()) == (2, 2)


def test_a_generator_that_has_begun_counts_as_run(load: Load) -> None:
    before = "def f():\n    yield 1\n\n\nX = f()\n"
    module = load(before)
    with pytest.raises(Cold, match="ran at import"):
        put(module, before, before.replace("yield 1", "yield 2"))


def test_a_file_that_is_not_loaded_needs_nothing(load: Load) -> None:
    load("")
    assert Index(lambda path: None, {}).plan("other.py", None) == []


def test_lines_stay_where_they_are(load: Load) -> None:
    before = "import sys\n\n\nclass A:\n    def f(self):\n        return sys._getframe().f_lineno\n"
    module = load(before)
    assert put(module, before, before.replace("return ", "\n        return 0 + "))
    assert module.A().f() == 7


UNITS = {
    "a line below the last": (
        "def f():\n    x = 1\n\n\ny = 1\n",
        "def f():\n    x = 1\n    return x\n\n\ny = 1\n",
        "f",
    ),
    "the last line gone": ("def f():\n    x = 1\n    return x\n", "def f():\n    x = 1\n", "f"),
    "between two methods": (
        "class A:\n    def f(self):\n        x = 1\n    def g(self):\n        pass\n",
        "class A:\n    def f(self):\n        x = 1\n        return x\n    def g(self):\n        pass\n",
        "A.f",
    ),
    "first lines alike": (
        "class A:\n    def f(self):\n        x = 1\n    y = 2\n",
        "class A:\n    def f(self):\n        x = 1\n        y = 1\n    y = 2\n",
        "A.f",
    ),
    "tabs": ("class A:\n\tdef f(self):\n\t\treturn 1\n", "class A:\n\tdef f(self):\n\t\treturn 2\n", "A.f"),
    "line ends": ("def f():\r\n    return 1\r\n", "def f():\r\n    return 2\r\n", "f"),
    "letters": ("# ü\ndef f():\n    return 'ä'\n", "# ü\ndef f():\n    return 'ö'\n", "f"),
    "import": ("def f():\n    return 1\n", "import os\ndef f():\n    return 1\n", None),
    "two functions": ("def f(): return 1\ndef g(): return 1\n", "def f(): return 2\ndef g(): return 2\n", None),
    "a function more": ("def f(): return 1\n", "def f(): return 1\ndef g(): return 1\n", None),
    "no Python": ("def f():\n    return 1\n", "def f():\n    return (\n", None),
}


@pytest.mark.parametrize(("before", "after", "name"), UNITS.values(), ids=UNITS)
def test_the_function_that_a_change_is_in(before: str, after: str, name: str | None) -> None:
    found = new_unit(Source("a.py", before.encode()), after)
    assert (found and found.name) == name


def test_new_defaults_are_told() -> None:
    found = new_unit(Source("a.py", b"def f(a=1, *, b=2): pass\n"), "def f(a=-1, *, b=(), c=None): pass\n")
    assert found is not None
    assert found.defaults == Defaults(("-1",), {"b": "()", "c": "None"})


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"x = 1\n", b"x = 2\n"), (b"\xef\xbb\xbfx = 1\n", b"\xef\xbb\xbfx = 1\ny = 1\n"), (b"x = 1\n", b"x = '\xff'\n")],
    ids=["plain", "mark", "not text"],
)
def test_bytes_come_out_as_they_should(tmp_path: Path, before: bytes, after: bytes) -> None:
    found = swap(Edit("a.py", before, after), Source("a.py", before))
    if found is None:
        assert b"\xff" in after
        return
    (tmp_path / "a.py").write_bytes(before)
    files = Files(str(tmp_path))
    files.put("a.py", found.start, found.end, found.data)
    assert (tmp_path / "a.py").read_bytes() == after
    files.restore("a.py")
    assert (tmp_path / "a.py").read_bytes() == before


def test_a_file_that_comes_or_goes_is_no_swap() -> None:
    assert swap(Edit("a.py", b"", None), Source("a.py", b"")) is None
    assert swap(Edit("a.py", None, b""), Source("a.py", b"")) is None


@settings(max_examples=100, deadline=None)
@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12))
def test_only_the_changed_stretch_differs(before: str, after: str) -> None:
    start, end = changed(before, after)
    tail = len(before) - end
    assert before[:start] + after[start : len(after) - tail] + before[end:] == after
    assert start == end or before[start:end] != after[start : len(after) - tail]


def test_code_of_a_cached_function_is_found_before_it_ran(load: Load) -> None:
    before = "import functools\n\n\n@functools.lru_cache\ndef f():\n    return 1\n"
    module = load(before)
    assert module.f.cache_info().currsize == 0
    assert put(module, before, before.replace("return 1", "return 2")) == 1
