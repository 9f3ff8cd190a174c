"""`ocode fix` on suites that misbehave: the rest is judged, nothing is left behind, nothing false is said."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from door import BUGGY, CALC, changed, fix, state
from quick import QUICK, RED, SUITE, bare, mended, quick, reasons
from repos import MakeRepo, Repo

HEAD = "import unittest\n\n\nclass T(unittest.TestCase):\n"


def unit(*bodies: str, head: str = "") -> str:
    """A test file of unittest's: one method for each body (its lines parted by `;`), `test_0`, `test_1` ..."""
    lines = [f"    def test_{n}(self):\n" + _indented(body) for n, body in enumerate(bodies)]
    return f"{head}{HEAD}" + "\n".join(lines)


def _indented(body: str) -> str:
    return "".join(f"        {line}\n" for line in body.split("\n"))


def only_calc_changed(repo: Repo, branch: str) -> None:
    """The branch holds the one edit of the quick suite."""
    assert repo.git("diff", "--numstat", "main", branch) == "1\t1\tcalc.py\n"


@pytest.mark.parametrize(
    ("body", "limits"),
    [
        ("while True:\n    pass", {"OCODE_LIMITS_TEST": "0.5"}),
        ("while True:\n    try:\n        while True:\n            pass\n    except Exception:\n        pass", {}),
        ("import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\ntime.sleep(1000)", {}),
    ],
    ids=["loop", "swallowing", "signals blocked"],
)
def test_a_test_that_hangs_is_cut_and_the_others_are_judged(
    make_repo: MakeRepo, body: str, limits: dict[str, str]
) -> None:
    repo = make_repo({**QUICK, "test_a.py": unit(body, "pass")})
    done = quick(repo, **{"OCODE_LIMITS_TEST": "0.5", "OCODE_LIMITS_RUN": "2", **limits})
    assert (done.code, done.report["status"]) == (1, "partial")
    assert done.report["fixed"] == [RED]
    assert reasons(done).keys() == {"test_a.py::T::test_0"}
    only_calc_changed(repo, done.report["branch"])


def test_code_that_hangs_is_mended(make_repo: MakeRepo) -> None:
    code = "def count(n):\n    i = 0\n    while i < n:\n        i -= 1\n    return i\n"
    suite = unit("self.assertEqual(count(3), 3)", "self.assertEqual(count(0), 0)", head="from code_ import count\n")
    done = quick(make_repo({"code_.py": code, "test_a.py": suite}), OCODE_LIMITS_TEST="0.5")
    mended(done, "test_a.py::T::test_0")


@pytest.mark.parametrize("name", ["test_a.py", "calc.py"])
def test_an_import_that_hangs_ends_in_one_line(make_repo: MakeRepo, name: str) -> None:
    repo = make_repo({**QUICK, name: "while True:\n    pass\n"})
    done = quick(repo, OCODE_LIMITS_RUN="1.5")
    assert (done.code, done.report["status"]) == (3, "error")
    assert "did not start (stopped at limits.run)" in done.report["error"]["message"]


CHILDREN = """import os, subprocess, sys, time
MARK = [sys.executable, "-c", "import time; time.sleep(600)", {mark!r}]
subprocess.Popen(MARK)
subprocess.Popen(MARK, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(3, 100)
        os.execv(MARK[0], MARK)
    os._exit(0)
os.wait()"""


@pytest.mark.parametrize("sandbox", ["best", "off"])
def test_children_of_any_kind_are_gone(make_repo: MakeRepo, tmp_path: Path, sandbox: str) -> None:
    mark = f"mark-{tmp_path.name}-{time.time_ns()}"
    repo = make_repo({**QUICK, "test_a.py": unit(CHILDREN.format(mark=mark))})
    done = quick(repo, OCODE_SANDBOX_LEVEL=sandbox)
    mended(done)
    assert [found for found in psutil.process_iter(["cmdline"]) if mark in (found.info["cmdline"] or ())] == []


def test_too_many_children_are_stopped(make_repo: MakeRepo) -> None:
    many = 'import subprocess, time\nfor _ in range(30):\n    subprocess.Popen(["sleep", "60"])\ntime.sleep(60)'
    done = quick(make_repo({**QUICK, "test_a.py": unit(many)}), OCODE_LIMITS_PROCESSES="12", OCODE_LIMITS_RUN="20")
    assert done.report["fixed"] == [RED]
    assert reasons(done).keys() == {"test_a.py::T::test_0"}


def test_two_hundred_megabytes_of_output(make_repo: MakeRepo) -> None:
    noise = "import os\nfor _ in range(200):\n    os.write(1, b'noise\\n' * 175_000)"
    repo = make_repo({**QUICK, "test_a.py": unit(noise)})
    mended(quick(repo, OCODE_LIMITS_OUTPUT="64"))
    kept = [path for path in (repo.top / ".git/ocode").rglob("*") if path.is_file()]
    assert kept
    assert sum(path.stat().st_size for path in kept) < 200_000


