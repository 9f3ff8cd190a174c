"""Writing missing docstrings into the work tree: what a hook's `--write` asks for, within its budget."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocode_bot import terminal
from ocode_bot.asking import Asking
from ocode_bot.ladder import Ladder, make_ladder
from ocode_bot.means import Means
from ocode_bot.prompting import Prompts
from ocode_bot.report import Report
from ocode_bot.settings import settings
from ocode_bot.tasks.docstrings.author import Author
from ocode_bot.tasks.docstrings.filling import Filling, counted
from ocode_bot.tasks.docstrings.manner import style_of
from ocode_tools import config, repository, store
from ocode_tools.edits import Edit, apply
from ocode_tools.errors import OcodeError
from ocode_tools.process import Cancel

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from ocode_tools.config import Loaded
    from ocode_tools.docstrings.base import Unit
    from ocode_tools.docstrings.page import Page

Say = Callable[[Iterable[str]], None]


def write(
    top: Path,
    found: Sequence[tuple[Page, Sequence[Unit]]],
    loaded: Loaded,
    environ: Mapping[str, str],
    budget: float,
    say: Say,
) -> int:
    """Write docstrings for the units of each page into its file below `top`; 1, as files changed or some are missing.

    A file that is not as the page has it is left alone. Words come from a model where one answers, else, where
    `docstrings.skeleton` is set, from analysis alone. `budget` is in wall seconds. Raises `OcodeError`.
    """
    deadline = time.monotonic() + budget
    chosen = settings(loaded)
    read = _reader(top)
    style = style_of(chosen.docstrings, read, _neighbours(top, found))
    with _means(top, loaded, environ, budget, say) as (means, cancel):
        author = Author(means)
        for number, (page, units) in enumerate(found):
            if read(page.path) != page.data:
                say([f"{page.path}: has changes that are not staged; nothing is written"])
                continue
            filling = Filling(page, style)
            share = time.monotonic() + (deadline - time.monotonic()) / (len(found) - number)
            filling.ask(author, units, share, chosen.docstrings.skeleton, cancel.is_set)
            edit = filling.edit(filling.pieces) if filling.pieces else None
            if isinstance(edit, Edit):
                apply(top, [edit])
                names = ", ".join(piece.unit.qualname for piece in filling.pieces)
                say([f"{page.path}: wrote {counted(filling.pieces)}: {names}"])
            done = {piece.unit.qualname for piece in filling.pieces} if isinstance(edit, Edit) else set[str]()
            why = edit if isinstance(edit, str) else "not reached within the budget"
            left = [unit for unit in units if unit.qualname not in done]
            say(f"{page.path}:{u.line} {u.qualname}: {filling.left.get(u.qualname, why)}" for u in left)
    return 1


def _reader(top: Path) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        try:
            file = top / path
            return file.read_bytes() if file.is_file() and not file.is_symlink() else None
        except OSError:
            return None

    return read


def _neighbours(top: Path, found: Sequence[tuple[Page, Sequence[Unit]]]) -> list[str]:
    """The Python files next to those that are written: what there is to learn from nearby."""
    folders = dict.fromkeys(page.path.rpartition("/")[0] for page, _ in found)
    return sorted(
        os.path.join(folder, name) for folder in folders for name in os.listdir(top / folder) if name.endswith(".py")
    )


@contextmanager
def _means(
    top: Path, loaded: Loaded, environ: Mapping[str, str], budget: float, say: Say
) -> Generator[tuple[Means, Cancel]]:
    """A model and a transcript for as long as the budget lasts."""
    repo = repository.find(top)
    chosen, cancel = settings(loaded), Cancel()
    folders = store.folders(repo, environ)
    run = store.Run.start(folders.runs, store.new_run_id(time.time()), {"task": "docstrings", "hook": True})
    timer = threading.Timer(budget, cancel.set)
    timer.daemon = True
    timer.start()
    report = Report()
    try:
        asking = Asking(run, terminal.Progress(quiet=True), report, cancel, budget)
        prompts = Prompts(config.user_folder(environ) / "prompts")
        yield Means(asking, _ladder(loaded, environ, cancel, say), prompts, chosen.fix.attempts), cancel
    finally:
        timer.cancel()
        run.save({"task": "docstrings", **report.model_dump()})
        run.close()


def _ladder(loaded: Loaded, environ: Mapping[str, str], cancel: Cancel, say: Say) -> Ladder | None:
    def once(text: str) -> None:
        say([f"ocode: {text}"])

    try:
        return make_ladder("docstrings", settings(loaded), loaded, environ, once, cancel)
    except OcodeError as problem:
        once(f"going on without a model: {problem}")
        return None
