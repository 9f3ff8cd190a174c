"""One branch as a page: a single file of HTML without a script or anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files as resources

from ocode_bot.review.listing import Waiting, confidence, subject
from ocode_bot.review.sides import File, Hunk, Pair
from ocode_bot.review.story import Run, Story
from ocode_bot.version import VERSION
from ocode_tools.ledger.reading import Commit

# Whatever a diff or an answer holds is text: no script, no picture, no style from elsewhere (CSP level 3).
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(waiting: Waiting, run: Run, parts: Sequence[tuple[Commit, Sequence[File]]]) -> str:
    """The page of a branch: `parts` are its commits, oldest first, each with its files."""
    style = resources("ocode_bot.review").joinpath("page.css").read_text("utf-8")
    body = "\n".join([_head(waiting, run), *(_commit(commit, files, run) for commit, files in parts), _foot(run)])
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(waiting.branch)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(waiting: Waiting, run: Run) -> str:
    state = "" if waiting.state == "open" else f", {waiting.state}: {waiting.reason}"
    facts = [
        ("task", waiting.task),
        ("changes", waiting.size),
        ("base", f"{waiting.base}{state}"),
        ("sandbox", str(run.report.get("sandbox") or "")),
        ("tests run as", str(run.report.get("test_command") or "")),
        ("how sure", waiting.sure),
        ("accept", f"ocode accept {waiting.branch}"),
        ("reject", f"ocode reject {waiting.branch}"),
    ]
    rows = "".join(f"<tr><th>{name}</th><td>{_code(name, value)}</td></tr>" for name, value in facts if value)
    tests = _tests(waiting, run)
    return f'<h1>{_safe(waiting.branch)}</h1>\n<div class="top"><table>{rows}</table>\n<div>{tests}</div></div>'


def _code(name: str, value: str) -> str:
    return f"<code>{_safe(value)}</code>" if name in ("accept", "reject", "tests run as") else _safe(value)


def _tests(waiting: Waiting, run: Run) -> str:
    if run.passed is None:
        return f'<p class="dim">Verified: {_safe(waiting.verified) or "not told"}.</p>'
    after = [story for story in run.stories.values() if story.passed is not None]
    last = after[-1] if after else Story()
    rows = [("before", run.passed, len(run.red)), ("with this branch", last.passed, last.failed)]
    cells = "".join(
        f'<tr><th>{name}</th><td class="good">{_number(passed)} passed</td>'
        f'<td class="{"bad" if failed else "dim"}">{_number(failed)} failed</td></tr>'
        for name, passed, failed in rows
    )
    red = "".join(f"<li><code>{_safe(test)}</code></li>" for test in run.red)
    listed = f"<details><summary>red before</summary><ul>{red}</ul></details>" if red else ""
    return f"<table><tr><th>tests</th></tr>{cells}</table>{listed}"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


def _commit(commit: Commit, files: Sequence[File], run: Run) -> str:
    story = run.stories.get(commit.sha, Story())
    text = commit.message.partition("\n")[2].strip()
    solver = commit.trailers.get("Ocode-Solver", "")
    verified = commit.trailers.get("Ocode-Verified", "")
    facts = ", ".join(filter(None, [commit.sha[:10], solver and f"by {solver}", verified]))
    took = f", {story.seconds:.1f} s" if story.seconds else ""
    sure = f'<p class="dim">how sure: {_safe(confidence(commit))}</p>\n' if confidence(commit) else ""
    told = f"<details><summary>message</summary><pre>{_safe(text)}</pre></details>" if text else ""
    return (
        f'<section>\n<h2>{_safe(subject(commit))}</h2>\n<p class="dim">{_safe(facts)}{took}</p>\n{sure}{told}'
        f"{''.join(map(_file, files))}\n{_verdicts(story)}{_talk(story)}</section>"
    )


def _file(file: File) -> str:
    size = file.note or f"+{file.added} -{file.removed}"
    head = f'<div class="file"><span>{_safe(file.path)}</span><span class="dim">{_safe(size)}</span></div>'
    return f'{head}\n<div class="diff">{"".join(map(_hunk, file.hunks))}</div>\n'


def _hunk(hunk: Hunk) -> str:
    where = f'<div class="where">{_safe(hunk.where) or "&middot;&middot;&middot;"}</div>\n'
    return where + "".join(map(_pair, hunk.pairs))


def _pair(pair: Pair) -> str:
    old, new = (f'<span class="n {side}">{n or ""}</span>' for side, n in (("old", pair.old), ("new", pair.new)))
    before, after = (
        f'<span class="{side}">{_safe(t)}</span>' for side, t in (("old", pair.before), ("new", pair.after))
    )
    return f'<div class="row {pair.kind}">{old}{before}{new}{after}</div>\n'


def _verdicts(story: Story) -> str:
    if not story.tried:
        return ""
    rows = "".join(
        f'<tr><td>{_safe(one.solver)}</td><td>{_safe(one.summary)}</td><td class="{"bad" if one.reason else "good"}">'
        f"{_safe(one.reason) or 'passed'}</td></tr>\n"
        for one in story.tried
    )
    return (
        f"<details><summary>{len(story.tried)} proposals tried</summary>\n"
        '<table class="wide"><thead><tr><th>by</th><th>what</th><th>verdict</th></tr></thead>'
        f"{rows}</table></details>\n"
    )


def _talk(story: Story) -> str:
    if not story.exchanges:
        return ""
    told = _lines(
        f"<p><b>{_safe(one.model)}</b>, {one.seconds:.1f} s{_refused(one.refused)}</p>"
        f"<pre>{_safe(one.asked)}</pre><pre>{_safe(one.answered)}</pre>"
        for one in story.exchanges
    )
    return f"<details><summary>{len(story.exchanges)} questions to a model</summary>{told}</details>\n"


def _refused(reason: str) -> str:
    return f': <span class="bad">not used: {_safe(reason)}</span>' if reason else ""


def _foot(run: Run) -> str:
    seconds = run.report.get("seconds")
    took = f", {seconds:.1f} s in all" if isinstance(seconds, (int, float)) else ""
    return f'<p class="dim">run {_safe(run.id)}{took}; ocode {VERSION}</p>'


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _safe(text: str) -> str:
    return escape(text)
