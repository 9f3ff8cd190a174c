"""Lines of text: comparing them, moving them to another indentation, and keeping those of the file that stay."""

from __future__ import annotations

import html
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher

_SPLIT = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_END = re.compile(r"\r\n?|\n")
_LONG = 4_000  # lines on either side beyond which unchanged lines are only looked for at both ends
# Quotes and primes, dashes and the minus sign, blanks of any width, what has no width, and the ellipsis.
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
        **dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD], ""),
        0x2026: "...",
    }
)


def lookalikes(text: str) -> str:
    """Typographic quotes, dashes and blanks as the plain characters they stand for."""
    return text if text.isascii() else text.translate(_SAME)


def canon(line: str) -> str:
    """A line as it is compared: plain characters, no blanks at its end."""
    return lookalikes(line).rstrip()


def split(text: str) -> list[tuple[str, str]]:
    """Lines with their line ends; the last one's is empty where the text does not end with one."""
    found = [(match[1], match[2]) for match in _SPLIT.finditer(text)]
    return found if found and found[-1] != ("", "") else found[:-1]


def plain(text: str) -> list[str]:
    """Lines without their ends, cut only where Python's parser cuts."""
    return _END.split(text)


def indent(line: str) -> str:
    """The blanks a line starts with."""
    return line[: len(line) - len(line.lstrip())]


def trimmed(lines: Sequence[str]) -> list[str]:
    """Lines without the blank ones at both ends."""
    full = [number for number, line in enumerate(lines) if line.strip()]
    return list(lines[full[0] : full[-1] + 1]) if full else []


