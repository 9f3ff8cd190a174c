"""The command line: parse, call one plain function, leave with its exit code.

Commands import what they need when they run: `ocode --version` and help must cost milliseconds.
"""

from __future__ import annotations

import os
import sys

import click

from ocode_bot import terminal
from ocode_bot.answer import Answer
from ocode_bot.doors import branches, docstrings, messages, review, setup, tests, todo, watch
from ocode_bot.edge import edge
from ocode_bot.version import VERSION
from ocode_tools.errors import UsageError

COMMANDS: tuple[click.Command, ...] = (
    branches.fix,
    branches.accept,
    branches.reject,
    review.review,
    review.refresh,
    review.push,
    review.status,
    review.clean,
    branches.runs,
    branches.show,
    messages.message,
    messages.commit,
    messages.check,
    messages.hooks,
    todo.todo,
    docstrings.docstrings,
    tests.tests,
    watch.watch,
    watch.jobs,
    watch.service,
    setup.config,
    setup.prompts,
    setup.models,
    setup.doctor,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="ocode", message="%(prog)s %(version)s")
def cli() -> None:
    """Mends red tests, resolves TODOs, writes docstrings and tests on branches of small, verified commits, and drafts
    commit messages.

    \b
    ocode fix                      work on the red tests of HEAD
    ocode todo resolve             do what TODOs ask for
    ocode review                   look at what waits, accept or reject it
    ocode commit                   commit with a drafted message
    ocode hooks install            draft in the editor that git opens
    ocode watch                    resolve TODOs that name ocode as they are saved
    """


for _command in COMMANDS:
    cli.add_command(_command)


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
