"""Bringing work to where the user stands: never over what the user changed, tried before, and told how to undo."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocode_bot import landing
from ocode_bot.job import make_job
from ocode_bot.request import Request
from ocode_bot.review.result import How, Maker
from ocode_bot.review.scene import Ours, Scene, first_file
from ocode_bot.review.trial import open_trial
from ocode_bot.settings import settings
from ocode_bot.terminal import Progress
from ocode_tools import store
from ocode_tools.errors import RefusedError, UsageError
from ocode_tools.git import Git
from ocode_tools.ledger.reading import Commit

HOWS: Mapping[str | None, How] = {
    None: "forward",
    "squash": "squash",
    "merge": "merge",
    "rebase": "rebase",
    "pick": "pick",
}


@dataclass(frozen=True, slots=True)
class Taking:
    """How a branch is taken: `picked` are the commits of `pick`, oldest first; `tests`: run them always (True), never
    (False), or unless the very tree was seen green (None)."""

    how: How = "forward"
    picked: tuple[str, ...] = ()
    tests: bool | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done: HEAD before and now, and what the tests said, in a few words."""

    before: str
    now: str
    tests: str


def choose(ours: Ours, names: Sequence[str]) -> tuple[Commit, ...]:
    """The commits of a branch that people name by the beginnings of their shas. Raises `UsageError` for others."""
    chosen: set[str] = set()
    for name in names:
        found = [commit.sha for commit in ours.commits if commit.sha.startswith(name.lower())]
        if len(name) < 4 or len(found) != 1:
            known = ", ".join(commit.sha[:10] for commit in ours.commits)
            raise UsageError(f"--pick: {name!r} is no commit of {ours.name}; there are {known}")
        chosen.add(found[0])
    return tuple(commit for commit in ours.commits if commit.sha in chosen)


def take(scene: Scene, ours: Ours, taking: Taking) -> Taken:
    """Move the user's HEAD forward to the result, together with the work tree.

    Raises `RefusedError` where HEAD has moved (for `forward`), where a conflict or what the user changed stands in the
    way, and where a test that is green at HEAD would be red.
    """
    repo, head = scene.repo, scene.repo.head()
    ahead = repo.git.ask("merge-base", "--is-ancestor", head, ours.tip).code == 0
    if taking.how == "forward" and not ahead:
        raise RefusedError(
            f"HEAD has moved since; ocode accept {ours.name} --rebase (or --merge, --squash) takes it where HEAD is"
        )
    verified = ours.commits[-1].trailers.get("Ocode-Verified")
    if taking.how == "forward" and (taking.tests is False or (verified and taking.tests is None)):
        said = f"{verified}, on this very tree" if taking.tests is None else "not run"
        _undisturbed(repo.git, repo.git, ours, head, ours.tip)
        return _arrive(scene, ours, head, ours.tip, said)
    return _tried(scene, ours, taking, head)


def _tried(scene: Scene, ours: Ours, taking: Taking, head: str) -> Taken:
    """The same by way of a private workspace."""
    repo, progress = scene.repo, Progress()
    folders, chosen = store.folders(repo, scene.environ), settings(scene.loaded)
    run_id = store.new_run_id(time.time())
    job = make_job(ours.row.task, repo, chosen, folders, scene.environ, Request(), run_id)
    sign = chosen.commit.sign == "auto" and landing.wants_signature(repo)
    progress.step("making a private workspace")
    with open_trial(job, scene.loaded, progress) as trial:
        result = ours.tip
        if taking.how != "forward":
            picked = taking.picked or tuple(commit.sha for commit in ours.commits)
            result = Maker(trial.workspace, job.who, sign, progress.step).make(taking.how, ours, picked)
        _undisturbed(repo.git, trial.workspace.git, ours, head, result)
        said = trial.run(result) if taking.tests is not False else "not run"
        progress.clear()
        landing.bring(repo.git, trial.workspace, result)
    return _arrive(scene, ours, head, result, said)


def _undisturbed(mine: Git, theirs: Git, ours: Ours, head: str, result: str) -> None:
    """Raises `RefusedError` early; git-merge(1) itself refuses too, and leaves everything as it was."""
    changed = set(theirs.names("diff", "--name-only", "-z", "--no-renames", head, result))
    status = mine.names("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    dirty = sorted(changed.intersection(entry[3:] for entry in status))
    if dirty:
        raise RefusedError(f"{ours.name} would overwrite what you changed: {dirty[0]}; commit or stash it first")


def _arrive(scene: Scene, ours: Ours, head: str, result: str, tests: str) -> Taken:
    if scene.repo.head() != head:
        raise RefusedError("HEAD was moved meanwhile; run this again")
    done = scene.repo.git.ask("merge", "--ff-only", "--no-autostash", "-q", result)
    if done.code:
        raise RefusedError(f"{ours.name} would overwrite what you changed: {first_file(done.err)}")
    return Taken(head, result, tests)
