"""Configuration as written: the keys there are, reading and merging them, and what is wrong with them.

Later layers win: defaults, the user's file, the repository (pyproject.toml, then .ocode.toml), `OCODE_*`
variables, flags. A wrong value is left out and named in one line. Standard library only: hooks read it too.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple, TypeAlias, TypeGuard, cast

from ocode_tools.errors import UsageError
from ocode_tools.schema import SCHEMA, Kind, Schema, Value

Lines: TypeAlias = dict[tuple[str, ...], int]

_SANDBOX: dict[object, int] = {"off": 0, "best": 1, "require": 2}
_NAMES = {"str": "a string", "int": "a whole number", "list": "a list", "tuple": "a list", "dict": "a table"}
_WORDS = {**_NAMES, "float": "a number", "bool": "true or false", "list": "a list of strings"}
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")


class Origin(NamedTuple):
    """Where a value comes from: its file and 1-based line if it has them, and `name` as people say it."""

    source: Literal["default", "user", "repository", "environment", "flag"]
    file: Path | None = None
    line: int | None = None
    name: str = "default"

    @property
    def label(self) -> str:
        """`default`, `~/.config/ocode/config.toml:3`, `.ocode.toml:4`, `OCODE_FIX_BUDGET` or `--budget`."""
        return f"{self.name}:{self.line}" if self.line else self.name


class Loaded(NamedTuple):
    """The values that are set, by section and key; an origin for every key; one line for each problem."""

    values: dict[str, dict[str, Value]]
    origins: dict[str, Origin]
    problems: tuple[str, ...]


def load(schema: Schema, *, start: Path | None, environ: Mapping[str, str], flags: Mapping[str, object] = {}) -> Loaded:
    """Read and merge every layer: `start` is the repository's top or None; a flag that is None was not given."""
    own, shown = _user_file(environ)
    merge = _Merge(schema, shown, start)
    if own:
        merge.read(Origin("user", own, name=shown), own)
    if start:
        merge.floor = merge.values.get("sandbox", {}).get("level", merge.floor)
        for name, inside in (("pyproject.toml", ("tool", "ocode")), (".ocode.toml", ())):
            merge.read(Origin("repository", start / name, name=name), start / name, inside)
    for key, spec in schema.items():
        if (text := environ.get(variable(key))) is not None:
            merge.put(key, _parsed(spec.kind, text), Origin("environment", name=variable(key)))
    for key, value in flags.items():
        if value is not None:
            merge.put(key, value, Origin("flag", name=schema[key].flag or f"--{key.replace('.', '-')}"))
    return Loaded(merge.values, merge.origins, tuple(merge.problems))


def require(loaded: Loaded) -> Loaded:
    """Return `loaded` if nothing is wrong with it; raises UsageError with the first problem and a count."""
    if loaded.problems:
        more = len(loaded.problems) - 1
        raise UsageError(loaded.problems[0] + (f" (+{more} more)" if more else ""))
    return loaded


def value(loaded: Loaded, key: str) -> Value:
    """What a key of the schema is set to, else its default."""
    section, _, name = key.partition(".")
    return loaded.values.get(section, {}).get(name, SCHEMA[key].default)


def variable(key: str) -> str:
    """Name of the environment variable of a key: `fix.budget` -> `OCODE_FIX_BUDGET`."""
    return f"OCODE_{key.replace('.', '_').upper()}"


class _WrongError(Exception):
    """What is wrong: the whole line after the name of the place, from the colon on."""


class _Merge:
    def __init__(self, schema: Schema, own: str, top: Path | None) -> None:
        self.schema, self.own, self.top = schema, own, top
        self.floor = SCHEMA["sandbox.level"].default
        self.values: dict[str, dict[str, Value]] = {}
        self.origins = dict.fromkeys(schema, Origin("default"))
        self.problems: list[str] = []

    def put(self, key: str, value: object, origin: Origin) -> None:
        try:
            good = _checked(key, self.schema[key].kind, value)
            if origin.source == "repository":
                self.permit(key, good)
        except _WrongError as error:
            self.problems.append(f"{origin.label}{error}")
            return
        section, name = key.split(".", 1)
        self.values.setdefault(section, {})[name] = good
        self.origins[key] = origin

    def permit(self, key: str, value: Value) -> None:
        """Refuse what only the user may say."""
        if self.schema[key].user_only:
            raise _WrongError(f': "{key}" is only read from your own configuration ({self.own})')
        if key in ("workspace.links", "workspace.copies") and self.top and isinstance(value, tuple):
            for path in (path for path in value if not _inside(path, self.top)):
                text = f"{key} must be relative paths inside the repository, not {_quoted(path)}"
                raise _WrongError(f": {text}; only your own configuration ({self.own}) may lead out of it")
        if key == "sandbox.level" and _SANDBOX.get(value, 2) < _SANDBOX.get(self.floor, 1):
            text = f'{key} "{value}" is looser than "{self.floor}"; a repository may only tighten it'
            raise _WrongError(f": {text}: remove it here, or set it in {self.own}")

    def read(self, at: Origin, file: Path, inside: tuple[str, ...] = ()) -> None:
        """Take over one file; the settings are what is below the tables `inside`."""
        try:
            table, lines = _document(file, inside)
        except _WrongError as error:
            self.problems.append(f"{at.name}{error}")
            return
        for section, body in table.items():
            names = [key.split(".", 1)[1] for key in self.schema if key.startswith(f"{section}.")]
            for name, value in body.items() if names and _is_table(body) else [("", body)]:
                path = (*inside, section, name)
                place = at._replace(line=lines.get(path, lines.get(path[:-1])))
                if name in names:
                    self.put(f"{section}.{name}", value, place)
                else:
                    self.problems.append(f"{place.label}: {self.unknown(section, body, name, names)}")

    def unknown(self, section: str, body: object, name: str, names: list[str]) -> str:
        """Say what nobody reads, and the nearest that somebody does."""
        if names and not _is_table(body):
            return f"{section} must be a table, not {_named(body)}"
        if names:
            text, known = f"unknown key {_quoted(name)} in [{section}]", names
        elif _is_table(body):
            text, known = f"unknown section {_quoted(section)}", [key.split(".")[0] for key in self.schema]
        else:
            text, known = f"unknown key {_quoted(section)} outside of a section", [*self.schema]
        from difflib import get_close_matches  # only here: start-up

        near = get_close_matches(name if names else section, known, 1)
        return text + (f'; did you mean "{near[0]}"?' if near else "")


