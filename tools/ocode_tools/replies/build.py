"""From the parts of a reply that concern one file to that file's new bytes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from ocode_tools.edits import Edit
from ocode_tools.errors import OcodeError
from ocode_tools.replies.base import Block, Swap, Target, Unfit
from ocode_tools.replies.check import check
from ocode_tools.replies.clean import Code, python, unparsable
from ocode_tools.replies.elision import stands_for_code
from ocode_tools.replies.lines import indent, merged, placed, plain, trimmed
from ocode_tools.replies.match import applied
from ocode_tools.replies.splice import Splice
from ocode_tools.replies.units import Definition, homes
from ocode_tools.source import Change, Function, Source, SourceError, parse, splice

_OLD_VERSION = re.compile(
    r"(?i)\b(?:original|before|old|buggy|wrong|incorrect|broken|current(?:ly)?|previous(?:ly)?|existing|instead of)\b"
)
_NEW_VERSION = re.compile(r"(?i)\b(?:fix(?:ed)?|new|updated?|correct(?:ed)?|after|improved|change[ds]?|replac\w+)\b")
_HEADER = re.compile(r"(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_WHOLE = "Answer with one fenced code block that holds the whole function."


def edit_of(target: Target, swaps: Sequence[Swap], blocks: Sequence[Block]) -> Edit:
    """The edit of one target. Raises Unfit with the reason of the most likely reading where none passes."""
    source = source_of(target)
    reason: Unfit | None = None
    for attempt in _attempts(target, source, swaps, blocks):
        try:
            return check(target, attempt())
        except SourceError as error:
            reason = reason or Unfit(str(error), "Use only characters that the file's encoding has.")
        except Unfit as unfit:
            reason = reason or unfit
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
        yield lambda: _swapped(target, source, swaps)
        if target.is_python and target.data is not None and (whole := _whole_swaps(source, swaps)):
            yield from _python(target, source, whole)
    elif target.is_python:
        yield from _python(target, source, blocks)
    else:
        yield from _text(target, source, blocks)


def _swapped(target: Target, source: Source, swaps: Sequence[Swap]) -> bytes:
    if target.data is None or not source.text.strip():
        added = [line for swap in swaps for line in swap.new]
        return source.replace([Change(0, len(source.text), "\n".join(added) + "\n")])
    text = applied(source.text, swaps, spans(target, source), source.eol)
    return source.replace([Change(0, len(source.text), text)])


def _whole_swaps(source: Source, swaps: Sequence[Swap]) -> list[Block]:
    """Replacements that are whole functions, of which the search text shows that it meant the whole one too."""
    found: list[Block] = []
    for swap in swaps:
        new, old = python("\n".join(swap.new)), python("\n".join(swap.old))
        names = [_names(code.tree) if code else set[str]() for code in (old, new)]
        if not any(line.strip() for line in swap.old):
            found.append(Block("\n".join(swap.new)))
        elif names[0] and names[0] <= names[1] and _as_long(source, names[0], len(trimmed(swap.old))):
            found.append(Block("\n".join(swap.new)))
        else:
            return []
    return found


def _as_long(source: Source, names: set[str], lines: int) -> bool:
    try:
        sizes = [home.last - home.first + 1 for home in homes(source) if home.name.rpartition(".")[2] in names]
    except SourceError:
        return False
    return bool(sizes) and lines >= 0.7 * max(sizes)


def spans(target: Target, source: Source) -> list[tuple[int, int]]:
    """The lines (from 0, end exclusive) of the functions that were asked for."""
    try:
        return [(home.first - 1, home.last) for home in homes(source) if home.name in target.names]
    except SourceError:
        lines = plain(source.text)
        names = [name.rpartition(".")[2] for name in target.names]
        return [span for name in names if (span := _span_by_indent(lines, name))]


def _span_by_indent(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """The lines of the one function of this name in a file that does not parse."""
    header = re.compile(rf"[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(name)}\b")
    rows = [row for row, line in enumerate(lines) if header.match(line)]
    if len(rows) != 1:
        return None
    margin, end = len(indent(lines[rows[0]])), rows[0] + 1
    for row in range(rows[0] + 1, len(lines)):
        line = lines[row]
        if line.strip() and len(indent(line)) <= margin and line.strip()[0] not in ")]}":
            break
        end = row + 1 if line.strip() else end
    return rows[0], end


def _python(target: Target, source: Source, blocks: Sequence[Block]) -> Iterator[Callable[[], bytes]]:
    codes = [(block, code) for block in blocks if (code := python(block.code))]
    if not codes:
        yield lambda: _no_code(target, blocks)
        return
    if target.data is None:
        yield from (_new(code) for _, code in sorted(codes, key=lambda one: -len(one[1].text)))
        return
    known = set(_HEADER.findall(source.text)) | {name.rpartition(".")[2] for name in target.names}
    telling = [(block, code) for block, code in codes if _names(code.tree) & known] or [
        (block, code) for block, code in codes if _names(code.tree) or not target.names
    ]
    fresh = [pair for pair in telling if not _is_old(pair[0])] or telling
    if not fresh:
        yield lambda: _no_code(target, blocks)
        return
    names = {name for _, code in fresh for name in _used(code.tree)}
    helpers = [pair for pair in codes if pair not in telling and _names(pair[1].tree) & names]
    several = [pair for pair in codes if pair in fresh or pair in helpers]
    if len(several) > 1 and (joined := _joined([code for _, code in several])):
        yield from _ways(target, source, joined, several[-1][0].closed)
    for block, code in reversed(fresh):
        yield from _ways(target, source, code, block.closed)


def _new(code: Code) -> Callable[[], bytes]:
    return lambda: (code.text.rstrip() + "\n").encode()


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


def _ways(target: Target, source: Source, code: Code, closed: bool) -> Iterator[Callable[[], bytes]]:
    """Splicing and taking the whole file, in the order that fits what was asked for."""

    def spliced() -> bytes:
        changes = Splice(source, code, target.names).result()
        if not closed:
            _ends_well(source, code)
        return source.replace(changes)

    def whole() -> bytes:
        if not closed:
            _ends_well(source, code)
        return source.replace([Change(0, len(source.text), _whole_text(source, code))])

    try:
        covers = _covers(source.tree, code.tree)
    except SourceError:
        names = set(_HEADER.findall(source.text))
        if names <= _names(code.tree, deep=True) and len(code.raw) > 0.7 * len(source.starts):
            yield whole
        yield lambda: _by_indent(target, source, code)
        return
    order = [spliced, whole] if target.names else [whole, spliced]
    yield from (way for way in order if way is spliced or covers)


def _whole_text(source: Source, code: Code) -> str:
    old = plain(source.text)
    head = next((n for n, line in enumerate(old) if line.strip()), 0)
    tail = next((n for n, line in enumerate(reversed(old)) if line.strip()), 0)
    ended = source.text.endswith(("\n", "\r"))
    blanks = max(0, tail - 1) if ended else tail
    lines = [*old[:head], *trimmed(plain(code.text)), *([""] * blanks)]
    return merged(source.text, lines, source.eol)


def _by_indent(target: Target, source: Source, code: Code) -> bytes:
    """Functions of a file that does not parse, replaced by their indentation."""
    lines, changes = plain(source.text), list[Change]()
    for node in code.tree.body:
        span = _span_by_indent(lines, node.name) if isinstance(node, Definition) else None
        if isinstance(node, Definition) and span:
            first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
            start, end = source.lines(span[0] + 1, span[1])
            body = placed(code.raw[node.lineno - 1 : node.end_lineno], indent(lines[span[0]]), "", frozenset())
            del first
            changes.append(Change(start, end, merged(source.text[start:end], body, source.eol)))
    if not changes:
        raise Unfit("the file does not parse and the reply is not the whole of it", "Send the whole file.")
    return source.replace(changes)


def _ends_well(source: Source, code: Code) -> None:
    """Of code that nothing closes: its last function ends as the file's does, or the reply may be cut off."""
    last = code.tree.body[-1] if code.tree.body else None
    while isinstance(last, ast.ClassDef):
        last = last.body[-1]
    if not isinstance(last, Function):
        return
    twins = [home.node for home in homes(source) if home.name.rpartition(".")[2] == last.name]
    ends = ast.Return | ast.Raise
    if (
        twins
        and all(isinstance(twin.body[-1], ends) for twin in twins)
        and isinstance(last.body[-1], ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr)
    ):
        raise Unfit(
            f"the reply stops in the middle of {last.name} (cut off)", "Send the whole function; keep it short."
        )


