"""`ocode prompts`: what models are told, and where to change it."""

from __future__ import annotations

from collections.abc import Mapping

from ocode_bot import terminal
from ocode_bot.prompting import PROMPTS, Prompts
from ocode_tools.config import user_folder
from ocode_tools.errors import Exit


def prompts_command(environ: Mapping[str, str], name: str | None, edit: str | None) -> Exit:
    """Copy a prompt for editing, print one, or list them all. Raises `UsageError` for a bad name."""
    prompts = Prompts(user_folder(environ) / "prompts")
    if edit:
        terminal.out(str(prompts.edit(edit)))
    elif name:
        terminal.out(prompts.text(name).rstrip("\n"))
    else:
        rows: list[tuple[str, str, str, str]] = []
        for known, (what, values) in PROMPTS.items():
            own = prompts.file(known)
            rows.append((known, what, ", ".join(values) or "-", str(own) if own.exists() else "built in"))
        terminal.table(("prompt", "what for", "values", "from"), rows)
    return Exit.DONE
