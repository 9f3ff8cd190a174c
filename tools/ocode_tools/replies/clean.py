"""Code as a reply spells it, made into code that parses: one small repair at a time, only where it does not parse."""

from __future__ import annotations

import ast
import html
import io
import re
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ocode_tools.replies.elision import TEXT
from ocode_tools.replies.fences import is_prose
from ocode_tools.replies.lines import dedented, indent, lookalikes, plain
from ocode_tools.replies.paths import is_name
from ocode_tools.source import TOO_HARD, parse

_NUMBER = re.compile(r"[ \t]*(\d+)(?:[ \t]*[|│:→]|\t|[.)](?=[ \t]|$))[ ]?|[ \t]*L?(\d+):[ ]?")
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.:?|In \[\d+\]:)(?: |$)")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,4}|#x[0-9a-fA-F]{1,4});")
# Full-width signs and the multiplication sign.
_ASCII = str.maketrans(
    "\uff08\uff09\uff0c\uff1a\uff1b\uff1d\uff0b\uff0a\uff0f\uff1c\uff1e\uff3b\uff3d\uff5b\uff5d\uff01\uff0e\u3000\u00d7",
    "(),:;=+*/<>[]{}!. *",
    "",
)
_MORE = {"≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "÷": "/"}
_ESCAPED = re.compile(r"\\(?=[_*\[\]#<>{}()+.!-])")
_HEADER = re.compile(r"[ \t]*(?:async[ \t]+)?(?:def|class)\b.*:[ \t]*(?:#.*)?$")
_LANGUAGE = re.compile(r"(?:python|py|code)3?:?\s*$|%%\w+\s*$", re.IGNORECASE)
_DEFINES = re.compile(r"(?m)^\s*(?:async\s+def|def|class)\s+\w")
_LARGE = 300_000  # characters beyond which only few repairs are tried


@dataclass(frozen=True, slots=True)
class Code:
    """Code that parses: its text at the left margin, its tree, and its lines with the indentation of the reply."""

    text: str
    tree: ast.Module
    raw: tuple[str, ...]


@lru_cache(maxsize=32)
def python(code: str) -> Code | None:
    """Code of a reply as Python, repaired where that makes it parse; None where nothing does."""
    lines = plain(code)
    while lines and (_LANGUAGE.match(lines[0]) or not lines[0].strip() or _names_file(lines[0])):
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    code = "\n".join(lines)
    if found := _parsed(code):
        return found
    together = code
    for repair in _REPAIRS if len(code) <= _LARGE else _REPAIRS[:3]:
        alone = repair(code)
        if alone != code and (found := _parsed(alone)):
            return found
        before, together = together, repair(together)
        if together not in (before, alone) and (found := _parsed(together)):
            return found
    return None


def as_it_stands(code: str) -> bool:
    """Whether code parses without any repair but moving it to the left."""
    return _parsed("\n".join(plain(code))) is not None


def unparsable(code: str) -> str:
    """Why code does not parse, in one line."""
    try:
        parse("\n".join(dedented(plain(code))))
    except TOO_HARD as error:
        what = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        where = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        return " ".join(f"{where}{what}".split())[:200]
    return "it holds HTML entities" if _entities(code) else "it is empty"


def _names_file(line: str) -> bool:
    bare = line.lstrip()
    return len(line) < 300 and is_name(line) and not bare.startswith(("import", "from", "@")) and "(" not in line


def _parsed(code: str) -> Code | None:
    raw = plain(code)
    text = "\n".join(dedented(raw))
    if _entities(text):
        return None
    try:
        tree = parse(text)
    except TOO_HARD:
        return None
    match tree.body:
        case [ast.Expr(value=ast.Constant(value=str(inner)))] if "\n" in inner and _DEFINES.search(inner):
            return _parsed(inner)  # all of it in quotes
        case _:
            return Code(text, tree, tuple(raw))


def _entities(text: str) -> bool:
    """Whether an HTML entity stands among the code, where `a &lt; b` would pass for `a & lt` and `b`."""
    if not _ENTITY.search(text):
        return False
    last: list[str] = ["", ""]
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.string == ";" and last[0] == "&" and last[1] in ("lt", "gt", "amp", "quot", "apos", "nbsp"):
                return True
            last = [last[1], token.string]
    except (SyntaxError, tokenize.TokenError):
        return True
    return False


def _unnumbered(code: str) -> str:
    """Without line numbers, where all full lines have them, or all but the first or the last."""
    lines = plain(code)
    full = [line for line in lines if line.strip()]
    numbers = [_NUMBER.match(line) for line in full]
    if len(full) < 2 or sum(map(bool, numbers)) < len(full) - 1 or not (numbers[0] or numbers[-1]):
        return code
    values = [int(found[1] or found[2]) for found in numbers if found and len(found[0]) < 15]
    if values != sorted(set(values)):
        return code
    return "\n".join(line[found.end() :] if (found := _NUMBER.match(line)) else line for line in lines)


def _unprompted(code: str) -> str:
    lines = plain(code)
    first = next((line.lstrip() for line in lines if line.strip()), "")
    if not first.startswith((">>>", "In [")):
        return code
    return "\n".join(_PROMPT.sub("", line, count=1) for line in lines if _PROMPT.match(line))


def _unescaped(code: str) -> str:
    """Literal backslash-n as line ends, where the text has no real ones."""
    if "\n" in code.strip() or "\\n" not in code:
        return code
    found = re.sub(r"\\(.)", lambda mark: {"n": "\n", "t": "\t", "r": ""}.get(mark[1], mark[1]), code.strip())
    return found.strip("\"'")


def _unescaped_lines(code: str) -> str:
    """The same, where backslash-n inside literals is to stay: only those that a line's code follows."""
    if "\n" in code.strip() or "\\n" not in code:
        return code
    return re.sub(r"\\n(?=[ \\]|$|@|def |class |import |from |async |if |return )", "\n", code.strip()).replace(
        '\\"', '"'
    )


def _plain_blanks(code: str) -> str:
    return (
        code if code.isascii() else re.sub(r"[^\S\t\n\f]", " ", re.sub("[\u200b-\u200d\u2060\ufeff\u00ad]", "", code))
    )


def _plain_signs(code: str) -> str:
    if code.isascii():
        return code
    code = lookalikes(code.replace("…", "\0")).replace("\0", "…").translate(_ASCII)
    for sign, spelt in _MORE.items():
        code = code.replace(sign, spelt)
    return code


def _unmarked(code: str) -> str:
    """Without the backslashes that Markdown puts before signs."""
    return _ESCAPED.sub("", code)


def _unquoted(code: str) -> str:
    """Without the `+` or `>` that every line begins with."""
    lines = plain(code)
    for mark in "+>":
        if all(line.startswith(mark) or not line.strip() for line in lines):
            bare = [line[1:] for line in lines]
            spaced = all(line.startswith(" ") or not line.strip() for line in bare)
            return "\n".join(line[1:] if spaced else line for line in bare)
    return code


def _first_moved(code: str) -> str:
    """With the first line where the rest says it belongs: moved to the left, or to the indentation of its equals."""
    lines = plain(code)
    rest = [indent(line) for line in lines[1:] if line.strip()]
    if not rest:
        return code
    least = min(rest, key=len)
    return "\n".join([(least if len(indent(lines[0])) < len(least) else "") + lines[0].lstrip(), *lines[1:]])


def _commented(code: str) -> str:
    """With lines that stand for code as comments, and bodies that hold nothing but comments as stubs."""
    lines: list[str] = []
    for line in plain(code):
        bare = line.strip()
        told = bare[:3] == "..." or bare[:1] in "…[(" or bare[-3:] == "..."
        prose = told and TEXT.search(bare) and "=" not in bare and not bare.startswith("#")
        lines.append(f"{indent(line)}# {bare}" if prose else line.replace("…", "...") if bare == "…" else line)
    out: list[str] = []
    for number, line in enumerate(lines):
        out.append(line)
        if _HEADER.match(line):
            body = next((later for later in lines[number + 1 :] if _is_code(later)), "")
            inner = next((later for later in lines[number + 1 : number + 2] if later.strip()), "")
            if len(indent(body)) <= len(indent(line)) and inner.lstrip().startswith("#"):
                out.append(f"{indent(line)}    ...")
    return "\n".join(out)


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _without_prose(code: str) -> str:
    """Up to the first sentence at the left margin, from the last one that stands before all code."""
    lines = plain(code)
    while lines and (not lines[0].strip() or is_prose(lines[0])):
        del lines[0]
    end = next((number for number, line in enumerate(lines) if is_prose(line)), len(lines))
    if any(line.strip() and not is_prose(line) for line in lines[end:]):
        return code  # code, prose and code again: several runs, which are told apart elsewhere
    return "\n".join(lines[:end]).rstrip()


_REPAIRS: tuple[Callable[[str], str], ...] = (
    _unquoted,
    _unnumbered,
    _plain_blanks,
    _unprompted,
    _unescaped,
    _unescaped_lines,
    html.unescape,
    _plain_signs,
    _first_moved,
    _commented,
    _without_prose,
    _unmarked,
)
