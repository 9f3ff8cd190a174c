"""Code blocks of a reply: Markdown fences of any make, tags that stand for fences, or bare code between prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ocode_tools.replies.base import Block
from ocode_tools.replies.lines import indent, plain
from ocode_tools.replies.paths import is_name

Good = Callable[[str], bool]  # whether a text is code as it stands

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>.*)$")
_INLINE = re.compile(r"[ \t]*`{3,}(?P<code>[^`]+)`{3,}[ \t]*$")
_TAG = re.compile(
    r"\s*(?P<open>[\[<])(?P<tag>python|py|code|pre|file|content|new_?code|solution|updated?_?(?:code|file)?|fix(?:ed)?"
    r"|file_?content|fixed_?code|artifact|antartifact|document|document_content|replacement|function|patch|diff)"
    r"(?P<rest>[\s:=][^\]>]*)?[\]>]\s*$",
    re.IGNORECASE,
)
_LATE = re.compile(r"[ \t]*(```(?:python|py|diff|json)3?)[ \t]*$")
_CODE = re.compile(r"\s*(?:def|class|async|from|import)\s+\w|\s*@\w")
_LANGUAGE = re.compile(r"(?:python|py)3?\s+(?=(?:def|class|async def|import|from)\s)")
_TRIES, _MOST, _LONG = 12, 400, 300
_WORDS = re.compile(r"(?:[*#>_(`-]|\d+[.)]|[^\W\d_]+['\u2019]?\w*,?\s)\s*\S*\s*\S")
_STARTS = re.compile(
    r"(?:def|class|async|import|from|@|if|for|while|with|try|except|else|elif|finally|return|raise|assert|print|match)\b"
    r"|[@)\]}\"']|[\w.\[\]\"', ]+(?::\s*\w[^=]*)?\s*(?:[-+*/|&%]|//|\*\*)?=(?!=)|\w[\w.]*\(|#"
)


@dataclass(slots=True)
class _Budget:
    tries: int = 300
    tags: int = 100

    def spend(self) -> bool:
        self.tries -= 1
        return self.tries >= 0


def blocks(text: str, good: Good | None, longest: bool = False) -> list[Block]:
    """The fenced blocks of a text, in order.

    A fence ends at the first closing line that leaves a `good` text, or at the first one where none does (a block
    may hold fences of its own); `longest`: at the last one. Without a closing line it ends with the reply.
    """
    lines = [part for line in plain(text) for part in _parted(line)]
    found: list[Block] = []
    budget, at, before = _Budget(), 0, 0
    while at < len(lines) and len(found) < _MOST:
        inline = _INLINE.match(lines[at])
        if inline and (_CODE.match(_LANGUAGE.sub("", inline["code"])) or " " in inline["code"].strip()):
            found.append(_block(_LANGUAGE.sub("", inline["code"]), _above(lines, at, before), ""))
            at = before = at + 1
        elif end := _fence(lines, at, good, longest, budget):
            found.append(_made(lines, at, end, before))
            at = before = max(end[0] + 1, at + 1)
        else:
            at += 1
    return found


def _parted(line: str) -> list[str]:
    """A line that ends in an opening fence, as the words and the fence."""
    at = line.rfind("```")
    if at <= 0 or len(line) - at > 20 or not line[:at].strip() or "`" in line[:at]:
        return [line]
    found = _LATE.match(line, at)
    return [line[:at], found[1]] if found else [line]


def outside(text: str, inner: list[Block]) -> str:
    """A text without the code of these blocks."""
    for block in inner:
        text = text.replace(block.code, "", 1) if block.code.strip() else text
    return text


_End = tuple[int, bool, str]  # line of the closing mark (or one past the last), whether there is one, code before it


def _fence(lines: list[str], at: int, good: Good | None, longest: bool, budget: _Budget) -> _End | None:
    opened, tag = _FENCE.match(lines[at]), _TAG.match(lines[at])
    if opened and "`" in opened["info"]:
        return None
    if not opened:
        budget.tags -= bool(tag)
        if not tag or budget.tags < 0:
            return None
    marks = _ends(lines, at, opened["mark"]) if opened else _tag_ends(lines, at, tag["tag"]) if tag else ()
    ends = _some(marks, longest)
    if tag and not ends:
        return None
    if (good and len(ends) > 1) or (ends and ends[0][2]):
        for end in ends:
            code = _inner(lines, at, end)
            if not code.strip() or (good and budget.spend() and good(code)):
                return end
    ends = [end for end in ends if not end[2].strip()] or ends
    return ends[0] if ends else (len(lines), False, "")


def _some(ends: Iterable[_End], longest: bool) -> list[_End]:
    if longest:
        return [*ends][::-1][:_TRIES]
    return [end for end, _ in zip(ends, range(_TRIES), strict=False)]


def _ends(lines: list[str], at: int, mark: str) -> Iterator[_End]:
    closing = re.compile(rf"[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if mark[:3] not in line:
            continue
        if closing.match(line):
            yield number, True, ""
        elif line.rstrip().endswith(mark) and not _FENCE.match(line):
            yield number, True, line.rstrip().removesuffix(mark)


def _tag_ends(lines: list[str], at: int, tag: str) -> Iterator[_End]:
    closing = re.compile(rf"(?P<code>.*?)[\[<]/{re.escape(tag)}[\]>]\s*$", re.IGNORECASE)
    for number in range(at + 1, len(lines)):
        if "/" in lines[number] and (found := closing.match(lines[number])):
            yield number, True, found["code"]


def _inner(lines: list[str], at: int, end: _End) -> str:
    inner = lines[at + 1 : end[0]] + ([end[2]] if end[2].strip() else [])
    margin = indent(lines[at])
    if margin and all(line.startswith(margin) or not line.strip() for line in inner):
        inner = [line.removeprefix(margin) for line in inner]
    return "\n".join(inner)


def _made(lines: list[str], at: int, end: _End, before: int) -> Block:
    opened, tag = _FENCE.match(lines[at]), _TAG.match(lines[at])
    info = opened["info"].strip() if opened else (tag["rest"] or "").strip() if tag else ""
    code = _inner(lines, at, end)
    if _CODE.match(_LANGUAGE.sub("", info)):
        code, info = f"{_LANGUAGE.sub('', info)}\n{code}", ""
    return _block(code, _above(lines, at, before), info, end[1])


def _above(lines: list[str], at: int, before: int) -> tuple[str, ...]:
    """Up to three full lines above a fence, nearest first, none of them part of another block."""
    above = [line for line in reversed(lines[max(before, at - 6) : at]) if line.strip()]
    return tuple(above[:3])


def _block(code: str, above: tuple[str, ...], info: str, closed: bool = True) -> Block:
    words = re.split(r"[\s:{(]", info, maxsplit=1)
    first = next((line for line in plain(code[:1000]) if line.strip()), "")
    inner = (first,) if is_name(first) and not first.lstrip().startswith(("import", "from", "@")) else ()
    labels = (*((info,) if info else ()), *inner, *above)
    return Block(code, labels, words[0].lower().strip("."), closed, above[0] if above else "")


def bare(text: str, good: Good) -> list[Block]:
    """Runs of code in a text without usable fences, prose and stray fence lines between them left out."""
    kept = "\n".join("" if _FENCE.match(line) and len(line) < 40 else line for line in plain(text))
    runs, names = _runs(kept)
    codes = [run for run in runs if any(map(_CODE.match, plain(run)))]
    spelt = kept.strip().lstrip("\"'") if "\n" not in kept.strip() else kept
    if any(map(_CODE.match, plain(spelt))) and good(kept):
        codes = [kept]
    joined = "\n\n".join(codes)
    if len(codes) > 1 and not all(map(good, codes[:20])) and good(joined):
        codes = [joined]
    ended = is_prose(plain(kept.rstrip())[-1])
    return [Block(code, names, closed=ended or number < len(codes) - 1) for number, code in enumerate(codes[:_MOST])]


def _runs(text: str) -> tuple[list[str], tuple[str, ...]]:
    runs: list[list[str]] = [[]]
    prose: list[str] = []
    for line in plain(text):
        if is_prose(line):
            prose.append(line)
            runs.append([])
        else:
            runs[-1].append(line)
    return ["\n".join(run) for run in runs if any(line.strip() for line in run)], tuple(prose[:3])


def is_prose(line: str) -> bool:
    """Whether a line at the left margin reads like a sentence or a heading and is not code."""
    line = line[:_LONG]
    if not line.isascii() and line[:1].isalpha() and not _STARTS.match(line):
        return True
    if not line.strip() or line[0] in " \t" or not _WORDS.match(line) or line.startswith(("@", "# ")):
        return False
    if not _STARTS.match(line):
        return True
    tail = "\n    pass" if line.rstrip().endswith(":") else ""
    if line.startswith(("def ", "class ", "async ", "@", ")", "]", "}", '"', "'", "else", "elif", "except", "finally")):
        return False
    if line.count(" ") < 3 or re.search(r"[([{,\\]\s*$|\"\"\"|'''", line):
        return False
    try:
        compile(line + tail, "<line>", "exec", dont_inherit=True, flags=0x400)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return not line.startswith("return ")
    return False
