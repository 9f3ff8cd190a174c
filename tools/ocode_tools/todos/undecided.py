"""TODOs that nobody can resolve by writing code here and now: a question, something outside, a later date."""

from __future__ import annotations

import datetime
import re

from ocode_tools.todos.item import Todo

_QUESTION = re.compile(
    r"\?\s*\)?\s*\Z|\b(?:decide|discuss|clarify|agree on|undecided|unclear|not sure|unsure|find out|figure out|"
    r"think about|rethink|reconsider|evaluate whether|do we|should (?:we|this|it|i|these|that)|"
    r"is (?:this|it|that) (?:right|correct|ok|needed|necessary|still)|why (?:is|are|does|do|did))\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"\b(?:ask|contact|talk to|check with|confirm with|wait(?:ing)? for (?:feedback|review|approval|an? answer))\b",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(
    r"\b(?:upstream|(?:once|until|as soon as|wait(?:ing|s)? (?:for|until|on)|blocked (?:by|on))\b.{0,80}?\b"
    r"(?:merged|released?|fixed|deployed|shipped|available|landed|lands|resolved|closed|supports?|migrated|live)"
    r"|(?:when|after)\b.{0,80}?\b(?:merged|released|deployed|shipped|landed|lands|out))\b"
    r"|https?://\S+/(?:issues?|pulls?|merge_requests|browse|show_bug)\b",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"\b(2\d\d\d)-(\d\d)(?:-(\d\d))?\b")
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\.? (?:\d{{1,2}},? )?(2\d\d\d)\b", re.IGNORECASE)
_QUARTER = re.compile(r"\bQ([1-4])[ /-]?(2\d\d\d)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:in|after|by|until|from) (2\d\d\d)\b(?!-)", re.IGNORECASE)
_IN = r"\b(?:in|for|with|before|after|until) "
_RELEASE = re.compile(
    rf"{_IN}(?:the )?(?:next|a (?:future|later|coming)) (?:major |minor )?(?:release|version)\b"
    rf"|{_IN}(?:v|version |release )\d+(?:\.\d+)*\b|\b(?:some ?day|eventually|later on)\b",
    re.IGNORECASE,
)


def why_left(todo: Todo, today: datetime.date) -> str | None:
    """Why a TODO is left to people, as `kind: reason`; None where it may be tried.

    Words decide, as nobody can look into heads: what is wrongly left can be written in other words.
    """
    text = todo.text
    if not re.search(r"\w{2}", text):
        return "text: it does not say what is to be done"
    if found := _QUESTION.search(text) or _PEOPLE.search(text):
        return f"decision: it needs one by people ({found.group().strip()[:40] or '?'})"
    if later := _later(text, today):
        return f"later: {later}"
    if found := _OUTSIDE.search(text):
        return f"outside: it waits for something outside ({found.group().strip()[:60]})"
    return None


def _later(text: str, today: datetime.date) -> str | None:
    """A date that is still to come, or a release that nobody can date."""
    for date in _dates(text):
        if date > today:
            return f"its time is {date.isoformat()}"
    found = _RELEASE.search(text)
    return f"it waits for a release or another day ({found.group()})" if found else None


def _dates(text: str) -> list[datetime.date]:
    """The days that a text names; of a month or a year the last one counts."""
    found = list[datetime.date]()
    for year, month, day in _DATE.findall(text):
        found += _day(int(year), int(month), int(day)) if day else _end(int(year), int(month))
    for name, year in _MONTH.findall(text):
        found += _end(int(year), _MONTHS.index(name[:3].casefold()) + 1)
    for quarter, year in _QUARTER.findall(text):
        found += _end(int(year), 3 * int(quarter))
    for year in _YEAR.findall(text):
        found += _day(int(year), 1, 1)
    return found


def _day(year: int, month: int, day: int) -> list[datetime.date]:
    try:
        return [datetime.date(year, month, day)]
    except ValueError:
        return []


def _end(year: int, month: int) -> list[datetime.date]:
    after = _day(year + month // 12, month % 12 + 1, 1) if 1 <= month <= 12 else []
    return [day - datetime.timedelta(days=1) for day in after]
