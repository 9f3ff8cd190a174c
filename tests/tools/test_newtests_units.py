"""Which functions can be tested, what is shown of them, and which tests are kept of several."""

from __future__ import annotations

import pytest

from ocode_tools.newtests import answer, around, verdicts
from ocode_tools.newtests.answer import Answer
from ocode_tools.newtests.bench import Alone, Changed, Findings
from ocode_tools.newtests.checks import Subject
from ocode_tools.newtests.kept import Kept
from ocode_tools.newtests.units import goals, lowest_first
from ocode_tools.newtests.verdicts import Judged, Known
from ocode_tools.results import Coverage, TestRun
from ocode_tools.source import Source

TEXT = '''import abc

RATE = 2


def plain(a):
    """Text."""
    return a * RATE


def _own(a):
    return a


async def later(a):
    return a


def outer():
    def inner():
        return 1

    return inner


def empty():
    """Nothing."""


def stub():
    raise NotImplementedError


class Cart:
    """A cart."""

    size: int = 3

    def __init__(self, prices):
        self.prices = prices

    @property
    def total(self):
        return plain(sum(self.prices))

    @total.setter
    def total(self, value):
        self.prices = [value]

    @abc.abstractmethod
    def open(self):
        return 1

    def __len__(self):
        return len(self.prices)

    def __repr__(self):
        return "Cart"

    def _own(self):
        return 1


class Strict:
    def __init__(self, n):
        if n < 0:
            raise ValueError("n")
        self.n = n


class _Hidden:
    def go(self):
        return 1


if RATE:

    def sometimes():
        return 1
'''
SOURCE = Source("shop/cart.py", TEXT.encode())
ALL = ["plain", "later", "outer", "Cart.total", "Cart.__len__", "Strict.__init__", "sometimes"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (None, ALL),
        (("Cart",), ["Cart.total", "Cart.__len__"]),
        (("Cart.__init__",), ["Cart.__init__"]),
        (("_own",), ["_own"]),
        (("nothing",), []),
    ],
    ids=["all", "a class", "a constructor", "a private one", "none"],
)
def test_what_can_be_tested(names: tuple[str, ...] | None, found: list[str]) -> None:
    assert [goal.name for goal in goals(SOURCE, names)] == found


@pytest.mark.parametrize("path", ["tests/cart.py", "test_cart.py", "cart_test.py", "conftest.py", "setup.py"])
def test_tests_themselves_are_not_tested(path: str) -> None:
    assert goals(Source(path, TEXT.encode())) == []


def test_the_lowest_covered_come_first() -> None:
    units = [goal for goal in goals(SOURCE) if goal.name in ("plain", "outer", "Strict.__init__")]
    line = {goal.name: sorted(goal.lines) for goal in units}
    lines = {"shop/cart.py": {line["plain"][0]: {"a"}, line["outer"][0]: {"a"}}}
    assert [goal.name for goal in lowest_first(units, lines)] == ["Strict.__init__", "outer"]


def test_what_is_shown() -> None:
    unit = next(unit for unit in SOURCE.functions() if unit.qualname == "Cart.total")
    shown = around.context(SOURCE, unit)
    assert shown.startswith(
        "class Cart:\n    size: int = 3\n    def __init__(self, prices):\n        self.prices = prices"
    )
    assert "def plain(a): ...  # Text." in shown
    assert around.context(SOURCE, SOURCE.functions()[1]) == "RATE = 2"
    assert around.import_line(Subject("shop.cart", "Cart.total")) == "from shop.cart import Cart"


def parsed(text: str) -> Answer:
    """An answer."""
    read = answer.read(f"```python\n{text}```")
    assert isinstance(read, Answer)
    return read


