"""What the end of a job's process means for the queue."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ocode_bot.report import one_line
from ocode_tools.errors import Exit
from ocode_tools.queue.base import State

REST, CAPPED = 1800.0, 600.0
"""Seconds before the next try where the surroundings were at fault, and where too many branches wait."""
_FULL = re.compile(r"\(at most \d+\)")  # as ocode_tools.ledger.contract says it


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state a job comes to and why; None for the state: as if its worker had died. `rest`: it is not the job's
    fault, and is tried again after so many seconds. `counted`: as a try."""

    state: State | None
    reason: str
    run: str = ""
    branch: str = ""
    rest: float = 0.0
    counted: bool = True


def outcome(code: int, said: bytes, told: bytes) -> Outcome:
    """By the exit code, the JSON document on stdout and the last line of stderr."""
    report = _document(said)
    if report is None:
        lines = told.decode("utf-8", "replace").strip().splitlines()
        return Outcome(None, f"ended with {code} and no report: {one_line(lines[-1] if lines else 'nothing was said')}")
    run, branch, status = str(report.get("run") or ""), str(report.get("branch") or ""), report.get("status")
    left = _reasons(report)
    if branch:
        return Outcome("landed", left[0] if left else _subject(report), run, branch)
    if status == "interrupted" or code == Exit.INTERRUPTED:
        return Outcome("ready", "interrupted", run)
    error = cast("Mapping[str, Any]", report.get("error") or {})
    if error:
        reason = one_line(str(error.get("message")))
        if error.get("kind") == "environment":
            return Outcome("waiting", reason, run, rest=REST)
        return Outcome("refused" if error.get("kind") == "usage" else None, reason, run)
    if left and _FULL.search(left[0]):
        return Outcome("waiting", left[0], run, rest=CAPPED)
    if status == "nothing":
        return Outcome("refused", "there was nothing to do", run)
    return Outcome("refused", left[0] if left else "nothing passed", run)


def _document(said: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(said)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None


def _reasons(report: Mapping[str, Any]) -> list[str]:
    rows = cast("list[Mapping[str, Any]]", report.get("remaining") or [])
    return [one_line(str(row.get("reason"))) for row in rows]


def _subject(report: Mapping[str, Any]) -> str:
    rows = cast("list[Mapping[str, Any]]", report.get("commits") or [])
    return one_line(str(rows[-1].get("subject"))) if rows else ""
