"""The code that a change names, and whether it is still as it was: a rejection holds until then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocode_tools.git import Git
from ocode_tools.ledger.base import Code
from ocode_tools.source import Source, SourceError

MOST = 1 << 16  # bytes of a block; a larger one is known by its file's id
AROUND = 3  # lines on both sides of a change that lies in no function
# No driver or setting of the user's may change what is printed.
_DIFF = ("diff-tree", "-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index")
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? ", re.MULTILINE)


def named(git: Git, before: str, after: str) -> tuple[Code, ...]:
    """The code that the change from commit `before` to `after` touches: whole functions of Python, else the lines and
    their neighbours. Raises `GitError` where a commit is missing."""
    fields = git.out(*_DIFF, "-z", "--raw", before, after).split(b"\0")
    found: list[Code] = []
    for info, path in zip(fields[::2], fields[1::2], strict=False):
        name, blob = path.decode("latin-1"), info.split(b" ")[2].decode("ascii")
        there = set(blob) != {"0"}
        blocks = list(dict.fromkeys(_blocks(git, before, after, name))) if there else []
        if blocks and all(0 < len(block) <= MOST for block in blocks):
            found += [Code(name, before=block) for block in blocks]
        else:
            found.append(Code(name, blob=blob if there else ""))
    return tuple(found)


def unchanged(git: Git, commit: str, code: Sequence[Code]) -> bool:
    """Whether each piece of the code is in `commit` as it was; nothing named is nothing unchanged."""
    files: dict[str, bytes | None] = {}
    for one in code:
        if one.path not in files:
            files[one.path] = _file(git, commit, one.path)
        text = files[one.path]
        if not one.before:
            same = _id(git, commit, one.path) == one.blob
        else:
            block = one.before.encode("latin-1")
            same = text is not None and re.search(rb"^" + re.escape(block) + rb"$", text, re.MULTILINE) is not None
        if not same:
            return False
    return bool(code)


def _blocks(git: Git, before: str, after: str, path: str) -> Iterator[str]:
    """What was there before, change by change."""
    data = _file(git, before, path)
    if data is None:  # a submodule
        return
    printed = git.out(*_DIFF, "-p", "-U0", before, after, "--", f":(literal){_plain(path)}")
    lines, source = data.split(b"\n"), _source(path, data)
    for start, count in _HUNK.findall(printed):
        first = max(1, int(start))
        first, last = _around(source, first, first + max(1, int(count or 1)) - 1, len(lines))
        yield b"\n".join(lines[first - 1 : last]).decode("latin-1")


def _around(source: Source | None, first: int, last: int, count: int) -> tuple[int, int]:
    """The function that holds the lines, else some more lines; 1-based, inclusive."""
    if source:
        unit = source.unit_at(first)
        if unit.qualname != "<module>" and unit.first <= first and last <= unit.last:
            return unit.first, unit.last
    return max(1, first - AROUND), min(count, last + AROUND)


def _source(path: str, data: bytes) -> Source | None:
    """The file as Python, where it is; lines are counted as git counts them only where no lone CR ends one."""
    try:
        source = Source(path, data) if path.endswith((".py", ".pyi")) and b"\r" not in data else None
        return source if source and source.tree else None
    except SourceError:
        return None


def _plain(path: str) -> str:
    return path.encode("latin-1").decode("utf-8", "surrogateescape")


def _file(git: Git, commit: str, path: str) -> bytes | None:
    done = git.ask("cat-file", "blob", f"{commit}:{_plain(path)}")
    return None if done.code else done.out


def _id(git: Git, commit: str, path: str) -> str:
    done = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{_plain(path)}")
    return "" if done.code else done.text.strip()
