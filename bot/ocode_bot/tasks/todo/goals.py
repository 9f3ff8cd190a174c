"""Which TODOs a job is about, and which of them are left to people."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ocode_bot.ground import Ground
from ocode_bot.job import Job
from ocode_bot.report import one_line
from ocode_tools.errors import UsageError
from ocode_tools.gates.scope import Scope
from ocode_tools.selection import select
from ocode_tools.source import Source
from ocode_tools.todos.grammar import AI
from ocode_tools.todos.item import Todo
from ocode_tools.todos.scan import scan
from ocode_tools.todos.strip import find_again
from ocode_tools.todos.undecided import why_left

MOST = 20  # TODOs of one run, without --limit
_KEY = re.compile(r"[0-9a-f]{4,10}")


@dataclass(frozen=True, slots=True)
class Goal:
    """A TODO to resolve; `why` says in one line why no model is asked, "" where one may be. `id` is its key, with its
    path where another file has the same."""

    todo: Todo
    id: str
    why: str

    @property
    def key(self) -> str:
        """Its identity, as the trailer Ocode-Key has it."""
        return f"todo:{self.todo.key}"

    @property
    def place(self) -> str:
        """Where it stood at the base."""
        return f"{self.todo.path}:{self.todo.line}"

    @property
    def title(self) -> str:
        """What is done, for people."""
        return f"resolving {self.place} {self.todo.head}: {one_line(self.todo.text)[:80]}"


def goals(ground: Ground) -> list[Goal]:
    """What was asked for, those that may be tried first. Raises `UsageError` for a target or key that names nothing."""
    job = ground.job
    found = _wanted(job)
    times = Counter(todo.key for todo in found)
    made = [
        Goal(todo, todo.key if times[todo.key] == 1 else f"{todo.path}:{todo.key}", _why(ground, todo))
        for todo in found
    ]
    made.sort(key=lambda goal: (bool(goal.why), not _for_agents(goal.todo)))
    most = job.request.limit or (len(made) if job.request.targets else MOST)
    if len(made) > most:
        ground.progress.step(f"{len(made)} TODOs; working on the first {most} (--limit)")
    return made[:most]


def at_tip(ground: Ground, goal: Goal) -> tuple[Source, Todo] | None:
    """The goal's file and TODO as they are at the tip; None where an earlier landing took it along."""
    ground.workspace.lanes[0].reset(ground.tip)
    source = ground.read(goal.todo.path)
    if source is None:
        return None
    todo = find_again(source.path, source.replace(()), goal.todo, ground.job.settings.todo.tags)
    return (source, todo) if todo else None


def scope(job: Job) -> Scope:
    """What may change."""
    return Scope((), tuple(job.settings.fix.allow))


def _wanted(job: Job) -> list[Todo]:
    request, repository, tags = job.request, job.repository, job.settings.todo.tags
    keys = [target for target in request.targets if _is_key(job, target)]
    paths = [target for target in request.targets if target not in keys]
    chosen = None
    if paths or request.changed is not None:
        chosen = select(repository.git, repository.start, paths, changed=request.changed, base=job.base)
    every = scan(repository.git, chosen, tags=tags, base=job.base).todos
    wanted = [todo for todo in every if not _is_mention(todo)] if paths or not keys else []
    if request.staged:
        staged = select(repository.git, repository.start, paths, staged=True)
        known = Counter((t.path, t.key) for t in scan(repository.git, staged, tags=tags, staged=True).todos)
        wanted = [todo for todo in wanted if known[todo.path, todo.key]]
    if keys:
        wanted += _by_key(keys, scan(repository.git, tags=tags, base=job.base).todos)
    return sorted(dict.fromkeys(wanted), key=lambda todo: (todo.path, todo.line))


def _is_key(job: Job, target: str) -> bool:
    repository = job.repository
    there = any((folder / target).exists() for folder in (repository.start, repository.top))
    return bool(_KEY.fullmatch(target)) and not there


def _by_key(keys: Sequence[str], todos: Sequence[Todo]) -> list[Todo]:
    found = list[Todo]()
    for key in keys:
        named = [todo for todo in todos if todo.key.startswith(key)]
        if not named:
            raise UsageError(f"no TODO has the key {key}; see ocode todo list --format '{{key}} {{path}} {{text}}'")
        found += named
    return found


def _is_mention(todo: Todo) -> bool:
    """Whether the tag is just a word of a sentence."""
    return todo.form == "inside" and bool(re.search(rf"(?<!\w){re.escape(todo.tag)}(?!\w)", todo.text))


def _for_agents(todo: Todo) -> bool:
    return todo.tag == AI or todo.ref.casefold().lstrip("@") == "ocode"


def _why(ground: Ground, todo: Todo) -> str:
    if not todo.path.endswith((".py", ".pyw")):
        return "language: only Python is changed as yet"
    if ground.is_test(todo.path) and not any(scope(ground.job).allow):
        return "scope: it stands in the tests, which are read-only"
    if refused := scope(ground.job).why_not(todo.path):
        return f"scope: {refused}"
    return why_left(todo, datetime.date.today()) or ""
