"""Which Python runs the tests, in the documented order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocode_tools.errors import UsageError
from ocode_tools.interpreter import Interpreter, choose
from ocode_tools.repository import find
from repos import MakeRepo, Repo


@pytest.fixture
def repo(make_repo: MakeRepo) -> Repo:
    """A repository with a test."""
    return make_repo({"test_a.py": "def test_a():\n    assert True\n"})


def environment(path: Path | None = None, pytest_on_path: bool = True, **extra: str) -> dict[str, str]:
    """PATH with this Python (which imports pytest) in front, or without any Python."""
    folders = [str(path)] if path else []
    folders += [str(Path(sys.executable).parent)] if pytest_on_path else []
    return {"HOME": os.environ["HOME"], "PATH": os.pathsep.join(folders), **extra}


def venv(place: Path) -> Path:
    """A real environment with nothing in it, not even pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    return place


def chosen(repo: Repo, environ: dict[str, str], asked: str = "", wants_pytest: bool = False) -> Interpreter:
    """What is chosen from the repository's top."""
    return choose(find(repo.top), repo.top, asked, environ, repo.top.parent / "cache", wants_pytest)


def test_the_configured_one_wins(repo: Repo) -> None:
    active = venv(repo.top.parent / "active")
    found = chosen(repo, environment(VIRTUAL_ENV=str(active)), asked=sys.executable)
    assert (found.executable, found.origin) == (Path(sys.executable), "as configured")
    assert {"pytest", "coverage"} <= found.modules
    with pytest.raises(UsageError, match=r"tests\.python = '/bin/true' is no Python"):
        chosen(repo, environment(), asked="/bin/true")


def test_the_active_environment_comes_next(repo: Repo) -> None:
    active, own = venv(repo.top.parent / "active"), venv(repo.top / ".venv")
    found = chosen(repo, environment(VIRTUAL_ENV=str(active)))
    assert (found.prefix, found.origin) == (active, "$VIRTUAL_ENV")
    assert chosen(repo, environment()).prefix == own


def test_the_main_checkouts_environment_serves_a_linked_work_tree(repo: Repo) -> None:
    own = venv(repo.top / "venv")
    linked = Repo(repo.top.parent / "linked")
    repo.git("worktree", "add", "-q", str(linked.top))
    assert chosen(linked, environment()).prefix == own


def test_one_without_pytest_gives_way_when_pytest_is_wanted(repo: Repo) -> None:
    venv(repo.top / ".venv")
    found = chosen(repo, environment(), wants_pytest=True)
    assert (found.executable.parent, found.origin) == (Path(sys.executable).parent, "on PATH")


def test_ocodes_own_is_the_last(repo: Repo) -> None:
    found = chosen(repo, environment(pytest_on_path=False), wants_pytest=True)
    assert (found.executable, found.origin) == (Path(sys.executable), "ocode's own")


@pytest.mark.parametrize(("tool", "lock"), [("uv", "uv.lock"), ("poetry", "poetry.lock"), ("pdm", "pdm.lock")])
def test_managers_are_asked_where_their_lock_file_is(repo: Repo, tool: str, lock: str) -> None:
    """The tools are scripted here: uv runs what follows `python`, the others print a path."""
    active = venv(repo.top.parent / "managed")
    programs = repo.top.parent / "programs"
    programs.mkdir()
    answer = f'#!/bin/sh\necho "$UV_PROJECT_ENVIRONMENT" >{programs}/where\n'
    answer += f'while [ "$1" != python ]; do shift; done; shift; exec {active}/bin/python "$@"\n'
    script = programs / tool
    script.write_text(answer if tool == "uv" else f"#!/bin/sh\necho {active}/bin/python\n")
    script.chmod(0o755)
    environ = environment(programs, PATH=os.pathsep.join([str(programs), "/usr/bin", "/bin"]))
    assert chosen(repo, environ).origin != f"{tool} run"
    repo.write(lock, "")
    found = chosen(repo, environ)
    assert (found.prefix, found.origin) == (active, f"{tool} run")
    if tool == "uv":  # left alone it would make .venv in the user's tree
        assert (programs / "where").read_text().strip() == str(repo.top.parent / "cache" / "uv")


def test_the_roots_of_an_editable_install_are_seen(repo: Repo) -> None:
    active = venv(repo.top.parent / "active")
    packages = next((active / "lib").glob("python*/site-packages"))
    (packages / "plain.pth").write_text(f"{repo.top}/src\n")
    (packages / "__editable___demo_finder.py").write_text(
        f"MAPPING = {{'demo': {str(repo.top / 'lib' / 'demo')!r}, 'odd': {str(repo.top / 'x.py')!r}}}\n"
        "class Finder:\n    @classmethod\n    def find_spec(cls, *args): return None\n"
        "def install():\n    import sys; sys.meta_path.append(Finder)\n"
    )
    (packages / "__editable__.demo.pth").write_text(
        "import __editable___demo_finder; __editable___demo_finder.install()\n"
    )
    (repo.top / "src").mkdir()
    found = chosen(repo, environment(VIRTUAL_ENV=str(active)))
    assert {repo.top / "src", repo.top / "lib"} <= set(found.roots)
