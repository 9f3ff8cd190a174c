"""Calls: one that is missing around a value, one too many, the wrong function or method of a family."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ocode_tools.rules.base import Candidate, Place, Scope, called, propose
from ocode_tools.rules.facts import Facts, facts, target_names
from ocode_tools.rules.precedence import ATOM
from ocode_tools.rules.rewriting import instead, operand
from ocode_tools.rules.shapes import DICT, ITERABLE, LAZY, LIST, NUMBER, SET, TEXT, TRUTH, TUPLE, UNKNOWN
from ocode_tools.source import Change
from ocode_tools.symbols import names_of

_SOME = frozenset({TEXT, LIST, TUPLE, SET, LAZY, DICT})
_WRAPS: dict[str, tuple[frozenset[str], float]] = {
    "abs": (frozenset({NUMBER}), 1.0),
    "sorted": (_SOME, 0.8),
    "int": (frozenset({NUMBER, TEXT}), 0.7),
    "str": (frozenset({NUMBER}), 0.7),
    "len": (_SOME - {LAZY}, 0.7),
    "list": (_SOME - {LIST}, 0.6),
    "set": (_SOME - {SET, DICT}, 0.6),
    "round": (frozenset({NUMBER}), 0.5),
    "sum": (frozenset({LIST, TUPLE, LAZY, SET}), 0.5),
    "max": (frozenset({LIST, TUPLE, LAZY, SET}), 0.4),
    "min": (frozenset({LIST, TUPLE, LAZY, SET}), 0.4),
    "tuple": (_SOME - {TUPLE, DICT}, 0.4),
    "float": (frozenset({NUMBER, TEXT}), 0.4),
    "reversed": (frozenset({LIST, TUPLE, TEXT, LAZY}), 0.4),
    "bool": (frozenset({NUMBER, LIST, DICT, SET, TEXT}), 0.3),
    "any": (frozenset({LIST, LAZY}), 0.3),
    "all": (frozenset({LIST, LAZY}), 0.3),
    "range": (frozenset({NUMBER}), 0.2),
    "enumerate": (frozenset({LIST, LAZY}), 0.2),
    "bin": (frozenset({NUMBER}), 0.15),
    "ord": (frozenset({TEXT}), 0.15),
    "chr": (frozenset({NUMBER}), 0.15),
    "dict": (frozenset({DICT, LAZY}), 0.2),
}
_METHODS: dict[str, tuple[str, float]] = {
    ".lower()": (TEXT, 0.8), ".upper()": (TEXT, 0.5), ".strip()": (TEXT, 0.7), "[::-1]": (TEXT, 0.5),
    ".split()": (TEXT, 0.4), ".copy()": (LIST, 0.5), ".items()": (DICT, 0.6), ".values()": (DICT, 0.5),
    ".keys()": (DICT, 0.3), ".title()": (TEXT, 0.2), ".capitalize()": (TEXT, 0.2), ".rstrip()": (TEXT, 0.3),
    ".lstrip()": (TEXT, 0.2), ".isdigit()": (TEXT, 0.15), ".isalpha()": (TEXT, 0.15), ".encode()": (TEXT, 0.1),
    ".decode()": (TEXT, 0.1),
}  # fmt: skip
_FAMILIES = (
    "max min", "min max sum len", "sum max min len any all", "any all", "floor ceil trunc round", "floor int ceil",
    "append extend add", "lower upper casefold title capitalize", "upper lower title", "strip lstrip rstrip",
    "startswith endswith", "find rfind index", "index find", "split rsplit splitlines", "sorted reversed list set",
    "list set tuple sorted", "set list sorted", "tuple list set", "isdigit isnumeric isdecimal isalnum isalpha",
    "isalpha isalnum isdigit", "isalnum isalpha isdigit", "isupper islower", "islower isupper", "keys values items",
    "values items keys", "items keys values", "int float round", "float int", "ljust rjust center",
    "rjust ljust zfill", "zip zip_longest", "union intersection difference", "intersection union difference",
    "difference symmetric_difference union", "issubset issuperset", "issuperset issubset", "pop popleft",
    "popleft pop", "append appendleft", "get pop", "remove discard pop", "discard remove", "sin cos tan",
    "cos sin tan", "log log2 log10", "radians degrees", "degrees radians", "encode decode", "decode encode",
    "dumps loads", "loads dumps", "read readline readlines", "ceil floor", "round int floor", "reversed sorted",
    "all any", "extend append", "rfind find", "lstrip rstrip strip", "rstrip lstrip strip", "endswith startswith",
    "len sum max min", "insert append", "update add", "partition rpartition", "rpartition partition",
    "bisect_left bisect_right", "bisect_right bisect_left", "bisect bisect_left",
    "combinations permutations combinations_with_replacement", "permutations combinations", "heappop heappush",
    "write writelines", "exists isfile isdir", "isfile exists", "isdir exists", "match search fullmatch",
    "search match fullmatch", "fullmatch match", "str repr", "repr str", "isinstance issubclass", "hex oct bin",
    "bin hex oct", "mean median", "median mean", "casefold lower", "add remove discard", "intersection_update update",
)  # fmt: skip
FAMILIES: Mapping[str, list[str]] = {
    first: [other for line in _FAMILIES if line.split()[0] == first for other in line.split()[1:]]
    for first in dict.fromkeys(line.split()[0] for line in _FAMILIES)
}
"""For a function or method those it is mistaken for, the likeliest first."""

_IMPORTED = {"floor", "ceil", "trunc", "zip_longest", "permutations", "combinations", "median", "mean"}
_REDUCTIONS = {"sum", "max", "min", "len", "any", "all"}
_NONSENSE = {("len", "len"), ("abs", "abs"), ("str", "str"), ("list", "list"), ("set", "set"), ("int", "int")}


def missing_calls(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put a built-in function around a value, or a method behind it."""
    known = facts(scope)
    math = "math" in names_of(scope.source.tree)
    for place, node in known.values:
        if isinstance(node, ast.Constant | ast.Lambda) or _pointless(place, node):
            continue
        text, given = scope.source.segment(node), known.shape(node)
        for name, (accepted, factor) in _WRAPS.items():
            if (given in accepted or given == UNKNOWN) and _sensible(place, node, name):
                likely = factor * (1.0 if given else 0.5) * _room(place, name)
                yield from instead(scope, place, "wrap", f"{name}({_bare(scope, node)})", "", likely, name, ATOM)
        for end, (accepted_shape, factor) in _METHODS.items():
            if given in (accepted_shape, UNKNOWN) or (end in ("[::-1]", ".copy()") and given in (LIST, TEXT)):
                new = operand(scope, node, ATOM) + end
                yield from instead(scope, place, "method", new, "", factor * (1.0 if given else 0.4), end, ATOM)
        if given in (NUMBER, UNKNOWN) and not isinstance(place.parent, ast.Compare | ast.Subscript):
            some = [f"max({text}, 0)", f"min({text}, 0)", f"round({text}, 2)"]
            some += [f"math.{name}({text})" for name in ("floor", "ceil", "sqrt")] if math else []
            for new in some:
                yield from instead(scope, place, "wrap", new, "", 0.2, new.partition("(")[0], ATOM)


