"""Suites that mean harm, at each level of the sandbox: the user's things stay as they are, and nothing false is said.

The attacks happen only where ocode runs the tests, so that a fresh clone of the branch can be run outside.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from door import CALC, TEST_CALC
from hostile import Level, attack, green_outside
from ocode_tools import landlock, sandbox
from ocode_tools.runners import INSIDE
from repos import MakeRepo, Repo

UNITTEST = ("--test-cmd", f"python {INSIDE / 'ocode_unittest.py'}")
QUICK_TEST = """import unittest
from calc import total


class Total(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2, 3]), 6)
"""
TRY = """import os, pathlib, shutil, signal, subprocess, sys

USER, HOME = {user!r}, {home!r}
HOSTILE = "OCODE_TOP" in os.environ


def attempt(deed, *args, **more):
    try:
        deed(*args, **more)
    except Exception:
        pass


"""


@pytest.fixture(params=["bwrap", "landlock"])
def level(request: pytest.FixtureRequest) -> Level:
    """Each level of the sandbox that this machine offers."""
    wanted: Level = request.param
    if wanted == "bwrap" and sandbox.choose("best").level != "bwrap":
        pytest.skip("bubblewrap does not work on this machine")
    if wanted == "landlock" and landlock.abi() < 1:
        pytest.skip("this kernel has no Landlock")
    return wanted


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that no sandbox hides, as folders below /tmp are."""
    folder = Path(tempfile.mkdtemp(prefix="ocode-test-", dir="/var/tmp"))
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(folder)


def furnish(repo: Repo, home: Path) -> None:
    """Things that the user would miss."""
    repo.git("branch", "other")
    repo.git("tag", "v1")
    repo.write("calc.py", CALC + "# stashed\n")
    repo.git("stash", "-q")
    repo.write("untracked.txt", "mine\n")
    hook = repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    repo.git("config", "alias.mine", "status")
    (home / ".ssh").mkdir(parents=True, exist_ok=True)
    (home / ".ssh" / "id").write_text("secret\n")
    (home / "diary.txt").write_text("mine\n")


REACHES = """
def git(*words):
    for where in ([], ["-C", USER], ["--git-dir", USER + "/.git", "--work-tree", USER]):
        attempt(subprocess.run, ["git", *where, *words], capture_output=True, timeout=10)


mark = pathlib.Path(os.environ.get("TMPDIR", "."), "reached-" + str(len(os.environ["HOME"])))
if HOSTILE and not mark.exists():  # once inside the sandbox's walls, once outside them
    mark.touch()
    git("stash", "-u")
    git("config", "user.name", "evil")
    git("config", "--global", "user.name", "evil")
    git("branch", "-D", "other")
    git("reset", "--hard", "other")
    git("clean", "-ffdx")
    git("commit", "--allow-empty", "-m", "evil")
    git("push", USER, "HEAD:refs/heads/evil")
    for top in (USER, HOME):
        for name in ("calc.py", "evil.txt", ".git/hooks/pre-commit", ".git/HEAD", ".git/config", ".gitconfig",
                     ".git/refs/heads/evil", "diary.txt", ".ssh/id", ".bashrc"):
            attempt(pathlib.Path(top, name).write_text, "evil")
            attempt(os.truncate, os.path.join(top, name), 0)
            attempt(os.remove, os.path.join(top, name))
        if {modes}:
            attempt(os.chmod, top, 0)
        attempt(os.link, os.path.join(top, "calc.py"), "linked.py")
        attempt(pathlib.Path("linked.py").write_text, "evil")
        attempt(os.rename, top, top + "-gone")
        attempt(shutil.rmtree, top)
    attempt(os.rename, os.getcwd(), os.getcwd() + "-gone")
    inner = "mount -o remount,rw,bind $0; echo evil > $0/evil.txt"
    attempt(subprocess.run, ["unshare", "-rm", "sh", "-c", inner, USER], capture_output=True, timeout=10)
"""
SEES = """
import glob, os


def test_no_secret_is_in_the_environment():
    if "OCODE_TOP" in os.environ:
        assert not [n for n in os.environ if n.startswith("GIT_") or n in ("GITHUB_TOKEN", "SSH_AUTH_SOCK")]


def test_no_other_process_can_be_read():
    seen = []
    for path in glob.glob("/proc/[0-9]*/environ") if "OCODE_TOP" in os.environ else ():
        try:
            seen.append(open(path, "rb").read())
        except OSError:
            pass
    assert not [text for text in seen if b"s3cr" + b"et-token" in text]
"""


