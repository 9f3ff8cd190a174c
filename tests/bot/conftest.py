"""A Python with pytest and pytest-xdist and nothing else: no other plugin makes each run of a small suite slow."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest

PACKAGES = ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "pytest-xdist", "execnet")


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of that interpreter, in an environment of its own."""
    folder = tmp_path_factory.mktemp("light") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    for package in PACKAGES:
        for file in distribution(package).files or ():
            if ".." not in file.parts:  # no scripts
                target = Path(paths["purelib"], file)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(file.locate()), target)
    # Suites are run without leave to write byte code.
    words = ["-m", "compileall", "-q", "-x", "lexers|styles|testing|formatters", paths["purelib"]]
    subprocess.run([sys.executable, *words], check=True)
    return str(folder / "bin" / "python")
