"""`ocode commit`: draft a message, then let git itself commit, so that every hook of the user's runs."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ocode_bot import terminal
from ocode_bot.commands.message import PATIENCE, load, notes, required, whole
from ocode_bot.drafting import scene
from ocode_bot.drafting.draft import Drafter
from ocode_tools import repository
from ocode_tools.changes import Staged
from ocode_tools.git import Git
from ocode_tools.messages import text
from ocode_tools.process import hand_over
from ocode_tools.repository import Repository
from ocode_tools.store import writing


def commit_command(
    start: Path,
    environ: Mapping[str, str],
    options: Sequence[str],
    paths: Sequence[str],
    yes: bool,
    hint: str,
    model: str | None,
) -> int:
    """Draft for what `git commit OPTIONS PATHS` would record, and run it; its exit code is ours.

    In the middle of a merge, rebase or the like git has a message already: then it is `git commit` alone. The draft is
    kept in a file until the commit is made. Raises `UsageError` where there is nothing to commit.
    """
    began = time.monotonic()
    repo = repository.find(start)
    tail = ["--", *paths] if paths else []
    if repo.operation() not in (None, "bisect"):
        return hand_over(["git", "commit", *options, *tail], cwd=start, env=environ)
    loaded = load(repo, environ, model)
    progress = terminal.Progress()
    with _index(repo, start, environ, "-a" in options, paths) as git:
        look = scene.look(git, repo.top, environ, Staged())
        drafter = Drafter(loaded, environ, began + PATIENCE, progress.step, hint, required(model))
        found = drafter.draft(look)
    progress.clear()
    if isinstance(found, str):
        terminal.talk(f"no draft: {found}")
        return hand_over(["git", "commit", *options, *tail], cwd=start, env=environ)
    for line in notes(found[0]):
        terminal.talk(line)
    file = repo.git_dir / "OCODE_DRAFT"
    with writing(file):
        file.write_text(whole(found[0]), encoding="utf-8", errors="replace")
    command = ["git", "commit", *options, "-F", str(file), *([] if yes else ["-e"]), *tail]
    code = hand_over(command, cwd=start, env=environ)
    if code:
        terminal.talk(f"git did not commit; the draft is kept: {shlex.join(command)}")
    else:
        file.unlink(missing_ok=True)
    return code


@contextmanager
def _index(
    repo: Repository, start: Path, environ: Mapping[str, str], everything: bool, paths: Sequence[str]
) -> Generator[Git]:
    """Git on the index that the commit will be made of: with -a and with paths that is another one than the user's."""
    own = text.inherited(repo.top, environ)
    if not everything and not paths:
        yield own
        return
    with TemporaryDirectory(prefix="ocode-") as folder:
        index = Path(folder) / "index"
        current = Path(own.text("rev-parse", "--git-path", "index"))
        variables = {**own.variables, "GIT_INDEX_FILE": str(index)}
        if paths and own.ask("rev-parse", "--verify", "--quiet", "HEAD").code == 0:
            Git(repo.top, **variables).out("read-tree", "HEAD")
        elif (repo.top / current).exists():
            shutil.copyfile(repo.top / current, index)
        Git(start, **variables).out("add", "--update" if everything else "--all", "--", *(paths or [":/"]))
        yield Git(repo.top, **variables)
