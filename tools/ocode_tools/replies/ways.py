"""Python code and the file it is for: spliced in by name, as the whole file, or by indentation alone."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ocode_tools.replies.base import Target, Unfit
from ocode_tools.replies.clean import Code
from ocode_tools.replies.ends import check_end
from ocode_tools.replies.lines import indent, merged, placed, plain, trimmed
from ocode_tools.replies.splice import Splice
from ocode_tools.replies.units import Definition, homes, is_stub
from ocode_tools.source import Change, Source, SourceError

HEADER = re.compile(r"(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_WHOLE = "Answer with one fenced code block that holds the whole function."


def ways(target: Target, source: Source, code: Code, closed: bool) -> Iterator[Callable[[], bytes]]:
    """Splicing and taking the whole file, in the order that fits what was asked for."""

    def spliced() -> bytes:
        changes = Splice(source, code, target.names).result()
        if not closed:
            check_end(source, code, target.names)
        return source.replace(changes)

    def whole() -> bytes:
        if not closed:
            check_end(source, code, target.names)
        return source.replace([Change(0, len(source.text), whole_text(source, code.text))])

    try:
        covers = _covers(source.tree, code.tree)
    except SourceError:
        names = set(HEADER.findall(source.text))
        if names <= defined_names(code.tree, deep=True) and len(code.raw) > 0.7 * len(source.starts):
            yield whole
        yield lambda: _by_indent(source, code, closed)
        return
    order = [spliced, whole] if target.names else [whole, spliced]
    yield from (way for way in order if way is spliced or covers)


def whole_text(source: Source, new: str) -> str:
    """The file's text replaced by another, with the blank lines at its ends and whatever lines stay."""
    old = plain(source.text)
    head = next((n for n, line in enumerate(old) if line.strip()), 0)
    tail = next((n for n, line in enumerate(reversed(old)) if line.strip()), 0)
    ended = source.text.endswith(("\n", "\r"))
    blanks = max(0, tail - 1) if ended else tail
    lines = [*old[:head], *trimmed(plain(new)), *([""] * blanks)]
    return merged(source.text, lines, source.eol)


def _by_indent(source: Source, code: Code, closed: bool) -> bytes:
    """Functions of a file that does not parse, replaced by their indentation."""
    lines, changes = plain(source.text), list[Change]()
    for node in code.tree.body:
        span = _span_by_indent(lines, node.name) if isinstance(node, Definition) else None
        if isinstance(node, Definition) and span:
            start, end = source.lines(span[0] + 1, span[1])
            body = placed(code.raw[node.lineno - 1 : node.end_lineno], indent(lines[span[0]]), "", frozenset())
            changes.append(Change(start, end, merged(source.text[start:end], body, source.eol)))
            if is_stub(node) or (not closed and body[-1].strip() != lines[span[1] - 1].strip()):
                raise Unfit(f"{node.name} is a stub or may be cut off, and the file does not parse", _WHOLE)
    if not changes:
        raise Unfit("the file does not parse and the reply is not the whole of it", "Send the whole file.")
    return source.replace(changes)


def _covers(old: ast.Module, new: ast.Module) -> bool:
    """Whether code has all that the file has at its top level and in its classes."""

    def parts(tree: ast.Module) -> Counter[str]:
        found: Counter[str] = Counter()
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found.update(f"{node.name}.{part.name}" for part in node.body if isinstance(part, Definition))
            if isinstance(node, Definition):
                found[node.name] += 1
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found.update(alias.asname or alias.name for alias in node.names)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update(part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
            elif isinstance(node, ast.If | ast.Try | ast.For | ast.While | ast.With):
                found[type(node).__name__] += 1
        return found

    return bool(new.body) and parts(old) <= parts(new)


def defined_names(tree: ast.Module, deep: bool = False) -> set[str]:
    """The functions and classes at the top level of a tree, or (`deep`) all of them."""
    nodes = ast.walk(tree) if deep else tree.body
    found = {node.name for node in nodes if isinstance(node, Definition)}
    for node in tree.body:
        if isinstance(node, ast.If | ast.Try):
            found |= {part.name for part in ast.walk(node) if isinstance(part, Definition)}
    return found


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
