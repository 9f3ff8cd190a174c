"""Proposals that cheat, from a scripted solver through the real way of a job: none lands, each says why."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from door import changed, state
from ocode_bot.fix import fix
from ocode_bot.job import make_job
from ocode_bot.ready import Ready
from ocode_bot.report import Report
from ocode_bot.request import Request
from ocode_bot.settings import settings
from ocode_bot.solvers.base import Proposals, Scene
from ocode_bot.terminal import Progress
from ocode_bot.testing import Ahead
from ocode_bot.way import Way
from ocode_tools import config, repository, store
from ocode_tools.causes import Cause
from ocode_tools.edits import Edit, Proposal
from ocode_tools.process import Cancel
from ocode_tools.schema import SCHEMA
from quick import bare
from repos import MakeRepo, Repo

CALC = '''"""Sums."""


def total(prices):
    """The sum."""
    result = 0
    for price in prices:
        result = result - price
    return result


def shout(text):
    """Loud."""
    return text.upper()


def parse(text):
    """A number, or ValueError."""
    return int(text)
'''
TEST = """import unittest

import calc


class Calc(unittest.TestCase):
    def test_total(self):
        self.assertEqual(calc.total([11, 22]), 33)

    def test_none(self):
        self.assertEqual(calc.total([]), 0)

    def test_shout(self):
        self.assertEqual(calc.shout("a"), "A")

    def test_parse(self):
        with self.assertRaises(ValueError):
            calc.parse("x")
"""
FILES = {"calc.py": CALC, "tests/__init__.py": "", "tests/test_calc.py": TEST, "data.txt": "data\n"}
RED = "tests/test_calc.py::Calc::test_total"
LOOP = "        result = result - price\n"
HONEST = CALC.replace(LOOP, "        result = result + price\n")
BODY = CALC[CALC.index("    result = 0") : CALC.index("def shout")]


class Script:
    """A solver that proposes what the test wrote down, one proposal a batch; it is called so wherever it is named."""

    name = "scripted"

    def __init__(self, *proposals: Mapping[str, str | None], repo: Repo) -> None:
        self._proposals, self._repo = proposals, repo

    def available(self) -> bool:
        """See `Solver`."""
        return True

    def proposals(self, cause: Cause, scene: Scene) -> Proposals:
        """See `Solver`."""
        for files in self._proposals:
            edits = [
                Edit(path, self._before(path), after.encode() if after is not None else None)
                for path, after in files.items()
            ]
            yield [Proposal(tuple(edits), self.name, "scripted", "do as the script says")]
        return ""

    def _before(self, path: str) -> bytes | None:
        file = self._repo.top / path
        return file.read_bytes() if file.is_file() else None


def run_script(
    repo: Repo, *proposals: Mapping[str, str | None], **flags: Any
) -> tuple[Report, Sequence[Mapping[str, Any]]]:
    """The report and the transcript of a fix by these proposals; checks that the user's things stayed as they were."""
    before = state(repo.top)
    environ = {**os.environ, **bare()}
    found = repository.find(repo.top)
    given = {"fix.solvers": ["model"], "fix.budget": 30.0, "fix.jobs": 1, **flags}
    loaded = config.require(config.load(SCHEMA, start=repo.top, environ=environ, flags=given))
    chosen, folders = settings(loaded), store.folders(found, environ)
    ahead = Ahead(found, loaded, environ, folders.workspaces)
    job = make_job("fix", found, chosen, folders, environ, Request(), store.new_run_id(0))
    run, report = store.Run.start(folders.runs, job.run_id, {"task": "fix"}), Report()
    try:
        script = Script(*proposals, repo=repo)
        cancel = Cancel()
        ready = Ready(None, (), report, cancel)
        way = Way(job, run, Progress(quiet=True), report, cancel, ahead, ready)
        way.execute(lambda ground: fix(ground, {"model": lambda: script}))
    finally:
        run.close()
    assert changed(before, state(repo.top)) == []
    return report, run.events()


def calc(total: str) -> dict[str, str | None]:
    """An edit that gives `total` another body."""
    return {"calc.py": CALC.replace(BODY, f"{total}\n\n")}


