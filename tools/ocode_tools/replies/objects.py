"""Replies that are JSON or a tool call: the code in their fields, whatever the fields are called."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import cast

from ocode_tools.replies.base import Block, Part, Swap
from ocode_tools.replies.lines import plain

_PATH = frozenset(
    {
        "path",
        "file",
        "filename",
        "filepath",
        "targetfile",
        "relativepath",
        "name",
        "absolutepath",
        "notebookpath",
        "relativeworkspacepath",
    }
)
_OLD = frozenset(
    {
        "old",
        "oldstring",
        "oldstr",
        "oldtext",
        "oldcode",
        "oldcontent",
        "search",
        "searchtext",
        "searchblock",
        "find",
        "before",
        "original",
        "originalcode",
        "originaltext",
        "from",
        "target",
        "oldlines",
    }
)
_NEW = frozenset(
    {
        "new",
        "newstring",
        "newstr",
        "newtext",
        "newcode",
        "newcontent",
        "replace",
        "replacetext",
        "replacewith",
        "replacement",
        "replaceblock",
        "after",
        "updated",
        "updatedcode",
        "modified",
        "to",
        "fixed",
        "newlines",
    }
)
_CODE = frozenset(
    {
        "code",
        "content",
        "contents",
        "filetext",
        "text",
        "source",
        "newcode",
        "newcontent",
        "replacement",
        "updatedcode",
        "fixedcode",
        "solution",
        "completion",
        "answer",
        "output",
        "result",
        "patch",
        "diff",
        "input",
        "codeedit",
        "function",
        "functioncode",
        "implementation",
        "fix",
        "fixed",
        "body",
        "correctedcode",
        "updatedfunction",
        "newfunction",
        "newsource",
        "newstring",
        "newstr",
        "newtext",
        "value",
        "data",
        "file",
        "updatedcontent",
        "filecontent",
        "script",
    }
)
_TOOL = re.compile(r"</?tool_calls?>|<\|?/?tool_calls?(?:_begin|_end)?\|?>|\[/?TOOL_CALLS?\]|<\|python_tag\|>")
_PARAMETER = re.compile(
    r"<parameter[= ](?:name=)?[\"']?(\w+)[\"']?>[ \t]*\n?(.*?)(?:</parameter>|(?=<parameter[= ]))", re.DOTALL
)
_FIELD = re.compile(
    r"<(path|file_?path|content|file_text|diff|search|replace|(?:old|new)_str(?:ing)?|code)>[ \t]*\n?(.*?)</\1>",
    re.DOTALL,
)
_LOOSE = re.compile(r"[\"'](\w+)[\"']\s*:\s*(\"\"\"|'''|`+|\"|')")
_DEEP, _MOST = 12, 200
_SIGNS = 2_000  # opening signs beyond which tags are not looked for: each may reach to the end of the text
_DECODER = json.JSONDecoder(strict=False)


def readings(text: str) -> Iterator[list[Part]]:
    """Ways to read a text as JSON or as a tool call, best first; nothing where it holds none."""
    text = _TOOL.sub("\n", text)
    if text.lstrip().startswith('"{') and isinstance(inner := _decoded(text.strip()), str):
        text = inner
    values = list(_values(text)) or list(_literals(text))
    parts = [part for value in values for part in _parts(value, ())]
    if not parts and 0 < text.count("<") < _SIGNS:
        parts = _tagged(text)
    if not parts:
        parts = _loose(text)
    if parts:
        yield parts[:_MOST]


def _values(text: str) -> Iterator[object]:
    """The objects and lists of a text that are JSON; control characters in strings are let pass."""
    at, tries = 0, 0
    starts = re.compile(r"[{\[](?=\s*[\"{\[])")
    while (found := starts.search(text, at)) and tries < _MOST:
        tries += 1
        at = found.end()
        for spelt in (text, None):
            body = spelt or _fewer_commas(text, found.start())
            if body is None:
                break
            try:
                value, end = _DECODER.raw_decode(body, found.start() if spelt else 0)
            except (ValueError, RecursionError):
                continue
            at = end if spelt else len(text)
            yield value
            break


def _fewer_commas(text: str, start: int) -> str | None:
    body = re.sub(r",(?=\s{0,80}[}\]])", "", text[start:]) if len(text) < 200_000 else ""
    return body if body and body != text[start:] else None


def _literals(text: str) -> Iterator[object]:
    """A Python dict or list in place of JSON: single quotes, True, triple quotes."""
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end and re.match(r"\{\s*['\"]", text[start : start + 100]):
        try:
            yield ast.literal_eval(text[start : end + 1])
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return


def _parts(value: object, labels: tuple[str, ...], depth: int = 0) -> list[Part]:
    if depth > _DEEP:
        return []
    if isinstance(value, list):
        return [part for item in cast("list[object]", value)[:_MOST] for part in _parts(item, labels, depth + 1)]
    if isinstance(value, dict):
        fields = {str(key): item for key, item in cast("Mapping[object, object]", value).items()}
        return _of_fields(fields, labels, depth)
    return []


def _of_fields(fields: Mapping[str, object], labels: tuple[str, ...], depth: int) -> list[Part]:
    spelt = {re.sub(r"[^a-z]", "", key.lower()): _text(item) for key, item in fields.items()}
    path = next(
        (text for key, text in spelt.items() if key in _PATH and text and "\n" not in text and "." in text), None
    )
    labels = (f"\0{path}",) if path else labels
    old = next((text for key, text in spelt.items() if key in _OLD and text is not None), None)
    new = next((text for key, text in spelt.items() if key in _NEW and text is not None), None)
    if old is not None and old.strip() and new is not None:
        return [Swap(tuple(_body(old)), tuple(_body(new)), labels)]
    codes = [text for key, text in spelt.items() if key in _CODE and text and _is_code(text)]
    found: list[Part] = [Block(codes[-1] if len(codes) == 1 else max(codes, key=len), labels)] if codes else []
    for key, item in fields.items():
        if not found and (text := _text(item)) and re.search(r"\*\*\* Begin Patch|<{5,9} ?[A-Z]|```|(?m:^@@ )", text):
            found.append(Block(text, labels))
        elif isinstance(item, str):
            if item.lstrip()[:1] in ("{", "[") and (inner := _decoded(item)) is not None:
                found += _parts(inner, labels, depth + 1)
            elif not found and _is_code(item) and re.search(r"\b(?:def|class)\s", item):
                named = (f"\0{key}",) if re.fullmatch(r"[\w./-]+\.\w{1,5}", key) else labels
                found.append(Block(item, named))
        elif isinstance(item, dict | list) and not (codes and isinstance(item, list)):
            named = (f"\0{key}",) if re.fullmatch(r"[\w./-]+\.\w{1,5}", key) else labels
            found += _parts(cast("object", item), named, depth + 1)
    return found


def _text(value: object) -> str | None:
    """A field's text; a list of lines counts as one."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        lines = cast("list[object]", value)
        if lines and all(isinstance(line, str) for line in lines):
            return "\n".join(str(line).removesuffix("\n") for line in lines)
    return None


