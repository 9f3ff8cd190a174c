"""Which rules hold for messages in a repository: our own settings, else those of the checker that it already uses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ocode_tools.messages.base import Policy, default, with_values
from ocode_tools.messages.sources.base import Theirs, WrongError

if TYPE_CHECKING:
    from pathlib import Path


class Found(NamedTuple):
    """The policy and where it comes from ("default" or files); what is wrong with those; what could not be read.

    `problems` are mistakes that somebody should mend, `notes` are rules of others that are not understood here. Each
    is one line.
    """

    policy: Policy
    origin: str
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def policy_of(top: Path | str, environ: Mapping[str, str]) -> Found:
    """The rules at the top of a work tree: `[tool.ocode.message]`, over commitlint's, commitizen's or gitlint's.

    Nothing is executed, nothing above `top` is read but the user's own settings. Never raises for what is in files.
    """
    try:
        names = frozenset(os.listdir(top))
    except OSError:
        names = frozenset[str]()
    policy, origins, problems, notes = default(), list[str](), list[str](), list[str]()
    try:
        theirs = _theirs(top, names)
    except WrongError as error:
        theirs, problems = None, [str(error)]
        policy = policy._replace(learn=False)
    if theirs:
        policy, origins, notes = theirs.policy, [theirs.origin], [*theirs.notes]
    if _own_anywhere(top, names, environ):
        from pathlib import Path  # only here, as what is below: start-up

        from ocode_tools.messages.sources import own

        ours = own.read(policy, Path(top), environ)
        policy, origins = ours.policy, [*ours.places, *origins]
        problems += ours.problems
        notes = [] if ours.chosen else notes
    policy, broken = _compiled(policy)
    return Found(policy, ", ".join(origins) or "default", (*problems, *broken), tuple(notes))


def _own_anywhere(top: Path | str, names: frozenset[str], environ: Mapping[str, str]) -> bool:
    """Whether any of the places that `ocode_tools.config` reads has something to say; it takes its time to load."""
    folder = environ.get("XDG_CONFIG_HOME", "")
    folder = folder if os.path.isabs(folder) else os.path.join(environ.get("HOME") or "~", ".config")
    return (
        ".ocode.toml" in names
        or os.path.exists(os.path.join(folder, "ocode", "config.toml"))
        or any(name.startswith("OCODE_MESSAGE_") for name in environ)
        or ("pyproject.toml" in names and b"ocode" in _bytes(os.path.join(top, "pyproject.toml")))
    )


def _theirs(top: Path | str, names: frozenset[str]) -> Theirs | None:
    """The first checker that the repository has rules for. Raises WrongError for a broken file of it."""
    lint = any("commitlint" in name for name in names) or _says(top, names, "package.json", b'"commitlint"')
    form = any("cz." in name for name in names) or _says(top, names, "pyproject.toml", b"commitizen")
    if not (lint or form or ".gitlint" in names):
        return None
    from pathlib import Path  # only here, as what is below: start-up

    from ocode_tools.messages.sources import commitizen, commitlint, gitlint

    return (
        (commitlint.read(Path(top), names) if lint else None)
        or (commitizen.read(Path(top), names) if form else None)
        or (gitlint.read(Path(top)) if ".gitlint" in names else None)
    )


def _says(top: Path | str, names: frozenset[str], name: str, word: bytes) -> bool:
    return name in names and word in _bytes(os.path.join(top, name))


def _bytes(path: str) -> bytes:
    try:
        if not os.path.isfile(path):  # a pipe would be read for ever
            return b""
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""


def _compiled(policy: Policy) -> tuple[Policy, list[str]]:
    """The policy without patterns that are none."""
    wrong: list[str] = []
    for name in ("pattern", "issue", "body_pattern"):
        try:
            if text := getattr(policy, name):
                re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            policy = with_values(policy, {name: ""})
            wrong.append(f"message.{name} must be a regular expression: {error}")
    return policy, wrong
