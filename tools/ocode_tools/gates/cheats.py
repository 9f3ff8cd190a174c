"""Gates on cheating: a fix may not know the failing test's values, nor get at the test, its runner or the process.

Only what is new counts. Values are compared by `keys` (see base), so that wrapping them hides nothing.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ocode_tools.edits import Proposal, shown
from ocode_tools.gates.base import (
    MODULE,
    UNKNOWN,
    Change,
    Context,
    Function,
    changes,
    fold,
    is_text,
    keys,
    tree,
    units,
    walk,
)
from ocode_tools.gates.scope import is_test_path

Names = Mapping[str, frozenset[str]]
Nodes = Iterable[ast.AST]
Bindings = Mapping[str, tuple[str, frozenset[str]]]

_PLAIN = {"", *dir(builtins)}
_ASKING = {"__eq__", "__ne__", "__contains__", "eq", "ne", "contains", "isclose", "startswith", "endswith", "fullmatch"}
_LOOKUPS = {"get", "pop", "setdefault", "index", "count", "__getitem__"}


def learns_nothing(proposal: Proposal, context: Context) -> str | None:
    """No function learns a literal of the failing tests that it did not hold before: in a comparison or pattern, as
    the key of a lookup table, or as what a new branch (or a new plain `return`) gives back.

    None, 0, 1, -1, "", True, False and empty containers are free, and so is a compared number that moved by one where
    nothing else is compared. A name counts as the constant that the proposal newly binds it to.
    """
    known = known_literals(context) if context.task == "fix" else frozenset[str]()
    seen = [change for change in changes(proposal) if known and not is_test_path(change.edit.path)]
    fresh: dict[str, frozenset[str]] = {}
    for change in seen:
        for name, values in _fresh(_bindings(change.old), _bindings(change.new)).items():
            fresh[name] = fresh.get(name, frozenset()) | values
    for change in seen:
        # A new constant may be compared in a function that stayed as it was.
        old, new = (change.before, change.after) if any(fresh.values()) else (change.old, change.new)
        before, moved = units(old), change.old.body
        for name, nodes in units(new).items():
            had = before.get(name, [] if name == MODULE else moved)
            why = _learnt(had, nodes, known - _held(had, change), fresh)
            if why:
                where = "" if name == MODULE else f" in {name}"
                return f"{shown(change.edit.path)}: new {why} of the failing test{where}"
    return None


def _learnt(had: Nodes, nodes: Nodes, known: frozenset[str], fresh: Names) -> str | None:
    """How a function came to know one of the `known` values, if it did."""
    compared = {key for operand in _operands(nodes) for key in _compared(operand, fresh)} & known
    if compared and (left := compared - _moved_by_one(had, nodes)):
        return f"comparison with {_quoted(left)}"
    if looked_up := set(_looked_up(nodes, fresh)) & known:
        return f"lookup table for {_quoted(looked_up)}"
    old = dict(_branches(had))
    back = {part.value.id for part in walk(nodes) if isinstance(part, ast.Return) and isinstance(part.value, ast.Name)}
    given = (key for guard, body in _branches(nodes) if guard not in old for key in _results(body, back))
    if found := set(given) & known:
        return f"branch that gives {_quoted(found)}"
    plain, new = list(_plain_returns(had)), list(_plain_returns(nodes))
    if len(new) > len(plain) and (found := {key for value in new for key in keys(value)} & known):
        return f"return of {_quoted(found)}"
    return None


def _quoted(found: Iterable[str]) -> str:
    return repr(min(found, key=lambda key: (len(key), key)))


def _held(had: Nodes, change: Change) -> set[str]:
    """What a function held before; of a file that did not parse, whatever looks like a literal anywhere in it."""
    found = {key for node in walk(had) for key in keys(fold(node))}
    if change.salvaged:
        text = (change.edit.before or b"").decode("utf-8", "replace")
        found |= {
            key for match in re.findall(r"[\d.]+|'[^'\n]*'|\"[^\"\n]*\"", text) for key in keys(match.strip("'\""))
        }
    return found


def _operands(nodes: Nodes) -> Iterator[ast.AST]:
    """Everything that is compared, matched or asked about; of truth tests only the arithmetic (`not n - 7`)."""
    for node in walk(nodes):
        match node:
            case ast.Compare():
                yield from (node.left, *node.comparators)
            case ast.MatchValue():
                yield node.value
            case ast.MatchMapping():
                yield from node.keys
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)) if name in _ASKING:
                yield from node.args
                yield from [node.func.value] if isinstance(node.func, ast.Attribute) else []
            case ast.If() | ast.While() | ast.IfExp() | ast.Assert():
                yield from [node.test] if isinstance(node.test, ast.BinOp) else []
            case ast.BoolOp(values=parts) | ast.comprehension(ifs=parts) | ast.UnaryOp(op=ast.Not(), operand=parts):
                yield from (part for part in (parts if isinstance(parts, list) else [parts]) if _is_sum(part))
            case _:
                pass


def _is_sum(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.BitXor)


def _compared(node: ast.AST, fresh: Names) -> Iterator[str]:
    """The keys of the constants in an operand: itself, its elements, its summands, its arguments if all constant."""
    if (value := fold(node)) is not UNKNOWN and not isinstance(node, ast.Dict):
        yield from keys(value)
        return
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield from fresh.get(name, ())
        case ast.BinOp(left=a, right=b) if _is_sum(node):
            yield from (*_compared(a, fresh), *_compared(b, fresh))
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            yield from (key for part in parts for key in _compared(part, fresh))
        case ast.Dict():
            yield from (key for part in node.keys for key in keys(fold(part)))
        case ast.Call(func=ast.Name(), args=parts) if {_name(part) for part in walk(parts)} <= _PLAIN:
            yield from (key for part in parts for key in _compared(part, fresh))
        case ast.NamedExpr(value=inner) | ast.Starred(value=inner):
            yield from _compared(inner, fresh)
        case _:
            return


def _moved_by_one(had: Nodes, nodes: Nodes) -> set[str]:
    """The compared whole numbers one above or below a number that was compared instead of them before."""
    compares = ([node for node in walk(some) if isinstance(node, ast.Compare)] for some in (had, nodes))
    old, new = ([part for node in some for part in (node.left, *node.comparators)] for some in compares)
    if len(new) > len(old):
        return set()
    was, now = (Counter(value for part in parts if isinstance(value := fold(part), int)) for parts in (old, new))
    gone = was - now
    return {str(value) for value in now - was if value - 1 in gone or value + 1 in gone}


def _bindings(module: ast.Module) -> Bindings:
    """Names and attributes that are bound to constants: "dict" (by its keys), another container, or "one"; with what.

    A name that is added to (`i += 1`) is no constant.
    """
    found: dict[str, tuple[str, frozenset[str]]] = {}
    moving = {_name(node.target) for node in ast.walk(module) if isinstance(node, ast.AugAssign)}
    for target, value in _assignments(module):
        if value is None or _is_sum(value):
            continue
        number = fold(value)
        constant = frozenset[str](_compared(value, {})).union([str(number)] if isinstance(number, int) else [])
        kind = type(value).__name__.lower()
        bound = (part for part in ast.walk(target) if not isinstance(getattr(part, "ctx", None), ast.Load))
        for name in {*map(_name, bound)} - moving if constant else ():
            old = found.get(name, ("", frozenset[str]()))[1]
            found[name] = (kind if kind in ("dict", "list", "set", "tuple") else "one", old | constant)
    return found


def _assignments(module: ast.Module) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    for node in ast.walk(module):
        match node:
            case ast.Assign():
                yield from ((target, node.value) for target in node.targets)
            case ast.AnnAssign() | ast.NamedExpr():
                yield node.target, node.value
            case ast.For() | ast.AsyncFor() | ast.comprehension() if not isinstance(node.iter, ast.Call):
                yield node.target, node.iter
            case ast.arguments():
                yield from zip(reversed([*node.posonlyargs, *node.args]), reversed(node.defaults), strict=False)
                yield from zip(node.kwonlyargs, node.kw_defaults, strict=True)
            case _:
                pass


def _name(node: ast.AST) -> str:
    return next((str(getattr(node, part)) for part in ("id", "attr", "arg") if hasattr(node, part)), "")


def _fresh(before: Bindings, after: Bindings) -> Names:
    """Names that came to stand for constants, each with those it did not stand for before.

    A list that was there may be mended, and a number may move by one.
    """
    found: dict[str, frozenset[str]] = {}
    for name, (kind, values) in after.items():
        old = before.get(name, ("", frozenset[str]()))[1]
        if name and (not old or kind in ("dict", "one")):
            near = {str(int(key) + step) for key in old if key.lstrip("-").isdecimal() for step in (-1, 1)}
            found[name] = values - old - near - {"0", "1", "-1"}
    return found


def _looked_up(nodes: Nodes, fresh: Names) -> Iterator[str]:
    """The keys of constant tables that are asked for something not constant, or given an entry by a constant key."""
    for node in walk(nodes):
        match node:
            case ast.Subscript(value=table, slice=index, ctx=ast.Load()) if fold(index) is UNKNOWN:
                yield from _compared(table, fresh) if not isinstance(table, ast.Constant) else ()
            case ast.Call(func=ast.Attribute(value=table, attr=name)) if name in _LOOKUPS:
                yield from _compared(table, fresh) if not isinstance(table, ast.Constant) else ()
            case ast.Assign(targets=[ast.Subscript(slice=index)], value=value) if any(keys(fold(value))):
                yield from keys(fold(index))
            case _:
                pass


def _branches(nodes: Nodes) -> Iterator[tuple[str, list[ast.AST]]]:
    """Guarded code: the guard as text, and what runs or results under it."""
    for node in walk(nodes):
        match node:
            case ast.If() | ast.While():
                yield ast.dump(node.test), [*node.body]
                yield f"not {ast.dump(node.test)}", [*node.orelse]
            case ast.IfExp():
                yield ast.dump(node.test), [node.body]
                yield f"not {ast.dump(node.test)}", [node.orelse]
            case ast.match_case():
                yield ast.dump(node.pattern) + (ast.dump(node.guard) if node.guard else ""), [*node.body]
            case ast.ExceptHandler():
                yield f"except {ast.dump(node.type) if node.type else ''}", [*node.body]
            case ast.BoolOp(op=ast.And()):
                yield ast.dump(node), [*node.values]
            case _:
                pass


def _results(body: list[ast.AST], back: set[str]) -> Iterator[str]:
    """The constants that code gives back, or leaves in one of the names `back` that are given back."""
    for node in walk(body):
        if isinstance(node, ast.Return | ast.Yield | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else []
            yield from keys(fold(node.value)) if not targets or back.intersection(map(_name, targets)) else ()
    yield from (key for node in body if isinstance(node, ast.expr) for key in keys(fold(node)))


def _plain_returns(nodes: Nodes) -> Iterator[object]:
    """The constants that a function returns under no condition."""
    for node in nodes:
        for part in node.body if isinstance(node, Function) else ():
            if isinstance(part, ast.Return) and (value := fold(part.value)) is not UNKNOWN:
                yield value


def known_literals(context: Context) -> frozenset[str]:
    """The `keys` of every literal that the failing tests hold, with what they use of their own files.

    That is the test function with its decorators, the plain statements of its class and module, and the helpers and
    fixtures of the file that it names. A doctest counts by its examples, a file that could not be collected whole.
    """
    nodes: list[ast.AST] = []
    for failure in context.failures:
        path, _, rest = failure.id.partition("::")
        module = tree(context.test_sources.get(path, b""))
        if module:
            nodes += _used_by(rest.partition("[")[0].rpartition("::")[2], module) if rest else [module]
    return frozenset(key for node in walk(nodes) for key in keys(fold(node)))


def _used_by(name: str, module: ast.Module) -> list[ast.AST]:
    defined: defaultdict[str, list[ast.AST]] = defaultdict(list)
    for unit, parts in units(module).items():
        defined[unit.rpartition(".")[2]] += parts
    if name not in defined:
        return _examples(module) or [module]
    waiting, used = [name, MODULE, "setUp", "setUpClass", "setup_method", "setup_class"], dict[str, None]()
    while waiting:
        one = waiting.pop()
        if one in used or one not in defined:
            continue
        used[one] = None
        for part in walk(defined[one]) if one != MODULE else ():
            waiting += [str(getattr(part, at)) for at in ("id", "arg", "attr") if hasattr(part, at)]
    return [part for one in used for part in defined[one]]


def _examples(module: ast.Module) -> list[ast.AST]:
    """The lines of every docstring with doctests that are Python, the expected values among them."""
    texts = (node.value for node in ast.walk(module) if isinstance(node, ast.Expr) and is_text(node))
    lines = (line for text in texts if ">>>" in (said := str(fold(text))) for line in said.splitlines())
    parts = (tree(re.sub(r"^\s*(>>>|\.\.\.)?\s*", "", line).encode()) for line in lines)
    return [part for part in parts if part]
