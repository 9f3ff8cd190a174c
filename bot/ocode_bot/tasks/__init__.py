"""The tasks, by the name that commands, branches and trailers give them; each is loaded when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ocode_bot.ground import Ground
    from ocode_bot.means import Means
    from ocode_bot.way import Task

    Make: TypeAlias = Callable[[Means, Ground], Task]


def _fix() -> Make:
    from ocode_bot.fix import make
    from ocode_bot.solvers import load

    load()
    return make


def _todo() -> Make:
    from ocode_bot.tasks.todo.task import make

    return make


def _docstrings() -> Make:
    from ocode_bot.tasks.docstrings.task import make

    return make


def _tests() -> Make:
    from ocode_bot.tasks.tests.task import make

    return make


TASKS: Mapping[str, Callable[[], Make]] = {"fix": _fix, "todo": _todo, "docstrings": _docstrings, "tests": _tests}
TESTLESS = frozenset({"docstrings", "tests"})  # can be done in a project without tests
