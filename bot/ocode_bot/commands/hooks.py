"""`ocode hooks`: install, uninstall and status of the git hooks of a repository."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ocode_bot import terminal
from ocode_tools import repository
from ocode_tools.errors import Exit, RefusedError, UsageError
from ocode_tools.hooks.install import Found, install, look, uninstall
from ocode_tools.hooks.managers import Manager, manager, wrote
from ocode_tools.hooks.script import EVERY, HOOKS, OPTIONAL, program, render
from ocode_tools.hooks.where import Place, place
from ocode_tools.repository import Repository


def install_command(start: Path, environ: Mapping[str, str], names: tuple[str, ...]) -> int:
    """Install the hooks `names` (none: all of them) into the repository around `start`; 1 where one was refused.

    A repository whose hooks another tool manages gets that tool's recipe instead: nothing is changed, 1.
    """
    chosen, repo = _names(names), repository.find(start)
    where = place(repo)
    if where.shared:
        return _refuse(where, repo, chosen)
    other = manager(repo.top, where)
    if other and _in_charge(other, where, chosen, asked=bool(names)):
        terminal.talk(f"the hooks of this repository are managed by {other.name}; nothing was changed")
        terminal.talk("\n".join(other.recipe(chosen)))
        return Exit.REMAINS
    code = _each(chosen, lambda name: install(where.folder, name, render(name, sys.executable)))
    if where.folder.resolve().is_relative_to(repo.top) and not where.folder.resolve().is_relative_to(repo.common_dir):
        terminal.talk(f"{where.folder} is in your work tree: a hook holds paths of this machine, do not commit it")
    if where.path and not os.path.isabs(where.path) and len(repo.checkouts()) > 1:
        terminal.talk("core.hooksPath is relative: your other work trees have hooks of their own, install there too")
    return code


def uninstall_command(start: Path, environ: Mapping[str, str], names: tuple[str, ...]) -> int:
    """Take the hooks `names` (none: all of them) out again and put back what was there before; 1 where one is kept."""
    chosen, repo = _names(names), repository.find(start)
    where = place(repo)
    if not names:
        chosen += tuple(name for name in OPTIONAL if look(where.folder, name, b"").ours)
    folder = repo.common_dir / "hooks" if where.shared else where.folder  # we never installed into a shared one
    return _each(chosen, lambda name: uninstall(folder, name))


def status_command(start: Path, environ: Mapping[str, str], as_json: bool) -> int:
    """Show what is at the place of each hook; 1 where one of ours does not work or was changed."""
    repo = repository.find(start)
    where = place(repo)
    other = manager(repo.top, where)
    found = {name: look(where.folder, name, render(name, sys.executable)) for name in EVERY}
    rows = [_row(one, name) for name, one in found.items() if name in HOOKS or one.ours]
    if as_json:
        document = {"folder": str(where.folder), "scope": where.scope or None, "manager": other.name if other else None}
        terminal.document({**document, "hooks": rows, "error": None})
    else:
        shown = [(row["name"], row["state"], row["before"] or "-", row["python"] or "-") for row in rows]
        terminal.table(("hook", "state", "runs first", "python"), shown)
        terminal.talk(f"folder: {where.folder}" + (f" (core.hooksPath, {where.scope})" if where.scope else ""))
        if other:
            terminal.talk(f"hooks here are managed by {other.name}")
    return Exit.REMAINS if any(row["state"] in ("changed", "broken") for row in rows) else Exit.DONE


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in EVERY:
            raise UsageError(f"ocode has no hook {name!r}; it has {', '.join(EVERY)}")
    return tuple(dict.fromkeys(names or HOOKS))


def _each(names: tuple[str, ...], work: Callable[[str], str]) -> int:
    """Do one hook after the other; one that must be left alone does not stop the next."""
    code = Exit.DONE
    for name in names:
        try:
            terminal.out(f"{name} {work(name)}")
        except RefusedError as refused:
            terminal.error(str(refused))
            code = Exit.REMAINS
    return code


def _in_charge(other: Manager, where: Place, names: tuple[str, ...], asked: bool) -> bool:
    """Whether installing beside the tool would end in a fight: not where it was asked for by name and may be borne."""
    return not (asked and other.tolerant) or any(wrote(other, where.folder / name) for name in names)


def _refuse(where: Place, repo: Repository, names: tuple[str, ...]) -> int:
    """Say why a folder of hooks for many repositories is left alone, and the two ways round it."""
    terminal.talk(f"core.hooksPath is set for all your repositories ({where.scope}: {where.path}); nothing was changed")
    terminal.talk("either call ocode from the hooks there, by adding this line:\n")
    for name in names:
        terminal.talk(
            f'  {where.folder / name}:  if command -v {program(name)} >/dev/null; then {program(name)} "$@"; fi'
        )
    own = shlex.quote(str(repo.common_dir / "hooks"))
    terminal.talk(
        f"\nor give this repository hooks of its own:\n\n  git config core.hooksPath {own} && ocode hooks install"
    )
    return Exit.REMAINS


def _row(found: Found, name: str) -> dict[str, Any]:
    """One hook: its state is absent, installed, outdated, changed, foreign, or broken if its Python is gone."""
    python = found.ours.python if found.ours else None
    state: str = found.state
    if state in ("installed", "outdated") and not (python and os.access(python, os.X_OK) and _may_run(found)):
        state = "broken"
    before = found.before.name if found.before else None
    return {"name": name, "state": state, "path": str(found.path), "before": before, "python": python}


def _may_run(found: Found) -> bool:
    return os.access(found.path, os.X_OK)
