"""The command that writes tests."""

from __future__ import annotations

import os

import click

from ocode_bot.answer import Answer
from ocode_bot.doors.base import JSON, here
from ocode_tools.errors import UsageError


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--uncovered", is_flag=True, help="Units that tests run least of, the lowest first.")
@click.option("--changed", is_flag=False, flag_value="", metavar="[REV]", help="On lines changed since REV (HEAD).")
@click.option("--dirty", is_flag=True, help="Work on the work tree as it is: changes, index, untracked files.")
@click.option("--dry-run", "dry", is_flag=True, help="Do everything but make the branch; show the tests.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N units.")
@click.option("--model", metavar="NAME|none", help="Model for tests; none: recorded values of pure functions only.")
@click.option("--budget", type=float, metavar="SECONDS", help="Wall seconds after the first test run.")
@click.option("--branch", metavar="NAME", help="Full name of the branch to make.")
@JSON
@click.pass_obj
def tests(
    answer: Answer,
    /,
    targets: tuple[str, ...],
    uncovered: bool,
    changed: str | None,
    dirty: bool,
    dry: bool,
    limit: int | None,
    model: str | None,
    budget: float | None,
    branch: str | None,
    as_json: bool,
) -> int:
    """Write tests that notice faults, one commit for each function, on a branch of their own.

    A TARGET is a file, a folder, a glob or path::Qualified.name (a class stands for its methods). What lands runs new
    lines or branches, passes in any order, and fails when the body or a statement of the function is changed.

    \b
    Examples:
      ocode tests src/shop/cart.py::Cart
      ocode tests --uncovered --limit 5
      ocode tests --changed main --model none

    Exit: 0 done or nothing to do, 1 something is left, 2 usage, 3 environment.
    """
    from ocode_bot.commands.task import task_command
    from ocode_bot.request import Request

    if not targets and not uncovered and changed is None:
        raise UsageError("give a TARGET, --uncovered or --changed")
    request = Request(
        targets,
        dirty=dirty or changed == "",
        branch=branch,
        dry=dry,
        limit=limit,
        changed="HEAD" if changed == "" else changed,
        options=frozenset({"uncovered"} if uncovered else ()),
    )
    flags = {"models.tests": model, "tests.budget": budget}
    return task_command("tests", here(), os.environ, flags, request, as_json, answer.report)
