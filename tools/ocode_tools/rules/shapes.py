"""What an expression gives, guessed from its form: good enough to leave out what makes no sense."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ocode_tools.source import Function

NUMBER, TEXT, LIST, TUPLE, DICT, SET, TRUTH, NONE, LAZY = (
    "number", "text", "list", "tuple", "dict", "set", "truth", "none", "lazy",
)  # fmt: skip
ITERABLE = frozenset({TEXT, LIST, TUPLE, DICT, SET, LAZY})
UNKNOWN = ""

_CALLS = {
    "len": NUMBER, "int": NUMBER, "float": NUMBER, "abs": NUMBER, "round": NUMBER, "sum": NUMBER, "ord": NUMBER,
    "pow": NUMBER, "sqrt": NUMBER, "floor": NUMBER, "ceil": NUMBER, "gcd": NUMBER,
    "index": NUMBER, "find": NUMBER, "rfind": NUMBER, "count": NUMBER,
    "str": TEXT, "chr": TEXT, "bin": TEXT, "hex": TEXT, "oct": TEXT, "repr": TEXT, "format": TEXT, "input": TEXT,
    "join": TEXT, "lower": TEXT, "upper": TEXT, "strip": TEXT, "lstrip": TEXT, "rstrip": TEXT, "replace": TEXT,
    "title": TEXT, "capitalize": TEXT, "swapcase": TEXT, "zfill": TEXT, "ljust": TEXT, "rjust": TEXT, "sub": TEXT,
    "list": LIST, "sorted": LIST, "split": LIST, "splitlines": LIST, "rsplit": LIST, "findall": LIST,
    "tuple": TUPLE, "divmod": TUPLE, "partition": TUPLE, "rpartition": TUPLE,
    "dict": DICT, "Counter": DICT, "defaultdict": DICT, "OrderedDict": DICT,
    "set": SET, "frozenset": SET, "union": SET, "intersection": SET, "difference": SET,
    "bool": TRUTH, "isinstance": TRUTH, "any": TRUTH, "all": TRUTH, "callable": TRUTH, "hasattr": TRUTH,
    "startswith": TRUTH, "endswith": TRUTH, "isdigit": TRUTH, "isalpha": TRUTH, "isupper": TRUTH, "islower": TRUTH,
    "isspace": TRUTH, "isalnum": TRUTH, "issubset": TRUTH,
    "range": LAZY, "map": LAZY, "filter": LAZY, "zip": LAZY, "enumerate": LAZY, "reversed": LAZY, "iter": LAZY,
    "keys": LAZY, "values": LAZY, "items": LAZY,
    "sort": NONE, "append": NONE, "extend": NONE, "insert": NONE, "remove": NONE, "reverse": NONE, "clear": NONE,
    "update": NONE, "add": NONE, "discard": NONE, "print": NONE,
}  # fmt: skip
_NOTES = {
    "int": NUMBER, "float": NUMBER, "complex": NUMBER, "str": TEXT, "bytes": TEXT, "bool": TRUTH, "None": NONE,
    "list": LIST, "List": LIST, "Sequence": LIST, "MutableSequence": LIST, "tuple": TUPLE, "Tuple": TUPLE,
    "dict": DICT, "Dict": DICT, "Mapping": DICT, "MutableMapping": DICT, "defaultdict": DICT, "Counter": DICT,
    "set": SET, "Set": SET, "frozenset": SET, "Iterable": LAZY, "Iterator": LAZY, "Generator": LAZY,
}  # fmt: skip
_DISPLAYS: Mapping[type[ast.AST], str] = {
    ast.List: LIST, ast.ListComp: LIST, ast.Tuple: TUPLE, ast.Dict: DICT, ast.DictComp: DICT, ast.Set: SET,
    ast.SetComp: SET, ast.GeneratorExp: LAZY, ast.JoinedStr: TEXT, ast.Compare: TRUTH, ast.Lambda: "function",
}  # fmt: skip


def shape(node: ast.AST, names: Mapping[str, str]) -> str:
    """What an expression gives; UNKNOWN where that cannot be told. `names` are what `shapes` found."""
    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.Name(id=name):
            return names.get(name, UNKNOWN)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return _CALLS.get(name, UNKNOWN)
        case ast.UnaryOp(op=op):
            return TRUTH if isinstance(op, ast.Not) else NUMBER
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, shape(left, names), shape(right, names))
        case ast.BoolOp(values=[first, *_]):
            return shape(first, names)
        case ast.IfExp(body=body, orelse=other):
            return shape(body, names) or shape(other, names)
        case ast.Subscript(value=value, slice=index):
            base = shape(value, names)
            return base if base == TEXT or isinstance(index, ast.Slice) else UNKNOWN
        case ast.NamedExpr(value=value) | ast.Starred(value=value):
            return shape(value, names)
        case _:
            return _DISPLAYS.get(type(node), UNKNOWN)


def _constant(value: object) -> str:
    match value:
        case bool():
            return TRUTH
        case int() | float() | complex():
            return NUMBER
        case str() | bytes():
            return TEXT
        case None:
            return NONE
        case _:
            return UNKNOWN


def _binary(op: ast.operator, left: str, right: str) -> str:
    if isinstance(op, ast.Add):
        return left or right
    if isinstance(op, ast.Mult):
        return next((one for one in (left, right) if one in ITERABLE), left if left == right else UNKNOWN)
    if isinstance(op, ast.Mod) and left == TEXT:
        return TEXT
    if isinstance(op, ast.Sub | ast.BitAnd | ast.BitOr | ast.BitXor):
        return SET if SET in (left, right) else NUMBER
    return NUMBER


def shapes(top: ast.AST) -> dict[str, str]:
    """What the names below a node stand for, from annotations, assignments and loops; the first that tells wins."""
    found: dict[str, str] = {}
    for node in ast.walk(top):
        if isinstance(node, Function):
            for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                found.setdefault(arg.arg, _noted(arg.annotation))
    for name, value in _bindings(top):
        if not found.get(name):
            found[name] = value if isinstance(value, str) else shape(value, found)
    return found


def _noted(note: ast.expr | None) -> str:
    match note:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _NOTES.get(name, UNKNOWN)
        case ast.Subscript(value=value):
            return _noted(value)
        case ast.Constant(value=str(text)):
            return _NOTES.get(text.partition("[")[0], UNKNOWN)
        case _:
            return UNKNOWN


def _bindings(top: ast.AST) -> Iterator[tuple[str, ast.expr | str]]:
    for node in ast.walk(top):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), annotation=note):
                yield name, _noted(note)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                yield from _looped(target, source)
            case _:
                pass


def _looped(target: ast.expr, source: ast.expr) -> Iterator[tuple[str, str]]:
    """What a loop's variables stand for: numbers of a range, the number that `enumerate` counts."""
    match target, source:
        case ast.Name(id=name), ast.Call(func=ast.Name(id="range")):
            yield name, NUMBER
        case ast.Tuple(elts=[ast.Name(id=name), *_]), ast.Call(func=ast.Name(id="enumerate")):
            yield name, NUMBER
        case _:
            pass


def fits(one: str, other: str) -> bool:
    """Whether two shapes may stand for each other: equal, or one of them unknown."""
    return one == other or UNKNOWN in (one, other)
