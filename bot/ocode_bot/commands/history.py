"""`ocode runs` and `ocode show`: what was done, from the folders that runs leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocode_bot import terminal
from ocode_bot.report import one_line
from ocode_tools import repository, store
from ocode_tools.errors import Exit

SHOWN = 20


def runs_command(start: Path, environ: Mapping[str, str], as_json: bool) -> Exit:
    """List the runs of the repository, newest first."""
    repo = repository.find(start)
    kept = [run.load() for run in reversed(store.runs(store.folders(repo, environ).runs))]
    if as_json:
        terminal.document({"runs": kept, "error": None})
        return Exit.DONE
    if not kept:
        terminal.talk("no runs yet; ocode fix makes one")
    rows = [
        (run["id"], str(run.get("status", "?")), str(run.get("branch") or "-"), _counts(run)) for run in kept[:SHOWN]
    ]
    terminal.table(("run", "status", "branch", "fixed / still red"), rows)
    if len(kept) > SHOWN:
        terminal.talk(f"(+{len(kept) - SHOWN} older; --json shows all)")
    return Exit.DONE


def show_command(start: Path, environ: Mapping[str, str], name: str, as_json: bool) -> Exit:
    """Show one run: its report, and each proposal with what became of it."""
    repo = repository.find(start)
    run = store.find_run(store.folders(repo, environ).runs, name)
    facts, events = run.load(), run.events()
    if as_json:
        terminal.document({"run": facts, "events": events, "error": None})
        return Exit.DONE
    lines = [f"run {run.id}: {facts.get('status', '?')}, base {str(_base(facts))[:10]}", f"folder {run.folder}"]
    for event in events:
        lines += _lines(event)
    terminal.out("\n".join(lines))
    return Exit.DONE


def _base(run: Mapping[str, Any]) -> object:
    base: Mapping[str, object] = run.get("base") or {}
    return base.get("sha", "?")


def _counts(run: Mapping[str, Any]) -> str:
    return f"{len(run.get('fixed') or [])} / {len(run.get('remaining') or [])}"


def _quoted(text: object) -> list[str]:
    return [f"      | {line}".rstrip() for line in str(text).strip().splitlines()]


def _lines(event: Mapping[str, Any]) -> list[str]:
    """One event for people; the diff of a proposal below its verdict."""
    match event.get("event"):
        case "plan":
            return [f"python {event.get('python')}", f"tests {event.get('command')}, sandbox {event.get('sandbox')}"]
        case "baseline":
            return [f"baseline: {event.get('passed')} passed, {len(event.get('red') or [])} red"]
        case "cause":
            suspects, tests = (", ".join(map(str, event.get(key) or [])) for key in ("suspects", "tests"))
            return ["", f"cause {event.get('key')}: {tests}", f"  suspects: {suspects}"]
        case "ask":
            last: Sequence[object] = (event.get("messages") or [["", ""]])[-1]
            return [f"  asked {event.get('model')}:", *_quoted(last[-1])]
        case "reply":
            cut = ", cut off" if event.get("cut") else ""
            return [f"  answer after {event.get('seconds')} s{cut}:", *_quoted(event.get("text"))]
        case "refused reply":
            return [f"  not used: {event.get('reason')}"]
        case "verdict":
            reason = one_line(str(event.get("reason") or "green"))
            diff = [f"      {line}" for line in str(event.get("diff", "")).splitlines() if line[:1] in "+-"]
            return [f"  {event.get('solver')} {event.get('kind')}: {event.get('summary')}: {reason}", *diff]
        case "full run":
            said = event.get("reason") or "may land"
            counts = f"{event['passed']} passed, {event['failed']} failed; " if "passed" in event else ""
            return [f"  whole suite: {counts}{said}"]
        case "landed":
            return [f"  landed {str(event.get('sha'))[:10]} {event.get('subject')}"]
        case _:
            return []
