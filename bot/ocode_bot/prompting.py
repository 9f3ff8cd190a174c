"""Prompts: Markdown files of this package, each of which the user may replace by a file of the same name.

`$name` stands for a value (string.Template); everything else is sent as it is.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ocode_tools.errors import UsageError
from ocode_tools.store import writing

# What each prompt is for, and the values it may use.
PROMPTS = {
    "fix_system": ("what every request of a fix begins with", ()),
    "fix": ("one function and its failing test", ("name", "path", "code", "around", "test", "failure", "hint")),
    "fix_file": ("one file that is not Python, or code outside of functions", ("path", "code", "test", "failure")),
    "fix_red": ("the answer was tried and the test is still red", ("test", "failure")),
    "fix_refused": ("the answer could not be used", ("reason", "tell")),
    "todo_system": ("what every request to resolve a TODO begins with", ()),
    "todo": (
        "one function or class and a TODO in it",
        ("name", "path", "code", "around", "callers", "tests", "todo"),
    ),
    "todo_file": ("one file and a TODO outside of its functions", ("path", "code", "todo")),
    "todo_test": (
        "a test that fails without what was done for a TODO",
        ("name", "path", "todo", "diff", "helpers", "example", "style", "line"),
    ),
    "tests_system": ("what every request for tests begins with", ()),
    "tests_plan": ("which behaviours of a function want a test", ("name", "path", "code", "around", "known", "most")),
    "tests": ("a few tests", ("behaviours", "import", "style", "helpers", "example")),
    "tests_again": ("tests that were not taken", ("kept", "faults", "tell")),
    "docstrings_system": ("what every request for a docstring begins with", ()),
    "docstrings": ("one function, class or module to describe", ("kind", "name", "path", "code", "keys", "answer")),
    "docstrings_again": ("the words could not all be used", ("reasons", "answer")),
    "message_system": (
        "what every request for a conventional commit message begins with",
        ("types", "scopes", "length", "case", "language"),
    ),
    "message_plain": ("what every request for another commit message begins with", ("length", "case", "language")),
    "message": ("what a commit changes", ("files", "diff", "hint")),
    "message_again": ("the draft could not be used", ("reason",)),
}


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts in force; `folder` is where the user's own are."""

    folder: Path

    def file(self, name: str) -> Path:
        """Where the user's own version of a prompt would be. Raises `UsageError` for a name that is none."""
        if name not in PROMPTS:
            raise UsageError(f"no prompt named {name!r}; there are {', '.join(PROMPTS)}")
        return self.folder / f"{name}.md"

    def text(self, name: str) -> str:
        """The prompt as it is sent, values not yet in. Raises `UsageError` where the user's own cannot be read."""
        file = self.file(name)
        try:
            return file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return builtin(name)
        except (OSError, UnicodeDecodeError) as problem:
            raise UsageError(f"{file}: cannot be read as UTF-8 text ({problem}); mend or remove it") from None

    def check(self) -> None:
        """Raises `UsageError` for a prompt of the user's that uses a value which there is not."""
        for name, (_, values) in PROMPTS.items():
            template = string.Template(self.text(name))
            wrong = sorted(set(template.get_identifiers()) - set(values)) if template.is_valid() else ["a lone $"]
            if wrong:
                known = ", ".join(f"${value}" for value in values) or "none"
                file = self.file(name)
                raise UsageError(f"{file}: {wrong[0]} is no value of this prompt (it has: {known}); write $$ for a $")

    def fill(self, prompt: str, /, **values: str) -> str:
        """The prompt with its values; a stretch of blank lines that an empty value leaves becomes one."""
        text = string.Template(_squeezed(self.text(prompt), values)).safe_substitute(values)
        return text.strip() + "\n"

    def edit(self, name: str) -> Path:
        """Copy a prompt to where the user may change it, unless it is there; returns the file."""
        file = self.file(name)
        if not file.exists():
            with writing(file):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(builtin(name), encoding="utf-8")
        return file


def builtin(name: str) -> str:
    """The prompt that comes with this package."""
    return (files("ocode_bot") / "prompts" / f"{name}.md").read_text(encoding="utf-8")


def _squeezed(text: str, values: dict[str, str]) -> str:
    """Lines that hold nothing but an empty value go, so that code never loses its own blank lines."""
    empty = "|".join(re.escape(name) for name, value in values.items() if not value)
    return re.sub(rf"^\$(?:{empty})\n\n?", "", text, flags=re.MULTILINE) if empty else text
