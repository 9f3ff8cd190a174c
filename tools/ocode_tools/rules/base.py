"""What all templates share: their values, the walk over a unit, precedence, and the making of a candidate."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from ocode_tools.results import Failure
from ocode_tools.source import Change, Function, Located, Source, Unit
from ocode_tools.symbols import Symbols, names_of

EVIDENT = 10.0  # how much likelier a change is when the failure itself speaks of the name it changes
UNTOUCHED = 0.05  # what is left of a unit's score on a line that no failing test executed
NOT_FREE = frozenset({"self", "cls", "_"})  # names that a template does not take for variables
SUBJECT = 60  # characters in a summary, so that it fits a commit's subject

_FSTRINGS = sys.version_info >= (3, 12)  # before, the parser gives wrong positions inside f-strings
_SKIPPED_FIELDS = {"annotation", "returns", "type_params", "format_spec", "ctx", "op", "ops"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One small edit: changes to one file, the template's `kind`, the 1-based `line`, and a commit subject.

    `weight` orders candidates: the suspiciousness of the place times how likely the template finds the change.
    `detail` says more of the kind where evidence may speak to it ("sorted" of a call put around), `size` is the number
    of tokens that come or go.
    """

    path: str
    changes: tuple[Change, ...]
    kind: str
    line: int
    summary: str
    weight: float
    detail: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Suspect:
    """A function that may hold the bug: `lines` gives the suspiciousness (0..1) of its 1-based lines."""

    path: str
    qualname: str
    score: float
    lines: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Scope:
    """All that a template may look at: a suspect's source and unit, the failures it should mend, the project."""

    source: Source
    suspect: Suspect
    unit: Unit
    failures: tuple[Failure, ...]
    symbols: Symbols


Template = Callable[[Scope], Iterator[Candidate]]


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a unit with its parent, the parent's field that holds it, and its statement's 1-based line."""

    node: ast.AST
    parent: ast.AST
    field: str
    line: int


def places(unit: Unit) -> Iterator[Place]:
    """The nodes of a unit that a template may change, parents first.

    Left out: nested functions (units of their own), annotations, docstrings and other bare strings, `__all__`,
    and `if __name__ == "__main__"`.
    """
    line = unit.node.lineno if isinstance(unit.node, Function) else 1
    stack = [Place(unit.node, unit.node, "", line)]
    while stack:
        place = stack.pop()
        if place.field:
            yield place
        stack.extend(list(_children(place))[::-1])


def _children(place: Place) -> Iterator[Place]:
    for field, value in ast.iter_fields(place.node):
        if field in _SKIPPED_FIELDS:
            continue
        for child in cast("list[object]", value) if isinstance(value, list) else [cast("object", value)]:
            if isinstance(child, ast.AST) and not sealed(child):
                yield Place(child, place.node, field, child.lineno if isinstance(child, ast.stmt) else place.line)


def sealed(node: ast.AST) -> bool:
    """Whether a node is none of a template's business: see `places`."""
    if type(node).__name__ == "TypeAlias":  # the `type` statement of Python 3.12
        return True
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.JoinedStr():
            return not _FSTRINGS
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.AnnAssign(target=ast.Name(id="__all__")) | ast.AugAssign(target=ast.Name(id="__all__")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__")))):
            return True
        case _:
            return False


def heat(scope: Scope, node: Located, line: int) -> float:
    """The suspiciousness of a node of the statement that starts at `line`."""
    known = scope.suspect.lines
    if not known:
        return scope.suspect.score
    found = max(known.get(at, 0.0) for at in range(min(line, node.lineno), (node.end_lineno or node.lineno) + 1))
    return found or UNTOUCHED * scope.suspect.score


def propose(
    scope: Scope,
    place: Place,
    kind: str,
    changes: list[Change],
    *phrases: str,
    factor: float = 1.0,
    detail: str = "",
) -> Iterator[Candidate]:
    """The candidate that makes `changes` around `place`, whose node must have a position.

    `phrases` say what it does, in the imperative and the best first; the first that fits becomes the summary.
    """
    node = place.node
    assert isinstance(node, Located)
    yield Candidate(
        scope.source.path,
        tuple(_spaced(scope.source.text, change) for change in changes),
        kind,
        scope.source.line(changes[0].start),
        summary(_where(scope), *phrases),
        heat(scope, node, place.line) * factor,
        detail,
    )


def _where(scope: Scope) -> str:
    name = scope.unit.qualname.rpartition(".")[2]
    return scope.source.path.rpartition("/")[2] if name == "<module>" else name


def summary(where: str, *phrases: str) -> str:
    """The first phrase that fits a subject with "in `where`" after it, else the first that fits alone, else cut."""
    flat = [" ".join(phrase.split()) for phrase in phrases]
    for text in [*(f"{phrase} in {where}" for phrase in flat), *flat]:
        if len(text) <= SUBJECT:
            return text
    return flat[-1][: SUBJECT - 3].rstrip() + "..."


def _spaced(text: str, change: Change) -> Change:
    """Keep a word from growing together with its neighbours."""

    def joined(left: str, right: str) -> bool:
        return all(char.isalnum() or char == "_" for char in (left[-1:] or " ", right[:1] or " "))

    before = " " if joined(text[max(change.start - 1, 0) : change.start], change.text) else ""
    after = " " if joined(change.text, text[change.end : change.end + 1]) else ""
    return Change(change.start, change.end, before + change.text + after)


def close(name: str, names: Mapping[str, object] | set[str] | list[str]) -> tuple[str, ...]:
    """At most three names like a misspelt one, best first."""
    others = sorted(other for other in names if other != name)
    return tuple(get_close_matches(name, others, n=3, cutoff=0.6))


def exception(failure: Failure) -> str:
    """The class name of a failure's exception, without its module."""
    return failure.exception.rpartition(".")[2]


def called(node: ast.AST) -> str:
    """The last name of what a call calls; empty for other nodes and for calls of expressions."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case _:
            return ""


def local_names(scope: Scope) -> dict[str, int]:
    """Names of the unit and of the functions around it, with the line they are first bound in (0: from its start)."""
    unit = scope.unit
    if isinstance(unit.node, ast.Module):
        return {}
    around_unit = [u for u in scope.source.functions()[1:] if u.first <= unit.first and unit.last <= u.last]
    outer = {name: 0 for other in around_unit if other is not unit for name in names_of(other.node)}
    return outer | names_of(unit.node)


def owner(scope: Scope) -> ast.ClassDef | None:
    """The innermost class around the unit."""
    unit = scope.unit
    if isinstance(unit.node, ast.Module):
        return None
    around_unit = [c for _, c in scope.source.classes() if c.lineno <= unit.first and unit.last <= (c.end_lineno or 0)]
    return around_unit[-1] if around_unit else None
