"""A model's reply made into the parts of a commit message, whatever it was wrapped in; or why there is none in it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, cast

from ocode_tools.messages.header import Header, parse_header

# Blocks of tags are thought unless their name says that they hold the answer: models invent new names for thinking.
_SAID = r"(?:commit_?message|commit|message|answer|output|response|result|final_?answer)"
_WRAPPED = re.compile(rf"<({_SAID})>(.*?)(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(r"<(\|?[a-z][a-z0-9_-]*\|?)>.*?</\1>", re.IGNORECASE | re.DOTALL)
_THOUGHT = re.compile(r"<\|begin_of_thought\|>.*?<\|end_of_thought\|>|◁think▷.*?◁/think▷", re.DOTALL)
_CLOSED = re.compile(r"</\|?[a-z][a-z0-9_-]*\|?>|<\|end_of_thought\|>|◁/think▷", re.IGNORECASE)
_OPENED = re.compile(
    r"<\|?(?:think\w*|thought\w*|reason\w*|reflect\w*|analysis|scratchpad|plan)\|?>|<\|begin_of_thought\|>|◁think▷",
    re.IGNORECASE,
)
_FINAL = re.compile(r"<\|channel\|>\s*final[^<]*<\|message\|>")
_MARKS = re.compile(r"<\|[a-z_]+\|>|</?s>", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*$", re.MULTILINE)
_LABEL = re.compile(
    r"(?:\*\*|__|#+ )?(?:the |a |your |suggested |proposed |conventional |git )*"
    r"(?:(?:commit[- ])?(?:subject|title|message|header|summary)(?: line)?|commit|subject)(?:\*\*|__)?\s*:"
    r"(?:\*\*|__)?\s*",
    re.IGNORECASE,
)
_BODY = re.compile(r"(?:\*\*|__|#+ )?(?:body|description|details)(?:\*\*|__)?\s*:(?:\*\*|__)?\s*", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:sure|certainly|of course|okay|ok|absolutely|great|here(?:.s| is| are)|based on|below is|this is"
    r"|the following|i (?:would|have|will|think|suggest)|i'(?:d|ve|ll)|let me|looking at|given the)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\*\*|#+ )?(?:this (?:commit )?(?:message|commit message|subject)|explanation|note|let me know|i hope"
    r"|feel free|the (?:commit )?(?:message|subject|type) |alternatively|if you|please |why this|reasoning"
    r"|breakdown|hope this)\b",
    re.IGNORECASE,
)
_DIFF = re.compile(r"(?:diff --git|index [0-9a-f]{7}|--- [ab/]|\+\+\+ [ab/]|@@ )")
_POINT = re.compile(r"\s*(?:[-*•+]|\d{1,2}[.)])\s+")
_QUOTES = ("`", '"', "'", "**", "__", "*", "“", "«")
_CLOSING = {"“": "”", "«": "»"}
_TRAILER = re.compile(
    r"(?:signed-off-by|co-authored-by|assisted-by|reviewed-by|change-id|generated-by|closes|fixes|refs)\s*:", re.I
)
# What models call the usual types.
_MEANT = {
    "feature": "feat",
    "features": "feat",
    "enhancement": "feat",
    "bugfix": "fix",
    "bug": "fix",
    "hotfix": "fix",
    "doc": "docs",
    "documentation": "docs",
    "tests": "test",
    "testing": "test",
    "performance": "perf",
    "refactoring": "refactor",
    "formatting": "style",
    "deps": "build",
}
# What the fields of a JSON answer may be called, the asked-for name first.
_SUBJECT = ("subject", "title", "summary", "message", "commit_message", "commit", "header", "description", "text")
_POINTS = ("body", "points", "details", "bullets", "changes", "description")


class Answer(NamedTuple):
    """The parts of a message as the model gave them: `type` and `scope` "" where it named none, `points` in order."""

    type: str
    scope: str
    subject: str
    points: tuple[str, ...] = ()
    breaking: bool = False


def read(reply: str, types: Collection[str]) -> Answer | str:
    """The parts of the message in a reply, or in a few words why there are none.

    Thinking under any tag, fences, quotes, labels, lead-ins and afterwords go; of several messages the first counts.
    `types` are those of conventional messages that may be; with none, no line is taken apart.
    """
    said = _said(reply)
    if not said.strip():
        return "an empty answer" if not reply.strip() else "nothing but thoughts"
    reader = _Reader(types)
    for table in _tables(said):
        if found := reader.from_table(table):
            return found
    if said.lstrip().startswith("{"):
        return "JSON that was cut off or holds no subject"
    return reader.from_lines([_bare(line) for line in reader.unfenced(said).splitlines()])


def _said(reply: str) -> str:
    """What is left of a reply without its thoughts."""
    text = reply.replace("\r\n", "\n").replace("\r", "\n")
    if final := [*_FINAL.finditer(text)]:
        text = text[final[-1].end() :]
    if wrapped := [*_WRAPPED.finditer(text)]:
        text = wrapped[-1][2]
    text = _BLOCK.sub("\n", _THOUGHT.sub("\n", text))
    if closed := [*_CLOSED.finditer(text)]:  # its opening tag was part of the prompt
        rest = text[closed[-1].end() :]
        text = rest if rest.strip() else text[: closed[-1].start()]
    if opened := _OPENED.search(text):
        text = text[: opened.start()]
    return _MARKS.sub("", text)


class _Reader:
    """Reads with what is known of the types: only such a line is a header, so that `Note: ...` is none."""

    def __init__(self, types: Collection[str]) -> None:
        self.types = types

    def header(self, line: str) -> Header | None:
        """The parts of a line that begins with a type, by any usual name of it."""
        found = parse_header(_unlisted(line))
        if found and (kind := found.type if found.type in self.types else _MEANT.get(found.type, "")) in self.types:
            return found._replace(type=kind)
        return None

    def unfenced(self, text: str) -> str:
        """The first fenced block that holds a message, else the text without its fence lines."""
        fences = [*_FENCE.finditer(text)]
        blocks = [text[a.end() : b.start()].strip() for a, b in zip(fences[::2], fences[1::2], strict=False)]
        whole = [block for block in blocks if block and not _DIFF.match(block)]
        headed = [block for block in whole if self.header(block.splitlines()[0])]
        outside = _FENCE.sub("", text)
        if headed or (whole and not any(self.header(line) for line in outside.splitlines())):
            return (headed or whole)[0]
        return outside

    def from_lines(self, lines: Sequence[str]) -> Answer | str:
        """The message in lines without wrapping."""
        lines = [line for line in lines if not _TRAILER.match(line.strip())]
        if sum(bool(_DIFF.match(line)) for line in lines) > 1:
            return "the diff said back"
        at = next((n for n, line in enumerate(lines) if self.header(line)), None)
        if at is None:
            at = next((n for n, line in enumerate(lines) if _is_subject(line)), None)
        if at is None:
            return "no line that could be a subject"
        header = self.header(lines[at]) or Header("", "", False, _unlisted(lines[at]))
        points, breaking = self.points(lines[at + 1 :])
        return Answer(header.type, header.scope, header.text, points, header.breaking or breaking)

    def points(self, lines: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        """The paragraphs and points below a subject, up to an afterword or the next message; whether it breaks
        something."""
        found: list[str] = []
        going, breaking = False, False
        for line in lines:
            text = line.strip()
            if _TAIL.match(text) or self.header(line) or re.fullmatch(r"[-*_=]{3,}", text):
                break
            if broken := re.match(r"BREAKING[ -]CHANGE\s*:\s*", text):
                breaking, text = True, text[broken.end() :]
            text = _BODY.sub("", text, count=1) if _BODY.match(text) else text
            if not text or _DIFF.match(text):
                going = False
            elif _POINT.match(line):
                found.append("- " + _POINT.sub("", line, count=1).strip())
                going = True
            elif going:
                found[-1] += " " + text
            elif not _LEAD.match(text):
                found.append(text)
                going = True
        return tuple(found), breaking

    def from_table(self, table: dict[str, object]) -> Answer | None:
        """The message in the fields of a JSON object; None where it has no subject."""
        inner = table.get("commit", table.get("message"))
        if isinstance(inner, dict):
            table = _lowered(cast("dict[object, object]", inner))
        name = next((key for key in _SUBJECT if isinstance(table.get(key), str) and str(table[key]).strip()), None)
        if name is None:
            return None
        first, *rest = [line for line in str(table[name]).splitlines() if line.strip()]
        header = self.header(_bare(first)) or Header("", "", False, _bare(first).strip())
        points = next((self.texts(table[key]) for key in _POINTS if key != name and table.get(key)), ())
        more, breaking = self.points(rest)
        kind = _word(table.get("type")).lower()
        return Answer(
            kind if kind in self.types else _MEANT.get(kind, "") or header.type,
            _word(table.get("scope")) or header.scope,
            header.text,
            points or more,
            header.breaking or breaking or table.get("breaking") is True,
        )

    def texts(self, value: object) -> tuple[str, ...]:
        """The points of a JSON field: a list of texts, or one text of several lines."""
        if isinstance(value, str):
            return self.points(value.splitlines())[0]
        items = cast("list[object]", value) if isinstance(value, list) else []
        texts = [" ".join(item.split()) for item in items if isinstance(item, str) and item.strip()]
        return tuple(text if _POINT.match(text) or len(texts) == 1 else f"- {text}" for text in texts)


def _bare(line: str) -> str:
    """A line without its label and the quotes around it."""
    text = re.sub(r"^#{1,6} ", "", line.strip())
    for _ in range(3):
        before = text
        text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
        for mark in _QUOTES:
            end = _CLOSING.get(mark, mark)
            inside = text[len(mark) : -len(end)]
            if inside and text.startswith(mark) and text.endswith(end) and mark not in inside and end not in inside:
                text = inside.strip()
        if text == before:
            break
    return line.rstrip() if text == line.strip() else text


def _unlisted(line: str) -> str:
    """A line without a bullet or number before it."""
    return _bare(_POINT.sub("", line, count=1)).strip()


def _is_subject(line: str) -> bool:
    text = _unlisted(line)
    return bool(re.search(r"\w", text)) and not (_LEAD.match(text) or _TAIL.match(text) or text.endswith(":"))


def _tables(text: str) -> Iterator[dict[str, object]]:
    """Each JSON object in a text."""
    decoder, at = json.JSONDecoder(strict=False), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(value, dict):
            yield _lowered(cast("dict[object, object]", value))
        at = end


def _lowered(table: dict[object, object]) -> dict[str, object]:
    return {str(key).lower(): value for key, value in table.items()}


def _word(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if text.lower() in ("none", "null", "n/a", "-", "empty") else text
