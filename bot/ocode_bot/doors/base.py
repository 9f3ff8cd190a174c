"""What the doors on the command line share."""

from __future__ import annotations

from pathlib import Path

import click

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, whatever happens.")


def here() -> Path:
    """The folder that the user stands in."""
    return Path.cwd()
