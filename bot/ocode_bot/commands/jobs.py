"""`ocode jobs`: the queue, for people and programs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocode_bot import terminal
from ocode_tools import repository
from ocode_tools.errors import Exit, RefusedError, SetupError, UsageError
from ocode_tools.queue.base import OPEN, Job
from ocode_tools.queue.places import places
from ocode_tools.queue.queue import EVERYWHERE, Queue

PAUSED = "by hand"


def list_command(start: Path, environ: Mapping[str, str], everything: bool, as_json: bool) -> Exit:
    """The jobs of the repository around `start`, with `everything` (or outside of one) those of all."""
    where = None if everything else _here(start)
    with _queue(environ) as queue:
        found = queue.jobs(where)
        document = summary(queue, where)
    if as_json:
        terminal.document({"jobs": [shown(job) for job in found], **document, "error": None})
        return Exit.DONE
    rows = [(str(job.id), job.state, job.title, _place(job), _why(job)) for job in _ordered(found)]
    if rows:
        terminal.table(("job", "state", "what", "where", "branch / why"), rows)
    else:
        terminal.talk("no jobs; ocode watch makes one of each TODO(ocode)")
    for line in lines(document):
        terminal.talk(line)
    return Exit.DONE


def show_command(environ: Mapping[str, str], name: str, as_json: bool) -> Exit:
    """One job, by its number or key."""
    with _queue(environ) as queue:
        (job,) = _find(queue, [name])
    if as_json:
        terminal.document({"job": shown(job), "error": None})
        return Exit.DONE
    for field, value in shown(job).items():
        if value not in ("", None):
            terminal.out(f"{field:<11} {value}")
    return Exit.DONE


def change_command(environ: Mapping[str, str], what: str, names: Sequence[str], as_json: bool) -> Exit:
    """`retry` or `cancel` jobs, by their numbers or keys."""
    with _queue(environ) as queue:
        found = _find(queue, names)
        if what == "retry":
            busy = [job for job in found if job.state == "running"]
            if busy:
                raise RefusedError(f"job {busy[0].id} is being done just now; cancel it first")
            changed = [queue.change(job.id, "ready", "asked for again", time.time()) for job in found]
        else:
            changed = [queue.change(job.id, "parked", "cancelled", time.time()) for job in found]
    return _say(list(filter(None, changed)), as_json)


def pause_command(start: Path, environ: Mapping[str, str], pause: bool, everything: bool, as_json: bool) -> Exit:
    """Begin no job of the repository around `start` (`everything`: of any) until it is resumed, or resume."""
    scope = EVERYWHERE if everything else str(repository.find(start).common_dir)
    with _queue(environ) as queue:
        if pause:
            queue.pause(scope, PAUSED, time.time())
        else:
            queue.resume(scope)
        document = {"paused": queue.pauses(), "error": None}
    if as_json:
        terminal.document(document)
    else:
        terminal.out(f"{'paused' if pause else 'goes on'}: {scope or 'everywhere'}")
    return Exit.DONE


def summary(queue: Queue, repository: str | None) -> dict[str, Any]:
    """How many jobs are in which state, what is paused, and who watches what; for `ocode status` too."""
    counts = dict[str, int]()
    for job in queue.jobs(repository):
        counts[job.state] = counts.get(job.state, 0) + 1
    watchers = [
        {"tree": tree, "pid": pid, "how": how, "note": note, "since": since}
        for tree, pid, how, note, since in queue.watchers()
    ]
    return {"counts": counts, "paused": queue.pauses(), "watchers": watchers}


def daemon(environ: Mapping[str, str], repository: str) -> dict[str, Any] | None:
    """The summary for one repository (its common git folder); None where no daemon was ever started."""
    if not places(environ).queue.exists():
        return None
    with _queue(environ) as queue:
        return summary(queue, repository)


def failed(command: str, error: Mapping[str, str]) -> dict[str, Any]:
    """The document of `jobs COMMAND` where there is nothing to tell but an `error`."""
    nothing: dict[str, dict[str, Any]] = {
        "list": {"jobs": [], "counts": {}, "paused": {}, "watchers": []},
        "show": {"job": None},
        "retry": {"jobs": []},
        "cancel": {"jobs": []},
        "pause": {"paused": {}},
        "resume": {"paused": {}},
    }
    return {**nothing.get(command, nothing["list"]), "error": dict(error)}


def lines(document: Mapping[str, Any]) -> list[str]:
    """The summary for people."""
    found = [f"paused ({why}): {scope or 'everywhere'}" for scope, why in document["paused"].items()]
    for one in document["watchers"]:
        note = f" ({one['note']})" if one["note"] else ""
        found.append(f"{one['tree']} is watched by process {one['pid']}: {one['how']}{note}")
    return found or ["nothing is watched; ocode watch, or ocode service install"]


def shown(job: Job) -> dict[str, Any]:
    """A job as a document: what only the queue needs is left out."""
    return {name: value for name, value in asdict(job).items() if name not in ("owner", "digest")}


def _queue(environ: Mapping[str, str]) -> Queue:
    from ocode_bot.commands.watch import open_queue

    return open_queue(places(environ), environ, terminal.talk)


def _here(start: Path) -> str | None:
    try:
        return str(repository.find(start).common_dir)
    except SetupError:
        return None


def _find(queue: Queue, names: Sequence[str]) -> list[Job]:
    """The jobs of these numbers or keys, or beginnings of keys. Raises `UsageError`."""
    known = queue.jobs()
    found = list[Job]()
    for name in names:
        mine = [job for job in known if str(job.id) == name] or [job for job in known if job.key.startswith(name)]
        if len(mine) != 1:
            raise UsageError(f"{'no job' if not mine else f'{len(mine)} jobs'} named {name!r}; see ocode jobs")
        found += mine
    return found


def _ordered(found: Sequence[Job]) -> list[Job]:
    """What is under way or will be first, then the latest."""
    return sorted(found, key=lambda job: (job.state not in OPEN, -job.changed))


def _place(job: Job) -> str:
    return f"{job.path}:{job.line}" if job.path else Path(job.tree).name


def _why(job: Job) -> str:
    return " ".join(part for part in (job.branch, job.reason) if part) or "-"


def _say(changed: Sequence[Job], as_json: bool) -> Exit:
    if as_json:
        terminal.document({"jobs": [shown(job) for job in changed], "error": None})
    else:
        terminal.out("\n".join(f"{job.id} {job.state} {job.title}" for job in changed))
    return Exit.DONE
