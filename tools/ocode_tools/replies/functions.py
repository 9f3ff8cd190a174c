"""What a function must not lose when it is replaced: its body, its way to return, what its names stand for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from ocode_tools.replies.base import Unfit
from ocode_tools.replies.units import is_stub
from ocode_tools.source import Function

_WHOLE = "Send the whole function, every line of it; leave nothing out."


def check_functions(old: ast.Module, new: ast.Module) -> None:
    """Compare the functions of a file before and after, by their dotted names. Raises Unfit."""
    before, after = dict(_functions(old)), dict(_functions(new))
    known: set[str] | None = None
    for name, node in after.items():
        if (was := before.get(name)) is None or ast.dump(was) == ast.dump(node):
            continue
        if is_stub(node) and not is_stub(was):
            raise Unfit(f"{name} became a stub", _WHOLE)
        if runs_off(node.body) and not runs_off(was.body) and _gives(was):
            raise Unfit(f"{name} no longer ends with a return (cut off or left out)", _WHOLE)
        known = known or _bound(new, deep=False) | set(dir(builtins))
        if lost := sorted((_bound(was) & _read(was) & _read(node)) - _bound(node) - known - _outer(name, after)):
            raise Unfit(f"{name} uses {lost[0]}, which it no longer sets (code left out)", _WHOLE)


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, node = waiting.pop()
        for part in ast.iter_child_nodes(node):
            if isinstance(part, Function):
                yield prefix + part.name, part
            inner = f"{prefix}{part.name}." if isinstance(part, Function | ast.ClassDef) else prefix
            if isinstance(part, ast.stmt | ast.excepthandler | ast.match_case):
                waiting.append((inner, part))


def _gives(node: Function) -> bool:
    """Whether a function returns values, and not only None."""
    returns = [part for part in ast.walk(node) if isinstance(part, ast.Return)]
    return any(
        part.value and not (isinstance(part.value, ast.Constant) and part.value.value is None) for part in returns
    )


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _bound(node: ast.AST, deep: bool = True) -> set[str]:
    """The names that a function sets, arguments and all; of a module (not `deep`) those that its functions do not."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        match part:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                found.add(name)
            case ast.alias(name=name):
                found.add(name.split(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(part.name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found.update(names)
            case _:
                pass
        if deep or not isinstance(part, Function):
            waiting.extend(ast.iter_child_nodes(part))
    return found


def _outer(name: str, functions: dict[str, Function]) -> set[str]:
    """What the functions around a nested one set."""
    outer = [functions[name[:at]] for at, sign in enumerate(name) if sign == "." and name[:at] in functions]
    return {bound for node in outer for bound in _bound(node)}


def runs_off(body: Sequence[ast.stmt]) -> bool:
    """Whether control can reach the end of a body, as far as its shape tells."""
    match body[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return False
        case ast.If(body=then, orelse=other):
            return not other or runs_off(then) or runs_off(other)
        case ast.With(body=inner) | ast.AsyncWith(body=inner):
            return runs_off(inner)
        case ast.While(test=ast.Constant(value=True)):
            return False
        case ast.Try(body=inner, handlers=handlers, orelse=other, finalbody=final):
            ways = [other or inner, *(handler.body for handler in handlers)]
            return (not final or runs_off(final)) and any(map(runs_off, ways))
        case ast.Match(cases=cases):
            return any(runs_off(one.body) for one in cases)
        case _:
            return True
