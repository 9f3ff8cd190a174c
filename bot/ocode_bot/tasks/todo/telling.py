"""What a commit says of a resolved TODO."""

from __future__ import annotations

import re

from ocode_bot.message import Manner
from ocode_bot.report import one_line
from ocode_bot.tasks.todo.goals import Goal
from ocode_bot.tasks.todo.pruning import PRUNE
from ocode_bot.tasks.todo.witness import Witness
from ocode_tools.changes import Change, Changes
from ocode_tools.drafts.scopes import scope_of
from ocode_tools.drafts.view import View
from ocode_tools.edits import Proposal
from ocode_tools.messages import compose
from ocode_tools.messages.header import Header

_LONG = 400  # characters of a TODO that a commit repeats
_SAME = re.compile(r"(?i)(refactor|rename|simplif|clean|move|extract|split|merge|inline|deduplicat|reus)")


def subject(manner: Manner, goal: Goal, proposal: Proposal) -> str:
    """The first line, in the repository's style: what was to be done."""
    style, todo = manner.style, goal.todo
    said = proposal.summary.partition(" (")[0] if proposal.kind == PRUNE else one_line(todo.text)
    what = re.split(r"(?<=\w)[.;:](?:\s|\Z)| -- ", said)[0].strip(" .,;:")
    if not re.match(r"[A-Za-z]", what):
        what = f"resolve {todo.tag} in {todo.symbol or todo.path}"
    what = (what[:1].upper() if style.capital else what[:1].lower()) + what[1:]
    if not style.conventional:
        return compose.fit(what, style.limit)
    same = proposal.kind == PRUNE or bool(_SAME.match(what))
    kinds: tuple[str, ...] = ("refactor", "chore") if same else ("feat", "chore")
    kinds = ("fix", *kinds) if todo.tag in ("FIXME", "BUG") and not same else kinds
    types = style.policy.types
    kind = next((kind for kind in kinds if not types or kind in types), kinds[-1])
    view = View(Changes((Change(todo.path, todo.path, "changed"),)))
    return compose.fit(f"{Header(kind, scope_of(view, kind, style), False, '')}{what}", style.limit)


def body(goal: Goal, proposal: Proposal, witness: Witness) -> str:
    """Which TODO it was, and the test that fails without the change, or why there is none."""
    todo = goal.todo
    said = compose.wrap([one_line(f"{todo.head}: {todo.text}")[:_LONG]], 68)
    quoted = "\n".join(f"  {line}" for line in said.splitlines())  # no line of it can be taken for a trailer
    head = f"Resolves at {goal.place}:\n\n{quoted}\n\n"
    if proposal.kind == PRUNE:
        return head + compose.wrap([one_line(proposal.summary[:1].upper() + proposal.summary[1:])], 70) + "\n"
    if witness.tests:
        return head + "Fails without it:\n\n" + "\n".join(f"  {test}" for test in witness.tests) + "\n"
    return head + compose.wrap([f"No test that fails without it could be made: {one_line(witness.why)}."], 70) + "\n"
