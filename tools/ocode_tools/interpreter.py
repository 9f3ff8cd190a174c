"""Which Python runs the project's tests: rarely ocode's own, which may live in an environment apart."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocode_tools.errors import UsageError
from ocode_tools.process import run
from ocode_tools.repository import Repository

# Runs in the project's interpreter, Python 3.8 or newer. `roots` are the folders from which an editable install of any
# kind (path line, setuptools' finder with MAPPING and NAMESPACES) would import.
PROBE = r"""
import importlib.util as u, json, os, sys
roots = [p for p in sys.path if p]
for finder in sys.meta_path + sys.path_hooks:
    module = sys.modules.get(getattr(finder, "__module__", ""), None)
    if not getattr(finder, "__module__", "").startswith("__editable__"):
        continue
    for name, path in (getattr(module, "MAPPING", None) or {}).items():
        if os.path.splitext(os.path.basename(path))[0] == name.rpartition(".")[2]:
            for _ in range(name.count(".") + 1):
                path = os.path.dirname(path)
            roots.append(path)
def there(name):
    try:
        return u.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
asked = ["pytest", "coverage", "xdist", "pytest_cov", "ruff", "flake8", "pre_commit"]
print(json.dumps({"executable": sys.executable, "version": list(sys.version_info[:3]), "prefix": sys.prefix,
                  "base": sys.base_prefix, "roots": roots, "modules": [n for n in asked if there(n)]}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and what it can do. `origin` says how it was found; `roots` are its import folders."""

    executable: Path
    origin: str
    version: tuple[int, ...]
    prefix: Path
    base: Path
    roots: tuple[Path, ...]
    modules: frozenset[str]

    @property
    def label(self) -> str:
        """One line for people: path, version, how it was found."""
        return f"{self.executable} (Python {'.'.join(map(str, self.version))}, {self.origin})"


def probe(command: list[str], origin: str, cwd: Path, environ: Mapping[str, str]) -> Interpreter | None:
    """Ask one Python what it is; None when it does not answer like a Python of 3.8 or newer."""
    env = {name: value for name, value in environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    # -B: the environment may be in the user's tree, and .pth lines import modules of it
    done = run([*command, "-B", "-c", PROBE], cwd=cwd, env=env, timeout=120)
    try:
        said = json.loads(done.out)
        interpreter = Interpreter(
            Path(said["executable"]),
            origin,
            tuple(said["version"]),
            Path(said["prefix"]),
            Path(said["base"]),
            tuple(Path(p) for p in said["roots"]),
            frozenset(said["modules"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
    return interpreter if interpreter.version >= (3, 8) else None


def choose(
    repository: Repository, project: Path, asked: str, environ: Mapping[str, str], cache: Path, wants_pytest: bool
) -> Interpreter:
    """The first Python that answers, in the documented order; one without pytest gives way to one that has it.

    `asked` is the flag's or the configuration's word (a path or a command on PATH). Raises `UsageError` when that one
    does not work.
    """
    if asked:
        path = Path(asked).expanduser()
        found = probe([str(project / path) if "/" in asked else asked], "as configured", repository.top, environ)
        if not found:
            raise UsageError(f"tests.python = {asked!r} is no Python of 3.8 or newer; give the path of one")
        return found
    second: Interpreter | None = None
    for command, origin, owned in _candidates(repository, project, environ, cache):
        found = probe(command, origin, repository.top, environ)
        if not found:
            continue
        if "pytest" in found.modules or (owned and not wants_pytest):
            return found
        second = second or (found if owned else None)
    own = probe([sys.executable], "ocode's own", repository.top, environ)
    if own and ("pytest" in own.modules or not second):
        return own
    if not second:
        raise UsageError("no Python answers; set tests.python in .ocode.toml")
    return second


def _candidates(
    repository: Repository, project: Path, environ: Mapping[str, str], cache: Path
) -> Iterator[tuple[list[str], str, bool]]:
    """(command, origin, whether it is the project's own environment)."""
    active = environ.get("VIRTUAL_ENV")
    if active:
        yield [str(Path(active) / "bin" / "python")], "$VIRTUAL_ENV", True
    relative = project.relative_to(repository.top)
    places = dict.fromkeys(folder for top in repository.checkouts() for folder in (top / relative, top))
    for folder in places:
        for name in (".venv", "venv"):
            python = folder / name / "bin" / "python"
            if python.exists():
                yield [str(python)], f"{name} of {folder.name}", True
    for folder in dict.fromkeys((project, repository.top)):
        yield from _managers(folder, environ, cache)
    for name in ("python3", "python"):
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            yield [found], "on PATH", False


def _managers(folder: Path, environ: Mapping[str, str], cache: Path) -> Iterator[tuple[list[str], str, bool]]:
    """Environments behind a lock file. uv would make `.venv` in the user's tree, so it is told to use our cache."""
    path = environ.get("PATH")
    if (folder / "uv.lock").is_file() and shutil.which("uv", path=path):
        place = f"UV_PROJECT_ENVIRONMENT={cache / 'uv'}"
        yield ["env", place, "uv", "run", "--frozen", "--project", str(folder), "python"], "uv run", True
    for lock, tool, question in (
        ("poetry.lock", "poetry", ["poetry", "-C", str(folder), "env", "info", "--executable"]),
        ("pdm.lock", "pdm", ["pdm", "info", "-p", str(folder), "--python"]),
    ):
        if (folder / lock).is_file() and shutil.which(tool, path=path):
            said = run(question, cwd=folder, env=environ, timeout=60)
            if said.code == 0 and said.text.strip():
                yield [said.text.strip()], f"{tool} run", True
