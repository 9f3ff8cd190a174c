"""Which TODOs are meant for ocode: by an explicit mark only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ocode_tools.errors import UsageError
from ocode_tools.todos.grammar import AI
from ocode_tools.todos.item import Todo

_MARK = re.compile(r"([^\W\d_][\w-]*[!?]?)(?:\(([^()\n]+)\))?")
Wanted = Callable[[Todo], bool]


def wanted(marks: Iterable[str]) -> Wanted:
    """Whether a TODO has one of the marks: `TODO(ocode)`, `AI!`, or a tag alone, which stands for all with that tag.

    Raises UsageError for what is no mark.
    """
    pairs = {(tag.casefold(), ref.casefold()) for tag, ref in map(_parsed, marks)}

    def has(todo: Todo) -> bool:
        tag = todo.tag.casefold()
        return (tag, todo.ref.casefold().removeprefix("@")) in pairs or (tag, "") in pairs

    return has


def tags(marks: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The tags to look for: the `known` ones and those of the marks."""
    named = (tag for tag, _ in map(_parsed, marks) if tag != AI)
    return tuple(dict.fromkeys([*known, *named]))


def _parsed(mark: str) -> tuple[str, str]:
    found = _MARK.fullmatch(mark)
    if not found:
        raise UsageError(f"watch.marks must be marks such as TODO(ocode) or AI!, not {mark!r}")
    return found[1], found[2] or ""
