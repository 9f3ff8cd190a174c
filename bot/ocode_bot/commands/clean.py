"""`ocode clean`: lets go of what ocode keeps and nobody needs any more; nothing of the user's is touched."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from ocode_bot import terminal
from ocode_bot.review.scene import Scene, open_scene
from ocode_bot.tidying import needless
from ocode_tools import snapshot, store
from ocode_tools.errors import Exit
from ocode_tools.ledger import ENDED
from ocode_tools.ledger.contract import KEPT_FOR
from ocode_tools.ledger.opening import NAME
from ocode_tools.workspace import tidy


def clean_command(start: Path, environ: Mapping[str, str], dry: bool) -> Exit:
    """Remove what killed runs left, runs older than thirty days whose branches are gone, and what broken ledgers left;
    `dry` only says what would go."""
    with open_scene(start, environ) as scene:
        folders = store.folders(scene.repo, environ)
        gone = [f"snapshot {run}" for run in _snapshots(scene, folders, dry)]
        gone += [f"run {run.id}" for run in _runs(scene, folders, dry)]
        gone += [f"ledger {file.name}" for file in _ledgers(scene, dry)]
    gone += [f"workspace {name}" for name in ([] if dry else tidy(folders.workspaces))]
    for one in gone:
        terminal.out(f"{'would remove' if dry else 'removed'} {one}")
    if not gone:
        terminal.talk("nothing to clean")
    return Exit.DONE


def _snapshots(scene: Scene, folders: store.Folders, dry: bool) -> list[str]:
    """Snapshots that no branch stands on and no run is about to need."""
    found = list(needless(scene.repo, folders))
    for run in [] if dry else found:
        snapshot.forget(scene.repo, run)
    return found


def _runs(scene: Scene, folders: store.Folders, dry: bool) -> list[store.Run]:
    """Runs that ended long ago and whose branches do not wait."""
    kept = {row.run for row in scene.ledger.rows() if row.state not in ENDED}
    oldest = time.strftime("%Y%m%d", time.gmtime(time.time() - KEPT_FOR))
    old = [run for run in store.runs(folders.runs) if run.id[:8] < oldest and run.id not in kept]
    old = [run for run in old if run.id[:8].isdecimal() and run.load().get("status") != "running"]
    for run in [] if dry else old:
        store.remove_tree(run.folder)
    return old


def _ledgers(scene: Scene, dry: bool) -> list[Path]:
    found = sorted((scene.repo.common_dir / "ocode").glob(f"{NAME}.broken-*"))
    for file in [] if dry else found:
        with store.writing(file):
            file.unlink(missing_ok=True)
    return found
