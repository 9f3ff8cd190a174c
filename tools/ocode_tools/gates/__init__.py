"""The static gates in their order.

A gate is a pure function of a proposal and its context; linters, which need a process, are in `linters`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ocode_tools.edits import Proposal
from ocode_tools.gates.base import Context, Gate, Refusal
from ocode_tools.gates.cheats import learns_nothing
from ocode_tools.gates.names import keeps_code, keeps_names, parses
from ocode_tools.gates.tricks import plays_fair


def in_scope(proposal: Proposal, context: Context) -> str | None:
    """Only files that the context's scope allows are changed; an edit elsewhere is refused, not trimmed."""
    return next((why for edit in proposal.edits if (why := context.scope.why_not(edit.path))), None)


GATES: Mapping[str, Gate] = {
    "parses": parses,
    "scope": in_scope,
    "names": keeps_names,
    "stubs": keeps_code,
    "literals": learns_nothing,
    "tricks": plays_fair,
}


def judge(proposal: Proposal, context: Context) -> Refusal | None:
    """The first gate that refuses a proposal and its reason in one line; None when all let it pass."""
    for name, gate in GATES.items():
        if reason := gate(proposal, context):
            return Refusal(name, reason)
    return None
