"""The scripts that git starts: which hooks there are, the text of each, and knowing our own again.

Line 2 of a script names the hook, the version of the format and the SHA-256 of all that follows, so that a script of
ours that somebody changed is told from one that an older version wrote. How git calls them: githooks(5).
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FORMAT = 1
BEFORE = ".before-ocode"
"""What the name of a hook that was there before ours gets at its end."""
_HEAD = re.compile(rb"#!/bin/sh\n# ocode hook ([a-z-]+) ([0-9]+) ([0-9a-f]{64})\n")
_PYTHON = re.compile(rb"^python=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook of ours: the module whose `main` it calls, the file beside this one that decides before Python, and the
    program that does the same where it is not `ocode-` and the hook's name."""

    module: str
    gate: str = ""
    program: str = ""


HOOKS: Mapping[str, Hook] = {
    "prepare-commit-msg": Hook("ocode_hooks.prepare_commit_msg", "gate.sh"),
    "commit-msg": Hook("ocode_hooks.commit_msg"),
}
OPTIONAL: Mapping[str, Hook] = {
    "post-commit": Hook("ocode_hooks.queue", "spool.sh", "ocode-queue"),
    "post-merge": Hook("ocode_hooks.queue", "spool.sh", "ocode-queue"),
}
"""Those that are only installed where they are asked for by name."""
EVERY: Mapping[str, Hook] = {**HOOKS, **OPTIONAL}


def program(name: str) -> str:
    """The program that does what the hook `name` does."""
    return EVERY[name].program or f"ocode-{name}"


@dataclass(frozen=True, slots=True)
class Ours:
    """A script of ours as it was found; `intact` unless somebody changed it, `python` the interpreter it starts."""

    name: str
    format: int
    intact: bool
    python: str


def render(name: str, python: str) -> bytes:
    """The script of the hook `name` for the interpreter at the absolute path `python`."""
    hook, here = EVERY[name], Path(__file__).parent
    words = {
        "@NAME@": name,
        "@MODULE@": hook.module,
        "@PYTHON@": shlex.quote(python),
        "@GATE@\n": (here / hook.gate).read_text(encoding="utf-8") + "\n" if hook.gate else "",
    }
    text = (here / "hook.sh").read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(word, value)
    body = text.encode("utf-8", "surrogateescape")
    return b"#!/bin/sh\n# ocode hook %s %d %s\n%s" % (name.encode(), FORMAT, _sum(body), body)


def recognise(data: bytes) -> Ours | None:
    """What a hook's text says of itself; None when it is not one of ours."""
    head = _HEAD.match(data)
    if not head:
        return None
    body = data[head.end() :]
    found = _PYTHON.search(body)
    python = _unquoted(found[1].decode("utf-8", "surrogateescape")) if found else ""
    return Ours(head[1].decode(), int(head[2]), head[3] == _sum(body), python)


def _sum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text))
    except ValueError:
        return ""
