"""The form that new TODOs must have, and which words are tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import cast

from ocode_tools.errors import UsageError
from ocode_tools.todos.grammar import AI
from ocode_tools.todos.item import Todo

_TAG = re.compile(r"[^\W\d_][\w-]*[!?]?")
_ISSUE = re.compile(r"(?<![\w&])#\d+\b|\b[A-Z][A-Z0-9]+-\d+\b|\b(?i:gh|bpo|issue)[- ]?#?\d+\b|https?://\S+")
_OWNER = re.compile(r"@?[^\W\d_][\w.+@ -]*")


def _has_issue(todo: Todo) -> bool:
    return bool(_ISSUE.search(todo.ref) or _ISSUE.search(todo.text))


def _has_owner(todo: Todo) -> bool:
    return bool(_OWNER.fullmatch(todo.ref)) and not _ISSUE.fullmatch(todo.ref)


_WHATEVER: Callable[[Todo], bool] = lambda _todo: True  # noqa: E731
_FORMS: dict[str, tuple[Callable[[Todo], bool], str]] = {
    "any": (_WHATEVER, ""),
    "text": (_WHATEVER, ""),
    "owner": (_has_owner, "an owner: {tag}(name): ..."),
    "issue": (_has_issue, "an issue: {tag}(#123): ..., or a link to it"),
    "reference": (lambda todo: _has_owner(todo) or _has_issue(todo), "an owner or an issue: {tag}(name): ..."),
}


def tags_of(value: object) -> tuple[str, ...]:
    """The tags of the setting `todo.tags`. Raises UsageError for what is no word."""
    tags = tuple(str(tag) for tag in cast("Iterable[object]", value))
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise UsageError(f"todo.tags must be words such as TODO, not {tag!r}")
    return tags


def checked_form(form: str) -> str:
    """The setting `todo.form`. Raises UsageError for what is neither the name of a form nor a regular expression."""
    try:
        return form if form in _FORMS else re.compile(form).pattern
    except (re.error, OverflowError, RecursionError) as error:
        names = ", ".join(_FORMS)
        raise UsageError(f"todo.form must be one of {names}, or a regular expression: {error}") from None


def missing(todo: Todo, form: str) -> str | None:
    """What a TODO lacks to have this form, in a few words; None where it has it.

    A form that is no name is a regular expression, searched for in `TAG(ref): text`. Marks for agents and mere
    mentions inside a sentence are never wrong.
    """
    if todo.tag == AI or form == "any" or (todo.form == "inside" and not todo.ref):
        return None
    if not re.search(r"\w", todo.text):
        return f"a text: {todo.head}: what is to be done"
    if form in _FORMS:
        right, lacks = _FORMS[form]
        return None if right(todo) else lacks.format(tag=todo.tag)
    return None if re.search(form, f"{todo.head}: {todo.text}") else f"the form {form}"
