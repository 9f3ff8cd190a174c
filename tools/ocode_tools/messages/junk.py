"""What a model leaves in a message that nobody meant to commit: fences, thoughts, lead-ins, placeholders.

Each pattern has a plain test before it: patterns cost a start-up, and a good message needs none of them.
"""

from __future__ import annotations

import re

from ocode_tools.messages.base import Problem, shown
from ocode_tools.messages.text import Text
from ocode_tools.messages.trailers import Line

_THOUGHTS = (
    r"(?:[\w-]+:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|analysis|scratch_?pad|inner_monologue"
    r"|(?:begin|end)_of_thought)"
)
# By name anywhere at the start of a line; of any name where a tag has its line for itself.
_NAMED = rf"\s*(?:</?\|?{_THOUGHTS}\|?>|\[/?{_THOUGHTS}\]|◁/?think▷|<\|(?:channel|message|start|end|im_\w+)\|>)"
_ALONE = r"\s*<(/?)\|?([A-Za-z][\w:.-]*)\|?>\s*"
_YES = r"\W*(?:(?:sure|certainly|absolutely|of course|ok(?:ay)?|great|alright)\b"
_CHATTER = rf"{_YES})\s*[!,.:]"
_LEAD_IN = (
    rf"{_YES}[\s,!.:]*)?(?:"
    r"(?:here(?:['\u2019]s| is| are| you go)|below is|the following is|this is (?:a|the|your)"
    r"|i(?:['\u2019]ve| have)? (?:written|generated|created|prepared|drafted)|i (?:would |['\u2019]d )?suggest)\b"
    r".*\b(?:message|subject|summary)s?\b.*"
    r"|(?:(?:a|the|your) )?(?:(?:suggested|proposed|possible|generated|draft) )?(?:git )?commit message[*_\s]*:.*"
    r"|(?:suggested|proposed|possible|generated)\b.*\b(?:message|subject)[*_\s]*:[*_\s]*)"
)
_SLOT = (
    r"(?:type|scope|subject|description|summary|message|title|body|footer|text"
    r"|(?:short|brief|concise|your|optional|commit|one-line|imperative)[ _-][\w _-]{1,40})"
)
_PREFIX = r"(?:\w+(?:\([^()]*\))?!?:\s*)?"
_PLACEHOLDER = (
    rf"{_PREFIX}<{_SLOT}>\W*|<type>.*|\w*\(<scope>\).*|\W*{_PREFIX}(?:"
    r"your (?:commit )?(?:message|subject|description)(?: goes)? here|(?:insert|add|write|enter) (?:your |a |the )?"
    r"(?:commit )?(?:message|subject|description|summary)(?: here)?|(?:commit message|subject|description) goes here"
    r"|(?:todo|tbd|fixme):? *(?:(?:write|add|insert) (?:a )?)?(?:commit )?(?:message|subject|description)"
    r"|\(?no commit message(?: (?:provided|generated|available))?\)?|lorem ipsum.*)\W*"
)
_INSERT = rf"\[(?:insert|your|add|enter)\b[^\]]*\]|\[{_SLOT}\]$|\{{\{{[^}}]*\}}\}}"


def problems(text: Text) -> list[Problem]:
    """Each kind of leftover once, with the line it stands in."""
    found: list[Problem] = []
    first = text.lines[0]
    if first.text.lstrip().startswith(("```", "~~~")):
        found.append(Problem("code-fence", first.number, shown(first.text), "the message without the fence around it"))
    if line := _thought(text):
        passes = "the message alone, without thoughts and their tags"
        found.append(Problem("think-tag", line.number, shown(line.text), passes))
    elif _lead_in(first.text):
        found.append(Problem("lead-in", first.number, shown(first.text), "the message alone, from its first line on"))
    elif _placeholder(first.text):
        found.append(Problem("placeholder", first.number, shown(first.text), "words for what was changed"))
    return found


def _lead_in(line: str) -> bool:
    start = line[:200].lower()  # enough to tell; more could cost the patterns a lot of time
    if any(word in start for word in ("message", "subject", "summary")) and re.fullmatch(_LEAD_IN, start):
        return True
    return any(word in start[:16] for word in ("sur", "cert", "abs", "cour", "ok", "great", "alri")) and bool(
        re.match(_CHATTER, start)
    )


def _placeholder(line: str) -> bool:
    start = line[:200].lower()
    if any(mark in start for mark in "<[{") and re.search(_INSERT, start):
        return True
    words = ("<", "message", "subject", "description", "summary", "lorem")
    return any(word in start for word in words) and re.fullmatch(_PLACEHOLDER, start) is not None


def _thought(text: Text) -> Line | None:
    opened: set[str] = set()
    for line in text.lines:
        if not line.text.lstrip().startswith(("<", "[", "◁")):
            continue
        if re.match(_NAMED, line.text, re.IGNORECASE):
            return line
        if tag := re.fullmatch(_ALONE, line.text):
            if line == text.lines[0] and not _placeholder(line.text):
                return line
            if tag[1] and tag[2] not in opened:  # closes what the prompt had opened
                return line
            opened.add(tag[2])
    return None
