"""`ocode status`: what runs, what waits, what is frozen, and how much more may come unasked."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocode_bot import terminal
from ocode_bot.commands.jobs import daemon, lines
from ocode_bot.review.listing import Waiting, ago, waiting
from ocode_bot.review.scene import Scene, open_scene
from ocode_tools import store
from ocode_tools.errors import Exit
from ocode_tools.ledger import ENDED
from ocode_tools.ledger.contract import MOST_NEW, MOST_OF_TASK, MOST_OPEN, WITHIN

SHOWN = 5  # branches that came to an end lately


def status_command(start: Path, environ: Mapping[str, str], as_json: bool) -> Exit:
    """Show the state of everything that ocode does in this repository."""
    with open_scene(start, environ, quiet=True) as scene:
        found = waiting(scene)
        told = document(scene, found)
    if as_json:
        terminal.document(told)
        return Exit.DONE
    for state, title in (("open", "ready for review"), ("frozen", "left to you"), ("stale", "stale")):
        _group(title, [one for one in found if one.state == state])
    for name in told["again"]:
        terminal.out(f"in conflict with where it was made for:  ocode refresh {name}")
    for run in told["running"]:
        terminal.out(f"running: {run['task']}, run {run['id']}")
    for line in told["news"]:
        terminal.out(f"since the last look: {line}")
    for one in told["ended"][:SHOWN]:
        terminal.out(f"{one['state']}: {one['branch']} ({one['reason']}), {ago(one['age'])} ago")
    if queue := told["queue"]:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(queue["counts"].items()))
        terminal.out("\n".join([f"jobs of the daemon: {counts or 'none'}", *lines(queue)]))
    limits = told["limits"]
    terminal.out(
        f"{limits['waiting']} of {limits['most_waiting']} branches wait, "
        f"{limits['new']} of {limits['most_new']} unasked within the hour"
    )
    return Exit.DONE


def document(scene: Scene, found: Sequence[Waiting]) -> dict[str, Any]:
    """What `--json` prints, always with all keys."""
    now, rows = time.time(), scene.ledger.rows()
    runs = [run.load() for run in store.runs(store.folders(scene.repo, scene.environ).runs)]
    ended = sorted((row for row in rows if row.state in ENDED), key=lambda row: -row.changed)
    open_rows = [row for row in rows if row.state not in ENDED]
    return {
        "running": [{"id": r["id"], "task": r.get("task", "?")} for r in runs if r.get("status") == "running"],
        "waiting": [one.document() for one in found],
        "again": [row.name for row in scene.settled.again],
        "ended": [
            {"branch": r.name, "state": r.state, "reason": r.reason, "age": max(0, int(now) - r.changed)} for r in ended
        ],
        "news": list(scene.settled.lines),
        "queue": daemon(scene.environ, str(scene.repo.common_dir)),
        "limits": {
            "waiting": len(open_rows),
            "most_waiting": MOST_OPEN,
            "most_of_a_task": MOST_OF_TASK,
            "new": sum(not row.asked and 0 <= now - row.born < WITHIN for row in rows),
            "most_new": MOST_NEW,
        },
        "error": None,
    }


def failed(error: Mapping[str, str]) -> dict[str, Any]:
    """The same document where there is nothing to tell but an `error`."""
    limits = dict.fromkeys(("waiting", "most_waiting", "most_of_a_task", "new", "most_new"), 0)
    empty: dict[str, Any] = {name: [] for name in ("running", "waiting", "again", "ended", "news")}
    return {**empty, "queue": None, "limits": limits, "error": dict(error)}


def _group(title: str, found: Sequence[Waiting]) -> None:
    if found:
        rows = [(one.branch, one.row()[1], one.verified or "-", ago(one.age), one.row()[-1]) for one in found]
        terminal.table((title, "what", "verified by", "age", "base"), rows)
        terminal.out("")
