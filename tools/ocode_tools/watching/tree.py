"""A work tree as it was last seen, and what is new at the next look."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from ocode_tools.git import Git
from ocode_tools.queue.base import Cause
from ocode_tools.repository import Repository
from ocode_tools.selection import Selection
from ocode_tools.todos.item import Todo
from ocode_tools.todos.scan import scan
from ocode_tools.watching import status
from ocode_tools.watching.marks import Wanted
from ocode_tools.watching.status import Signature

_MOST_PATHS = 2000  # that are scanned one by one
_TITLE = 200  # characters


@dataclass(frozen=True, slots=True)
class Look:
    """What a look saw: every cause that there is now, the files saved since the last look, and where the head was and
    is. `changed`: anything was new at all."""

    causes: tuple[Cause, ...]
    saved: tuple[str, ...]
    before: str
    head: str
    branch: str
    changed: bool


@dataclass(slots=True)
class Tree:
    """One work tree: which TODOs with one of `tags` are `wanted`, by path. With `everything` those without a mark count
    too, once they are new: `known` are keys that were new before."""

    repository: Repository
    tags: Sequence[str]
    wanted: Wanted
    everything: bool = False
    known: set[str] = field(default_factory=set[str])
    _found: dict[str, tuple[Todo, ...]] = field(init=False, default_factory=dict[str, tuple[Todo, ...]])
    _digests: dict[str, str] = field(init=False, default_factory=dict[str, str])
    _dirty: dict[str, Signature] = field(init=False, default_factory=dict[str, Signature])
    _head: str | None = field(init=False, default=None)
    _old: set[str] = field(init=False, default_factory=set[str])

    def look(self) -> Look:
        """Look at the work tree by `git status`, read what changed. Raises `GitError`."""
        git = self.repository.git
        now = status.read(git)
        before, moved = self._head, self._head is not None and now.head != self._head
        paths = None if before is None else self._changed(git, now, before)
        saved = self._read(git, paths, moved)
        changed = moved or bool(saved) or self._dirty.keys() != now.files.keys()
        self._head, self._dirty = now.head, now.files
        return Look(self._causes(), tuple(sorted(saved)), before or "", now.head, now.branch, changed)

    def _changed(self, git: Git, now: status.Status, before: str) -> set[str] | None:
        """The paths that may hold something new; None for all."""
        paths = {path for path, sign in now.files.items() if self._dirty.get(path) != sign}
        paths |= self._dirty.keys() - now.files.keys()
        if now.head != before:
            ends = (before, now.head) if before and now.head else ()
            done = git.ask("diff-tree", "-r", "--name-only", "-z", "--no-renames", *ends) if ends else None
            if done is None or done.code:
                return None
            paths.update(name for name in done.text.split("\0") if name)
        return paths if len(paths) <= _MOST_PATHS else None

    def _read(self, git: Git, paths: set[str] | None, moved: bool) -> set[str]:
        """Read the TODOs of these paths (None: all) anew; those that were saved since."""
        chosen = None if paths is None else Selection(tuple(sorted(paths)))
        found = dict[str, list[Todo]]()
        for todo in scan(git, chosen, tags=self.tags).todos if paths is None or paths else ():
            found.setdefault(todo.path, []).append(todo)
        read = {*self._found, *found} if paths is None else {*paths}
        first = self._head is None
        saved = set[str]()
        for path in read:
            digest = _digest(git, path) if path in found else ""
            if self._digests.get(path, "") != digest:
                if not moved and not first:
                    saved.add(path)
                self._digests[path] = digest
            if moved or first:  # what a switch or a pull brought is nothing that somebody just wrote
                self._old.update(todo.key for todo in found.get(path, ()) if todo.key not in self.known)
            if path in found:
                self._found[path] = tuple(found[path])
            else:
                self._found.pop(path, None)
                self._digests.pop(path, None)
        return saved

    def _causes(self) -> tuple[Cause, ...]:
        named = dict[str, Cause]()
        for path in sorted(self._found):
            for todo in self._found[path]:
                if self.wanted(todo) or (self.everything and todo.key not in self._old):
                    named.setdefault(todo.key, self._cause(todo))
        self.known.update(named)
        return tuple(named.values())

    def _cause(self, todo: Todo) -> Cause:
        title = f"{todo.head}: {todo.text}" if todo.text else todo.head
        where, top = self.repository.common_dir, self.repository.top
        digest = self._digests.get(todo.path, "")
        return Cause(str(where), "todo", todo.key, str(top), todo.path, todo.line, title[:_TITLE], digest)


def _digest(git: Git, path: str) -> str:
    try:
        with open(os.path.join(os.fspath(git.cwd), path), "rb") as file:
            return hashlib.file_digest(file, "sha1").hexdigest()
    except OSError:
        return ""
