"""Interpreters for the suites that are run, made once a session: without our packages they start in half the time."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
XDIST = ("pytest-xdist", "execnet")


def bare() -> str:
    """The path of a Python that holds nothing but itself."""
    return _made(_session(), ())


def light(*more: str) -> str:
    """The path of a Python with pytest and `more` distributions and nothing else."""
    return _made(_session(), PYTEST + more)


def _session() -> Path:
    """The folder that holds every test's own, from the hermetic home."""
    return Path(os.environ["HOME"]).parents[1]


@functools.cache
def _made(folder: Path, packages: tuple[str, ...]) -> str:
    home = folder / f"python-{len(packages)}"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    for package in packages:
        for file in distribution(package).files or ():
            if ".." not in file.parts:  # no scripts
                target = Path(paths["purelib"], file)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(file.locate()), target)
    if packages:  # suites are run without leave to write byte code
        words = ["-m", "compileall", "-q", "-x", "lexers|styles|testing|formatters", paths["purelib"]]
        subprocess.run([sys.executable, *words], check=True)
    return str(home / "bin" / "python")
