"""What is said of new tests: to a model about those that were not taken, to people in commits and reports."""

from __future__ import annotations

from collections.abc import Sequence

from ocode_bot.message import Manner
from ocode_bot.report import Figures, Tested
from ocode_bot.tasks.tests.trial import Trial
from ocode_tools.changes import Change, Changes
from ocode_tools.drafts.scopes import scope_of
from ocode_tools.drafts.view import View
from ocode_tools.messages import compose
from ocode_tools.messages.header import Header
from ocode_tools.newtests.verdicts import Judged

SHOWN, LONG = 5, 600  # tests of which a model is told, characters of what is told of each
_TELLS = {
    "form": "Write plain test functions, short and complete.",
    "assertion": "Compare with the exact value that the code gives.",
    "danger": "Test the function itself, with plain values.",
    "does not run": "Mend the imports and the calls.",
    "fails": "The expected value is not what the code gives: read the code again. If you are sure that the code itself"
    " is wrong, answer the same test once more.",
    "useless": "Reach a line, a branch or a case that was not reached before.",
    "flaky": "Use only fixed values: no clock, no chance, no state that is left from another test.",
    "kills nothing": "The tests pass although the code is changed like this, so they check too little: choose an input"
    " for which the change gives another result, and compare with the exact value.",
    "slow": "Use smaller inputs.",
    "suite": "Leave no state behind.",
    "lint": "Keep to the style of the project.",
}


def feedback(judged: Sequence[Judged]) -> tuple[str, str]:
    """What was wrong with some tests, of each kind one first, and what to do about it."""
    bad = [(one.name, one.fault) for one in judged if one.fault]
    kinds = list(dict.fromkeys(fault.kind for _, fault in bad))
    firsts = [next((name, fault) for name, fault in bad if fault.kind == kind) for kind in kinds]
    lines: list[str] = []
    for name, fault in [*firsts, *(one for one in bad if one not in firsts)][:SHOWN]:
        shown = f"\n\n```diff\n{fault.shown}\n```\n" if fault.shown else ""
        lines.append(f"- `{name}`: {fault.reason[:LONG]}{shown}")
    return "\n".join(lines), " ".join(_TELLS[kind] for kind in kinds[:2])


def taken(judged: Sequence[Judged]) -> str:
    """Which tests were taken."""
    names = [f"`{one.name}`" for one in judged if one.fault is None]
    return f"Taken: {', '.join(names)}." if names else ""


def subject(manner: Manner, trial: Trial) -> str:
    """The first line of the commit, in the repository's style."""
    style = manner.style
    what = f"test {trial.goal.name}"
    if not style.conventional:
        return compose.fit(what.capitalize() if style.capital else what, style.limit)
    kind = "test" if "test" in style.policy.types or not style.policy.types else "chore"
    view = View(Changes((Change(trial.goal.path, trial.goal.path, "changed"),)))
    head = str(Header(kind, scope_of(view, kind, style), False, ""))
    return compose.fit(f"{head}cover {trial.goal.name}", style.limit)


def body(trial: Trial) -> str:
    """Why: what the tests reach and notice of the unit now and did before."""
    tests = "\n".join(f"  {test}" for test in trial.kept)
    lines, changes = scores(trial)
    return (
        f"Each fails when the body of {trial.goal.name} is gone or changed.\n\n"
        f"Coverage of {trial.goal.name}: {lines}.\nMutation score: {changes}.\n\n{tests}\n"
    )


def scores(trial: Trial) -> tuple[str, str]:
    """Coverage and mutation score of the unit, now and before."""
    lines, all_changes = len(trial.goal.lines), len(trial.changes)
    now, before = trial.known, trial.before
    covered = f"{len(now.lines)} of {lines} lines, {len(before.lines)} before"
    if not all_changes:
        return covered, "no statement of it can be changed"
    return covered, f"{len(now.killed)} of {all_changes} changes noticed, {len(before.killed)} before"


def tested(trial: Trial) -> Tested:
    """The same as numbers."""
    before, now = trial.before, trial.known
    return Tested(
        unit=trial.goal.key,
        coverage=Figures(before=len(before.lines), after=len(now.lines), of=len(trial.goal.lines)),
        mutation=Figures(before=len(before.killed), after=len(now.killed), of=len(trial.changes)),
    )


def how(trial: Trial) -> str:
    """The same in a few words."""
    count = len(trial.kept)
    covered, noticed = scores(trial)
    return f"{count} test{'s' if count > 1 else ''} in {trial.habits.path}: {covered}; {noticed}"
