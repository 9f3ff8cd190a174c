"""The prepare-commit-msg hook: puts a draft into the file that git is about to open in the editor.

It never stops a commit: whatever goes wrong is one line, and the exit code is 0. Called by git, by husky and lefthook
with the file, the source and a commit (githooks(5)), by pre-commit and prek with the file alone.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ocode_tools.errors import OcodeError, UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from ocode_tools.drafts.base import Draft
    from ocode_tools.git import Git
    from ocode_tools.hooks.child import Child, Message, Say

    Drafter = Callable[[Path, Git, Mapping[str, str], float], Draft | str]

# By hand: argparse takes longer than the whole decision that no draft is wanted.
HELP = """\
Usage: ocode-prepare-commit-msg [--budget SECONDS] FILE [SOURCE [COMMIT]]

Draft into a commit message file, as git's prepare-commit-msg hook; FILE, SOURCE and COMMIT are what git names.

  --budget SECONDS  for the whole hook (message.budget, 8)
  -h, --help        show this

Exit: always 0.
"""
BUDGET = 8.0
"""Seconds for all of it where `message.budget` says nothing else."""
_GRACE = 0.25
"""Seconds after the budget that the draft may still come in."""
_STATES = ("rebase-merge", "rebase-apply", "sequencer", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")


def main(argv: Sequence[str], drafter: Drafter | None = None) -> int:
    """Draft into the message file that `argv` names, where a draft is wanted. Always returns 0."""
    start = time.monotonic()
    if "-h" in argv or "--help" in argv:
        sys.stdout.write(HELP)
        return 0
    try:
        with _stoppable():
            file, source, budget = _arguments(argv, os.environ)
            if not _skipped(file, source, os.environ):
                _prepare(file, source, start, budget, drafter)
    except KeyboardInterrupt:
        pass
    except OSError as problem:
        _tell(f"no draft: {problem.filename}: {problem.strerror}")
    except OcodeError as problem:
        _tell(str(problem))
    except Exception as problem:  # a traceback helps nobody who only wants to commit
        _tell(f"no draft: unexpected {type(problem).__name__}: {problem}")
    return 0


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


def _arguments(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, str, float | None]:
    """The message file, where its text is from, and the budget if it is named. Raises UsageError."""
    words = [*argv]
    budget = None
    if "--budget" in words:
        at = words.index("--budget")
        try:
            budget = float(words[at + 1])
            if not 0 < budget < 1e6:
                raise ValueError
        except (IndexError, ValueError):
            raise UsageError("--budget needs a number of seconds") from None
        del words[at : at + 2]
    if not words and environ.get("PRE_COMMIT"):  # its `files` or `exclude` took the file for one of the tree
        words.append(os.path.join(environ.get("GIT_DIR") or ".git", "COMMIT_EDITMSG"))
    if not 1 <= len(words) <= 3 or words[0].startswith("-"):
        raise UsageError("give one message file, as git does, and no option but --budget")
    source = words[1] if len(words) > 1 else ""
    return words[0], source or environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE", ""), budget


def _skipped(file: str, source: str, environ: Mapping[str, str]) -> bool:
    """What the script that git starts decides too: nobody will look at a draft, or the message is another commit's."""
    if source not in ("", "template") or environ.get("OCODE_SKIP") or environ.get("GIT_EDITOR") == ":":
        return True
    folders = (environ.get("GIT_DIR") or ".git", os.path.dirname(file) or ".")
    return any(os.path.lexists(f"{folder}/{state}") for folder in folders for state in _STATES)


def _prepare(file: str, source: str, start: float, budget: float | None, drafter: Drafter | None) -> None:
    from ocode_tools.hooks.child import Child  # only here: start-up

    path = os.path.realpath(file)
    before = os.stat(path)
    if not stat.S_ISREG(before.st_mode):
        _tell("the message file is no ordinary file")
        return
    with open(path, "rb") as stream:
        data = stream.read()

    def work(say: Say) -> None:
        _draft(data, source, start, budget, drafter, say)

    child = Child(work, budget or BUDGET)
    try:
        line, new = _heard(child, start, budget or BUDGET)
    finally:
        child.end()
    if line:
        _tell(line)
    if new and new != data:
        _replace(path, before, new)


def _heard(child: Child, start: float, budget: float) -> tuple[str, bytes]:
    """A line for people and the file's new bytes (none: leave it as it is), at the latest when the time is up."""
    late: tuple[str, bytes] = (f"no draft: not ready within {budget:g} s (message.budget)", b"")
    until = start + budget + _GRACE
    while True:
        try:
            message: Message | None = child.hear(until)
        except TimeoutError:
            return late
        if message is None:
            return "no draft: the drafter ended without a word", b""
        kind, line, data, number = message
        match kind:
            case "budget":
                until = start + number + _GRACE
            case "late":
                late = (line, data)
            case "trouble":
                return f"no draft: unexpected {line}", b""
            case _:
                return line, data


