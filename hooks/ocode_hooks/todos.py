"""The pre-commit hook for TODOs: new ones in the staged lines have the form that `todo.form` asks for.

Exit 1 only where one has not. Trouble of our own is one line and exit 0, so that it never holds up a commit; with
`--strict`, for CI, it is exit 2.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ocode_tools.errors import OcodeError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from ocode_tools.git import Git
    from ocode_tools.todos.item import Todo

PATIENCE = 10.0  # seconds
# By hand: for two switches, argparse would cost a part of the time that a check may take.
HELP = """\
Usage: ocode-todos [--strict] [FILE...]

Check the form of new TODOs in the staged lines, of these files or of all. Under pre-commit run --from-ref and
--to-ref, those that came between the two.

  --strict    exit 2 where the check itself cannot be done
  -h, --help  show this

Exit: 0 all have the form of todo.form, or it could not be checked; 1 some have not.
"""


def main(argv: Sequence[str]) -> int:
    """Check what is staged; exit code 0 or 1, with `--strict` 2 for trouble of our own."""
    strict = "--strict" in argv
    if "-h" in argv or "--help" in argv:
        sys.stdout.write(HELP)
        return 0
    signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        return _checked(_files(argv), os.environ)
    except KeyboardInterrupt:
        return 130
    except Exception as problem:  # the edge: whatever is wrong with us, the commit goes through
        _say([f"ocode: TODOs not checked: {_reason(problem)}"])
        return 2 if strict else 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


def _late(_signal: int, _frame: object) -> None:
    """A regular expression of the configuration may take for ever; it lets signals in."""
    raise UsageError(f"not done within {PATIENCE:g} s; is there a pattern that takes too long?")


def _files(argv: Sequence[str]) -> list[str]:
    files = [word for word in argv if word not in ("--strict", "--")]
    if wrong := [word for word in files if word.startswith("-")]:
        raise UsageError(f"there is no option {wrong[0]}; see ocode-todos --help")
    return files


def _checked(files: Sequence[str], environ: Mapping[str, str]) -> int:
    from pathlib import Path

    from ocode_tools import config
    from ocode_tools.messages.text import inherited
    from ocode_tools.schema import SCHEMA
    from ocode_tools.todos.form import checked_form, missing, tags_of

    here = Path.cwd()
    top = Path(inherited(here, environ).text("rev-parse", "--show-toplevel") or here)
    git = inherited(top, environ)
    loaded = config.load(SCHEMA, start=top, environ=environ)
    _say(f"ocode: {problem}" for problem in loaded.problems)
    form = checked_form(str(config.value(loaded, "todo.form")))
    tags = tags_of(config.value(loaded, "todo.tags"))
    if form == "any":
        return 0
    wrong = [(todo, lacks) for todo in _new(git, here, files, tags, environ) if (lacks := missing(todo, form))]
    known = _known(git, tags, environ) if wrong else Counter[str]()
    lines = list[str]()
    for todo, lacks in wrong:
        known[_words(todo)] -= 1
        if known[_words(todo)] < 0:  # not one that was moved or reformatted
            lines.append(f"{todo.path}:{todo.line} {todo.tag} lacks {lacks}")
    if lines:
        place = loaded.origins["todo.form"].label
        _say(["ocode: new TODOs do not have the form that is asked for" + f" (todo.form: {form}, {place})", *lines])
    return 1 if lines else 0


def _new(git: Git, start: Path, files: Sequence[str], tags: tuple[str, ...], environ: Mapping[str, str]) -> list[Todo]:
    """The TODOs on the lines that came: staged ones, or between the two revisions that pre-commit names."""
    from ocode_tools.selection import select
    from ocode_tools.todos.scan import scan

    old, new = environ.get("PRE_COMMIT_FROM_REF"), environ.get("PRE_COMMIT_TO_REF")
    if old and new:
        found = scan(git, select(git, start, [], changed=old, base=new), tags=tags, base=new)
    else:
        found = scan(git, select(git, start, [], staged=True), tags=tags, staged=True)
    asked = {os.path.relpath(os.path.join(start, file), git.cwd) for file in files}
    return [todo for todo in found.todos if not asked or todo.path in asked]


def _known(git: Git, tags: tuple[str, ...], environ: Mapping[str, str]) -> Counter[str]:
    """How often each TODO stood somewhere in the changed files before, in any parent of the commit to be."""
    from ocode_tools.todos.scan import at

    old, new = environ.get("PRE_COMMIT_FROM_REF"), environ.get("PRE_COMMIT_TO_REF")
    bases = [old] if old else ["HEAD", "MERGE_HEAD"]
    bases = [base for base in bases if not git.ask("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}").code]
    known = Counter[str]()
    if bases:
        ends = [bases[0], new] if new else ["--cached", bases[0]]
        names = git.names("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-relative", *ends, "--")
        for base in bases:
            known |= Counter(_words(todo) for todo in at(git, base, names, tags))
    return known


def _words(todo: Todo) -> str:
    return f"{todo.tag}({todo.ref}) {' '.join(todo.text.split())}"


def _reason(problem: Exception) -> str:
    said = " ".join(str(problem).split())
    if isinstance(problem, OSError):
        return f"{problem.filename}: {problem.strerror}"
    return said if isinstance(problem, OcodeError) else f"unexpected {type(problem).__name__}: {said}"


def _say(lines: Iterable[str]) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    run()
