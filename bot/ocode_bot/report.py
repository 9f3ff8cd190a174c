"""What a fix did, as one JSON document and as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ocode_bot.version import VERSION
from ocode_tools.warm.behaviour import Confidence

Status = Literal["fixed", "partial", "unfixed", "nothing", "interrupted", "error"]


class _Part(BaseModel):
    # Deferred: only the whole is built, not each part of it before, which takes as long again.
    model_config = ConfigDict(defer_build=True)


class Base(_Part):
    """Where the job started: a commit, or a snapshot of the work tree (`dirty`)."""

    sha: str = ""
    dirty: bool = False


class Verified(_Part):
    """The full run that a landing was judged by: the command, passed and failed tests."""

    command: str
    passed: int
    failed: int


class Sure(_Part):
    """How sure the rules are that a green edit is the right one, and why in one line."""

    level: Literal["high", "low"]
    reason: str


class Figures(_Part):
    """A count before and after, out of so many."""

    before: int
    after: int
    of: int


class Tested(_Part):
    """What the tests of a unit (`path::name`) reach and notice: its lines that run, its changes that turn one red."""

    unit: str
    coverage: Figures
    mutation: Figures


class Landed(_Part):
    """One commit of the branch; a model says nothing of its `confidence`, only new tests say what they `tested`."""

    sha: str
    subject: str
    solver: str
    verified: Verified
    confidence: Sure | None = None
    tested: Tested | None = None

    @classmethod
    def of(
        cls,
        sha: str,
        subject: str,
        solver: str,
        verified: Verified,
        sure: Confidence | None = None,
        tested: Tested | None = None,
    ) -> Landed:
        """A landing as it is reported."""
        told = Sure(level=sure.level, reason=one_line(sure.reason)) if sure else None
        return cls(sha=sha, subject=subject, solver=solver, verified=verified, confidence=told, tested=tested)


class Remaining(_Part):
    """A test that is still red, or another target that was not done, and why in one line."""

    id: str
    reason: str


class Tokens(_Part):
    """What models read and wrote, 0 where unknown."""

    prompt: int = 0
    completion: int = 0


class Problem(_Part):
    """Why the command ended early."""

    kind: Literal["usage", "environment", "unexpected"]
    message: str


class Report(_Part):
    """The document of a task's `--json`, always with every key; `processes` (test processes), `how` (what did each
    of `fixed`) and `drafts` (the diffs of a dry run) are for people."""

    version: str = VERSION
    status: Status = "error"
    base: Base = Field(default_factory=Base)
    interpreter: str = ""
    test_command: str = ""
    sandbox: str = ""
    model: str | None = None
    branch: str | None = None
    commits: list[Landed] = Field(default_factory=list[Landed])
    fixed: list[str] = Field(default_factory=list)
    remaining: list[Remaining] = Field(default_factory=list[Remaining])
    flaky: list[str] = Field(default_factory=list)
    model_calls: int = 0
    tokens: Tokens = Field(default_factory=Tokens)
    seconds: float = 0.0
    run: str = ""
    error: Problem | None = None
    processes: int = Field(default=0, exclude=True)
    how: dict[str, str] = Field(default_factory=dict, exclude=True)
    drafts: list[str] = Field(default_factory=list, exclude=True)

    def conclude(self, done: Mapping[str, str], left: Mapping[str, str]) -> None:
        """Fill in what was done and how, and what is left and why; both by id."""
        self.fixed, self.how = sorted(done), dict(done)
        self.remaining = [Remaining(id=name, reason=one_line(why)) for name, why in left.items()]
        if self.remaining:
            self.status = "partial" if done else "unfixed"
        else:
            self.status = "fixed" if done else "nothing"


def one_line(text: str) -> str:
    """A reason as one non-empty printable line."""
    line = " ".join("".join(c if c.isprintable() or c.isspace() else "?" for c in text).split())
    return line.encode("utf-8", "replace").decode() or "unknown"