def _bare(scope: Scope, node: ast.expr) -> str:
    text = scope.source.segment(node)
    # A generator's own brackets go inside those of the call: sum((x for x in y)) is as good, and safe
    return f"({text})" if isinstance(node, ast.NamedExpr | ast.Starred | ast.Tuple) and text[:1] != "(" else text


def _pointless(place: Place, node: ast.expr) -> bool:
    """Places where a call would change nothing or make nonsense: a module's name, `self`, a format's text."""
    if isinstance(place.parent, ast.Attribute | ast.Expr) and isinstance(node, ast.Name):
        return True
    return isinstance(place.parent, ast.Expr) or (isinstance(node, ast.Name) and node.id in ("self", "cls"))


def _sensible(place: Place, node: ast.expr, name: str) -> bool:
    inside, outside = called(node), called(place.parent)
    return (name, inside) not in _NONSENSE and (outside, name) not in _NONSENSE and inside != name != outside


def _room(place: Place, name: str) -> float:
    """How well a call of a name fits where its value goes."""
    number = name in ("abs", "int", "len", "round", "sum", "max", "min", "float", "ord")
    match place.parent, place.field:
        case ((ast.For() | ast.comprehension()), "iter"):
            return 0.1 if number or name in ("str", "bool", "chr", "bin") else 1.5
        case ((ast.If() | ast.While() | ast.Assert() | ast.BoolOp() | ast.IfExp()), "test" | "values"):
            return 1.0 if name in ("any", "all", "len") else 0.15
        case (ast.Compare(), _):
            return 1.2 if name in ("abs", "len", "int", "str", "set", "sorted", "round", "sum") else 0.5
        case ast.BinOp(op=op), _ if not isinstance(op, ast.Add):
            return 1.0 if number else 0.2
        case _:
            return 1.0