def test_it_reaches_for_the_users_things(level: Level, place: Path) -> None:
    top, home = place / "repo", place / "home"
    top.mkdir()
    (home / ".cache").mkdir(parents=True)
    repo = Repo(top)
    repo.git("init", "-q", "-b", "main")
    repo.write("calc.py", CALC)
    repo.write("test_calc.py", TEST_CALC)
    repo.write("test_sees.py", SEES)
    modes = str(level == "bwrap")  # Landlock knows no right to change modes and times
    repo.write("conftest.py", TRY.format(user=str(top), home=str(home)) + REACHES.replace("{modes}", modes))
    repo.commit("start")
    furnish(repo, home)
    secrets = {"GITHUB_TOKEN": "s3cret-token", "SSH_AUTH_SOCK": "/nowhere", "GIT_AUTHOR_NAME": "Someone"}
    report = attack(repo, level, home=home, **secrets).report
    assert report["fixed"] == ["test_calc.py::test_total"], report
    assert report["remaining"] == report["flaky"] == []
    assert repo.git("diff", "--name-only", "main", report["branch"]).split() == ["calc.py"]
    assert green_outside(repo, report["branch"], place / "clone")


LINKS = """
attempt(os.remove, '.git')
attempt(os.symlink, USER + '/.git', '.git')
for name in ('calc.py', 'lib', 'test_calc.py'):
    attempt(shutil.rmtree, name)
    attempt(os.remove, name)
    os.symlink(USER + '/' + name, name)
os.symlink(USER, 'user')
out = pathlib.Path(os.environ['TMPDIR']).parent / 'out'
for n in range(40):
    for kind in ('txt', 'json', 'jsonl', 'in'):
        attempt(os.symlink, USER + '/calc.py', out / f'{n}.{kind}')"""
MODES = """
for base, folders, files in os.walk('.', topdown=False):
    for name in files + folders:
        os.chmod(os.path.join(base, name), 0)
for n in range(20):
    os.makedirs(f'box{n}/in', exist_ok=True)
    attempt(pathlib.Path(f'box{n}/in/file').write_text, 'x')
    os.chmod(f'box{n}/in', 0o500); os.chmod(f'box{n}', 0o500)
os.chmod('.', 0)"""
DEEP = """
attempt(os.remove, '.git')
here = os.getcwd()
for n in range(900):
    os.makedirs('deep', exist_ok=True)
    os.chdir('deep')
os.chdir(here)"""
ODD = """
attempt(os.remove, '.git')
os.mkfifo('.git')
out = pathlib.Path(os.environ['TMPDIR']).parent / 'out'
for n in range(40):
    for kind in ('txt', 'json', 'jsonl', 'in'):
        attempt(os.mkdir, out / f'{n}.{kind}')"""


@pytest.mark.parametrize(
    ("level", "wreck"),
    [
        pytest.param("landlock", LINKS, id="links, landlock"),
        pytest.param("bwrap", LINKS, id="links, bwrap"),
        pytest.param("landlock", MODES, id="no modes, read-only folders, landlock"),
        pytest.param("bwrap", MODES, id="no modes, read-only folders, bwrap"),
        pytest.param("landlock", DEEP, id="a very deep folder, no .git"),
        pytest.param("landlock", ODD, id=".git is a pipe, folders where reports go"),
    ],
    indirect=["level"],
)
def test_it_wrecks_its_own_tree(level: Level, wreck: str, make_repo: MakeRepo, hermetic: Path, tmp_path: Path) -> None:
    repo = make_repo({"calc.py": CALC, "lib/other.py": "x = 1\n"})
    hostile = TRY.format(user=str(repo.top), home=str(hermetic))
    body = "".join(f"    {line}\n" for line in wreck.strip().splitlines())
    wrecking = f"\n\ndef wreck():\n{body}\n\nif HOSTILE:\n    import atexit\n    atexit.register(wreck)\n"
    repo.write("test_calc.py", hostile + QUICK_TEST + wrecking)
    repo.commit()
    report = attack(repo, level, *UNITTEST).report
    assert report["fixed"] == ["test_calc.py::Total::test_total"], report
    assert repo.git("diff", "--name-only", "main", report["branch"]).split() == ["calc.py"]
    assert green_outside(repo, report["branch"], tmp_path / "clone", ("-m", "unittest", "-q"))


