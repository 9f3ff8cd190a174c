"""The sections of the configuration: what values each setting may take.

Which keys there are, their kinds and defaults stand in `ocode_tools.schema.SCHEMA` alone.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# What `git check-ref-format` refuses in a name, for one that goes on after its last slash.
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(^|/)\.|\.lock/|^[/-]|[^/]$|^$")


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


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from error
    return value


def _tag(value: str) -> str:
    if not re.fullmatch(r"[^\W\d_][\w-]*[!?]?", value):
        raise ValueError("words such as TODO")
    return value


def _mark(value: str) -> str:
    if not re.fullmatch(r"[^\W\d_][\w-]*[!?]?(\([^()\n]+\))?", value):
        raise ValueError("marks such as TODO(ocode) or AI!")
    return value


def _hours(value: str) -> str:
    if value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('a span such as "09:00-18:00"')
    return value


Text = Annotated[str, AfterValidator(_text)]
Paths = tuple[Annotated[Text, AfterValidator(_path)], ...]
Seconds = Annotated[float, Field(gt=0, le=7 * 24 * 3600)]
Size = Annotated[int, Field(ge=0, le=1 << 24)]
Length = Annotated[int, Field(ge=0, le=10_000)]
Count = Annotated[int, Field(ge=1, le=100_000)]


class _Section(BaseModel):
    # Deferred: only the whole is ever built, not each part of it before, which takes as long again.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Tests(_Section):
    """How the project's tests are run, and how long `tests` writes new ones; `budget` in seconds."""

    __test__ = False  # the name is ours, not pytest's

    command: Annotated[Text, AfterValidator(_command)]
    junit: Annotated[Text, AfterValidator(_below)]
    python: Text
    pass_env: tuple[Annotated[str, AfterValidator(_variable)], ...]
    budget: Annotated[Seconds, Field(ge=1)]


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
    """How long and how hard `fix` tries; `budget` and `after` in seconds."""

    budget: Annotated[Seconds, Field(ge=1)]
    attempts: Annotated[int, Field(ge=0, le=1000)]
    solvers: Annotated[tuple[Literal["rules", "model"], ...], Field(min_length=1)]
    jobs: Annotated[int, Field(ge=0, le=64)]
    causes: Count
    after: Annotated[float, Field(ge=0, le=600)]
    allow: tuple[Text, ...]


class Todo(_Section):
    """Which words mark a TODO, what the hook asks of a new one, and how long `todo resolve` works; `budget` in
    seconds."""

    tags: tuple[Annotated[Text, AfterValidator(_tag)], ...]
    form: Annotated[Text, AfterValidator(_pattern)]
    budget: Annotated[Seconds, Field(ge=1)]


class Docstrings(_Section):
    """What needs a docstring, in which style, and how long `docstrings` works; `budget` in seconds."""

    budget: Annotated[Seconds, Field(ge=1)]
    style: Literal["auto", "google", "numpy", "sphinx", "plain"]
    width: Annotated[int, Field(ge=0, le=500)]
    skip: tuple[
        Literal[
            "class",
            "function",
            "init",
            "magic",
            "method",
            "module",
            "nested",
            "overload",
            "override",
            "package",
            "private",
            "property",
            "setter",
            "stub",
            "tests",
        ],
        ...,
    ]
    exclude: tuple[Text, ...]
    skeleton: bool


class Models(_Section):
    """Which models are asked, and where they are."""

    fix: Text
    todo: Text
    docstrings: Text
    tests: Text
    message: Text
    ladder: tuple[Text, ...]
    endpoint: Annotated[Text, AfterValidator(_endpoint)]
    kind: Literal["ollama", "openai"]
    key: Text
    context: Annotated[int, Field(ge=0, le=1 << 21)]
    keep_alive: Annotated[str, AfterValidator(_duration)]
    allow_remote: bool


class Message(_Section):
    """How commit messages are drafted and checked; `budget` in seconds, lengths in characters."""

    budget: Annotated[Seconds, Field(le=600)]
    tokens: Annotated[int, Field(ge=100, le=100_000)]
    language: Text
    attribution: Literal["Assisted-by", "Co-authored-by", "none"]
    style: Literal["auto", "conventional", "plain"]
    types: tuple[Text, ...]
    scopes: tuple[Text, ...]
    scope: Literal["optional", "required", "never"]
    subject_max: Length
    subject_min: Length
    subject_case: Literal["any", "lower", "sentence"]
    full_stop: bool
    body: Literal["optional", "required", "never"]
    body_max: Length
    footer_max: Length
    footers: tuple[Text, ...]
    issue: Annotated[Text, AfterValidator(_pattern)]
    sign_off: bool
    pattern: Annotated[Text, AfterValidator(_pattern)]
    versions: bool
    exempt: tuple[Text, ...]
    warn: tuple[Text, ...]


class Watch(_Section):
    """What the daemon takes up and when it works; `quiet` in seconds, `load` of each core."""

    marks: tuple[Annotated[Text, AfterValidator(_mark)], ...]
    quiet: Annotated[float, Field(ge=0, le=24 * 3600)]
    commits: tuple[Literal["docstrings", "tests", "fix"], ...]
    hours: Annotated[Text, AfterValidator(_hours)]
    battery: bool
    load: Annotated[float, Field(ge=0, le=1000)]


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
    todo: Todo
    docstrings: Docstrings
    models: Models
    message: Message
    watch: Watch
    sandbox: Sandbox
    workspace: Workspace
    branch: Branch
    commit: Commit
