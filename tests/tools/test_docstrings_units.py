"""Which units need a docstring, which may have none of ours, and what is true of them."""

from __future__ import annotations

import re

import pytest

from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.facts import facts
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import Style
from ocode_tools.docstrings.raises import Raises
from ocode_tools.docstrings.units import DEFAULT, RULES, Rules
from ocode_tools.selection import Selection


def wanting(text: str, *skip: str, path: str = "shop/cart.py", selection: Selection | None = None) -> list[str]:
    """The names of what needs a docstring when nothing but `skip` is left out."""
    chosen = selection or Selection((path,))
    return [unit.qualname for unit in Page(path, text.encode()).wanting(chosen, Rules(frozenset(skip)))]


MANY = '''
class A:
    """Doc."""
    def __init__(self, x): ...
    def __eq__(self, other): ...
    def _hidden(self): ...
    @property
    def p(self): ...
    @p.setter
    def p(self, value): ...
    @override
    def o(self): ...
    class Inner: ...
@overload
def f(a: int): ...
async def g():
    """Doc."""
    def nested(): ...
    class Local: ...
class _Private:
    def m(self): ...
'''
ALL: list[str] = re.findall(
    r"\S+",
    "<module> A.__init__ A.__eq__ A._hidden A.p A.p A.o A.Inner f g.nested g.Local _Private _Private.m",
)


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        ("init", "A.__init__"),
        ("magic", "A.__eq__"),
        ("private", "A._hidden _Private _Private.m"),
        ("property", "A.p"),
        ("setter", "A.p"),
        ("override", "A.o"),
        ("overload", "f"),
        ("nested", "g.nested g.Local"),
        ("class", "A.Inner g.Local _Private"),
        ("module", "<module>"),
        ("function", "f g.nested"),
        ("method", "A.__init__ A.__eq__ A._hidden A.p A.p A.o _Private.m"),
    ],
)
def test_each_rule_leaves_out_its_own(rule: str, gone: str) -> None:
    left = list(ALL)
    for name in gone.split():
        left.remove(name)
    assert wanting(MANY) == ALL
    assert wanting(MANY, rule) == left


def test_the_rules_that_hold_by_default() -> None:
    assert wanting(MANY, *DEFAULT) == ["<module>", "A.p", "A.Inner"]
    assert set(DEFAULT) < set(RULES)


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("shop/tests/test_cart.py", "def f(): ...\n", []),
        ("shop/cart.pyi", "def f(): ...\n", []),
        ("shop/__init__.py", "def f(): ...\n", ["f"]),
        ("shop/__init__.py", "# nothing\n", []),
        ("shop/_hidden.py", "def f(): ...\n", []),
        ("shop/new.py", "# nothing\n", []),
    ],
)
def test_files_that_need_none(path: str, text: str, names: list[str]) -> None:
    assert wanting(text, *DEFAULT, path=path) == names


def test_a_name_that_is_asked_for_is_never_left_out() -> None:
    chosen = Selection(("a.py",), {"a.py": ("A._hidden", "_Private")})
    assert wanting(MANY, *DEFAULT, path="a.py", selection=chosen) == ["A._hidden", "_Private"]


LINES = """import os
class A:
    x = 1
    def f(self):
        return 1

    def g(self):
        return 2
def h():
    return 3
"""


@pytest.mark.parametrize(
    ("ranges", "names"),
    [
        ([(5, 5)], ["A.f"]),
        ([(6, 8)], ["A.g"]),
        ([(3, 3)], ["A"]),
        ([(2, 2)], ["A"]),
        ([(11, 10)], []),
        ([(10, 9)], ["h"]),  # a line went between 9 and 10
        ([(1, 1)], []),
        ([(1, 10)], ["<module>", "A", "A.f", "A.g", "h"]),
    ],
    ids=str,
)
def test_only_units_that_change_themselves(ranges: list[tuple[int, int]], names: list[str]) -> None:
    assert wanting(LINES, path="a.py", selection=Selection(("a.py",), {}, {"a.py": tuple(ranges)})) == names


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("from docopt import docopt\nargs = docopt(__doc__)\n", "<module>", "__doc__"),
        ("def main():\n    parser(description=__doc__)\n", "<module>", "__doc__"),
        ("@click.command()\ndef f(): ...\n", "f", "help text"),
        ("@app.callback\ndef f(): ...\n", "f", "help text"),
        ("@router.get('/items')\nasync def f(): ...\n", "f", "published"),
        ("import ply.yacc as yacc\ndef p_term(p): ...\n", "p_term", "grammar"),
        ("class T(unittest.TestCase):\n    def test_x(self): ...\n", "T.test_x", "unittest"),
        ("@mcp.tool()\ndef f(): ...\n", "f", "shown to a model"),
        ("import nox\n@nox.session\ndef f(s): ...\n", "f", "description"),
        ("class A:\n    def help(self): return self.__doc__\nclass B(A): ...\n", "A", "__doc__"),
        ("class A:\n    def help(self): return self.__doc__\nclass B(A): ...\n", "B", "base class"),
        ("def f(): ...\nprint(f.__doc__)\n", "f", "__doc__"),
        ("def register(g):\n    TABLE[g.__doc__] = g\n@register\ndef f(): ...\n", "f", "register"),
        ("def f():\n    f'''Doc {x}.'''\n", "f", "f-string"),
        ("@cache.get('key')\ndef f(): ...\n", "f", ""),
        ("@functools.cache\ndef f(): ...\n", "f", ""),
        ("def p_term(p): ...\n", "p_term", ""),
    ],
)
def test_docstrings_that_the_program_reads(text: str, name: str, said: str) -> None:
    page = Page("a.py", text.encode())
    (unit,) = [unit for unit in page.units if unit.qualname == name]
    assert said in page.why_not(unit)
    assert bool(said) == bool(page.why_not(unit))


