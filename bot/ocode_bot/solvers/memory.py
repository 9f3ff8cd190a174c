"""Project memory: the file in which a project tells its agents what to know."""

from __future__ import annotations

from collections.abc import Callable

from ocode_bot.solvers.question import shorten
from ocode_tools.source import Source

FILES = ("AGENTS.md", "AGENT.md", "CLAUDE.md", "OLLACODE.md")
MOST = 1_600  # characters


def remembered(read: Callable[[str], Source | None]) -> str:
    """The first of the files that there is, cut to its budget, as an appendix to the system prompt; else nothing."""
    for name in FILES:
        source = read(name)
        if source and source.text.strip():
            return f"\nThe project says of itself ({name}):\n\n{shorten(source.text.strip(), MOST)}\n"
    return ""
