"""What the reading of replies speaks of: targets, refusals, and the parts a reply is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A file that may be edited: its posix path from the repository's top and its present bytes (None: a new file).

    `names` are the dotted names of the functions and classes that were shown and asked for; empty: the whole file.
    """

    path: str
    data: bytes | None
    names: tuple[str, ...] = ()

    @property
    def is_python(self) -> bool:
        """Whether the file is Python, by its name or by its first line."""
        first = (self.data or b"").partition(b"\n")[0]
        return self.path.endswith((".py", ".pyi", ".pyw")) or (first.startswith(b"#!") and b"python" in first)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reply cannot be used, in one line for the report, and what to tell the model, in a sentence or two."""

    reason: str
    tell: str


class Unfit(Exception):
    """One reading of a reply does not work out; `refusal` says why."""

    def __init__(self, reason: str, tell: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(" ".join(reason.split()), tell)


@dataclass(frozen=True, slots=True)
class Block:
    """Code as it stands in the reply.

    `labels` are lines that may name its file, nearest first; `language` is the first word of the fence line;
    `closed` is False where the end of the reply ended it; `lead` is the prose line before it.
    """

    code: str
    labels: tuple[str, ...] = ()
    language: str = ""
    closed: bool = True
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Swap:
    """Lines to find and the lines to put in their place.

    `line` (1-based) and `scope` (a line such as `def f():`) say where, if the reply does; `hunk` marks a piece of a
    diff, whose outer context lines may be dropped; `closed` is False where nothing says that it is complete.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    labels: tuple[str, ...] = ()
    line: int | None = None
    scope: str = ""
    hunk: bool = False
    closed: bool = True


Part = Block | Swap