def _checked(key: str, kind: Kind, value: object) -> Value:
    match kind, value:
        case "list", list() | tuple():
            each, items = f"each item of {key}", cast("list[object]", value)
            return tuple(str(_checked(each, "str", item)) for item in items)
        case ("str", str(one)) | ("int", int(one)) | ("float", int(one) | float(one)) if type(one) is not bool:
            return one
        case "bool", bool():
            return value
        case _:
            raise _WrongError(f": {key} must be {_WORDS[kind]}, not {_named(value)}")


def _parsed(kind: Kind, text: str) -> object:
    """A variable's text as its kind; what cannot be read so stays text."""
    if kind in ("str", "list"):
        return text if kind == "str" else [part.strip() for part in text.split(",") if part.strip()]
    try:
        return _SWITCH[text.lower()] if kind == "bool" else int(text) if kind == "int" else float(text)
    except (KeyError, ValueError):
        return text


def _document(file: Path, inside: tuple[str, ...]) -> tuple[dict[str, object], Lines]:
    """A file's table below `inside` and its lines; empty if there is no file or it never names `inside`."""
    text = ""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > 1 << 20:  # a pipe would be read for ever
            raise _WrongError(": must be an ordinary file of at most 1 MiB")
        data = file.read_bytes()
        text = data.decode() if all(name.encode() in data for name in inside) else ""
        table: object = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return {}, {}
    except OSError as error:
        raise _WrongError(f": cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # a plain ValueError: a number of thousands of digits
        if isinstance(error, UnicodeDecodeError) or text.startswith("\ufeff"):
            raise _WrongError(": must be UTF-8 text without a byte order mark; save it as that") from error
        said, place = _PLACE.sub("", str(error)), _PLACE.search(str(error))
        at = f":{place[1] or text.count(chr(10)) + 1}" if place else ""
        raise _WrongError(f"{at}: broken TOML: {said}") from error
    for name in inside:
        table = table.get(name, {}) if _is_table(table) else table
    if not _is_table(table):
        raise _WrongError(f": {'.'.join(inside)} must be a table, not {_named(table)}")
    return table, _lines(text) if table else {}


def _lines(text: str) -> Lines:
    """Where tables and keys begin: each statement is parsed alone; gives up on a text that makes it dear."""
    found: Lines = {}
    at: tuple[str, ...] = ()
    held, start, spent = "", 1, 0
    for number, line in enumerate(text.split("\n"), 1):
        held, start = (held + line + "\n", start) if held else (line + "\n", number)
        if start < number and not any(mark in line for mark in ("]", "}", '"""', "'''")):
            continue  # nothing else ends a statement of several lines
        header = held.lstrip().startswith("[")
        if (spent := spent + len(held)) > 4 * len(text) + (1 << 16):
            break
        try:
            paths = [*_paths(tomllib.loads(held), () if header else at)]
        except (ValueError, RecursionError):
            continue
        found |= {path: start for path in paths if path not in found}
        at, held = paths[-1] if header else at, ""
    return found


def _paths(node: object, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if _is_table(node) and len(at) < len(("tool", "ocode", "section", "key")):
        for name, child in node.items():
            yield (*at, name)
            yield from _paths(child, (*at, name))


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _inside(path: str, top: Path) -> bool:
    """Does it stay in the work tree of `top`, symbolic links followed?"""
    if "\0" in path or path.startswith("/") or {"..", ".git"} & {part.lower() for part in PurePosixPath(path).parts}:
        return False
    return os.path.realpath(top / path).startswith(os.path.realpath(top).rstrip("/") + "/")


def user_folder(environ: Mapping[str, str]) -> Path:
    """Where the user's own configuration and prompts are; a relative XDG folder is ignored."""
    folder = environ.get("XDG_CONFIG_HOME", "")
    return Path(folder if os.path.isabs(folder) else f"{environ.get('HOME') or '~'}/.config", "ocode")


def _user_file(environ: Mapping[str, str]) -> tuple[Path | None, str]:
    """The user's file (None if there is no home for it) and its name."""
    home = environ.get("HOME") or "~"
    path = user_folder(environ) / "config.toml"
    shown = f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
    return (path if path.is_absolute() else None), shown


def _named(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | float) else _NAMES.get(type(value).__name__, "a date or time")


def _quoted(text: str) -> str:
    return f'"{repr(text)[1:-1]}"'  # escaped: a key may hold newlines and terminal controls