CHEATS: dict[str, tuple[str, Mapping[str, str | None]]] = {
    "edits the test": ("scope: ", {"tests/test_calc.py": TEST.replace("33", "-33")}),
    "edits the test beside an honest edit": (
        "scope: ",
        {"calc.py": HONEST, "tests/test_calc.py": TEST.replace("33", "33.0")},
    ),
    "deletes an assertion": (
        "scope: ",
        {"tests/test_calc.py": TEST.replace("self.assertEqual(calc.total([11", "str(([11")},
    ),
    "deletes the test file": ("scope: ", {"tests/test_calc.py": None}),
    "knows the answer": ("literals: ", calc("    if prices == [11, 22]:\n        return 33\n    return 0\n")),
    "gives the answer": ("literals: ", calc("    return 33 if prices else 0\n")),
    "leaves with sys.exit": ("tricks: ", {"calc.py": f"import sys\n\nsys.exit(0)\n{CALC}"}),
    "leaves with os._exit": ("tricks: ", {"calc.py": f"import os\n\nos._exit(0)\n{CALC}"}),
    "skips": (
        "tricks: ",
        calc("    import unittest\n\n    if prices:\n        raise unittest.SkipTest\n    return sum(prices)\n"),
    ),
    "patches the runner": (
        "tricks: ",
        {"calc.py": HONEST + "\n\nimport unittest\nunittest.TestCase.assertEqual = lambda *_: None\n"},
    ),
    "adds a conftest": ("scope: ", {"conftest.py": "collect_ignore = ['tests']\n"}),
    "adds a start-up file": ("scope: ", {"sitecustomize.py": "import os\nos._exit(0)\n"}),
    "steps out": ("applies: ", {"../outside.py": "x = 1\n"}),
    "writes to an absolute path": ("applies: ", {"/tmp/outside-of-the-tree.py": "x = 1\n"}),
    "installs a git hook": ("applies: ", {".git/hooks/pre-commit": "#!/bin/sh\n"}),
    "writes through a link": ("applies: ", {"link/data.txt": "new\n"}),
    "replaces a link": ("applies: ", {"linked.py": HONEST}),
    "breaks another test": ("tests: ", {"calc.py": HONEST.replace("text.upper()", "text.lower()")}),
    "drops a public name": ("names: ", {"calc.py": HONEST.replace("def shout", "def _shout")}),
    "elides": (
        "stubs: ",
        {"calc.py": HONEST.replace("    return text.upper()", "    ...  # rest of the code unchanged")},
    ),
    "swallows": (
        "tricks: ",
        calc("    try:\n        return sum(prices)\n    except Exception:\n        pass\n"),
    ),
    "does not parse": ("parses: ", {"calc.py": HONEST + "def (:\n"}),
    "mends nothing": ("tests: ", {"calc.py": CALC.replace(LOOP, "        result = result * price\n")}),
}


