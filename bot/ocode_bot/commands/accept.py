"""`ocode accept` and `ocode reject`: the only commands that change something of the user's, and only what they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocode_bot import terminal
from ocode_bot.review.scene import Ours, Scene, first_file, open_scene, ours
from ocode_tools import snapshot
from ocode_tools.errors import Exit, RefusedError, UsageError
from ocode_tools.ledger.reading import HEADS

TAKEN = "taken by ocode accept"


def accept_command(
    start: Path,
    environ: Mapping[str, str],
    branch: str,
    how: str | None = None,
    picked: Sequence[str] = (),
    tests: bool | None = None,
) -> Exit:
    """Bring the branch's commits to where the user stands, or as changes to the work tree after --dirty.

    `how`: squash, merge, rebase, pick (then the shas are in `picked`); None: fast-forward. `tests` as in `Taking`.

    Raises `RefusedError` where that would touch what the user changed, or turn a green test red.
    """
    with open_scene(start, environ, quiet=True) as scene:
        row = scene.ledger.row(HEADS + branch.removeprefix(HEADS))
        if row and row.state == "accepted":
            terminal.out(f"{row.name} is in HEAD already ({row.reason})")
            return Exit.DONE
        found = ours(scene, branch)
        if operation := scene.repo.operation():
            raise RefusedError(f"a {operation} is in progress; finish it first")
        if found.shot:
            if how:
                raise UsageError(f"{found.name} was made for your work tree: it comes as changes, not as commits")
            _apply(scene, found)
        elif _is_in_head(scene, found):
            terminal.out(f"{found.name} is in HEAD already")
        else:
            _take(scene, found, how, picked, tests)
    return Exit.DONE


def _take(scene: Scene, found: Ours, how: str | None, picked: Sequence[str], tests: bool | None) -> None:
    from ocode_bot.review.taking import (
        HOWS,
        Taking,
        choose,
        take,
    )  # pydantic and the suite: not for what comes as a patch

    chosen = choose(found, picked)
    part = bool(chosen) and len(chosen) < len(found.commits)
    taken = take(scene, found, Taking(HOWS[how], tuple(commit.sha for commit in chosen), tests))
    undo = [f"git reset --keep {taken.before[:10]}"]
    if part:
        keys = {change.sha: change.key for change in scene.ledger.changes(found.row.ref)}
        wanted = [keys[commit.sha] for commit in chosen if commit.sha in keys]
        scene.ledger.answer(found.row.ref, wanted, "accepted", TAKEN)
        terminal.out(f"accepted {len(chosen)} of {len(found.commits)} commits of {found.name}: the branch stays")
    else:
        terminal.out(f"accepted {found.name}: HEAD is now {taken.now[:10]}")
        undo += _end(scene, found, "accepted", TAKEN)
    terminal.out(f"tests: {taken.tests}")
    terminal.out(f"undo:  {' && '.join(undo)}")


def reject_command(start: Path, environ: Mapping[str, str], branch: str, why: str = "") -> Exit:
    """Delete a branch of ours, by its old value, unless someone stands on it or added to it; its causes are remembered
    until the code that it changes is another."""
    with open_scene(start, environ, quiet=True) as scene:
        found = ours(scene, branch)
        if scene.repo.checked_out(found.row.ref):
            raise RefusedError(f"{found.name} is checked out; git switch to another branch first")
        undo = _end(scene, found, "rejected", why)
        if not undo:
            raise RefusedError(f"{found.name} was moved meanwhile; run this again")
        terminal.out(f"rejected {found.name}")
        terminal.out("it is not offered again until the code that it changes is another")
        terminal.out(f"undo:  {undo[0]}")
    return Exit.DONE


def _end(scene: Scene, found: Ours, state: str, reason: str) -> list[str]:
    """Put the branch away, and the snapshot that it stands on; the command that brings it back, none where it had to be
    left."""
    done = scene.ledger.end(found.row.ref, "accepted" if state == "accepted" else "rejected", reason or state)
    if done and found.shot:  # the private ref holds both
        snapshot.forget(scene.repo, found.shot)
    return [f"git branch {found.name} {found.tip[:10]}"] if done else []


def _is_in_head(scene: Scene, found: Ours) -> bool:
    return scene.repo.git.ask("merge-base", "--is-ancestor", found.tip, scene.repo.head()).code == 0


def _apply(scene: Scene, found: Ours) -> None:
    """git-apply(1) checks every file before it writes the first."""
    git = scene.repo.git
    patch = git.out("diff", "--binary", "--full-index", found.base, found.tip)
    done = git.ask("apply", "--whitespace=nowarn", "-", stdin=patch)
    if done.code:
        raise RefusedError(f"{found.name} would overwrite what you changed since: {first_file(done.err)}")
    verified = found.commits[-1].trailers.get("Ocode-Verified", "not run")
    terminal.out(f"applied {found.name} to the work tree, nothing is committed")
    terminal.out(f"tests: {verified}, on the work tree as it was")
    _end(scene, found, "accepted", TAKEN)
    terminal.out(f"undo:  git diff {found.base[:10]} {found.tip[:10]} | git apply -R")
