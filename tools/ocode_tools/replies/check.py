"""What the result of a reply must keep, whatever the reply looked like."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable

from ocode_tools.edits import Edit, Proposal
from ocode_tools.errors import OcodeError
from ocode_tools.gates.base import Context, tree
from ocode_tools.gates.names import keeps_code, keeps_names, parses
from ocode_tools.gates.scope import Scope
from ocode_tools.replies.base import Target, Unfit
from ocode_tools.replies.elision import elided, elided_text, stands_for_code
from ocode_tools.replies.functions import check_functions
from ocode_tools.replies.lines import plain
from ocode_tools.source import Function, Source

_WHOLE = "Send the whole function, every line of it; leave nothing out."
_LEAST, _KEPT = 12, 0.5
_MARKER = re.compile(r"[<>]{5,9}(?:\s|$)|@@ |\*\*\* (?:Begin|End|Update|Add) ")
_CONTEXT = Context("", Scope())


def check(target: Target, after: bytes) -> Edit:
    """The edit that gives a target these bytes. Raises Unfit where they are the same, broken, or lose something."""
    edit = Edit(target.path, target.data, after)
    if after == target.data:
        raise Unfit(
            "the reply changes nothing (no change)", "Your code is the same as the file; send it with the change made."
        )
    proposal = Proposal((edit,), "reply", "reply", "")
    if why := parses(proposal, _CONTEXT):
        raise Unfit(why, f"The result does not parse ({why.partition(': ')[2][:120]}); send the whole function again.")
    if target.is_python:
        _python(target, edit, proposal)
    else:
        _text(edit)
    return edit


def _python(target: Target, edit: Edit, proposal: Proposal) -> None:
    before, after = _read(target, edit.before), _read(target, edit.after)
    old, new = tree(edit.before or b""), tree(edit.after or b"")
    if comment := elided(after, before) or (elided_text(new, old) if new else None):
        raise Unfit(f"the reply leaves code out ({comment[:80]!r})", _WHOLE)
    if why := keeps_names(proposal, _CONTEXT):
        raise Unfit(why, "Keep every function, class and name of the file, each defined once.")
    if edit.before and (why := keeps_code(proposal, _CONTEXT)):
        raise Unfit(why, _WHOLE)
    if old is None or new is None or edit.before is None:
        return
    if lost := sorted(Counter(_names(old.body)) - Counter(_names(new.body))):
        raise Unfit(f"the reply loses {lost[0]}", f"Keep {lost[0]}; change only what was asked for.")
    twice = Counter(_twice(new.body)) - Counter(_twice(old.body))
    if twice:
        raise Unfit(f"{min(twice)} is defined twice after the edit (duplicate)", f"Define {min(twice)} once.")
    check_functions(old, new)


def _read(target: Target, data: bytes | None) -> str:
    try:
        return Source(target.path, data or b"").text
    except OcodeError as error:
        raise Unfit(str(error), "Keep the file's encoding.") from error


def _names(body: Iterable[ast.stmt], prefix: str = "") -> list[str]:
    """What a module's top level and its classes define, private names too."""
    found: list[str] = []
    for node in _flat(body):
        if isinstance(node, Function | ast.ClassDef):
            found.append(prefix + node.name)
            found += _names(node.body, f"{prefix}{node.name}.") if isinstance(node, ast.ClassDef) else []
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not prefix:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [target.id for target in targets if isinstance(target, ast.Name)]
    return found


def _flat(body: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _flat([part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)])
            for handler in getattr(node, "handlers", ()):
                yield from _flat(handler.body)


def _twice(body: Iterable[ast.stmt], prefix: str = "") -> list[str]:
    """Definitions of one body beyond the first of their name, with the same decorators."""
    found: list[str] = []
    seen: set[str] = set()
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            key = " ".join([node.name, *(ast.unparse(part) for part in node.decorator_list)])
            found += [prefix + node.name] if key in seen and "overload" not in key else []
            seen.add(key)
            found += _twice(node.body, f"{prefix}{node.name}.")
    return found


def _text(edit: Edit) -> None:
    """Guards for a file that is not Python: nothing left out, and most of it still there."""
    before = (edit.before or b"").decode("utf-8", "replace")
    after = (edit.after or b"").decode("utf-8", "replace")
    old, new = plain(before), plain(after)
    known = set(old)
    for line in new:
        bare = line.strip()
        if (
            line not in known
            and bare[:1] in ("#", "/", "<", "-", ".", ";", "%", "*", "…", "[", "(")
            and stands_for_code(bare)
        ):
            raise Unfit(f"the reply leaves text out ({bare[:80]!r})", "Send the whole file, every line of it.")
        if line not in known and _MARKER.match(line):
            raise Unfit(f"the result holds a marker line ({line[:40]!r})", "Send the whole file, without markers.")
    full = [sum(bool(line.strip()) for line in lines) for lines in (old, new)]
    if full[0] >= _LEAST and full[1] < _KEPT * full[0]:
        raise Unfit(
            f"{full[0] - full[1]} of {full[0]} lines are gone (the file shrinks)",
            "Send the whole file, every line of it.",
        )
