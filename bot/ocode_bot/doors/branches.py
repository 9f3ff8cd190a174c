"""Commands that make, take and show branches."""

from __future__ import annotations

import os
from typing import Any

import click

from ocode_bot.answer import Answer
from ocode_bot.doors.base import JSON, here
from ocode_tools.errors import UsageError


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--test-cmd", metavar="CMD", help="Test command, split as a shell would, run without a shell.")
@click.option("--base", metavar="REV", help="Work on this commit instead of HEAD.")
@click.option("--dirty", is_flag=True, help="Work on the work tree as it is: changes, index, untracked files.")
@click.option("--branch", metavar="NAME", help="Full name of the branch to make.")
@click.option("--solvers", metavar="LIST", help="Who proposes edits, in this order: rules,model (the default).")
@click.option("--model", metavar="NAME|none", help="Model for fix; none to do without.")
@click.option("--budget", type=float, metavar="SECONDS", help="Wall seconds after the first test run (300).")
@click.option("--attempts", type=int, metavar="N", help="At most N model replies for each cause (6).")
@click.option("--allow", multiple=True, metavar="GLOB", help="Let protected files that match be changed; repeatable.")
@click.option("--jobs", type=int, metavar="N", help="Proposals judged at a time (one a core, at most 4).")
@click.option("--hooks", is_flag=True, help="Run pre-commit on each proposal, inside the sandbox.")
@JSON
@click.pass_obj
def fix(answer: Answer, /, targets: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """Mend red tests on a branch of its own.

    A TARGET that is a test id or a test file limits which failures count; a source path limits which files may change.
    Your checkout, index, branches and stash are never touched.

    \b
    Examples:
      ocode fix
      ocode fix tests/test_cart.py::test_total src/shop
      ocode fix --dirty --budget 60
      ocode fix --test-cmd "make test" --json

    Exit: 0 done or nothing to do, 1 something is still red, 2 usage, 3 environment.
    """
    from ocode_bot.commands.task import task_command
    from ocode_bot.request import Request

    flags = {
        "tests.command": given["test_cmd"],
        "fix.solvers": given["solvers"] and [word.strip() for word in given["solvers"].split(",")],
        "models.fix": given["model"],
        "fix.budget": given["budget"],
        "fix.attempts": given["attempts"],
        "fix.allow": list(given["allow"]) or None,
        "fix.jobs": given["jobs"],
    }
    if given["test_cmd"] is not None and not given["test_cmd"].strip():
        raise UsageError("--test-cmd is empty; leave it away to have the tests looked for")
    request = Request(targets, given["base"], given["dirty"], given["branch"], given["hooks"])
    return task_command("fix", here(), os.environ, flags, request, as_json, answer.report)


@click.command()
@click.argument("branch")
@click.option("--squash", "how", flag_value="squash", help="As one commit on top of HEAD.")
@click.option("--merge", "how", flag_value="merge", help="By a merge commit.")
@click.option("--rebase", "how", flag_value="rebase", help="Each commit again, on top of HEAD.")
@click.option("--pick", multiple=True, metavar="SHA", help="Only this commit of the branch; repeatable.")
@click.option("--tests/--no-tests", default=None, help="Run the tests on the result, always or never.")
def accept(branch: str, how: str | None, pick: tuple[str, ...], tests: bool | None) -> int:
    """Take a branch that ocode made: fast-forward, or as changes to the work tree after --dirty.

    Refuses where that would touch what you changed, runs the tests on the result where it is not what was seen green,
    and prints the undo.

    \b
    Examples:
      ocode accept ocode/fix/clamp-1a2b
      ocode accept ocode/fix/clamp-1a2b --rebase
      ocode accept ocode/fix/clamp-1a2b --pick 7b85de35
    """
    from ocode_bot.commands.accept import accept_command

    if pick and how:
        raise UsageError(f"--pick and --{how} exclude each other")
    return accept_command(here(), os.environ, branch, "pick" if pick else how, pick, tests)


@click.command()
@click.argument("branch")
@click.option("--why", metavar="TEXT", default="", help="The reason, for you to read later.")
def reject(branch: str, why: str) -> int:
    """Delete a branch that ocode made, and print the undo.

    What it was made for is not offered again until the code that it changes is another.

    \b
    Example:
      ocode reject ocode/fix/clamp-1a2b --why "wrong layer"
    """
    from ocode_bot.commands.accept import reject_command

    return reject_command(here(), os.environ, branch, why)


@click.command()
@JSON
def runs(as_json: bool) -> int:
    """List what was done in this repository, newest first.

    \b
    Example:
      ocode runs --json
    """
    from ocode_bot.commands.history import runs_command

    return runs_command(here(), os.environ, as_json)


@click.command()
@click.argument("run", default="last")
@JSON
def show(run: str, as_json: bool) -> int:
    """Show one run: each proposal, what became of it and why. RUN is an id, its beginning, or "last".

    \b
    Examples:
      ocode show
      ocode show 20260102-0304
    """
    from ocode_bot.commands.history import show_command

    return show_command(here(), os.environ, run, as_json)
