"""Gates on what a file is and holds: it parses, keeps its public names, and no code became a stub or an ellipsis."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from ocode_tools.edits import Edit, Proposal, shown
from ocode_tools.gates.base import (
    MODULE,
    Change,
    Context,
    Function,
    changes,
    fold,
    is_python,
    is_text,
    parse,
    statements,
    units,
)

_WHAT = (
    r"(?:code|functions?|methods?|class(?:es)?|implementations?|logic|body|bodies"
    r"|file|module|imports?|tests?|definitions?)"
)
_SAME = (
    r"\s+(?:(?:is|are|stays?|remains?|goes|go)\s+)?"
    r"(?:unchanged|the\s+same|same|as\s+is|as\s+before|here|above|below|omitted)"
)
_ELISION = re.compile(
    rf"""
    \#\W*(?:\.\.\.|…)                                                          # "# ... rest of the code"
    | \#\W*(?:(?:keep|the|all|your|of|see)\s+)*(?:rest|remaining|remainder|existing|other|previous|original|unchanged)
      \s+(?:of\s+)?(?:(?:the|your|this)\s+)?(?:\w+\s+)?{_WHAT}
      (?:{_SAME})?\W*$
    | \#\W*(?:the\s+)?(?:rest|remainder|everything\s+else){_SAME}\W*$
    | \#\W*(?:your|actual|real)\s+{_WHAT}\s+(?:goes\s+)?here\W*$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LEAST_LINES, _LEAST_STATEMENTS = 20, 10
_KEPT_LINES, _KEPT_STATEMENTS = 0.5, 0.6
_DATA: Mapping[str, Callable[[bytes], object]] = {
    ".toml": lambda data: tomllib.loads(data.decode()),
    ".json": json.loads,
}


def parses(proposal: Proposal, context: Context) -> str | None:
    """Every changed Python, TOML and JSON file still parses; a data file that did not before need not now."""
    del context
    for edit in proposal.edits:
        if edit.after is not None and (why := _broken(edit)):
            return f"{shown(edit.path)} does not parse: {' '.join(why.split())}"
    return None


def _broken(edit: Edit) -> str | None:
    after = edit.after or b""
    if is_python(edit):
        try:
            parse(after)
        except SyntaxError as error:
            return f"line {error.lineno}: {error.msg}" if error.lineno else str(error)
        return None
    load = next((load for ending, load in _DATA.items() if edit.path.endswith(ending)), None)
    if load is None or (why := _load_error(load, after)) is None:
        return None
    return why if edit.before is None or _load_error(load, edit.before) is None else None


def _load_error(load: Callable[[bytes], object], data: bytes) -> str | None:
    try:
        load(data)
    except (ValueError, RecursionError) as error:
        return str(error) or "nested too deeply"
    return None


def keeps_names(proposal: Proposal, context: Context) -> str | None:
    """No public name, method or `__all__` entry vanished, and no scope defines a name a second time.

    Public: without a leading underscore, or with two at both ends. Imports count in `__init__.py`. A name may move
    to a base class in the same file, or come back as an import.
    """
    del context
    for change in changes(proposal):
        path = shown(change.edit.path)
        if lost := sorted(_public(change) - _bound(change.after)):
            more = f" (+{len(lost) - 1} more)" if len(lost) > 1 else ""
            return f"{path} no longer has the public name {lost[0]}{more}"
        twice = Counter(_repeated(change.after)) - Counter(_repeated(change.before))
        if twice:
            return f"{path} defines {min(twice)} twice in one scope"
    return None


def _public(change: Change) -> set[str]:
    """The public names of the file before: `name`, `Class.method`, and `__all__` entries as `__all__: name`."""
    package = change.edit.path.rpartition("/")[2] == "__init__.py"
    found = {
        name
        for name in _bound(change.before, imports=package, inherited=False)
        if all(_is_public(part) for part in name.split("."))
    }
    return found - {"*"}


def _is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__")) or name.startswith("__all__: ")


def _bound(module: ast.Module, imports: bool = True, inherited: bool = True) -> set[str]:
    """What a module's top level and its classes bind; methods by their class, from bases in the same file too."""
    found: set[str] = set()
    classes: dict[str, ast.ClassDef] = {}
    for node in _flat(module.body):
        if isinstance(node, Function | ast.ClassDef):
            found.add(node.name)
            if isinstance(node, ast.ClassDef):
                classes[node.name] = node
        elif isinstance(node, ast.ImportFrom | ast.Import):
            if imports and (isinstance(node, ast.ImportFrom) or inherited):
                found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        else:
            found |= set(_assigned(node))
    for name in classes:
        found |= {f"{name}.{method}" for method in _methods(name, classes, inherited, set())}
    return found


