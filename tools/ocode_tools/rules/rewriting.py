"""Putting one expression in the place of another, with the parentheses that it needs there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from ocode_tools.rules.base import Candidate, Place, Scope, propose
from ocode_tools.rules.precedence import enclosed, slot, tightness
from ocode_tools.source import TOO_HARD, Change, parse

SHOWN = 24  # characters of an expression that a summary shows


@lru_cache(maxsize=512)
def binding(text: str) -> int:
    """How tightly the text of an expression binds; 0 if it does not parse."""
    try:
        body = parse(text.strip()).body
    except TOO_HARD:
        return 0
    return tightness(body[0].value) if len(body) == 1 and isinstance(body[0], ast.Expr) else 0


def instead(
    scope: Scope,
    place: Place,
    kind: str,
    text: str,
    what: str = "",
    factor: float = 1.0,
    detail: str = "",
    level: int | None = None,
) -> Iterator[Candidate]:
    """The candidate that has the expression `text` where the place's is; `level` is how tightly it binds, if known."""
    node = place.node
    assert isinstance(node, ast.expr)
    start, end = scope.source.span(node)
    old = scope.source.text[start:end]
    if commented(old) and not commented(text):
        return
    level = binding(text) if level is None else level
    if level == 0 or text == old:
        return
    new = text if level >= slot(place) or enclosed(scope.source, start, end) else f"({text})"
    yield from propose(
        scope, place, kind, [Change(start, end, new)], *phrases(scope, node, text, what), factor=factor, detail=detail
    )


def commented(text: str) -> bool:
    """Whether an expression's text may hold a comment, which would be lost with it."""
    return "#" in text and ("\n" in text or "\r" in text)


def phrases(scope: Scope, node: ast.expr, text: str, what: str = "") -> list[str]:
    """What a summary may say of an expression that becomes another one."""
    old = scope.source.segment(node)
    said = [f"use `{text}` instead of `{old}`"] if "`" not in text + old else []
    return [*said, *([what] if what else []), f"use `{text}`", "change an expression"]


def operand(scope: Scope, node: ast.expr, level: int) -> str:
    """The text of an expression, in parentheses where it binds less tightly than `level`."""
    text = scope.source.segment(node)
    return text if tightness(node) >= level else f"({text})"
