"""Gates on what a file is and holds: it parses, keeps its names, and is not hollowed out."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocode_tools.edits import Edit, Proposal
from ocode_tools.gates import GATES, judge
from ocode_tools.gates.base import Context, Refusal, fold, keys, tree
from ocode_tools.gates.cheats import known_literals
from ocode_tools.gates.scope import Scope
from ocode_tools.results import Failure

ANY = Context("fix", Scope(allow=("**",)))


def verdict(before: str | bytes | None, after: str | bytes | None, path: str = "calc.py") -> tuple[str, str] | None:
    """The gate and the reason that refuse one edit, None where all gates let it pass."""
    old, new = (dedent(text).encode() if isinstance(text, str) else text for text in (before, after))
    refusal = judge(Proposal((Edit(path, old, new),), "model", "reply", "change it"), ANY)
    return (refusal.gate, refusal.reason) if refusal else None


@pytest.mark.parametrize(
    ("path", "after", "reason"),
    [
        ("calc.py", "def f(:\n    pass\n", "calc.py does not parse: line 1: invalid syntax"),
        ("calc.py", "def f():\nreturn 1\n", "expected an indented block after function definition on line 1"),
        ("calc.py", "return 1\n", "calc.py does not parse: line 1: 'return' outside function"),
        ("calc.py", b"x = '\xff'\n", "calc.py does not parse: "),
        ("calc.py", b"# coding: nonsense\n", "unknown encoding: nonsense"),
        ("calc.py", b"x = 1\0\n", "null bytes"),
        ("calc.py", "(" * 500, "calc.py does not parse: "),
        ("calc.py", "-" * 100_000 + "1", "calc.py does not parse: "),
        ("tool", "#!/usr/bin/env python3\nx = = 1\n", "tool does not parse: line 2: invalid syntax"),
        ("a\nb.pyi", "x = = 1\n", r'"a\nb.pyi" does not parse: line 1: invalid syntax'),
        ("data.toml", "x = \n", "data.toml does not parse: Invalid value (at line 1, column 5)"),
        ("data.json", "{", "data.json does not parse: Expecting property name"),
        ("data.json", b"\xff", "data.json does not parse: "),
    ],
)
def test_what_does_not_parse_is_refused(path: str, after: str | bytes, reason: str) -> None:
    found = verdict(None, after, path)
    assert found is not None
    assert found[0] == "parses"
    assert reason in found[1]
    assert "\n" not in found[1]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("calc.py", "x = 1\n", b"\xef\xbb\xbfx = 2\r\n"),
        ("calc.py", "x = 1\n", b"# coding: latin-1\nx = '\xe9'\n"),
        ("calc.py", "x = 1\n", 'x = "\\d"\n'),
        ("data.json", "// no json\n{}", "// no json\n{1}"),
        ("data.json", "{}", '{"a": 1}'),
        ("data.toml", "", "a = 1\n"),
        ("README.md", "x", "def f(:"),
        ("x.py", "x = 1\n", "x = 1\ny = 2\n"),
    ],
)
def test_what_parses_or_never_did_passes(path: str, before: str | bytes, after: str | bytes) -> None:
    assert verdict(before, after, path) is None


BODY = "def f(x):\n    y = x + 1\n    return y\n\n\ndef g(x):\n    return x\n"


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "pass",
        "raise NotImplementedError",
        "raise NotImplementedError('later')",
        '"""Say."""',
        '"""Say."""\n    pass',
    ],
)
def test_a_body_does_not_become_a_stub(body: str) -> None:
    after = BODY.replace("y = x + 1\n    return y", body)
    assert verdict(BODY, after) == ("stubs", "calc.py: f became a stub")
    assert verdict(after, after.replace("return x", "return x + 1")) is None
    assert verdict(after, BODY) is None


@pytest.mark.parametrize(
    "comment",
    [
        "# ... rest of the code",
        "# ...",
        "#...existing code...",
        "# … unchanged",
        "# rest of code unchanged",
        "# existing code",
        "# Existing code here",
        "# remaining methods unchanged",
        "# ... (rest unchanged)",
        "# Rest of the function remains the same",
        "# other functions as before",
        "# keep the existing logic",
        "# the rest is unchanged",
        "# your code here",
        "# previous implementation",
        "# unchanged code",
        "# Remaining code omitted",
    ],
)
def test_a_comment_does_not_stand_for_code(comment: str) -> None:
    after = BODY.replace("    return x\n", f"    {comment}\n    return x\n")
    assert verdict(BODY, after) == ("stubs", f'calc.py: "{comment}" stands for code left out')
    assert verdict(after, after.replace("x + 1", "x + 2")) is None


@pytest.mark.parametrize(
    "comment",
    [
        "# the rest belongs to the next record",
        "# other methods call this one",
        "# existing files are kept",
        "# e.g. 1, 2, ...",
        "# the remaining items, oldest first",
        "# original: RFC 822",
        "# same as above",
        "# code points above 255",
    ],
)
def test_an_honest_comment_passes(comment: str) -> None:
    assert verdict(BODY, BODY.replace("    return x\n", f"    {comment}\n    return x\n")) is None


def test_an_ellipsis_among_statements_is_refused() -> None:
    after = BODY.replace("    y = x + 1\n", "    y = x + 1\n    ...\n")
    assert verdict(BODY, after) == ("stubs", "calc.py: a bare ... stands for code left out")
    assert verdict(BODY, BODY + "\n\ndef h():\n    return '# ... rest of the code'\n") is None


def test_most_of_the_code_stays() -> None:
    long = "def f(x):\n" + "".join(f"    x = x + {n}\n" for n in range(30)) + "    return x\n"
    short = "def f(x):\n" + "".join(f"    x = x + {n}\n" for n in range(12)) + "    return x\n"
    assert verdict(long, short) == ("stubs", "calc.py: f lost 18 of its 32 statements")
    assert verdict(long, long.replace("    x = x + 3\n", "")) is None
    flat = "".join(f"_x{n} = {n}\n" for n in range(30))
    assert verdict(flat, "_x1 = 1\n" * 14) == ("stubs", "calc.py: 16 of its 30 lines are gone")
    assert verdict(flat, "_x1 = 1\n" * 16) is None


def test_the_first_gate_that_refuses_speaks() -> None:
    edits = (Edit("tests/test_a.py", b"x = 1\n", b"x = = 2\n"), Edit("calc.py", b"def f(): return 1\n", b""))
    proposal = Proposal(edits, "model", "reply", "change it")
    parses = judge(proposal, Context("fix", Scope()))
    assert parses == Refusal("parses", "tests/test_a.py does not parse: line 1: invalid syntax")
    scope = judge(Proposal((Edit("tests/test_a.py", None, b""), edits[1]), "m", "r", "x"), Context("fix", Scope()))
    assert scope is not None
    assert scope.gate == "scope"
    assert judge(Proposal((), "m", "r", "x"), Context("fix", Scope())) is None


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_get_a_verdict(before: bytes, after: bytes) -> None:
    context = Context(
        "fix", Scope(), (Failure("tests/test_a.py::test_x", "call", "E", "m"),), {"tests/test_a.py": after}
    )
    refusal = judge(Proposal((Edit("calc.py", before, after),), "model", "reply", "x"), context)
    assert refusal is None or (refusal.reason and "\n" not in refusal.reason)
    if tree(after) is None:
        assert refusal is not None
        assert refusal.gate == "parses"


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "def f(n):\n    return n\n",
            "class A:\n    x = 1\n",
            "import os\n",
            "if f(7) == 8:\n    pass\n",
            "x = {7: [8]}\n",
            "try:\n    x\nexcept:\n    pass\n",
            "def f(n):\n",
            "    return 7\n",
            "match x:\n    case {7: 8}:\n        x = 9\n",
            "x = [*y, 7][n]\n",
            "lambda k=7: k == n\n",
            "for a, (b, c.d) in ((7, (8, 9)),): pass\n",
            "async def g(): ...\n",
            "del os.x\n",
            "with a as b, c: x: int = 7\n",
            "x = f'{7!r:>{8}}'\n",
            "@d\nclass B(A, k=7): ...\n",
            "(x := 7)\n",
        ]
    ),
    max_size=5,
).map("".join)


@given(FRAGMENTS, FRAGMENTS)
def test_any_program_gets_a_verdict(before: str, after: str) -> None:
    test = b"def test_x():\n    assert f(7) == 8\n"
    context = Context(
        "fix", Scope(), (Failure("tests/test_a.py::test_x", "call", "E", "m"),), {"tests/test_a.py": test}
    )
    refusal = judge(Proposal((Edit("calc.py", before.encode(), after.encode()),), "model", "reply", "x"), context)
    assert refusal is None or (refusal.reason and "\n" not in refusal.reason)
    same = judge(Proposal((Edit("calc.py", after.encode(), after.encode()),), "model", "reply", "x"), context)
    assert same is None or same.gate == "parses"


def known(test: str, source: str) -> frozenset[str]:
    """The known literals of one failing test (none: the file did not collect) of a file."""
    failure = Failure(f"tests/test_a.py::{test}" if test else "tests/test_a.py", "call", "AssertionError", "m")
    return known_literals(Context("fix", Scope(), (failure,), {"tests/test_a.py": source.encode()}))


def test_where_known_literals_come_from() -> None:
    test = """
    BASE = 31
    def helper():
        return helper() or 32
    def unused():
        return 33
    @fixture
    def data():
        return [34]
    class TestA:
        size = 35
        def setUp(self):
            self.n = 36
        def make(self):
            return "37"
        def test_a(self, data):
            assert helper() + self.make() == 38 - -2.0
        def test_b(self):
            assert 39
    """
    found = known("TestA::test_a[a::b]", dedent(test))
    assert {"31", "32", "34", "35", "36", "37", "38", "40"} <= found
    assert not {"33", "39"} & found


def test_known_literals_of_doctests_and_of_files_that_did_not_collect() -> None:
    source = 'def f(n):\n    """Square.\n\n    >>> f(71)\n    5041\n    """\n    return 72\n'
    assert known("calc.f", source) == {"71", "5041"}
    assert known("", "from x import y\nA = 71\n") == {"71"}
    assert known("test_x", "def test_x(:\n    assert f(71)\n") == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 + 4", ["7"]),
        ("-7", ["-7"]),
        ("'a' * 3", ["aaa"]),
        ("f'{3}{\"x\"}'", ["3x"]),
        ("'ab'.upper()", ["ab"]),
        ("(7, 'a')", ["(7, a)", "7", "a"]),
        ("{7: 8}", ["(7, 8)", "7", "8"]),
        ("b'ab'", ["ab"]),
        ("7.5", ["7.5"]),
        ("' '", [" "]),
        ("None", []),
        ("0", []),
        ("-1", []),
        ("True", []),
        ("''", []),
        ("[]", []),
        ("n", []),
        ("1 / 0", []),
        ("10 ** 10 ** 10", []),
        ("'a' * 10 ** 9", []),
        ("2 @ 3", []),
        ("'%0999999999d' % 7", []),
        ("int('x')", []),
        ("open('x')", []),
        ("+".join(["7"] * 500), []),
    ],
)
def test_literals_are_known_by_their_value(text: str, found: list[str]) -> None:
    module = tree(f"x = {text}".encode())
    assert module is not None
    (assign,) = module.body
    assert list(keys(fold(getattr(assign, "value", None)))) == found


def test_gates_are_in_their_order() -> None:
    assert list(GATES) == ["parses", "scope", "names", "stubs", "literals", "tricks"]
