"""What the project says of itself is true: the wheel, the console scripts, the README, the version."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ocode_bot.cli import cli
from ocode_bot.version import VERSION

TOP = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((TOP / "pyproject.toml").read_text())


@pytest.fixture(scope="session")
def readme() -> str:
    """README.md."""
    return (TOP / "README.md").read_text()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as `pip install .` builds it."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(TOP)]
    subprocess.run(command, check=True, capture_output=True)
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_the_wheel_holds_exactly_the_three_packages(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/", 1)[0] for name in wheel.namelist()}
    assert tops == {"ocode_hooks", "ocode_bot", "ocode_tools", f"ocode-{VERSION}.dist-info"}


def test_the_wheel_holds_every_file_of_them(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "hooks", "bot", "tools"], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name.partition("/")[2] for name in tracked} <= set(wheel.namelist())


def test_one_version(project: dict[str, Any]) -> None:
    assert project["project"]["version"] == VERSION
    assert f"## {VERSION}" in (TOP / "CHANGELOG.md").read_text()


def test_console_scripts_can_be_called(project: dict[str, Any]) -> None:
    for name, target in project["project"]["scripts"].items():
        module, _, function = target.partition(":")
        code = f"import sys, {module}; sys.argv = [{name!r}, '--help']; {module}.{function}()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("Usage: ")


def test_the_readme_names_every_command_and_no_other(readme: str) -> None:
    assert set(re.findall(r"`ocode ([a-z]+)[^`]*`", readme)) == set(cli.commands)


def test_the_page_of_fix_names_every_option_and_no_other() -> None:
    fix, page = cli.commands["fix"], (TOP / "docs" / "fix.md").read_text()
    known = {option for param in fix.params if isinstance(param, click.Option) for option in param.opts}
    section = page.partition("## Options")[2].partition("\n## ")[0]
    assert set(re.findall(r"--[a-z][a-z-]*", section)) == known


def test_every_command_has_an_example_in_its_help() -> None:
    for name, command in cli.commands.items():
        assert f"ocode {name}" in (command.help or ""), name


def test_every_hook_has_a_console_script_and_a_place_in_the_readme(project: dict[str, Any], readme: str) -> None:
    for hook in yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text()):
        assert hook["entry"] in project["project"]["scripts"]
        assert hook["id"] in readme


def test_our_own_hooks_are_local() -> None:
    config = yaml.safe_load((TOP / ".pre-commit-config.yaml").read_text())
    assert {repo["repo"] for repo in config["repos"]} == {"local"}


def test_the_readmes_commands_are_the_makefiles(readme: str) -> None:
    makefile = (TOP / "Makefile").read_text()
    for target in re.findall(r"^\$ make (\w+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert "make test" in (TOP / ".ci" / "run").read_text()


def test_relative_links_lead_somewhere() -> None:
    for page in [*TOP.glob("*.md"), *TOP.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_destructive_git_verb_is_in_the_code() -> None:
    wrong = re.compile(r'"(stash|--hard|--force|-f)"|"checkout", "--|"push"')
    pushes = TOP / "bot" / "ocode_bot" / "review" / "remote.py"  # one branch of ours, when it is asked for
    for path in [p for room in ("hooks", "bot", "tools") for p in (TOP / room).rglob("*.py")]:
        text = path.read_text()
        assert not wrong.search(text.replace('"git", "push", *lease', "") if path == pushes else text), path
