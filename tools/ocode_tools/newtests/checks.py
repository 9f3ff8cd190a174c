"""The gate before any test is run: does a new test check anything, and does it keep its hands off the rest?

What it refuses it refuses by the text alone; whether a test really notices anything only running it shows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ocode_tools.newtests import dangers
from ocode_tools.source import Function

LINES, TESTS, WHOLE = 60, 12, 300  # lines of a test, tests of an answer, lines of an answer
PATCHES = 3  # things that one test may replace

Kind = Literal[
    "form", "assertion", "danger", "does not run", "fails", "useless", "flaky", "kills nothing", "slow", "suite", "lint"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a test is not taken: the class of the reason and the reason in one line; `shown` is what a model may learn
    more from, such as a diff."""

    kind: Kind
    reason: str
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The unit under test: the dotted module that it is imported from and its dotted name in it."""

    module: str
    name: str

    @property
    def last(self) -> str:
        """Its own name; a constructor goes by its class's."""
        parts = self.name.split(".")
        return parts[-2] if len(parts) > 1 and parts[-1] == "__init__" else parts[-1]


def whole(tree: ast.Module, text: str) -> Fault | None:
    """What is wrong with an answer as a whole."""
    if len(text.splitlines()) > WHOLE:
        return Fault("form", f"{len(text.splitlines())} lines are too many; at most {WHOLE} are read")
    if count := sum(1 for node in ast.walk(tree) if isinstance(node, Function) and node.name.startswith("test")):
        if count > TESTS:
            return Fault("form", f"{count} tests are too many; at most {TESTS} are read")
    else:
        return Fault("form", "it holds no test function")
    for node in tree.body:
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            return Fault("danger", f"line {node.lineno} does something when the file is imported")
        odd = isinstance(node, ast.Assign) and not all(isinstance(one, ast.Name | ast.Tuple) for one in node.targets)
        if odd or isinstance(node, ast.For | ast.While | ast.With | ast.Try | ast.Delete | ast.Assert | ast.AugAssign):
            return Fault("danger", f"line {node.lineno} does something when the file is imported")
    return dangers.imports(tree, Fault)


def judge(test: Function, subject: Subject, around: ast.Module) -> Fault | None:
    """What is wrong with one test function; `around` is the file that it stands in."""
    lines = (test.end_lineno or test.lineno) - test.lineno + 1
    if lines > LINES:
        return Fault("form", f"{test.name} has {lines} lines; at most {LINES} are taken")
    if _skips(test):
        return Fault("form", f"{test.name} may be skipped or is expected to fail")
    if not _speaks_of(test, subject, around):
        return Fault("form", f"{test.name} does not use {subject.last}")
    if _swallows(test):
        return Fault("assertion", f"{test.name} swallows exceptions: an assertion that fails would not be seen")
    for node in (test, *_helpers(around)):
        if found := dangers.hands_off(node, subject.module, subject.name, Fault, PATCHES):
            return found
    return _assertions(test)


def _helpers(around: ast.Module) -> list[Function]:
    """The functions of a file that are no tests: fixtures, set-ups, whatever tests call."""
    owners: list[ast.Module | ast.ClassDef] = [
        around,
        *(node for node in around.body if isinstance(node, ast.ClassDef)),
    ]
    inner = [node for owner in owners for node in owner.body if isinstance(node, Function)]
    return [node for node in inner if not node.name.startswith("test")]


def _skips(test: Function) -> bool:
    words = {
        "skip",
        "skipif",
        "skipIf",
        "skipUnless",
        "xfail",
        "expectedFailure",
        "skipTest",
        "importorskip",
        "SkipTest",
    }
    return any(_word(node) in words for node in ast.walk(test))


