"""What a server says when it fails: one text out of the many shapes of error bodies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocode_bot.models.fields import count, decoded, table, tables, text, texts

_TOO_LONG_TYPES = ("exceed_context_size_error", "context_length_exceeded")
_TOO_LONG = re.compile(
    r"prompt is longer than|exceeds? (the )?(available |maximum |model'?s? )*context|maximum context length"
    r"|exceed context window|context (length|size|window) exceeded|longer than the (maximum )?model length"
    r"|prompt is too long|input is too long",
    re.IGNORECASE,
)
# (the prompt's tokens, the context's), each where that server says it
_NUMBERS = (
    re.compile(r"request \((?P<prompt>\d+) tokens\).*?\((?P<context>\d+) tokens\)"),
    re.compile(r"context length is (?P<context>\d+) tokens.*?requested (?:about )?(?P<prompt>\d+)", re.DOTALL),
    re.compile(r"Requested tokens \((?P<prompt>\d+)\) exceed context window of (?P<context>\d+)"),
    re.compile(r"context length (?:is|of) (?P<context>\d+)"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it was said: `kind` is its type or code; `prompt` and `context` are tokens, 0 where not said."""

    text: str
    kind: str
    prompt: int = 0
    context: int = 0

    @property
    def too_long(self) -> bool:
        """Whether the prompt did not fit."""
        return self.kind in _TOO_LONG_TYPES or bool(_TOO_LONG.search(self.text))


def read(body: str) -> Problem:
    """The error in a body or in one line of a stream; JSON inside the text of JSON is opened."""
    try:
        value = decoded(body)
    except ValueError:
        return _numbered(Problem(one_line(body), ""))
    return _problem(value, 3)


def one_line(body: str, most: int = 300) -> str:
    """`body` fit to be shown: blanks and control characters to one blank, at most `most` characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in body[: 4 * most]).split())
    return flat if len(flat) <= most else flat[: most - 3] + "..."


def is_page(body: str) -> bool:
    """Whether a web page came where JSON was due."""
    return body.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<head", "<?xml"))


def _problem(value: object, depth: int) -> Problem:
    fields = table(value)
    inner = fields.get("error", fields.get("detail"))
    if inside := table(inner):
        return _problem(inside, depth - 1)
    if found := tables(inner):  # FastAPI lists what is wrong with the request
        return Problem(one_line("; ".join(_wrong(row) for row in found)), "")
    said = inner if isinstance(inner, str) else text(fields, "message")
    if depth and said.lstrip().startswith("{"):
        try:
            return _problem(decoded(said), depth - 1)
        except ValueError:
            pass
    kind = next((k for k in (text(fields, "code"), text(fields, "type")) if k in _TOO_LONG_TYPES), text(fields, "type"))
    counts = count(fields, "n_prompt_tokens"), count(fields, "n_ctx")
    return _numbered(Problem(one_line(said), kind, *counts))


def _wrong(row: dict[str, object]) -> str:
    where = ".".join(texts(row.get("loc")))
    return f"{where}: {text(row, 'msg', 'message')}" if where else text(row, "msg", "message")


def _numbered(problem: Problem) -> Problem:
    if problem.prompt or problem.context or not problem.too_long:
        return problem
    for pattern in _NUMBERS:
        if found := pattern.search(problem.text):
            groups = {name: int(value) for name, value in found.groupdict().items()}
            return Problem(problem.text, problem.kind, groups.get("prompt", 0), groups["context"])
    return problem
