"""From a model's reply to edits: any shape a model answers in, the right file or a refusal with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocode_tools.edits import Edit
from ocode_tools.replies import diffs, fences, objects, search
from ocode_tools.replies.base import Block, Part, Refusal, Swap, Target, Unfit
from ocode_tools.replies.build import edit_of, source_of
from ocode_tools.replies.clean import as_it_stands, python
from ocode_tools.replies.lines import canon, plain
from ocode_tools.replies.paths import Other, target_of
from ocode_tools.replies.thinking import views

__all__ = ["Refusal", "Target", "read"]

_ASK = "Answer with one fenced code block that holds the whole function."
_LARGEST = 2_000_000  # characters
_DEEP = 3


def read(reply: str, targets: Sequence[Target]) -> tuple[Edit, ...] | Refusal:
    """The edits that a model's reply means, or why it cannot be used.

    `targets[0]` is the file the question was about; nothing but the targets is ever edited. Readings are tried from
    the most specific shape to the plainest; the first whose result passes every check counts. Raises nothing.
    """
    if not targets:
        return Refusal("no file was given to edit", "Nothing can be edited.")
    text = _unquoted(re.sub(r"\r\n?", "\n", reply).removeprefix("\ufeff"))
    if not text.strip():
        return Refusal("the reply is empty", _ASK)
    if len(text) > _LARGEST:
        return Refusal(f"the reply is too long ({len(text)} characters)", "Send the function alone, and only once.")
    for view in views(text):
        if (outcome := _outcome(view, targets)) is not None:
            return outcome
    if text.rstrip().endswith("?"):
        return Refusal("the reply asks a question and holds no code", f"Do not ask back. {_ASK}")
    return Refusal("the reply holds no code", _ASK)


def _unquoted(text: str) -> str:
    """A reply without the sign that quotes every line of it."""
    lines = text.split("\n")
    if any(line.strip() and (not line.startswith(">") or line.startswith(">>")) for line in lines):
        return text
    return "\n".join(line[1:].removeprefix(" ") for line in lines)


def _outcome(text: str, targets: Sequence[Target]) -> tuple[Edit, ...] | Refusal | None:
    """The edits of the best reading that works out, or why the first did not; None: there is nothing to read."""
    first: Refusal | None = None
    readings = _readings(text, targets)
    while True:
        try:
            parts = next(readings, None)
            if parts is None:
                return first
            return _edits(parts, targets)
        except Unfit as unfit:
            first = first or unfit.refusal
        except RecursionError:
            first = first or Refusal("the code in the reply is nested too deeply", _ASK)


def _readings(text: str, targets: Sequence[Target], depth: int = 0) -> Iterator[list[Part]]:
    """The ways to read a text, the most specific first."""
    some_python = any(target.is_python for target in targets)
    good = as_it_stands if some_python else None
    longest = not some_python and any(target.path.endswith((".md", ".markdown", ".rst")) for target in targets)
    found = fences.blocks(text, good, longest)
    sound = [block for block in found if some_python and _is_sound(block)]
    rest = fences.outside(text, sound)
    any_special = False
    for parts in _special(rest, [block for block in found if block not in sound], depth, targets):
        any_special = True
        yield parts
    usable = [block for block in found if block.code.strip()]
    if usable:
        yield [*usable]
    if not any_special and some_python and not (usable and any(block.closed for block in usable)):
        runs = fences.bare(text, _is_python)
        if runs:
            yield [*runs]
    elif not any_special and not usable and targets[0].data is not None and not some_python:
        yield [Block(text, closed=False)]


def _special(rest: str, found: Sequence[Block], depth: int, targets: Sequence[Target]) -> Iterator[list[Part]]:
    """Patches, search and replace blocks, diffs and objects, outside the blocks that are sound code."""
    if diffs.has_patch(rest):
        yield from diffs.readings([(diffs.start_of(rest), (), "End Patch" in rest)])
    yield from search.readings(rest)
    yield from search.pairs(found)
    marked = [
        (block.code, block.labels, block.closed) for block in found if diffs.looks_like_diff(block.code, block.language)
    ]
    if marked:
        yield from diffs.readings(marked)
    elif re.search(r"(?m)^(?:@@|diff --git|--- )", rest):
        start = diffs.start_of(rest)
        if diffs.looks_like_diff(start):
            yield from diffs.readings([(start, (), False)])
    if "{" in rest or "</" in rest or "<parameter" in rest:
        for parts in objects.readings(rest):
            yield from _nested(parts, depth, targets)


def _nested(parts: list[Part], depth: int, targets: Sequence[Target]) -> Iterator[list[Part]]:
    """Parts whose code is itself a reply: a fence, a diff or a patch inside a field."""
    if depth < _DEEP:
        for part in parts:
            if isinstance(part, Block) and not _is_python(part.code) and re.search(r"```|<<<<<|@@|\*\*\* ", part.code):
                yield from _readings(part.code, targets, depth + 1)
    yield parts


def _is_python(code: str) -> bool:
    return python(code) is not None


def _is_sound(block: Block) -> bool:
    """Whether a block is Python that defines something: then lines in it that look like markers are its own text."""
    if not re.search(r"(?m)^\s*(?:async\s+def|def|class|import|from)\s", block.code):
        return False
    if as_it_stands(block.code):
        return True
    return _is_python(block.code) and not diffs.looks_like_diff(block.code, block.language)


def _edits(parts: Sequence[Part], targets: Sequence[Target]) -> tuple[Edit, ...]:
    """The edits that these parts make together. Raises Unfit."""
    swaps: dict[str, list[Swap]] = {}
    blocks: dict[str, list[Block]] = {}
    other: Other | None = None
    for part in parts:
        try:
            path = (target_of(part.labels, targets) or _likely(part, targets)).path
        except Other as named:
            other = other or named
            continue
        if isinstance(part, Swap):
            swaps.setdefault(path, []).append(part)
        else:
            blocks.setdefault(path, []).append(part)
    edits: list[Edit] = []
    reason: Unfit | None = other
    for target in targets:
        if target.path in swaps or target.path in blocks:
            try:
                edits.append(edit_of(target, swaps.get(target.path, []), blocks.get(target.path, [])))
            except Unfit as unfit:
                if target.path in swaps or not _is_spare(target, targets, edits):
                    reason = reason or unfit
                    if target.path in swaps or target is not targets[0]:
                        raise
    if not edits:
        raise reason or Unfit("the reply holds no code", _ASK)
    return tuple(edits)


def _is_spare(target: Target, targets: Sequence[Target], edits: Sequence[Edit]) -> bool:
    """Whether a file other than the first, for which the reply has only a few words, can go without."""
    return target is not targets[0] and bool(edits)


def _likely(part: Part, targets: Sequence[Target]) -> Target:
    """The target that a part without a file name is for."""
    if len(targets) == 1:
        return targets[0]
    if isinstance(part, Swap):
        wanted = [canon(line).strip() for line in part.old if line.strip()]
        for target in targets:
            have = {canon(line).strip() for line in plain(source_of(target).text)}
            if wanted and all(line in have for line in wanted):
                return target
        return targets[0]
    names = set(re.findall(r"(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", part.code))
    shared = [len(names & {name.rpartition(".")[2] for name in target.names}) for target in targets]
    if not any(shared):
        texts = [source_of(target).text for target in targets]
        shared = [sum(bool(re.search(rf"\b(?:def|class)\s+{name}\b", text)) for name in names) for text in texts]
    return targets[shared.index(max(shared))]
