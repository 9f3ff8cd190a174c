"""A model's words made fit to print, or refused: tidied by rules where those are sure, never believed about names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocode_tools.docstrings import prose
from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.parts import MOST_ENTRIES, Entry, Facts, Style, Words
from ocode_tools.docstrings.verbs import BASES, FORMS

DETAILS, TEXT = 600, 300  # characters that further paragraphs, and an entry's text, may have
_LABEL = re.compile(r"^(?:\*\*)?(?:summary|docstring|description|details?)(?:\*\*)?\s*:(?:\*\*)?\s*", re.IGNORECASE)
_THIS = re.compile(
    r"^(?:(?:this|the|an?)\s+)?(?:\w+\s+)?(?:function|method|coroutine|generator|helper|decorator)\s+"
    r"(?:(?:that|which|will|is\s+used\s+to|is\s+responsible\s+for|is\s+designed\s+to|used\s+to|to|for)\s+)?(?=[a-z])"
    r"|^(?:used\s+to|responsible\s+for)\s+(?=[a-z])",
    re.IGNORECASE,
)
_PROVIDES = re.compile(
    r"^(?:(?:this|the|an?)\s+)?(?:python\s+)?(?:module|package|file|class|property|object)\s+(?:that\s+)?"
    r"(?:provides?|contains?|defines?|implements?|holds?|represent(?:s|ing)|is|offers?|for)\s+(?=\w)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<=[.!?])\s+(?=[A-Z`\"'(\[])")
_CLAUSE = re.compile(
    r",? (?:which|that|so that|by|while|because|since|and then|using|ensuring|including|such as|based on)\b"
    r"|[;:] |, | - | \("
)
_HEADING = re.compile(
    r"(?im)^\s*(?:args|arguments|parameters|returns?|yields?|raises|attributes|examples?)\s*:?\s*$|^\s*:\w+"
)
_DEFAULT = re.compile(
    r"(?i)[,;(]?\s*\b(?:defaults?\s+(?:to|is|value\s+is)|by\s+default)\s*:?\s*[`'\"]?([^\s`,;)]+)[^.]*[.)]?"
)
_WHEN = re.compile(
    r"^(?:(?:is\s+)?raised\s+|raises?\s+(?:an?\s+)?(?:\w+\s+)?|thrown\s+)?(?=(?:if|when|on|for|in case)\b)", re.I
)
_RESULT = re.compile(
    r"^(?:(?:it\s+)?(?:returns?|yields?)|the\s+(?:return(?:ed)?\s+value|result)\s+is)\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is left of an answer: the `words`, None where the summary had to be refused; `problems`, one line each, are
    what the answer lacks or got wrong."""

    words: Words | None
    problems: tuple[str, ...] = ()


def room(style: Style, indent: int) -> int:
    """The characters that a summary may have on one line with its quotes and a full stop."""
    return max(30, style.width - indent - 2 * len(style.quotes) - 1)