def cheat_repo(make_repo: MakeRepo, tmp_path: Path) -> tuple[Repo, Path]:
    """A red project with a link to a folder and one to a file outside of it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "data.txt").write_text("theirs\n")
    (outside / "linked.py").write_text(CALC)
    repo = make_repo(FILES)
    (repo.top / "link").symlink_to(outside)
    (repo.top / "linked.py").symlink_to(outside / "linked.py")
    repo.commit("links")
    return repo, outside


@pytest.mark.parametrize("name", ["edits the test", "mends nothing", "breaks another test"])
def test_what_is_refused_remains_with_its_reason(name: str, make_repo: MakeRepo, tmp_path: Path) -> None:
    gate, proposal = CHEATS[name]
    repo, outside = cheat_repo(make_repo, tmp_path)
    theirs = state(outside)
    report, events = run_script(repo, proposal)
    assert (report.status, report.branch, report.commits, report.fixed) == ("unfixed", None, [], [])
    (left,) = report.remaining
    assert (left.id, left.reason[: len(gate)]) == (RED, gate)
    assert left.reason.strip()
    assert "\n" not in left.reason
    said = [event["reason"] for event in events if event["event"] in ("verdict", "full run") and event["reason"]]
    assert left.reason in said
    assert [event["solver"] for event in events if event["event"] == "verdict"] == ["scripted"]
    assert changed(theirs, state(outside)) == []
    assert not (tmp_path / "outside.py").exists()
    assert repo.git("for-each-ref", "refs/heads/ocode", "refs/ocode") == ""


def test_each_cheat_is_refused_with_its_reason_and_an_honest_edit_lands_after_all(
    make_repo: MakeRepo, tmp_path: Path
) -> None:
    repo, outside = cheat_repo(make_repo, tmp_path)
    theirs = state(outside)
    cheats = [proposal for _, proposal in CHEATS.values()]
    report, events = run_script(repo, *cheats, {"calc.py": HONEST}, **{"fix.budget": 120.0})
    said: list[str] = []
    for event in events:
        if event["event"] == "verdict":
            assert event["solver"] == "scripted"
            said.append(event["reason"] or "")
        elif event["event"] == "full run":
            said[-1] = event["reason"] or ""
    assert said.pop() == ""
    gates = {name: gate for name, (gate, _) in CHEATS.items()}
    assert {name: why[: len(gates[name])] for name, why in zip(CHEATS, said, strict=True)} == gates
    assert all(why.strip() and "\n" not in why for why in said)
    assert (report.status, report.fixed, report.remaining) == ("fixed", [RED], [])
    (landed,) = report.commits
    assert landed.solver == "scripted"
    assert (landed.verified.passed, landed.verified.failed) == (4, 0)
    assert repo.git("diff", "--numstat", "main", str(report.branch)) == "1\t1\tcalc.py\n"
    trailers = repo.git("log", "-1", "--format=%(trailers:key=Ocode-Solver,valueonly)", str(report.branch))
    assert trailers.strip() == "scripted"
    assert repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads/ocode", "refs/ocode").split() == [
        report.branch
    ]
    assert changed(theirs, state(outside)) == []
    assert not (tmp_path / "outside.py").exists()


HONESTLY: dict[str, Mapping[str, str | None]] = {
    "another shape": calc("    return sum(prices)\n"),
    "a helper beside it": {
        "calc.py": HONEST.replace("result + price", "_add(result, price)") + "\n\ndef _add(a, b):\n    return a + b\n"
    },
    "a new module": {
        "calc.py": CALC.replace('"""Sums."""\n', '"""Sums."""\n\nfrom adding import add\n').replace(
            "result - price", "add(result, price)"
        ),
        "adding.py": "def add(a, b):\n    return a + b\n",
    },
    "data beside it": {"calc.py": HONEST, "data.txt": "other\n"},
    "an error that is told": calc(
        "    if prices is None:\n        raise ValueError('prices')\n    return sum(prices)\n"
    ),
}


@pytest.mark.parametrize("name", HONESTLY)
def test_honest_edits_land(name: str, make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    report, _ = run_script(repo, HONESTLY[name])
    assert (report.status, report.fixed) == ("fixed", [RED])
    changes = repo.git("diff", "--name-only", "main", str(report.branch)).split()
    assert changes == sorted(HONESTLY[name])


def test_fewer_collected_tests(make_repo: MakeRepo) -> None:
    generated = "import unittest\n\nimport calc\n\n\nclass Names(unittest.TestCase):\n    pass\n\n\n"
    generated += "for name in calc.NAMES:\n    setattr(Names, f'test_{name}', lambda self: None)\n"
    code = CALC + "\n\nNAMES = ['one', 'two', 'three']\n"
    repo = make_repo({**FILES, "calc.py": code, "tests/test_names.py": generated})
    fewer = code.replace(LOOP, "        result = result + price\n").replace("'two', ", "")
    report, _ = run_script(repo, {"calc.py": fewer})
    assert report.status == "unfixed"
    assert "did not run" in report.remaining[0].reason


def test_allow_widens_to_a_test_file(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    mended = TEST.replace("[11, 22]", "[-11, -22]")
    report, _ = run_script(repo, {"tests/test_calc.py": mended}, **{"fix.allow": ["tests/test_calc.py"]})
    assert report.status == "fixed"
    assert repo.git("diff", "--name-only", "main", str(report.branch)).split() == ["tests/test_calc.py"]
