"""What a model is asked about one unit: its code, the keys of the answer, and what is known of each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ocode_bot.models.base import Message
from ocode_bot.prompting import Prompts
from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.outline import outline
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import MOST_ENTRIES, Entry, Facts, Style
from ocode_tools.docstrings.words import room

ANSWER, EACH = 220, 70  # tokens of an answer, and for each entry more


@dataclass(frozen=True, slots=True)
class Question:
    """The first two turns, the form of the answer and its JSON schema, and the most tokens that it may have."""

    messages: tuple[Message, Message]
    form: str
    schema: Mapping[str, object]
    tokens: int
    entries: tuple[Entry, ...]


def question(page: Page, unit: Unit, facts: Facts, style: Style, told: Told, prompts: Prompts) -> Question:
    """The question about a unit of a file."""
    asked = wanted(facts, style)
    keys = ["summary", "details", *(entry.key for entry in asked)]
    form = json.dumps(dict.fromkeys(keys, "..."), ensure_ascii=False)
    text = {"type": "string"}
    schema = {"type": "object", "properties": dict.fromkeys(keys, text), "required": keys}
    user = prompts.fill(
        "docstrings",
        kind="method" if unit.owner and unit.kind == "function" else unit.kind,
        name=unit.qualname if unit.kind != "module" else page.path.rpartition("/")[2],
        path=page.path,
        code=_fenced(outline(page.source, unit, told.summaries)),
        keys="\n".join([*_heads(unit, facts, style, told.indent), *map(_line, asked)]),
        answer=form,
    )
    system = prompts.fill("docstrings_system")
    tokens = ANSWER + EACH * len(asked)
    return Question((Message("system", system), Message("user", user)), form, schema, tokens, asked)


@dataclass(frozen=True, slots=True)
class Told:
    """What the file says already: first lines of docstrings by qualified name; and how deep the new one stands."""

    summaries: Mapping[str, str]
    indent: int


def wanted(facts: Facts, style: Style) -> tuple[Entry, ...]:
    """The entries that words are asked for: none where they would not be written."""
    good = facts.whole and style.form != "plain" and len(facts.entries) <= MOST_ENTRIES
    return facts.entries if good else ()


def _heads(unit: Unit, facts: Facts, style: Style, indent: int) -> list[str]:
    length = room(style, indent)
    if not facts.noun:
        verb = "Returns the ..., Writes ..." if style.descriptive else "Return the ..., Write ..."
        shape = f'begins with a verb ("{verb}")'
    else:
        shape = {
            "class": "says what an object of it is or holds",
            "module": "says what the module is for",
            "function": "says what the property is, as a noun",
        }[unit.kind]
    return [
        f'- "summary": one sentence of at most {length} characters that {shape}, and says more than the name does',
        '- "details": at most two sentences more where a user must know more (limits, side effects), else ""',
    ]


def _line(entry: Entry) -> str:
    known = f" ({entry.told})" if entry.told else ""
    said = {
        "args": f"what the argument is or does{known}",
        "returns": "what is returned",
        "yields": "what each yielded value is",
        "raises": f'when {entry.name} is raised: "If ..."{known}',
        "attributes": f"what the attribute holds{known}",
    }
    return f'- "{entry.key}": {said[entry.section]}'


def _fenced(code: str) -> str:
    """A block that nothing inside can end."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code}\n{fence}"
