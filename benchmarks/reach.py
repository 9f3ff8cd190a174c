"""Measures what the rules solver reaches: for each bug the rank of its first green and its first right candidate.

    python benchmarks/reach.py BUGS.jsonl [--cap 3000] [--seconds 1] [--part even|odd|all] [--cache FOLDER] [--show]

A line of BUGS.jsonl is a bug: `id`, `entry` (the function), `head` and `buggy` (together a module), `visible` and
`hidden` (each a function `check...` with asserts). The visible asserts become one test each; a bug is usable when one
of them is red. The failures and the lines that each test ran come from pytest with our plugin, as in `ocode fix`.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import forked
from ocode_tools import events, localize, rules
from ocode_tools.results import TestRun
from ocode_tools.rules.base import Candidate, Scope
from ocode_tools.runners import INSIDE
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols

STEPS = (100, 400, 1000, 3000)
FILE = f"{forked.MODULE}.py"


@dataclass(frozen=True, slots=True)
class Bug:
    """One line of the file; `text` is the module, `visible` its tests as a module, `hidden` a script."""

    number: int
    id: str
    kind: str
    text: str
    visible: str
    hidden: str


@dataclass(slots=True)
class Found:
    """What was found for a bug: ranks from 1, 0 for never; candidates tried; seconds to make and to judge them."""

    bug: Bug
    usable: bool = True
    green: list[tuple[int, Candidate, bool]] = field(default_factory=list[tuple[int, Candidate, bool]])
    tried: int = 0
    making: float = 0.0
    judging: float = 0.0
    judged: int = 0

    @property
    def first(self) -> int:
        """The rank of the first green candidate."""
        return self.green[0][0] if self.green else 0

    @property
    def right(self) -> int:
        """The rank of the first right candidate."""
        return next((rank for rank, _, right in self.green if right), 0)


def read(path: Path) -> list[Bug]:
    """The bugs of a file."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [_bug(number, row) for number, row in enumerate(rows)]


def _bug(number: int, row: dict[str, Any]) -> Bug:
    entry = row["entry"]
    hidden = f"from solution import *\nfrom solution import {entry}\n{row['hidden']}\ncheck({entry})\n"
    text = row["head"] + row["buggy"]
    return Bug(number, row["id"], row.get("kind", ""), text, tests(row["visible"], entry), hidden)


def tests(source: str, entry: str) -> str:
    """A function for each assert of a `check` function, with the statements before it; empty where there is none."""
    found = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name.startswith("check")]
    if not found:
        return ""
    name = found[0].args.args[0].arg if found[0].args.args else entry
    out = [f"import math\nimport solution\nfrom solution import *\nfrom solution import {entry}\n"]
    before: list[str] = [f"{name} = solution.{entry}"]
    for node in found[0].body:
        lines = ast.unparse(node).splitlines()
        if isinstance(node, ast.Assert):
            out.append("\n".join([f"def test_{len(out)}():", *(f"    {line}" for line in [*before, *lines])]))
        else:
            before += lines
    return "\n\n\n".join(out) + "\n"


def observe(text: str, visible: str) -> TestRun:
    """One run of the visible tests under pytest, as our plugin reports it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / FILE).write_text(text)
        (folder / "test_solution.py").write_text(visible)
        said = folder / "events.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "ocode_pytest", "-p", "no:cacheprovider"]
        more = {"PYTHONPATH": str(INSIDE), "OCODE_EVENTS": str(said), "OCODE_COVERAGE": "1"}
        more |= {"OCODE_TEST_SECONDS": "2", "PYTHONDONTWRITEBYTECODE": "1"}
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command, cwd=folder, env={**os.environ, **more}, capture_output=True, check=False, timeout=60
            )
        heard = events.parse(said.read_bytes())
        return events.test_run(heard, command=command, code=0, ended="exit", output="", processes=1)


def scopes(text: str, run: TestRun, every: bool = False) -> list[Scope]:
    """The scopes of all failures of a run, as the solver gets them; or every unit's, none more suspicious."""
    source = Source(FILE, text.encode())
    if every:
        some = localize.everywhere([FILE], lambda _: source)
        return [Scope(source, one, unit, (), Symbols()) for one, unit in zip(some, source.functions(), strict=False)]
    failures = tuple(run.failures.values())
    suspects = localize.suspects(failures, run.coverage, run.passed, lambda _: source, lambda path: path == FILE)
    units = {unit.qualname: unit for unit in source.functions()}
    symbols = Symbols([(FILE, source)])
    return [Scope(source, one, units[one.qualname], failures, symbols) for one in suspects]


