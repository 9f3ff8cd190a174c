"""A red suite that costs little: unittest in a Python without packages."""

from __future__ import annotations

import pythons
from door import CALC, Done, environment, fix
from repos import Repo

SUITE = """import unittest

from calc import total


class Total(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2, 3]), 6)
"""
QUICK = {"calc.py": CALC, "test_calc.py": SUITE}
RED = "test_calc.py::Total::test_total"
MENDED = CALC.replace("result - price", "result + price")


def bare(**extra: str) -> dict[str, str]:
    """The test's environment, with a Python that holds nothing but itself."""
    return environment(OCODE_TESTS_PYTHON=pythons.bare(), **extra)


def quick(repo: Repo, *args: str, cwd: str = "", **extra: str) -> Done:
    """Run `ocode fix` on a quick suite, variables in `extra`; checks what `door.fix` checks."""
    return fix(repo, "--budget", "60", *args, cwd=cwd, env=bare(**extra))


def mended(done: Done, *ids: str) -> str:
    """The branch of a fix that mended `ids` (the quick suite's one test), each on one commit of its own or together."""
    assert (done.code, done.report["status"]) == (0, "fixed"), done
    assert done.report["fixed"] == sorted(ids or [RED])
    branch: str = done.report["branch"]
    return branch


def reasons(done: Done) -> dict[str, str]:
    """What remains, by id; each reason is one line."""
    found: dict[str, str] = {left["id"]: left["reason"] for left in done.report["remaining"]}
    assert all(reason.strip() and "\n" not in reason for reason in found.values())
    return found