PLAIN = Style()


def told(text: str, style: Style = PLAIN, name: str = "f") -> list[str]:
    """The entries of a unit as `section name type [what is known]`."""
    page = Page("a.py", text.encode())
    unit: Unit = next(unit for unit in page.units if unit.qualname == name)
    found = facts(page.source, unit, style, Raises(page.source)).entries
    return [" ".join(filter(None, (e.section, e.name, e.type, f"[{e.told}]" if e.told else ""))) for e in found]


TYPED = Style(types=True, result_types=True)


@pytest.mark.parametrize(
    ("text", "style", "entries"),
    [
        ("def f(a, /, b=1, *c, d, e='x', **g): ...", Style(),
         ["args a", "args b [default 1]", "args *c [further positional arguments]", "args d",
          "args e [default 'x']", "args **g [further keyword arguments]"]),
        ("def f(a: int, b: 'X' = None) -> dict[str,\n   int]: return {}", TYPED,
         ["args a int", "args b X [default None]", "returns dict[str, int] [type dict[str, int]]"]),
        ("def f(_, __, a): return", Style(), ["args a"]),
        ("def f(): return None", Style(), []),
        ("def f() -> None: ...", Style(), []),
        ("def f() -> int: ...", Style(), ["returns [type int]"]),
        ("def f():\n    def g(): return 1\n    return g", Style(), ["returns"]),
        ("def f():\n    def g(): yield 1\n    lambda: (yield)", Style(), []),
        ("def f() -> Iterator[int]:\n    yield 1", TYPED, ["yields int"]),
        ("def f() -> Generator[int, None, str]:\n    yield 1\n    return ''", TYPED, 
         ["returns str [type str]", "yields int"]),
        ("async def f():\n    x = yield", Style(), ["yields"]),
        ("def f(summary, returns): return 1", Style(), ["args summary", "args returns", "returns"]),
    ],
)  # fmt: skip
def test_parameters_and_results(text: str, style: Style, entries: list[str]) -> None:
    assert told(text, style) == entries


RAISING = """
class Bad(ValueError): ...
def check(x):
    if x: raise Bad("no")
    raise m.Worse
def f(x):
    try:
        check(x)
        raise KeyError
    except KeyError:
        pass
    except ValueError as error:
        raise TypeError from error
    raise NotImplementedError
class A:
    @property
    def p(self): raise OSError
    def m(self):
        with suppress(OSError):
            raise FileNotFoundError
        self.n()
    def n(self):
        try:
            g()
        except (IndexError, q.Lost) as error:
            log()
            raise
        except Exception:
            clean()
            raise
        raise error
        def inner(): raise ZeroDivisionError
"""


@pytest.mark.parametrize(
    ("name", "strict", "entries"),
    [
        ("check", False, ["raises Bad", "raises m.Worse"]),
        ("f", False, ["raises m.Worse [raised by check()]", "raises TypeError"]),
        ("f", True, ["raises KeyError", "raises TypeError", "raises NotImplementedError"]),
        ("A.m", False, ["raises IndexError [raised by n()]", "raises q.Lost [raised by n()]"]),
        ("A.m", True, ["raises FileNotFoundError"]),
        ("A.n", False, ["raises IndexError", "raises q.Lost"]),
        ("A.n", True, ["raises IndexError", "raises q.Lost", "raises Exception"]),
        ("A.p", False, []),
    ],
)
def test_exceptions(name: str, strict: bool, entries: list[str]) -> None:
    found = told(RAISING, Style(strict=strict), name)
    assert [entry for entry in found if entry.startswith("raises")] == entries


def test_calls_in_a_circle_end() -> None:
    assert told("def f(): g()\ndef g():\n    f()\n    raise ValueError\n") == ["raises ValueError [raised by g()]"]


CLASS = """
@dataclass
class A:
    x: int
    y: list[str] = field(default_factory=list)
    _z: int = 0
class B:
    limit = 3
    def __init__(self, size: int = 2):
        if size < 0: raise ValueError
        self.size = size
"""


@pytest.mark.parametrize(
    ("name", "style", "entries"),
    [
        ("A", TYPED, ["attributes x int", "attributes y list[str] [default field(default_factory=list)]"]),
        ("B", Style(), ["args size [default 2]", "raises ValueError"]),
        ("B", Style(members=True), ["args size [default 2]", "raises ValueError", "attributes limit [default 3]"]),
        ("B", Style(init=True), []),
        ("B.__init__", Style(init=True), ["args size [default 2]", "raises ValueError"]),
    ],
)
def test_classes(name: str, style: Style, entries: list[str]) -> None:
    assert told(CLASS, style, name) == entries


def test_attributes_that_init_sets_are_known() -> None:
    page = Page("a.py", CLASS.encode())
    unit = next(unit for unit in page.units if unit.qualname == "B")
    assert page.facts(unit, Style()).attributes == ("limit", "size")
