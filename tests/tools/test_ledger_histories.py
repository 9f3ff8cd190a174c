"""Two hundred random histories against a model of the ledger: two branches, a main, a hand that does anything.

Refs are written as git's files backend lays them out (gitrepository-layout(5)), so that a history costs no process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branches import Grower, message
from ocode_tools.ledger import Landing, Ledger, State
from ocode_tools.repository import Repository, find
from ocode_tools.store import remove_tree
from repos import Repo

REFS = ("refs/heads/ocode/fix/a", "refs/heads/ocode/fix/b")
FILES = ("a.py", "b.py")
# Where main can be: what of the two branches' work is in it, and with whose it conflicts.
MERGED = {"start": "", "on": "", "merge": "0", "pick": "1", "squash": "01", "against": ""}
AGAINST = {"against": "0"}


@dataclass
class World:
    """A repository, the commits that histories move between, and its refs as files."""

    repo: Repo
    repository: Repository
    commits: dict[str, str]

    @property
    def git_dir(self) -> Path:
        return self.repo.top / ".git"

    def set(self, ref: str, name: str | None, said: str = "") -> None:
        file, log = self.git_dir / ref, self.git_dir / "logs" / ref
        if name is None:
            file.unlink(missing_ok=True)
            log.unlink(missing_ok=True)
            return
        for path in (file, log):
            path.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.commits[name] + "\n")
        with log.open("a") as reflog:
            reflog.write(f"{'0' * 40} {self.commits[name]} Test <test@example.org> 1767323045 +0000\t{said}\n")

    def stand(self, ref: str) -> None:
        (self.git_dir / "HEAD").write_text(f"ref: {ref}\n")

    def at(self, ref: str) -> str | None:
        """The name of the commit that a ref is at."""
        file = self.git_dir / ref
        names = {sha: name for name, sha in self.commits.items()}
        return names[file.read_text().strip()] if file.exists() else None

    def clear(self) -> None:
        for name in ("ocode", "refs/heads/ocode", "refs/ocode", "logs/refs"):
            remove_tree(self.git_dir / name)
        self.set("refs/heads/main", "start")
        self.stand("refs/heads/main")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    repo = Repo(tmp_path_factory.mktemp("world"))
    repo.git("init", "-q", "-b", "main")
    grow = Grower(repo)
    one = {name: f"{name} = 1\n" for name in FILES}
    commits = {"start": grow.commit([], dict(one), "start")}
    base = commits["start"]
    for number, file in enumerate(FILES):
        said = message(f"Mend {file}", base, f"key-{number}")
        ours = commits[f"ours{number}"] = grow.commit([base], {file: "mended\n"}, said)
        commits[f"commit{number}"] = grow.commit([ours], {"mine.py": f"{number}\n"}, "mine")
        commits[f"amend{number}"] = grow.commit([base], {file: "mended by me\n"}, said, edited=True)
    on = commits["on"] = grow.commit([base], {"c.py": "more\n"}, "on")
    commits["merge"] = grow.commit([on, commits["ours0"]], {"a.py": "mended\n"}, "Merge")
    commits["pick"] = grow.commit([on], {"b.py": "mended\n"}, "Take it")
    commits["squash"] = grow.commit([on], {"a.py": "mended\n", "b.py": "mended\n"}, "Both")
    commits["against"] = grow.commit([base], {"a.py": "otherwise\n"}, "against")
    repo.git("update-ref", "-d", "refs/test/made")
    return World(repo, find(repo.top), commits)


@dataclass
class Slot:
    """What the model knows of one branch: where it is, whether the ledger has heard of it, and its end."""

    where: str | None = None
    known: bool = False
    end: State | None = None
    gone: bool = False  # its cause
    tried: int = 0


@dataclass
class Model:
    """The contract in as few words as it takes."""

    slots: tuple[Slot, Slot] = field(default_factory=lambda: (Slot(), Slot()))
    main: str = "start"
    stands: int | None = None

    def settle(self) -> None:
        for number, slot in enumerate(self.slots):
            merged = str(number) in MERGED[self.main]
            end: State | None = "accepted" if merged else "closed" if slot.gone else None
            if slot.where is None and slot.known and slot.end is None:
                slot.end = end or "rejected"
            elif slot.where is not None:
                slot.known = True
                if slot.where == "ours" and slot.end and not merged:
                    slot.end, slot.gone, end = None, False, None  # brought back
                if slot.where == "ours" and end and self.stands != number:
                    slot.where, slot.end = None, end

    def state(self, number: int) -> State | None:
        slot = self.slots[number]
        merged = str(number) in MERGED[self.main]
        if slot.where is None:
            return slot.end
        if slot.where == "ours":
            if merged or slot.gone:
                return "accepted" if merged else "closed"
            return "stale" if str(number) in AGAINST.get(self.main, "") and slot.tried >= 2 else "open"
        return "accepted" if merged else "frozen"


ON_BRANCH = ("land", "land unrecorded", "commit", "amend", "drop", "reject", "reject", "lost", "again")
STEPS: list[tuple[str, int | str | None]] = [
    *((what, number) for what in ON_BRANCH for number in (0, 0, 1)),
    *(("main", where) for where in MERGED),
    ("main", "against"),
    *(("stand", number) for number in (None, 0, 0, 0, 0, 1)),
    *[("settle", None), ("lose the ledger", None)],
]
FIRST = st.sampled_from(["land", "land unrecorded"])


def run(world: World, model: Model, what: str, which: int | str | None) -> None:
    """Do one step in the repository and in the model."""
    if what == "main":
        model.main = str(which)
        world.set("refs/heads/main", model.main, "commit: on")
    elif what == "settle":
        settle(world, model)
    elif what == "lose the ledger":
        settle(world, model)  # what nobody had looked at is lost with it
        remove_tree(world.git_dir / "ocode")
        for slot in model.slots:
            slot.known, slot.tried, slot.gone = slot.where is None and slot.known, 0, False
    elif what == "stand":
        number = which if isinstance(which, int) and model.slots[which].where else None
        model.stands = number
        world.stand(REFS[number] if number is not None else "refs/heads/main")
    elif isinstance(which, int):
        on_branch(world, model, what, which)


def on_branch(world: World, model: Model, what: str, number: int) -> None:
    ref, slot = REFS[number], model.slots[number]
    if what.startswith("land") and slot.where is None and model.stands != number:
        if slot.known and slot.end is None:
            settle(world, model)  # a landing looks first
        slot.where, slot.known = "ours", slot.known or what == "land"
        world.set(ref, f"ours{number}", "ocode fix: mend")
        if what == "land":
            slot.end, slot.gone, slot.tried = None, False, 0
            with Ledger(world.repository) as ledger:
                base, tip = world.commits["start"], world.commits[f"ours{number}"]
                ledger.record(Landing(ref, tip, base, "fix", f"key-{number}", "20260102-030405-1a2b"))
    elif what in ("commit", "amend") and slot.where == "ours":
        settle(world, model)
        if slot.where == "ours":
            slot.where = what
            world.set(ref, f"{what}{number}", f"{what}: mine")
    elif what == "drop" and slot.where and model.stands != number:
        slot.where = None
        world.set(ref, None)
    elif what in ("reject", "lost", "again"):
        settle(world, model)
        answer(world, model, what, number)


def answer(world: World, model: Model, what: str, number: int) -> None:
    ref, slot = REFS[number], model.slots[number]
    with Ledger(world.repository) as ledger:
        if ledger.row(ref) is None or slot.where is None:
            return
        if what == "reject":
            done = ledger.end(ref, "rejected", "no")
            assert done == (slot.where == "ours" and model.stands != number)
            if done:
                slot.where, slot.end = None, "rejected"
        elif what == "lost" and slot.where == "ours" and model.state(number) in ("open", "stale"):
            ledger.lost(f"key-{number}", "gone")
            slot.gone = True
        elif what == "again":
            ledger.begin_again(ref)
            slot.tried += 1


def settle(world: World, model: Model) -> None:
    """One look; nothing but what the model says may have moved."""
    with Ledger(world.repository) as ledger:
        ledger.settle()
        model.settle()
        for number, (ref, slot) in enumerate(zip(REFS, model.slots, strict=True)):
            assert world.at(ref) == (slot.where and f"{slot.where}{number}"), ref
            row = ledger.row(ref)
            assert (row and row.state) == model.state(number), ref
        assert world.at("refs/heads/main") == model.main


def last_look(world: World, model: Model) -> None:
    """A second look finds nothing new, and what is rejected is remembered as long as its code is there."""
    settle(world, model)
    with Ledger(world.repository) as ledger:
        assert ledger.settle().lines == ()
        for number, slot in enumerate(model.slots):
            if slot.end == "rejected" and slot.where is None:
                assert ledger.rejected(f"key-{number}", world.commits["on"])
                assert not ledger.rejected(f"key-{number}", world.commits["squash"])


@settings(max_examples=200, deadline=None, suppress_health_check=(HealthCheck.function_scoped_fixture,))
@given(first=FIRST, steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=4))
def test_histories(world: World, first: str, steps: Sequence[tuple[str, int | str | None]]) -> None:
    world.clear()
    model = Model()
    for what, which in [(first, 0), *steps]:
        run(world, model, what, which)
    last_look(world, model)
