"""`ocode review`: what waits; one branch as diffs, verdicts and transcript; its commits one by one; or as a page."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocode_bot import terminal
from ocode_bot.review import screen, sides
from ocode_bot.review.listing import HEADINGS, Waiting, waiting
from ocode_bot.review.scene import Ours, Scene, find, open_scene, read
from ocode_bot.review.story import Run, Story, read_run
from ocode_tools.errors import Exit, RefusedError, UsageError
from ocode_tools.ledger import Row
from ocode_tools.ledger.reading import Commit
from ocode_tools.store import writing


def review_command(
    start: Path, environ: Mapping[str, str], branch: str | None, html: str | None, as_json: bool
) -> Exit:
    """Show what waits; with a `branch` that one, on a terminal with a question for each commit; `html`: as a file."""
    if html and not branch:
        raise UsageError("--html shows one branch; name it")
    with open_scene(start, environ, quiet=as_json) as scene:
        if branch is None:
            return _list(scene, as_json)
        row = find(scene, branch)
        (facts,) = waiting(scene, [row])
        if as_json:
            terminal.document(document([facts], scene.settled.lines) | {"commits": _commits(scene, row)})
        elif html:
            _write(scene, row, facts, Path(html))
        elif sys.stdin.isatty() and sys.stdout.isatty() and row.state in ("open", "stale"):
            _ask(scene, row, facts, environ)
        else:
            _print(scene, row, facts)
    return Exit.DONE


def document(found: Sequence[Waiting], lines: Sequence[str], error: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `--json` prints, always with all keys; `commits` is filled for one branch."""
    return {"waiting": [one.document() for one in found], "news": list(lines), "commits": [], "error": error}


def _list(scene: Scene, as_json: bool) -> Exit:
    found = waiting(scene)
    if as_json:
        terminal.document(document(found, scene.settled.lines))
    elif not found:
        terminal.talk("nothing waits for a review")
    else:
        terminal.table(HEADINGS, [one.row() for one in found])
        terminal.talk(f"\nlook:  ocode review {found[0].branch}")
    return Exit.DONE


def _commits(scene: Scene, row: Row) -> list[dict[str, Any]]:
    run = read_run(scene, row.run)
    found: list[dict[str, Any]] = []
    for commit in read(scene, row).commits:
        story = run.stories.get(commit.sha, Story())
        found.append(
            {
                "sha": commit.sha,
                "message": commit.message,
                "tests": list(story.tests),
                "refused": [f"{one.solver}: {one.summary}: {one.reason}" for one in story.tried if one.reason],
                "questions": len(story.exchanges),
                "seconds": round(story.seconds, 3),
                "diff": sides.between(scene.repo.git, commit.parent, commit.sha),
            }
        )
    return found


def _parts(scene: Scene, row: Row) -> tuple[Run, Sequence[Commit]]:
    return read_run(scene, row.run), read(scene, row).commits


def _print(scene: Scene, row: Row, facts: Waiting) -> None:
    """All of it, for a pipe or a frozen branch."""
    run, found = _parts(scene, row)
    lines = screen.head(facts, run)
    for number, commit in enumerate(found, 1):
        story = run.stories.get(commit.sha, Story())
        lines += screen.commit_lines(commit, story, f"[{number}/{len(found)}]")
        lines += ["", screen.coloured(sides.between(scene.repo.git, commit.parent, commit.sha), sys.stdout.isatty())]
    if facts.tip != row.tip:
        lines += ["", f"and what somebody else did: git diff {row.tip[:10]} {facts.tip[:10]}"]
    terminal.out("\n".join(lines))


def _write(scene: Scene, row: Row, facts: Waiting, file: Path) -> None:
    from ocode_bot.review.page import page

    run, found = _parts(scene, row)
    parts = [(commit, sides.files(sides.between(scene.repo.git, commit.parent, commit.sha))) for commit in found]
    with writing(file):
        file.write_text(page(facts, run, parts), encoding="utf-8", errors="replace")
    terminal.talk(f"written: {file}")


def _ask(scene: Scene, row: Row, facts: Waiting, environ: Mapping[str, str]) -> None:
    """Commit by commit, then do it."""
    from ocode_bot.review import dialog

    ours = read(scene, row)
    run = read_run(scene, row.run)
    terminal.out("\n".join(screen.head(facts, run)))
    answers = dialog.ask(scene, ours, run, environ)
    terminal.out(f"\n{dialog.summary(ours, answers)}")
    if ours.shot and answers.accepted:
        raise RefusedError(f"{ours.name} was made for your work tree: ocode accept {ours.name} takes all of it")
    for line in dialog.carry_out(scene, ours, answers, lambda shas: _take(scene, ours, shas)):
        terminal.out(line)


def _take(scene: Scene, ours: Ours, shas: Sequence[str]) -> str:
    """Take commits of the branch, edited ones too; the undo."""
    from ocode_bot.review.taking import Taking, take

    whole = list(shas) == [commit.sha for commit in ours.commits]
    here = scene.repo.git.ask("merge-base", "--is-ancestor", scene.repo.head(), ours.tip).code == 0
    taken = take(scene, ours, Taking("forward") if whole and here else Taking("pick", tuple(shas)))
    terminal.out(f"accepted: HEAD is now {taken.now[:10]}")
    terminal.out(f"tests: {taken.tests}")
    return f"git reset --keep {taken.before[:10]}"
