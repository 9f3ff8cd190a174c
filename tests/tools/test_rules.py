"""The candidates as a whole: their order, their soundness, what they never touch, and odd files."""

from __future__ import annotations

import ast
import codecs
from collections.abc import Mapping
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocode_tools.results import Failure, Frame
from ocode_tools.rules import CAP, PRIORS, SPEAKS, TEMPLATES, Candidate, Scope, Suspect, candidates
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols


def scopes(
    data: bytes, failures: tuple[Failure, ...] = (), lines: Mapping[int, float] | None = None, path: str = "pkg/mod.py"
) -> list[Scope]:
    source = Source(path, data)
    symbols = Symbols([(path, source)])
    return [
        Scope(source, Suspect(path, unit.qualname, 0.5, lines or {}), unit, failures, symbols)
        for unit in source.functions()
    ]


def found(data: bytes, failures: tuple[Failure, ...] = (), lines: Mapping[int, float] | None = None) -> list[Candidate]:
    return list(candidates(scopes(data, failures, lines)))


def failing(exception: str, name: str = "", *near: str, line: int = 0) -> Failure:
    frames = (Frame("pkg/mod.py", line, "f"),) if line else ()
    return Failure("tests/test_a.py::test_x", "call", exception, "it is red", frames, name, near)


PROGRAM = '''"""Doc 1."""
import math

__all__ = ["Cart", "f"]
LIMIT = 3
OTHER: "int" = 4


class Cart(list):
    """Doc 2."""

    size = 10

    def __init__(self, items, *, rate=0.5):
        self.items = items
        self.rate = rate
        self.count = len(items) + 1

    def total(self) -> "int":
        """Doc 3 is not a < b."""
        total = 0
        for index, item in enumerate(self.items):
            if not item.ready and (index <= self.size or item.price is None):  # keep: a <= b
                continue
            total += item.price * (1 + self.rate) ** -2 if self.count else (lambda q: q - 1)(item)
        return self.round(total, 2) - [k for k in range(index, 10) if k in (total, index)][0] // 2

    @staticmethod
    def round(value, digits=2):
        return math.floor(value % digits) << 1 if value is not None and digits else f"{value:>{digits}}"


def f(a, b, c):
    def g(x):
        return x[a:b + 1] @ c

    try:
        while a < b < c:
            a, b = g(b, c), -b
    except KeyError as error:
        return g(x=error, y=a) & ~c
    match a:
        case 1 | [2, *rest]:
            return rest
    return a - (b - c) if (a or b) else (yield)


if __name__ == "__main__":
    print(f(1 + 2, 3, 4))
'''


def test_every_candidate_parses_and_leaves_all_other_lines_alone() -> None:
    data = PROGRAM.encode()
    source = Source("pkg/mod.py", data)
    before = data.splitlines(keepends=True)
    some = found(data)
    assert {candidate.kind for candidate in some} == set(PRIORS) - {"import", "misspelling"}
    for candidate in some:
        after = source.replace(candidate.changes)
        assert ast.dump(ast.parse(after)) != ast.dump(source.tree)
        touched = {source.line(at) for change in candidate.changes for at in (change.start, change.end)}
        assert candidate.line in touched
        lines = after.splitlines(keepends=True)
        assert len(lines) == len(before)
        for number, (old, new) in enumerate(zip(before, lines, strict=True), 1):
            assert (old != new) == (number in touched)


def test_what_is_never_touched() -> None:
    whole = ("Doc 1", "__all__", "import math", "__main__", "print(", "Doc 2", "Doc 3")
    source = Source("pkg/mod.py", PROGRAM.encode())
    before = PROGRAM.splitlines()
    for candidate in found(PROGRAM.encode()):
        for old, new in zip(before, source.replace(candidate.changes).decode().splitlines(), strict=True):
            assert old == new or not any(word in old for word in whole)
            assert ('"int"' in old) == ('"int"' in new)


