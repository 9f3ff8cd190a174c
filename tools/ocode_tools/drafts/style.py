"""How this repository's people write their messages, learned from the log and the policy by rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ocode_tools.git import Git
from ocode_tools.messages.base import Policy
from ocode_tools.messages.header import parse_header
from ocode_tools.messages.history import ENOUGH, Entry, conventional, entries

LIMIT = 72
_TICKET = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Z0-9]{1,9}-[1-9]\d{0,6})(?![A-Za-z0-9])")
_NUMBER = re.compile(r"(?i)(?:^|/)(?:(?:issue|gh|(?:bug|hot)?fix|bug|feat(?:ure)?)[/_-]?)?#?(\d{1,6})(?=[/_-]|$)")
_DEPENDENCY = re.compile(r"\b(bump|upgrade|update)\b.*\b(to|from)\b|\bdeps?\b", re.IGNORECASE)


class Used(NamedTuple):
    """One commit of the log that may teach scopes: its type and scope, and the files that it touched."""

    type: str
    scope: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """What a draft should look like.

    `capital` is the case of the first letter, `length` the usual length of a subject (characters), `body` whether
    people write bodies, `ticket` what the branch names and `ticket_as` how the log carries it ("" for not at all).
    `scoped` is the share of conventional messages with a scope, None where there are too few to tell; `used` what may
    teach which; `dependencies` the type and scope for new versions; `language` an English name, "" for English.
    """

    conventional: bool = True
    capital: bool = False
    limit: int = LIMIT
    length: int = 50
    body: bool = False
    ticket: str = ""
    ticket_as: str = ""
    used: tuple[Used, ...] = ()
    scoped: float | None = None
    types: Mapping[str, int] = field(default_factory=dict[str, int])
    dependencies: tuple[str, str] = ("chore", "")
    language: str = ""
    policy: Policy = Policy()  # noqa: RUF009  (a tuple of constants)


def learn(git: Git, policy: Policy | None = None) -> Style:
    """The style of the repository that `git` is in, from at most two readings of the log and the branch's name."""
    found = entries(git)
    policy = policy or Policy()
    style = not (policy.style == "plain" or (policy.learn and not (conventional(found) and not _ticketed(found))))
    headers = [header for entry in found if (header := parse_header(entry.subject))]
    scoped = sum(bool(header.scope) for header in headers)
    used = _used(git) if style and scoped >= 3 else ()
    branch = git.ask("symbolic-ref", "--quiet", "--short", "HEAD").text.strip()
    ticket, how = _ticket(branch, found)
    return Style(
        conventional=style,
        capital=_capital(found, style),
        limit=min(policy.subject_max or LIMIT, LIMIT),
        length=sorted(len(entry.subject) for entry in found)[len(found) // 2] if len(found) >= ENOUGH else 50,
        body=_bodies(found),
        ticket=ticket,
        ticket_as=how,
        used=used,
        scoped=scoped / len(headers) if len(headers) >= ENOUGH else None,
        types=Counter(header.type for header in headers),
        dependencies=_dependencies(found),
        language=_language(found),
        policy=policy,
    )


def _ticketed(found: Sequence[Entry]) -> bool:
    """Whether most messages begin with a ticket (`AB-12: text`), which only looks like a type."""
    return sum(bool(_TICKET.match(entry.subject)) for entry in found) * 2 > len(found)


def _capital(found: Sequence[Entry], style: bool) -> bool:
    texts = [header.text if (header := parse_header(entry.subject)) else entry.subject for entry in found]
    letters = [text[0] for text in texts if text[:1].isalpha() and text.split()[0].isalpha()]
    if len(letters) < ENOUGH:
        return not style
    return sum(letter.isupper() for letter in letters) * 2 > len(letters)


def _language(found: Sequence[Entry]) -> str:
    if len(found) < ENOUGH:
        return ""
    from ocode_tools.drafts.language import language  # many words, needed only here

    return language(f"{entry.subject}\n{entry.body}" for entry in found)


def _bodies(found: Sequence[Entry]) -> bool:
    return len(found) >= ENOUGH and sum(
        bool(re.sub(r"(?m)^[\w-]+: .*$", "", entry.body).strip()) for entry in found
    ) * 2 > len(found)


def _dependencies(found: Sequence[Entry]) -> tuple[str, str]:
    """Type and scope that commits of new versions carry here."""
    headers = [header for entry in found if (header := parse_header(entry.subject))]
    votes = Counter(
        (item.type, item.scope)
        for item in headers
        if _DEPENDENCY.search(f"{item.scope} {item.text}") and item.type in ("build", "chore", "deps", "fix")
    )
    return votes.most_common(1)[0][0] if votes else ("chore", "")


def _ticket(branch: str, found: Sequence[Entry]) -> tuple[str, str]:
    """The ticket in a branch's name, and how messages carry one: "prefix", "suffix", a trailer's name or ""."""
    keys = {
        match[1].partition("-")[0] for entry in found for match in _TICKET.finditer(f"{entry.subject}\n{entry.body}")
    }
    upper = _TICKET.search(branch.upper())  # in lower case only what the log knows as a ticket's key
    match = _TICKET.search(branch) or (upper if upper and upper[1].partition("-")[0] in keys else None)
    number = _NUMBER.search(branch) if not match else None
    ticket = match[1] if match else f"#{number[1]}" if number else ""
    if not ticket or not found:
        return ticket, ""
    shape = r"[A-Z][A-Z0-9]+-\d+" if match else r"#\d+"
    habits = Counter(habit for entry in found if (habit := _habit(entry, shape)))
    how, count = habits.most_common(1)[0] if habits else ("", 0)
    return ticket, how if count * 3 >= len(found) else ""


def _habit(entry: Entry, shape: str) -> str:
    """How one message carries a ticket of this shape."""
    header = parse_header(entry.subject)
    if any(re.match(rf"\[?{shape}\]?:? ", text) for text in (entry.subject, header.text if header else "")):
        return "prefix"
    if re.search(rf"\(?{shape}\)?$", entry.subject) and "#" not in shape:  # a number at the end is a forge's doing
        return "suffix"
    trailer = re.search(rf"(?m)^([A-Z][\w-]+):? +{shape}\s*$", entry.body)
    return trailer[1] if trailer else ""


def _used(git: Git) -> tuple[Used, ...]:
    shape = ("-z", "--name-only", "--no-renames", "--no-merges", "--no-show-signature", "--format=%x1e%s", "-150")
    done = git.ask("log", *shape, "HEAD")
    found: list[Used] = []
    for record in done.text.split("\x1e")[1:]:
        subject, _, names = record.partition("\0")
        header = parse_header(subject)
        if header:
            paths = tuple(name.lstrip("\n") for name in names.split("\0") if name.strip("\n"))
            found.append(Used(header.type, header.scope, paths[:50]))
    return tuple(found)
