"""The messages of commits as git stores them: raw bytes, with the encoding that the commit names (git-commit(1))."""

from __future__ import annotations

from typing import NamedTuple

from ocode_tools.git import Git


class Stored(NamedTuple):
    """A commit's message; `encoding` is its header's, "utf-8" without one, and a `merge` has several parents."""

    sha: str
    message: bytes
    encoding: str
    merge: bool


def stored(git: Git, which: str) -> list[Stored]:
    """The commits of a range `A..B`, oldest first, or the one commit that a revision names.

    Raises `GitError` where git does not know them.
    """
    one = () if ".." in which else ("--max-count=1",)
    shas = git.out("rev-list", "--reverse", *one, "--end-of-options", which)
    return _parsed(git.out("cat-file", "--batch", stdin=shas)) if shas else []


def _parsed(data: bytes) -> list[Stored]:
    found: list[Stored] = []
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        sha, _, size = data[at:end].decode().split(" ")
        at = end + 1 + int(size) + 1
        headers, _, message = data[end + 1 : at - 1].partition(b"\n\n")
        lines = headers.split(b"\n")
        named = [line.removeprefix(b"encoding ") for line in lines if line.startswith(b"encoding ")]
        encoding = named[0].decode("ascii", "replace") if named else "utf-8"
        found.append(Stored(sha, message, encoding, sum(line.startswith(b"parent ") for line in lines) > 1))
    return found
