"""The code that a change names, and whether it is still as it was: a rejection holds until then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocode_tools.git import Git
from ocode_tools.ledger.base import Code

MOST = 1 << 16  # bytes of a block; a larger one is known by its file's id
# No driver or setting of the user's may change what is printed; the whole function around a change names it.
_DIFF = ("diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index")
_PATCH = ("-p", "-W", "--no-indent-heuristic", "--inter-hunk-context=0")


def named(git: Git, before: str, after: str) -> tuple[Code, ...]:
    """The code that the change from commit `before` to `after` touches. Raises `GitError` where one is missing."""
    fields = git.out(*_DIFF, "--raw", before, after).split(b"\0")
    found: list[Code] = []
    for info, path in zip(fields[::2], fields[1::2], strict=False):
        name, blob = path.decode("latin-1"), info.split(b" ")[2].decode("ascii")
        blocks = [] if set(blob) == {"0"} else list(_blocks(git, before, after, name))
        if blocks and all(len(block) <= MOST for block in blocks):
            found += [Code(name, before=block) for block in blocks]
        else:
            found.append(Code(name, blob="" if set(blob) == {"0"} else blob))
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
    """What was there before, hunk by hunk."""
    place = b":(literal)" + path.encode("latin-1")
    printed = git.out(*_DIFF, *_PATCH, before, after, "--", place.decode("utf-8", "surrogateescape"))
    for hunk in re.split(rb"(?m)^@@ .*\n", printed)[1:]:
        lines = [line[1:] for line in hunk.split(b"\n") if line[:1] in (b" ", b"-")]
        if lines:
            yield b"\n".join(lines).decode("latin-1")


def _file(git: Git, commit: str, path: str) -> bytes | None:
    done = git.ask("cat-file", "blob", f"{commit}:{path.encode('latin-1').decode('utf-8', 'surrogateescape')}")
    return None if done.code else done.out


def _id(git: Git, commit: str, path: str) -> str:
    name = path.encode("latin-1").decode("utf-8", "surrogateescape")
    done = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{name}")
    return "" if done.code else done.text.strip()
