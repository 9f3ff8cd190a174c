"""What docstrings by a scripted model do to whole trees: files broken (there may be none), and what the gate costs.

python benchmarks/docstrings.py FOLDER...    the standard library where no folder is given; --thorough compares each
file by syntax tree and tokens as well, where the gate takes its short way; prints, asserts nothing
"""

from __future__ import annotations

import argparse
import ast
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from ocode_tools.docstrings import gates
from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import Form, Style
from ocode_tools.docstrings.splice import NoPlaceError
from ocode_tools.source import Change, Source, SourceError

FORMS: tuple[Form, ...] = ("google", "numpy", "sphinx", "plain")
# Texts that a careless writer would break a file with.
TEXTS = (
    'Say what it is for, with a """quote""" in it',
    "End with a backslash \\",
    'Tell of \'single\' and "double" quotes", and of a tab\t or two',
    "Go on for so long that it has to be wrapped, as it says again and again what one word would have said as well",
    "Hold gr\u00fc\u00dfe, \u65e5\u672c and an \u2192 arrow",
    "# look like a comment: # noqa",
)


@dataclass
class Tally:
    """What came of a tree; seconds are CPU."""

    counts: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    broken: list[str] = field(default_factory=list[str])
    size: int = 0
    making: float = 0.0
    gate: float = 0.0


def filled(page: Page, style: Style, texts: Iterator[str], tally: Tally) -> bytes:
    """The file with words from the script for every unit that lacks a docstring, as the task makes it."""
    changes: list[Change] = []
    for unit in page.units:
        if unit.doc is None and unit.node.body:
            try:
                changes += _one(page, unit, style, texts)
                tally.counts["written"] += 1
            except (NoPlaceError, SourceError) as problem:
                reason = str(problem).partition(":")[0] if isinstance(problem, NoPlaceError) else "encoding"
                tally.refused[reason] += 1
    return page.put(changes)


def _one(page: Page, unit: Unit, style: Style, texts: Iterator[str]) -> list[Change]:
    facts = page.facts(unit, style)
    reader = page.reader(unit, facts, style)
    said = {key: next(texts) for key in ("summary", "details", *(entry.key for entry in facts.entries))}
    words = reader.read(said).words or reader.read({**said, "summary": "Say what a caller has to know"}).words
    if words is None:
        raise NoPlaceError("no words")
    made = page.insertion(unit, words, facts, style)
    page.put(made)  # as the task does: one that the encoding lacks is left out
    return made


def look(path: Path, form: Form, tally: Tally, thorough: bool) -> None:
    """Fill one file and judge what came of it."""
    data = path.read_bytes()
    tally.counts["files"] += 1
    try:
        page = Page(path.name, data)
    except SourceError:
        tally.counts["not Python"] += 1
        return
    tally.size += len(data)
    began = time.process_time()
    after = filled(page, Style(form), cycle(TEXTS), tally)
    tally.making += time.process_time() - began
    began = time.process_time()
    reason = gates.only_docstrings(path.name, data, after)
    tally.gate += time.process_time() - began
    if reason:
        tally.counts["refused by the gate"] += 1
        tally.broken.append(f"{path}: {reason}")
    elif thorough and not _same(data, after):
        tally.broken.append(f"{path}: passed the gate and is another program")


def _same(before: bytes, after: bytes) -> bool:
    """Whether both are one program, by another way than the gate's."""
    trees = [Source("a.py", data).tree for data in (before, after)]
    for tree in trees:
        for node in ast.walk(tree):
            holder = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node
            if holder and ast.get_docstring(holder, clean=False) is not None:
                del holder.body[:1]
    return ast.dump(trees[0]) == ast.dump(trees[1])


def main() -> None:
    """See the top."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--thorough", action="store_true")
    given = parser.parse_args()
    for folder in given.folders or [Path(sysconfig.get_paths()["stdlib"])]:
        tally = Tally()
        files = [path for path in sorted(folder.rglob("*.py")) if "site-packages" not in path.relative_to(folder).parts]
        for number, path in enumerate(files):
            look(path, FORMS[number % len(FORMS)], tally, given.thorough)
        read = max(1, tally.counts["files"] - tally.counts["not Python"])
        print(f"{folder}: {read} files of {tally.size / read / 1000:.1f} kB, {dict(tally.counts)}")
        print(f"  left out: {dict(tally.refused)}")
        print(
            f"  CPU ms a file: {1000 * tally.making / read:.1f} to write, {1000 * tally.gate / read:.1f} for the gate"
        )
        print(f"  broken: {len(tally.broken)}", *tally.broken[:10], sep="\n    ")


if __name__ == "__main__":
    main()