def _covers(old: ast.Module, new: ast.Module) -> bool:
    """Whether code has all that the file has at its top level and in its classes."""

    def parts(tree: ast.Module) -> set[str]:
        found: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, Definition)} | {
                    node.name
                }
            elif isinstance(node, Function):
                found.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
            elif isinstance(node, ast.If | ast.Try | ast.For | ast.While | ast.With):
                found.add(type(node).__name__)
        return found

    return bool(new.body) and parts(old) <= parts(new)


def _names(tree: ast.Module, deep: bool = False) -> set[str]:
    nodes = ast.walk(tree) if deep else tree.body
    found = {node.name for node in nodes if isinstance(node, Definition)}
    for node in tree.body:
        if isinstance(node, ast.If | ast.Try):
            found |= {part.name for part in ast.walk(node) if isinstance(part, Definition)}
    return found


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
            if target.data is None:
                return (block.code.rstrip("\n") + "\n").encode()
            if len(old) > 3 and shared(block) < 0.3 * len(old):
                raise Unfit("the reply is not the whole file", "Send the whole file, every line of it.")
            lines = trimmed(plain(block.code))
            return source.replace([Change(0, len(source.text), merged(source.text, lines, source.eol))])

        return made

    closed = [block for block in blocks if block.closed or target.data is not None]
    yield from (whole(block) for block in sorted(closed, key=shared, reverse=True)[:3])


__all__ = ["edit_of", "source_of", "spans", "splice"]