def test_it_leaves_daemons(level: Level, make_repo: MakeRepo, hermetic: Path, tmp_path: Path) -> None:
    """Two a process, each away from its session and its parent, holding the output open."""
    daemon = """
if HOSTILE:
    for n in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp(sys.executable, [sys.executable, "-c", "import time; time.sleep(90)", USER])
            os._exit(0)
        os.wait()
"""
    repo = make_repo({"calc.py": CALC})
    repo.write("test_calc.py", TRY.format(user=str(repo.top), home=str(hermetic)) + QUICK_TEST + daemon)
    repo.commit()
    assert attack(repo, level, *UNITTEST).report["status"] == "fixed"
    assert [p for p in psutil.process_iter(["cmdline"]) if str(repo.top) in (p.info["cmdline"] or ())] == []


def test_it_signals_its_parents(level: Level, make_repo: MakeRepo, hermetic: Path, tmp_path: Path) -> None:
    """The supervisor above it, and nothing else: never a process by search."""
    signals = "if HOSTILE:\n    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):\n"
    signals += "        attempt(os.kill, os.getppid(), number)\n"
    repo = make_repo({"calc.py": CALC})
    repo.write("test_calc.py", TRY.format(user=str(repo.top), home=str(hermetic)) + QUICK_TEST + signals)
    repo.commit()
    report = attack(repo, level, *UNITTEST).report
    assert report["status"] == "fixed" or landlock.abi() < 6
    assert not report["branch"] or green_outside(repo, report["branch"], tmp_path / "clone", ("-m", "unittest", "-q"))


FORGES = {
    "in place of the truth": """
def pytest_configure(config):
    config.pluginmanager.unregister(name="ocode-events")
    forge()""",
    "with a crash": """
def pytest_collection_modifyitems(items):
    forge(end=False)
    os._exit(0)""",
    "without a word": """
attempt(os.remove, EVENTS)
os._exit(0)""",
}
FORGE = """
import json
EVENTS = os.environ.get("OCODE_EVENTS", "")
IDS = ["test_calc.py::test_total", "test_calc.py::test_nothing"]


def forge(end=True):
    lines = [{"event": "collected", "ids": IDS}]
    for test in IDS:
        lines += [{"event": "begin", "id": test}, {"event": "phase", "id": test, "phase": "call", "outcome": "passed"}]
        lines += [{"event": "done", "id": test}]
    lines += [{"event": "end", "code": 0}] * end
    with open(EVENTS, "a") as file:
        file.writelines(json.dumps(line) + "\\n" for line in lines)


if EVENTS and "result - price" not in pathlib.Path("calc.py").read_text():
"""


@pytest.mark.parametrize("how", list(FORGES))
def test_it_forges_results(how: str, make_repo: MakeRepo, hermetic: Path) -> None:
    """On every candidate, for a test that no candidate mends."""
    repo = make_repo({"calc.py": CALC, "test_calc.py": TEST_CALC.replace("== 6", "== 600")})
    body = "".join(f"    {line}\n" for line in FORGES[how].strip().splitlines())
    repo.write("conftest.py", TRY.format(user=str(repo.top), home=str(hermetic)) + FORGE + body)
    repo.commit()
    level: Level = "bwrap" if sandbox.choose("best").level == "bwrap" else "landlock"
    report = attack(repo, level, budget="3").report
    assert (report["status"], report["branch"], report["fixed"]) == ("unfixed", None, [])
    assert [left["id"] for left in report["remaining"]] == ["test_calc.py::test_total"]


def test_a_suite_that_ends_before_it_reports_is_not_green(make_repo: MakeRepo) -> None:
    repo = make_repo({"calc.py": CALC, "test_calc.py": TEST_CALC})
    repo.write("conftest.py", "import os\nos.remove(os.environ['OCODE_EVENTS'])\nos._exit(0)\n")
    repo.commit()
    level: Level = "bwrap" if sandbox.choose("best").level == "bwrap" else "landlock"
    done = attack(repo, level)
    assert (done.code, done.report["status"]) == (3, "error")
