"""One branch for a terminal or a pipe: facts, verdicts and diffs as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocode_bot.review.listing import Waiting, confidence, subject
from ocode_bot.review.story import Run, Story
from ocode_tools.ledger.reading import Commit

SHOWN, WIDTH = 3, 120  # refused proposals of a model, and characters of a line for each
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def head(waiting: Waiting, run: Run) -> list[str]:
    """What the whole branch is."""
    lines = [f"{waiting.branch}: {waiting.size}"]
    if waiting.state != "open":
        lines.append(f"{waiting.state}: {waiting.reason}")
    lines.append(f"base: {waiting.base}")
    if run.passed is not None:
        lines.append(f"tests before: {run.passed} passed, {len(run.red)} failed")
    if waiting.verified:
        lines.append(f"tests with it: {waiting.verified}")
    return lines


def commit_lines(commit: Commit, story: Story, place: str) -> list[str]:
    """What one commit is, and what was tried before it."""
    lines = ["", f"{place} {commit.sha[:10]} {subject(commit)}"]
    sure = confidence(commit)
    verified = commit.trailers.get("Ocode-Verified")
    lines += [f"  by {commit.trailers.get('Ocode-Solver', '?')}" + (f", verified: {verified}" if verified else "")]
    lines += [f"  how sure: {sure}"] if sure else []
    refused = [one for one in story.tried if one.reason]
    told = [f"  refused: {one.solver}: {one.summary}: {one.reason}" for one in refused if one.solver != "rules"][
        -SHOWN:
    ]
    lines += [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in told]
    if len(refused) > len(told):
        lines.append(f"  refused: {len(refused) - len(told)} {'more' if told else 'proposals'}; ocode show tells why")
    if story.exchanges:
        took = sum(one.seconds for one in story.exchanges)
        lines.append(f"  asked {story.exchanges[-1].model} {len(story.exchanges)} times, {took:.1f} s")
    return lines


def prompt_lines(story: Story) -> list[str]:
    """What models were told and said."""
    lines: list[str] = []
    for one in story.exchanges:
        lines += [f"--- asked {one.model}:", one.asked, f"--- answer after {one.seconds:.1f} s:", one.answered]
        lines += [f"--- not used: {one.refused}"] if one.refused else []
    return lines or ["no model was asked for this commit, or the transcript is gone"]


def coloured(diff: str, colour: bool) -> str:
    """A diff with colours, where they are wanted."""
    return "\n".join(_coloured(diff.splitlines())) if colour else diff.rstrip("\n")


def _coloured(lines: Sequence[str]) -> Iterator[str]:
    import click

    for line in lines:
        bold = line.startswith(("diff --git", "--- ", "+++ "))
        yield click.style(line, fg=None if bold else _STYLES.get(line[:1]), bold=bold or None)
