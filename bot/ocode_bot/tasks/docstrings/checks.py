"""pydoclint on the docstrings that are new, where the repository configures it."""

from __future__ import annotations

import re
import tomllib

from ocode_bot.ground import Ground
from ocode_bot.whole import Extra
from ocode_tools.docstrings.page import Page
from ocode_tools.edits import Proposal
from ocode_tools.source import SourceError
from ocode_tools.workspace import Lane

_FOUND = re.compile(r"^\s+(\d+): (DOC\d+): (.*)$", re.MULTILINE)


def pydoclint(ground: Ground) -> Extra | None:
    """The check, or None where pydoclint is not configured or the project's Python does not have it."""
    data = ground.workspace.read("pyproject.toml") or b""
    try:
        table = tomllib.loads(data.decode("utf-8", "replace")).get("tool", {})
    except tomllib.TOMLDecodeError:
        return None
    python = str(ground.suite.plan.python.executable)
    if "pydoclint" not in table:
        return None
    code, _ = ground.suite.tool(ground.workspace.lanes[0], [python, "-c", "import pydoclint"])
    if code != 0:
        ground.progress.step("pydoclint is configured but not installed here: its rules are not checked")
        return None

    def check(lane: Lane, proposal: Proposal) -> str | None:
        for edit in proposal.edits:
            _, said = ground.suite.tool(lane, [python, "-m", "pydoclint.main", "--quiet", edit.path])
            new = _new(edit.path, edit.before or b"", edit.after or b"")
            for line, code, text in _FOUND.findall(said.decode("utf-8", "replace")):
                if int(line) in new:
                    return f"{edit.path}:{line}: {code} {text[:160]}"
        return None

    return check


def _new(path: str, before: bytes, after: bytes) -> frozenset[int]:
    """The lines of the `def` and `class` of what has a docstring now and had none."""
    try:
        old, new = Page(path, before).units, Page(path, after).units
    except SourceError:
        return frozenset()
    pairs = zip(old, new, strict=False)
    return frozenset(now.line for was, now in pairs if was.doc is None and now.doc is not None)
