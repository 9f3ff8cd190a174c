"""What git tells of branches: where they are, whose their tips are, and which commits of ours they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocode_tools.git import Git
from ocode_tools.ledger.base import STATES, State

HEADS, CLOSED = "refs/heads/", "refs/ocode/closed/"
DEEP = 300  # commits that are looked at below a tip
_TRAILER = re.compile(r"^[ \t]*(Ocode-[A-Za-z]+):[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_OURS = re.compile(r"ocode\b")
_REMOTE_HEADS = "refs/remotes/*/HEAD"
_FORM = "--format=%(objectname) %(refname) %(contents:trailers:key=Ocode-Run,valueonly,separator=%2C)"


@dataclass(frozen=True, slots=True)
class PutAway:
    """A private ref that keeps a closed branch reachable; `at` is in seconds since the epoch."""

    ref: str
    branch: str
    tip: str
    state: State
    at: int


@dataclass(frozen=True, slots=True)
class Refs:
    """All local branches and what remotes call theirs (`heads`), those of them whose tips say that ocode made them,
    private refs, and the branches that worktrees stand on."""

    heads: Mapping[str, str]
    signed: frozenset[str]
    put_away: tuple[PutAway, ...]
    standing: tuple[str, ...]

    def away(self, branch: str, tip: str) -> PutAway | None:
        """The latest private ref of a branch at a tip."""
        return max(self.all_away(branch, tip), key=lambda one: one.at, default=None)

    def all_away(self, branch: str, tip: str) -> list[PutAway]:
        """Every private ref of a branch at a tip."""
        return [one for one in self.put_away if (one.branch, one.tip) == (branch, tip)]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; `trailers` are those of ours, the last of each name, wherever they stand in the message."""

    sha: str
    parent: str
    authored: int
    committed: int
    message: str
    trailers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_ours(self) -> bool:
        """Whether it says that ocode made it."""
        return "Ocode-Run" in self.trailers and "Ocode-Base" in self.trailers


@dataclass(frozen=True, slots=True)
class Story:
    """The commits of ours that a branch holds, oldest first; `untouched`: none is another's, none was made anew."""

    commits: tuple[Commit, ...]
    untouched: bool

    @property
    def base(self) -> str:
        """Where the work started."""
        return self.commits[-1].trailers["Ocode-Base"]

    @property
    def tip(self) -> str:
        """The newest commit of ours."""
        return self.commits[-1].sha


def read_refs(git: Git) -> Refs:
    """Two questions to git, however many branches there are."""
    listed = git.text("for-each-ref", _FORM, HEADS, CLOSED, _REMOTE_HEADS)
    heads: dict[str, str] = {}
    signed: set[str] = set()
    away: list[PutAway] = []
    for line in listed.splitlines():
        sha, ref, *run = line.split(" ")
        if ref.startswith(CLOSED):
            away += [found] if (found := _put_away(ref, sha)) else []
        else:
            heads[ref] = sha
            signed |= {ref} if run != [""] else set()
    fields = git.names("worktree", "list", "--porcelain", "-z")
    standing = tuple(line.removeprefix("branch ") for line in fields if line.startswith("branch "))
    return Refs(heads, frozenset(signed), tuple(away), standing)


def away_ref(branch: str, tip: str, state: State, now: float) -> str:
    """The name of the private ref that a branch is put away under: state and time are read from it again."""
    return f"{CLOSED}{state}/{int(now)}-{tip[:10]}/{branch.removeprefix(HEADS)}"


def _put_away(ref: str, sha: str) -> PutAway | None:
    found = re.fullmatch(rf"{CLOSED}(\w+)/(\d+)-[0-9a-f]+/(.+)", ref)
    states: dict[str, State] = {state: state for state in STATES}
    if found is None or found[1] not in states:
        return None
    return PutAway(ref, HEADS + found[3], sha, states[found[1]], int(found[2]))


def commits(git: Git, *which: str) -> list[Commit]:
    """The commits that `git log` lists, newest first. Raises `GitError` for one that is not there."""
    form = "--format=%H%n%P%n%at%n%ct%n%B"
    listed = git.names("log", "-z", "--no-show-signature", "--no-notes", "--no-color", form, *which, "--")
    found: list[Commit] = []
    for entry in listed:
        sha, parents, authored, committed, message = entry.split("\n", 4)
        told: dict[str, str] = dict(_TRAILER.findall(message))
        found.append(Commit(sha, parents.partition(" ")[0], int(authored), int(committed), message, told))
    return found


def story(git: Git, tip: str) -> Story | None:
    """Our commits below `tip` down to their base, None where there is none."""
    walked = commits(git, "--first-parent", f"--max-count={DEEP}", tip)
    top = next((number for number, commit in enumerate(walked) if commit.is_ours), None)
    if top is None:
        return None
    base = walked[top].trailers["Ocode-Base"]
    mine: list[Commit] = []
    for commit in walked[top:]:
        if commit.sha == base or not commit.is_ours or commit.trailers["Ocode-Base"] != base:
            break
        mine.append(commit)
    fresh = all(commit.authored == commit.committed for commit in mine)
    return Story(tuple(reversed(mine)), fresh and top == 0 and mine[-1].parent == base)


def made_by_us(git: Git, ref: str) -> bool:
    """Whether the reflog of a branch begins with ocode, and nobody gave it another name since."""
    done = git.ask("log", "-g", "--no-show-signature", "--format=%gs", ref, "--")
    lines = [] if done.code else done.text.splitlines()
    renamed = any(line.startswith("Branch: renamed") for line in lines)
    return bool(lines) and _OURS.match(lines[-1]) is not None and not renamed


def last_move(git: Git, ref: str) -> str:
    """What the reflog says of the newest change of a ref, "" where there is no reflog."""
    done = git.ask("log", "-g", "--max-count=1", "--no-show-signature", "--format=%gs", ref, "--")
    return "" if done.code else done.text.strip()


def moved_by_us(git: Git, ref: str, found: Story, was_away: bool) -> bool:
    """Whether a branch is as ocode left it: its reflog says so, or, where it says nothing, its commits do.

    One that a person made at our tip is only ours if it is what was put away under that name (`was_away`).
    """
    said = last_move(git, ref)
    if said and not (was_away and said.startswith("branch: Created")):
        return _OURS.match(said) is not None and found.untouched
    return found.untouched
