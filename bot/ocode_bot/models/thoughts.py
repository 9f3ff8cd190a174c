"""Telling what a model thought from what it answers, where the server did not."""

from __future__ import annotations

from typing import Literal

OPEN, CLOSE = "<think>", "</think>"


def split(content: str, thought: str) -> tuple[str, str]:
    """The answer in `content`, and all thinking: `thought` (what the server itself told apart) and what is in
    `content`: one `<think>` block that it begins with, or all up to a stray `</think>`.

    A stray tag inside a fenced block is code, and where the server told thinking apart it is text.
    """
    start = content.lstrip()
    if start.startswith(OPEN):
        inside, closed, rest = start[len(OPEN) :].partition(CLOSE)
        return (rest.lstrip("\n") if closed else ""), thought + inside
    before, closed, rest = content.partition(CLOSE)
    if closed and not thought and before.count("```") % 2 == 0:
        return rest.lstrip("\n"), before
    return content, thought


class Kind:
    """Of which kind the next piece of content is, as far as can be known while it comes."""

    def __init__(self) -> None:
        self._start = ""
        self._state: Literal["start", "thinking", "text"] = "start"

    def of(self, content: str) -> Literal["text", "thinking"]:
        """`thinking` inside a block at the very beginning (its last tag included)."""
        if self._state == "text":
            return "text"
        self._start += content
        start = self._start.lstrip()
        if self._state == "start" and len(start) >= len(OPEN):
            self._state = "thinking" if start.startswith(OPEN) else "text"
        if self._state == "thinking":
            if CLOSE in start:
                self._state = "text"
            else:
                self._start = start[-len(CLOSE) - len(OPEN) :]
            return "thinking"
        return "thinking" if OPEN.startswith(start[: len(OPEN)]) and start else "text"