def search(bug: Bug, cap: int, seconds: float, cache: Path | None) -> Found:
    """All candidates of a bug up to `cap`, judged; what the cache knows is not judged again."""
    kept = cache / f"{bug.id.replace('/', '_')}.pickle" if cache else None
    known: dict[Any, Any] = pickle.loads(kept.read_bytes()) if kept and kept.is_file() else {}
    key = hashlib.sha256((bug.text + bug.visible).encode()).hexdigest()
    found = Found(bug)
    if not bug.visible or not (run := known.setdefault(("run", key), None) or observe(bug.text, bug.visible)).red:
        found.usable = False
        return found
    known["run", key] = run
    began = time.perf_counter()
    some = list(islice(rules.candidates(scopes(bug.text, run)), cap))
    found.tried, found.making = len(some), time.perf_counter() - began
    source = Source(FILE, bug.text.encode())
    texts = [source.replace(one.changes).decode() for one in some]
    new = list(dict.fromkeys(text for text in texts if (key, text) not in known))
    began = time.perf_counter()
    verdicts = forked.verdicts(new, bug.visible, bug.hidden, seconds)
    found.judging, found.judged = time.perf_counter() - began, len(new)
    known.update(zip(((key, text) for text in new), verdicts, strict=True))
    if kept and new:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(known))
    judged = ((rank, one, known[key, text]) for rank, (one, text) in enumerate(zip(some, texts, strict=True), 1))
    found.green = [(rank, one, verdict == forked.RIGHT) for rank, one, verdict in judged if verdict != forked.RED]
    return found


def table(name: str, found: Sequence[Found]) -> None:
    """One line: of so many bugs how many were turned green, were right at the first green, or ever."""
    firsts = [one.first for one in found if one.first]
    hits = sum(one.green[0][2] for one in found if one.green)
    within = [sum(0 < one.right <= step for one in found) for step in STEPS]
    middle = f"{statistics.median(firsts):.0f}" if firsts else "-"
    reach = " ".join(f"{count:4}" for count in within)
    print(f"{name:18} {len(found):4} {len(firsts):5} {hits:11} {middle:12} {reach}")


def report(found: Sequence[Found]) -> None:
    """All figures."""
    usable = [one for one in found if one.usable]
    print(f"{'':18} rows green first right median first right within {' '.join(map(str, STEPS))}")
    table("all", usable)
    for name, rest in (("even", 0), ("odd", 1)):
        table(name, [one for one in usable if one.bug.number % 2 == rest])
    for kind in sorted({one.bug.kind for one in usable}):
        table(kind or "-", [one for one in usable if one.bug.kind == kind])
    made, judged = sum(one.tried for one in usable), sum(one.judged for one in usable)
    print(f"{made} candidates, made {made / max(sum(one.making for one in usable), 1e-9):.0f} a second")
    print(f"{judged} judged, {judged / max(sum(one.judging for one in usable), 1e-9):.0f} a second and core")
    by_kind(usable)


def by_kind(found: Iterable[Found]) -> None:
    """For each kind: how often it gave the first green one, how often that was right, how often it had a right one."""
    green, hits, had = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        if one.green:
            green[one.green[0][1].kind] += 1
            hits[one.green[0][1].kind] += one.green[0][2]
        had.update({candidate.kind for _, candidate, right in one.green if right})
    print(f"{'kind':18} first right  any")
    for kind in sorted(green | had):
        print(f"{kind:18} {green[kind]:5} {hits[kind]:5} {had[kind]:4}")


def show(found: Iterable[Found]) -> None:
    """One line for each bug."""
    for one in found:
        if not one.usable:
            continue
        print(f"{one.bug.id:12} tried {one.tried:5} first {one.first:5} right {one.right:5}", end="  ")
        rights = [f"{c.kind}: {c.summary}" for _, c, right in one.green if right][:1]
        wrongs = [f"{c.kind}: {c.summary}" for _, c, right in one.green[:1] if not right]
        print("" if one.right else "NEVER", *rights, *(f"| WRONG {what}" for what in wrongs))


def main() -> None:
    """See the top."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bugs", type=Path)
    parser.add_argument("--cap", type=int, default=max(STEPS), help="candidates of one bug")
    parser.add_argument("--seconds", type=float, default=1.0, help="limit of one candidate")
    parser.add_argument("--part", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="keep failures and verdicts in this folder")
    parser.add_argument("--show", action="store_true", help="one line for each bug")
    given = parser.parse_args()
    bugs = [bug for bug in read(given.bugs) if given.part in ("all", ("even", "odd")[bug.number % 2])]
    with ProcessPoolExecutor(given.jobs) as pool:
        work = partial(search, cap=given.cap, seconds=given.seconds, cache=given.cache)
        found = list(pool.map(work, bugs))
    if given.show:
        show(found)
    report(found)


if __name__ == "__main__":
    main()
