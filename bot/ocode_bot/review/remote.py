"""Sending one branch to a remote, and opening a pull or merge request there with the programs that people have."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ocode_bot.review.listing import Waiting, subject
from ocode_bot.review.scene import Ours
from ocode_bot.review.story import Run
from ocode_tools.errors import RefusedError, SetupError
from ocode_tools.git import Git, environment
from ocode_tools.ledger.reading import HEADS
from ocode_tools.process import hand_over
from ocode_tools.repository import Repository

PUSHED = "refs/ocode/pushed/"  # what we sent last, by remote and branch
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Target:
    """Where a branch goes: a remote's name and address, and the branch there that it is to be merged into."""

    remote: str
    url: str
    into: str


def choose(git: Git, onto: str) -> Target:
    """The remote as git-push(1) chooses it for the branch `onto` (a full ref name, or ""): its push remote, the
    default one, its upstream's, the only one. Raises `SetupError` where there is none."""
    name = onto.removeprefix(HEADS)

    def setting(key: str) -> str:
        return git.ask("config", "--get", key).text.strip()

    asked = [f"branch.{name}.pushRemote", "remote.pushDefault", f"branch.{name}.remote"]
    remotes = git.text("remote").splitlines()
    found = next((remote for key in asked if (remote := setting(key)) and remote != "."), "")
    remote = found or next((one for one in remotes if one == "origin"), "") or (remotes[0] if len(remotes) == 1 else "")
    if not remote:
        what = "several remotes and none is the default" if remotes else "no remote"
        raise SetupError(f"there is {what}; git remote add origin URL, or git config remote.pushDefault NAME")
    url = git.ask("remote", "get-url", "--push", "--", remote)
    return Target(remote, url.text.strip(), name or "main")


def send(repo: Repository, environ: Mapping[str, str], target: Target, ours: Ours) -> int:
    """Push this one branch, on the user's own terminal and through the user's own hooks; git's exit code.

    A branch there that is not an ancestor is only replaced where it is what we sent ourselves (`--force-with-lease`
    with its value, git-push(1)). Raises `RefusedError` where it is not, `SetupError` where the remote does not answer.
    """
    listed = repo.git.ask("ls-remote", "--", target.remote, ours.row.ref)
    if listed.code:
        lines = listed.err.decode("utf-8", "replace").strip().splitlines() or ["no answer"]
        raise SetupError(f"{target.remote} does not answer: {lines[-1]}")
    there = listed.text.partition("\t")[0].strip()
    lease: list[str] = []
    if there and repo.git.ask("merge-base", "--is-ancestor", there, ours.tip).code:
        mine = f"{PUSHED}{target.remote}/{ours.name}"
        if repo.sha(mine) != there:
            raise RefusedError(f"{target.remote} has other commits on {ours.name} ({there[:10]}); nothing was sent")
        lease = [f"--force-with-lease={ours.row.ref}:{there}"]
    command = ["git", "push", *lease, "--no-follow-tags", target.remote, f"{ours.tip}:{ours.row.ref}"]
    env = {name: value for name, value in environ.items() if name in environment(environ)}
    code = hand_over(command, cwd=repo.top, env=env)
    if code == 0:
        repo.git.out("update-ref", f"{PUSHED}{target.remote}/{ours.name}", ours.tip)
    return code


def program(target: Target, environ: Mapping[str, str]) -> Literal["gh", "glab"]:
    """Who opens the request: glab for an address that speaks of GitLab, else gh, else whichever there is.

    Raises `SetupError` where there is none.
    """
    names: Sequence[Literal["gh", "glab"]] = ("glab", "gh") if "gitlab" in target.url else ("gh", "glab")
    for name in names:
        if shutil.which(name, path=environ.get("PATH")):
            return name
    raise SetupError("neither gh nor glab is on PATH; install one, or leave --pr away and open the request by hand")


def request(
    name: Literal["gh", "glab"], repo: Repository, environ: Mapping[str, str], target: Target, ours: Ours, text: str
) -> int:
    """Open the request on the user's own terminal; the program's exit code."""
    title = subject(ours.commits[0]) if len(ours.commits) == 1 else f"{ours.row.task}: {subject(ours.commits[0])}"
    if name == "gh":
        words = ["pr", "create", "--head", ours.name, "--base", target.into, "--title", title, "--body", text]
    else:
        words = ["mr", "create", "--source-branch", ours.name, "--target-branch", target.into, "--title", title]
        words += ["--description", text, "--yes"]
    return hand_over([name, *words], cwd=repo.top, env=environ)


def body(facts: Waiting, run: Run, ours: Ours) -> str:
    """What the request says: the commits, the tests before and after, how sure, what was left."""
    lines = [f"Made by `ocode {facts.task}`.", ""]
    lines += [f"- {subject(commit)}" for commit in ours.commits[:SHOWN]]
    lines += [f"- and {len(ours.commits) - SHOWN} more"] if len(ours.commits) > SHOWN else []
    lines += ["", f"Tests with it: {facts.verified or 'not told'}."]
    if run.passed is not None:
        lines.append(f"Tests before: {run.passed} passed, {len(run.red)} failed.")
    if facts.sure:
        lines.append(f"Confidence of the rules: {facts.sure}.")
    left: Sequence[Mapping[str, object]] = run.report.get("remaining") or []
    if left:
        lines += ["", "Not done:"]
        lines += [f"- `{one.get('id')}`: {one.get('reason')}" for one in left[:SHOWN]]
    return "\n".join(lines) + "\n"
