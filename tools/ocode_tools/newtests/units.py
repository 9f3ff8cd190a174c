"""Which functions can be tested by calling them, and how much of each the tests run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ocode_tools.source import Function, Source, SourceError, Unit

# By convention, as in gates.scope; that takes a hook too long to load.
_TEST = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$", re.IGNORECASE)
_STUBS = {"abstractmethod", "overload", "abstractproperty"}
_SET = {"setter", "deleter"}
_NO_MODULES = {"setup.py", "conftest.py", "__main__.py", "conf.py", "noxfile.py", "fabfile.py"}


@dataclass(frozen=True, slots=True)
class Goal:
    """One function or method that tests are wanted for: its file, the unit there, and its statements' 1-based lines
    (a docstring has none)."""

    path: str
    unit: Unit
    lines: frozenset[int]

    @property
    def name(self) -> str:
        """Its dotted name in the file."""
        return self.unit.qualname

    @property
    def key(self) -> str:
        """`path::Qualified.name`."""
        return f"{self.path}::{self.name}"


def goals(
    source: Source, names: Collection[str] | None = None, wants: Callable[[Unit], bool] | None = None
) -> list[Goal]:
    """The functions of a file that tests call: public ones, or those that `names` names (or whose class it names), and
    of these such as somebody `wants`.

    Left out are test files, nested functions, stubs and setters, and functions without a statement of their own.
    """
    if is_test(source.path) or source.path.rpartition("/")[2] in _NO_MODULES:
        return []
    try:
        units = list(_units("", source.tree.body))
    except SourceError:
        return []
    found: list[Goal] = []
    for unit in units:
        asked = names is None or any(unit.qualname == n or unit.qualname.startswith(f"{n}.") for n in names)
        named = names is not None and unit.qualname in names
        if not asked or not (named or is_public(unit.qualname)) or (wants and not wants(unit)) or _is_stub(unit.node):
            continue
        if not named and unit.qualname.endswith(".__init__") and not _decides(unit.node):
            continue
        if lines := frozenset(statement_lines(unit.node)):
            found.append(Goal(source.path, unit, lines))
    return found


def _units(prefix: str, body: Iterable[ast.stmt]) -> Iterator[Unit]:
    """The functions of a module and its classes, not those in functions."""
    for node in body:
        if isinstance(node, Function):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield Unit(prefix + node.name, first, node.end_lineno or node.lineno, node)
        elif isinstance(node, ast.ClassDef):
            yield from _units(f"{prefix}{node.name}.", node.body)
        elif isinstance(node, ast.If | ast.Try):
            yield from _units(prefix, [*node.body, *node.orelse])


def is_test(path: str) -> bool:
    """Whether a path is a test's."""
    return bool(_TEST.search(path))


def is_public(qualname: str) -> bool:
    """Whether no part of a name begins with an underscore; special methods that do something of their own count."""
    *owners, last = qualname.split(".")
    special = last.startswith("__") and last.endswith("__") and last not in ("__repr__", "__str__", "__del__")
    return not any(owner.startswith("_") for owner in owners) and (special or not last.startswith("_"))


def _decides(node: ast.AST) -> bool:
    """Whether there is more to a constructor than assignments."""
    return any(isinstance(part, ast.If | ast.IfExp | ast.For | ast.While | ast.Raise) for part in ast.walk(node))


def _is_stub(node: ast.AST) -> bool:
    if not isinstance(node, Function):
        return True
    words = {
        part.attr if isinstance(part, ast.Attribute) else part.id
        for one in node.decorator_list
        for part in ast.walk(one)
        if isinstance(part, ast.Attribute | ast.Name)
    }
    return bool(words & (_STUBS | _SET)) or all(_is_nothing(statement) for statement in node.body)


def _is_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case _:
            return False


def statement_lines(node: ast.AST) -> Iterator[int]:
    """The first lines of the statements below a function, which is what line coverage counts."""
    for part in ast.walk(node):
        if isinstance(part, ast.stmt) and part is not node and not _is_quiet(part):
            yield part.lineno


def _is_quiet(node: ast.stmt) -> bool:
    quiet = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return quiet or isinstance(node, ast.Global | ast.Nonlocal | ast.Try)


def covered(goal: Goal, lines: Mapping[str, Mapping[int, Collection[str]]]) -> frozenset[int]:
    """The unit's lines that a test runs, of `Coverage.lines`."""
    known = lines.get(goal.path, {})
    return frozenset(line for line in goal.lines if known.get(line))


def lowest_first(units: list[Goal], lines: Mapping[str, Mapping[int, Collection[str]]]) -> list[Goal]:
    """Units with lines that no test runs: the smallest part of them run first, then the largest of those."""
    left = [(len(covered(unit, lines)) / len(unit.lines), -len(unit.lines), unit.key, unit) for unit in units]
    return [unit for part, _, _, unit in sorted(left, key=lambda item: item[:3]) if part < 1]
