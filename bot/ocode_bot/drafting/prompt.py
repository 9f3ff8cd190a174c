"""What a model is shown of a commit: what stays the same in a repository first, then files, diff and hint."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from ocode_bot.drafting.scene import Scene
from ocode_bot.models.base import Message
from ocode_bot.prompting import Prompts
from ocode_tools.changes.base import Change, Kind
from ocode_tools.changes.patches import cut, patches
from ocode_tools.changes.summary import shown, summary
from ocode_tools.drafts.finish import Frame
from ocode_tools.messages.compose import WIDTH
from ocode_tools.messages.header import parse_header

CHARACTERS = 3.5  # a token of diff
LISTED, SHOWN, SCOPES = 30, 12, 20  # files in the list, files with their diff, scopes that are named
_LEAST = 300  # characters of a file's diff that are worth showing
_ORDER: tuple[Kind, ...] = ("source", "configuration", "build", "ci", "dependencies", "docs", "tests")
_SURE = {"tests": "test", "docs": "docs", "ci": "ci", "dependencies": "", "lock": ""}
_IMPORT = re.compile(r"[+-]\s*(?:$|import\b|from\b.*\bimport\b|#include\b|use\b|using\b|[})])")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The first two turns, what they hold of the commit and of instructions, and what was left out, a line each."""

    messages: tuple[Message, Message]
    known: str
    told: str
    omitted: tuple[str, ...]


def make(scene: Scene, prompts: Prompts, tokens: int, language: str, hint: str) -> Prompt:
    """The prompt for a scene; `tokens` of diff at most. It is as long for any larger diff."""
    conventional = scene.style.conventional
    told = prompts.fill(
        "message_system" if conventional else "message_plain",
        types=", ".join(types(scene)),
        scopes=f"one of {', '.join(named)}" if (named := scopes(scene)) else "the name of a module or folder",
        length=str(room(scene)),
        case="capital" if scene.style.capital else "lower case",
        language=f"Write in {language}." if language else "",
    )
    files, diff, omitted = _shown(scene, int(tokens * CHARACTERS))
    asked = prompts.fill("message", files=files, diff=diff, hint=f"The author says: {hint}" if hint else "")
    known = "\n".join((files, diff, hint, *(change.old_path for change in scene.changes.files)))
    return Prompt((Message("system", told), Message("user", asked)), known, told, tuple(omitted))


def frame(scene: Scene, prompt: Prompt) -> Frame:
    """What the answer to a prompt must fit into."""
    header = parse_header(scene.rules.subject)
    kinds = {change.kind for change in scene.changes.files}
    sure = len(kinds) == 1 and bool(header) and _SURE.get(next(iter(kinds)), "") == (header.type if header else None)
    return Frame(
        scene.rules, scene.policy, prompt.known, prompt.told, tuple(scopes(scene)), scene.style.capital, bool(sure)
    )


def types(scene: Scene) -> list[str]:
    """The types that a conventional message may have here."""
    return sorted(scene.policy.types or scene.style.types or ("chore", "docs", "feat", "fix", "refactor", "test"))


def scopes(scene: Scene) -> list[str]:
    """The scopes that are allowed, else the ones most used, by name."""
    if scene.policy.scopes:
        return sorted(scene.policy.scopes)[:SCOPES]
    used = Counter(commit.scope for commit in scene.style.used if commit.scope)
    return sorted(scope for scope, _ in used.most_common(SCOPES))


def room(scene: Scene) -> int:
    """Characters for the subject without its type and scope."""
    limit = min(WIDTH, scene.policy.subject_max or WIDTH)
    return max(20, limit - (16 if scene.style.conventional else 0))


def _shown(scene: Scene, characters: int) -> tuple[str, str, list[str]]:
    """The list of files, the diffs that fit, and what does not."""
    changed = sorted(scene.changes.files, key=_rank)
    lines = [summary(change)[:160] for change in changed[:LISTED]]
    if len(changed) > LISTED:
        lines.append(f"and {len(changed) - LISTED} more files")
    while len(lines) > 2 and sum(map(len, lines)) > characters // 2:
        lines[-2:] = [f"and {len(changed) - len(lines) + 2} more files"]
    chosen = [change for change in changed if change.kind in _ORDER][:SHOWN]
    found = patches(scene.git, scene.changes, [change.path for change in chosen], context=1)
    left = characters - sum(map(len, lines))
    pieces: list[str] = []
    partly: list[str] = []
    seen = set[str]()
    for number, change in enumerate(chosen):
        text = _told_first(found.get(change.path, ""))
        share = max(_LEAST, left // max(1, min(3, len(chosen) - number)))
        if not text or left < _LEAST:
            continue
        piece = cut(text, min(share, left))
        partly += [change.path] if piece != text else []
        left -= len(piece)
        pieces.append(f"{shown(change.path)}\n{piece}")
        seen.add(change.path)
    unseen = [change.path for change in changed if change.path not in seen and change.lines]
    omitted = [line for line in (_told("the end of the diff of", partly), _told("the diff of", unseen)) if line]
    return "Files:\n\n" + "\n".join(lines), _fenced("\n".join(pieces)) if pieces else "", omitted


def _told(what: str, paths: list[str]) -> str:
    """One line about what was left out, naming at most three files; "" for none."""
    more = f" and {len(paths) - 3} more files" if len(paths) > 3 else ""
    return f"{what} {', '.join(shown(path) for path in paths[:3])}{more}" if paths else ""


def _told_first(text: str) -> str:
    """The hunks of a diff with those that only move imports about at the end: they tell least."""
    hunks = [hunk for hunk in re.split(r"(?m)^(?=@@ )", text) if hunk]
    return "".join(sorted(hunks, key=lambda hunk: all(map(_IMPORT.match, re.findall(r"(?m)^[+-].*$", hunk)))))


def _rank(change: Change) -> tuple[int, int]:
    return (_ORDER.index(change.kind) if change.kind in _ORDER else len(_ORDER), -change.lines)


def _fenced(text: str) -> str:
    """A block that nothing inside can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}diff\n{text.rstrip()}\n{fence}"