def dedented(lines: Sequence[str]) -> list[str]:
    """Lines without the indentation of the first full one; a line that has less of it stays as it is."""
    base = next((indent(line) for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return [line.removeprefix(base) if line.strip() else line for line in lines] if base else list(lines)


def merged(old: str, new: Sequence[str], eol: str) -> str:
    """`old` with its lines replaced by `new`; lines that are alike stay as they are, byte by byte.

    New lines end as the line before them does, or else as the next; `eol` is for a text without any. The last line
    ends as the last of `old` did.
    """
    have = {line for line, _ in split(old)}
    new = [_unescaped(line, have) for line in new]
    text = _merged(old, new, eol, canon)
    return text if text != old else _merged(old, new, eol, str.rstrip)


def _unescaped(line: str, have: set[str]) -> str:
    """A line whose HTML entities hide that the file has it."""
    return bare if "&" in line and line not in have and (bare := html.unescape(line)) in have else line


def _merged(old: str, new: Sequence[str], eol: str, key: Callable[[str], str]) -> str:
    was = split(old)
    kept = _kept([key(line) for line, _ in was], [key(line) for line in new])
    taken = set(kept.values())
    out: list[tuple[str, str]] = []
    after = 0
    for number, line in enumerate(new):
        # A line in the place of another ends as that one did; `after` is the next old line that is not accounted for.
        gap = after < len(was) and after not in taken
        out.append(was[kept[number]] if number in kept else (line, was[after][1] if gap else ""))
        after = kept[number] + 1 if number in kept else after + gap
    known = next((end for _, end in [*out, *was] if end), eol)
    result: list[str] = []
    for line, end in out:
        known = end or known
        result += [line, known]
    if result and was:
        result[-1] = was[-1][1]
    return "".join(result)


def _kept(a: list[str], b: list[str]) -> dict[int, int]:
    """Which line of `a` each line of `b` is, for those that are the same."""
    head = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    most = min(len(a), len(b)) - head
    pairs = zip(reversed(a), reversed(b), strict=False)
    tail = next((n for n, (x, y) in enumerate(pairs) if x != y or n >= most), most)
    kept = {number: number for number in range(head)}
    kept.update({len(b) - n: len(a) - n for n in range(1, tail + 1)})
    inner_a, inner_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if max(len(inner_a), len(inner_b)) <= _LONG:
        for i, j, size in SequenceMatcher(None, inner_a, inner_b).get_matching_blocks():
            kept.update({head + j + n: head + i + n for n in range(size)})
    return kept


def step(lines: Iterable[str]) -> str:
    """The first step of indentation in lines whose first is at the left; empty where all is on one level."""
    return next((indent(line) for line in lines if line[:1] in " \t" and line.strip()), "")


def placed(lines: Sequence[str], prefix: str, wanted: str, strings: frozenset[str]) -> list[str]:
    """Lines of code (a statement that parses once dedented) moved to the indentation `prefix`, in steps of `wanted`.

    `strings` are the values of the literals that the code replaces: one that is among them keeps its value.
    """
    code = dedented(lines)
    kinds, levels = _layout(code)
    own = next((indent(code[n]) for n, level in sorted(levels.items()) if level == 1), "")
    mixed = bool(wanted) and any(("\t" in indent(code[n])) != ("\t" in wanted) for n, level in levels.items() if level)
    same = not wanted or not own or (own == wanted and not mixed)
    if same and lines and indent(lines[0]) == prefix:
        return list(lines)
    out: list[str] = []
    logical = ("", "")
    for number, line in enumerate(code):
        if number in levels:
            mine = indent(line)
            logical = (mine, mine if same else wanted * levels[number])
        if not line.strip() or kinds.get(number) == "text":
            out.append(line)
        elif line.startswith(logical[0]):
            rest = line[len(logical[0]) :]
            out.append(prefix + logical[1] + (rest if same else _stepped(rest, own, wanted)))
        else:
            out.append(prefix + line)
    return _restored(code, out, strings)


def _stepped(rest: str, own: str, wanted: str) -> str:
    """A continuation line's extra indentation: whole steps become steps, the rest is alignment and stays."""
    extra, count = indent(rest), 0
    if "\t" not in extra and len(extra) > 2 * len(own):
        return rest
    while own and extra.startswith(own):
        extra, count = extra[len(own) :], count + 1
    return wanted * count + extra + rest.lstrip()


def _layout(code: list[str]) -> tuple[dict[int, str], dict[int, int]]:
    """Line numbers (from 0) inside string literals that are not moved, and the level of each line that starts one."""
    kinds: dict[int, str] = {}
    levels: dict[int, int] = {}
    notes: dict[int, tuple[str, list[str]]] = {}
    stack, fresh = [""], True
    reader = io.StringIO("\n".join(code) + "\n").readline
    for token in tokenize.generate_tokens(reader):
        row = token.start[0] - 1
        if token.type == tokenize.INDENT:
            stack.append(token.string)
        elif token.type == tokenize.DEDENT:
            stack.pop()
        elif token.type == tokenize.COMMENT:
            if not token.line[: token.start[1]].strip():
                notes[row] = (token.line[: token.start[1]], [*stack])
        elif token.type == tokenize.NEWLINE:
            fresh = True
        elif token.type not in (tokenize.NL, tokenize.ENDMARKER):
            if fresh:
                levels[row] = len(stack) - 1
            if not (fresh and token.type == tokenize.STRING):
                inner = range(row + 1, token.end[0])
                kinds.update(dict.fromkeys(inner, "text") if _fixed(code, levels, token) else {})
            fresh = False
    _level_notes(code, levels, notes)
    return kinds, levels


def _level_notes(code: list[str], levels: dict[int, int], notes: dict[int, tuple[str, list[str]]]) -> None:
    """The level of comment lines: the tokenizer gives them before the change of level that they belong to."""
    rows = sorted(levels)
    for row, (mine, stack) in notes.items():
        after = rows[bisect_right(rows, row)] if rows and row < rows[-1] else None
        if after is not None and indent(code[after]) == mine:
            levels[row] = levels[after]
        else:
            levels[row] = stack.index(mine) if mine in stack else len(stack) - 1


def _fixed(code: list[str], levels: dict[int, int], token: tokenize.TokenInfo) -> bool:
    """Whether a literal's inner lines start left of the line it begins on: then their blanks are part of the text."""
    if token.end[0] == token.start[0] or token.type in (tokenize.OP, tokenize.NAME):
        return False
    start = max(row for row in levels if row < token.start[0])
    inner = [line for line in code[token.start[0] : token.end[0]] if line.strip()]
    return not indent(code[start]) or not all(line.startswith(indent(code[start])) for line in inner)


def _restored(code: list[str], out: list[str], strings: frozenset[str]) -> list[str]:
    """Moved lines, but the inside of a literal that the file has as it stands unmoved."""
    text = "\n".join(code)
    for value in strings:
        at = text.find(value)
        if "\n" in value and at >= 0 and value not in "\n".join(out):
            first = text.count("\n", 0, at)
            for row in range(first + 1, first + 1 + value.count("\n")):
                out[row] = code[row]
    return out
