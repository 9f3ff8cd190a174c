"""Each template: a file before, the failure, and the whole file after one of its candidates."""

from __future__ import annotations

import pytest

from ocode_tools.rules import Candidate, Scope, Suspect, candidates
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols

PATH = "pkg/mod.py"


def proposed(text: str) -> list[tuple[str, Candidate]]:
    """The resulting texts with their candidates, best first, for all units of one file."""
    source = Source(PATH, text.encode())
    scopes = [
        Scope(source, Suspect(PATH, u.qualname, 0.5, {}), u, (), Symbols([(PATH, source)])) for u in source.functions()
    ]
    return [(source.replace(c.changes).decode(), c) for c in candidates(scopes, pairs=0)]


OPERATORS = [
    ("comparison", "if a < b: c", "if a <= b: c", "compare with <= instead of < in f"),
    ("comparison", "if a<b: c", "if a>=b: c", "compare with >= instead of < in f"),
    ("comparison", "return a < b <= c", "return a < b < c", "compare with < instead of <= in f"),
    ("comparison", "return a == '<'", "return a != '<'", "compare with != instead of == in f"),
    ("comparison", "return a not   in(b)", "return a in(b)", "compare with in instead of not in in f"),
    ("comparison", "return (a) in (b)", "return (a) not in (b)", "compare with not in instead of in in f"),
    ("comparison", "return a is not None", "return a is None", "compare with is instead of is not in f"),
    ("comparison", "return a is b", "return a == b", "compare with == instead of is in f"),
    (
        "comparison",
        "return (a  # <\n  <  # <\n  b)",
        "return (a  # <\n  <=  # <\n  b)",
        "compare with <= instead of < in f",
    ),
    ("arithmetic", "return a + b", "return a - b", "subtract instead of add in f"),
    ("arithmetic", "return a - b * c", "return a - (b + c)", "add instead of multiply in f"),
    ("arithmetic", "return a + b * c", "return a * (b * c)", "multiply instead of add in f"),
    ("arithmetic", "return a * (b / c)", "return a * (b // c)", "use // instead of / in f"),
    ("arithmetic", "return a * b * c", "return (a + b) * c", "add instead of multiply in f"),
    ("arithmetic", "return (a * b).real", "return (a + b).real", "add instead of multiply in f"),
    ("arithmetic", "return -a * b", "return (-a) ** b", "use ** instead of * in f"),
    ("arithmetic", "return a % b", "return a // b", "use // instead of % in f"),
    ("arithmetic", "return a & b == c", "return a | b == c", "use | instead of & in f"),
    ("arithmetic", "a += b", "a -= b", "subtract instead of add in f"),
    ("arithmetic", "a.b[c] //= b", "a.b[c] /= b", "use / instead of // in f"),
    ("boolean", "return a and b or c", "return a or b or c", "join the conditions with or instead of and in f"),
    ("boolean", "return a and (b or c)", "return a and (b and c)", "join the conditions with and instead of or in f"),
    ("boolean", "return a and b and c", "return a or b or c", "join the conditions with or instead of and in f"),
    ("negation", "if not a: b", "if a: b", "drop a `not` from a condition in f"),
    ("negation", "return not(a or b)", "return (a or b)", "drop a `not` from a condition in f"),
    ("negation", "while a: b", "while not a: b", "negate a condition in f"),
    ("negation", "if a or b: c", "if not (a or b): c", "negate a condition in f"),
    ("negation", "if[a]: b", "if not [a]: b", "negate a condition in f"),
    ("negation", "return [a for a in b if a.c]", "return [a for a in b if not a.c]", "negate a condition in f"),
    ("negation", "return b if a() else c", "return b if not a() else c", "negate a condition in f"),
]
NUMBERS = [
    ("constant", "return a[0]", "return a[1]", "use 1 instead of 0 in f"),
    ("constant", "return a[-1]", "return a[-2]", "use -2 instead of -1 in f"),
    ("constant", "return a[-1]", "return a[0]", "use 0 instead of -1 in f"),
    ("constant", "return a > 1_000", "return a > 999", "use 999 instead of 1000 in f"),
    ("constant", "return b(a, c=True)", "return b(a, c=False)", "use False instead of True in f"),
    ("constant", "return a + 2", "return a + 3", "use 3 instead of 2 in f"),
    ("off_by_one", "for c in range(a): b", "for c in range(a + 1): b", "use a + 1 instead of a in f"),
    ("off_by_one", "return a[b:c]", "return a[b:c + 1]", "use c + 1 instead of c in f"),
    ("off_by_one", "return a[b]", "return a[b - 1]", "use b - 1 instead of b in f"),
    ("off_by_one", "return a < b.c", "return a < b.c - 1", "use b.c - 1 instead of b.c in f"),
    ("off_by_one", "return b / len(a)", "return b / (len(a) - 1)", "use len(a) - 1 instead of len(a) in f"),
    ("off_by_one", "return a + len(b).c", "return a + (len(b) + 1).c", "use len(b) + 1 instead of len(b) in f"),
    ("off_by_one", "return a * b", "return a * b + 1", "use a * b + 1 instead of a * b in f"),
    ("off_by_one", "return a[b + 1]", "return a[b]", "use b instead of b + 1 in f"),
    ("off_by_one", "return (a) - 1", "return (a)", "use (a) instead of (a) - 1 in f"),
    ("off_by_one", "return 1 + (a)", "return (a)", "use (a) instead of 1 + (a) in f"),
]
SWAPS = [
    ("swap", "return divide(a, b)", "return divide(b, a)", "swap the arguments of divide in f"),
    ("swap", "return a.b(a,  # one\n  [b], *c)", "return a.b([b],  # one\n  a, *c)", "swap the arguments of b in f"),
    ("swap", "return b(a, 2.5, c)", "return b(c, 2.5, a)", "swap two arguments of b in f"),
    ("swap", "return g(x=a, y=b)", "return g(x=b, y=a)", "swap the values of `x` and `y` in f"),
    ("swap", "return a - b", "return b - a", "swap the sides of - in f"),
    ("swap", "return a - b - c", "return c - (a - b)", "swap the sides of - in f"),
    ("swap", "return (a + b) / c", "return c / (a + b)", "swap the sides of / in f"),
    ("swap", "return a ** -b", "return (-b) ** a", "swap the sides of ** in f"),
    ("swap", "return 'x'in b", "return b in 'x'", "swap the sides of `in` in f"),
    ("swap", "return a in b", "return b in a", "swap the sides of `in` in f"),
]
VARIABLES = [
    ("variable", "return a.d", "return b.d", "use `b` instead of `a` in f"),
    ("variable", "for d in a:\n  yield d", "for d in a:\n  yield c", "use `c` instead of `d` in f"),
    ("variable", "return [d for d in a]", "return [a for d in a]", "use `a` instead of `d` in f"),
    ("variable", "for d in a: b += a", "for d in a: b += d", "use `d` instead of `a` in f"),
    ("variable", "return lambda d: d", "return lambda d: b", "use `b` instead of `d` in f"),
    ("variable", "d = a\n return d.e", "d = a\n return c.e", "use `c` instead of `d` in f"),
]


