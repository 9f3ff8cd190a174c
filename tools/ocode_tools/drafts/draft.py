"""A draft of a commit message by rules alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocode_tools.changes.base import Changes
from ocode_tools.drafts.base import Draft
from ocode_tools.drafts.scopes import scope_of
from ocode_tools.drafts.style import Style
from ocode_tools.drafts.subjects import phrases, subject
from ocode_tools.drafts.types import type_of
from ocode_tools.drafts.view import View
from ocode_tools.drafts.words import printable
from ocode_tools.messages.compose import fit, wrap
from ocode_tools.messages.header import Header

_POINTS = 6
# What stands for a type that a policy does not allow.
_INSTEAD = {
    "test": ("tests", "chore"), "ci": ("build", "chore"), "build": ("chore", "ci"), "style": ("refactor", "chore"),
    "perf": ("refactor", "fix"), "refactor": ("chore", "feat"), "docs": ("doc", "chore"),
    "chore": ("build", "refactor", "fix"), "feat": ("feature", "add"), "fix": ("bugfix", "change"),
}  # fmt: skip


# Phrases that say no more than the list of files does.
_VAGUE = re.compile(r'(revise|extend|correct|change|rework|tidy|adjust|speed up) (\S+|"[^"]*")( in \S+)?')
# Other names that some repositories use throughout.
_ALIASES = {"test": "tests", "docs": "doc", "feat": "feature", "fix": "bugfix"}


def draft(changes: Changes, style: Style) -> Draft:
    """A message for `changes` in `style`; an empty diff gets an empty subject."""
    omitted = tuple(
        f"{change.path}: {change.unread}"
        for change in changes.files
        if change.unread in ("too large", "too many files")
    )
    if not changes.files:
        return Draft("", "", (), "rules", omitted=omitted)
    view = View(changes)
    kind = type_of(view)
    text, first = _first(view, kind, style)
    trailers = (
        ((style.ticket_as, style.ticket),) if style.ticket and style.ticket_as not in ("", "prefix", "suffix") else ()
    )
    return Draft(first, _body(view, kind, text, style), trailers, "rules", omitted=omitted)


def _first(view: View, kind: str, style: Style) -> tuple[str, str]:
    """The phrase and the whole first line around it."""
    head = _head(view, kind, style) if style.conventional else ""
    before = {"prefix": f"{style.ticket} " if style.conventional else f"{style.ticket}: "}.get(style.ticket_as, "")
    after = f" ({style.ticket})" if style.ticket_as == "suffix" else ""
    text = printable(subject(view, kind, style.limit - len(head) - len(before) - len(after)))
    line = fit(f"{head}{before}{_cased(text, style)}", style.limit - len(after))
    return text, line.rstrip(" .,;:!") + after


def _head(view: View, kind: str, style: Style) -> str:
    """Type and scope, with the colon and the space."""
    alias = _ALIASES.get(kind, "")
    kind_here = alias if alias in style.types and kind not in style.types else kind
    name = _allowed(kind_here, style.policy.types)
    scope = scope_of(view, kind, style)
    if _is_dependencies(view):
        known, usual = style.dependencies
        name = _allowed(known, style.policy.types)
        wanted = style.policy.scope != "never" and (style.scoped is None or style.scoped > 0.1)
        scope = usual if wanted and (not style.policy.scopes or usual in style.policy.scopes) else scope
    return str(Header(name, scope, False, ""))


def _is_dependencies(view: View) -> bool:
    """Whether nothing but versions of dependencies moved."""
    kinds = set(view.kinds)
    if not kinds <= {"dependencies", "lock"}:
        return False
    points = [point for told in view.of("dependencies") for point in told.points]
    return kinds == {"lock"} or (bool(points) and all(point.sort == "dependency" for point in points))


def _allowed(kind: str, types: Sequence[str]) -> str:
    """The type itself, or what comes nearest among those allowed."""
    if not types or kind in types:
        return kind
    return next((other for other in _INSTEAD.get(kind, ()) if other in types), types[0])


def _cased(text: str, style: Style) -> str:
    cases = style.policy.subject_case
    if "lower-case" in cases:
        return text.lower()
    upper = style.capital
    if any(case in cases for case in ("first-lower", "!sentence-case", "camel-case")):
        upper = False
    elif "sentence-case" in cases:
        upper = True
    return text[:1].upper() + text[1:] if upper else text


def _body(view: View, kind: str, text: str, style: Style) -> str:
    """Points beside the subject where there are several; versions where several dependencies moved."""
    required = style.policy.body == "required"
    if style.policy.body == "never" or not (style.body or required):
        return ""
    if _is_dependencies(view):
        found = [
            point.detail or f"{point.how} {point.name}" for told in view.of("dependencies") for point in told.points
        ]
    else:
        found = phrases(view, kind)
    rest = [
        phrase for phrase in dict.fromkeys(map(printable, found)) if phrase != text and not _VAGUE.fullmatch(phrase)
    ]
    rest = rest if len(rest) > 1 or required else []
    if not rest and required:
        rest = [text]
    more = [f"- and {len(rest) - _POINTS} more"] if len(rest) > _POINTS + 1 else []
    return wrap([*(f"- {phrase}" for phrase in rest[: _POINTS if more else _POINTS + 1]), *more])
