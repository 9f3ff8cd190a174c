"""How people wrote commit messages here before: the log without what machines and git itself wrote."""

from __future__ import annotations

import re
from typing import NamedTuple

from ocode_tools.git import Git
from ocode_tools.messages.header import parse_header

# Below so many messages a log teaches nothing; below this share of conventional ones it says "not conventional".
ENOUGH, SHARE = 10, 0.2
_BOT = r"\[bot\]|\b(dependabot|renovate|greenkeeper|snyk-bot|github-actions|pre-commit-ci)\b|[-_.]bot@"
_GIT = r'(Merge|Merged) |Revert "|Reapply "|(fixup|squash|amend)! '
_OURS = r"^(Ocode-[\w-]+:|(Assisted|Co-authored|Generated)-by: *ocode\b)"


class Entry(NamedTuple):
    """One commit of the log: its first line, the rest of its message, and `Name <address>` of its author."""

    subject: str
    body: str
    author: str


def entries(git: Git, limit: int = 50) -> list[Entry]:
    """The newest `limit` commits that a person wrote, newest first; none where there is no commit yet.

    Left out: merges, reverts, fixups, bots, and what ocode had a hand in (its trailers). Looks at no more than four
    times `limit` commits of HEAD's history.
    """
    done = git.ask(
        "log", "-z", "--no-merges", "--no-show-signature", "--no-notes", "--encoding=UTF-8", f"-{4 * limit}",
        "--format=%an <%ae>%n%B", "HEAD",
    )  # fmt: skip
    if done.code:
        return []
    found = (_entry(record) for record in done.out.decode("utf-8", "replace").split("\0"))
    return [entry for entry in found if _human(entry)][:limit]


def conventional(entries: list[Entry]) -> bool:
    """Whether the log may go on as conventional: False only where enough messages say clearly that it is not."""
    if len(entries) < ENOUGH:
        return True
    return sum(parse_header(entry.subject) is not None for entry in entries) >= SHARE * len(entries)


def _entry(record: str) -> Entry:
    author, _, message = record.partition("\n")
    subject, _, body = message.strip().partition("\n")
    return Entry(subject.strip(), body.strip(), author)


def _human(entry: Entry) -> bool:
    machine = (
        re.search(_BOT, entry.author, re.I)
        or re.match(_GIT, entry.subject)
        or re.search(_OURS, entry.body, re.I | re.M)
    )
    return bool(entry.subject) and not machine
