"""Reading other tools' configuration files: bounded, and every mistake one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from ocode_tools.messages.base import Policy

if TYPE_CHECKING:
    from pathlib import Path

MOST = 1 << 20


class WrongError(Exception):
    """A file that cannot be used, in one line that begins with its name."""


class Theirs(NamedTuple):
    """Another checker's rules: the file they come from, and what in it has no counterpart here."""

    policy: Policy
    origin: str
    notes: tuple[str, ...] = ()


def document(file: Path, kind: str) -> Any:
    """The content of a `json`, `yaml` or `toml` file of at most 1 MiB. Raises WrongError."""
    try:
        if not file.is_file() or file.stat().st_size > MOST:
            raise WrongError(f"{file.name}: must be an ordinary file of at most 1 MiB")
        data = file.read_bytes()
    except OSError as error:
        raise WrongError(f"{file.name}: cannot be read: {error.strerror}") from error
    try:
        return parsed(data.decode("utf-8-sig" if kind != "toml" else "utf-8"), kind)
    except (ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise WrongError(f"{file.name}: broken {kind.upper()}: {said}") from error


def parsed(text: str, kind: str) -> Any:
    """`text` as `kind`; the parsers come in when they are needed. Raises ValueError for what is broken."""
    if kind == "toml":
        import tomllib

        return tomllib.loads(text)
    if kind == "json":
        import json

        return json.loads(text)
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def table(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a table with names as keys."""
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)  # pyright: ignore[reportUnknownVariableType]


def items(value: Any) -> list[Any]:
    """The items of a list; none for what is no list."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def strings(value: object, where: str) -> tuple[str, ...]:
    """A list of strings, one string being a list of one. Raises WrongError, which begins with `where`."""
    items: Any = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):  # pyright: ignore[reportUnknownVariableType]
        raise WrongError(f"{where} must be a list of strings")
    return tuple(items)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def number(value: object, where: str) -> int:
    """A whole number, 0 for one without end. Raises WrongError, which begins with `where`."""
    if value in (float("inf"), "Infinity"):
        return 0
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise WrongError(f"{where} must be a whole number, 0 or more")
    return value
