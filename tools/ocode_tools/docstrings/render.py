"""Words and facts set as a docstring, in any of the four forms."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ocode_tools.docstrings.parts import Entry, Facts, Section, Style, Words

_ORDER: tuple[Section, ...] = ("args", "returns", "yields", "raises", "attributes")
_GOOGLE = {"args": "Args", "returns": "Returns", "yields": "Yields", "raises": "Raises", "attributes": "Attributes"}
_NUMPY = _GOOGLE | {"args": "Parameters"}
_SPHINX = {"args": "param", "returns": "returns", "yields": "yields", "raises": "raises", "attributes": "ivar"}
_LEAST = 30  # characters of a line, however deep it stands


def render(words: Words, facts: Facts, style: Style, indent: str, eol: str) -> str:
    """The string literal for a docstring; lines after the first begin with `indent`, all end as the file's do.

    Entries without words are left out.
    """
    room = max(_LEAST, style.width - len(indent.expandtabs()))
    step = "\t" if "\t" in indent else "    "
    lines = [words.summary]
    for paragraph in filter(None, words.details.split("\n\n")):
        lines += ["", *_wrapped(paragraph, room)]
    for section in _ORDER:
        entries = [entry for entry in facts.entries if entry.section == section and words.entries.get(entry.key)]
        if entries:
            apart = style.form != "sphinx" or len(lines) < 2 or not lines[-1].lstrip().startswith(":")
            wants_gap = apart and not (style.form == "sphinx" and _in_fields(lines))
            lines += [""] if wants_gap else []
            lines += _section(section, entries, words, style, room, step)
    return _quoted(lines, style, indent, eol)


def _in_fields(lines: Sequence[str]) -> bool:
    """Whether the last block of lines is a list of fields."""
    block: list[str] = []
    for line in reversed(lines):
        if not line:
            break
        block.append(line)
    return bool(block) and block[-1].startswith(":")


def _section(section: Section, entries: Sequence[Entry], words: Words, style: Style, room: int, step: str) -> list[str]:
    if style.form == "sphinx":
        return [line for entry in entries for line in _sphinx(entry, words.entries[entry.key], style, room, step)]
    if style.form == "numpy":
        title = _NUMPY[section]
        body = [line for entry in entries for line in _numpy(entry, words.entries[entry.key], room, step)]
        return [title, "-" * len(title), *body]
    body = [line for entry in entries for line in _google(entry, words.entries[entry.key], room, step)]
    return [f"{_GOOGLE[section]}:", *body]


def entry_lines(entry: Entry, text: str, style: Style, room: int, step: str) -> list[str]:
    """One parameter's lines as they stand in a list of others, from its name's column on."""
    if style.form == "sphinx":
        return _sphinx(entry, text, style, room, step)
    if style.form == "numpy":
        return _numpy(entry, text, room, step)
    return [line.removeprefix(step) for line in _google(entry, text, room + len(step), step)]


def _google(entry: Entry, text: str, room: int, step: str) -> list[str]:
    if entry.section in ("returns", "yields"):
        # What stands before a colon would be read as the type.
        head = f"{entry.type}: {text}" if entry.type else text.replace(": ", " - ")
        first, *others = _wrapped(head, room - 4)
        return [step + first, *(step + line for line in others)]
    kind = f" ({entry.type})" if entry.type else ""
    first, *others = _wrapped(f"{entry.name}{kind}: {text}", room - 4, 4)
    return [step + first, *(step * 2 + line for line in others)]


def _numpy(entry: Entry, text: str, room: int, step: str) -> list[str]:
    body = [step + line for line in _wrapped(text, room - 4)]
    if entry.section in ("returns", "yields"):
        return [entry.type, *body] if entry.type else _wrapped(text, room)
    return [f"{entry.name} : {entry.type}" if entry.type else entry.name, *body]


def _sphinx(entry: Entry, text: str, style: Style, room: int, step: str) -> list[str]:
    word = _SPHINX[entry.section]
    # A star would begin emphasis; pydoclint wants it all the same, others leave it away.
    name = entry.name.replace("*", "\\*" if style.strict else "")
    first, *others = _wrapped(f":{f'{word} {name}'.strip()}: {text}", room, 4)
    lines = [first, *(step + line for line in others)]
    # `ytype` is read by pydoclint alone.
    kinds = {"args": f"type {name}", "returns": "rtype", **({"yields": "ytype"} if style.strict else {})}
    kind = kinds.get(entry.section) if entry.type else None
    return [*lines, f":{kind}: {entry.type}"] if kind else lines


def _wrapped(text: str, room: int, hang: int = 0) -> list[str]:
    """Lines of at most `room` characters, those after the first of `hang` less."""
    wrapper = textwrap.TextWrapper(room, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False)
    lines = wrapper.wrap(text) or [""]
    return [lines[0], *(line[hang:] for line in lines[1:])]


def _quoted(lines: Sequence[str], style: Style, indent: str, eol: str) -> str:
    quotes = style.quotes
    text = "\n".join(lines)
    if quotes in text:
        quotes = "'''" if quotes == '"""' else '"""'
    text = text.replace(quotes, quotes[0])
    prefix = "r" if "\\" in text else ""
    first, *others = text.split("\n")
    if not others:
        # A quote or a backslash before the closing quotes would join them.
        return f"{prefix}{quotes}{first}{'.' if first.endswith((quotes[0], chr(92))) else ''}{quotes}"
    body = [first, *((indent + line) if line else "" for line in others)]
    if style.below:
        body = ["", indent + first, *body[1:]]
    return f"{prefix}{quotes}{eol.join(body)}{eol}{indent}{quotes}"
