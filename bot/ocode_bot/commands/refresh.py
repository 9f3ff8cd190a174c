"""`ocode refresh`: a branch made again from where the user stands now, for the same causes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocode_bot import terminal
from ocode_bot.commands.task import task_command
from ocode_bot.request import Again, Request
from ocode_bot.review.scene import Scene, find, open_scene
from ocode_tools import store
from ocode_tools.errors import Exit, RefusedError
from ocode_tools.ledger import Row
from ocode_tools.ledger.contract import protected

if TYPE_CHECKING:
    from ocode_bot.report import Report

GONE = "nothing is left to do for it"


def refresh_command(
    start: Path,
    environ: Mapping[str, str],
    branch: str,
    discard: bool,
    flags: Mapping[str, Any],
    as_json: bool,
    make_report: Callable[[], Report],
) -> Exit:
    """Do the branch's task again for the targets that it settled, and move it from its old tip to the new one.

    `flags` are settings by key, for the task's run. A branch whose causes are gone is put away. Raises `UsageError` for
    a branch that does not wait, `RefusedError` for one that somebody changed (unless `discard`) or stands on.
    """
    with open_scene(start, environ) as scene:
        row = find(scene, branch)
        again = Again(row.ref, _tip(scene, row, discard))
        targets = _targets(scene, row)
        scene.ledger.begin_again(row.ref)
    report = make_report()
    mine = {key.format(task=row.task): value for key, value in flags.items()}
    request = Request(targets, again=again)
    code = task_command(row.task, start, environ, mine, request, as_json, lambda: report)
    if report.status == "nothing":
        with open_scene(start, environ) as scene:
            for change in scene.ledger.changes(row.ref):
                scene.ledger.lost(change.key, GONE)
            for line in scene.ledger.settle().lines:
                terminal.talk(line)
        return Exit.DONE
    if report.commits:
        terminal.talk(f"undo:  git update-ref {row.ref} {again.tip}")
    return code


def _tip(scene: Scene, row: Row, discard: bool) -> str:
    """The commit that the branch is moved away from."""
    if scene.repo.checked_out(row.ref):
        raise RefusedError(f"{row.name} is checked out; leave it first")
    if protected(row.name):
        raise RefusedError(f"{row.name} is protected by its name; delete or merge it with git")
    tip = scene.repo.sha(row.ref) or row.tip
    if tip != row.tip and not discard:
        raise RefusedError(f"{row.name} holds commits that are not ocode's; --discard drops them")
    return tip


def _targets(scene: Scene, row: Row) -> tuple[str, ...]:
    """What the run that made the branch settled."""
    run = store.Run(store.folders(scene.repo, scene.environ).runs / row.run).load()
    found: list[object] = run.get("fixed") or []
    if not found:
        raise RefusedError(f"what {row.name} was made for is no longer known; ocode {row.task} makes a new branch")
    return tuple(map(str, found))