def test_the_summaries_fit_a_subject() -> None:
    text = PROGRAM.replace("total", "the_total_of_everything_that_is_in_this_very_large_cart_of_goods")
    for candidate in [*found(PROGRAM.encode()), *found(text.encode())]:
        assert 0 < len(candidate.summary) <= 60
        assert "\n" not in candidate.summary


def test_order_is_by_weight_and_each_edit_comes_once() -> None:
    some = found(PROGRAM.encode())
    assert [c.weight for c in some] == sorted((c.weight for c in some), reverse=True)
    assert len({frozenset(c.changes) for c in some}) == len(some)
    assert some == found(PROGRAM.encode())
    twice = scopes(PROGRAM.encode())
    assert len(list(candidates([*twice, *twice]))) == len(some)


def test_suspicious_lines_come_first() -> None:
    data = b"def f(a, b):\n    c = a + b\n    d = a * b\n    return c - d\n"
    assert found(data, lines={3: 0.9, 2: 0.3, 4: 0.3})[0].line == 3
    assert found(data, lines={2: 0.9, 3: 0.3, 4: 0.3})[0].line == 2
    assert all(c.weight > 0 for c in found(data, lines={3: 0.9}))
    split = b"def f(a, b):\n    return (a\n        + b)\n"
    assert (
        found(split, lines={2: 0.9})[0].weight == found(split.replace(b"\n        +", b" +"), lines={2: 0.9})[0].weight
    )


def test_the_line_that_raised_comes_first() -> None:
    data = b"def f(a, b):\n    c = a + b\n    return a[c]\n"
    some = found(data, (failing("IndexError", line=3),))
    assert some[0].line == 3
    assert some[0].kind == "off_by_one"


@pytest.mark.parametrize(("exception", "kinds"), SPEAKS.items())
def test_the_exception_lifts_its_kinds(exception: str, kinds: Mapping[str, float]) -> None:
    plain = {c.changes: c.weight for c in found(PROGRAM.encode())}
    for candidate in found(PROGRAM.encode(), (failing(f"builtins.{exception}"),)):
        if candidate.changes in plain:
            assert candidate.weight == pytest.approx(plain[candidate.changes] * kinds.get(candidate.kind, 1.0))


def test_a_scope_is_capped_and_the_first_candidates_come_without_the_rest() -> None:
    body = "".join(f"    a{n} = (a{n - 1} + {n}) * b < c\n" for n in range(1, 200))
    data = f"def f(a0, b, c):\n{body}    return b\n".encode()
    assert len(found(data)) == CAP
    assert len(list(islice(candidates(scopes(data)), 3))) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        '"""Doc."""\n',
        "def f(): pass\n",
        "def f():\n    'Doc.'\n",
        "x: int\n",
        "import os\n",
        "def f(a: 3 = None) -> 4: ...\n",
        "__all__ = ['a' + 'b', 1]\n__all__ += [2]\n__all__.append(3)\n",
        "if __name__ == '__main__':\n    x = 1 + 2\n",
        "x = 'a' + 'b', 'c' % 1.5\n",
        "x = 0xff\n",
        "from a import *\ny\n",
    ],
)
def test_nothing_to_propose(text: str) -> None:
    assert found(text.encode()) == []


@pytest.mark.parametrize(
    ("data", "after"),
    [
        (b"def f(a, b):\r\n    return a + b\r\n", b"def f(a, b):\r\n    return a - b\r\n"),
        (b"def f(a, b):\r    return a + b\r", b"def f(a, b):\r    return a - b\r"),
        (b"\xef\xbb\xbfdef f(a, b):\n\treturn a + b", b"\xef\xbb\xbfdef f(a, b):\n\treturn a - b"),
        (
            b"# coding: latin-1\r\ndef f(a, b):\n  '\xe9'; return a + b # \xe9\r",
            b"# coding: latin-1\r\ndef f(a, b):\n  '\xe9'; return a - b # \xe9\r",
        ),
        ("def f(größe, 数):\n    return größe + 数\n".encode(), "def f(größe, 数):\n    return größe - 数\n".encode()),
        (b"class A:\n\x0c\tdef f(a, b):\n\t\treturn a+b\n", b"class A:\n\x0c\tdef f(a, b):\n\t\treturn a-b\n"),
        (b"x = '''\n'''; y = x + 1\n", b"x = '''\n'''; y = x - 1\n"),
    ],
)
def test_odd_files_keep_their_bytes(data: bytes, after: bytes) -> None:
    source = Source("pkg/mod.py", data)
    results = [source.replace(candidate.changes) for candidate in found(data)]
    assert after in results


