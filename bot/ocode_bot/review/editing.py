"""Changing one commit by hand: its patch in the user's editor, a new commit from what comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ocode_bot import landing
from ocode_tools.errors import RefusedError
from ocode_tools.ledger.reading import Commit
from ocode_tools.process import hand_over
from ocode_tools.repository import Repository

_VERIFIED = re.compile(r"^Ocode-(Verified|Sandbox): .*\n?", re.MULTILINE)
_HELP = b"# Change what lines with + say, drop them, or turn a - into a space. An empty file changes nothing.\n"


def edit(repo: Repository, commit: Commit, environ: Mapping[str, str]) -> str:
    """The sha of the changed commit, or of the commit itself where nothing was changed.

    Only objects are written, no ref, index or file. The new commit does not say that it was verified. Raises
    `RefusedError` where the editor fails or the patch does not apply any more.
    """
    git = repo.git
    patch = git.out("diff", "--binary", "--full-index", "--no-color", "--no-ext-diff", commit.parent, commit.sha, "--")
    with TemporaryDirectory(prefix="ocode-") as folder:
        file, private = Path(folder) / "change.diff", {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        file.write_bytes(_HELP + patch)
        if hand_over(["sh", "-c", f'{_editor(repo, environ)} "$@"', "editor", str(file)], cwd=repo.top, env=environ):
            raise RefusedError("the editor failed; the commit is as it was")
        changed = file.read_bytes().removeprefix(_HELP)
        if changed == patch or not changed.strip():
            return commit.sha
        git.out("read-tree", commit.parent, env=private)
        done = git.ask("apply", "--cached", "--recount", "--whitespace=nowarn", "-", stdin=changed, env=private)
        if done.code:
            why = done.err.decode("utf-8", "replace").strip().splitlines() or ["git apply failed"]
            raise RefusedError(f"the changed patch does not apply ({why[0].removeprefix('error: ')})")
        tree = git.text("write-tree", env=private)
    text = _VERIFIED.sub("", commit.message).rstrip("\n") + "\nOcode-Edited: by hand\n"
    who = repo.identity().variables()
    stdin = text.encode("utf-8", "replace")
    sign = ["-S"] if landing.wants_signature(repo) else ["--no-gpg-sign"]
    return git.text("commit-tree", *sign, tree, "-p", commit.parent, stdin=stdin, env=who)


def _editor(repo: Repository, environ: Mapping[str, str]) -> str:
    """As git-var(1) chooses it, from the user's own environment."""
    configured = repo.git.ask("config", "--get", "core.editor").text.strip()
    names = (environ.get("GIT_EDITOR"), configured, environ.get("VISUAL"), environ.get("EDITOR"))
    return next((name for name in names if name), "vi")
