"""What the user wants of the daemon: read anew at each SIGHUP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocode_bot.settings import settings
from ocode_tools import config
from ocode_tools.schema import SCHEMA
from ocode_tools.todos.form import tags_of
from ocode_tools.watching import marks

Say = Callable[[str], None]
REQUIRE = {"OCODE_SANDBOX_LEVEL": "require"}


@dataclass(frozen=True, slots=True)
class Plan:
    """`quiet` in seconds; `hours` as "09:00-18:00"; `load` of each core; `endpoint` is the model server, "" where no
    model is asked; `environ` are variables for each job."""

    marks: tuple[str, ...]
    tags: tuple[str, ...]
    quiet: float
    commits: tuple[str, ...]
    hours: str
    battery: bool
    load: float
    endpoint: str
    prefix: str
    environ: Mapping[str, str]


def read(environ: Mapping[str, str]) -> Plan:
    """The plan by the user's own configuration. Raises UsageError for what is wrong with it.

    A job needs a working sandbox unless the user, not the repository, says that it may do without: TODOs that were
    pulled are somebody else's words.
    """
    loaded = config.require(config.load(SCHEMA, start=None, environ=environ))
    chosen = settings(loaded)
    watch = chosen.watch
    own = loaded.origins["sandbox.level"].source in ("user", "environment")
    return Plan(
        marks=watch.marks,
        tags=marks.tags(watch.marks, tags_of(chosen.todo.tags)),
        quiet=watch.quiet,
        commits=watch.commits,
        hours=watch.hours,
        battery=watch.battery,
        load=watch.load,
        endpoint="" if chosen.models.todo == "none" else chosen.models.endpoint,
        prefix=chosen.branch.prefix,
        environ={} if own else REQUIRE,
    )
