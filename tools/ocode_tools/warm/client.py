"""A process that has imported the project and collected its tests, and judges changes in children that it forks.

It runs in a lane, through the same door, sandbox and environment as the tests themselves; orders and answers go through
two FIFOs (fifo(7)) in a folder of the lane that both sides see.
"""

from __future__ import annotations

import json
import os
import selectors
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from ocode_tools.outcome import Outcome
from ocode_tools.process import Cancel, supervise
from ocode_tools.store import remove_tree, writing
from ocode_tools.suite import Suite, tail
from ocode_tools.warm.swap import Swap
from ocode_tools.workspace import Lane

DAY = 86400.0  # seconds: the job's own budget ends it
LOOK_EVERY = 0.1
EXAMPLES = "docstring examples"  # as inside/ocode_child.py calls them
MOST_INPUTS, INPUT_SECONDS = 120, 0.05  # of one function, as inside/ocode_inputs.py makes them, and for each
MOST_ENDS = 4  # inputs of one function that take too long or end the process
ENDS = ("it takes too long", "the process ended in this test")  # as inside/ocode_child.py says it
MOST_GROWTH = 512 << 20  # bytes that one child may take
# Libraries that would start threads at import, after which no fork is safe.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the tests with a change: `red` gives what a red test said. `hung` is set where a limit ended it.
    `cold` says why it must be judged in a process of its own (then nothing ran). `examples` is False where all was
    green but an example in the function's docstring. `wrote` is a file that the tests left behind in the tree, looked
    for in a control only. `seconds` went by, `processor` seconds were used, by it and what it started."""

    green: frozenset[str] = frozenset()
    red: Mapping[str, str] | None = None
    hung: bool = False
    cold: str = ""
    examples: bool = True
    wrote: str = ""
    seconds: float = 0.0
    processor: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A function: the file's path, the line on which it starts with its decorators, its dotted name."""

    path: str
    first: int
    name: str


class Linked(Cancel):
    """A switch of its own that is also on when the one above it is."""

    def __init__(self, above: Cancel) -> None:
        super().__init__()
        self._above = above

    def is_set(self) -> bool:
        """See `threading.Event`."""
        return super().is_set() or self._above.is_set()


