"""What a candidate does not touch stays byte for byte: of many texts, of odd files, of the standard library."""

from __future__ import annotations

import ast
import bisect
import codecs
import fnmatch
import shlex
import string
import textwrap
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocode_tools.rules import TEMPLATES, Candidate, Scope, Suspect, candidates
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols


def scopes(data: bytes, path: str = "pkg/mod.py") -> list[Scope]:
    source = Source(path, data)
    symbols = Symbols([(path, source)])
    return [Scope(source, Suspect(path, unit.qualname, 0.5, {}), unit, (), symbols) for unit in source.functions()]


def first(data: bytes, most: int = 400) -> list[Candidate]:
    return list(islice(candidates(scopes(data)), most))


def changed_alone(source: Source, candidate: Candidate) -> bytes:
    """The candidate's result; asserts that the lines it does not touch are there byte for byte, in their order."""
    after = source.replace(candidate.changes)
    text, at = after.decode(source.encoding), 0
    for number in range(1, len(source.starts) + 1):
        start, end = source.lines(number, number)
        if not any(change.start < end and start < max(change.end, change.start + 1) for change in candidate.changes):
            at = text.index(source.text[start:end], at) + end - start
    return after


PROGRAM = '''"""Doc 1."""
import math


class Cart(list):
    size = 10

    def total(self, rate: "int" = 3) -> "int":
        """Doc 3 is not a < b."""
        total = 0
        for index, item in enumerate(self.items):
            if not item.ready and (index <= self.size or item.price is None):  # keep: a <= b
                continue
            total += item.price * (1 + rate) ** -2 if self.count else (lambda q: q - 1)(item)
        return self.round(total, 2) - [k for k in range(index, 10) if k in (total, index)][0] // 2


def f(a, b, c):
    try:
        while a < b < c:
            a, b = g(b, c), -b
    except KeyError as error:
        return g(x=error, y=a) & ~c
    return a - (b - c) if (a or b) else (yield)
'''


def test_every_candidate_parses_and_leaves_all_other_lines_alone() -> None:
    data = PROGRAM.encode()
    source = Source("pkg/mod.py", data)
    some = list(candidates(scopes(data), 300, 100))
    assert {candidate.kind for candidate in some} >= {"comparison", "wrap", "expression", "delete", "guard", "swap"}
    for candidate in some:
        after = changed_alone(source, candidate)
        assert ast.dump(ast.parse(after)) != ast.dump(source.tree)
        assert candidate.size > 0
        touched = {source.line(at) for change in candidate.changes for at in (change.start, change.end)}
        assert candidate.line in touched or len(candidate.changes) > 1


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
    results = [changed_alone(source, candidate) for candidate in first(data, 400)]
    assert after in results


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
    shape = _shape(source.replace(()))
    for scope in scopes(data):
        for candidate in TEMPLATES["wrong_operators"](scope):
            after = source.replace(candidate.changes)
            assert after.endswith(f"  # keep{end}".encode())
            assert candidate.kind == "boolean" or _shape(after) == shape


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


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EXPRESSIONS.filter(_parses), min_size=1, max_size=4), st.booleans())
def test_candidates_of_any_text_are_sound(texts: list[str], marked: bool) -> None:
    lines = "".join(f"    if {text}:\n        a = g(b, {text}, range({text}))\n" for text in texts)
    data = (codecs.BOM_UTF8 if marked else b"") + f"def f(a, b, c, e):\n{lines}    return a\n".encode()
    source = Source("pkg/mod.py", data)
    for candidate in first(data, 100):
        after = changed_alone(source, candidate)
        assert ast.dump(ast.parse(after)) != ast.dump(source.tree)
        assert after.startswith(codecs.BOM_UTF8) == marked


LIBRARY = [Path(module.__file__ or "") for module in (bisect, fnmatch, shlex, string, textwrap)]
REAL = [(path, unit.qualname) for path in LIBRARY for unit in Source(path.name, path.read_bytes()).functions()]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(REAL), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_candidates_of_real_texts_leave_all_other_lines_alone(at: tuple[Path, str], end: bytes, marked: bool) -> None:
    path, qualname = at
    data = (codecs.BOM_UTF8 if marked else b"") + path.read_bytes().replace(b"\n", end)
    source = Source("pkg/mod.py", data)
    some = [scope for scope in scopes(data) if scope.unit.qualname == qualname]
    for candidate in list(islice(candidates(some, 200, 10), 210))[::5]:
        after = changed_alone(source, candidate)
        assert after.startswith(codecs.BOM_UTF8) == marked
        assert (b"\r\n" in after) == (end == b"\r\n")
