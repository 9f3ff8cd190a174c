"""The list of changed files: the switches for git, and reading what it prints (git-diff(1), RAW OUTPUT FORMAT)."""

from __future__ import annotations

from ocode_tools.changes.base import Change, Commit, Range, Status, Which

_STATUS: dict[str, Status] = {
    "A": "added",
    "D": "removed",
    "M": "changed",
    "R": "renamed",
    "C": "copied",
    "T": "retyped",
}
# Nothing of the user's configuration may change what is read, nor start a program. Above the limit only renames
# without a change are found: comparing thousands of files with each other takes seconds.
_PLAIN = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--ignore-submodules=none"),
    *("--submodule=short", "--no-abbrev", "--find-renames=50%", "-l200", "-O/dev/null"),
)


def command(which: Which, *switches: str) -> list[str]:
    """The arguments for git that print the diff of `which` as `switches` say."""
    if isinstance(which, Commit):
        quiet = ("--no-show-signature", "--no-notes", "--no-follow")
        shape = ("--first-parent", "-m", "--format=", "--max-count=1", *quiet)
        return ["-c", "log.showRoot=true", "log", *shape, *_PLAIN, *switches, f"{which.rev}^{{commit}}"]
    if isinstance(which, Range):
        return ["diff", *_PLAIN, *switches, f"{which.old}...{which.new}"]
    return ["diff", "--cached", *_PLAIN, *switches]


def entries(printed: bytes) -> list[Change]:
    """The files that `--raw --numstat -z` lists, without kinds and contents; unmerged paths are left out."""
    fields = iter(printed.decode("utf-8", "surrogateescape").split("\0"))
    raw: dict[str, tuple[str, str]] = {}
    counts: dict[str, tuple[int | None, int | None]] = {}
    for field in fields:
        if field.startswith(":"):
            old = next(fields)
            letter = field.rpartition(" ")[2][0]
            raw[next(fields) if letter in "RC" else old] = (field, old)
        elif field:
            added, removed, path = field.split("\t", 2)
            if not path:
                next(fields)
                path = next(fields)
            counts[path] = (_count(added), _count(removed))
    return [
        _change(head, old, path, counts.get(path, (0, 0)))
        for path, (head, old) in raw.items()
        if head.rpartition(" ")[2][0] in _STATUS
    ]


def _change(head: str, old: str, path: str, counts: tuple[int | None, int | None]) -> Change:
    old_mode, new_mode, old_id, new_id, letter = head[1:].split(" ")
    like = int(letter[1:] or 0)
    return Change(path, old, _STATUS[letter[0]], old_mode, new_mode, old_id, new_id, like, *counts)


def _count(text: str) -> int | None:
    return None if text == "-" else int(text)
