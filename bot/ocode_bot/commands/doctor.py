"""`ocode doctor`: what fix needs, whether it is there, and what mends it where it is not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ocode_bot import survey, terminal
from ocode_bot.prompting import Prompts
from ocode_bot.report import one_line
from ocode_bot.sections import Settings
from ocode_bot.settings import settings
from ocode_bot.testing import look
from ocode_tools import config, repository, sandbox, store
from ocode_tools.config import Loaded
from ocode_tools.errors import Exit, OcodeError, SetupError
from ocode_tools.git import Git
from ocode_tools.process import Cancel
from ocode_tools.repository import Repository
from ocode_tools.schema import SCHEMA

State = Literal["good", "warning", "bad"]
EXITS = {"good": Exit.DONE, "warning": Exit.REMAINS, "bad": Exit.ENVIRONMENT}
BUBBLEWRAP = "install bubblewrap (apt install bubblewrap, dnf install bubblewrap)"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and the command or change that mends it, if it needs mending."""

    name: str
    state: State
    said: str
    mend: str = ""


def doctor_command(start: Path, environ: Mapping[str, str], as_json: bool) -> Exit:
    """Look at everything in turn; where something is missing that the rest stands on, the rest is left out."""
    checks: list[Check] = []
    servers: list[survey.Server] = []
    for check in _checks(start, environ, servers):
        checks.append(check)
        if not as_json:
            said = f"{check.said}\n{' ' * 12}-> {check.mend}" if check.mend else check.said
            terminal.out(f"{check.state:8}{check.name}: {said}")
    states = [check.state for check in checks]
    status: State = "bad" if "bad" in states else "warning" if "warning" in states else "good"
    if as_json:
        server = asdict(servers[0]) if servers else None
        shown = [asdict(check) for check in checks]
        terminal.document({"status": status, "checks": shown, "server": server, "error": None})
    return EXITS[status]


def _checks(start: Path, environ: Mapping[str, str], servers: list[survey.Server]) -> Iterator[Check]:
    """Each thing that was looked at; the model server, if one is asked, is added to `servers`."""
    done = Git(start).ask("--version")
    if done.code:
        yield Check("git", "bad", "not found on PATH", "install git")
        return
    yield Check("git", "good", done.text.strip())
    repo: Repository | None = None
    try:
        repo = repository.find(start)
        repo.identity()
        refused = repo.why_not(repo.head())
        if refused:
            yield Check("repository", "bad", refused)
        else:
            yield Check("repository", "good", str(repo.top))
    except OcodeError as problem:
        yield _bad("repository", problem)
    try:
        loaded = config.require(config.load(SCHEMA, start=repo.top if repo else None, environ=environ))
        chosen = settings(loaded)
        Prompts(config.user_folder(environ) / "prompts").check()
    except OcodeError as problem:
        yield _bad("configuration", problem)
        return
    if repo:
        yield from _tests(repo, loaded, environ)
    yield _sandbox(chosen)
    if chosen.models.fix == "none" or "model" not in chosen.fix.solvers:
        yield Check("model", "good", "none wanted: rules alone")
    else:
        servers.append(survey.ask(chosen, loaded, environ, Cancel()))
        yield from _models(servers[0])


def _tests(repo: Repository, loaded: Loaded, environ: Mapping[str, str]) -> Iterator[Check]:
    try:
        head = repo.head()
        testing = look(repo, head, loaded, environ, store.folders(repo, environ).workspaces)
    except OcodeError as problem:
        yield _bad("tests", problem)
        return
    yield Check("python", "good", testing.python.label)
    yield Check("tests", "good", shlex.join(testing.runner.shown(testing.python)))
    if "coverage" not in testing.python.modules:
        yield Check("coverage", "good", "not installed for that Python: a slower tracer of ours stands in")


def _sandbox(chosen: Settings) -> Check:
    try:
        found = sandbox.choose(chosen.sandbox.level)
    except SetupError as problem:
        return _bad("sandbox", problem)
    if found.level == "bwrap":
        return Check("sandbox", "good", found.label)
    if chosen.sandbox.level == "off":
        return Check("sandbox", "warning", "switched off: tests may write anywhere", 'set sandbox.level = "best"')
    if found.level == "landlock":
        return Check("sandbox", "good", f"{found.label}; bubblewrap would keep more out")
    return Check("sandbox", "warning", f"{found.label}: tests may write anywhere", BUBBLEWRAP)


def _models(server: survey.Server) -> Iterator[Check]:
    if server.problem:
        yield Check("server", "warning", server.problem, "until then the rules work alone")
        return
    yield Check("server", "good", f"{server.endpoint} ({server.version})")
    if not server.models:
        yield Check("models", "warning", "none is installed", PULL)
        return
    for task, name, why in server.uses:
        state: State = "good" if name else "warning"
        model = next((model for model in server.models if model.name == name), None)
        facts = f" ({model.facts})" if model else ""
        yield Check(f"model for {task}", state, f"{name}{facts}: {why}" if name else why, "" if name else PULL)


PULL = "ollama pull qwen2.5-coder:7b"


def _bad(name: str, problem: OcodeError) -> Check:
    return Check(name, "bad", one_line(str(problem)))