def _replace(path: str, before: os.stat_result, data: bytes) -> None:
    """Replace the file at once or not at all; not when it is no longer the one that was read."""
    new = f"{path}.ocode-{os.getpid()}"
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as stream:
                stream.write(data)
            os.chmod(new, stat.S_IMODE(before.st_mode))
            now = os.stat(path)
            if (now.st_ino, now.st_mtime_ns, now.st_size) != (before.st_ino, before.st_mtime_ns, before.st_size):
                raise OSError(0, "somebody else wrote into it")
            os.replace(new, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(new)
            raise
    except OSError as error:
        _tell(f"no draft: the message file cannot be written: {error.strerror}")


def _tell(line: str) -> None:
    """Say one line, whatever is in it and whoever listens."""
    plain = "".join(c if c.isprintable() else "?" for c in " ".join(line.split()))
    if sys.stderr is not None:  # closed by whoever started us: its number may be another file's now
        encoding = sys.stderr.encoding or "ascii"
        with suppress(OSError, ValueError):  # not through its buffer, which would complain again at the very end
            os.write(sys.stderr.fileno(), f"ocode: {plain}\n".encode(encoding, "backslashreplace"))


@contextmanager
def _stoppable() -> Generator[None]:
    """Let what asks this process to end arrive as KeyboardInterrupt."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    kept = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, kept, strict=True):
            signal.signal(number, handler)


def _draft(data: bytes, source: str, start: float, budget: float | None, drafter: Drafter | None, say: Say) -> None:
    """What the child does: everything that reads the repository, the configuration or the network."""
    from pathlib import Path

    from ocode_tools.messages import place, text

    git = text.inherited(Path.cwd(), os.environ)
    page = place.read(data, text.habits(git, os.environ))

    def without(kind: str, reason: str) -> None:
        line = f"no draft: {reason}"
        say((kind, line, place.place(page, None, [f"ocode: {line}"]), 0.0))

    try:
        if page.taken or not _wanted(git, source):
            say(("done", "", b"", 0.0))
            return
        top = Path(git.text("rev-parse", "--show-toplevel"))
        seconds = _limited(budget or _budget(top), say)
        without("late", f"not ready within {seconds:g} s (message.budget)")
        draft = (drafter or _drafter())(top, text.inherited(top, os.environ), os.environ, start + seconds)
        if isinstance(draft, str):
            without("done", draft)
            return
        notes = [f"ocode: {note}" for note in _notes(draft)]
        line = notes[0] if page.notes is None and draft.source == "rules" else ""
        say(("done", line.removeprefix("ocode: "), place.place(page, draft, notes), 0.0))
    except OcodeError as problem:
        without("done", str(problem))
    except Exception as problem:  # the file says it too
        without("done", f"unexpected {type(problem).__name__}: {problem}")


def _drafter() -> Drafter:
    from ocode_bot.drafting.hook import drafted  # heavy

    return drafted


def _limited(seconds: float, say: Say) -> float:
    from ocode_tools.hooks.child import last

    say(("budget", "", b"", seconds))
    last(seconds)
    return seconds


def _wanted(git: Git, source: str) -> bool:
    """Whether git's configuration wants a draft here: `ocode.draft`, and `ocode.draftTemplate` for a template."""
    fields = git.ask("config", "-z", "--type=bool", "--get-regexp", r"^ocode\.draft(template)?$").text.split("\0")
    said = {name: value for name, _, value in (field.partition("\n") for field in fields)}
    return said.get("ocode.draft") != "false" and (not source or said.get("ocode.drafttemplate") == "true")


def _budget(top: Path) -> float:
    """Seconds by the configuration; what is wrong with it is not this door's business."""
    from ocode_tools.config import load
    from ocode_tools.schema import SCHEMA

    if "message.budget" not in SCHEMA:
        return BUDGET
    value = load(SCHEMA, start=top, environ=os.environ).values.get("message", {}).get("budget", BUDGET)
    return float(value) if isinstance(value, int | float) and value > 0 else BUDGET


def _notes(draft: Draft) -> list[str]:
    """Who wrote the draft, why it was not a model, and what was left out: one line each."""
    who = draft.model or "a model" if draft.source == "model" else "rules"
    why = f" (no model: {draft.error})" if draft.error and draft.source == "rules" else ""
    return [f"drafted by {who}{why}", *(f"left out: {line}" for line in draft.omitted)]


if __name__ == "__main__":
    run()
