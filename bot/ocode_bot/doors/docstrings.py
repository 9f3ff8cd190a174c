"""The command that writes docstrings."""

from __future__ import annotations

import os
from typing import Any

import click

from ocode_bot.answer import Answer
from ocode_bot.doors.base import JSON, here


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--changed", is_flag=False, flag_value="", metavar="[REV]", help="What changed since REV (uncommitted).")
@click.option("--staged", is_flag=True, help="What is staged.")
@click.option("--dirty", is_flag=True, help="Work on the work tree as it is: changes, index, untracked files.")
@click.option("--base", metavar="REV", help="Work on this commit instead of HEAD.")
@click.option("--branch", metavar="NAME", help="Full name of the branch to make.")
@click.option("--dry-run", is_flag=True, help="Show the docstrings, make no branch.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N docstrings.")
@click.option("--model", metavar="NAME|none", help="Model for the words; none to do without.")
@click.option("--skeleton", is_flag=True, help="Where a model has no words, write what analysis knows in one line.")
@click.option("--improve", is_flag=True, help="Also mend docstrings that disagree with the code.")
@click.option("--budget", type=float, metavar="SECONDS", help="Wall seconds after the first test run (600).")
@click.option("--hooks", is_flag=True, help="Run pre-commit on each module, inside the sandbox.")
@JSON
@click.pass_obj
def docstrings(answer: Answer, /, targets: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """Write the docstrings that are missing, on a branch with one commit a module.

    Facts come from analysis, words from a model; nothing but docstrings can change. A TARGET is a file, a folder, a
    glob or path::Qualified.name.

    \b
    Examples:
      ocode docstrings src/shop
      ocode docstrings --changed main --dry-run
      ocode docstrings shop/cart.py::Cart.total
      ocode docstrings --model none --skeleton --limit 20

    Exit: 0 done or nothing to do, 1 something is left, 2 usage, 3 environment.
    """
    from ocode_bot.commands.docstrings import docstrings_command

    return docstrings_command(here(), os.environ, targets, given, as_json, answer.report)
