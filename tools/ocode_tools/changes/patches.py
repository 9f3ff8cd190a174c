"""Unified diffs of single files for reading by a model: bounded, cut on hunk borders, harmless to print."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocode_tools.changes.base import Change, Changes
from ocode_tools.changes.listing import command
from ocode_tools.git import Git

# A file with more changed lines than this is told by its summary alone.
LINES = 20_000
_HEAD = re.compile(rb"^diff --(?:git|cc|combined) ", re.MULTILINE)
_HUNK = re.compile(r"(?m)^(?=@@ )")
# Control characters, direction marks and other invisible ones that could hide text from a reader.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def patches(git: Git, changes: Changes, paths: Sequence[str], context: int = 3) -> dict[str, str]:
    """The hunks of the files at `paths` (new names) with `context` lines around, by one call of git.

    Submodules, binary files, and files with too many changed lines have none. Raises GitError where git cannot say.
    """
    wanted = {change.path: change for change in changes.files if change.path in set(paths) and _has_patch(change)}
    if not wanted:
        return {}
    names = sorted({name for change in wanted.values() for name in (change.path, change.old_path)})
    switches = ("--patch", f"--unified={context}", "--no-indent-heuristic", "--src-prefix=a/", "--dst-prefix=b/")
    printed = git.out("--literal-pathspecs", *command(changes.which, *switches), "--", *names)
    starts = [found.start() for found in _HEAD.finditer(printed)]
    pieces = [printed[start:end] for start, end in zip(starts, [*starts[1:], len(printed)], strict=True)]
    order = [change for change in changes.files if change.path in names or change.old_path in names]
    if len(pieces) != len(order):
        return {}
    both = zip(order, pieces, strict=True)
    return {change.path: _hunks(piece) for change, piece in both if change.path in wanted}


def patch(git: Git, changes: Changes, path: str, most: int = 8000) -> str:
    """The hunks of one file, at most `most` characters; "" where there are none."""
    return cut(patches(git, changes, [path]).get(path, ""), most)


def cut(text: str, most: int) -> str:
    """The first hunks of a diff that fit into `most` characters, and a line that says how many were left out."""
    if len(text) <= most:
        return text
    hunks = _HUNK.split(text)
    hunks = [hunk for hunk in hunks if hunk]
    kept: list[str] = []
    left = most - 40
    for hunk in hunks:
        if len(hunk) > left:
            break
        kept.append(hunk)
        left -= len(hunk)
    if not kept and hunks:
        lines = hunks[0][: max(0, left)].rpartition("\n")[0]
        return f"{lines}\n[... cut; {len(hunks)} hunks in all]\n" if lines else ""
    return "".join(kept) + f"[... {len(hunks) - len(kept)} more hunks]\n"


def _has_patch(change: Change) -> bool:
    return not (change.binary or change.submodule or change.status == "retyped" or change.lines > LINES)


def _hunks(piece: bytes) -> str:
    text = piece.decode("utf-8", "surrogateescape")
    start = text.find("\n@@ ")
    return _ODD.sub("\ufffd", text[start + 1 :].replace("\r\n", "\n")) if start >= 0 else ""
