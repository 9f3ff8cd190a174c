"""Our own settings: the section `message` of the configuration, checked as far as the check of messages needs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ocode_tools import config
from ocode_tools.messages.base import CASES, Policy, with_values
from ocode_tools.schema import SCHEMA, Value

CHOICES: Mapping[str, tuple[str, ...]] = {
    "style": ("conventional", "plain", "auto"),
    "scope": ("optional", "required", "never"),
    "body": ("optional", "required", "never"),
    "subject_case": tuple(CASES),
}
_OTHERS = "|".join({key.partition(".")[0] for key in SCHEMA} - {"message"})
# A mistake in another section is said by the commands that read it.
_ELSEWHERE = re.compile(rf': "?({_OTHERS})(\.| must be a table)| in \[({_OTHERS})\]')


class Ours(NamedTuple):
    """Our settings over a policy: where they were set, one line for each mistake, whether they choose the form."""

    policy: Policy
    places: list[str]
    problems: list[str]
    chosen: bool


def read(policy: Policy, top: Path, environ: Mapping[str, str]) -> Ours:
    """`policy` with our settings over it."""
    loaded = config.load(SCHEMA, start=top, environ=environ)
    problems = [problem for problem in loaded.problems if not _ELSEWHERE.search(problem)]
    good: dict[str, Value] = {}
    places: list[str] = []
    for name, value in loaded.values.get("message", {}).items():
        if name not in Policy._fields:
            continue
        origin = loaded.origins[f"message.{name}"]
        if wrong := _wrong(name, value):
            problems.append(f"{origin.label}: message.{name} must be {wrong}")
            continue
        good[name] = value
        if origin.name not in places:
            places.append(origin.name)
    changed = with_values(policy, good)
    chosen = good.get("style", "auto") != "auto" or bool({"types", "scopes", "scope"} & good.keys())
    if chosen:
        changed = changed._replace(learn=False)
    return Ours(changed, places, problems, chosen)


def _wrong(name: str, value: Value) -> str:
    """What a setting must be, if it is not."""
    if name in CHOICES and value not in CHOICES[name]:
        *first, last = CHOICES[name]
        return f'{", ".join(first)} or {last}, not "{str(value)[:40]}"'
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return "0 or more"
    if name in ("pattern", "issue"):
        try:
            re.compile(str(value))
        except (re.error, OverflowError, RecursionError) as error:
            return f"a regular expression: {error}"
    return ""
