"""A TODO as data, and its name, which does not change when its line does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ocode_tools.todos.grammar import Form

KEY_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Todo:
    """One TODO. `path` from the repository's top; `line` to `last` are 1-based and inclusive, `column` is the 1-based
    character where its tag begins; `ref` is whom or what it names (`TODO(ref)`), `symbol` the dotted name of the
    function or class it belongs to; "" for none.

    `key` is its identity: its words, its symbol, and its number among those that are equal in both, in its file.
    """

    key: str
    path: str
    line: int
    column: int
    last: int
    tag: str
    ref: str
    text: str
    kind: Literal["comment", "docstring"]
    form: Form
    symbol: str

    @property
    def head(self) -> str:
        """The tag with what it names: `TODO(alice)`."""
        return f"{self.tag}({self.ref})" if self.ref else self.tag


class Blame(NamedTuple):
    """The commit that last changed a line (abbreviated, "" for none yet), its author, and its time (seconds since the
    epoch, 0 for none yet)."""

    commit: str = ""
    author: str = ""
    time: int = 0


def words(text: str) -> str:
    """What a text says, whatever its case, spaces and last full stop are."""
    return " ".join(text.casefold().split()).strip(" .:;,-")


def key(said: str, symbol: str, number: int) -> str:
    """The identity of the `number`th TODO (from 0) with these `words` in this symbol: hexadecimal digits."""
    told = "\0".join((said, symbol, str(number)))
    return hashlib.sha1(told.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:KEY_LENGTH]
