"""Gates for an answer to a TODO: what it says is done, and nothing else is touched. Pure: bytes in, a reason out."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

from ocode_tools.source import TOO_HARD, Function, Source, SourceError, parse
from ocode_tools.symbols import unbound
from ocode_tools.todos.find import todos
from ocode_tools.todos.item import Todo, words

Definition = Function | ast.ClassDef
_ABOUT_WORDS = ("doc", "comment", "explain", "describe", "example", "typo", "wording", "reword", "spell")
_SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


def why_not(before: bytes, after: bytes, todo: Todo, tags: Sequence[str], *, pruned: bool = False) -> str | None:
    """Why a file may not change in this way for `todo`, as `gate: reason`; None where it may.

    `pruned`: rules have shown that nothing but the comment was left to be done.
    """
    return (
        _marks(before, after, todo, tags)
        or (None if pruned else _only_deleted(before, after, todo))
        or _elsewhere(before, after, todo.symbol)
        or _unknown(before, after)
    )


def _marks(before: bytes, after: bytes, todo: Todo, tags: Sequence[str]) -> str | None:
    """The one mark is gone, and no other is gone, reworded or new; strings count, where a mark could hide."""
    old, new = (_said(todo.path, data, tags) for data in (before, after))
    mine = _saying(todo)
    gone, come = old - new, new - old
    if not gone[mine]:
        return f"todo: the comment {todo.head} is still there"
    gone -= Counter([mine])
    if gone:
        return f"todo: another TODO is gone or reworded: {_shown(gone)}"
    if come:
        return f"todo: a new TODO stands there instead: {_shown(come)}"
    return None


def _said(path: str, data: bytes, tags: Sequence[str]) -> Counter[tuple[str, str, str]]:
    return Counter(_saying(todo) for todo in todos(path, data, tags, docstrings=True))


def _saying(todo: Todo) -> tuple[str, str, str]:
    return todo.tag, todo.ref, words(todo.text)


def _shown(some: Counter[tuple[str, str, str]]) -> str:
    tag, ref, text = next(iter(some.elements()))
    return f"{tag}({ref}) {text}"[:80] if ref else f"{tag} {text}"[:80]


def _only_deleted(before: bytes, after: bytes, todo: Todo) -> str | None:
    if _tokens(before) == _tokens(after):
        return "todo: the comment is deleted and nothing else is done"
    about_words = any(word in todo.text.casefold() for word in _ABOUT_WORDS)
    if not about_words and _shape(before) == _shape(after):
        return "todo: nothing but words is changed"
    return None


def _tokens(data: bytes) -> list[str]:
    """The tokens of a Python file that are no comment and no space."""
    found = list[str]()
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type not in _SILENT:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return [data.decode("utf-8", "replace")]
    return found


def _shape(data: bytes) -> str:
    """The program without docstrings and statements that do nothing."""
    try:
        tree = parse(Source("a.py", data).text)
    except (SourceError, *TOO_HARD):
        return data.decode("latin-1")
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body: object = getattr(node, name, None)
            if isinstance(body, list):
                setattr(node, name, [one for one in cast("list[ast.stmt]", body) if not _is_nothing(one)])
    return ast.dump(tree)


def _is_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _elsewhere(before: bytes, after: bytes, symbol: str) -> str | None:
    """Nothing is changed but the unit of the TODO and imports; new functions, classes and constants may come."""
    try:
        old, new = (parse(Source("a.py", data).text) for data in (before, after))
    except (SourceError, *TOO_HARD):
        return "todo: the file does not parse"
    other = next(_strange(old.body, new.body, symbol.split(".") if symbol else []), None)
    return f"scope: it changes {other}, which is not what the TODO is about" if other else None


def _unknown(before: bytes, after: bytes) -> str | None:
    """No name is used that nothing in the file defines, as where an import was forgotten."""
    names = list[set[str]]()
    for data in (before, after):
        tree = Source("a.py", data).tree
        names.append({node.id for node in unbound(tree, tree)})
    new = sorted(names[1] - names[0])
    return f"names: {new[0]} is not defined; its import or definition is missing" if new else None


def _strange(old: Sequence[ast.stmt], new: Sequence[ast.stmt], names: Sequence[str]) -> Iterator[str]:
    """What was in a body, is not in `names`, and is changed or gone; and new statements that do more than define."""
    was, now = (Counter(map(ast.dump, body)) for body in (old, new))
    gone, come = was - now, now - was
    changed = [node for node in old if ast.dump(node) in gone]
    fresh = [node for node in new if ast.dump(node) in come]
    for node in changed:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, Definition) and names and node.name == names[0]:
            twin = next((one for one in fresh if isinstance(one, ast.ClassDef) and one.name == node.name), None)
            if isinstance(node, ast.ClassDef) and twin and len(names) > 1:
                yield from _class(node, twin, names)
        elif names or isinstance(node, Definition):
            yield _called(node)
    if names:
        yield from (_called(node) for node in fresh if not _defines(node, names[0]))


def _class(old: ast.ClassDef, new: ast.ClassDef, names: Sequence[str]) -> Iterator[str]:
    heads = [ast.dump(ast.ClassDef(n.name, n.bases, n.keywords, [], n.decorator_list)) for n in (old, new)]
    if heads[0] != heads[1]:
        yield f"the head of class {old.name}"
    yield from _strange(old.body, new.body, names[1:])


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, Definition | ast.Import | ast.ImportFrom | ast.AnnAssign | ast.Assign):
        return True
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and bool(name)


def _called(node: ast.stmt) -> str:
    if isinstance(node, Definition):
        return node.name
    return f"line {node.lineno} ({ast.unparse(node).partition(chr(10))[0][:50]})"