def extra_calls(scope: Scope) -> Iterator[Candidate]:
    """Candidates that drop a call and keep what it was given or called on: `f(x)` and `x.f()` become `x`."""
    for place, node in facts(scope).values:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[first, *more]) if not isinstance(first, ast.Starred):
                text = operand(scope, first, 1)
                level = 0.9 if not more else 0.4
                yield from instead(scope, place, "unwrap", text, f"drop the call of {name}", level, name)
            case ast.Call(func=ast.Attribute(value=base, attr=name), args=arguments):
                yield from instead(
                    scope, place, "unwrap", scope.source.segment(base), f"drop the call of {name}", 0.8, name
                )
                for argument in arguments[:2]:
                    if not isinstance(argument, ast.Starred | ast.Constant):
                        text = scope.source.segment(argument)
                        yield from instead(scope, place, "unwrap", text, f"drop the call of {name}", 0.5, name)
            case ast.Subscript(value=base):
                yield from instead(scope, place, "unwrap", scope.source.segment(base), "", 0.4, "[]")
            case ast.UnaryOp(op=ast.USub() | ast.Invert(), operand=inner) if not isinstance(inner, ast.Constant):
                yield from instead(scope, place, "unwrap", scope.source.segment(inner), "drop a sign", 0.9, "-")
            case ast.Attribute(value=base) if not isinstance(base, ast.Name) or base.id not in ("self", "cls"):
                yield from instead(scope, place, "unwrap", scope.source.segment(base), "", 0.2, ".")
            case _:
                pass


def missing_signs(scope: Scope) -> Iterator[Candidate]:
    """Candidates that put a minus before a number."""
    known = facts(scope)
    for place, node in known.values:
        if isinstance(place.parent, ast.UnaryOp | ast.Expr) or isinstance(node, ast.UnaryOp):
            continue
        given = known.shape(node)
        if given in (NUMBER, UNKNOWN) and isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
            likely = (1.0 if given else 0.4) * (1.0 if isinstance(place.parent, ast.Return | ast.Call) else 0.5)
            yield from instead(scope, place, "sign", f"-{scope.source.segment(node)}", "", likely)