def _word(node: ast.AST) -> str:
    """The last part of a name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _speaks_of(test: Function, subject: Subject, around: ast.Module) -> bool:
    """Whether the test, or a helper in its file that it uses, names the unit (or the class of a special method)."""
    names = {subject.last}
    parts = subject.name.split(".")
    if len(parts) > 1 and parts[-1].startswith("__"):
        names.add(parts[-2])
    helpers = {node.name: node for node in around.body if isinstance(node, Function | ast.ClassDef)}
    helpers |= {
        inner.name: inner
        for node in around.body
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, Function) and not inner.name.startswith("test")
    }
    seen: set[str] = set()
    waiting: list[ast.AST] = [test]
    while waiting:
        words = {_word(node) for node in ast.walk(waiting.pop())}
        if names & words:
            return True
        fresh = {name for name in words & helpers.keys() if name not in seen}
        seen |= fresh
        waiting.extend(helpers[name] for name in fresh)
    used = {name for name in ("setUp", "setup_method") if name in helpers}
    return any(names & {_word(node) for node in ast.walk(helpers[name])} for name in used)


def _swallows(test: Function) -> bool:
    wide = {"Exception", "BaseException", "AssertionError"}
    for node in ast.walk(test):
        match node:
            case ast.ExceptHandler(type=None):
                return True
            case ast.ExceptHandler(type=kind, body=body) if kind is not None:
                named = {_word(part) for part in ast.walk(kind)}
                if named & wide or not any(
                    isinstance(part, ast.Assert | ast.Raise) for one in body for part in ast.walk(one)
                ):
                    return True
            case ast.Call() if _word(node.func) == "suppress":
                return True
            case ast.Try(finalbody=final) if any(isinstance(one, ast.Return) for one in final):
                return True
            case _:
                pass
    return False


def _assertions(test: Function) -> Fault | None:
    """A test needs one real assertion, and none that cannot fail."""
    strong = weak = 0
    for node in _reached(test):
        if reason := _tautology(node):
            return Fault("assertion", f"{test.name} line {node.lineno}: {reason}")
        says = _strength(node)
        strong, weak = strong + (says == "strong"), weak + (says == "weak")
    if strong:
        return None
    if weak:
        said = "only that something is there, is of a type or can be raised; compare with the exact value"
        return Fault("assertion", f"{test.name} asserts {said}")
    return Fault("assertion", f"{test.name} asserts nothing")


def _reached(test: Function) -> Iterator[ast.stmt | ast.Call]:
    """Statements and calls; not those of nested functions that nobody calls, nor what follows a return."""
    called = {_word(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)}
    waiting: list[ast.AST] = [*reversed(test.body)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function) and node.name not in called:
            continue
        if isinstance(node, ast.stmt | ast.Call):
            yield node
        if isinstance(node, ast.Return) and node in test.body:
            return
        waiting.extend(list(ast.iter_child_nodes(node))[::-1])


def _tautology(node: ast.stmt | ast.Call) -> str:
    """Why an assertion cannot fail, or empty."""
    match node:
        case ast.Assert(test=test):
            return _always(test)
        case ast.Call(func=ast.Attribute(attr=name), args=[first, second, *_]) if name.startswith("assert"):
            if ast.dump(first) == ast.dump(second) and "Not" not in name:
                return "it compares a thing with itself"
        case ast.Call(func=ast.Attribute(attr="assertTrue"), args=[first, *_]):
            return _always(first)
        case _:
            pass
    return ""


def _always(test: ast.expr) -> str:
    match test:
        case ast.Constant() | ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Lambda() | ast.JoinedStr():
            return "it asserts a constant"
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            if ast.dump(left) == ast.dump(right):
                return "it compares a thing with itself"
            if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
                return "it compares two constants"
        case ast.BoolOp(op=ast.Or(), values=values):
            return next((said for one in values if (said := _always(one))), "")
        case ast.BoolOp(op=ast.And(), values=values):
            return "it asserts constants" if all(_always(one) for one in values) else ""
        case _:
            pass
    return ""


_WEAK_CALLS = {"isinstance", "callable", "hasattr", "issubclass"}
_WEAK_METHODS = {"assertIsNotNone", "assertIsInstance", "assertNotIsInstance", "assert_called", "assertTrue"}


def _strength(node: ast.stmt | ast.Call) -> Literal["strong", "weak", ""]:
    match node:
        case ast.Assert(test=test):
            return "weak" if _is_weak(test) else "strong"
        case ast.With(items=items) | ast.AsyncWith(items=items):
            found = [_raises(item.context_expr) for item in items]
            return "strong" if "strong" in found else "weak" if "weak" in found else ""
        case ast.Call(func=ast.Attribute(attr="assertTrue" | "assertFalse"), args=[first, *_]):
            return "weak" if _is_weak(first) else "strong"
        case ast.Call(func=ast.Attribute(attr=name)) if name in _WEAK_METHODS:
            return "weak"
        case ast.Call(func=ast.Attribute(attr=name)) if name.startswith(("assert_", "assert")) and len(name) > 6:
            return _raises(node) or "strong"
        case ast.Call() if _word(node.func) in ("raises", "warns") and len(node.args) > 1:
            return _raises(node)
        case _:
            return ""


def _raises(node: ast.expr) -> Literal["strong", "weak", ""]:
    """What `raises(...)` and its like ask for: a bare Exception is nothing special."""
    if not isinstance(node, ast.Call):
        return ""
    name = _word(node.func)
    if name not in (
        "raises",
        "warns",
        "assertRaises",
        "assertRaisesRegex",
        "assertWarns",
        "assertWarnsRegex",
        "assertLogs",
    ):
        return ""
    wide = not node.args or _word(node.args[0]) in ("Exception", "BaseException", "Warning")
    exact = name.endswith("Regex") or any(word.arg == "match" for word in node.keywords) or name == "assertLogs"
    return "weak" if wide and not exact else "strong"


def _is_weak(test: ast.expr) -> bool:
    """Whether an expression is true of nearly anything."""
    match test:
        case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case ast.Compare(left=ast.Call(func=ast.Name(id="type")), ops=[ast.Is() | ast.Eq()]):
            return True
        case ast.Compare(left=ast.Call(func=ast.Name(id="len")), ops=[ast.GtE()], comparators=[ast.Constant(value=0)]):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _WEAK_CALLS
        case ast.BoolOp(values=values, op=ast.And()):
            return all(_is_weak(one) for one in values)
        case ast.BoolOp(values=values):
            return any(_is_weak(one) for one in values)
        case _:
            return False
