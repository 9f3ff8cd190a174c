"""Commands about TODOs."""

from __future__ import annotations

import os
from typing import Any, Literal

import click

from ocode_bot.answer import Answer
from ocode_bot.doors.base import JSON, here


@click.group()
def todo() -> None:
    """List the TODOs of a repository, and resolve them on a branch.

    \b
    Examples:
      ocode todo list
      ocode todo list src --sort age
      ocode todo resolve src/shop/cart.py
    """


@todo.command("list")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--since", metavar="REV", help="Those only that were not there at this commit.")
@click.option("--changed", is_flag=False, flag_value="HEAD", metavar="[REV]", help="On lines changed since REV (HEAD).")
@click.option("--staged", is_flag=True, help="On staged lines.")
@click.option("--sort", "order", type=click.Choice(["path", "age", "tag"]), default="path", help="Order (path).")
@click.option("--format", "template", metavar="FORMAT", help="Such as '{path}:{line}: {author} {text}'.")
@click.option("--docstrings", is_flag=True, help="Those in docstrings too.")
@click.option("--blame", is_flag=True, help="Ask git who wrote each and when.")
@JSON
def list_todos(
    targets: tuple[str, ...],
    since: str | None,
    changed: str | None,
    staged: bool,
    order: Literal["path", "age", "tag"],
    template: str | None,
    docstrings: bool,
    blame: bool,
    as_json: bool,
) -> int:
    """List TODOs in comments: TODO, FIXME, XXX, HACK, BUG, AI! and the tags of todo.tags.

    A TARGET is a file, a folder, a glob or path::Qualified.name. Fields of FORMAT: key, path, line, column, last, tag,
    ref, head, text, kind, form, symbol, age, author, commit, date.

    \b
    Examples:
      ocode todo list
      ocode todo list src/shop --sort age
      ocode todo list --since main
      vim -q <(ocode todo list)

    Exit: 0 listed, 2 usage or configuration, 3 environment.
    """
    from ocode_bot.commands.todo import Asked, list_command

    asked = Asked(targets, since, changed, staged, order, template, docstrings, blame)
    return list_command(here(), os.environ, asked, as_json)


@todo.command()
@click.argument("targets", nargs=-1, metavar="[TARGET|KEY]...")
@click.option("--changed", is_flag=False, flag_value="", metavar="[REV]", help="On lines changed since REV (HEAD).")
@click.option("--staged", is_flag=True, help="On staged lines.")
@click.option("--prune", is_flag=True, help="Do by rules what the project's requirements have decided.")
@click.option("--dirty", is_flag=True, help="Work on the work tree as it is: changes, index, untracked files.")
@click.option("--dry-run", "dry", is_flag=True, help="Do everything but make the branch; show the diffs.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N TODOs.")
@click.option("--model", metavar="NAME|none", help="Model for TODOs; none: --prune alone.")
@click.option("--budget", type=float, metavar="SECONDS", help="Wall seconds after the first test run.")
@click.option("--branch", metavar="NAME", help="Full name of the branch to make.")
@JSON
@click.pass_obj
def resolve(answer: Answer, /, targets: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """Do what TODOs ask for, one commit each, on a branch of their own.

    A TARGET is a file, a folder, a glob or path::Qualified.name, a KEY what ocode todo list --format '{key}' shows.
    What needs a decision, an outside service or a later date is left, with the reason.

    \b
    Examples:
      ocode todo resolve src/shop/cart.py
      ocode todo resolve --changed main --limit 3
      ocode todo resolve --prune --model none

    Exit: 0 done or nothing to do, 1 something is left, 2 usage, 3 environment.
    """
    from ocode_bot.commands.task import task_command
    from ocode_bot.request import Request

    changed: str | None = given["changed"]
    request = Request(
        targets,
        dirty=given["dirty"] or given["staged"] or changed == "",
        branch=given["branch"],
        dry=given["dry"],
        limit=given["limit"],
        changed="HEAD" if changed == "" else changed,
        staged=given["staged"],
        options=frozenset({"prune"} if given["prune"] else ()),
    )
    flags = {"models.todo": given["model"], "todo.budget": given["budget"]}
    return task_command("todo", here(), os.environ, flags, request, as_json, answer.report)
