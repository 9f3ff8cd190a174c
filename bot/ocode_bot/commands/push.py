"""`ocode push`: one branch to its remote, and a request for it there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ocode_bot import terminal
from ocode_bot.review import remote
from ocode_bot.review.listing import waiting
from ocode_bot.review.scene import open_scene, ours
from ocode_bot.review.story import read_run
from ocode_tools.errors import Exit, RefusedError


def push_command(start: Path, environ: Mapping[str, str], branch: str, open_request: bool) -> Exit:
    """Push the branch and nothing else; with `open_request` a pull or merge request by gh or glab.

    Raises `RefusedError` where the remote has others' work there, or the branch holds what was never committed.
    """
    with open_scene(start, environ) as scene:
        found = ours(scene, branch)
        if found.shot:
            raise RefusedError(
                f"{found.name} stands on a snapshot of your work tree, which you did not commit; "
                f"ocode accept {found.name}, commit, and push that"
            )
        target = remote.choose(scene.repo.git, found.row.onto)
        name = remote.program(target, environ) if open_request else None
        if remote.send(scene.repo, environ, target, found):
            raise RefusedError(f"git did not push {found.name} to {target.remote}")
        terminal.out(f"pushed {found.name} to {target.remote}")
        if name:
            (facts,) = waiting(scene, [found.row])
            text = remote.body(facts, read_run(scene, found.row.run), found)
            if remote.request(name, scene.repo, environ, target, found, text):
                raise RefusedError(f"{name} opened no request; {found.name} is pushed")
    return Exit.DONE
