"""The configuration once it is known to be right: typed, within its ranges, frozen.

Which keys there are, their kinds and defaults stand in `ocode_tools.schema.SCHEMA` alone, what values each may take in
`sections`.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ocode_bot.sections import Settings
from ocode_tools import config, repository
from ocode_tools.config import Loaded
from ocode_tools.errors import SetupError, UsageError
from ocode_tools.schema import SCHEMA, Value

_TEXTS = {
    "greater_than": "must be greater than {gt:.12g}",
    "greater_than_equal": "must be at least {ge:.12g}",
    "less_than_equal": "must be at most {le:.12g}",
    "literal_error": "must be {expected}",
    "too_short": "must not be empty",
    "value_error": "must be {error}",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is shown: `value` as TOML writes it, `origin` as in `Origin.label`."""

    key: str
    value: str
    origin: str
    help: str


def settings(loaded: Loaded) -> Settings:
    """The effective settings: what was loaded over the defaults.

    Raises UsageError for the first value out of its range, by the name of the place where it was set.
    """
    values: dict[str, dict[str, Value]] = {}
    for key, spec in SCHEMA.items():
        section, name = key.split(".", 1)
        values.setdefault(section, {})[name] = loaded.values.get(section, {}).get(name, spec.default)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        others = len({line["loc"][:2] for line in wrong}) - 1
        more = f" (+{others} more)" if others else ""
        raise UsageError(_line(wrong[0], loaded) + more) from error


def around(start: Path, environ: Mapping[str, str]) -> tuple[Settings, Loaded]:
    """The effective settings at a folder; outside a repository, the user's own. Raises UsageError."""
    try:
        top = repository.find(start).top
    except SetupError:
        top = None
    loaded = config.require(config.load(SCHEMA, start=top, environ=environ))
    return settings(loaded), loaded


def rows(settings: Settings, loaded: Loaded) -> list[Row]:
    """What `ocode config` shows, in the order of the schema."""
    return [
        Row(key, toml(_open(key, value)), loaded.origins[key].label, SCHEMA[key].help)
        for key, value in _effective(settings).items()
    ]


def as_json(settings: Settings, loaded: Loaded) -> dict[str, dict[str, Any]]:
    """What `ocode config --json` shows: for each key its `value`, `source`, and `file` and `line` (or None)."""
    document: dict[str, dict[str, Any]] = {}
    for key, value in _effective(settings).items():
        at = loaded.origins[key]
        file = str(at.file) if at.file else None
        value = _open(key, value)
        shown = list(value) if isinstance(value, tuple) else value
        document[key] = {"value": shown, "source": at.source, "file": file, "line": at.line}
    return document


def toml(value: Value) -> str:
    """A value as TOML writes it: `"best"`, `300`, `true`, `["rules", "model"]`."""
    if isinstance(value, float):
        return f"{value:.12g}"
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def _open(key: str, value: Value) -> Value:
    """What may be shown of a value: of a key only whether there is one."""
    return "(set, not shown)" if key == "models.key" and value else value


def _effective(settings: Settings) -> dict[str, Value]:
    dump = settings.model_dump()
    return {key: dump[key.split(".", 1)[0]][key.split(".", 1)[1]] for key in SCHEMA}


def _line(wrong: ErrorDetails, loaded: Loaded) -> str:
    key = ".".join(str(part) for part in wrong["loc"][:2])
    template = _TEXTS.get(wrong["type"])
    text = template.format(**wrong.get("ctx", {})) if template else f"is wrong: {wrong['msg']}"
    given = "" if wrong["type"] == "too_short" else f", not {reprlib.repr(wrong['input'])}"
    return f"{loaded.origins[key].label}: {key} {text}{given}"
