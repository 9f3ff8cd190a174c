"""Docstrings go in and nothing else changes, whatever the file looks like."""

from __future__ import annotations

import ast
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.docstrings.gates import only_docstrings
from ocode_tools.docstrings.splice import NoPlaceError, indent_of, insert, replace
from ocode_tools.docstrings.units import units
from ocode_tools.source import Source, SourceError

NEW = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")


def filled(data: bytes, text: str = "Doc.", path: str = "m.py") -> bytes:
    """The file with a docstring in every unit that has none, the module left out."""
    source = Source(path, data)
    changes = [
        change
        for unit in units(source)
        if unit.doc is None and unit.kind != "module"
        for change in insert(source, unit, f'"""{text}"""', blank=unit.kind == "class")
    ]
    return source.replace(changes)


CASES = {
    "one-line function": ("def f(a): return a\n", 'def f(a):\n    """Doc."""\n    return a\n'),
    "one-line class": ("class A: pass\n", 'class A:\n    """Doc."""\n\n    pass\n'),
    "several statements on a line": ("def f(): a(); b()\n", 'def f():\n    """Doc."""\n    a(); b()\n'),
    "one-line method by tabs": (
        "class A:\n\tdef f(self): return 1\n",
        'class A:\n\t"""Doc."""\n\n\tdef f(self):\n\t\t"""Doc."""\n\t\treturn 1\n',
    ),
    "tabs": ("def f():\n\tx = 1\n\treturn x\n", 'def f():\n\t"""Doc."""\n\tx = 1\n\treturn x\n'),
    "odd indentation": ("def f():\n   return 1\n", 'def f():\n   """Doc."""\n   return 1\n'),
    "overload": (
        "@overload\ndef f(a: int) -> int: ...\n",
        '@overload\ndef f(a: int) -> int:\n    """Doc."""\n    ...\n',
    ),
    "header over lines": (
        "def f(\n    a=lambda: {1: 2},  # x: y\n    *,\n    b: 'c:d' = x[1:2],\n) -> 'e:f':  # noqa\n    return a\n",
        "def f(\n    a=lambda: {1: 2},  # x: y\n    *,\n    b: 'c:d' = x[1:2],\n) -> 'e:f':  # noqa\n"
        '    """Doc."""\n    return a\n',
    ),
    "comment first": (
        "def f():\n    # why\n    return 1\n",
        'def f():\n    """Doc."""\n    # why\n    return 1\n',
    ),
    "blank line first": ("def f():\n\n    return 1\n", 'def f():\n    """Doc."""\n    return 1\n'),
    "inner function first": (
        "def f():\n    @deco\n    def g():\n        '''Old.'''\n    return g\n",
        "def f():\n    \"\"\"Doc.\"\"\"\n\n    @deco\n    def g():\n        '''Old.'''\n    return g\n",
    ),
    "async": ("async def f():\n    await g()\n", 'async def f():\n    """Doc."""\n    await g()\n'),
    "carriage returns": ("def f():\r\n    return 1\r\n", 'def f():\r\n    """Doc."""\r\n    return 1\r\n'),
    "one line and carriage returns": ("def f(): pass\r\n", 'def f():\r\n    """Doc."""\r\n    pass\r\n'),
    "no end of line": ("def f(): return 1", 'def f():\n    """Doc."""\n    return 1'),
    "form feed": ("\f\ndef f():\n\f    return 1\n", '\f\ndef f():\n    """Doc."""\n\f    return 1\n'),
    "class with keywords": (
        "class A(B, metaclass=M): x: int = 1\n",
        'class A(B, metaclass=M):\n    """Doc."""\n\n    x: int = 1\n',
    ),
    "string that is no docstring": ("def f():\n    b'x'\n", 'def f():\n    """Doc."""\n    b\'x\'\n'),
    "an existing one": ("def f():\n    'Old.'\n", "def f():\n    'Old.'\n"),
    "in branches": (
        "if x:\n    def f(): pass\nelse:\n  def f(): pass\n",
        'if x:\n    def f():\n        """Doc."""\n        pass\nelse:\n  def f():\n      """Doc."""\n      pass\n',
    ),
    "match": (
        "match x:\n    case 1:\n        def f(): pass\n",
        'match x:\n    case 1:\n        def f():\n            """Doc."""\n            pass\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_where_it_goes(before: str, after: str) -> None:
    out = filled(before.encode())
    assert out.decode() == after
    assert only_docstrings("m.py", before.encode(), out) is None


@NEW
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def g[T: (int, str)](a: T) -> T: return a\n",
            'def g[T: (int, str)](a: T) -> T:\n    """Doc."""\n    return a\n',
        ),
        ("class A[T]: pass\n", 'class A[T]:\n    """Doc."""\n\n    pass\n'),
        ("type X[T] = int\ndef f():\n    return 1\n", 'type X[T] = int\ndef f():\n    """Doc."""\n    return 1\n'),
    ],
)
def test_type_parameters(before: str, after: str) -> None:
    assert filled(before.encode()).decode() == after
    assert only_docstrings("m.py", before.encode(), after.encode()) is None


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (b"# -*- coding: latin-1 -*-\ndef f():\n    return '\xe9'\n", "Gr\u00fc\u00dfe."),
        (b"\xef\xbb\xbfdef f():\n    return 1\n", "Doc."),
        (b"# coding: cp1252\r\ndef f(): return '\x80'\r\n", "Doc."),
    ],
    ids=["latin-1", "byte-order-mark", "cp1252"],
)
def test_the_encoding_stays(before: bytes, text: str) -> None:
    out = filled(before, text)
    assert only_docstrings("m.py", before, out) is None
    assert Source("m.py", out).encoding == Source("m.py", before).encoding
    assert all(line in out.splitlines() for line in before.splitlines()[:1])


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(SourceError, match="iso-8859-1"):
        filled(b"# coding: latin-1\ndef f():\n    return 1\n", "\u65e5.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(): return 1  # noqa\n", "comment"),
        ("class A: pass  # pragma: no cover\n", "comment"),
        ("def f(): \\\n    return 1\n", "continuation"),
    ],
)
def test_no_safe_place(text: str, said: str) -> None:
    with pytest.raises(NoPlaceError, match=said):
        filled(text.encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\n", '"""Doc."""\n\nimport os\n'),
        ("\n\nimport os\n", '"""Doc."""\n\n\nimport os\n'),
        (
            "#!/usr/bin/python\n# coding: utf-8\nimport os\n",
            '#!/usr/bin/python\n# coding: utf-8\n"""Doc."""\n\nimport os\n',
        ),
        ("# Copyright Me\n# All rights\n\nimport os\n", '# Copyright Me\n# All rights\n\n"""Doc."""\n\nimport os\n'),
        ("# stdlib\nimport os\n", '"""Doc."""\n\n# stdlib\nimport os\n'),
        ("# type: ignore\nimport os\n", '# type: ignore\n"""Doc."""\n\nimport os\n'),
        ("from __future__ import annotations\r\n", '"""Doc."""\r\n\r\nfrom __future__ import annotations\r\n'),
        ("# only this", '# only this\n"""Doc."""\n'),
    ],
    ids=["plain", "blank", "shebang", "licence", "comment-of-the-first", "ignore", "future", "comment-alone"],
)
def test_modules(before: str, after: str) -> None:
    source = Source("m.py", before.encode())
    out = source.replace(insert(source, units(source)[0], '"""Doc."""', blank=False))
    assert out.decode() == after
    assert ast.get_docstring(ast.parse(out)) == "Doc."
    assert only_docstrings("m.py", before.encode(), out) is None


def test_replacing_keeps_all_else() -> None:
    before = b"def f():\n    'Old.'  # noqa\n    return 1\n"
    source = Source("m.py", before)
    unit = units(source)[1]
    assert indent_of(source, unit) == "    "
    out = source.replace(replace(source, unit, '"""New."""'))
    assert out == b'def f():\n    """New."""  # noqa\n    return 1\n'
    assert only_docstrings("m.py", before, out) == "docstrings: the one of f was there before and is another"
    assert only_docstrings("m.py", before, out, may_change=True) is None


BASE = "def f(a):\n    # why\n    return a  # noqa\n\n\nclass A:\n    'Old.'\n    x = 'a\\n\\nb'\n"


@pytest.mark.parametrize(
    "after",
    [
        BASE.replace("  # noqa", ""),
        BASE.replace("    # why\n", ""),
        BASE.replace("return a", "return b"),
        BASE.replace("    'Old.'\n", ""),
        BASE.replace("'Old.'", "'New.'"),
        BASE.replace("    'Old.'\n", '    """Doc."""\n    \'Old.\'\n'),
        BASE.replace("    # why\n", '    """Doc."""\n    "more"\n    # why\n'),
        BASE.replace("return a  # noqa", "return a\n    # noqa"),
        BASE.replace("    # why\n", '    """Doc."""; x = 1\n    # why\n'),
        BASE.replace("def f(a):\n", 'def f(a):\n    f"""Doc."""\n'),
        BASE.replace("return a", "assert a; return a"),
        BASE.replace("\\n\\n", "\\n"),
        BASE + "if x:\n",
    ],
)
def test_anything_else_is_refused(after: str) -> None:
    assert after != BASE
    assert only_docstrings("m.py", BASE.encode(), after.encode()) is not None


@pytest.mark.parametrize(
    "after",
    [
        BASE.replace("def f(a):\n", 'def f(a):\n    """Doc.\n\n    # no comment\n    """\n'),
        BASE.replace("def f(a):\n", 'def f(a):\n    """Doc."""\n\n'),
        '"""Doc."""\n\n' + BASE,
        BASE.replace("    return a  # noqa", "    return  a  # noqa"),
    ],
)
def test_docstrings_and_spaces_pass(after: str) -> None:
    assert only_docstrings("m.py", BASE.encode(), after.encode()) is None


