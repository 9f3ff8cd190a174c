"""Commands that look at branches, send them on, and tidy up."""

from __future__ import annotations

import os
from typing import Any

import click

from ocode_bot.answer import Answer
from ocode_bot.doors.base import JSON, here
from ocode_tools.errors import UsageError


@click.command()
@click.argument("branch", required=False)
@click.option("--html", metavar="FILE", help="Write the branch as one page that needs nothing else.")
@JSON
def review(branch: str | None, html: str | None, as_json: bool) -> int:
    """Show what waits for you; with BRANCH (a part of its name will do) its diffs, verdicts and tests.

    On a terminal each commit is asked about: accept, reject, edit, skip, or show what the model was told.

    \b
    Examples:
      ocode review
      ocode review clamp
      ocode review clamp --html review.html
    """
    from ocode_bot.commands.review import review_command

    if html and as_json:
        raise UsageError("--html and --json exclude each other")
    return review_command(here(), os.environ, branch, html, as_json)


@click.command()
@click.argument("branch")
@click.option("--pr", "open_request", is_flag=True, help="Open a pull or merge request, by gh or glab.")
def push(branch: str, open_request: bool) -> int:
    """Push one branch that ocode made, and nothing else; never over what others did there.

    \b
    Examples:
      ocode push ocode/fix/clamp-1a2b
      ocode push ocode/fix/clamp-1a2b --pr
    """
    from ocode_bot.commands.push import push_command

    return push_command(here(), os.environ, branch, open_request)


@click.command()
@click.argument("branch")
@click.option("--discard", is_flag=True, help="Drop what others committed there.")
@click.option("--model", metavar="NAME|none", help="Model to ask; none to do without.")
@click.option("--budget", type=float, metavar="SECONDS", help="Wall seconds after the first test run.")
@JSON
@click.pass_obj
def refresh(answer: Answer, /, branch: str, discard: bool, as_json: bool, **given: Any) -> int:
    """Make a branch again from HEAD, for the same tests or targets; put it away where nothing is left to do.

    \b
    Examples:
      ocode refresh clamp
      ocode refresh ocode/fix/clamp-1a2b --discard --model none
    """
    from ocode_bot.commands.refresh import refresh_command

    flags = {"models.{task}": given["model"], "{task}.budget": given["budget"]}
    return refresh_command(here(), os.environ, branch, discard, flags, as_json, answer.report)


@click.command()
@JSON
def status(as_json: bool) -> int:
    """Show what runs, what waits for a review, what was left to you, and the limits.

    \b
    Example:
      ocode status --json
    """
    from ocode_bot.commands.status import status_command

    return status_command(here(), os.environ, as_json)


@click.command()
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would go.")
def clean(dry: bool) -> int:
    """Remove what ocode keeps and nobody needs any more: dead workspaces, old runs, snapshots without a branch.

    \b
    Example:
      ocode clean --dry-run
    """
    from ocode_bot.commands.clean import clean_command

    return clean_command(here(), os.environ, dry)
