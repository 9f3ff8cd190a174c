"""Commands that show how ocode is set up."""

from __future__ import annotations

import os

import click

from ocode_bot.doors.base import JSON, here


@click.command()
@JSON
def config(as_json: bool) -> int:
    """Show each setting, its value and where it comes from.

    \b
    Example:
      ocode config --json
    """
    from ocode_bot.commands.config import config_command

    return config_command(here(), os.environ, as_json)


@click.command()
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


@click.command()
@JSON
def models(as_json: bool) -> int:
    """List the models of the server: context, capabilities, and which one each task would use.

    \b
    Examples:
      ocode models
      OCODE_MODELS_ENDPOINT=http://127.0.0.1:8080 ocode models --json
    """
    from ocode_bot.commands.models import models_command

    return models_command(here(), os.environ, as_json)


@click.command()
@JSON
def doctor(as_json: bool) -> int:
    """Check what fix needs: git, Python, tests, sandbox, model server; say what is wrong and what mends it.

    \b
    Example:
      ocode doctor

    Exit: 0 all is well, 1 it works with warnings, 3 fix cannot run.
    """
    from ocode_bot.commands.doctor import doctor_command

    return doctor_command(here(), os.environ, as_json)
