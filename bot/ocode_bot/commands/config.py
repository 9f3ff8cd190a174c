"""`ocode config`: each setting, its effective value and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ocode_bot import terminal
from ocode_bot.settings import as_json as described
from ocode_bot.settings import rows, settings
from ocode_tools import config, repository
from ocode_tools.errors import Exit, SetupError
from ocode_tools.schema import SCHEMA


def config_command(start: Path, environ: Mapping[str, str], as_json: bool) -> Exit:
    """Show the configuration as it is read here; outside a repository, the user's own."""
    try:
        top = repository.find(start).top
    except SetupError:
        top = None
    loaded = config.require(config.load(SCHEMA, start=top, environ=environ))
    chosen = settings(loaded)
    if as_json:
        terminal.document({"settings": described(chosen, loaded), "error": None})
    else:
        shown = [(row.key, row.value, row.origin, row.help) for row in rows(chosen, loaded)]
        terminal.table(("key", "value", "from", "what it is"), shown)
    return Exit.DONE
