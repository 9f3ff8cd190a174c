"""Hints from the file system: one thread, the folders that it is told, nothing below them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Literal, TypeAlias

from watchfiles import Change, watch

STEP, DEBOUNCE, LOOK_EVERY = 50, 400, 1000  # milliseconds


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened at these absolute paths; `folders` are new ones among them. Empty: watching has begun."""

    paths: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Deaf:
    """No more events will come, and why."""

    reason: str


Word: TypeAlias = Literal["stop", "reload", "child", "spool"]
Message: TypeAlias = Hint | Deaf | Word
Inbox: TypeAlias = "SimpleQueue[Message]"


class Notifier:
    """Watches a set of folders and puts hints into the inbox; another set replaces it."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._folders: frozenset[str] = frozenset()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, folders: Iterable[str], again: bool = False) -> bool:
        """Watch these folders from now on; whether anything was to be done. `again`: one of them was made anew, so that
        what is watched is the one that is gone."""
        wanted = frozenset(folders)
        if wanted == self._folders and not again and self._thread and self._thread.is_alive():
            return False
        self.close()
        self._folders = wanted
        if wanted:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=_listen, args=(wanted, self._inbox.put, self._stop), daemon=True)
            self._thread.start()
        return True

    def close(self) -> None:
        """Watch nothing any more."""
        self._stop.set()
        if self._thread:
            self._thread.join(5)
        self._thread = None
        self._folders = frozenset()


def _listen(folders: frozenset[str], put: Callable[[Message], None], stop: threading.Event) -> None:
    """Live in a thread. What came between a look and the first event is looked for once watching has begun."""
    begun = False
    try:
        for batch in watch(
            *sorted(filter(os.path.isdir, folders)),
            watch_filter=None,
            debounce=DEBOUNCE,
            step=STEP,
            stop_event=stop,
            rust_timeout=LOOK_EVERY,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            recursive=False,
            ignore_permission_denied=True,
        ):
            if batch or not begun:
                begun = True
                put(_hint(batch))
    except FileNotFoundError:  # a folder that went meanwhile: the next look says which there are
        put(Hint(frozenset(folders), frozenset(folders)))
    except (OSError, RuntimeError) as problem:
        put(Deaf(" ".join(str(problem).split()) or type(problem).__name__))


def _hint(batch: set[tuple[Change, str]]) -> Hint:
    new = (path for change, path in batch if change == Change.added and os.path.isdir(path))
    return Hint(frozenset(path for _, path in batch), frozenset(new))
