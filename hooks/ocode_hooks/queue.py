"""The post-commit and post-merge hook: leaves word for `ocode watch` that this work tree changed.

The commit is made already: whatever goes wrong is one line and exit 0.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

HELP = """\
Usage: ocode-queue

Leave word for ocode watch that the work tree of this folder changed, as a hook after a commit or a merge.

Exit: 0, always.
"""


def main(argv: Sequence[str]) -> int:
    """Leave word; 0."""
    if "-h" in argv or "--help" in argv:
        sys.stdout.write(HELP)
        return 0
    try:
        _leave()
    except OSError as problem:
        sys.stderr.write(f"ocode: not queued: {' '.join(str(problem).split())}\n")
    return 0


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


def _leave() -> None:
    from ocode_tools.queue.places import places
    from ocode_tools.queue.spool import leave

    folder = places(os.environ).spool
    if folder.is_dir():  # else no daemon was ever here
        leave(folder, _top())


def _top() -> str:
    """The work tree's top: git calls hooks there (githooks(5)), and a tool that calls hooks for git does too."""
    here = os.path.realpath(os.curdir)
    while not os.path.exists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return os.path.realpath(os.curdir)
        here = above
    return here


if __name__ == "__main__":
    run()
