"""The command line: parse, call one plain function, leave with its exit code.

Commands import what they need when they run: `ocode --version` and help must cost milliseconds.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ocode_bot import terminal
from ocode_bot.edge import edge
from ocode_bot.version import VERSION
from ocode_tools.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from ocode_bot.report import Report

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, whatever happens.")


class Answer:
    """What `--json` says when a command ends by an error: the report as far as it got, or the error alone."""

    def __init__(self, words: list[str]) -> None:
        options = words[: words.index("--")] if "--" in words else words
        self.wanted = "--json" in options
        self.task = next((word for word in words if not word.startswith("-")), "")
        self._report: Report | None = None

    def report(self) -> Report:
        """The one report of this process."""
        from ocode_bot.report import Report

        self._report = self._report or Report()
        return self._report

    def failed(self, kind: str, message: str) -> None:
        """Print the document of a command that ended by an error."""
        if not self.wanted:
            return
        error = {"kind": kind, "message": message}
        if self.task != "fix":
            terminal.document({"error": error})
            return
        document = self.report().model_dump()
        interrupted = kind == "interrupted"
        document.update(status="interrupted" if interrupted else "error", error=None if interrupted else error)
        terminal.document(document)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="ocode", message="%(prog)s %(version)s")
def cli() -> None:
    """Mends red tests on a branch of small, verified commits.

    \b
    ocode fix                      work on the red tests of HEAD
    ocode accept ocode/fix/...     take the branch
    """


@cli.command()
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
    from ocode_bot.commands.fix import fix_command
    from ocode_bot.job import Request

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
    return fix_command(_here(), os.environ, flags, request, as_json, answer.report())


@cli.command()
@click.argument("branch")
def accept(branch: str) -> int:
    """Take a branch that ocode made: fast-forward, or as changes to the work tree after --dirty.

    Refuses where that would touch what you changed, and prints the undo.

    \b
    Example:
      ocode accept ocode/fix/clamp-1a2b
    """
    from ocode_bot.commands.accept import accept_command

    return accept_command(_here(), branch)


@cli.command()
@click.argument("branch")
def reject(branch: str) -> int:
    """Delete a branch that ocode made, and print the undo.

    \b
    Example:
      ocode reject ocode/fix/clamp-1a2b
    """
    from ocode_bot.commands.accept import reject_command

    return reject_command(_here(), branch)


@cli.command()
@JSON
def runs(as_json: bool) -> int:
    """List what was done in this repository, newest first.

    \b
    Example:
      ocode runs --json
    """
    from ocode_bot.commands.history import runs_command

    return runs_command(_here(), os.environ, as_json)


@cli.command()
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

    return show_command(_here(), os.environ, run, as_json)


@cli.command()
@JSON
def config(as_json: bool) -> int:
    """Show each setting, its value and where it comes from.

    \b
    Example:
      ocode config --json
    """
    from ocode_bot.commands.config import config_command

    return config_command(_here(), os.environ, as_json)


@cli.command()
@click.option("--edit", metavar="NAME", help="Copy this prompt to where you may change it, and print the place.")
@click.argument("name", required=False)
def prompts(name: str | None, edit: str | None) -> int:
    """Show what models are told, and let you change it. NAME shows one prompt, without it all are listed.

    \b
    Examples:
      ocode prompts
      ocode prompts fix
      ocode prompts --edit fix
    """
    from ocode_bot.commands.prompts import prompts_command

    return prompts_command(os.environ, name, edit)


@cli.command()
@JSON
def models(as_json: bool) -> int:
    """List the models of the server: context, capabilities, and which one each task would use.

    \b
    Examples:
      ocode models
      OCODE_MODELS_ENDPOINT=http://127.0.0.1:8080 ocode models --json
    """
    from ocode_bot.commands.models import models_command

    return models_command(_here(), os.environ, as_json)


@cli.command()
@JSON
def doctor(as_json: bool) -> int:
    """Check what fix needs: git, Python, tests, sandbox, model server; say what is wrong and what mends it.

    \b
    Example:
      ocode doctor

    Exit: 0 all is well, 1 it works with warnings, 3 fix cannot run.
    """
    from ocode_bot.commands.doctor import doctor_command

    return doctor_command(_here(), os.environ, as_json)


def _here() -> Path:
    from pathlib import Path

    return Path.cwd()


def main() -> None:
    """The console script. Always leaves by `SystemExit`."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them costs more than checking settings
    words = sys.argv[1:]
    answer = Answer(words)
    with edge(answer.failed):
        try:
            code = cli.main(args=words, prog_name="ocode", standalone_mode=False, obj=answer)
        except click.exceptions.Abort:
            raise KeyboardInterrupt from None
        except click.exceptions.NoArgsIsHelpError as problem:
            terminal.talk(problem.format_message())
            raise SystemExit(2) from None
        except click.ClickException as problem:
            raise UsageError(
                f"{problem.format_message()} (ocode {answer.task} --help)".replace(" ocode  --", " ocode --")
            ) from None
        raise SystemExit(code or 0)
