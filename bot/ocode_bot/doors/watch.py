"""Commands about the daemon, its queue and its service."""

from __future__ import annotations

import os

import click

from ocode_bot.doors.base import JSON, here

ALL = click.option("--all", "everything", is_flag=True, help="Of all repositories.")


@click.command()
@click.argument("repositories", nargs=-1, metavar="[REPO]...")
@click.option("--once", is_flag=True, help="Take up what is there now, then leave: for cron and CI.")
@click.option("--poll", is_flag=True, help="Look on a timer, where the file system tells of no changes.")
@click.option("--all", "everything", is_flag=True, help="Take up every new TODO, marked or not.")
@click.option("--log", "log_file", metavar="FILE", help="Write to this file, which is rotated, instead of stderr.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an event; with --once one document.")
def watch(
    repositories: tuple[str, ...], once: bool, poll: bool, everything: bool, log_file: str | None, as_json: bool
) -> int:
    """Resolve TODOs that are marked for ocode as they are saved, each on a branch of its own.

    A mark is TODO(ocode) or AI! (watch.marks). Your checkout, index, branches and stash are never touched.
    SIGHUP reads the configuration anew; SIGTERM ends within 20 s and puts the job under way back.

    \b
    Examples:
      ocode watch
      ocode watch ~/src/shop ~/src/site
      ocode watch --once --json

    Exit: 0 told to stop, or all done; 1 something is left (--once), 2 configuration, 3 environment.
    """
    from ocode_bot.commands.watch import watch_command

    return watch_command(
        here(),
        os.environ,
        repositories,
        once=once,
        poll=poll,
        everything=everything,
        log_file=log_file,
        as_json=as_json,
    )


class _Default(click.Group):
    """A group whose own name lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`ocode jobs --json` is `ocode jobs list --json`."""
        if not args or (args[0].startswith("-") and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Default)
def jobs() -> None:
    """Show and steer what ocode watch does.

    \b
    Examples:
      ocode jobs
      ocode jobs retry 3
      ocode jobs pause
    """


@jobs.command("list")
@ALL
@JSON
def list_jobs(everything: bool, as_json: bool) -> int:
    """List the jobs of this repository, what is paused and what is watched."""
    from ocode_bot.commands.jobs import list_command

    return list_command(here(), os.environ, everything, as_json)


@jobs.command("show")
@click.argument("job")
@JSON
def show_job(job: str, as_json: bool) -> int:
    """Show one job, by its number or key."""
    from ocode_bot.commands.jobs import show_command

    return show_command(os.environ, job, as_json)


@jobs.command()
@click.argument("names", nargs=-1, required=True, metavar="JOB...")
@JSON
def retry(names: tuple[str, ...], as_json: bool) -> int:
    """Do jobs again, whatever became of them."""
    from ocode_bot.commands.jobs import change_command

    return change_command(os.environ, "retry", names, as_json)


@jobs.command()
@click.argument("names", nargs=-1, required=True, metavar="JOB...")
@JSON
def cancel(names: tuple[str, ...], as_json: bool) -> int:
    """Leave jobs alone until somebody asks for them again; one under way ends."""
    from ocode_bot.commands.jobs import change_command

    return change_command(os.environ, "cancel", names, as_json)


@jobs.command()
@ALL
@JSON
def pause(everything: bool, as_json: bool) -> int:
    """Begin no more jobs here; the one under way goes on."""
    from ocode_bot.commands.jobs import pause_command

    return pause_command(here(), os.environ, True, everything, as_json)


@jobs.command()
@ALL
@JSON
def resume(everything: bool, as_json: bool) -> int:
    """Begin jobs here again."""
    from ocode_bot.commands.jobs import pause_command

    return pause_command(here(), os.environ, False, everything, as_json)


@click.group()
def service() -> None:
    """Let systemd or launchd run ocode watch.

    \b
    Examples:
      ocode service install ~/src/shop
      ocode service status
      ocode service uninstall
    """


@service.command("install")
@click.argument("repositories", nargs=-1, metavar="[REPO]...")
def install_service(repositories: tuple[str, ...]) -> int:
    """Install and start the service for these repositories, by default the one here."""
    from ocode_bot.commands.service import install_command

    return install_command(here(), os.environ, repositories)


@service.command("uninstall")
def uninstall_service() -> int:
    """Stop the service and remove its file."""
    from ocode_bot.commands.service import uninstall_command

    return uninstall_command(os.environ)


@service.command("status")
@JSON
def service_status(as_json: bool) -> int:
    """Say whether the service is installed and runs."""
    from ocode_bot.commands.service import status_command

    return status_command(os.environ, as_json)
