"""How docstrings are written in a repository, and which are wanted: settings, linters' configuration, habits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ocode_bot.sections import Docstrings
from ocode_tools.docstrings.parts import Style
from ocode_tools.docstrings.style import FILES, SAMPLE_BYTES, SAMPLE_FILES, configured, learned, rules_of
from ocode_tools.docstrings.units import DEFAULT, Rules

Read = Callable[[str], bytes | None]


def style_of(settings: Docstrings, read: Read, files: Sequence[str]) -> Style:
    """The style in force: what the settings fix, then what linters are told, then what most docstrings do."""
    known = {name: data for name in FILES if (data := read(name)) is not None}
    style = learned(_samples(read, files), configured(known.get) or Style())
    if settings.style != "auto":
        style = replace(style, form=settings.style, origin="docstrings.style")
    return replace(style, width=settings.width) if settings.width else style


def rules_in(settings: Docstrings, read: Read) -> Rules:
    """What is left out: as the settings say, or `[tool.interrogate]` where they say nothing."""
    found = rules_of(read) if settings.skip == DEFAULT else None
    if found is not None:
        return Rules(found.skip, (*found.exclude, *settings.exclude))
    return Rules(frozenset(settings.skip), settings.exclude)


def reading(files: Mapping[str, bytes]) -> Read:
    """Files that are at hand as a way to read them."""
    return files.get


def _samples(read: Read, files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Some files from all over the repository, up to a limit of bytes."""
    python = [path for path in files if path.endswith(".py")]
    left = SAMPLE_BYTES
    for path in python[:: max(1, len(python) // SAMPLE_FILES)]:
        data = read(path)
        if data and len(data) <= left:
            left -= len(data)
            yield path, data
