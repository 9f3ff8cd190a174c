"""`ocode config`: each setting, its effective value and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ocode_bot import terminal
from ocode_bot.settings import around, rows
from ocode_bot.settings import as_json as described
from ocode_tools.errors import Exit


def config_command(start: Path, environ: Mapping[str, str], as_json: bool) -> Exit:
    """Show the configuration as it is read here; outside a repository, the user's own."""
    chosen, loaded = around(start, environ)
    if as_json:
        terminal.document({"settings": described(chosen, loaded), "error": None})
    else:
        shown = [(row.key, row.value, row.origin, row.help) for row in rows(chosen, loaded)]
        terminal.table(("key", "value", "from", "what it is"), shown)
    return Exit.DONE
