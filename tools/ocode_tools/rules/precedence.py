"""How tightly expressions bind, and the parentheses that one needs in a place (Python's reference, 6.17)."""

from __future__ import annotations

import ast

from ocode_tools.rules.base import Place
from ocode_tools.source import Change, Source

BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", 7),
    ast.BitXor: ("^", 8),
    ast.BitAnd: ("&", 9),
    ast.LShift: ("<<", 10),
    ast.RShift: (">>", 10),
    ast.Add: ("+", 11),
    ast.Sub: ("-", 11),
    ast.Mult: ("*", 12),
    ast.Div: ("/", 12),
    ast.FloorDiv: ("//", 12),
    ast.Mod: ("%", 12),
    ast.MatMult: ("@", 12),
    ast.Pow: ("**", 14),
}
"""Each binary operator's text and how tightly it binds (the order of Python's reference, 6.17)."""
NOT, SUM, UNARY, ATOM = 5, 11, 13, 16


def tightness(node: ast.AST) -> int:
    """How tightly an expression holds together: 1 for a lambda, 16 for a name."""
    match node:
        case ast.NamedExpr() | ast.Lambda() | ast.Yield() | ast.YieldFrom() | ast.Starred():
            return 1
        case ast.IfExp():
            return 2
        case ast.BoolOp(op=op):
            return 3 if isinstance(op, ast.Or) else 4
        case ast.UnaryOp(op=op):
            return NOT if isinstance(op, ast.Not) else UNARY
        case ast.Compare():
            return 6
        case ast.BinOp(op=op):
            return BINARY[type(op)][1]
        case ast.Await():
            return 15
        case _:
            return ATOM


def operand_slots(op: ast.operator) -> tuple[int, int]:
    """How tightly the left and the right operand of an operator must hold together."""
    level = BINARY[type(op)][1]
    return (15, UNARY) if isinstance(op, ast.Pow) else (level, level + 1)


def slot(place: Place) -> int:
    """How tightly an expression must hold together to stand in a place without parentheses."""
    match place.parent, place.field:
        case ast.BinOp(op=op), field:
            return operand_slots(op)[field == "right"]
        case ast.UnaryOp(op=op), _:
            return NOT if isinstance(op, ast.Not) else UNARY
        case ast.BoolOp(op=op), _:
            return 3 if isinstance(op, ast.Or) else 4
        case (ast.Compare() | ast.Starred(), _):
            return 7
        case (ast.Attribute() | ast.Subscript(), "value") | (ast.Call(), "func") | (ast.Await(), _):
            return ATOM
        case (ast.IfExp(), "body" | "test") | (ast.comprehension(), _):
            return 3
        case _:
            return 0


def enclosed(source: Source, start: int, end: int) -> bool:
    """Whether the expression at these offsets stands alone inside brackets."""
    text = source.text
    while start and text[start - 1].isspace():
        start -= 1
    while end < len(text) and text[end].isspace():
        end += 1
    return text[start - 1 : start] == "(" and text[end : end + 1] == ")"


def around(source: Source, place: Place, level: int) -> list[Change]:
    """The parentheses that a place needs once its expression binds with `level`."""
    assert isinstance(place.node, ast.expr)
    start, end = source.span(place.node)
    if level >= slot(place) or enclosed(source, start, end):
        return []
    return [Change(start, start, "("), Change(end, end, ")")]
