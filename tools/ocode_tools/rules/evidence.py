"""What failures say of the bug: exceptions, and how a failed assertion's left and right values differ.

A value is read from the first line of the message, `assert got == wanted`, as pytest writes it; where that was
shortened, from what our plugin kept of the two sides.
"""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from ocode_tools.results import Failure
from ocode_tools.rules.base import exception
from ocode_tools.rules.priors import SPEAKS
from ocode_tools.source import TOO_HARD

_ASSERT = re.compile(r"^(?:E\s+)?assert (.+)$|^([^\n]{1,200} != [^\n]{1,200})$", re.MULTILINE)
_WHERE = re.compile(r"^ \+  where (.+) = <function|^ \+  where (.+) = \w+\(", re.MULTILINE)
_NEAR = re.compile(r"= abs\(\(([-\d.e+]+) - ([-\d.e+]+)\)\)")
_TEXT_FOR_BYTES = "must be encoded", "bytes-like object is required", "can't concat str to bytes"
_BYTES_FOR_TEXT = 'not "bytes"', "not 'bytes'", "not bytes"
_QUOTED = re.compile(r"'([^'\n]{1,40})'|\"([^\"\n]{1,40})\"")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What several failures say together.

    `signs` are exceptions by their class name and relations of values (see `relations`), each with the part of the
    failures (0..1) that show it; `words` are the texts in quotes that the messages hold.
    """

    signs: Mapping[str, float] = field(default_factory=dict[str, float])
    words: frozenset[str] = frozenset()

    def lift(self, kind: str, detail: str = "") -> float:
        """How much likelier a kind of edit is for what was seen: the strongest sign that speaks to it counts."""
        best = worst = 1.0
        for sign, part in self.signs.items():
            spoken = SPEAKS.get(sign, {})
            factor = spoken.get(f"{kind}:{detail}", spoken.get(kind, 1.0)) ** part
            best, worst = max(best, factor), min(worst, factor)
        return best * worst


@lru_cache(maxsize=64)
def evidence(failures: tuple[Failure, ...]) -> Evidence:
    """What failures say."""
    counts = Counter[str]()
    words: set[str] = set()
    for failure in failures:
        signs = {"Timeout" if failure.hung else exception(failure), *_of_message(failure)}
        counts.update(signs - {""})
        words |= {one or other for one, other in _QUOTED.findall(failure.message)}
    return Evidence({sign: count / len(failures) for sign, count in counts.items()}, frozenset(words))


def _of_message(failure: Failure) -> Iterator[str]:
    if "NoneType" in failure.message and exception(failure) in ("TypeError", "AttributeError"):
        yield "of None"
    if exception(failure) == "TypeError":
        if "positional argument" in failure.message or "argument" in failure.message:
            yield "arity"
        if "not callable" in failure.message:
            yield "not callable"
        if "unsupported operand" in failure.message or "must be str" in failure.message:
            yield "operand"
        if any(words in failure.message for words in _TEXT_FOR_BYTES):
            yield "encoded"
        if any(words in failure.message for words in _BYTES_FOR_TEXT):
            yield "decoded"
    pair = values(failure.message) or _kept(failure.compared)
    if pair:
        yield from relations(*pair)


def values(message: str) -> tuple[object, object] | None:
    """The value that an assertion got and the one it wanted; None where the message does not tell them in full."""
    found = next((one or other for one, other in _ASSERT.findall(message)), "").partition(" ± ")[0]
    if near := _NEAR.search(message):
        found = f"{near[1]} == {near[2]}"
    if not found:
        return None
    where = next((one or other for one, other in _WHERE.findall(message)), None)
    got: ast.expr
    wanted: ast.expr
    try:
        match ast.parse(found, mode="eval").body:
            case ast.Compare(left=got, ops=[ast.Eq() | ast.Is() | ast.NotEq()], comparators=[wanted]):
                pair = _value(got), _value(wanted)
                backward = where is not None and ast.unparse(wanted) == where != ast.unparse(got)
                return (pair[1], pair[0]) if backward else pair
            case ast.UnaryOp(op=ast.Not(), operand=got):
                return _value(got), False
            case ast.Constant(value=False):
                return False, True
            case _:
                return None
    except (*TOO_HARD, TypeError):
        return None


def _kept(compared: tuple[str, ...]) -> tuple[object, object] | None:
    """The two sides as values, the one that came first, as most tests have it."""
    try:
        left, right = map(ast.literal_eval, compared)
    except (*TOO_HARD, TypeError):
        return None
    return left, right


def _value(node: ast.expr) -> object:
    """A literal's value. Raises ValueError for anything else, and for what pytest has shortened."""
    if any(isinstance(part, ast.Constant) and part.value is ... for part in ast.walk(node)):
        raise ValueError("shortened")
    value: object = ast.literal_eval(node)
    if isinstance(value, str) and "..." in value:
        raise ValueError("shortened")
    return value


def relations(got: object, wanted: object) -> Iterator[str]:
    """In which ways the value that came differs from the one that was wanted, each as a word or two."""
    match got, wanted:
        case None, _:
            yield "none"
        case bool(), bool():
            yield "flipped"
        case (int() | float(), int() | float()) if not isinstance(got, bool) and not isinstance(wanted, bool):
            yield from _numbers(got, wanted)
        case str(), str():
            yield from _texts(got, wanted)
        case (list(), list()) | (tuple(), tuple()):
            yield from _sequences([*cast("Iterable[object]", got)], [*cast("Iterable[object]", wanted)])
        case _ if type(got) is not type(wanted):
            yield f"to {type(wanted).__name__}"
        case _:
            pass
    if wanted is None or (not wanted and not isinstance(wanted, bool)):
        yield "nothing wanted"
    elif got is not None and not got and not isinstance(got, bool):
        yield "nothing"


def _numbers(got: float, wanted: float) -> Iterator[str]:
    if type(got) is not type(wanted):
        yield f"to {type(wanted).__name__}"
    if abs(got - wanted) == 1:
        yield "by one"
    if got == -wanted:
        yield "sign"
    if not all(map(math.isfinite, (got, wanted))):
        return
    if int(got) == wanted:
        yield "part of one"
    elif any(round(got, digits) == wanted for digits in range(5)):
        yield "rounded"
    yield "larger" if got > wanted else "smaller"


def _texts(got: str, wanted: str) -> Iterator[str]:
    if got.lower() == wanted.lower():
        yield "case"
    if got.split() == wanted.split() or "".join(got.split()) == "".join(wanted.split()):
        yield "blanks"
    yield from _sequences([*got], [*wanted])


def _sequences(got: list[object], wanted: list[object]) -> Iterator[str]:
    if got == wanted[::-1]:
        yield "reversed"
    if len(got) == len(wanted):
        if sorted(map(repr, got)) == sorted(map(repr, wanted)):
            yield "order"
            yield from ["sorted"] if _sorted(wanted) else []
        elif sum(one != other for one, other in zip(got, wanted, strict=True)) == 1:
            yield "one item"
        return
    yield "longer" if len(got) > len(wanted) else "shorter"
    if got and wanted and (got == wanted[: len(got)] or got == wanted[-len(got) :]):
        yield "cut"
    elif wanted and (wanted == got[: len(wanted)] or wanted == got[-len(wanted) :]):
        yield "rest"
    if {*map(repr, got)} == {*map(repr, wanted)}:
        yield "repeats"
    if abs(len(got) - len(wanted)) == 1:
        yield "by one item"


def _sorted(items: list[object]) -> bool:
    try:
        return items == sorted(items)  # type: ignore[type-var]  # pyright: ignore
    except TypeError:
        return False
