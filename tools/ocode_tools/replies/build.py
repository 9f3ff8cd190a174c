"""From the parts of a reply that concern one file to that file's new bytes."""

from __future__ import annotations

import ast
import html
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ocode_tools.edits import Edit
from ocode_tools.errors import OcodeError
from ocode_tools.replies.base import Block, Swap, Target, Unfit
from ocode_tools.replies.check import check
from ocode_tools.replies.clean import Code, python, unparsable
from ocode_tools.replies.elision import stands_for_code
from ocode_tools.replies.ends import check_last, check_swap
from ocode_tools.replies.lines import lookalikes, plain, trimmed
from ocode_tools.replies.match import applied
from ocode_tools.replies.units import homes, is_stub
from ocode_tools.replies.ways import HEADER, defined_names, spans, ways, whole_text
from ocode_tools.source import Change, Function, Source, SourceError, parse

_OLD_VERSION = re.compile(
    r"(?i)\b(?:original|before|old|buggy|wrong|incorrect|broken|current(?:ly)?|previous(?:ly)?|existing|instead of)\b"
)
_NEW_VERSION = re.compile(r"(?i)\b(?:fix(?:ed)?|new|updated?|correct(?:ed)?|after|improved|change[ds]?|replac\w+)\b")
# Of a text file's lines, those that a block must share with it to pass for the whole of it, and those it must have.
_SHARED, _KEPT, _SMALL = 0.3, 0.8, 5
_WHOLE = "Answer with one fenced code block that holds the whole function."


def edit_of(target: Target, swaps: Sequence[Swap], blocks: Sequence[Block]) -> Edit:
    """The edit of one target. Raises Unfit with the reason of the most likely reading where none passes."""
    source = source_of(target)
    reason: Unfit | None = None
    for attempt in _attempts(target, source, swaps, blocks):
        try:
            return check(target, attempt())
        except SourceError as error:
            parses = "parse" not in str(error)
            tell = "Use only characters that the file's encoding has." if parses else "Send the whole file."
            reason = reason or Unfit(str(error), tell)
        except Unfit as unfit:
            reason = reason or unfit
        except ValueError:
            reason = reason or Unfit("two changes of the reply overlap", _WHOLE)
        except (SyntaxError, tokenize.TokenError):  # the tokenizer is stricter than the parser
            reason = reason or Unfit("the code in the reply cannot be moved to its place", _WHOLE)
    raise reason or Unfit("the reply holds no code for the file", _WHOLE)


def source_of(target: Target) -> Source:
    """A target's present text. Raises Unfit where its bytes cannot be decoded."""
    try:
        return Source(target.path, target.data or b"")
    except OcodeError as error:
        raise Unfit(str(error), "This file cannot be edited here.") from error


def _attempts(
    target: Target, source: Source, swaps: Sequence[Swap], blocks: Sequence[Block]
) -> Iterator[Callable[[], bytes]]:
    if swaps:
        yield from (_swapper(target, source, some) for some in _spellings(swaps))
        if target.is_python and target.data is not None and (whole := _whole_swaps(source, swaps)):
            yield from _python(target, source, whole)
    elif target.is_python:
        yield from _python(target, source, blocks)
    else:
        yield from _text(target, source, blocks)


def _swapper(target: Target, source: Source, swaps: Sequence[Swap]) -> Callable[[], bytes]:
    return lambda: _swapped(target, source, swaps)


def _spellings(swaps: Sequence[Swap]) -> Iterator[list[Swap]]:
    """The swaps as they are, without HTML entities, and with plain quotes and blanks."""
    seen: list[list[Swap]] = []
    for change in (str, html.unescape, lookalikes):
        some = [replace(swap, old=tuple(map(change, swap.old)), new=tuple(map(change, swap.new))) for swap in swaps]
        if some not in seen:
            seen.append(some)
            yield some


def _swapped(target: Target, source: Source, swaps: Sequence[Swap]) -> bytes:
    if target.data is None or not source.text.strip():
        added = [line for swap in swaps for line in swap.new]
        return source.replace([Change(0, len(source.text), "\n".join(added) + "\n")])
    for swap in swaps:
        if not swap.closed:
            check_swap(source.text, swap)
    text = applied(source.text, swaps, spans(target, source), source.eol)
    return source.replace([Change(0, len(source.text), text)])


def _whole_swaps(source: Source, swaps: Sequence[Swap]) -> list[Block]:
    """Replacements that are whole functions, of which the search text shows that it meant the whole one too."""
    found: list[Block] = []
    for swap in swaps:
        new, old = python("\n".join(swap.new)), python("\n".join(swap.old))
        names = [defined_names(code.tree) if code else set[str]() for code in (old, new)]
        if not any(line.strip() for line in swap.old) or (
            names[0] and names[0] <= names[1] and _as_long(source, names[0], len(trimmed(swap.old)))
        ):
            found.append(Block("\n".join(swap.new), closed=swap.closed))
        else:
            return []
    return found


def _as_long(source: Source, names: set[str], lines: int) -> bool:
    try:
        sizes = [home.last - home.first + 1 for home in homes(source) if home.name.rpartition(".")[2] in names]
    except SourceError:
        return False
    return bool(sizes) and lines >= 0.7 * max(sizes)


