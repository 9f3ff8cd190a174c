"""What a model changed, in a commit's subject by rules: no call is spent on saying it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from ocode_tools.edits import Edit, Proposal

MOST = 56  # characters, so that a short test name fits behind it
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]+")


def summary(edits: Sequence[Edit], name: str) -> str:
    """`replace `>` by `>=` in shipping`: the words that changed where they are few, else how many lines did.

    `name` is the dotted name of a function, or a file's path.
    """
    place = name.rpartition("/")[2] if "/" in name else name.rpartition(".")[2]
    lines = Proposal(tuple(edits), "", "", "").diff().splitlines()
    lines = [line for line in lines if line[1:].strip() and not line.startswith(("--- ", "+++ "))]
    minus, plus = ([line[1:] for line in lines if line.startswith(sign)] for sign in "-+")
    if len(minus) <= 1 and len(plus) <= 1 and len(text := f"{_words(minus, plus)} in {place}") <= MOST:
        return text
    count = max(len(minus), len(plus))
    return f"correct {count} line{'s' if count != 1 else ''} in {place}"


def _words(minus: Sequence[str], plus: Sequence[str]) -> str:
    """What became of the one line that changed."""
    old, new = ("".join(part).strip() for part in (minus, plus))
    if not old or not new:
        return f"add `{new}`" if new else f"drop `{old}`"
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changes = [code for code in codes if code[0] != "equal"]
    gone = "".join(before[changes[0][1] : changes[-1][2]]).strip()
    came = "".join(after[changes[0][3] : changes[-1][4]]).strip()
    if not gone or not came:
        return f"add `{came}`" if came else f"drop `{gone}`"
    return f"replace `{gone}` by `{came}`"
