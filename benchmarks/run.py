"""Measures what the project promises to keep small; prints medians, asserts nothing.

make bench                      everything
python benchmarks/run.py start  only the measurements whose name begins so
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asking
import checking
import drafting
import hooking
from ocode_tools.outcome import Limits
from ocode_tools.process import Cancel, run, supervise
from ocode_tools.repository import find
from ocode_tools.sandbox import View, choose
from ocode_tools.workspace import open_workspace

TOP = Path(__file__).parents[1]
OCODE = str(Path(sys.executable).with_name("ocode"))


def median(work: Callable[[], object], runs: int = 7) -> float:
    """Median wall seconds of `runs` calls after one that is not counted."""
    work()
    taken: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def repository(folder: Path, source: Path | None = None, files: int = 0) -> Path:
    """A committed repository, from a folder or of so many small files."""
    if source:
        shutil.copytree(source, folder)
    for number in range(files):
        path = folder / f"package_{number % 50}" / f"module_{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def f():\n    return {number}\n" * 20)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        subprocess.run(["git", "-c", "user.name=b", "-c", "user.email=b@e", *command], cwd=folder, check=True)
    for name in ("name", "email"):
        subprocess.run(["git", "config", f"user.{name}", "b@example.org"], cwd=folder, check=True)
    return folder


def start_up(folder: Path) -> None:
    """`ocode --version` and `--help` as whole processes."""
    for flag in ("--version", "--help"):
        print(f"ocode {flag}: {median(lambda flag=flag: run([OCODE, flag]), 15) * 1000:.0f} ms")  # type: ignore[misc]
    print(f"python -c pass: {median(lambda: run([sys.executable, '-c', 'pass']), 15) * 1000:.0f} ms")


def workspace(folder: Path) -> None:
    """A private workspace of 5,000 files, made and removed."""
    repo = find(repository(folder / "many", files=5000))
    head = repo.head()

    def work() -> None:
        with open_workspace(repo, folder / "workspace", head):
            made.append(time.perf_counter() - began[0])

    made: list[float] = []
    began = [0.0]

    def timed() -> None:
        began[0] = time.perf_counter()
        work()

    whole = median(timed, 5)
    print(f"workspace of 5,000 files: {statistics.median(made):.2f} s to make, {whole:.2f} s with its removal")


def supervisor(folder: Path) -> None:
    """What supervision and the sandbox add to one test process."""
    plain = median(lambda: run([sys.executable, "-c", "pass"]))
    limits = Limits(60, 1 << 30, 100, 1 << 20)
    for sandbox in (choose("off"), choose("best")):
        view = View((folder,), (Path(sys.prefix), Path(sys.base_prefix)))
        taken = median(
            lambda sandbox=sandbox, view=view: supervise(  # type: ignore[misc]
                [sys.executable, "-c", "pass"],
                cwd=folder,
                env=dict(os.environ),
                output=folder / "out.txt",
                limits=limits,
                sandbox=sandbox,
                view=view,
                cancel=Cancel(),
            )
        )
        print(f"supervised, sandbox {sandbox.label}: {(taken - plain) * 1000:.0f} ms over a bare process")


def demo(folder: Path) -> None:
    """The demo: seconds in all, in test processes, and what is left (the overhead)."""
    repo = repository(folder / "shop", TOP / "examples" / "shop")
    overheads: list[float] = []
    whole: list[float] = []
    processes = 0
    for _ in range(5):
        began = time.perf_counter()
        done = run([OCODE, "fix", "--json", "--jobs", "1"], cwd=repo)
        taken = time.perf_counter() - began
        report = json.loads(done.out)
        shown = json.loads(run([OCODE, "show", "--json", report["run"]], cwd=repo).out)
        (end,) = (event for event in shown["events"] if event["event"] == "end")
        whole.append(taken)
        overheads.append(taken - end["test_seconds"])
        processes = end["processes"]
    print(
        f"demo, one job at a time: {statistics.median(whole):.1f} s, {processes} test processes, "
        f"{statistics.median(overheads):.2f} s beyond them"
    )


def model_loop(folder: Path) -> None:
    """`ocode fix` with a scripted model on a one-bug repository."""
    source = folder / "source"
    source.mkdir()
    (source / "calc.py").write_text(asking.CODE)
    (source / "test_calc.py").write_text(asking.TEST)
    asking.measure(OCODE, repository(folder / "bug", source))


def messages(folder: Path) -> None:
    """Drafts of commit messages, the check of messages, and what the hooks add to git."""
    drafting.drafts(OCODE, folder / "drafts")
    (folder / "checks").mkdir()
    checking.checks(folder / "checks")
    hooking.main()


MEASUREMENTS = {
    "start-up": start_up,
    "workspace": workspace,
    "supervisor": supervisor,
    "demo": demo,
    "model": model_loop,
    "hooks": messages,
}


def main() -> None:
    """Run the measurements that were asked for."""
    for name, measure in MEASUREMENTS.items():
        if len(sys.argv) < 2 or name.startswith(sys.argv[1]):
            with tempfile.TemporaryDirectory() as folder:
                measure(Path(folder))


if __name__ == "__main__":
    main()
