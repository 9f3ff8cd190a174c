"""`ocode check`: a message file, or the messages of commits, against the rules that hold here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ocode_bot import terminal
from ocode_tools import repository
from ocode_tools.errors import Exit, OcodeError, SetupError, UsageError
from ocode_tools.git import Git, GitError
from ocode_tools.messages import commits as log
from ocode_tools.messages import history, report, text
from ocode_tools.messages.base import Problem, shown
from ocode_tools.messages.policy import judged, refused
from ocode_tools.messages.sources import policy_of


class Checked(NamedTuple):
    """One message: its commit or "", its first line, the rules that held (as people say it), what is wrong."""

    sha: str
    subject: str
    rules: str
    problems: list[Problem]


def check_command(
    start: Path, environ: Mapping[str, str], file: str | None, commits: str | None, strict: bool, as_json: bool
) -> int:
    """Check `file` ("-" for standard input) or the commits `A..B`; exit code 0 or 1.

    Raises `UsageError` for a configuration that is wrong, `SetupError` for what cannot be read.
    """
    try:
        notes, checked = _checked(start, environ, file, commits, strict)
    except OcodeError as problem:
        if not as_json:
            raise
        terminal.document(document([], {"kind": problem.kind, "message": str(problem)}))
        terminal.error(str(problem))
        return problem.exit
    for note in notes:
        terminal.talk(f"ocode: {note}")
    if as_json:
        terminal.document(document(checked, None))
    else:
        _tell(checked, commits)
    return Exit.REMAINS if any(refused(one.problems) for one in checked) else Exit.DONE


def document(checked: Sequence[Checked], error: Mapping[str, str] | None) -> dict[str, Any]:
    """What `--json` prints: always these keys; `level` is error or warning, `commit` None for a file."""
    problems = [
        {
            "commit": one.sha or None,
            "subject": shown(one.subject, 200),
            "rule": problem.rule,
            "level": "warning" if problem.warning else "error",
            "line": problem.line,
            "found": problem.found,
            "passes": problem.passes,
        }
        for one in checked
        for problem in one.problems
    ]
    return {"checked": len(checked), "problems": problems, "error": error}


def _checked(
    start: Path, environ: Mapping[str, str], file: str | None, commits: str | None, strict: bool
) -> tuple[Sequence[str], list[Checked]]:
    if (file is None) == (commits is None):
        raise UsageError("give a message FILE or --range A..B, one of the two")
    data = _read(start, file) if file is not None else b""
    merging = file is not None and ((start / file).parent / "MERGE_HEAD").exists()
    top = _top(start, file is None)
    found = policy_of(top, environ)
    if found.problems:
        first, *others = found.problems
        raise UsageError(first + (f" (+{len(others)} more)" if others else ""))
    git = text.inherited(top, environ)
    habits = text.habits(git, environ)
    entries = cache(lambda: history.entries(git))
    if commits is None:
        messages = [("", merging, text.read(data, habits))]
    else:
        messages = [
            (one.sha, one.merge, text.raw(one.message, one.encoding, habits.keys)) for one in _stored(git, commits)
        ]
    checked: list[Checked] = []
    for sha, merge, message in messages:
        policy, problems = judged(message, found.policy, entries, strict=strict, merge=merge)
        checked.append(Checked(sha, message.subject, report.rules(policy, found.origin), problems))
    return found.notes, checked


def _read(start: Path, file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else (start / file).read_bytes()
    except OSError as error:
        raise SetupError(f"{shown(file)}: {error.strerror}; name a message file") from error


def _top(start: Path, needed: bool) -> Path:
    """The top of the work tree; the folder itself outside of a repository, unless one is needed."""
    try:
        return repository.find(start).top
    except SetupError:
        if needed:
            raise
        return start


def _stored(git: Git, commits: str) -> list[log.Stored]:
    try:
        return log.stored(git, commits)
    except GitError as problem:
        raise SetupError(f"{problem}; is all of {shown(commits)} fetched?") from problem


def _tell(checked: Sequence[Checked], commits: str | None) -> None:
    """The problems on stdout, the sum on stderr."""
    for one in checked:
        if one.problems and one.sha:
            terminal.out(f"{one.sha[:10]} {shown(one.subject)}")
        if one.problems:
            terminal.out("\n".join(report.lines(one.problems)))
    bad = sum(refused(one.problems) for one in checked)
    rules = f" ({', '.join(dict.fromkeys(one.rules for one in checked))})" if checked else ""
    count = f"{len(checked)} message{'' if len(checked) == 1 else 's'} checked"
    where = f" in {shown(commits)}" if commits else ""
    terminal.talk(f"ocode: {count}{where}, {bad} refused{rules}")
