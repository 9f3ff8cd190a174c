"""The one door to the terminal: results on stdout, talk on stderr, colours and live lines only where someone looks."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


def out(text: str) -> None:
    """Print a result."""
    _write(sys.stdout, text + "\n")


def document(value: Any) -> None:
    """Print the one JSON document of a `--json` command."""
    import json  # only here: start-up

    _write(sys.stdout, json.dumps(value, indent=1) + "\n")


def talk(text: str) -> None:
    """Print a line for people that is no result."""
    _write(sys.stderr, text + "\n")


def error(text: str) -> None:
    """Print the line that says why a command ended."""
    _write(sys.stderr, f"ocode: {text}\n")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], to_stderr: bool = False) -> None:
    """Print a table, drawn by rich on a terminal and as aligned plain text elsewhere."""
    stream = sys.stderr if to_stderr else sys.stdout
    if not stream.isatty():
        widths = [max(len(row[n]) for row in [headings, *rows]) for n in range(len(headings) - 1)]
        for row in [headings, *rows] if rows else []:
            _write(
                stream, "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip() + "\n"
            )
        return
    from rich.console import Console  # drawn only for people: rich costs a start-up 60 ms
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(file=stream).print(drawn)


class Progress:
    """One line that says what is going on, rewritten in place on a terminal, printed at changes elsewhere."""

    def __init__(self, quiet: bool = False) -> None:
        self.live = sys.stderr.isatty() and not quiet and os.environ.get("TERM") != "dumb"
        self.quiet = quiet
        self._shown = 0
        self._at = 0.0

    def step(self, text: str) -> None:
        """A new thing begins."""
        if self.live:
            self._show(text)
        elif not self.quiet:
            talk(text)

    def tick(self, text: str) -> None:
        """The same thing goes on; at most ten a second are shown, and none where the line cannot be rewritten."""
        if self.live and time.monotonic() - self._at >= 0.1:
            self._show(text)

    def clear(self) -> None:
        """Remove the live line."""
        if self.live and self._shown:
            _write(sys.stderr, "\r" + " " * self._shown + "\r")
            self._shown = 0

    def _show(self, text: str) -> None:
        width = max(20, _columns() - 1)
        line = text if len(text) <= width else text[: width - 1] + "…"
        _write(sys.stderr, "\r" + line.ljust(self._shown))
        self._shown, self._at = len(line), time.monotonic()


def _columns() -> int:
    with suppress(OSError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    return 80


def _write(stream: Any, text: str) -> None:
    """Write text that may hold undecodable file names to a stream of any encoding."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
