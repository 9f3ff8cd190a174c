"""Measures which kinds of edits mend bugs that were made of right programs, as a proposal for `rules/priors.py`.

    python benchmarks/priors.py [--bugs 120] [--cap 600] [--seconds 0.2] [--seed 1]

A bug is one edit of one of the rules' own kinds, each kind as often as the others, to a program of programs.py
that turns one of its first three examples red; the other examples judge. For each kind: how many candidates were tried,
how many were green, how many right, and the prior that follows: right ones of those tried, relative to the best kind,
half-way (geometric mean) between the table and the measurement.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice

import forked
from ocode_tools import rules
from ocode_tools.rules.base import Candidate
from ocode_tools.source import Source
from programs import PROGRAMS
from reach import FILE, Bug, observe, scopes

VISIBLE = 3
DOUBT = 3.0  # right candidates that a kind is given for nothing, so that a rare kind keeps its prior

Tried = list[tuple[str, int]]


def bugs(most: int, seed: int) -> Iterator[Bug]:
    """Bugs, of every program and of every kind in turn."""
    chance = random.Random(seed)
    found = [_broken(name, source, inputs, chance) for name, source, inputs in PROGRAMS]
    while most and any(found):
        for some in found:
            if some and most:
                yield some.pop()
                most -= 1


def _broken(name: str, source: str, inputs: tuple[str, ...], chance: random.Random) -> list[Bug]:
    """The bugs of a program in a random order, one of each kind."""
    names: dict[str, object] = {}
    exec(source, names)
    function = names[name]
    wanted = [repr(eval(f"f({given})", {"f": function})) for given in inputs]
    asserts = [f"assert {name}({given}) == {value}" for given, value in zip(inputs, wanted, strict=True)]
    visible = f"from solution import {name}\n\n" + "\n".join(
        f"def test_{number}():\n    {line}\n" for number, line in enumerate(asserts[:VISIBLE])
    )
    hidden = f"from solution import {name}\n" + "\n".join(asserts[VISIBLE:]) + "\n"
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    right = Source(FILE, source.encode())
    for one in rules.candidates(scopes(source, observe(source, visible), every=True), 1500, 0):
        kinds[one.kind].append(right.replace(one.changes).decode())
    found: list[Bug] = []
    for kind, texts in sorted(kinds.items()):
        some = chance.sample(texts, min(3, len(texts)))
        verdicts = forked.verdicts(some, visible, hidden, 0.2)
        red = [text for text, verdict in zip(some, verdicts, strict=True) if verdict == forked.RED]
        found += [Bug(0, f"{name}-{kind}", kind, text, visible, hidden) for text in red[:1]]
    chance.shuffle(found)
    return found


def tried(bug: Bug, cap: int, seconds: float) -> Tried:
    """The kinds and verdicts of a bug's candidates, in their order."""
    source = Source(FILE, bug.text.encode())
    run = observe(bug.text, bug.visible)
    some: list[Candidate] = list(islice(rules.candidates(scopes(bug.text, run)), cap))
    texts = [source.replace(one.changes).decode() for one in some]
    found = forked.verdicts(texts, bug.visible, bug.hidden, seconds)
    return [(one.kind, verdict) for one, verdict in zip(some, found, strict=True)]


def report(found: list[Tried]) -> None:
    """The table."""
    count, green, right = Counter[str](), Counter[str](), Counter[str]()
    for some in found:
        count.update(kind for kind, _ in some)
        green.update({kind for kind, verdict in some if verdict != forked.RED})
        right.update({kind for kind, verdict in some if verdict == forked.RIGHT})
    reached = sum(any(verdict == forked.RIGHT for _, verdict in some) for some in found)
    firsts = [next((verdict for _, verdict in some if verdict != forked.RED), 0) for some in found]
    print(f"{len(found)} bugs, {reached} within reach, first green right for {firsts.count(forked.RIGHT)}")
    total, prior = sum(count.values()), sum(rules.PRIORS[kind] * count[kind] for kind in count)
    scale = sum(right.values()) / prior if prior else 1.0
    rates = {kind: rate(kind, count[kind], right[kind], scale) for kind in rules.PRIORS}
    best = max(rates.values())
    print(f"{total} candidates\n{'kind':12} tried green right prior proposed")
    for kind, old in sorted(rules.PRIORS.items()):
        new = (old * rates[kind] / best) ** 0.5
        print(f"{kind:12} {count[kind]:6} {green[kind]:4} {right[kind]:4} {old:6.2f} {new:6.2f}")


def rate(kind: str, count: int, right: int, scale: float) -> float:
    """Right candidates of those tried, held near what the present prior expects where few were tried."""
    expected = rules.PRIORS[kind] * scale
    return (right + DOUBT) / (count + DOUBT / expected) if expected else 0.0


def main() -> None:
    """See the top."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bugs", type=int, default=120)
    parser.add_argument("--cap", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    made = list(bugs(given.bugs, given.seed))
    with ProcessPoolExecutor(given.jobs) as pool:
        report(list(pool.map(partial(tried, cap=given.cap, seconds=given.seconds), made)))


if __name__ == "__main__":
    main()
