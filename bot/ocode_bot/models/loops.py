"""Seeing that a model goes round in circles, long before it reaches its limit of tokens."""

from __future__ import annotations

from collections import deque

# Code repeats itself too: a table of zeros, closing brackets. This is far beyond.
_LINES, _LINE_CYCLE = 50, 20
_TOKENS, _TOKEN_CYCLE = 150, 32
_BLANKS = 4000


class Loops:
    """Takes the words of an answer as they come; `feed` says what is repeated without end, or nothing."""

    def __init__(self) -> None:
        self._lines = _Cycle(_LINE_CYCLE, _LINES)
        self._tokens = _Cycle(_TOKEN_CYCLE, _TOKENS)
        self._line: list[str] = []
        self._blanks = 0

    def feed(self, token: str) -> str | None:
        """What goes round and round with this token, else None."""
        if not token:
            return None
        self._blanks = self._blanks + len(token) if token.isspace() else 0
        if self._blanks > _BLANKS:
            return "blanks"
        if self._tokens.add(token):
            return repr(token[:40])
        *whole, rest = token.split("\n")
        for part in whole:
            line = "".join([*self._line, part])
            self._line = []
            if self._lines.add(line):
                return f"the line {line.strip()[:40]!r}"
        self._line.append(rest)
        return None


class _Cycle:
    """Counts, for each length of a cycle up to `longest`, how many items in a row are as the one a cycle ago."""

    def __init__(self, longest: int, times: int) -> None:
        self._last: deque[str] = deque(maxlen=longest)
        self._runs = [0] * longest
        self._times = times

    def add(self, item: str) -> bool:
        """Whether the last items are one cycle, `times` times over."""
        for back, before in enumerate(reversed(self._last)):
            self._runs[back] = self._runs[back] + 1 if before == item else 0
        self._last.append(item)
        return any(run >= (back + 1) * (self._times - 1) for back, run in enumerate(self._runs))
