"""From what was seen of new tests to which of them are worth keeping, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ocode_tools.newtests.bench import Alone, Changed, Findings
from ocode_tools.newtests.checks import Fault
from ocode_tools.newtests.mutants import Mutant

SLOW, TIMES = 1.0, 5.0  # seconds, and how often the median of the suite's tests


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a unit before a new test: steps from line to line that tests take, mutants (by number) that they
    notice, lines that they run."""

    steps: frozenset[tuple[int, int]] = frozenset()
    killed: frozenset[int] = frozenset()
    lines: frozenset[int] = frozenset()

    def plus(self, other: Known) -> Known:
        """Both together."""
        return Known(self.steps | other.steps, self.killed | other.killed, self.lines | other.lines)


@dataclass(frozen=True, slots=True)
class Judged:
    """One test's verdict: `fault` is None where it may stay; `adds` is what it is known by then. `wrong` says that it
    fails by an assertion of its own."""

    name: str
    fault: Fault | None
    adds: Known = field(default_factory=Known)
    wrong: bool = False


def known(found: Findings, lines: Iterable[int]) -> Known:
    """What all tests of some findings together know; `lines` are the unit's."""
    steps = frozenset(step for one in found.alone.values() if one.green for step in one.steps)
    killed = frozenset(number for number, change in found.mutants.items() if change.red and not change.hung)
    return Known(steps, killed, frozenset(lines) & {line for step in steps for line in step})


def judge(
    names: Sequence[str],
    found: Findings,
    mutants: Sequence[Mutant],
    before: Known,
    lines: frozenset[int],
    median: float,
    init: bool = False,
) -> list[Judged]:
    """A verdict for each of `names` (ids without parameters), each by itself; `median` in seconds is the suite's. The
    unit is a class's `init`."""
    return [_one(name, found, mutants, before, lines, median, init) for name in names]


def _one(
    name: str,
    found: Findings,
    mutants: Sequence[Mutant],
    before: Known,
    lines: frozenset[int],
    median: float,
    init: bool,
) -> Judged:
    cases = {test: alone for test, alone in found.alone.items() if test.partition("[")[0] == name}
    if not cases:
        return Judged(name, _not_run(name, found))
    for test, alone in cases.items():
        if fault := _unsound(test, alone):
            return Judged(name, fault, wrong=alone.said.startswith("assertion"))
    took = max((found.run.seconds.get(test, 0.0) for test in cases), default=0.0)
    if took > max(SLOW, TIMES * median):
        return Judged(name, Fault("slow", f"it takes {took:.1f} s; the suite's tests take {median:.2f} s"))
    if not found.loaded:
        return Judged(name, Fault("useless", "the unit is not loaded as a plain function, so nothing can be shown"))
    adds = _adds(cases, found, lines)
    if not (adds.steps - before.steps or adds.killed - before.killed):
        reason = "it runs no line or branch that other tests do not run, and notices no change that they miss"
        return Judged(name, Fault("useless", reason), adds)
    return Judged(name, _toothless(set(cases), found, mutants, adds, before, init), adds)


def _not_run(name: str, found: Findings) -> Fault:
    path = name.partition("::")[0]
    failure = found.run.failures.get(path) or next(iter(found.run.failures.values()), None)
    if failure:
        return Fault("does not run", f"{failure.exception}: {failure.message[:300]}")
    last = next((line.strip() for line in reversed(found.run.output.splitlines()) if line.strip()), "no output")
    why = found.run.ended if found.run.ended != "exit" else "it was not collected"
    return Fault("does not run", why if found.run.collected else f"{why}: {last[:200]}")


def _unsound(test: str, alone: Alone) -> Fault | None:
    if not alone.green:
        kind, mark, said = alone.said.partition(": ")
        return Fault("fails" if kind == "assertion" else "does not run", (said if mark else kind) or "it did not pass")
    if alone.wrote:
        return Fault("danger", f"it leaves {alone.wrote.rpartition('/')[2]} behind on the disk")
    if alone.again:
        return Fault("flaky", f"it passes once, but not each time: {alone.again.partition(': ')[2]}")
    if alone.late:
        return Fault("flaky", f"it does not pass at another date and hour: {alone.late.partition(': ')[2]}")
    return None


def _adds(cases: Mapping[str, Alone], found: Findings, lines: frozenset[int]) -> Known:
    steps = frozenset(step for alone in cases.values() for step in alone.steps)
    killed = frozenset(n for n, change in found.mutants.items() if not cases.keys().isdisjoint(change.red))
    return Known(steps, killed, lines & {line for step in steps for line in step})


def stubs_of(found: Findings) -> Mapping[str, Changed]:
    """Bodies to be noticed: None stands for what is returned only where nothing else is."""
    telling = {shown: change for shown, change in found.stubs.items() if shown != "None"}
    return telling or found.stubs


def _toothless(
    cases: set[str], found: Findings, mutants: Sequence[Mutant], adds: Known, before: Known, init: bool
) -> Fault | None:
    """A good test fails by an assertion of its own when the body is gone, and when a statement is changed."""
    stubs = stubs_of(found)
    # Without the body of `__init__` there is no object that an assertion could look at.
    if stubs and not init and not any(cases & change.found for change in stubs.values()):
        shown, change = next(((s, c) for s, c in stubs.items() if not cases & c.red.keys()), next(iter(stubs.items())))
        how = "crashes without a failed assertion" if cases & change.red.keys() else "still passes"
        return Fault("kills nothing", f"it {how} when the body is only `return {shown}`", f"return {shown}")
    if found.mutants and not any(cases & change.found for change in found.mutants.values()):
        alive = survivor(mutants, adds.killed | before.killed, adds.lines) or survivor(mutants, adds.killed, adds.lines)
        what = f"it still passes when line {alive.line} is changed" if alive else "a changed line only makes it crash"
        return Fault("kills nothing", what, alive.diff if alive else "")
    return None


def survivor(mutants: Sequence[Mutant], killed: frozenset[int], lines: frozenset[int]) -> Mutant | None:
    """A change that nothing notices, on a line that is run where there is one."""
    alive = [mutant for number, mutant in enumerate(mutants) if number not in killed]
    return next((mutant for mutant in alive if mutant.line in lines), alive[0] if alive else None)


def pick(judged: Sequence[Judged], before: Known) -> tuple[list[Judged], Known]:
    """The tests to keep, each because it adds something to those before it; the others get their fault. Also what is
    known with those that are kept."""
    good = sorted(
        (one for one in judged if one.fault is None),
        key=lambda one: (-len(one.adds.killed), -len(one.adds.steps)),
    )
    kept: set[str] = set()
    now = before
    for one in good:
        if one.adds.killed - now.killed or one.adds.steps - now.steps:
            kept.add(one.name)
            now = now.plus(one.adds)
    spare = Fault("useless", "it adds nothing to the other new tests")
    out = [one if one.fault or one.name in kept else Judged(one.name, spare, one.adds) for one in judged]
    return out, now
