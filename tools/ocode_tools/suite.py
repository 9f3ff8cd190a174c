"""Running the project's tests in a lane of the workspace, inside the sandbox, and going on after a crash."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocode_tools import events, junit
from ocode_tools.interpreter import Interpreter
from ocode_tools.origins import turn
from ocode_tools.outcome import Limits, Outcome
from ocode_tools.process import Cancel, Spare, supervise
from ocode_tools.results import Coverage, Failure, TestRun, Verdict
from ocode_tools.runners import INSIDE, Runner
from ocode_tools.sandbox import Sandbox, View
from ocode_tools.store import read_untrusted
from ocode_tools.workspace import Lane

RESTARTS = 5
TAIL = 4000
# What a test may inherit; everything else (tokens, agents, proxies, GIT_*) stays outside.
KEPT = frozenset({"PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "NUMBER_OF_PROCESSORS", "CI"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run of the tests depends on but the tree itself.

    `project` is the working folder from the top. `checkouts` are the user's work trees, whose import paths are turned
    to the lane's tree. `names` are the modules and packages that the project owns. `junit` is a report that the command
    leaves, from the project's folder.
    """

    python: Interpreter
    runner: Runner
    project: str
    checkouts: tuple[Path, ...]
    names: frozenset[str]
    limits: Limits
    test_seconds: float
    sandbox: Sandbox
    visible: tuple[Path, ...]
    environ: Mapping[str, str]
    pass_env: tuple[str, ...] = ()
    junit: str = ""