def _methods(name: str, classes: Mapping[str, ast.ClassDef], inherited: bool, seen: set[str]) -> set[str]:
    if name not in classes or name in seen:
        return set()
    seen.add(name)
    found: set[str] = set()
    for node in _flat(classes[name].body):
        found |= {node.name} if isinstance(node, Function) else set(_assigned(node)) if inherited else set()
    if inherited:
        for base in classes[name].bases:
            found |= _methods(base.id, classes, True, seen) if isinstance(base, ast.Name) else set()
    return found


def _assigned(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for part in (part for target in targets for part in ast.walk(target)):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id
                if part.id == "__all__" and isinstance(values := fold(node.value), list):
                    yield from (f"__all__: {value}" for value in cast("list[object]", values))


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a scope, those in `if`, `try`, `with` and loops included."""
    for node in body:
        yield node
        if isinstance(node, Function | ast.ClassDef):
            continue
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.stmt):
                yield from _flat([part])
            elif isinstance(part, ast.ExceptHandler | ast.match_case):
                yield from _flat(part.body)


def _repeated(module: ast.Module) -> Iterator[str]:
    """Names that one body defines more than once, decorated definitions (overloads, setters) apart."""
    for scope in statements([module]):
        if isinstance(scope, ast.Module | ast.ClassDef | Function):
            plain = (
                node for node in scope.body if isinstance(node, Function | ast.ClassDef) and not node.decorator_list
            )
            yield from (name for name, count in Counter(node.name for node in plain).items() if count > 1)


def keeps_code(proposal: Proposal, context: Context) -> str | None:
    """No function became a stub, no comment or `...` stands for code left out, and most of the code is still there.

    Most: at least half of the non-blank lines of a file that had 20 or more, and at least 60 % of the statements of a
    function that had more than 10.
    """
    del context
    for change in changes(proposal):
        if why := _hollow(change) or _elided(change) or _shrunk(change):
            return f"{shown(change.edit.path)}: {why}"
    return None


def _hollow(change: Change) -> str | None:
    before, after = units(change.old), units(change.new)
    for name, nodes in after.items():
        had = before.get(name, [])
        if name == MODULE or not had:
            continue
        if any(map(_is_stub, nodes)) and not any(map(_is_stub, had)):
            return f"{name} became a stub"
        old, new = (
            sum(isinstance(part, ast.stmt) for node in some for part in ast.walk(node)) for some in (had, nodes)
        )
        if old - len(had) > _LEAST_STATEMENTS and new < _KEPT_STATEMENTS * old:
            return f"{name} lost {old - new} of its {old} statements"
    return None


def _is_stub(node: ast.AST) -> bool:
    return isinstance(node, Function) and all(map(_is_nothing, node.body))


def _is_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ... or isinstance(value, str)
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case _:
            return False


def _elided(change: Change) -> str | None:
    if comment := next(_new_comments(change.edit), None):
        return f'"{comment[:60]}" stands for code left out'
    if _ellipses(change.new) > _ellipses(change.old):
        return "a bare ... stands for code left out"
    return None


def _new_comments(edit: Edit) -> Iterator[str]:
    """New comments that stand for code; the whole file is only read where a new line looks like one."""
    before, after = edit.before or b"", edit.after or b""
    lines = Counter(after.splitlines()) - Counter(before.splitlines())
    if any(_ELISION.search(line.decode("utf-8", "replace")) for line in lines):
        new = Counter(_comments(after)) - Counter(_comments(before))
        yield from filter(_ELISION.match, new)


def _comments(data: bytes) -> Iterator[str]:
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type == tokenize.COMMENT:
                yield token.string
    except (SyntaxError, tokenize.TokenError):  # the gate `parses` speaks of that
        return


def _ellipses(module: ast.Module) -> int:
    """Bare `...` statements among others in one body."""
    bodies = (node.body for node in ast.walk(module) if isinstance(node, Function | ast.If | ast.For | ast.While))
    code = ([part for part in body if not is_text(part)] for body in bodies)
    return sum(
        isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and part.value.value is ...
        for body in code
        if len(body) > 1
        for part in body
    )


def _shrunk(change: Change) -> str | None:
    old, new = (
        sum(bool(line.strip()) for line in (data or b"").splitlines())
        for data in (change.edit.before, change.edit.after)
    )
    if old >= _LEAST_LINES and new < _KEPT_LINES * old:
        return f"{old - new} of its {old} lines are gone"
    return None