def _python(target: Target, source: Source, blocks: Sequence[Block]) -> Iterator[Callable[[], bytes]]:
    codes = [(block, code) for block in blocks if (code := python(block.code))]
    if not codes:
        yield lambda: _no_code(target, blocks)
        return
    if target.data is None:
        yield from (_new(code, block.closed) for block, code in sorted(codes, key=lambda one: -len(one[1].text)))
        return
    known = set(HEADER.findall(source.text)) | {name.rpartition(".")[2] for name in target.names}
    telling = [(block, code) for block, code in codes if defined_names(code.tree) & known] or [
        (block, code) for block, code in codes if defined_names(code.tree) or not target.names
    ]
    fresh = [pair for pair in telling if not _is_old(pair[0])] or telling
    if not fresh:
        yield lambda: _no_code(target, blocks)
        return
    names = {name for _, code in fresh for name in _used(code.tree)}
    helpers = [pair for pair in codes if pair not in telling and defined_names(pair[1].tree) & names]
    several = [pair for pair in codes if pair in fresh or pair in helpers]
    if len(several) > 1 and (joined := _joined([code for _, code in several])):
        yield from ways(target, source, joined, several[-1][0].closed)
    whole = {name for _, code in fresh for name in defined_names(code.tree)} & known
    for block, code in reversed(fresh):
        if whole <= defined_names(code.tree):  # each alone where it is a version of the same
            yield from ways(target, source, code, block.closed)


def _new(code: Code, closed: bool) -> Callable[[], bytes]:
    def made() -> bytes:
        if not code.tree.body:
            raise Unfit("the block in the reply holds no code", "Send the whole file in one fenced block.")
        if not closed:
            check_last("", code.text)
            if any(isinstance(node, Function) and is_stub(node) for node in code.tree.body[-1:]):
                raise Unfit("the reply stops in the middle of a function (cut off)", "Send the whole file.")
        return (code.text.rstrip() + "\n").encode()

    return made


def _no_code(target: Target, blocks: Sequence[Block]) -> bytes:
    asked = target.names[0] if target.names else target.path
    if not blocks:
        raise Unfit("the reply holds no code", _WHOLE)
    for block in blocks:
        for line in plain(block.code):
            if line.lstrip()[:1] in ("#", ".", "…") and stands_for_code(line.strip()):
                raise Unfit(f"the reply leaves code out ({line.strip()[:80]!r})", "Send every line; leave nothing out.")
    broken = [block for block in blocks if python(block.code) is None]
    if not broken:
        raise Unfit(f"the reply does not hold {asked}", f"Send the whole of {asked} in one fenced code block.")
    why = unparsable(broken[-1].code)
    cut = "" if broken[-1].closed else " (and may be cut off)"
    raise Unfit(
        f"the code in the reply does not parse: {why}{cut}",
        f"Your code does not parse ({why}); send it again, indented as Python.",
    )


def _used(tree: ast.Module) -> set[str]:
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)} | {
        part.attr for part in ast.walk(tree) if isinstance(part, ast.Attribute)
    }


def _is_old(block: Block) -> bool:
    return bool(_OLD_VERSION.search(block.lead[:200])) and not _NEW_VERSION.search(block.lead[:200])


def _joined(codes: Sequence[Code]) -> Code | None:
    text = "\n".join(code.text for code in codes)
    try:
        return Code(text, parse(text), tuple(line for code in codes for line in code.raw))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _text(target: Target, source: Source, blocks: Sequence[Block]) -> Iterator[Callable[[], bytes]]:
    """Files that are not Python: the whole text, from the block that has most in common with it."""
    old = {line.strip() for line in plain(source.text) if line.strip()}

    def shared(block: Block) -> int:
        return len(old & {line.strip() for line in plain(block.code)})

    def whole(block: Block) -> Callable[[], bytes]:
        def made() -> bytes:
            if not block.code.strip():
                raise Unfit("the block in the reply is empty", "Send the whole file in one fenced block.")
            if target.data is None:
                return (block.code.rstrip("\n") + "\n").encode()
            _check_text(source.text, block, shared(block))
            return source.replace([Change(0, len(source.text), whole_text(source, block.code))])

        return made

    closed = [block for block in blocks if block.closed or target.data is not None]
    yield from (whole(block) for block in sorted(closed, key=shared, reverse=True)[:3])


def _check_text(text: str, block: Block, shared: int) -> None:
    """A block is a text file as a whole, and not part of one or something else. Raises Unfit."""
    old, new = trimmed(plain(text)), trimmed(plain(block.code))
    full = len({line.strip() for line in old if line.strip()})
    if (full > 1 or not block.closed) and shared < (_SHARED if block.closed else 0.5) * full:
        raise Unfit("the reply is not the whole file", "Send the whole file, every line of it.")
    if len(new) < _KEPT * len(old) or (len(old) < _SMALL and len(new) < len(old)):
        raise Unfit(f"{len(old) - len(new)} of {len(old)} lines are gone (not the whole file)", "Send the whole file.")
    if not block.closed and new[-1:] != old[-1:] and len(new) <= len(old):
        raise Unfit("the text in the reply may be cut off", "Send the whole file in one closed fenced block.")