@pytest.mark.parametrize(("kind", "before", "after", "summary"), OPERATORS + NUMBERS + SWAPS + VARIABLES)
def test_one_statement(kind: str, before: str, after: str, summary: str) -> None:
    head, tail = "# top\ndef f(a, b, c):\n ", "  # end\n"
    results = {(c.kind, text): c.summary for text, c in proposed(head + before + tail)}
    assert results[kind, head + after + tail] == summary


@pytest.mark.parametrize(
    ("before", "never"),
    [
        ("return a < None", "return a <= None"),
        ("return '%s' % a", "return '%s' // a"),
        ("return a - b", "return a - a"),
        ("return a < b < c", "return a < b < a"),
        ("return a and b", "return b and b"),
        ("a = b", "a = a"),
        ("a += b", "a += a"),
        ("d = a", "d = d"),
        ("return (a  # one\n  - 1)", "return (a)"),
        ("return (a not  # one\n  in b)", "return (a in b)"),
        ("return g((yield), a)", "return g((a), yield)"),
        ("return a[0] + 1", "return a[0] + 0"),
        ("return [d for d in a] + b", "return [d for d in a] + d"),
        ("return g(a)", "return a(a)"),
    ],
)
def test_one_statement_never_becomes(before: str, never: str) -> None:
    head = "def f(a, b, c):\n "
    texts = [text for text, _ in proposed(f"{head}{before}\n")]
    assert f"{head}{never}\n" not in texts


def test_attributes_change_within_their_kind() -> None:
    text = """class A:
    def __init__(self):
        self.low, self.high = 1.5, 2.5

    def one(self):
        return self.low

    def two(self):
        return self.one()
"""
    texts = [t for t, c in proposed(text) if c.kind == "attribute"]
    assert texts == [text.replace("return self.low", "return self.high"), text.replace("self.one()", "self.two()")]


def test_a_constant_of_the_module_stands_for_another() -> None:
    text = "LOW = 1.5\nHIGH = 2.5\nother = 3.5\n\ndef f():\n    return g(LOW)\n"
    assert [t for t, c in proposed(text) if c.kind == "variable"][:1] == [text.replace("g(LOW)", "g(HIGH)")]


def test_names_of_the_function_around_are_in_scope() -> None:
    text = "def f(a, b):\n    def g():\n        return a\n    return g\n"
    assert text.replace("return a", "return b") in [t for t, c in proposed(text) if c.kind == "variable"]


def test_arguments_that_bear_the_others_names_are_swapped_first() -> None:
    text = "def divide(top, bottom): ...\n\ndef f(top, bottom, x):\n    return g(x, top) + divide(bottom, top)\n"
    assert proposed(text)[0][0] == text.replace("divide(bottom, top)", "divide(top, bottom)")
