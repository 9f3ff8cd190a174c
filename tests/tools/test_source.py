"""Sources keep every byte but those they are asked to change."""

from __future__ import annotations

import ast
import codecs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocode_tools.errors import Exit, OcodeError
from ocode_tools.source import Change, Located, Source, SourceError, splice

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ENDS = ("\n", "\r\n", "\r")
LINES = (
    "x = 1",
    "größe = 'é\u2028\x0b' + y",
    "\tif_ = [a, b]  # ünï",
    "def f(a, *, b=2): return a + b",
    "",
    "# comment",
    "class K: z = '\x0c'",
    "s = '''one",
    "two'''",
    "\x0cw = (1 +",
    "   2)",
)


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    """Texts of Python lines with mixed line ends, in several encodings, with and without a mark or a last line end."""
    lines = draw(st.lists(st.sampled_from(LINES), max_size=12))
    text = "".join(line + draw(st.sampled_from(ENDS)) for line in lines)
    text = text[:-1] if draw(st.booleans()) else text
    encoding, head = draw(
        st.sampled_from(
            [("utf-8", ""), ("utf-8-sig", ""), ("latin-1", "# coding: latin-1\n"), ("cp1252", "#coding=cp1252\r")]
        )
    )
    return (head + text).encode(encoding, "ignore")


def positioned(tree: ast.Module) -> list[Located]:
    return [node for node in ast.walk(tree) if isinstance(node, Located)]


@calm
@given(programs())
def test_a_node_put_in_its_own_place_changes_nothing(data: bytes) -> None:
    source = Source("a.py", data)
    assert source.replace(()) == data
    try:
        nodes = positioned(source.tree)
    except SourceError:
        return
    for node in nodes:
        assert source.replace([Change(*source.span(node), source.segment(node))]) == data


@calm
@given(programs())
def test_a_change_touches_only_its_span(data: bytes) -> None:
    source = Source("a.py", data)
    try:
        nodes = [node for node in positioned(source.tree) if isinstance(node, ast.Name)]
    except SourceError:
        return
    for node in nodes:
        start, end = source.span(node)
        assert source.text[start:end] == node.id
        changed = source.replace([Change(start, end, "other")])
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        head = mark + source.text[:start].encode(source.encoding)
        assert changed.startswith(head + b"other")
        assert changed[len(head) + 5 :] == data[len(head) + len(node.id.encode(source.encoding)) :]


@calm
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    refusals: list[SourceError] = []
    try:
        source = Source("a.py", data)
        assert source.replace(()) == data
        source.functions()
    except SourceError as error:
        refusals.append(error)
    assert not any("\n" in str(error).strip() for error in refusals)


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"x = 1\n", "utf-8", "x = 1\n"),
        (b"\xef\xbb\xbfx = 1", "utf-8", "x = 1"),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\r\n", "iso-8859-1", "# -*- coding: latin-1 -*-\ns = 'é'\r\n"),
        (b"#!/bin/x\r# coding: cp1252\rs = '\x80'\r", "cp1252", "#!/bin/x\r# coding: cp1252\rs = '€'\r"),
        (b"# a\r# b\r# coding: latin-1\r", "utf-8", "# a\r# b\r# coding: latin-1\r"),
        (b"", "utf-8", ""),
    ],
)
def test_the_encoding_is_python_s(data: bytes, encoding: str, text: str) -> None:
    source = Source("a.py", data)
    assert (source.encoding, source.text) == (encoding, text)
    assert source.replace(()) == data


@pytest.mark.parametrize(
    "data",
    [
        b"s = '\xff'\n",
        b"# coding: nonsense\n",
        b"# coding: rot13\n",
        b"\xef\xbb\xbf# coding: latin-1\n",
        b"#coding: utf-7\n+AC0-\n",
    ],
)
def test_undecodable_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^bad\.py .*(coding|encoding)") as caught:
        Source("bad.py", data)
    assert isinstance(caught.value, OcodeError)
    assert (caught.value.kind, caught.value.exit) == ("usage", Exit.USAGE)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\nx = = 2\n", "bad.py does not parse: line 2: "),
        (b"x = '\0'\n", "bad.py does not parse:"),
        (b"-" * 100_000 + b"1", "bad.py"),
    ],
)
def test_text_that_is_not_python_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        _ = Source("bad.py", data).tree
    assert str(caught.value).startswith(message)


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    source = Source("a.py", b"# coding: latin-1\nx = 1\n")
    with pytest.raises(SourceError, match="iso-8859-1"):
        source.replace([Change(18, 19, "\u4e2d")])


def test_odd_literals_do_not_warn() -> None:
    assert Source("a.py", rb"s = '\d' if 1 is 1 else 0").functions()


def test_units_are_named_and_found_by_line() -> None:
    text = """x = 1
@deco
@more(2)
def f():
    def g():
        pass
    return g
class A:
    y = 2
    async def m(self):
        return lambda: 3
    class B:
        def n(self): pass
if x:
    def h(): pass
"""
    source = Source("a.py", text.encode())
    found = {unit.qualname: (unit.first, unit.last) for unit in source.functions()}
    assert found == {"<module>": (1, 16), "f": (2, 7), "f.g": (5, 6), "A.m": (10, 11), "A.B.n": (13, 13), "h": (15, 15)}
    lines = [source.unit_at(line).qualname for line in (1, 2, 4, 5, 6, 7, 9, 11, 13, 14, 15, 99)]
    assert lines == ["<module>", "f", "f", "f.g", "f.g", "f", "<module>", "A.m", "A.B.n", "<module>", "h", "<module>"]
    assert [name for name, _ in source.classes()] == ["A", "A.B"]


def test_lines_end_where_python_ends_them() -> None:
    source = Source("a.py", "a = '\x0b\x0c\u2028'\rb = 2\r\nc = 3\n\nd = 4".encode())
    assert [node.lineno for node in source.tree.body] == [1, 2, 3, 5]
    assert [source.segment(node) for node in source.tree.body] == ["a = '\x0b\x0c\u2028'", "b = 2", "c = 3", "d = 4"]
    assert source.eol == "\r"
    assert [source.line(source.span(node)[0]) for node in source.tree.body] == [1, 2, 3, 5]


def test_tokens_of_a_gap() -> None:
    source = Source("a.py", b"x = ((a) \\\n  not # in )\n  in ((b)))\n")
    compare = source.tree.body[0]
    assert isinstance(compare, ast.Assign)
    assert isinstance(compare.value, ast.Compare)
    found = source.tokens(source.span(compare.value.left)[1], source.span(compare.value.comparators[0])[0])
    assert [token.text for token in found] == [")", "not", "in", "(", "("]


def test_a_long_file_is_indexed_once() -> None:
    source = Source("a.py", b"def f(a):\r\n    return a + '\xc3\xa9'\r\n" * 25_000)
    assert len(source.functions()) == 25_001
    assert source.unit_at(49_999).first == 49_999
    assert source.segment(source.functions()[-1].node.body[0]) == "return a + 'é'"


def test_changes_apply_in_any_order_and_may_not_overlap() -> None:
    assert splice("abcdef", [Change(4, 5, "E"), Change(0, 0, "<"), Change(0, 1, "A"), Change(0, 0, "{")]) == "<{AbcdEf"
    for wrong in ([Change(0, 3, ""), Change(2, 4, "")], [Change(3, 9, "")], [Change(3, 2, "")]):
        with pytest.raises(ValueError, match="change"):
            splice("abcdef", wrong)