@dataclass(slots=True)
class Suite:
    """Runs tests as planned. `processes` and `seconds` count the test processes and their wall time, lanes added up."""

    plan: Plan
    cancel: Cancel
    spare: Spare
    processes: int = 0
    seconds: float = 0.0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def run(
        self,
        lane: Lane,
        select: Iterable[str] | None = None,
        *,
        coverage: bool = False,
        seconds: float | None = None,
        test_seconds: float | None = None,
        relaxed: bool = False,
    ) -> TestRun:
        """Run all tests, or the selected ids, in the lane's tree as it stands.

        A process that dies in a test loses that test only: the rest goes on in a new one, at most five times.
        `seconds` and `test_seconds` are limits below the configured ones, for the process and for each test;
        `relaxed` opens the sandbox for reading and the network, never for writing.
        """
        todo: Sequence[str] | None = None if select is None else sorted(select)
        runs: list[TestRun] = []
        for _ in range(1 + RESTARTS):
            one, died = self._once(lane, todo, coverage, seconds, test_seconds, relaxed)
            runs.append(one)
            left = events.unfinished(one, todo)
            if not died or not left or not one.outcomes or self.cancel.is_set():
                break
            todo = left
        return events.merge(runs)

    def _once(
        self,
        lane: Lane,
        select: Sequence[str] | None,
        coverage: bool,
        seconds: float | None,
        test_seconds: float | None,
        relaxed: bool,
    ) -> tuple[TestRun, bool]:
        """One process; also whether it ended before its own end."""
        number = next(self._numbers)
        output, chosen = lane.ours / f"{number}.txt", lane.ours / f"{number}.json"
        said = lane.fresh_out() / "events.jsonl"
        env = self.environment(lane, coverage)
        env["OCODE_EVENTS"] = str(said)
        env["OCODE_TEST_SECONDS"] = str(min(test_seconds or self.plan.test_seconds, self.plan.test_seconds))
        if select is not None:
            chosen.write_text(json.dumps(list(select)))
            env["OCODE_SELECT"] = str(chosen)
        command = self.command(select)
        sandbox = self.plan.sandbox.relaxed() if relaxed else self.plan.sandbox
        if relaxed:
            env["HOME"] = self.plan.environ.get("HOME", env["HOME"])
        limits = replace(self.plan.limits, seconds=min(seconds or self.plan.limits.seconds, self.plan.limits.seconds))
        ended = supervise(
            command,
            cwd=lane.tree / self.plan.project,
            env=env,
            output=output,
            limits=limits,
            sandbox=sandbox,
            view=self.view(lane),
            cancel=self.cancel,
            spare=self.spare,
        )
        self.processes += 1
        self.seconds += ended.seconds
        heard = events.parse(read_untrusted(said))
        text = tail(output)
        for file in (output, chosen):
            file.unlink(missing_ok=True)
        if heard.started:
            run = events.test_run(
                heard, command=tuple(command), code=ended.code, ended=_ended(ended), output=text, processes=1
            )
            if not heard.ended and run.ended == "exit":
                run = replace(run, ended="the process ended before its report did")
            return run, not heard.ended
        return self._plain(lane, command, ended, text), False

    def tool(
        self, lane: Lane, command: Sequence[str], stdin: bytes = b"", **variables: str
    ) -> tuple[int | None, bytes]:
        """Run another command of the project's (a linter, its hooks) in the lane's tree as the tests are run.

        Returns its exit code, None where it was ended, and what it printed.
        """
        number = next(self._numbers)
        given, output = lane.ours / f"{number}.in", lane.ours / f"{number}.txt"
        given.write_bytes(stdin)
        ended = supervise(
            ["sh", "-c", 'given=$1; shift; exec "$@" <"$given"', "sh", str(given), *command],
            cwd=lane.tree,
            env={**self.environment(lane), **variables},
            output=output,
            limits=self.plan.limits,
            sandbox=self.plan.sandbox,
            view=self.view(lane),
            cancel=self.cancel,
            spare=self.spare,
        )
        said = output.read_bytes() if output.is_file() else b""
        for file in (given, output):
            file.unlink(missing_ok=True)
        return ended.code, said

    def command(self, select: Sequence[str] | None) -> list[str]:
        """What runs all tests, or the files that hold those in `select`."""
        return self.plan.runner.command(self.plan.python, self._files(select))

    def environment(self, lane: Lane, coverage: bool = False) -> dict[str, str]:
        """What the tests see as their environment: an allow-list, a private home, the workspace first to import."""
        plan = self.plan
        env = {n: v for n, v in plan.environ.items() if n in KEPT or n.startswith("LC_") or n in plan.pass_env}
        python = plan.python.executable.parent
        env.update(
            HOME=str(lane.folder / "home"),
            TMPDIR=str(lane.folder / "tmp"),
            TERM="dumb",
            PATH=os.pathsep.join([str(python), env.get("PATH", os.defpath)]),
            PYTHONPATH=os.pathsep.join(map(str, [INSIDE, *self.import_roots(lane)])),
            # A candidate may have the size and the second of the file before it: a cached bytecode file would win.
            PYTHONDONTWRITEBYTECODE="1",
            OCODE_TOP=str(lane.tree),
            OCODE_USER_TOPS=json.dumps([[str(top), str(lane.tree)] for top in plan.checkouts]),
            OCODE_NAMES=json.dumps(sorted(plan.names)),
            **plan.runner.variables(plan.python),
        )
        if plan.python.prefix != plan.python.base:
            env["VIRTUAL_ENV"] = str(plan.python.prefix)
        if coverage:
            env["OCODE_COVERAGE"] = "1"
        return env

    def import_roots(self, lane: Lane) -> list[Path]:
        """Where the lane's code is imported from: the source folder, the project's, and each path that the interpreter
        (an editable install) or PYTHONPATH would take from the user's checkout."""
        project = lane.tree / self.plan.project
        roots = [project / "src"] if (project / "src").is_dir() else []
        given = [Path(p) for p in self.plan.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
        theirs = [path if path.is_absolute() else project / path for path in given]
        kept: list[Path] = [*roots, project]
        for path in [*theirs, *self.plan.python.roots]:
            turned = turn(path, self.plan.checkouts, lane.tree)
            if turned is not None and self.plan.python.prefix not in [path, *path.parents]:
                kept.append(turned)
            elif path in theirs:
                kept.append(path)
        return list(dict.fromkeys(kept))

    def view(self, lane: Lane) -> View:
        """What the sandbox lets the tests write, and what must stay visible wherever it lies."""
        python = self.plan.python
        writable = tuple(lane.folder / name for name in ("tree", "home", "tmp", "out"))
        visible = (python.prefix, python.base, python.executable.parent, INSIDE, lane.ours, lane.folder.parent / "git")
        # A .pth line may lead to packages anywhere; the user's own sources stay out of sight.
        roots = [path for path in python.roots if turn(path, self.plan.checkouts, lane.tree) is None]
        return View(writable, tuple(dict.fromkeys([*visible, *roots, *self.plan.visible])))

    def _files(self, select: Sequence[str] | None) -> list[str]:
        """The files of the selected ids, from the project's folder; [] for all, as a conftest.py holds no tests."""
        prefix = f"{self.plan.project}/" if self.plan.project else ""
        files = dict.fromkeys(i.split("::", 1)[0] for i in select or ())
        named = (file for file in files if file.startswith(prefix) and file.rpartition("/")[2] != "conftest.py")
        inside = [file.removeprefix(prefix) for file in named]
        return inside if len(inside) == len(files) else []

    def _plain(self, lane: Lane, command: Sequence[str], ended: Outcome, text: str) -> TestRun:
        """A run that our plugin did not see: its JUnit report where one is named, else the command as one test."""
        report = lane.tree / self.plan.project / self.plan.junit if self.plan.junit else None
        if report and (written := read_untrusted(report)):
            found = junit.parse(written)
            if found.outcomes:
                return _bare(tuple(found.outcomes), found.outcomes, found.failures, command, ended, text)
        if self.plan.runner.name != "command":  # ours always speak, unless they could not start
            return _bare((), {}, {}, command, ended, text)
        name = " ".join(command)
        failure = Failure(name, "run", "CommandFailed", ended.why or _last_line(text), events.frames(text, lane.tree))
        passed = ended.code == 0 and ended.ended == "exit"
        return _bare(
            (name,), {name: "passed" if passed else "failed"}, {} if passed else {name: failure}, command, ended, text
        )


def _bare(
    collected: tuple[str, ...],
    outcomes: Mapping[str, Verdict],
    failures: Mapping[str, Failure],
    command: Sequence[str],
    ended: Outcome,
    text: str,
) -> TestRun:
    return TestRun(
        collected, outcomes, failures, Coverage(), {}, 0, (), tuple(command), ended.code, _ended(ended), text, 1
    )


def _ended(outcome: Outcome) -> str:
    return outcome.ended if outcome.ended != "exit" else outcome.why or "exit"


def tail(path: Path) -> str:
    """The last characters of an output file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - TAIL))
        return file.read().decode("utf-8", "replace")


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no output")
