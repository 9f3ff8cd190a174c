"""Other literals: numbers that are no neighbours, texts, all the truths of a function at once."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from ocode_tools.rules.base import Candidate, Place, Scope, close, local_names, propose
from ocode_tools.rules.evidence import evidence
from ocode_tools.rules.facts import facts
from ocode_tools.rules.precedence import UNARY, slot
from ocode_tools.source import Change, Function

_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_PARTNERS = {**_PAIRS, **{right: left for left, right in _PAIRS.items()}, "+": "-", "-": "+", "*": "/", "/": "*"}
_COMMON = (0, 1, 2, 10, -1)
MOST_NUMBERS = 8
MOST = 14  # texts tried for one


def wrong_numbers(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put another number in the place of one: a common one, one of the unit, ten times or half it."""
    known = facts(scope)
    counts = Counter(value for place in known.places if (value := _number(place)) is not None)
    there = [value for value, _ in counts.most_common(MOST_NUMBERS)]
    named = _said(scope)
    for place in known.places:
        value = _number(place)
        node = place.node
        if value is None or not isinstance(node, ast.expr):
            continue
        # Moved by one: another template's
        some: dict[float, float] = dict.fromkeys(_COMMON, 0.6)
        some |= dict.fromkeys(there, 0.7)
        some |= {
            value * 10: 0.3,
            value / 10 if isinstance(value, float) else value // 10: 0.3,
            value * 2: 0.3,
            -value: 0.5,
        }
        some |= dict.fromkeys(named, 0.6)
        if isinstance(value, float):
            some |= {value + 1: 0.5, value - 1: 0.5, value / 2: 0.3}
        elif value % 2 == 0:
            some[value // 2] = 0.3
        for other, likely in some.items():
            near = isinstance(value, int) and abs(other - value) <= 1
            if other != value and not near and not (other < 0 and slot(place) > UNARY):
                spelt = repr(float(other)) if isinstance(value, float) else repr(int(other))
                change = Change(*scope.source.span(node), spelt)
                what = f"use {spelt} instead of {value}"
                yield from propose(scope, place, "number", [change], what, factor=likely)


def _number(place: Place) -> float | None:
    """The value of a number as written in decimal, with its sign; None for everything else."""
    match place.node, place.parent:
        case ast.Constant(value=bool()), _:
            return None
        case ast.Constant(value=int() | float() as value), parent if not isinstance(parent, ast.UnaryOp):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)), _:
            return -value
        case _:
            return None


def _said(scope: Scope) -> list[int]:
    """The small numbers that the unit's docstring speaks of."""
    doc = ast.get_docstring(scope.unit.node) if isinstance(scope.unit.node, Function) else None
    words = (doc or "").split(">>>")[0].replace(".", " ").replace(",", " ").split()
    return list(dict.fromkeys(int(word) for word in words if word.isdecimal() and len(word) < 5))[:6]


def wrong_texts(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put another text in the place of one: of the unit, of a failure, a letter more or less."""
    known = facts(scope)
    texts = list(dict.fromkeys(
        place.node.value for place in known.places
        if isinstance(place.node, ast.Constant) and isinstance(place.node.value, str) and len(place.node.value) < 40
    ))  # fmt: skip
    words = evidence(scope.failures).words
    letters = {letter for word in words for letter in word if not letter.isalnum()} if words else set[str]()
    for place in known.places:
        match place.node:
            case ast.Constant(value=str(value)) as node if (
                not isinstance(place.parent, ast.JoinedStr) and len(value) < 200
            ):
                text = scope.source.segment(node)
                quote = text[-1:]
                if text != f"{quote}{value}{quote}" and not text.startswith(quote):
                    continue
                for other in _unquoted(scope, value):
                    change = Change(*scope.source.span(node), other)
                    yield from propose(scope, place, "text", [change], f"use {other} instead of {text}", factor=2.0)
                for other, likely in list(_other_texts(value, texts, words, letters))[:MOST]:
                    change = Change(*scope.source.span(node), _spelt(other, quote))
                    what = f"use {_spelt(other, quote)} instead of {text}"
                    said = [what, f"use {_spelt(other, quote)}", "change a text"]
                    yield from propose(scope, place, "text", [change], *said, factor=likely)
            case _:
                pass


def _unquoted(scope: Scope, value: str) -> Iterator[str]:
    """What a text stands for that was put in quotes by mistake: a constant, or a name of the function."""
    if value in ("None", "True", "False"):
        yield value
    elif value in local_names(scope):
        yield value
        if "encoded" in evidence(scope.failures).signs:
            yield f"{value}.encode()"


def _spelt(text: str, quote: str) -> str:
    plain = text.isprintable() and quote not in text and "\\" not in text
    return f"{quote}{text}{quote}" if plain else repr(text)


def _other_texts(value: str, texts: list[str], words: frozenset[str], letters: set[str]) -> Iterator[tuple[str, float]]:
    found: dict[str, float] = {}

    def add(text: str, likely: float) -> None:
        if text != value and text not in found:
            found[text] = likely

    for word in close(value, set(words)) if len(value) > 2 else ():
        add(word, 1.5)
    if value in _PARTNERS:
        add(_PARTNERS[value], 1.0)
    for text in texts:
        add(text, 0.7 if len(text) == len(value) or min(len(text), len(value)) <= 1 else 0.3)
    if value:
        add("", 0.7 if len(value) == 1 else 0.3)
        if len(value) == 1 and not value.isalnum():
            add(value * 2, 0.3)
            for letter in sorted(letters)[:6]:
                add(letter, 0.5)
        if len(value) == 2 and value[0] == value[1]:
            add(value[0], 1.0)
        if value.isspace():
            add("", 0.9)
        if value.strip() != value:
            add(value.strip(), 0.7)
        add(value + " ", 0.3)
        for other in (value.lower(), value.upper(), value.capitalize()):
            add(other, 0.5)
        if 1 < len(value) < 30:
            add(value[:-1], 0.3)
            add(value[1:], 0.3)
    else:
        add(" ", 0.8)
        add(",", 0.3)
        add("\n", 0.2)
    add(" ", 0.4)
    yield from sorted(found.items(), key=lambda item: -item[1])


def turned_truths(scope: Scope) -> Iterator[Candidate]:
    """The candidate that turns every True and False that the unit returns round."""
    found = [place for place in facts(scope).places if _truth(place) and isinstance(place.parent, ast.Return)]
    if len(found) < 2:
        return
    nodes = [place.node for place in found if isinstance(place.node, ast.Constant)]
    changes = [Change(*scope.source.span(node), str(not node.value)) for node in nodes]
    for place in found[:1]:
        yield from propose(scope, place, "truths", changes, "turn all results round")


def _truth(place: Place) -> bool:
    return isinstance(place.node, ast.Constant) and isinstance(place.node.value, bool)