@dataclass(slots=True)
class Reader:
    """Reads the answers for one unit. `known` are names that prose may use as code, `here` those of the unit itself."""

    unit: Unit
    facts: Facts
    style: Style
    known: frozenset[str]
    here: frozenset[str]
    indent: int
    problems: list[str] = field(default_factory=list[str])

    def read(self, said: Mapping[str, str]) -> Heard:
        """The words in an answer: texts by key; keys that are not asked for are dropped."""
        self.problems = []
        summary, rest = self._summary(said.get("summary", ""))
        details = self._details(f"{rest}\n\n{said.get('details', '')}", summary)
        entries = {entry.key: text for entry in self.facts.entries if (text := self._entry(entry, said))}
        words = Words(summary, details, entries) if summary else None
        return Heard(words and settled(words, self.facts, self.style), tuple(self.problems))

    def _summary(self, said: str) -> tuple[str, str]:
        """The first sentence, tidied, and what follows it; "" where it cannot be used."""
        first, _, rest = said.strip().partition("\n\n")
        first = _LABEL.sub("", prose.plain(first))
        sentences = _SENTENCE.split(first, maxsplit=1)
        first, more = sentences[0], " ".join(sentences[1:])
        first = _PROVIDES.sub("", first) if self.facts.noun else self._mood(_THIS.sub("", first))
        first = _raised(first).rstrip(" .,;:!")
        most = room(self.style, self.indent)
        if len(first) > most:
            cuts = [cut.start() for cut in _CLAUSE.finditer(first) if 20 <= cut.start() <= most]
            if not cuts:
                self.problems.append(f"summary has {len(first)} characters; at most {most} fit on its line")
                return "", ""
            first = first[: cuts[-1]].rstrip(" ,;:-")
        if reason := self._refused(first):
            self.problems.append(f"summary {reason}")
            return "", ""
        return first + ("." if self.style.stop else ""), f"{more}\n\n{rest}"

    def _mood(self, text: str) -> str:
        first, space, rest = text.partition(" ")
        forms = FORMS if self.style.descriptive else BASES
        other = forms.get(first.lower())
        return f"{other.capitalize()}{space}{rest}" if other else text

    def _refused(self, text: str) -> str:
        if not text:
            return "is missing"
        if mark := prose.placeholder(text):
            return f"holds the placeholder {mark!r}"
        if name := prose.unknown(text, self.known, self.here):
            return f"names {name!r}, which is not in the file"
        if ">>>" in text:
            return "holds an example"
        names = [self.unit.name, *self.unit.qualname.split(".")] if self.unit.kind != "module" else []
        return "" if prose.says_more(text, names) else "says no more than the name"

    def _details(self, said: str, summary: str) -> str:
        """Further paragraphs, without examples, sections, and sentences that name what is not there."""
        if heading := _HEADING.search(said):
            said = said[: heading.start()]
        kept: list[str] = []
        for paragraph in re.split(r"\n\s*\n", said):
            text = prose.plain(paragraph)
            if ">>>" in paragraph or "```" in paragraph or not text:
                continue
            sentences = [one for one in _SENTENCE.split(_LABEL.sub("", text)) if self._is_sound(one, summary)]
            text = " ".join(sentences)
            if text and sum(map(len, kept)) + len(text) <= DETAILS:
                kept.append(text if text.endswith((".", "!", "?", ":")) else f"{text}.")
        return "\n\n".join(kept)

    def _is_sound(self, sentence: str, summary: str) -> bool:
        if prose.placeholder(sentence) or prose.unknown(sentence, self.known, self.here):
            return False
        return prose.says_more(sentence, [*summary.split(), self.unit.name])

    def _entry(self, entry: Entry, said: Mapping[str, str]) -> str:
        """The text of one entry, tidied; "" where it is missing, refused or says nothing."""
        bare = entry.name.strip("*") or entry.section
        text = _sentences(_LABEL.sub("", prose.plain(said.get(entry.key, ""))))
        text = re.sub(rf"^[`*]*{re.escape(bare)}[`*]*\s*(?:\([^)]*\))?\s*(?::|-)\s+", "", text)
        text = re.sub(rf"^\(?{re.escape(entry.type)}\)?\s*(?::|-)\s+", "", text) if entry.type else text
        if entry.section == "raises":
            text = _WHEN.sub("", text)
        elif entry.section in ("returns", "yields"):
            text = _RESULT.sub("", text)
        elif claim := _DEFAULT.search(text):
            text = text if _agrees(claim[1], entry.told) else _DEFAULT.sub("", text)
        text = text.strip(" ,;:-")
        name = entry.name.strip("*") or entry.section
        names = [name, entry.type, *([self.unit.name] if entry.section in ("returns", "yields") else [])]
        reason = ""
        if not text or not prose.says_more(text, names):
            reason = "is missing" if not text else f"says no more than {name!r}"
        elif mark := prose.placeholder(text):
            reason = f"holds the placeholder {mark!r}"
        elif wrong := prose.unknown(text, self.known, self.here):
            reason = f"names {wrong!r}, which is not in the file"
        elif ">>>" in text:
            reason = "holds an example"
        if reason:
            self.problems.append(f"{entry.key} {reason}")
            return ""
        text = _raised(text)
        return text if text.endswith((".", "!", "?")) or not self.style.stop else f"{text}."


def settled(words: Words, facts: Facts, style: Style) -> Words:
    """The words with all sections they can fill, or with none: half a list of parameters is wrong in every style.

    With pydoclint a docstring without sections must be short; else it may keep its further paragraphs.
    """
    entries = facts.entries if style.form != "plain" else ()
    needed = [entry for entry in entries if style.strict or entry.section not in ("raises", "attributes")]
    complete = facts.whole and len(entries) <= MOST_ENTRIES and all(entry.key in words.entries for entry in needed)
    return words if complete and entries else Words(words.summary, words.details)


def skeleton(unit: Unit, facts: Facts, style: Style) -> Words | None:
    """What analysis alone can say, in one line; None where that is nothing."""
    named = {
        section: [entry for entry in facts.entries if entry.section == section] for section in ("returns", "raises")
    }
    parts: list[str] = []
    for entry in named["returns"]:
        kind = entry.told.removeprefix("type ")
        parts += [f"{'Returns' if style.descriptive else 'Return'} {kind}"] if kind else []
    if named["raises"]:
        word = "Raises" if style.descriptive else "Raise"
        names = [entry.name + (f" ({entry.told})" if entry.told else "") for entry in named["raises"][:3]]
        parts.append(f"{word} {' or '.join(names)}" if not parts else f"{word.lower()} {' or '.join(names)}")
    if unit.kind == "class" and facts.attributes:
        parts.append(f"Attributes: {', '.join(facts.attributes[:6])}")
    text = "; ".join(parts)
    if not text or len(text) > style.width - 12:
        return None
    return Words(text + ("." if style.stop else ""))


def _sentences(text: str) -> str:
    """As many whole sentences as TEXT characters hold."""
    kept = ""
    for sentence in _SENTENCE.split(text):
        if len(kept) + len(sentence) > TEXT:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def _raised(text: str) -> str:
    """The text with a capital, unless its first word is a name from the code."""
    word = re.split(r"[\s.,:;]", text, maxsplit=1)[0]
    return text[:1].upper() + text[1:] if word.isalpha() else text


def _agrees(claim: str, told: str) -> bool:
    """Whether a default that prose names is the one in the code."""
    actual = told.removeprefix("default ").strip("'\"")
    return claim.strip("'\".") == actual
