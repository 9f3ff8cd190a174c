"""`ocode message`: a draft for what is staged, for a commit, or for a range; it never commits."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocode_bot import terminal
from ocode_bot.drafting import scene
from ocode_bot.drafting.draft import Drafter
from ocode_tools import config, repository
from ocode_tools.changes import Commit, Range, Staged, Which
from ocode_tools.config import Loaded
from ocode_tools.drafts import Draft
from ocode_tools.errors import Exit, UsageError
from ocode_tools.messages import text
from ocode_tools.messages.compose import compose
from ocode_tools.repository import Repository
from ocode_tools.schema import SCHEMA

PATIENCE = 300.0  # seconds for a model where somebody waits for it on purpose


def message_command(
    start: Path,
    environ: Mapping[str, str],
    staged: bool,
    commits: str | None,
    hint: str,
    candidates: int,
    model: str | None,
    as_json: bool,
) -> Exit:
    """Print a draft. Raises `UsageError` for an empty diff or a revision that is none."""
    began = time.monotonic()
    if staged and commits:
        raise UsageError("--staged and a revision exclude each other")
    repo = repository.find(start)
    loaded = load(repo, environ, model)
    git = text.inherited(repo.top, environ)
    progress = terminal.Progress(quiet=as_json)
    look = scene.look(git, repo.top, environ, _which(repo, commits))
    drafter = Drafter(loaded, environ, began + PATIENCE, progress.step, hint, required(model))
    found = drafter.draft(look, candidates)
    progress.clear()
    seconds = time.monotonic() - began
    if isinstance(found, str):
        if as_json:
            terminal.document(document(None, seconds, {"kind": "none", "message": found}))
        terminal.error(f"no draft: {found}")
        return Exit.REMAINS
    if as_json:
        first = document(found[0], seconds, None)
        others = {"candidates": [document(draft, seconds, None) for draft in found]} if candidates > 1 else {}
        terminal.document(first | others)
        return Exit.DONE
    terminal.out("\n---\n".join(whole(draft) for draft in found).rstrip("\n"))
    for line in notes(found[0]):
        terminal.talk(line)
    return Exit.DONE


def load(repo: Repository, environ: Mapping[str, str], model: str | None) -> Loaded:
    """The configuration with the model of the command line. Raises `UsageError` for what is wrong with it."""
    flags = {"models.message": model}
    loaded = config.require(config.load(SCHEMA, start=repo.top, environ=environ, flags=flags))
    if any(origin.source not in ("default", "flag") for origin in loaded.origins.values()):
        from ocode_bot.settings import settings  # the defaults are right, and checking them takes 0.1 s

        settings(loaded)
    return loaded


def required(model: str | None) -> bool:
    """Whether the command line names a model, which then must answer."""
    return model not in (None, "", "none")


def whole(draft: Draft) -> str:
    """The message as git would store it."""
    return compose(draft.subject, draft.body, draft.trailers)


def notes(draft: Draft) -> Sequence[str]:
    """Who drafted, why it was no model, what was left out: a line each, for people."""
    who = draft.model if draft.source == "model" else "rules" + (f" ({draft.error})" if draft.error else "")
    return [f"drafted by {who}", *(f"left out: {line}" for line in draft.omitted)]


def document(draft: Draft | None, seconds: float, error: Mapping[str, str] | None) -> dict[str, Any]:
    """The JSON document, always with every key; `error` is why no model wrote the draft, or why there is none."""
    if draft and draft.error:
        error = {"kind": "model", "message": draft.error}
    return {
        "subject": draft.subject if draft else None,
        "body": draft.body if draft else None,
        "trailers": [list(pair) for pair in draft.trailers] if draft else [],
        "source": draft.source if draft else None,
        "model": (draft.model or None) if draft else None,
        "omitted": list(draft.omitted) if draft else [],
        "seconds": round(seconds, 3),
        "error": dict(error) if error else None,
    }


def _which(repo: Repository, commits: str | None) -> Which:
    if not commits:
        return Staged()
    if ".." not in commits:
        return Commit(repo.resolve(commits))
    old, _, new = commits.replace("...", "..").partition("..")
    return Range(repo.resolve(old or "HEAD"), repo.resolve(new or "HEAD"))
