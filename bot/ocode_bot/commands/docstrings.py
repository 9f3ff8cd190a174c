"""`ocode docstrings`: what the switches mean for the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocode_bot.commands.task import task_command
from ocode_bot.request import Request
from ocode_tools.errors import Exit, UsageError

if TYPE_CHECKING:
    from ocode_bot.report import Report


def docstrings_command(
    start: Path,
    environ: Mapping[str, str],
    targets: Sequence[str],
    given: Mapping[str, Any],
    as_json: bool,
    make_report: Callable[[], Report],
) -> Exit:
    """Write docstrings; `given` are the switches of the door. What is not committed yet is worked on in a snapshot."""
    changed, staged = given["changed"], given["staged"]
    if changed is not None and staged:
        raise UsageError("--changed and --staged exclude each other: one asks for commits, the other for the index")
    fresh = staged or changed == ""
    if fresh and given["base"]:
        raise UsageError("--base names a commit, --staged and --changed alone what is not committed; give one of them")
    request = Request(
        targets=tuple(targets),
        base=given["base"],
        dirty=given["dirty"] or fresh,
        branch=given["branch"],
        hooks=given["hooks"],
        dry=given["dry_run"],
        limit=given["limit"],
        changed="HEAD" if changed == "" else changed,
        staged=staged,
        options=frozenset(name for name in ("improve", "skeleton") if given[name]),
    )
    flags = {"models.docstrings": given["model"], "docstrings.budget": given["budget"]}
    return task_command("docstrings", start, environ, flags, request, as_json, make_report)