MESSY = """import os, pathlib
here = pathlib.Path(__file__).parent
self.assertEqual((here / "data.txt").read_text(), "data")
self.assertEqual((here / "calc.py").read_text().count("#"), 0)
self.assertTrue((here / "gone.txt").exists())
self.assertFalse((here / "left").exists() or (here / "ignored").exists())
(here / "data.txt").write_text("changed")
(here / "gone.txt").unlink()
(here / "left").mkdir()
(here / "left" / "file").touch()
(here / "ignored").touch()
with (here / "calc.py").open("a") as file:
    file.write("# more")
self.assertEqual(total([1, 2, 3]), 6)"""


def test_what_a_suite_writes_into_its_tree_goes_and_is_never_committed(make_repo: MakeRepo) -> None:
    # Any other edit is tried first: this one needs several candidates, each in a clean tree.
    code = CALC.replace("result - price", "price * result")
    files = {"calc.py": code, "data.txt": "data", "gone.txt": "", ".gitignore": "ignored\n"}
    repo = make_repo({**files, "test_calc.py": unit(MESSY, head="from calc import total\n")})
    branch = mended(quick(repo), "test_calc.py::T::test_0")
    only_calc_changed(repo, branch)
    assert "#" not in repo.git("show", f"{branch}:calc.py")


def test_no_terminal_even_where_the_user_has_one(make_repo: MakeRepo) -> None:
    asks = (
        "with self.assertRaises(EOFError):\n    input('name? ')\nwith self.assertRaises(OSError):\n    open('/dev/tty')"
    )
    repo = make_repo({**QUICK, "test_a.py": unit(asks)})
    before = state(repo.top)
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", f"import os; os.login_tty({theirs}); from ocode_bot.cli import main; main()"]
    with subprocess.Popen(
        [*words, "fix", "--json"], cwd=repo.top, env=bare(), pass_fds=[theirs], stdin=subprocess.DEVNULL
    ) as child:
        os.close(theirs)
        said = b""
        while data := _heard(ours):
            said += data
        assert child.wait(60) == 0
    os.close(ours)
    shown = said.decode().replace("\r\n", "\n")
    document, _ = json.JSONDecoder().raw_decode(shown, shown.index('{\n "version"'))
    assert (document["fixed"], document["remaining"]) == ([RED], [])
    assert changed(before, state(repo.top)) == []


def _heard(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # EIO: the other side is closed
        return b""


def test_a_crash_is_one_red_test(make_repo: MakeRepo) -> None:
    code = "import ctypes\n\n\ndef peek(at):\n    if at != 0:\n        return b''\n    return ctypes.string_at(at)\n"
    crash = unit("import ctypes\nctypes.string_at(0)", "import os\nos._exit(0)", "pass")
    files = {"peek.py": code, "test_z.py": unit("self.assertEqual(peek(0), b'')", head="from peek import peek\n")}
    # What no edit can mend takes its whole share of the time.
    done = quick(make_repo({**files, **QUICK, "test_a.py": crash}), "--budget", "30")
    assert done.report["fixed"] == [RED, "test_z.py::T::test_0"]
    assert reasons(done).keys() == {f"test_a.py::T::test_{n}" for n in (0, 1)}
    assert [landed["verified"]["passed"] for landed in done.report["commits"]] == [2, 3]


def test_a_suite_that_leaves_with_code_zero_is_not_green(make_repo: MakeRepo) -> None:
    done = quick(make_repo({"test_a.py": unit("import os\nos._exit(0)"), "test_b.py": unit("pass")}))
    assert (done.code, done.report["status"]) == (1, "unfixed")
    assert reasons(done).keys() == {"test_a.py::T::test_0"}


def test_memory(make_repo: MakeRepo) -> None:
    hungry = "import time\nkept = b'x' * (400 << 20)\ntime.sleep(30)\nself.assertFalse(kept)"
    done = quick(make_repo({**QUICK, "test_a.py": unit(hungry)}), OCODE_LIMITS_MEMORY="250", OCODE_LIMITS_RUN="20")
    assert done.report["fixed"] == [RED]
    assert reasons(done).keys() == {"test_a.py::T::test_0"}


def test_the_budget_cuts_what_is_under_way(make_repo: MakeRepo) -> None:
    slow = SUITE.replace("        self", "        __import__('time').sleep(0.7)\n        self").replace("6)", "'six')")
    repo = make_repo({"calc.py": CALC, "test_calc.py": slow})
    done = quick(repo, "--budget", "1")
    assert (done.code, done.report["status"], done.report["branch"]) == (1, "unfixed", None)
    assert "budget" in reasons(done)[RED]


def test_a_pytest_suite_that_forks_in_a_test_is_counted_once(make_repo: MakeRepo) -> None:
    twin = "import os\n\n\ndef test_fork():\n    if os.fork() == 0:\n        assert 0\n    os.wait()\n"
    done = fix(make_repo({**BUGGY, "test_a.py": twin}))
    mended(done, "test_calc.py::test_total")
    assert done.report["commits"][0]["verified"]["passed"] == 3