def test_tests_that_are_kept_may_go_again() -> None:
    kept = Kept("test_a.py", Source("test_a.py", b"def test_one():\n    assert 1\n"))
    first, second = Known(killed=frozenset({1})), Known(killed=frozenset({2}))
    more = "from m import f\n\n\ndef test_one():\n    assert f() == 1\n\n\ndef test_two():\n    assert f() == 2\n"
    kept.add(parsed(more), {"test_one": first, "test_two": second})
    kept.add(parsed("def test_two():\n    assert f() == 3\n"), {"test_two": Known()})
    assert kept.ids == ("test_a.py::test_one_2", "test_a.py::test_two", "test_a.py::test_two_2")
    assert kept.adds.killed == {1, 2}
    kept.drop({"test_a.py::test_two", "test_a.py::test_two_2"})
    assert list(kept.ids) == ["test_a.py::test_one_2"]
    assert kept.adds.killed == {1}
    kept.drop(kept.ids)
    assert not kept.ids
    assert kept.data is None


def known(*killed: int, steps: int = 0) -> Known:
    """What a test knows."""
    return Known(frozenset({(0, steps)} if steps else ()), frozenset(killed))


def test_of_several_tests_those_that_add_something_are_kept() -> None:
    tests = [Judged("a", None, known(1)), Judged("b", None, known(1, 2, 3)), Judged("c", None, known(3, 4))]
    picked, now = verdicts.pick(tests, known(9))
    assert {one.name: one.fault is None for one in picked} == {"a": False, "b": True, "c": True}
    assert now.killed == {1, 2, 3, 4, 9}


def found(**more: object) -> Findings:
    """Findings of one test that is green and takes one step."""
    run = TestRun((), {}, {}, Coverage(), {"t::a": 0.1}, 0, (), (), 0, "exit", "", 1)
    alone = Alone(green=True, said="", again="", late="", wrote="", seconds=0.1, steps=frozenset({(0, 3)}))
    fields: dict[str, object] = {"run": run, "loaded": True, "alone": {"t::a": alone}, "stubs": {}, "mutants": {}}
    return Findings(**(fields | more))  # type: ignore[arg-type]


NOTICED, CRASHED, UNSEEN = (
    Changed({"t::a": "assertion: AssertionError: 1"}, False, 0.1),
    Changed({"t::a": "crash: TypeError: 1"}, False, 0.1),
    Changed({}, False, 0.1),
)
CASES: dict[str, tuple[dict[str, object], bool, str]] = {
    "it notices both": ({"stubs": {"0": NOTICED}, "mutants": {0: NOTICED, 1: UNSEEN}}, False, ""),
    "no body can be made": ({"mutants": {0: NOTICED}}, False, ""),
    "no statement can be changed": ({"stubs": {"0": NOTICED}}, False, ""),
    "the body is not noticed": ({"stubs": {"0": UNSEEN}}, False, "still passes when the body is only `return 0`"),
    "the body crashes": ({"stubs": {"0": CRASHED}}, False, "crashes without a failed assertion"),
    "a constructor's body crashes": ({"stubs": {"None": CRASHED}, "mutants": {0: NOTICED}}, True, ""),
    "None beside others": ({"stubs": {"None": NOTICED, "0": UNSEEN}}, False, "return 0"),
    "a statement crashes": ({"stubs": {"0": NOTICED}, "mutants": {0: CRASHED}}, False, "only makes it crash"),
    "not loaded": ({"loaded": False}, False, "not loaded as a plain function"),
}


@pytest.mark.parametrize(("more", "init", "said"), CASES.values(), ids=CASES)
def test_what_a_test_must_notice(more: dict[str, object], init: bool, said: str) -> None:
    (one,) = verdicts.judge(["t::a"], found(**more), [], Known(), frozenset({3}), 0.01, init)
    assert (said in one.fault.reason) if one.fault else not said, one


def test_a_slow_test_is_refused() -> None:
    run = TestRun((), {}, {}, Coverage(), {"t::a": 1.5}, 0, (), (), 0, "exit", "", 1)
    slow, fast = (
        verdicts.judge(["t::a"], found(run=run), [], Known(), frozenset({3}), median)[0].fault for median in (0.1, 0.5)
    )
    assert slow is not None
    assert slow.kind == "slow"
    assert fast is None
