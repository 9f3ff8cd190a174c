"""Taking one TODO's comment out of a file, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ocode_tools.todos.find import offsets, todos
from ocode_tools.todos.item import Todo, words
from ocode_tools.todos.languages import family
from ocode_tools.todos.lexer import spans


def find_again(path: str, data: bytes, todo: Todo, tags: Sequence[str]) -> Todo | None:
    """The same TODO in a file that may have changed: by its key, else by its words and symbol."""
    same = [one for one in todos(path, data, tags) if _saying(one) == _saying(todo) and one.symbol == todo.symbol]
    exact = [one for one in same if one.key == todo.key] or same
    return exact[0] if exact else None


def _saying(todo: Todo) -> tuple[str, str]:
    return todo.tag, words(todo.text)


def without(data: bytes, todo: Todo, tags: Sequence[str]) -> bytes | None:
    """The file without the comment of a TODO that stands in it, its lines too where nothing else is on them.

    None where the comment is one of those with an end mark that hold more.
    """
    lines = data.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    first, end = starts[todo.line - 1], starts[todo.last]
    marks = [mark for mark in offsets(data, tags) if first <= mark < starts[todo.line]]
    name = family(todo.path, data)
    found = [span for span in spans(name, data, marks) if span.kind == "line" and span.start >= first] if name else []
    if not found:
        return None
    before = data[first : found[0].start]
    if before.strip():
        eol = lines[todo.line - 1][len(lines[todo.line - 1].rstrip(b"\r\n")) :]
        return data[:first] + before.rstrip() + eol + data[end:]
    return data[:first] + data[end:]
