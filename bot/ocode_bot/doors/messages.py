"""Commands about commit messages and git hooks."""

from __future__ import annotations

import os

import click

from ocode_bot.doors.base import JSON, here


@click.command()
@click.option("--staged", is_flag=True, help="Draft for what is staged (the default).")
@click.argument("commits", required=False, metavar="[REV | A..B]")
@click.option("--hint", metavar="TEXT", help="What the message should say; told to the model.")
@click.option("--candidates", type=click.IntRange(1, 9), default=1, metavar="N", help="Up to N drafts (1).")
@click.option("--model", metavar="NAME|none", help="Model for the draft; none for rules alone.")
@JSON
def message(
    staged: bool, commits: str | None, hint: str | None, candidates: int, model: str | None, as_json: bool
) -> int:
    """Draft a commit message for what is staged, a commit, or a range. Never commits.

    \b
    Examples:
      ocode message
      ocode message HEAD --model none
      ocode message main..feature --json

    Exit: 0 a draft, 1 none, 2 usage or nothing to describe, 3 environment.
    """
    from ocode_bot.commands.message import message_command

    return message_command(here(), os.environ, staged, commits, hint or "", candidates, model, as_json)


@click.command()
@click.option("-a", "--all", "everything", is_flag=True, help="Stage changed and deleted files first, as git does.")
@click.option("-s", "--signoff", is_flag=True, help="Add Signed-off-by.")
@click.option("-S", "--gpg-sign", is_flag=True, help="Sign the commit.")
@click.option("-n", "--no-verify", is_flag=True, help="Skip the pre-commit and commit-msg hooks.")
@click.option("--yes", is_flag=True, help="Take the draft without the editor.")
@click.option("--hint", metavar="TEXT", help="What the message should say; told to the model.")
@click.option("--model", metavar="NAME|none", help="Model for the draft; none for rules alone.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def commit(
    everything: bool,
    signoff: bool,
    gpg_sign: bool,
    no_verify: bool,
    yes: bool,
    hint: str | None,
    model: str | None,
    paths: tuple[str, ...],
) -> int:
    """Draft a message and commit through git itself, so that every hook runs.

    \b
    Examples:
      ocode commit
      ocode commit -a --yes
      ocode commit -s src/cart.py

    Exit: git's own; 1 where there is no draft, 2 for nothing to commit.
    """
    from ocode_bot.commands.commit import commit_command

    chosen = {"-a": everything, "-s": signoff, "-S": gpg_sign, "-n": no_verify}
    options = [option for option, given in chosen.items() if given]
    return commit_command(here(), os.environ, options, paths, yes, hint or "", model)


@click.command()
@click.argument("file", required=False)
@click.option("--range", "commits", metavar="A..B", help="Check the messages of these commits instead of a file.")
@click.option("--strict", is_flag=True, help="Exempt nothing: merges, reverts and fixups are checked too.")
@JSON
def check(file: str | None, commits: str | None, strict: bool, as_json: bool) -> int:
    """Check a commit message: a FILE as git hands it to the commit-msg hook, or those of commits.

    \b
    Examples:
      ocode check .git/COMMIT_EDITMSG
      ocode check --range origin/main..HEAD --strict

    Exit: 0 good, 1 a message is refused, 2 usage or configuration, 3 unreadable.
    """
    from ocode_bot.commands.check import check_command

    return check_command(here(), os.environ, file, commits, strict, as_json)


@click.group()
def hooks() -> None:
    """Install, remove and look at ocode's git hooks.

    \b
    Examples:
      ocode hooks install
      ocode hooks status
      ocode hooks uninstall
    """


@hooks.command()
@click.option("--hook", "names", multiple=True, metavar="NAME", help="This hook only; repeatable.")
def install(names: tuple[str, ...]) -> int:
    """Install prepare-commit-msg (drafts) and commit-msg (checks) where git looks for hooks.

    A hook that is there already is kept and runs first.

    \b
    Examples:
      ocode hooks install
      ocode hooks install --hook commit-msg
    """
    from ocode_bot.commands.hooks import install_command

    return install_command(here(), os.environ, names)


@hooks.command()
@click.option("--hook", "names", multiple=True, metavar="NAME", help="This hook only; repeatable.")
def uninstall(names: tuple[str, ...]) -> int:
    """Remove ocode's hooks and put back what was there before, byte for byte."""
    from ocode_bot.commands.hooks import uninstall_command

    return uninstall_command(here(), os.environ, names)


@hooks.command()
@JSON
def status(as_json: bool) -> int:
    """Say which hooks are installed, where, and whether they would run."""
    from ocode_bot.commands.hooks import status_command

    return status_command(here(), os.environ, as_json)
