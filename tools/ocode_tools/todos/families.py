"""All families of languages by name, and the one regular expression that each of them becomes."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ocode_tools.todos import hashes, others, slashes
from ocode_tools.todos.base import Kind, Rule


class Machine(NamedTuple):
    """A family, ready to run. The number of the last group that matched says which of `rules` it was; none: what
    matched tells nothing."""

    pattern: re.Pattern[bytes]
    rules: tuple[Rule, ...]


_BRACKETS: tuple[Kind, ...] = ("open", "close", "stop")
FAMILIES = {family.name: family for family in (*hashes.FAMILIES, *slashes.FAMILIES, *others.FAMILIES)}


@cache
def machine(name: str, *, after: Rule | None = None, brackets: tuple[bytes, bytes, bytes] = (b"", b"", b"")) -> Machine:
    """The family of this name, ready to run: the rules `after` one, or all and `brackets` that open, close and stop."""
    rules = FAMILIES[name].rules
    rules = rules[rules.index(after) + 1 :] if after in rules else rules
    for kind, heads in zip(_BRACKETS, brackets, strict=True):
        rules = (*(Rule(kind, bytes([head])) for head in heads), *rules)
    told = tuple(rule for rule in rules if rule.kind != "string" or rule.handler)
    parts = (re.escape(rule.head) + (b"()" if rule in told else b"") + rule.tail for rule in rules)
    return Machine(re.compile(b"|".join(parts) or b"(?!)", re.DOTALL), told)