def idle_names(scope: Scope) -> Iterator[Candidate]:
    """Candidates that use a name which is bound and never loaded, alone or in a call, in the place of a value."""
    known = facts(scope)
    for place in known.places:
        match place.node:
            case ast.Lambda(args=arguments, body=body):
                names, inside = [arg.arg for arg in arguments.args], [body]
            case ast.ListComp(generators=[clause], elt=body) | ast.GeneratorExp(generators=[clause], elt=body):
                names, inside = sorted(target_names(clause.target)), [body, *clause.ifs]
            case _:
                continue
        used = {one.id for node in inside for one in ast.walk(node) if isinstance(one, ast.Name)}
        within = {id(one) for node in inside for one in ast.walk(node)}
        for name in [name for name in names if name not in used and name != "_"]:
            for at, node in known.values:
                if id(node) in within and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Constant):
                    yield from _used(scope, at, name)
    for name in sorted(known.idle - known.inner):
        for at, node in known.values:
            if isinstance(node, ast.Name) and at.line >= scope.unit.first:
                yield from _used(scope, at, name)


def _used(scope: Scope, place: Place, name: str) -> Iterator[Candidate]:
    if not isinstance(place.node, ast.Name):  # a name for a name is another template's
        yield from instead(scope, place, "idle", name, "", 1.0, "", ATOM)
    for function, (_, factor) in _WRAPS.items():
        yield from instead(scope, place, "idle", f"{function}({name})", "", factor * 0.4, function, ATOM)


def wrong_calls(scope: Scope) -> Iterator[Candidate]:
    """Candidates that call another function or method of the same family, or reduce a sequence in another way."""
    known = facts(scope)
    for place in known.places:
        match place.node:
            case ast.Call(func=ast.Name(id=name) as function):
                if name in FAMILIES:
                    yield from _renamed(scope, place, scope.source.span(function), name, known)
            case ast.Call(func=ast.Attribute(attr=name, value=base) as function) if name in FAMILIES:
                *_, token = scope.source.tokens(scope.source.span(base)[1], scope.source.span(function)[1])
                yield from _renamed(scope, place, (token.start, token.end), name, known)
            case _:
                pass
    yield from _reduced(scope, known)


def _renamed(scope: Scope, place: Place, span: tuple[int, int], name: str, known: Facts) -> Iterator[Candidate]:
    plain = isinstance(place.node, ast.Call) and isinstance(place.node.func, ast.Name)
    there = names_of(scope.source.tree)
    for number, other in enumerate(FAMILIES[name]):
        if plain and other in _IMPORTED and other not in there:
            continue
        what = f"call `{other}` instead of `{name}`"
        yield from propose(
            scope, place, "call", [Change(*span, other)], what, factor=max(1.0 - 0.2 * number, 0.3), detail=other
        )


def _reduced(scope: Scope, known: Facts) -> Iterator[Candidate]:
    """`x[0]` and `x[-1]` become `sum(x)`, `max(x)`, ..., and the other way round."""
    for place, node in known.values:
        match node:
            case ast.Subscript(value=base, slice=ast.Constant(value=0) | ast.UnaryOp(operand=ast.Constant(value=1))):
                if known.shape(base) in (*ITERABLE, UNKNOWN):
                    for name in ("sum", "max", "min", "len"):
                        new = f"{name}({scope.source.segment(base)})"
                        yield from instead(scope, place, "reduction", new, "", 0.5, name, ATOM)
            case ast.Call(func=ast.Name(id=name), args=[base], keywords=[]) if name in _REDUCTIONS:
                if not isinstance(base, ast.Starred | ast.GeneratorExp):
                    for index in ("[0]", "[-1]"):
                        new = operand(scope, base, ATOM) + index
                        yield from instead(scope, place, "reduction", new, "", 0.3, index, ATOM)
            case _:
                pass


def boolean_calls(scope: Scope) -> Iterator[Candidate]:
    """Candidates that turn a returned truth round: `return x` becomes `return not x`."""
    known = facts(scope)
    for place, node in known.values:
        if isinstance(place.parent, ast.Return | ast.Lambda) and known.shape(node) in (TRUTH, UNKNOWN):
            if isinstance(node, ast.Compare | ast.Constant | ast.UnaryOp):
                continue
            likely = 0.8 if known.shape(node) == TRUTH else 0.15
            yield from instead(scope, place, "negation", f"not {operand(scope, node, 5)}", "", likely, "", 5)
