"""Lines out of the bytes of a stream: NDJSON, and server-sent events."""

from __future__ import annotations

from ocode_bot.models.base import Failed

LONGEST = 8 * 1024 * 1024


class Lines:
    """Cuts bytes into lines at `\\n` alone: `str.splitlines` would also cut at U+2028 inside JSON text.

    As no other character of UTF-8 holds that byte, characters that arrive in two parts are whole again.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._buffer = bytearray()
        self._longest = longest

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes, without their ends; raises Failed for one that is too long or not UTF-8."""
        start = len(self._buffer)
        self._buffer += data
        if self._buffer.find(b"\n", start) < 0:
            self._check(len(self._buffer))
            return []
        *whole, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        for line in (*whole, rest):
            self._check(len(line))
        return [_text(line) for line in whole]

    def rest(self) -> list[str]:
        """What came after the last line's end, if anything."""
        last, self._buffer = bytes(self._buffer), bytearray()
        return [_text(last)] if last.strip() else []

    def _check(self, length: int) -> None:
        if length > self._longest:
            raise Failed(f"the server sent a line of more than {self._longest // 1024} KiB")


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise Failed("the server sent text that is not UTF-8") from error


def event(line: str) -> str | None:
    """What one line of server-sent events carries: its data, bare JSON as it is, or None (blank, comment, other)."""
    if line.startswith("data:"):
        return line[5:].strip() or None
    return line.strip() if line.lstrip().startswith("{") else None
