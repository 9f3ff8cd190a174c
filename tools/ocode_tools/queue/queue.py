"""The queue: one job for each cause, taken by one worker at a time, fair between repositories.

Every method is one step on the disk. The clock is a parameter: `now` is seconds since the epoch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ocode_tools.queue import rules
from ocode_tools.queue.base import LEASE, NEVER, Cause, Job, State, Synced
from ocode_tools.queue.file import COLUMNS, WAIT, clear, open_file, step

if TYPE_CHECKING:
    from collections.abc import Generator

EVERYWHERE = ""
"""The scope of a pause that holds for all repositories."""
_GONE = "its cause is gone"
_AHEAD = 60.0  # seconds that a time in the file may lie in the future before the clock counts as set back
_FREE = "NOT EXISTS (SELECT 1 FROM pauses p WHERE p.scope IN ('', j.repository))"
# The repository that was served longest ago comes first, then who waited longest.
_NEXT = f"""
SELECT j.id FROM jobs j WHERE j.state IN ('waiting', 'ready') AND j.run_at <= :now AND {_FREE} AND %s
ORDER BY (SELECT MAX(o.started) FROM jobs o WHERE o.repository = j.repository), j.run_at, j.id LIMIT 1
"""
_TAKE = """
state = 'running', owner = :owner, lease = :lease, started = :now, changed = :now, reason = '', tries = tries + 1
"""
_RETURNING = sqlite3.sqlite_version_info >= (3, 35)


def _unknown(_owner: str) -> bool | None:
    """Nobody can tell whether a worker lives: its lease counts."""
    return None


class Queue:
    """A context manager, for one thread. `alive` says whether a worker still lives (None: nobody can tell, so that its
    lease counts), as the clock may have jumped; `say` is told what a person should know in one line."""

    def __init__(
        self,
        path: Path,
        *,
        alive: Callable[[str], bool | None] = _unknown,
        wal: bool = True,
        say: Callable[[str], None] = lambda _: None,
        returning: bool = _RETURNING,
        wait: float = WAIT,
    ) -> None:
        """Raises `SetupError` where the file can be neither read nor made."""
        self._path, self._alive, self._returning = path, alive, returning
        self._db = open_file(path, wal, say, wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    # What is to be done.

    def add(self, cause: Cause, now: float, run_at: float) -> Job | None:
        """See that there is a job for a cause, not to be run before `run_at`; the job where it is new or came back."""
        with self._step():
            return self._add(cause, now, run_at)

    def sync(
        self, tree: str, task: str, causes: Sequence[Cause], now: float, run_at: Callable[[Cause], float]
    ) -> Synced:
        """Make the jobs of a task in a work tree those of `causes`: new ones come, of others the cause is gone.

        `run_at` says when a cause's turn comes at the earliest.
        """
        keys = {cause.key for cause in causes}
        with self._step():
            fresh = [job for cause in causes if (job := self._add(cause, now, run_at(cause)))]
            lost = [j for j in self._jobs("tree = ? AND task = ? AND base = ''", (tree, task)) if j.key not in keys]
            gone = [job for job in lost if job.state in ("waiting", "ready", "refused", "parked")]
            running = [job for job in lost if job.state == "running"]
            for job in gone:
                self._set(job.id, now, state="stale", reason=_GONE)
        return Synced(tuple(fresh), tuple(gone), tuple(running))

    def postpone(self, tree: str, paths: Iterable[str], now: float, run_at: float) -> None:
        """Let the jobs of files that were just saved wait until `run_at`."""
        with self._step():
            for path in paths:
                self._do(
                    "UPDATE jobs SET state = 'waiting', run_at = MAX(run_at, ?), changed = ?"
                    " WHERE tree = ? AND path = ? AND state IN ('waiting', 'ready')",
                    (run_at, now, tree, path),
                )

    def _add(self, cause: Cause, now: float, run_at: float) -> Job | None:
        old = next(iter(self._jobs("repository = ? AND task = ? AND key = ?", _identity(cause))), None)
        place = (cause.tree, cause.path, cause.line, cause.title, cause.base)
        if old is None:
            values = (*_identity(cause), *place[:4], cause.digest, cause.base, run_at, now, now)
            self._do(
                "INSERT INTO jobs (repository, task, key, tree, path, line, title, digest, base, run_at, born, changed,"
                " state, reason, tries, lease, owner, started, run, branch)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '', 0, 0, '', 0, '', '')",
                values,
            )
            return self._jobs("repository = ? AND task = ? AND key = ?", _identity(cause))[0]
        here = old.tree == cause.tree or old.state == "stale"  # seen in two work trees, it is one job
        if here and old.state != "running" and (old.tree, old.path, old.line, old.title, old.base) != place:
            self._do("UPDATE jobs SET tree = ?, path = ?, line = ?, title = ?, base = ? WHERE id = ?", (*place, old.id))
        if not (known := rules.again(old, cause, now, run_at)):
            return None
        state, tries, run_at = known
        return self._set(old.id, now, state=state, tries=tries, reason="", digest=cause.digest, run_at=run_at)

    # Taking and giving back.

    def recover(self, now: float) -> list[Job]:
        """Make jobs of workers that died ready again, and let no time in the file hold anything up for ever.

        Returns the jobs whose workers died: what they left is to be cleared away.
        """
        with self._step():
            dead = [job for job in self._jobs("state = 'running'", ()) if self._dead(job, now)]
            for job in dead:
                state, why, run_at = rules.lost(job, now)
                self._set(job.id, now, state=state, reason=why, run_at=run_at, owner="", lease=0.0)
            # A clock that was set back: what was to wait some seconds would wait for hours.
            self._do(
                "UPDATE jobs SET run_at = MIN(run_at, ?), changed = ? WHERE state = 'waiting' AND changed > ?",
                (now, now, now + _AHEAD),
            )
            self._do("UPDATE jobs SET state = 'ready' WHERE state = 'waiting' AND run_at <= ?", (now,))
        return dead

    def claim(self, owner: str, now: float, trees: Sequence[str] | None = None, lease: float = LEASE) -> Job | None:
        """Take the next job for `lease` seconds, of these work trees only; None where nothing may be done now."""
        names = {f"t{number}": tree for number, tree in enumerate(trees or ())}
        where = "1" if trees is None else f"j.tree IN ({', '.join(f':{name}' for name in names)})"
        values = {"now": now, "owner": owner, "lease": now + lease, **names}
        with clear(self._path):
            if self._returning:
                rows = self._db.execute(
                    f"UPDATE jobs SET {_TAKE} WHERE id = ({_NEXT % where}) RETURNING {', '.join(COLUMNS)}", values
                ).fetchall()
                return Job(*rows[0]) if rows else None
            with step(self._db):
                found = self._db.execute(_NEXT % where, values).fetchone()
                if found:
                    self._db.execute(f"UPDATE jobs SET {_TAKE} WHERE id = {found[0]}", values)
        return self.job(found[0]) if found else None

    def soonest(self, trees: Sequence[str]) -> float | None:
        """When the next job of these work trees may be taken; None where none waits."""
        found, paused = self.jobs(states=("waiting", "ready")), self.pauses()
        free = [job.run_at for job in found if job.tree in trees and not paused.keys() & {job.repository, EVERYWHERE}]
        return min(free, default=None)

    def renew(self, job: Job, now: float, lease: float = LEASE) -> bool:
        """Keep a job for `lease` seconds more; False where it is somebody else's by now."""
        mine = "WHERE id = ? AND owner = ? AND state = 'running' AND started = ?"
        with self._step():
            return self._do(f"UPDATE jobs SET lease = ? {mine}", (now + lease, job.id, job.owner, job.started)) == 1

    def finish(
        self,
        job: Job,
        state: State,
        reason: str,
        now: float,
        *,
        run: str = "",
        branch: str = "",
        run_at: float = 0.0,
        counted: bool = True,
    ) -> bool:
        """Write what became of a job that was taken; False where it is somebody else's by now. `counted`: as a try."""
        tries = job.tries if counted else max(0, job.tries - 1)
        state, reason, run_at = rules.ended(tries, state, reason, now, run_at)
        with self._step():
            return self._end(job, now, state=state, reason=reason, run=run, branch=branch, run_at=run_at, tries=tries)

    def put_back(self, job: Job, reason: str, now: float, run_at: float = 0.0) -> bool:
        """Give a job back as if it had not been tried."""
        with self._step():
            state: State = "waiting" if run_at > now else "ready"
            tries = max(0, job.tries - 1)
            return self._end(job, now, state=state, reason=reason, run_at=run_at or now, tries=tries)

    def _end(self, job: Job, now: float, **values: object) -> bool:
        mine = self._jobs(
            "id = ? AND owner = ? AND state = 'running' AND started = ?", (job.id, job.owner, job.started)
        )
        if mine:
            self._set(job.id, now, owner="", lease=0.0, **values)
        return bool(mine)

    # What people ask and say.

    def jobs(self, repository: str | None = None, states: Iterable[State] | None = None) -> list[Job]:
        """The jobs of a repository (None: of all), those that change soonest last."""
        found = self._read("repository = ?" if repository else "1", (repository,) if repository else ())
        wanted = frozenset(states) if states is not None else None
        return [job for job in found if wanted is None or job.state in wanted]

    def job(self, id: int) -> Job | None:
        """One job."""
        return next(iter(self._read("id = ?", (id,))), None)

    def change(self, id: int, state: State, reason: str, now: float) -> Job | None:
        """Put a job into a state because somebody said so; `ready` starts it as if it were new, others last.

        None for no such job.
        """
        with self._step():
            if not self._jobs("id = ?", (id,)):
                return None
            fresh: dict[str, object] = {"tries": 0, "run_at": now} if state == "ready" else {"run_at": NEVER}
            return self._set(id, now, state=state, reason=reason, owner="", lease=0.0, **fresh)

    def pause(self, scope: str, reason: str, now: float) -> None:
        """Let no job of a repository (`EVERYWHERE`: of any) be taken."""
        with self._step():
            self._do("REPLACE INTO pauses VALUES (?, ?, ?)", (scope, reason, now))

    def resume(self, scope: str) -> bool:
        """End such a pause; False where there was none."""
        with self._step():
            return self._do("DELETE FROM pauses WHERE scope = ?", (scope,)) == 1

    def pauses(self) -> dict[str, str]:
        """The reason of each pause, by its scope."""
        with clear(self._path):
            return dict(self._db.execute("SELECT scope, reason FROM pauses"))

    # Who watches.

    def watching(self, tree: str, owner: str, pid: int, how: str, note: str, now: float) -> None:
        """Write down how a work tree is watched, and by whom."""
        with self._step():
            self._do("REPLACE INTO watchers VALUES (?, ?, ?, ?, ?, ?)", (tree, owner, pid, how, note, now))

    def watched_no_more(self, owner: str) -> None:
        """Forget what a worker watched."""
        with self._step():
            self._do("DELETE FROM watchers WHERE owner = ?", (owner,))

    def watchers(self) -> list[tuple[str, int, str, str, float]]:
        """Tree, process id, how, note and since when, for each tree that a living worker watches."""
        with clear(self._path):
            rows = self._db.execute("SELECT owner, tree, pid, how, note, since FROM watchers ORDER BY tree").fetchall()
        return [tuple(row[1:]) for row in rows if self._alive(row[0])]

    def forget(self, before: float) -> int:
        """Drop stale jobs that nothing happened to since a time; how many."""
        with self._step():
            return self._do("DELETE FROM jobs WHERE state = 'stale' AND changed < ?", (before,))

    # The file.

    def _dead(self, job: Job, now: float) -> bool:
        known = self._alive(job.owner)
        return job.lease <= now if known is None else not known

    @contextmanager
    def _step(self) -> Generator[None]:
        with clear(self._path), step(self._db):
            yield

    def _do(self, statement: str, values: Sequence[object]) -> int:
        return self._db.execute(statement, values).rowcount

    def _set(self, id: int, now: float, **values: object) -> Job:
        columns = {**values, "changed": now}
        self._do(
            f"UPDATE jobs SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?", (*columns.values(), id)
        )
        return self._jobs("id = ?", (id,))[0]

    def _jobs(self, where: str, values: Sequence[object]) -> list[Job]:
        rows = self._db.execute(f"SELECT {', '.join(COLUMNS)} FROM jobs WHERE {where} ORDER BY changed, id", values)
        return [Job(*row) for row in rows.fetchall()]

    def _read(self, where: str, values: Sequence[object]) -> list[Job]:
        with clear(self._path):
            return self._jobs(where, values)


def _identity(cause: Cause) -> tuple[str, str, str]:
    return cause.repository, cause.task, cause.key