def test_a_very_long_file_is_searched_around_the_suspect_only() -> None:
    data = b"def f(a, b):\n    return a + b\n" * 25_000
    source = Source("pkg/mod.py", data)
    unit = source.functions()[-1]
    scope = Scope(source, Suspect("pkg/mod.py", "f", 1.0, {}), unit, (), Symbols())
    some = list(candidates([scope]))
    assert {candidate.line for candidate in some} == {50_000}
    assert source.replace(some[0].changes).endswith(b"    return a - b\n")


_LEAVES = st.sampled_from(["a", "b", "c.d", "e[0]", "f(a, b)", "2", "True", "-a", "not b", "[c, 1]", "(a if b else c)"])
_JOINTS = ["+", "-", "*", "/", "//", "%", "**", "<<", "&", "|", "^", "<", "<=", "==", "in", "not in", "is", "and", "or"]


def _join(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def joined(left: str, joint: str, right: str, open_left: bool, open_right: bool) -> str:
        return f"{left if open_left else f'({left})'} {joint} {right if open_right else f'( {right} )'}"

    return st.builds(joined, parts, st.sampled_from(_JOINTS), parts, st.booleans(), st.booleans())


EXPRESSIONS = st.recursive(_LEAVES, _join, max_leaves=6)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS.filter(_parses), st.sampled_from(["\n", "\r\n"]))
def test_an_operator_changes_alone_whatever_binds_tighter(text: str, end: str) -> None:
    data = f"def f(a, b, c, e):{end}    return {text}  # keep{end}".encode()
    source = Source("pkg/mod.py", data)
    shapes = {_shape(source.replace(())): 0}
    for candidate in found(data):
        after = source.replace(candidate.changes)
        assert after.endswith(f"  # keep{end}".encode())
        if candidate.kind in ("arithmetic", "comparison"):
            assert _shape(after) in shapes


def _shape(data: bytes) -> str:
    """The tree without its operators: those of one family may stand for each other."""
    text = ast.dump(ast.parse(data))
    for name in (
        "Add",
        "Sub",
        "Mult",
        "Div",
        "FloorDiv",
        "Mod",
        "Pow",
        "LShift",
        "RShift",
        "BitAnd",
        "BitOr",
        "BitXor",
    ):
        text = text.replace(f"op={name}()", "op=?")
    for name in ("Lt", "LtE", "Gt", "GtE", "Eq", "NotEq", "In", "NotIn", "Is", "IsNot"):
        text = text.replace(f"ops=[{name}()", "ops=[?").replace(f", {name}()", ", ?")
    return text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EXPRESSIONS.filter(_parses), min_size=1, max_size=4), st.booleans())
def test_candidates_of_any_text_are_sound(texts: list[str], marked: bool) -> None:
    lines = "".join(f"    if {text}:\n        a = g(b, {text}, range({text}))\n" for text in texts)
    data = (codecs.BOM_UTF8 if marked else b"") + f"def f(a, b, c, e):\n{lines}    return a\n".encode()
    source = Source("pkg/mod.py", data)
    for candidate in found(data):
        after = source.replace(candidate.changes)
        assert ast.dump(ast.parse(after)) != ast.dump(source.tree)
        assert after.startswith(codecs.BOM_UTF8) == marked


def test_the_tables_agree() -> None:
    assert {kind for kinds in SPEAKS.values() for kind in kinds} <= set(PRIORS)
    produced = {
        candidate.kind
        for scope in scopes(b"def f(a): return mth.x", (failing("NameError", "mth"),))
        for template in TEMPLATES.values()
        for candidate in template(scope)
    }
    assert produced <= set(PRIORS)