class Warm:
    """One such process in the tree of `lane` as it stands, which must stay so while it lives. Not safe in threads.

    `tests` are the ids it has collected; empty with the reason in `problem` where it cannot be used.
    """

    def __init__(self, suite: Suite, lane: Lane, select: Iterable[str]) -> None:
        self.tests: frozenset[str] = frozenset()
        self.problem = ""
        self._suite, self._lane = suite, lane
        self._cancel = Linked(suite.cancel)
        self._ended: Outcome | None = None
        self._failed: BaseException | None = None
        self._rest = b""
        self._folder = lane.folder / "warm"
        remove_tree(self._folder)
        with writing(self._folder):
            self._folder.mkdir()
            for name in ("ask", "say"):
                os.mkfifo(self._folder / name)
        # Both ends of both are held here, so that neither side waits for the other to open its own (fifo(7), Linux).
        self._ask = os.open(self._folder / "ask", os.O_RDWR)
        self._say = os.open(self._folder / "say", os.O_RDWR | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._live, args=(sorted(select),), daemon=True)
        self._thread.start()

    def ready(self, seconds: float) -> bool:
        """Wait until it has collected its tests, at most so long; whether it can be used."""
        said = self._hear(seconds)
        if said is None:
            self.problem = self._why()
            self.close()
        elif "declined" in said:
            self.problem = str(said["declined"])
            self.close()
        else:
            self.tests = frozenset(map(str, said.get("tests", ())))
        return not self.problem

    def judge(
        self,
        change: Swap | None,
        first: Sequence[str],
        then: Sequence[str],
        limits: Mapping[str, float],
        *,
        every: bool = False,
        control: bool = False,
    ) -> Answer | None:
        """Run the tests `first`, and `then` others if all are green, with a change or without one; None where the
        process is gone.

        It ends with the first red test, or runs `every` one of `first`. `limits` are seconds of processor time by test.
        """
        used = {test: limits[test] for test in (*first, *then)}
        if change and change.unit:
            used[EXAMPLES] = max(used.values(), default=0.0)
        order = {
            "swap": _fields(change) if change else None,
            "first": list(first),
            "then": list(then),
            "limits": used,
            "all": every,
            "control": control,
        }
        said = self._asked(order, sum(used.values()))
        return _answer(said) if said else None

    def record(
        self,
        place: Place,
        tests: Sequence[str],
        limits: Mapping[str, float],
        change: Swap | None = None,
        examples: float = 0.0,
    ) -> list[str]:
        """What a function is called with while tests run, with a change or without, and by the examples of its
        docstring where they get so many seconds; in a form for `outcomes`, [] where nothing is known."""
        used = {test: limits[test] for test in tests} | ({EXAMPLES: examples} if examples else {})
        if not used:
            return []
        order = {"swap": _fields(change) if change else None, "function": asdict(place), "limits": used}
        said = self._asked({**order, "first": list(tests), "then": [], "all": True}, sum(used.values()))
        return [str(one) for name, one in (said or {}).get("red", ()) if name == "input"]

    def outcomes(self, change: Swap | None, place: Place, inputs: Sequence[str]) -> list[str]:
        """What a function does with recorded inputs and values near them, a text for each, with a change or without.

        An input that takes too long, or ends the process, says so; after a few of these it ends.
        """
        numbers = [str(number) for number in range(MOST_INPUTS)]
        order: dict[str, Any] = {"swap": _fields(change) if change else None, "function": asdict(place)}
        order["inputs"] = list(inputs)
        order |= {"first": numbers, "then": [], "all": True, "limits": dict.fromkeys(numbers, INPUT_SECONDS)}
        found: list[str] = []
        for _ in range(MOST_ENDS):
            said = self._asked({**order, "from": len(found)}, 10.0) or {}
            some = [str(one) for name, one in said.get("red", ()) if str(name).isdecimal()]
            found += some
            if not some or some[-1] not in ENDS:
                break
        return found

    def _asked(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """The answer to an order whose limits add up to so many seconds; None, and an end, where there is none."""
        if self.problem or not self._send(order):
            return None
        said = self._hear(5 * seconds + 30)  # it keeps the limits itself
        if said is None:
            self.problem = self._why()
            self.close()
        return said

    def close(self) -> None:
        """End it, with all that it started."""
        self._cancel.set()
        self._thread.join()
        for descriptor in (self._ask, self._say):
            if descriptor >= 0:
                os.close(descriptor)
        self._ask = self._say = -1
        self.problem = self.problem or "closed"
        remove_tree(self._folder)

    def _live(self, select: Sequence[str]) -> None:
        """In a thread of its own: from the start of the process to its end."""
        suite, plan = self._suite, self._suite.plan
        env = suite.environment(self._lane)
        dropped = [name for name in ONE_THREAD if name not in env]
        # An event file is what wakes our plugin, whose checks of the imports are wanted here too.
        env.update(dict.fromkeys(dropped, "1"), OCODE_WARM=str(self._folder), OCODE_TEST_SECONDS="0")
        env.update(OCODE_WARM_DROP=json.dumps(dropped), OCODE_EVENTS=str(self._folder / "events.jsonl"))
        env["OCODE_WARM_MEMORY"] = str(min(MOST_GROWTH, plan.limits.memory // 2))
        view = suite.view(self._lane)
        suite.processes += 1
        try:
            self._ended = supervise(
                suite.command(select),
                cwd=self._lane.tree / plan.project,
                env=env,
                output=self._folder.parent / "ours" / "warm.txt",
                limits=replace(plan.limits, seconds=DAY),
                sandbox=plan.sandbox,
                view=replace(view, writable=(*view.writable, self._folder)),
                cancel=self._cancel,
                spare=suite.spare,
            )
        except BaseException as problem:  # told in the thread that waits
            self._failed = problem

    def _send(self, order: Mapping[str, Any]) -> bool:
        """Whether it was sent; a pipe holds no more than 64 KiB, so a process that is gone could keep us for ever."""
        data = json.dumps(order).encode() + b"\n"
        os.set_blocking(self._ask, False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._ask, selectors.EVENT_WRITE)
            while data:
                if not self._thread.is_alive():
                    return False
                if selector.select(LOOK_EVERY):
                    data = data[os.write(self._ask, data) :]
        return True

    def _hear(self, seconds: float) -> dict[str, Any] | None:
        """Its next line; None when it is gone or says nothing for so long."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._say, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                gone = not self._thread.is_alive()
                if selector.select(0 if gone else LOOK_EVERY):
                    self._rest += os.read(self._say, 1 << 16)
                elif gone or time.monotonic() > deadline:
                    return None
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):  # the tests can write there too
            return None
        return cast("dict[str, Any]", said) if isinstance(said, dict) else None

    def _why(self) -> str:
        if self._failed is not None:
            return str(self._failed)
        if self._ended is None:
            return "it takes too long"
        lines = tail(self._folder.parent / "ours" / "warm.txt").strip().splitlines()
        return self._ended.why or f"it ended with exit code {self._ended.code}: {lines[-1] if lines else 'no output'}"


def _fields(change: Swap) -> dict[str, Any]:
    fields: dict[str, Any] = {"path": change.path, "start": change.start, "end": change.end, "unit": None}
    fields["names"] = asdict(change.names) if change.names else None
    fields["data"] = change.data.decode("latin-1")
    if change.unit:
        fields["unit"] = asdict(change.unit)
    return fields


def _answer(said: Mapping[str, Any]) -> Answer:
    """An answer whose fields are of the right types, whatever was said."""
    red = {str(test): str(why) for test, why in said.get("red", ())}
    examples = red.pop(EXAMPLES, None) is None
    return Answer(
        green=frozenset(map(str, said.get("green", ()))) - red.keys() - {EXAMPLES},
        red=red,
        hung=said.get("hung") is True and bool(red),
        examples=examples,
        cold=str(said.get("cold", "")),
        wrote=str(next(iter(said.get("wrote", ())), "")),
        seconds=float(said.get("seconds", 0.0)),
        processor=float(said.get("processor", 0.0)),
    )