def _decoded(text: str) -> object:
    try:
        return cast("object", json.loads(text, strict=False))
    except (ValueError, RecursionError):
        return None


def _is_code(text: str) -> bool:
    return "\n" in text.strip() or "\\n" in text or bool(re.search(r"\b(?:def|class|import|return)\b|[=(]", text))


def _body(text: str) -> list[str]:
    lines = plain(text)
    return lines[:-1] if len(lines) > 1 and not lines[-1].strip() else lines


def _tagged(text: str) -> list[Part]:
    """Calls spelt as tags: `<parameter=path>` or `<path>`, each with its text."""
    pairs: list[tuple[str, object]] = [(found[1], found[2].removesuffix("\n")) for found in _PARAMETER.finditer(text)]
    pairs = pairs or [(found[1], found[2].removesuffix("\n")) for found in _FIELD.finditer(text)]
    calls: list[dict[str, object]] = [{}]
    for key, value in pairs:
        if key in calls[-1]:
            calls.append({})
        calls[-1][key] = value
    return [part for call in calls for part in _parts(call, ())] if len(calls) <= _MOST else []


def _loose(text: str) -> list[Part]:
    """Fields of what is nearly JSON: quotes inside a text left as they are, or a text in quotes of another kind."""
    fields: dict[str, object] = {}
    at = 0
    for _ in range(20):
        found = _LOOSE.search(text, at)
        if not found:
            break
        closing = re.compile(
            rf"{re.escape(found[2])}\s{{0,80}}(?:,\s{{0,80}}[\"']\w+[\"']\s{{0,80}}:|[}}\]]\s*(?:[}}\]]|`{{3}}|<|\Z))"
        )
        end = closing.search(text, found.end())
        if not end:
            return []
        body = text[found.end() : end.start()]
        if len(found[2]) == 1 and found[2] != "`":
            body = re.sub(r"\\(.)", lambda mark: {"n": "\n", "t": "\t"}.get(mark[1], mark[1]), body, flags=re.DOTALL)
        fields.setdefault(found[1], body.strip("\n"))
        at = end.start() + 1
    return _parts(fields, ()) if fields else []
