"""What changed in Python files: phrases, names, and what is no change of code."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.changes.points import Point
from ocode_tools.changes.python import python


def told(before: str | None, after: str | None) -> list[Point]:
    """The points between two dedented texts."""
    texts = (None if text is None else textwrap.dedent(text) for text in (before, after))
    found = python(*texts)
    assert found is not None
    return found


def body(*lines: str, head: str = "def f(x):") -> str:
    """A function with these lines."""
    return "\n".join([head, *(f"    {line}" for line in lines)]) + "\n"


PHRASES = {
    "compare": (["return x < 3"], ["return x <= 3"], "compare with <=", "fix"),
    "arithmetic": (["return x + 1"], ["return x - 1"], "use - instead of +", "fix"),
    "number": (["return g(x, 5)"], ["return g(x, 10)"], "use 10 instead of 5", ""),
    "guard-raises": (
        ["return x"],
        ["if not x:", "    raise ValueError('no')", "return x"],
        "raise ValueError if not x",
        "fix",
    ),
    "guard-returns": (
        ["return g(x)"],
        ["if x is None:", "    return 0", "return g(x)"],
        "return 0 if x is None",
        "fix",
    ),
    "condition": (["if x:", "    g()"], ["if x and y:", "    g()"], "require y", "fix"),
    "condition-or": (["if x:", "    g()"], ["if x or y:", "    g()"], "accept y", "fix"),
    "relaxed": (["if x and y:", "    g()"], ["if x:", "    g()"], "relax the condition", "fix"),
    "handler": (
        ["return load(x)"],
        ["try:", "    return load(x)", "except KeyError:", "    return None"],
        "handle KeyError",
        "fix",
    ),
    "keyword": (["return x.read()"], ["return x.read(encoding='utf-8')"], "pass encoding to read", "fix"),
    "argument": (["return g(x)"], ["return g(x, y)"], "pass y to g", "fix"),
    "method": (["return x.lstrip()"], ["return x.strip()"], "use strip instead of lstrip", ""),
    "name": (["return one(x)"], ["return two(x)"], "use two instead of one", ""),
    "call": (["g(x)"], ["h(x)", "g(x)"], "call h", ""),
    "await": (["return g(x)"], ["return await g(x)"], "await g", "fix"),
    "returned": (["g(x)", "return"], ["g(x)", "return x"], "return x", "fix"),
    "message": (["raise E('not so good')"], ["raise E('no good at all')"], "reword the message", ""),
    "f-string": (["return '{x}'"], ["return f'{x}'"], "use an f-string", "fix"),
    "key": (["return {'a': 1}"], ["return {'a': 1, 'b': 2}"], "add b", ""),
    "key-value": (["return {'a': 1}"], ["return {'a': 2}"], "use 2 instead of 1", ""),
    "key-name": (["return {'aa': x()}"], ["return {'bb': x()}"], "use bb instead of aa", ""),
    "wrapped": (["return x"], ["return sorted(x)"], "call sorted", ""),
    "renamed": (["y = g(x)", "return y"], ["z = g(x)", "return z"], "rename y to z", "refactor"),
    "unchecked": (["if x:", "    raise E", "return x"], ["return x"], "drop the check of x", ""),
}


@pytest.mark.parametrize("name", PHRASES)
def test_what_happened_in_a_function(name: str) -> None:
    before, after, phrase, hint = PHRASES[name]
    head = "async def f(x):" if name == "await" else "def f(x):"
    (point,) = told(body(*before, head=head), body(*after, head=head))
    assert (point.how, point.sort, point.name, point.detail, point.hint) == ("changed", "function", "f", phrase, hint)


@pytest.mark.parametrize(
    ("before", "after", "phrase", "link", "hint"),
    [
        ("def f(x): ...", "def f(x, y=1): ...", "add parameter y", "to", "feat"),
        ("def f(x, y): ...", "def f(x): ...", "remove parameter y", "from", "refactor"),
        ("def f(x: str): ...", "def f(x: str | None): ...", "allow None for x", "in", "fix"),
        ("def f(x): ...", "def f(x: str): ...", "annotate x", "in", "refactor"),
        ("def f(x): ...", "def f(x) -> int: ...", "annotate the return type", "in", "refactor"),
        ("def f(x): ...", "@cache\ndef f(x): ...", "cache the result", "of", "perf"),
        ("class F:\n    a: int\n", "class F:\n    a: int\n    b: str\n", "add b", "to", "feat"),
        ("class F(A): ...", "class F(B): ...", "use B instead of A", "in", ""),
        ("LIMIT = 10", "LIMIT = 20", "set LIMIT to 20", "in", ""),
    ],
)  # fmt: skip
def test_what_happened_to_a_declaration(before: str, after: str, phrase: str, link: str, hint: str) -> None:
    (point,) = told(before, after)
    assert (point.detail, point.link, point.hint) == (phrase, link, hint)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "def f(): ...", [("added", "function", "f", True)]),
        ("def f(): ...", "", [("removed", "function", "f", True)]),
        ("", "def _f(): ...", [("added", "function", "_f", False)]),
        ("", "class A:\n    def m(self): ...\n", [("added", "class", "A", True)]),
        ("class A:\n    x = 1\n", "class A:\n    x = 1\n    def m(self): ...\n", [("added", "method", "A.m", True)]),
        ("", "def test_a(): ...", [("added", "test", "test_a", True)]),
        ("", "@pytest.fixture\ndef a(): ...", [("added", "fixture", "a", True)]),
        ("", "LIMIT = 1", [("added", "constant", "LIMIT", True)]),
        ("def f(a):\n    g(a)\n    return h(a)\n", "def k(a):\n    g(a)\n    return h(a)\n", [("renamed", "function",
         "k", True)]),
        ("A = (1, 2)", "B = (1, 2)", [("renamed", "constant", "B", True)]),
        ("import a", "import b", [("changed", "imports", "", True)]),
        ("main()", "main(1)", [("changed", "module", "", True)]),
    ],
)  # fmt: skip
def test_what_came_and_went(before: str, after: str, expected: list[tuple[str, str, str, bool]]) -> None:
    found = told(before, after)
    assert [(point.how, point.sort, point.name, point.public) for point in found] == expected


@pytest.mark.parametrize(
    ("before", "after", "nature"),
    [
        ("def f(x):\n    return g(x,1)\n", "def f(x):\n    return g(\n        x, 1\n    )\n", "format"),
        ("x = 'a'\n", 'x = "a"\n', "format"),
        ("def f():\n    # one\n    g()\n", "def f():\n    # two\n    g()\n", "comments"),
        ("# one\nx = 1\n", "# two\nx = 1\n", "comments"),
        ("import a\n\nx = 1\n", "import a\nx = 1\n", "format"),
        ('def f():\n    """One."""\n    g()\n', 'def f():\n    """Two."""\n    g()\n', "docstring"),
        ("def f():\n    g()\n", 'def f():\n    """Two."""\n    g()\n', "docstring"),
        ('"""One."""\nx = 1\n', '"""Two."""\nx = 1\n', "docstring"),
        ('class A:\n    """One."""\n    x = 1\n', 'class A:\n    """Two."""\n    x = 1\n', "docstring"),
    ],
)
def test_what_is_no_change_of_code(before: str, after: str, nature: str) -> None:
    assert {point.nature for point in told(before, after)} == {nature}


def test_a_name_set_once_and_used_elsewhere_is_one_rename() -> None:
    before = "class A:\n    def __init__(self, x):\n        self.old = x\n\n    def m(self):\n        return self.old\n"
    found = told(before, before.replace("old", "new"))
    assert {point.detail for point in found} == {"rename old to new"}
    assert {point.hint for point in found} == {"refactor"}


def test_of_a_large_rewrite_only_whole_things_are_told() -> None:
    before = body(*(f"a{i} = g{i}({i})" for i in range(9)), "return a0")
    after = body("if not x:", "    raise ValueError", *(f"b{i} = h{i}({i + 1})" for i in range(9)), "return b0")
    assert [point.detail for point in told(before, after)] == ["raise ValueError if not x"]


@pytest.mark.parametrize("text", ["def f(:", "x = '\udce9'", "\0", "(" * 3000])
def test_what_does_not_parse_is_nobodys_guess(text: str) -> None:
    assert python("x = 1\n", text) is None


SNIPPETS = st.sampled_from(
    ["x < 3", "f(x, y=1)", "[a, *b]", "{1: 2, **k}", "lambda q: q", "x if y else z", "not a", "a and b or c", "f'{x}'",
     "(yield)", "x[1:2]", "{i for i in x}", "x.y.z", "-1", "...", "b''"]
)  # fmt: skip
LINES = st.one_of(
    SNIPPETS,
    SNIPPETS.map(lambda text: f"v = {text}"),
    SNIPPETS.map(lambda text: f"return {text}"),
    SNIPPETS.map(lambda text: f"if {text}:\n        g()\n    else:\n        h()"),
    SNIPPETS.map(lambda text: f"try:\n        {text}\n    except E as e:\n        raise F from e"),
    SNIPPETS.map(lambda text: f"with {text} as w:\n        pass"),
    SNIPPETS.map(lambda text: f"match {text}:\n        case [1, *r]:\n            pass"),
    st.just("del x"),
    st.just("assert x, 'y'"),
    st.just("global g1"),
)
FUNCTIONS = st.lists(LINES, min_size=1, max_size=5).map(lambda lines: body(*lines))


@settings(max_examples=100, deadline=None)
@given(FUNCTIONS, FUNCTIONS)
def test_any_two_functions_can_be_told_apart(before: str, after: str) -> None:
    found = told(before, after)
    assert bool(found) == (before != after)
    assert all("\n" not in point.detail and len(point.detail) < 120 for point in found)
