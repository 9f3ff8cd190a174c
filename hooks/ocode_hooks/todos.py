"""The pre-commit hook for TODOs: new ones in the staged lines have the form that `todo.form` asks for.

Exit 1 only where one has not. Trouble of our own is one line and exit 0, so that it never holds up a commit; with
`--strict`, for CI, it is exit 2.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ocode_hooks.edge import guarded, say
from ocode_tools.errors import UsageError

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
    return guarded(argv, HELP, "TODOs not checked", PATIENCE, lambda: _checked(_files(argv), os.environ))


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


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
    say(f"ocode: {problem}" for problem in loaded.problems)
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
        say(["ocode: new TODOs do not have the form that is asked for" + f" (todo.form: {form}, {place})", *lines])
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


if __name__ == "__main__":
    run()
