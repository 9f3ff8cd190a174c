"""What a person is told about a refused message."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from ocode_tools.messages.base import Policy, Problem
from ocode_tools.messages.text import Text

# Of one rule so many are shown: a pasted log breaks the same rule on each line.
SHOWN = 4
ELSE = 'Nobody chose rules here: set style = "plain" in [message] of .ocode.toml to allow any first line.'
_RED, _BOLD, _PLAIN = "\x1b[31m", "\x1b[1m", "\x1b[0m"


def lines(problems: Sequence[Problem], colour: bool = False) -> list[str]:
    """The problems, three lines each: rule and line, what was found, what would pass."""
    told: list[str] = []
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.rule] = counts.get(problem.rule, 0) + 1
        if counts[problem.rule] > SHOWN:
            continue
        name = f"{_BOLD}{problem.rule}{_PLAIN}" if colour else problem.rule
        kind = " (warning)" if problem.warning else ""
        told.append(f"  line {problem.line}: {name}{kind}")
        told.append(f"    found:  {problem.found}")
        told.append(f"    passes: {problem.passes}")
    more = [f"  {rule}: {count - SHOWN} more" for rule, count in counts.items() if count > SHOWN]
    return told + more


def heading(refused: bool, rules: str, colour: bool = False) -> str:
    """The line above the problems."""
    text = f"ocode: commit message {'refused' if refused else 'accepted with warnings'} ({rules})"
    return f"{_RED}{text}{_PLAIN}" if colour and refused else text


def rules(policy: Policy, origin: str) -> str:
    """Whose rules they are, as people say it; `origin` is where they come from."""
    if origin != "default":
        return f"rules: {origin}"
    return "Conventional Commits" if policy.style == "conventional" else "plain messages, as in the log"


def again(path: str, text: Text, *, auto: bool, amend: bool) -> list[str]:
    """How to get the text back that git kept in the file `path`.

    `auto` says that git chooses the comment character, `amend` that the message was for the commit that is there.
    Git reads the file as a draft of the user's: what was comment or diff in it must be so again, and text be text.
    """
    switches = f"-c {quote(f'core.commentChar={text.comment}')} " if auto else ""
    options = "--amend " if amend else ""
    options += "-v " if text.scissors and text.cleanup != "scissors" else ""
    if text.cleanup == "whitespace" and any(line.text.startswith(text.comment) for line in text.lines):
        options += "--cleanup=scissors "
    command = f"git {switches}commit -e {options}-F {quote(path)}"
    return [
        "Nothing is lost. Mend the message with this, and the options you gave (--amend, -a, paths):",
        f"  {command}",
    ]
