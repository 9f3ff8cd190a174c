"""`ocode fix` where the project is installed: the workspace's code is judged, never the user's or a stale copy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from door import CALC, TEST_CALC, Done, environment, fix
from pythons import light
from quick import MENDED, SUITE
from repos import MakeRepo, Repo

# As setuptools writes it (setuptools.command.editable_wheel), without namespaces.
FINDER = """import sys
from importlib.machinery import PathFinder, all_suffixes
from importlib.util import spec_from_file_location
from itertools import chain
from pathlib import Path

MAPPING = {mapping!r}
NAMESPACES = {{}}


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            return cls._find_spec(fullname, Path(MAPPING[fullname]))
        parent, _, child = fullname.rpartition(".")
        if parent and parent in MAPPING:
            return PathFinder.find_spec(fullname, path=[MAPPING[parent]])
        return None

    @classmethod
    def _find_spec(cls, fullname, candidate_path):
        init = candidate_path / "__init__.py"
        candidates = (candidate_path.with_suffix(x) for x in all_suffixes())
        for candidate in chain([init], candidates):
            if candidate.exists():
                return spec_from_file_location(fullname, candidate)
        return None


def install():
    if not any(finder == _EditableFinder for finder in sys.meta_path):
        sys.meta_path.append(_EditableFinder)
"""
BROKEN = 'raise RuntimeError("this is not the code of the workspace")\n'


def project(make_repo: MakeRepo, root: str, suite: str = SUITE) -> tuple[Repo, Path]:
    """A red project with `app` below `root`, and the packages folder of its own `.venv`."""
    suite = suite.replace("from calc", "from app.calc")
    files = {f"{root}app/__init__.py": "", f"{root}app/calc.py": CALC, "test_calc.py": suite}
    repo = make_repo({**files, ".gitignore": ".venv\n", "pyproject.toml": '[project]\nname = "app"\nversion = "1"\n'})
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=repo.top, check=True)
    (packages,) = (repo.top / ".venv/lib").glob("python*/site-packages")
    return repo, packages


def run(repo: Repo) -> Done:
    """Fix with the Python of the project's own `.venv`, and nothing of this environment on its import path."""
    env = environment(OCODE_TESTS_PYTHON=".venv/bin/python")
    env.pop("PYTHONPATH", None)
    return fix(repo, "--budget", "60", env=env)


Install = Callable[[Path, Path], None]


def path_line(packages: Path, root: Path) -> None:
    (packages / "_app.pth").write_text(f"{root}\n")


def finder_module(packages: Path, root: Path) -> None:
    name = "__editable___app_1_finder"
    (packages / f"{name}.py").write_text(FINDER.format(mapping={"app": str(root / "app")}))
    (packages / "__editable__.app-1.pth").write_text(f"import {name}; {name}.install()\n")


@pytest.mark.parametrize(
    ("root", "install", "suite"),
    [
        pytest.param("src/", path_line, SUITE, id="path line"),
        pytest.param("src/", finder_module, SUITE, id="finder"),
        pytest.param("lib/", finder_module, TEST_CALC, id="finder, elsewhere, pytest"),
    ],
)
def test_an_editable_install_is_turned_to_the_workspace(
    make_repo: MakeRepo, root: str, install: Install, suite: str
) -> None:
    repo, packages = project(make_repo, root, suite)
    if suite == TEST_CALC:
        (pytests,) = Path(light()).parents[1].glob("lib/python*/site-packages")
        (packages / "shared.pth").write_text(f"{pytests}\n")
    install(packages, repo.top / root.rstrip("/"))
    repo.write(f"{root}app/calc.py", BROKEN)
    seen = subprocess.run([".venv/bin/python", "-c", "import app.calc"], cwd=repo.top, capture_output=True, check=False)
    assert b"not the code of the workspace" in seen.stderr
    done = run(repo)
    assert (done.code, done.report["status"]) == (0, "fixed"), done
    assert repo.git("show", f"{done.report['branch']}:{root}app/calc.py") == MENDED


@pytest.mark.parametrize(
    ("root", "stale"), [("src/", BROKEN), ("src/", MENDED), ("", MENDED)], ids=["broken", "green", "green, no src"]
)
def test_the_workspace_wins_over_an_installed_copy(make_repo: MakeRepo, root: str, stale: str) -> None:
    repo, packages = project(make_repo, root)
    copied(packages / "app", stale)
    done = run(repo)
    assert (done.code, done.report["status"]) == (0, "fixed"), done
    assert repo.git("show", f"{done.report['branch']}:{root}app/calc.py") == MENDED


@pytest.mark.parametrize("stale", [BROKEN, MENDED], ids=["broken", "green"])
def test_an_installed_copy_that_cannot_be_beaten_is_refused(make_repo: MakeRepo, stale: str) -> None:
    repo, packages = project(make_repo, "lib/")
    copied(packages / "app", stale)
    done = run(repo)
    assert done.code == 3, done
    assert done.report["branch"] is None
    assert "not from the private workspace" in done.report["error"]["message"]
    assert str(packages / "app") in done.report["error"]["message"]


def test_a_namespace_shared_with_an_installed_package(make_repo: MakeRepo) -> None:
    repo, packages = project(make_repo, "src/")
    repo.write("src/ours/calc/__init__.py", CALC)
    repo.write("test_calc.py", SUITE.replace("from calc", "import ours.other\nfrom ours.calc"))
    repo.commit("a namespace")
    (packages / "ours/other").mkdir(parents=True)
    (packages / "ours/other/__init__.py").write_text("")
    done = run(repo)
    assert (done.code, done.report["status"]) == (0, "fixed"), done
    assert repo.git("show", f"{done.report['branch']}:src/ours/calc/__init__.py") == MENDED


def copied(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "calc.py").write_text(text)
