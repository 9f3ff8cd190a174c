"""The project's own names, and the names of one file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from ocode_tools.source import Source
from ocode_tools.symbols import Symbol, Symbols, attributes, names_of, unbound


def index(files: dict[str, str], *roots: str) -> Symbols:
    return Symbols([(path, Source(path, text.encode())) for path, text in files.items()], roots)


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("a.py", "a"),
        ("src/pkg/__init__.py", "pkg"),
        ("src/pkg/b.py", "pkg.b"),
        ("lib/deep/c.py", "c"),
        ("lib/d.py", "lib.d"),
        ("__init__.py", ""),
        ("my-scripts/run.py", ""),
    ],
)
def test_module_names(path: str, module: str) -> None:
    assert Symbols((), ["lib/deep"]).module(path) == module


def test_top_level_names_are_found_with_their_kind() -> None:
    symbols = index(
        {
            "src/pkg/__init__.py": "from pkg.shapes import Square\n",
            "src/pkg/shapes.py": "class Square:\r    side = 1\rasync def area(): ...\rLIMIT: int = 3\r_hidden = 1\r",
            "src/pkg/deep/more.py": 'TEXT = """\ndef fake(): ...\n"""\ndef area(): ...\n',
            "tests/test_shapes.py": "def area(): ...\ndef helper(): ...\n",
            "conftest.py": "def helper(): ...\n",
            "broken.py": "def area(:\n",
        }
    )
    assert symbols.find("area") == [Symbol("pkg.shapes", "function"), Symbol("pkg.deep.more", "function")]
    assert symbols.find("Square") == [Symbol("pkg.shapes", "class")]
    assert symbols.find("LIMIT") == [Symbol("pkg.shapes", "variable")]
    assert [symbols.find(name) for name in ("fake", "side", "_hidden", "helper", "absent")] == [[]] * 5
    assert symbols.modules() == ["broken", "pkg", "pkg.deep.more", "pkg.shapes"]


def test_nothing_is_read_before_the_first_question() -> None:
    read: list[str] = []

    def sources() -> Iterator[tuple[str, Source]]:
        for number in range(2000):
            read.append(path := f"pkg/m{number}.py")
            yield path, Source(path, f"def f{number}(): ...\n".encode())

    symbols = Symbols(sources())
    assert symbols.module("pkg/x.py") == "pkg.x"
    assert not read
    assert symbols.find("f1999") == [Symbol("pkg.m1999", "function")]
    assert symbols.find("f7") == [Symbol("pkg.m7", "function")]
    assert len(read) == 2000


def test_names_of_a_function() -> None:
    text = """
def f(a, *b, c=1, **d):
    import os.path as p, sys
    for e, (g, h) in a:
        with g as i: pass
    try: j = [k for k in c]
    except ValueError as l: pass
    match a:
        case [m, *n] | {'x': m, **n}: pass
    if (o := 1): q: int = 2
    def r(s): t = 1
    class u: v = 1
    w = lambda x: x
    del a
"""
    (top,) = ast.parse(text).body
    found = names_of(top)
    assert set(found) == set("abcdpeghijlmnoqruw") | {"sys"}
    assert [found[name] for name in "ap"] == [0, 3]


def test_unbound_names() -> None:
    tree = ast.parse("import a\ndef f(b): return a, b, c, len, [d for d in e], __file__\n")
    assert [node.id for node in unbound(tree, tree)] == ["c", "e"]
    star = ast.parse("from x import *\ny\n")
    assert not unbound(star, star)


def test_attributes_of_a_class() -> None:
    text = "class A:\n x = 1\n y: int\n def m(self): self.z = 1; other.no = 2; self.read\n @property\n def p(self): ..."
    cls = ast.parse(text).body[0]
    assert isinstance(cls, ast.ClassDef)
    assert attributes(cls) == {"x": "data", "y": "data", "m": "method", "p": "data", "z": "data"}
