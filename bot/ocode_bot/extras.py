"""Gates that need a process in a prepared lane: the project's linters, and pre-commit where it was asked for."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from ocode_bot.job import Job
from ocode_bot.whole import Extra
from ocode_tools.edits import Proposal
from ocode_tools.errors import SetupError
from ocode_tools.gates import linters
from ocode_tools.suite import Suite
from ocode_tools.workspace import Lane, Workspace

HOOKS_FILE = ".pre-commit-config.yaml"


def extras(job: Job, workspace: Workspace, suite: Suite) -> Mapping[str, Extra]:
    """The checks of this job, by the name of their gate. Raises `SetupError` when --hooks cannot be kept."""
    known = {name: data for name in linters.CONFIG_FILES if (data := workspace.read(name)) is not None}
    config = {name: data.decode("utf-8", "replace") for name, data in known.items()}
    python = suite.plan.python

    def lint(lane: Lane, proposal: Proposal) -> str | None:
        def run(command: list[str], stdin: bytes) -> bytes | None:
            code, said = suite.tool(lane, command, stdin)
            return said if code == 0 else None

        return linters.no_worse(proposal, config, str(python.executable), run)

    checks: dict[str, Extra] = {}
    if any(linter.detect(config) for linter in linters.LINTERS.values()):
        checks["linters"] = lint
    if job.request.hooks:
        checks["hooks"] = _hooks(job, workspace, suite)
    return checks


def _hooks(job: Job, workspace: Workspace, suite: Suite) -> Extra:
    if workspace.read(HOOKS_FILE) is None:
        raise SetupError(f"--hooks: there is no {HOOKS_FILE} at the base; leave --hooks away")
    inside = "pre_commit" in suite.plan.python.modules
    program = shutil.which("pre-commit", path=job.environ.get("PATH"))
    if not inside and not program:
        raise SetupError("--hooks: pre-commit is neither in the project's Python nor on PATH; pip install pre-commit")
    start = [str(suite.plan.python.executable), "-m", "pre_commit"] if inside else [str(program)]
    home = job.environ.get("PRE_COMMIT_HOME") or str(
        Path(job.environ.get("HOME", "~")).expanduser() / ".cache/pre-commit"
    )

    def check(lane: Lane, proposal: Proposal) -> str | None:
        # The environments of the hooks are the user's, read only; their ledger is a copy, as pre-commit writes to it.
        private = lane.folder / "home" / "pre-commit"
        private.mkdir(exist_ok=True)
        if (Path(home) / "db.db").is_file():
            shutil.copyfile(Path(home) / "db.db", private / "db.db")
        files = [edit.path for edit in proposal.edits if edit.after is not None]
        command = [*start, "run", "--color=never", "--files", *files]
        code, said = suite.tool(lane, command, PRE_COMMIT_HOME=str(private))
        lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
        failed = next((line for line in lines if line.endswith("Failed")), lines[-1] if lines else "no output")
        return None if code == 0 else f"pre-commit: {failed}"

    return check
