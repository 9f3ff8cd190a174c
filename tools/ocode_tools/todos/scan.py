"""The TODOs of a repository: git's own grep says in which files, the lexer says where."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocode_tools.git import Git, GitError
from ocode_tools.todos.find import todos
from ocode_tools.todos.grammar import AI, TAGS
from ocode_tools.todos.item import Todo
from ocode_tools.todos.languages import family, family_of_name

if TYPE_CHECKING:
    from ocode_tools.selection import Selection

LARGEST = 32 << 20
"""Bytes of a file that is read."""
_AT_ONCE = 100  # blobs that git hands over in one go
_MOST_PATHS = 200  # that are named to git grep
_KINDS = 5  # of unknown files that a note names
_OBJECTS = (b"blob", b"tree", b"commit", b"tag")


@dataclass(frozen=True, slots=True)
class Listing:
    """The TODOs of a repository, by path and line; one line in `notes` for what was not read, and why."""

    todos: list[Todo] = field(default_factory=list[Todo])
    notes: tuple[str, ...] = ()


def scan(
    git: Git,
    selection: Selection | None = None,
    *,
    tags: Sequence[str] = TAGS,
    docstrings: bool = False,
    staged: bool = False,
    base: str | None = None,
) -> Listing:
    """The TODOs of the work tree (untracked files too, ignored ones not), of the index or of the commit `base`.

    `git` runs at the top; None for `selection`: everything. Raises GitError where git cannot say.
    """
    paths = candidates(git, tags, selection.paths if selection else None, staged=staged, base=base)
    if selection:
        asked = frozenset(selection.paths)
        paths = [path for path in paths if path in asked]
    odd, found = Counter[str](), list[Todo]()
    for path, data in _contents(git, paths, odd, staged, base):
        if data is None or family(path, data) is None:
            odd[_what(path) if data is not None else ""] += 1
            continue
        for todo in todos(path, data, tags, docstrings):
            if selection is None or selection.wants(path, todo.symbol, todo.line, todo.last):
                found.append(todo)
    return Listing(found, _notes(odd))


def since(
    git: Git,
    revision: str,
    selection: Selection | None = None,
    *,
    tags: Sequence[str] = TAGS,
    docstrings: bool = False,
) -> Listing:
    """The TODOs of the work tree that were nowhere in the changed files at the commit `revision`."""
    changed = git.names("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-relative", revision, "--")
    fresh = {*changed, *git.names("ls-files", "-z", "--others", "--exclude-standard")}
    before = Counter(todo.key for todo in at(git, revision, changed, tags, docstrings))
    now = scan(git, selection, tags=tags, docstrings=docstrings)
    found = list[Todo]()
    for todo in now.todos:
        if todo.path in fresh:
            before[todo.key] -= 1
            if before[todo.key] < 0:
                found.append(todo)
    return Listing(found, now.notes)


def at(
    git: Git, revision: str, paths: Sequence[str], tags: Sequence[str] = TAGS, docstrings: bool = False
) -> Iterator[Todo]:
    """The TODOs in these files at a commit; a file that is not there has none."""
    for path, data in _contents(git, paths, Counter(), False, revision):
        yield from todos(path, data or b"", tags, docstrings)


def candidates(
    git: Git,
    tags: Sequence[str],
    paths: Sequence[str] | None = None,
    *,
    staged: bool = False,
    base: str | None = None,
) -> list[str]:
    """The text files with one of the tags as a word, by `git grep`, in order; of `paths` where they are few."""
    words = "|".join(re.escape(tag) for tag in (*tags, AI))
    where = ["--cached"] if staged else [base] if base else ["--untracked"]
    options = ("-l", "-z", "-w", "-I", "-E", "--full-name", "--no-color", "--no-textconv", "-e", words)
    asked = ["--", *paths] if paths is not None and len(paths) <= _MOST_PATHS else []
    if asked == ["--"]:
        return []
    done = git.ask("--literal-pathspecs", "grep", *options, *where, *asked, env={"LC_ALL": "C"})
    if done.code > 1 or done.code < 0:
        raise GitError(f"git grep: {done.err.decode('utf-8', 'replace').strip()}")
    prefix = f"{base}:" if base else ""
    return sorted(name.removeprefix(prefix) for name in done.text.split("\0") if name)


def _contents(
    git: Git, paths: Iterable[str], odd: Counter[str], staged: bool, base: str | None
) -> Iterator[tuple[str, bytes | None]]:
    """Each file's bytes; None where it cannot be read."""
    known = list[str]()
    for path in paths:
        if family_of_name(path) is None:
            odd[_what(path)] += 1
        else:
            known.append(path)
    if staged or base:
        yield from _blobs(git, known, base or "")
        return
    top = os.fspath(git.cwd)
    for path in known:
        data = _plain(os.path.join(top, path))
        if data != b"":
            yield path, data


def _plain(file: str) -> bytes | None:
    """A regular file's bytes, nothing of what is none; None where it cannot be read or is too large."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b"" if os.path.islink(file) else None
    with open(handle, "rb") as opened:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return b""
        return opened.read() if status.st_size <= LARGEST else None


def _blobs(git: Git, paths: Sequence[str], base: str) -> Iterator[tuple[str, bytes | None]]:
    """Files of a commit, or of the index for "", some at a time (git-cat-file(1) `--batch`)."""
    named = [path for path in paths if "\n" not in path]
    for path in paths:
        if "\n" in path:
            yield path, None
    for start in range(0, len(named), _AT_ONCE):
        some = named[start : start + _AT_ONCE]
        asked = "".join(f"{base}:{path}\n" for path in some)
        data = git.out("cat-file", "--batch", stdin=asked.encode("utf-8", "surrogateescape"))
        at = 0
        for path in some:
            end = data.index(b"\n", at)
            words = data[at:end].rsplit(b" ", 2)
            at = end + 1
            if words[-1].isdigit() and words[-2] in _OBJECTS:
                size = int(words[-1])
                if words[-2] == b"blob":
                    yield path, data[at : at + size] if size <= LARGEST else None
                at += size + 1


def _what(path: str) -> str:
    """What a file that nobody knows is called in a note."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:] if dot > 0 else name


def _notes(odd: Counter[str]) -> tuple[str, ...]:
    unreadable = odd.pop("", 0)
    notes = list[str]()
    if odd:
        kinds = ", ".join(f"{name} {count}" if count > 1 else name for name, count in odd.most_common(_KINDS))
        more = f" and {len(odd) - _KINDS} kinds more" if len(odd) > _KINDS else ""
        notes.append(f"{odd.total()} file(s) with a tag left out, their comments are not known: {kinds}{more}")
    if unreadable:
        notes.append(f"{unreadable} file(s) left out: not readable, or larger than {LARGEST >> 20} MiB")
    return tuple(notes)
