"""The candidates as a whole: their order, their limits, what they never touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import pytest

from ocode_tools.results import Failure, Frame
from ocode_tools.rules import PRIORS, TEMPLATES, Candidate, Scope, Suspect, candidates
from ocode_tools.rules.priors import SPEAKS
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
    return list(candidates(scopes(data, failures, lines), 300, 100))


def first(data: bytes, most: int = 400) -> list[Candidate]:
    return list(islice(candidates(scopes(data)), most))


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


def test_what_is_never_touched() -> None:
    whole = ("Doc 1", "__all__", "import math", "__main__", "print(", "Doc 2", "Doc 3")
    source = Source("pkg/mod.py", PROGRAM.encode())
    kept = [line for line in PROGRAM.splitlines() if any(word in line for word in whole)]
    for candidate in found(PROGRAM.encode()):
        after = source.replace(candidate.changes).decode()
        assert [line for line in after.splitlines() if line in kept] == kept
        assert after.count('"int"') == PROGRAM.count('"int"')


def test_the_summaries_fit_a_subject() -> None:
    text = PROGRAM.replace("total", "the_total_of_everything_that_is_in_this_very_large_cart_of_goods")
    for candidate in [*first(PROGRAM.encode()), *first(text.encode())]:
        assert 0 < len(candidate.summary) <= 60
        assert "\n" not in candidate.summary


def test_order_is_by_weight_and_each_edit_comes_once() -> None:
    for scope in scopes(PROGRAM.encode()):
        some = list(candidates([scope], 300, 100))
        alone = [c.weight for c in some if c.detail != "two"]
        both = [c.weight for c in some if c.detail == "two"]
        assert alone == sorted(alone, reverse=True)
        assert both == sorted(both, reverse=True)
        assert [c.weight for c in some] == [*alone, *both]
    some = found(PROGRAM.encode())
    assert len({frozenset(c.changes) for c in some}) == len(some)
    assert some == found(PROGRAM.encode())
    twice = scopes(PROGRAM.encode())
    again = candidates([*twice, *twice], 100, 30)
    keys = [frozenset(c.changes) for c in again]
    assert len(set(keys)) == len(keys)


def test_the_first_come_before_all_scopes_are_looked_at() -> None:
    function = "def f{}(a, b):\n" + "    a = a + b\n" * 20 + "    return a < b\n"
    every = scopes("".join(map(function.format, range(9))).encode())
    looked: list[str] = []

    def one_by_one() -> Iterator[Scope]:
        for scope in every:
            looked.append(scope.unit.qualname)
            yield scope

    some = candidates(one_by_one(), 300, 0)
    assert next(some)
    assert len(looked) == 3  # the module, a function of 22 lines, and the next one, which is not looked at yet
    assert len({(c.line - 1) // 22 for c in some}) == 9
    assert len(looked) == len(every)


def test_a_scope_that_is_less_suspicious_waits() -> None:
    data = b"def f(a, b):\n    return a < b\n\n\ndef g(a, b):\n    return a > b\n"
    source = Source("a.py", data)
    units = source.functions()[1:]
    both = [
        Scope(source, Suspect("a.py", unit.qualname, score, {}), unit, (), Symbols())
        for unit, score in zip(units, (0.9, 0.1), strict=True)
    ]
    some = [c.line for c in candidates(both, 300, 0)]
    assert some[:10] == [2] * 10


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


def test_a_scope_is_capped_and_the_first_candidates_come_without_the_rest() -> None:
    body = "".join(f"    a{n} = (a{n - 1} + {n}) * b < c\n" for n in range(1, 60))
    data = f"def f(a0, b, c):\n{body}    return b\n".encode()
    some = list(candidates(scopes(data)[1:], 90, 20))
    assert [c.detail == "two" for c in some] == [False] * 90 + [True] * 20
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
        "if __name__ == '__main__':\n    x = 1 + 2\n    y = x\n",
        "x = None\n",
        "from a import *\ny\n",
    ],
)
def test_nothing_to_propose(text: str) -> None:
    assert found(text.encode()) == []


def test_a_very_long_file_is_searched_around_the_suspect_only() -> None:
    data = b"def f(a, b):\n    return a + b\n" * 8_000
    source = Source("pkg/mod.py", data)
    unit = source.functions()[-1]
    scope = Scope(source, Suspect("pkg/mod.py", "f", 1.0, {}), unit, (), Symbols())
    some = list(candidates([scope]))
    assert {candidate.line for candidate in some} <= {15_999, 16_000}
    assert source.replace(some[0].changes).endswith(b"    return a - b\n")


def test_the_tables_agree() -> None:
    assert {kind.partition(":")[0] for kinds in SPEAKS.values() for kind in kinds} <= set(PRIORS)
    produced = {
        candidate.kind
        for scope in scopes(b"def f(a): return mth.x", (failing("NameError", "mth"),))
        for template in TEMPLATES.values()
        for candidate in template(scope)
    }
    assert produced <= set(PRIORS)
