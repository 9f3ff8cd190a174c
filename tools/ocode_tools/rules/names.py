"""Misspelt names: a variable, an attribute, a keyword, something imported, with a name like it within reach."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocode_tools.results import Failure
from ocode_tools.rules.base import (
    EVIDENT,
    Candidate,
    Place,
    Scope,
    called,
    close,
    exception,
    local_names,
    owner,
    places,
    propose,
)
from ocode_tools.source import Change, Function, Token
from ocode_tools.symbols import BUILTINS, attributes, inner_names, names_of, unbound

_BUILTIN_ATTRIBUTES = {name for kind in (str, bytes, list, dict, set, tuple, int, float) for name in dir(kind)}


@dataclass(frozen=True, slots=True)
class _Word:
    """An occurrence of a name: where it stands, what kind of name it is, and the names that could be meant."""

    place: Place
    token: Token
    name: str
    kind: str
    options: Callable[[], set[str]]


def misspellings(scope: Scope) -> Iterator[Candidate]:
    """Candidates that spell a name as another one is spelt: first what a failure speaks of, then what nothing binds."""
    words = list(_words(scope))
    for failure in scope.failures:
        if failure.name:
            yield from _named(scope, words, failure)
            yield from _defined(scope, words, failure)
    unknown = {id(node) for node in unbound(scope.source.tree, scope.unit.node)}
    for word in words:
        if id(word.place.node) in unknown or (word.kind in ("self", "keyword") and _odd(word)):
            for name in close(word.name, word.options()):
                yield from _spell(scope, [word], name, 1.0)


def _odd(word: _Word) -> bool:
    options = word.options()
    return bool(options) and word.name not in options


def _named(scope: Scope, words: list[_Word], failure: Failure) -> Iterator[Candidate]:
    """Uses of the name that a failure speaks of: all of them in the unit at once, then one by one."""
    kinds = {
        "NameError": ("name",),
        "UnboundLocalError": ("name", "bound"),
        "AttributeError": ("attribute", "self"),
        "TypeError": ("keyword",),
        "ImportError": ("imported",),
        "ModuleNotFoundError": ("module",),
    }.get(exception(failure), ())
    found = [word for word in words if word.kind in kinds and failure.name in (word.name, word.name.split(".")[0])]
    if not found:
        return
    for number, name in enumerate(failure.close or close(failure.name, found[0].options())):
        factor = EVIDENT * 0.7**number
        if len(found) > 1:
            yield from _spell(scope, found, name, factor * 1.1)
        for word in found:
            yield from _spell(scope, [word], name, factor)


def _defined(scope: Scope, words: list[_Word], failure: Failure) -> Iterator[Candidate]:
    """The definition is misspelt, not the use: it gets the name that a failure looked for in vain."""
    kinds = {
        "AttributeError": ("set", "defined"),
        "TypeError": ("parameter",),
        "ImportError": ("defined",),
        "NameError": ("defined", "parameter", "bound"),
        "UnboundLocalError": ("bound", "parameter"),
    }.get(exception(failure), ())
    found: defaultdict[str, list[_Word]] = defaultdict(list)
    for word in words:
        if word.kind in kinds and word.name != failure.name:
            found[word.name].append(word)
    for name in close(failure.name, set(found)):
        same = [w for w in words if w.name == name and w.kind in ("name", "bound", "parameter")]
        renamed = same if found[name][0].kind in ("parameter", "bound") else found[name]
        yield from _spell(scope, renamed, failure.name, EVIDENT * 0.4)


def _spell(scope: Scope, words: list[_Word], name: str, factor: float) -> Iterator[Candidate]:
    word = words[0]
    old = word.name
    if word.kind == "module" and "." in old and "." not in name:
        name = f"{name}.{old.partition('.')[2]}"
    verb = "call" if word.kind in ("name", "attribute", "self") and _is_called(word.place) else "use"
    verb = "import" if word.kind in ("module", "imported") else "define" if word.kind == "defined" else verb
    changes = [Change(word.token.start, word.token.end, name) for word in words]
    if word.kind in ("module", "imported"):
        changes += _uses(scope, word.place.node, old, name)
    what = f"{verb} `{name}` instead of `{old}`"
    yield from propose(scope, word.place, "misspelling", changes, what, f"{verb} `{name}`", factor=factor)


def _is_called(place: Place) -> bool:
    return isinstance(place.parent, ast.Call) and place.field == "func"


def _uses(scope: Scope, alias: ast.AST, old: str, new: str) -> list[Change]:
    """The uses of an imported name, which have to follow it unless it is imported `as` another."""
    if not isinstance(alias, ast.alias) or alias.asname or "." in old:
        return []
    found = [node for node in ast.walk(scope.source.tree) if isinstance(node, ast.Name) and node.id == old]
    return [Change(*scope.source.span(node), new) for node in found]


def _words(scope: Scope) -> Iterator[_Word]:
    """Every name of the unit that could be misspelt, its definition included."""
    found = list(places(scope.unit))
    reach = _Reach(scope, found)
    if isinstance(scope.unit.node, Function):
        yield from _definition(scope, scope.unit.node, reach)
    for place in found:
        node = place.node
        match node:
            case ast.Name(id=name, ctx=ctx):
                kind = "name" if isinstance(ctx, ast.Load) else "bound"
                yield _Word(place, Token(name, *scope.source.span(node)), name, kind, reach.names)
            case ast.Attribute(value=value, attr=name, ctx=ctx):
                own = isinstance(value, ast.Name) and value.id in ("self", "cls")
                kind = "set" if not isinstance(ctx, ast.Load) else "self" if own else "attribute"
                *_, token = scope.source.tokens(_end(scope, value), _end(scope, node))
                yield _Word(place, token, name, kind, reach.own if own else reach.attributes)
            case ast.keyword(arg=str(name), value=value):
                token = next(scope.source.tokens(scope.source.span(node)[0], scope.source.span(value)[0]))
                yield _Word(place, token, name, "keyword", reach.keywords(place.parent))
            case ast.arg(arg=name):
                start = scope.source.span(node)[0]
                yield _Word(place, Token(name, start, start + len(name)), name, "parameter", reach.names)
            case ast.alias(name=name):
                start = scope.source.span(node)[0]
                token = Token(name, start, start + len(name))
                if isinstance(place.parent, ast.Import):
                    yield _Word(place, token, name, "module", reach.modules)
                else:
                    yield _Word(place, token, name, "imported", set)
            case ast.ImportFrom(module=str(name), level=0, names=aliases):
                _, token, *_ = scope.source.tokens(scope.source.span(node)[0], scope.source.span(aliases[0])[0])
                yield _Word(place, token, name.partition(".")[0], "module", reach.modules)
            case _:
                pass


def _end(scope: Scope, node: ast.expr) -> int:
    return scope.source.span(node)[1]


def _definition(scope: Scope, node: Function, reach: _Reach) -> Iterator[_Word]:
    start, end = scope.source.span(node)
    for token in scope.source.tokens(start, end):
        if token.text not in ("async", "def"):
            yield _Word(Place(node, node, "", node.lineno), token, node.name, "defined", reach.names)
            return


class _Reach:
    """What is within reach in one unit, looked up when asked."""

    def __init__(self, scope: Scope, found: list[Place]) -> None:
        self._scope = scope
        self._found = found

    def names(self) -> set[str]:
        """Variables, the module's names and the builtins."""
        inner = {name for place in self._found for _, name in inner_names(place.node)}
        public = {name for name in BUILTINS if not name.startswith("_") and name not in ("True", "False", "None")}
        return inner | set(local_names(self._scope)) | set(names_of(self._scope.source.tree)) | public

    def own(self) -> set[str]:
        """The attributes of the class around; none where it inherits others, which cannot be known here."""
        cls = owner(self._scope)
        return set(attributes(cls)) if cls and not cls.bases and not cls.keywords else set()

    def attributes(self) -> set[str]:
        """Attributes that the file's classes set and those of the built-in types."""
        own = {name for _, cls in self._scope.source.classes() for name in attributes(cls)}
        return own | _BUILTIN_ATTRIBUTES

    def modules(self) -> set[str]:
        """The top-level modules of the standard library and of the project."""
        own = {module.partition(".")[0] for module in self._scope.symbols.modules()}
        return own | {name for name in sys.stdlib_module_names if not name.startswith("_")}

    def keywords(self, call: ast.AST) -> Callable[[], set[str]]:
        """The parameters of the one function or class of this file that a call names; none when it takes `**`."""

        def names() -> set[str]:
            units = [unit.node for unit in self._scope.source.functions() if isinstance(unit.node, Function)]
            units = [node for node in units if node.name == called(call)] or self._constructor(called(call))
            if len(units) != 1 or units[0].args.kwarg or units[0].decorator_list:
                return set()
            return {arg.arg for arg in (*units[0].args.args, *units[0].args.kwonlyargs)} - {"self", "cls"}

        return names

    def _constructor(self, name: str) -> list[Function]:
        classes = [cls for _, cls in self._scope.source.classes() if cls.name == name]
        return [node for cls in classes for node in cls.body if isinstance(node, Function) and node.name == "__init__"]
