"""The pre-commit hook for docstrings: what a commit adds or changes has one; with `--write` it gets one.

Exit 1 only where one is missing or files were written. Trouble of our own is one line and exit 0, so that it never
holds up a commit; with `--strict`, for CI, it is exit 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocode_hooks.edge import guarded, say
from ocode_tools.errors import OcodeError, UsageError

if TYPE_CHECKING:
    from ocode_tools.config import Loaded
    from ocode_tools.docstrings.base import Unit
    from ocode_tools.docstrings.page import Page
    from ocode_tools.docstrings.units import Rules
    from ocode_tools.git import Git

PATIENCE = 20.0  # seconds that a check may take
WRITING = 60.0  # seconds that --write may take
# By hand: for a few switches, argparse would cost a part of the time that a check may take.
HELP = """\
Usage: ocode-docstrings [--write] [--budget SECONDS] [--strict] [FILE...]

Check that the functions, classes and modules that a commit adds or changes have docstrings, in these files or in all.
Under pre-commit run --from-ref and --to-ref, what changed between the two.

  --write           write those that are missing into the files, by the model where one answers
  --budget SECONDS  wall seconds that --write may take (60)
  --strict          exit 2 where the check itself cannot be done
  -h, --help        show this

Exit: 0 none is missing, or it could not be checked; 1 some are missing, or files were written.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    files: tuple[str, ...] = ()
    write: bool = False
    strict: bool = False
    budget: float = WRITING


def main(argv: Sequence[str]) -> int:
    """Check what is staged; exit code 0 or 1, with `--strict` 2 for trouble of our own."""
    patience = PATIENCE
    with suppress(UsageError):  # said by the check itself
        wish = _wish(argv)
        patience += wish.budget if wish.write else 0.0
    return guarded(argv, HELP, "docstrings not checked", patience, lambda: _checked(_wish(argv), os.environ))


def run() -> None:
    """The console script."""
    raise SystemExit(main(sys.argv[1:]))


def _wish(argv: Sequence[str]) -> Wish:
    files, flags, budget = list[str](), set[str](), WRITING
    words = iter(argv)
    for word in words:
        if word == "--":
            files += words
        elif word.partition("=")[0] == "--budget":
            text = word.partition("=")[2] or next(words, "")
            if not text.replace(".", "", 1).isdigit() or not float(text):
                raise UsageError("--budget takes a number of seconds")
            budget = float(text)
        elif word in ("--write", "--strict"):
            flags.add(word)
        elif word.startswith("-"):
            raise UsageError(f"there is no option {word}; see ocode-docstrings --help")
        else:
            files.append(word)
    return Wish(tuple(files), "--write" in flags, "--strict" in flags, budget)


def _checked(wish: Wish, environ: Mapping[str, str]) -> int:
    from ocode_tools import config
    from ocode_tools.messages.text import inherited
    from ocode_tools.schema import SCHEMA

    here = os.getcwd()
    top = inherited(here, environ).text("rev-parse", "--show-toplevel") or here
    git = inherited(top, environ)
    loaded = config.load(SCHEMA, start=git.cwd, environ=environ)
    say(f"ocode: {problem}" for problem in loaded.problems)
    rules = _rules(git, loaded)
    found = [(page, units) for page, units in _pages(git, here, wish.files, environ, rules) if units]
    if wish.write and found:
        from ocode_bot.tasks.docstrings.inplace import write  # loads a model's client

        return write(git.cwd, found, loaded, environ, wish.budget, say)
    lines = [f"{page.path}:{unit.line} {unit.qualname}" for page, units in found for unit in units]
    if lines:
        say([f"ocode: {len(lines)} {'docstring is' if len(lines) == 1 else 'docstrings are'} missing", *lines])
    return 1 if lines else 0


def _rules(git: Git, loaded: Loaded) -> Rules:
    """What is left out: as `[tool.interrogate]` says where we are told nothing ourselves."""
    from ocode_tools import config
    from ocode_tools.docstrings.units import Rules

    skip, exclude = config.value(loaded, "docstrings.skip"), config.value(loaded, "docstrings.exclude")
    assert isinstance(skip, tuple)
    assert isinstance(exclude, tuple)
    if loaded.origins["docstrings.skip"].source == "default":
        try:
            with open(os.path.join(git.cwd, "pyproject.toml"), "rb") as file:
                data = file.read()
        except OSError:
            data = b""
        if b"interrogate" in data:
            from ocode_tools.docstrings.style import rules_of

            if found := rules_of({"pyproject.toml": data}.get):
                return Rules(found.skip, (*found.exclude, *exclude))
    return Rules(frozenset(skip), exclude)


def _pages(
    git: Git, start: str, files: Sequence[str], environ: Mapping[str, str], rules: Rules
) -> Iterator[tuple[Page, list[Unit]]]:
    """Each changed file as it will be committed, with what lacks a docstring in it."""
    from ocode_tools.docstrings.page import SUFFIXES, Page
    from ocode_tools.selection import select

    old, new = environ.get("PRE_COMMIT_FROM_REF"), environ.get("PRE_COMMIT_TO_REF")
    if old and new:
        selection = select(git, start, [], changed=old, base=new, suffixes=SUFFIXES)
    else:
        selection, new = select(git, start, [], staged=True, suffixes=SUFFIXES), ""
    asked = {os.path.relpath(os.path.join(start, file), git.cwd) for file in files}
    paths = [path for path in selection.paths if "\n" not in path and (not asked or path in asked)]
    for path, data in zip(paths, _contents(git, [f"{new}:{path}" for path in paths]), strict=True):
        try:
            page = Page(path, data)
            yield page, [unit for unit in page.wanting(selection, rules) if not page.why_not(unit)]
        except OcodeError as problem:
            say([f"ocode: {problem}"])


def _contents(git: Git, names: Sequence[str]) -> Iterator[bytes]:
    """The contents of blobs, by one git-cat-file(1)."""
    if not names:
        return
    asked = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    said = git.out("cat-file", "--batch", "--buffer", stdin=asked)
    at = 0
    for _ in names:
        end = said.index(b"\n", at)
        size = int(said[at:end].rpartition(b" ")[2])
        yield said[end + 1 : end + 1 + size]
        at = end + size + 2


if __name__ == "__main__":
    run()