NAMES = st.sampled_from(["f", "g", "A", "B"])
BODIES = st.sampled_from(["pass", "return 1", "x = '''\n\n'''", "yield", "'Old.'", "b'x'", "x = 1; y = 2"])


@st.composite
def modules(draw: st.DrawFn, depth: int = 0) -> str:
    """A module or a body of nested definitions, one-line ones among them."""
    indent = draw(st.sampled_from(["    ", "\t", "  "]))
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        head = draw(st.sampled_from(["def {}(a=':', *b): ", "class {}: ", "async def {}() -> 'x:y': "]))
        inner = draw(BODIES) if "class" not in head else "x = 1"
        name = draw(NAMES)
        if depth < 2 and draw(st.booleans()):
            body = draw(modules(depth + 1))
            lines.append(head.format(name).rstrip())
            lines += ["", "# note"] if draw(st.booleans()) else []
            lines += [indent + line if line else line for line in body.split("\n")]
        elif draw(st.booleans()):
            lines.append(head.format(name) + inner)
        else:
            lines += [head.format(name).rstrip(), *(indent + inner).split("\n")]
    return "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(modules(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_module_survives(text: str, eol: str, end: bool) -> None:
    data = (text + ("\n" if end else "")).replace("\n", eol).encode()
    try:
        before = Source("m.py", data).tree
    except SourceError:
        return
    out = filled(data, "Doc # of it.")
    assert only_docstrings("m.py", data, out) is None
    assert all(unit.doc for unit in units(Source("m.py", out)) if unit.kind != "module")
    assert ast.dump(_bare(ast.parse(out))) == ast.dump(_bare(before))


def _bare(tree: ast.Module) -> ast.Module:
    """The tree without docstrings, by another way than the gate's."""
    for node in ast.walk(tree):
        its = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module) and node
        if its and ast.get_docstring(its, clean=False) is not None:
            its.body[:1] = []
    return tree


def test_a_tree_of_real_files_stays_whole() -> None:
    """A scripted text into every unit of some modules of the standard library."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted([*folder.glob("json/*.py"), *folder.glob("email/_*.py"), *folder.glob("unittest/*.py")]):
        data = path.read_bytes()
        out = filled(data)
        assert only_docstrings(path.name, data, out) is None, path
        assert [unit for unit in units(Source(path.name, out)) if not unit.doc and unit.kind != "module"] == [], path
