"""What changed between a few old and new lines of any language, in an imperative phrase."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocode_tools.changes.points import Found

_TOKEN = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`|[A-Za-z_$@][\w$]*(?:[.\-:/][\w$]+)*|\d[\w.]*|===|!==|[<>=!]=|=>|->|&&|\|\||\?\?|::|\S"
)
_COMPARES = frozenset({"<", "<=", ">", ">=", "==", "!=", "===", "!=="})
_COMMENT = re.compile(
    r"^\s*(//|#(?!\[|!\[|include|define|if|endif|else|pragma)|/?\*+(\s|/|$)|--\s|;|<!--|\"\"\"|%\s)|^\s*$"
)
_GUARD = re.compile(
    r"^\s*(?:\}\s*)?(?:else\s+)?if\b\s*\(?(.*?)\)?\s*[{:]?\s*(?:return\b.*|throw\b.*|continue;?|break;?)?$"
)
_FIELD = re.compile(r"""^\s*(?:readonly\s+|public\s+|pub\s+)?["']?([A-Za-z_$][\w$-]*)["']?\??\s*[:=](?![:=])""")
_SHORT = 36


def comments_only(lines: Sequence[str]) -> bool:
    """Whether lines hold nothing but comments and blanks, in one of the common notations."""
    return all(_COMMENT.match(line) for line in lines)


def squeezed(lines: Sequence[str]) -> str:
    """Lines without what formatters change: spaces, quotes, closing commas, semicolons, round brackets."""
    text = re.sub(r"\s+", "", "".join(lines)).replace("'", '"').replace(";", "")
    return re.sub(r",(?=[)\]}])|[()]", "", text)


def phrase(old: Sequence[str], new: Sequence[str]) -> Found | None:
    """The most telling thing about one hunk; None where nothing can be said."""
    old = [line for line in old if line.strip() and not comments_only([line])]
    new = [line for line in new if line.strip() and not comments_only([line])]
    if not new:
        return _gone(old)
    if not old:
        return _come(new)
    if max(len(old), len(new)) <= 12:
        return _swapped(" ".join(old), " ".join(new)) or _come([line for line in new if line not in old])
    return _come([line for line in new if line not in old])


def _gone(old: Sequence[str]) -> Found | None:
    first = next((line for line in old if re.search(r"\b(if|throw|raise|panic)\b", line)), "")
    return Found("drop a check", 20, "", "from") if first else None


def _come(new: Sequence[str]) -> Found | None:
    text = "\n".join(new)
    if found := re.search(r"\bthrow\s+(?:new\s+)?([\w.]+)", text):
        return Found(f"throw {found[1]}", 60, "fix")
    if re.search(r"^\s*(try\b|\}?\s*catch\b|rescue\b)", text, re.MULTILINE):
        return Found("handle errors", 58, "fix")
    guard = next((found for line in new if (found := _GUARD.match(line))), None)
    if guard:
        test = guard[1].strip()
        early = re.search(r"\breturn\b", text)
        word = "return early" if early else "check"
        if 0 < len(test) <= 28:
            return Found(f"{word} if {test}" if early else f"check {test}", 50, "fix")
        names = [word for word in re.findall(r"[A-Za-z_$][\w$.]*", test) if word not in ("typeof", "not", "err", "nil")]
        return Found(f"check {names[0]}", 44, "fix") if names else None
    if found := re.search(r"\bawait\s+([\w.]+)\(", text):
        return Found(f"await {found[1].rpartition('.')[2]}", 40)
    if (
        len(new) <= 3
        and (found := re.match(r"\s*([\w.]+)\(", new[0]))
        and found[1] not in ("if", "for", "while", "switch", "return")
    ):
        return Found(f"call {found[1].rpartition('.')[2]}", 35)
    field = _FIELD.match(new[0])
    return Found(f"add {field[1]}", 33, "", "to") if field else None


def _swapped(old: str, new: str) -> Found | None:
    """A phrase where one stretch of tokens was replaced, added or taken out."""
    first, second = _TOKEN.findall(old), _TOKEN.findall(new)
    if sorted(first) == sorted(second):
        return Found("change the order", 32)
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    gone, come = first[start : len(first) - end], second[start : len(second) - end]
    if len(gone) == len(come) > 1:
        pairs = {(a, b) for a, b in zip(gone, come, strict=True) if a != b}
        if len(pairs) == 1:
            ((one, other),) = pairs
            gone, come = [one], [other]
    if len(gone) == len(come) == 1:
        return _one(gone[0], come[0])
    before = second[start - 1] if start else ""
    if not gone and come:
        return _inserted(come, before, second, start)
    if not come and gone and len(" ".join(gone)) <= _SHORT and re.match(r"[\w\"'`]", gone[0]):
        return Found(f"drop {gone[0].strip('.')}", 22)
    return None


def _one(old: str, new: str) -> Found | None:
    if new in _COMPARES and old in _COMPARES:
        return Found(f"compare with {new}", 70, "fix")
    if new in ("&&", "||", "??") and old in ("&&", "||", "??"):
        return Found(f"use {new} instead of {old}", 65, "fix")
    if old[0] in "\"'`" and new[0] in "\"'`":
        if " " in old and " " in new:
            return Found("reword the message", 20)
        return (
            Found(f"use {new} instead of {old}" if len(old + new) <= _SHORT else f"use {new}", 45)
            if len(new) <= _SHORT
            else None
        )
    if len(old + new) <= 44 and re.match(r"[\w$@]", new) and re.match(r"[\w$@]", old):
        short = _tail(old, new)
        return Found(f"use {short[1]} instead of {short[0]}", 48)
    return (
        Found(f"use {new} instead of {old}", 30)
        if not re.match(r"[(){}\[\],;:]", old + new) and len(old + new) < 24
        else None
    )


def _tail(old: str, new: str) -> tuple[str, str]:
    """Two dotted names without the objects that they share."""
    first, second = old.split("."), new.split(".")
    while len(first) > 1 and len(second) > 1 and first[0] == second[0]:
        first, second = first[1:], second[1:]
    return ".".join(first), ".".join(second)


def _inserted(come: Sequence[str], before: str, tokens: Sequence[str], start: int) -> Found | None:
    text = " ".join(come)
    if come[0] == "await" or (len(come) == 1 and come[0] == "await"):
        name = tokens[start + 1] if start + 1 < len(tokens) else ""
        return Found(f"await {name.rpartition('.')[2]}", 60, "fix")
    words = [word for word in come if re.match(r"[A-Za-z_$\"'`]", word)]
    if not words:
        return None
    if come[0] in ("&&", "and") or come[-1] in ("&&", "and"):
        return Found(f"check {words[0]}", 50, "fix")
    if come[0] in ("||", "or", "??") or come[-1] in ("||", "or"):
        return Found(f"accept {words[0]}" if come[0] != "??" else f"default to {words[0]}", 46, "fix")
    if come[0] == "," or come[-1] == ",":
        called = _called(tokens, start)
        return Found(f"pass {words[0]} to {called}", 50, "fix") if called else Found(f"add {words[0]}", 42, "", "to")
    if len(text) <= _SHORT and len(words) <= 2:
        return Found(f"add {words[0]}", 38, "", "to")
    return None


def _called(tokens: Sequence[str], at: int) -> str:
    """The name before the bracket that is open at a token."""
    depth = 0
    for index in range(at - 1, 0, -1):
        if tokens[index] in ")]}":
            depth += 1
        elif tokens[index] in "([{":
            if not depth:
                name = tokens[index - 1]
                return (
                    name.rpartition(".")[2]
                    if tokens[index] == "(" and re.match(r"[A-Za-z_$]", name) and name not in ("if", "for", "while")
                    else ""
                )
            depth -= 1
    return ""
