"""The body of a chat request, and asking for less where a server refuses what it does not know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from ocode_bot.models.base import Message
from ocode_bot.models.fields import tables, text

Body: TypeAlias = dict[str, object]

_THINK = re.compile(r"does not support thinking|think value|unmarshal.*think", re.IGNORECASE)
_SCHEMA = re.compile(r"grammar|schema|invalid format|response_format|json_object", re.IGNORECASE)
_ROLES = re.compile(r"\broles?\b.*(alternate|support|must|order)|jinja|chat template|raise_exception", re.IGNORECASE)


def turns(messages: Sequence[Message]) -> list[dict[str, object]]:
    """The messages as a body has them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def eased(body: Body, problem: str) -> tuple[Body, str] | None:
    """A body without what the server refused with `problem`, and a line on it; None if nothing can be left out."""
    if body.get("think") and _THINK.search(problem):
        return {**body, "think": False}, "the model cannot think, asking without"
    for name, plain in (("format", "json"), ("response_format", {"type": "json_object"})):
        if name in body and _SCHEMA.search(problem):
            less = {key: value for key, value in body.items() if key != name}
            if body[name] == plain:
                return less, "the server knows no JSON mode, asking without"
            return {**less, name: plain}, "the server does not take the schema, asking for plain JSON"
    for name in ("chat_template_kwargs", "stream_options"):
        if name in body and name in problem:
            return {key: value for key, value in body.items() if key != name}, f"the server does not know {name}"
    if _ROLES.search(problem):
        folded = _folded(tables(body.get("messages")))
        if folded != body.get("messages"):
            return {**body, "messages": folded}, "the model's template refuses these roles, asking with fewer"
    return None


def _folded(messages: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """The same text by users and assistants in turn alone: a system message becomes the beginning of a user's."""
    folded: list[dict[str, object]] = []
    for message in messages:
        role = "user" if message["role"] == "system" else message["role"]
        if folded and folded[-1]["role"] == role:
            content = f"{text(folded[-1], 'content')}\n\n{text(message, 'content')}"
            folded[-1] = {"role": role, "content": content}
        else:
            folded.append({"role": role, "content": message["content"]})
    return folded
