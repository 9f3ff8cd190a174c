"""The configuration once it is known to be right: typed, within its ranges, frozen.

Which keys there are, their kinds and defaults stand in `ocode_tools.schema.SCHEMA` alone; the models here say what
values each may take.
"""

from __future__ import annotations

import json
import re
import reprlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from ocode_tools import config, repository
from ocode_tools.config import Loaded
from ocode_tools.errors import SetupError, UsageError
from ocode_tools.schema import SCHEMA, Value

# What `git check-ref-format` refuses in a name, for one that goes on after its last slash.
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(^|/)\.|\.lock/|^[/-]|[^/]$|^$")
_TEXTS = {
    "greater_than": "must be greater than {gt:.12g}",
    "greater_than_equal": "must be at least {ge:.12g}",
    "less_than_equal": "must be at most {le:.12g}",
    "literal_error": "must be {expected}",
    "too_short": "must not be empty",
    "value_error": "must be {error}",
}


def _text(value: str) -> str:
    if re.search(r"[\x00\ud800-\udfff]", value):  # a surrogate stands for a byte that is not UTF-8
        raise ValueError("UTF-8 text without a NUL character")
    return value


def _command(value: str) -> str:
    try:
        shlex.split(value)
    except ValueError as error:
        raise ValueError(f"a command as for a shell ({str(error).lower()})") from error
    return value


def _variable(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("names of environment variables")
    return value


def _below(value: str) -> str:
    if value.startswith("/") or ".." in PurePosixPath(value).parts:
        raise ValueError("a path inside the project's folder")
    return value


def _path(value: str) -> str:
    if not PurePosixPath(value).parts:
        raise ValueError("paths of something below the top")
    return value


def _endpoint(value: str) -> str:
    try:
        url = urlsplit(value)
        good = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:  # a port that is none, half an IPv6 address
        good = False
    if not good or re.search(r"[\x00-\x20\x7f]", value):
        raise ValueError("an address such as http://127.0.0.1:11434")
    return value


def _duration(value: str) -> str:
    if not re.fullmatch(r"-?\d+(\.\d+)?(s|m|h)", value):
        raise ValueError('a time such as "15m"')
    return value


def _prefix(value: str) -> str:
    if _BAD_REF.search(value):
        raise ValueError('the beginning of a branch name and end in "/"')
    return value


Text = Annotated[str, AfterValidator(_text)]
Paths = tuple[Annotated[Text, AfterValidator(_path)], ...]
Seconds = Annotated[float, Field(gt=0, le=7 * 24 * 3600)]
Size = Annotated[int, Field(ge=0, le=1 << 24)]
Count = Annotated[int, Field(ge=1, le=100_000)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tests(_Section):
    """How the project's tests are run."""

    __test__ = False  # the name is ours, not pytest's

    command: Annotated[Text, AfterValidator(_command)]
    junit: Annotated[Text, AfterValidator(_below)]
    python: Text
    pass_env: tuple[Annotated[str, AfterValidator(_variable)], ...]


class Limits(_Section):
    """What one test run may use: seconds, MiB (`memory`, `address_space`, `snapshot`), KiB (`output`)."""

    run: Seconds
    test: Seconds
    memory: Annotated[Size, Field(ge=16)]
    address_space: Size
    processes: Count
    output: Annotated[Size, Field(ge=1)]
    snapshot: Size


class Fix(_Section):
    """How long and how hard `fix` tries; `budget` in seconds."""

    budget: Annotated[Seconds, Field(ge=1)]
    attempts: Annotated[int, Field(ge=0, le=1000)]
    solvers: Annotated[tuple[Literal["rules", "model"], ...], Field(min_length=1)]
    jobs: Annotated[int, Field(ge=0, le=64)]
    causes: Count
    allow: tuple[Text, ...]


class Models(_Section):
    """Which models are asked, and where they are."""

    fix: Text
    ladder: tuple[Text, ...]
    endpoint: Annotated[Text, AfterValidator(_endpoint)]
    kind: Literal["ollama", "openai"]
    key: Text
    context: Annotated[int, Field(ge=0, le=1 << 21)]
    keep_alive: Annotated[str, AfterValidator(_duration)]
    allow_remote: bool


class Sandbox(_Section):
    """How much of a sandbox tests need."""

    level: Literal["best", "require", "off"]


class Workspace(_Section):
    """Ignored paths that tests need: relative to the repository's top, or absolute."""

    links: Paths
    copies: Paths


class Branch(_Section):
    """How our branches are named."""

    prefix: Annotated[Text, AfterValidator(_prefix)]


class Commit(_Section):
    """How our commits look."""

    trailers: bool
    sign: Literal["auto", "off"]


class Settings(_Section):
    """Every setting, by section."""

    tests: Tests
    limits: Limits
    fix: Fix
    models: Models
    sandbox: Sandbox
    workspace: Workspace
    branch: Branch
    commit: Commit


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
