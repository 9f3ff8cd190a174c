"""What a commit message must be, as data, and what a check finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ocode_tools.schema import SCHEMA, Value

CASES = {"any": (), "lower": ("first-lower",), "sentence": ("sentence-case",)}


class Problem(NamedTuple):
    """One rule that a message breaks: its line in the file, what is there, and what would pass.

    All three texts are one printable line; `warning` ones are said but refuse nothing.
    """

    rule: str
    line: int
    found: str
    passes: str
    warning: bool = False


class Policy(NamedTuple):
    """What a message must be. Lengths in characters, 0 for no limit; empty lists and patterns ask for nothing.

    `learn` says that nobody chose the style, so that the log may show that it is plain. The cases are those of
    commitlint (`lower-case`, ...) and `first-lower`; with a `!` before it a case is forbidden, without one of those
    listed is asked for. `pattern` must match the whole first line, its start, or (`reach`) the start of the message.
    `warn` and `off` name rules that only warn or do not count.
    """

    style: Literal["conventional", "plain"] = "conventional"
    learn: bool = True
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    scope: Literal["optional", "required", "never"] = "optional"
    subject_max: int = 0
    subject_min: int = 0
    subject_case: tuple[str, ...] = ()
    full_stop: bool = False
    body: Literal["optional", "required", "never"] = "optional"
    body_max: int = 0
    footer_max: int = 0
    footers: tuple[str, ...] = ()
    issue: str = ""
    sign_off: bool = False
    pattern: str = ""
    versions: bool = False
    exempt: tuple[str, ...] = ()
    warn: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    type_case: tuple[str, ...] = ()
    scope_case: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    endings: str = "."
    body_min: int = 0
    body_pattern: str = ""
    reach: Literal["line", "start", "message"] = "line"


def with_values(policy: Policy, values: Mapping[str, Value]) -> Policy:
    """`policy` with settings of the section `message` over it; they must be right, others are passed over."""
    changes: dict[str, Any] = {name: value for name, value in values.items() if name in Policy._fields}
    if "subject_case" in changes:
        changes["subject_case"] = CASES[changes["subject_case"]]
    if "warn" in changes:
        changes["warn"] = policy.warn | frozenset(changes["warn"])
    if changes.get("style", "auto") == "auto":
        changes["style"] = policy.style
    else:
        changes["learn"] = False
    return policy._replace(**changes)


def default() -> Policy:
    """What holds where nobody says anything: the defaults of the settings."""
    values = {key.partition(".")[2]: spec.default for key, spec in SCHEMA.items() if key.startswith("message.")}
    return with_values(Policy(), values)


def shown(text: str, width: int = 72) -> str:
    """A piece of a message as one short printable line: controls, odd bytes and direction marks are escaped."""
    if len(text) > width:
        text = text[: width - 3] + "..."
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # stands for a byte that could not be decoded
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
