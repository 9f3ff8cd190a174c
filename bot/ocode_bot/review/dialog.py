"""A branch commit by commit on a terminal: what to do with each is asked first, and done at the end, all at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import click

from ocode_bot import terminal
from ocode_bot.review import screen, sides
from ocode_bot.review.editing import edit
from ocode_bot.review.scene import Ours, Scene
from ocode_bot.review.story import Run, Story
from ocode_tools.errors import RefusedError
from ocode_tools.ledger.reading import Commit

KEYS = {"a": "accept", "r": "reject", "e": "edit", "s": "skip", "p": "show prompt", "q": "quit"}
ROOM = 4  # lines of the screen for the question


@dataclass(slots=True)
class Answers:
    """What was answered: shas to take in order (an edited one has another sha than the `commits` hold), shas to
    reject."""

    accepted: dict[str, str] = field(default_factory=dict[str, str])
    rejected: list[str] = field(default_factory=list[str])


def show(text: str) -> None:
    """Print, or page what is longer than the screen."""
    lines = shutil.get_terminal_size().lines - ROOM
    if text.count("\n") > lines:
        click.echo_via_pager(text + "\n")
    else:
        terminal.out(text)


def ask(scene: Scene, ours: Ours, run: Run, environ: Mapping[str, str]) -> Answers:
    """Ask about each commit, oldest first."""
    answers = Answers()
    for number, commit in enumerate(ours.commits, 1):
        story = run.stories.get(commit.sha, Story())
        place = f"[{number}/{len(ours.commits)}]"
        if not _one(scene, commit, story, place, answers, environ):
            break
    return answers


def _one(scene: Scene, commit: Commit, story: Story, place: str, answers: Answers, environ: Mapping[str, str]) -> bool:
    """Ask about one commit until it is answered; False to stop here."""
    current = commit.sha
    _show(scene, commit, current, story, place)
    while True:
        match _key(place):
            case "a":
                answers.accepted[commit.sha] = current
                return True
            case "r":
                answers.rejected.append(commit.sha)
                return True
            case "s":
                return True
            case "q":
                return False
            case "p":
                show("\n".join(screen.prompt_lines(story)))
            case _:
                try:
                    current = edit(scene.repo, commit, environ)
                except RefusedError as problem:
                    terminal.talk(str(problem))
                _show(scene, commit, current, story, place)


def _show(scene: Scene, commit: Commit, current: str, story: Story, place: str) -> None:
    diff = screen.coloured(sides.between(scene.repo.git, commit.parent, current), colour=True)
    note = ["  (changed by you)"] if current != commit.sha else []
    show("\n".join([*screen.commit_lines(commit, story, place), *note, "", diff]))


def _key(place: str) -> str:
    words = ", ".join(f"[{key}]{word.removeprefix(key)}" for key, word in KEYS.items() if word.startswith(key))
    question = f"{place} {words}, show [p]rompt"
    return str(click.prompt(question, type=click.Choice(list(KEYS), case_sensitive=False), show_choices=False)).lower()


def summary(ours: Ours, answers: Answers) -> str:
    """What is about to be done, in one line."""
    left = len(ours.commits) - len(answers.accepted) - len(answers.rejected)
    return f"{len(answers.accepted)} to accept, {len(answers.rejected)} to reject, {left} left as they are"


def carry_out(scene: Scene, ours: Ours, answers: Answers, taken: Callable[[Sequence[str]], str]) -> list[str]:
    """Take what was accepted (`taken` does it and returns the undo), then write the answers down; lines to print."""
    keys = {change.sha: change.key for change in scene.ledger.changes(ours.row.ref)}
    undo = [taken(tuple(answers.accepted.values()))] if answers.accepted else []
    for shas, state in ((answers.accepted, "accepted"), (answers.rejected, "rejected")):
        wanted = [keys[sha] for sha in shas if sha in keys]
        scene.ledger.answer(ours.row.ref, wanted, "accepted" if state == "accepted" else "rejected", "by ocode review")
    if len(answers.accepted) + len(answers.rejected) == len(ours.commits):
        ended = scene.ledger.end(ours.row.ref, "accepted" if answers.accepted else "rejected", "by ocode review")
        undo += [f"git branch {ours.name} {ours.tip[:10]}"] if ended else []
    return [f"undo:  {' && '.join(undo)}"] if undo else []
