"""The one tree of errors that a user sees: one clean line each, and an exit code with it."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

Kind = Literal["usage", "environment", "unexpected"]


class Exit(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    REMAINS = 1
    USAGE = 2
    ENVIRONMENT = 3
    UNEXPECTED = 70
    INTERRUPTED = 130


class OcodeError(Exception):
    """Something the user can act on; its text is one line that names the next step."""

    kind: Kind = "unexpected"
    exit = Exit.UNEXPECTED


class UsageError(OcodeError):
    """The command line or the configuration is wrong."""

    kind: Kind = "usage"
    exit = Exit.USAGE


class SetupError(OcodeError):
    """What the job needs is not here: a repository, tests, a tool, room on the disk."""

    kind: Kind = "environment"
    exit = Exit.ENVIRONMENT


class RefusedError(OcodeError):
    """A request that would disturb the user's work; nothing was changed."""

    kind: Kind = "usage"
    exit = Exit.REMAINS
