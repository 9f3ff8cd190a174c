"""The ledger's file: killed between any two steps, several processes at once, damaged, lost, not writable."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from branches import RUN, Grower
from ocode_tools.errors import SetupError
from ocode_tools.ledger import Landing, Ledger
from ocode_tools.repository import Repository, find
from repos import MakeRepo, Repo

REF = "refs/heads/ocode/fix/a-1a2b"


class Killed(Exception):
    """The process ended here."""


class Place:
    """A repository with one landing, and what can be done to its branch."""

    def __init__(self, repo: Repo) -> None:
        self.repo, self.grow = repo, Grower(repo)
        self.base = repo.git("rev-parse", "HEAD").strip()
        self.tip = self.grow.land(REF, self.base, {"a.py": "mended\n"}, "key-1")
        self.repository: Repository = find(repo.top)
        self.file = repo.top / ".git" / "ocode" / "ledger.sqlite"
        self.said: list[str] = []

    def ledger(self, step: Callable[[str], None] = lambda _: None) -> Ledger:
        return Ledger(self.repository, say=self.said.append, clock=lambda: 1_767_400_000.0, step=step)

    def record(self) -> None:
        with self.ledger() as ledger:
            ledger.record(Landing(REF, self.tip, self.base, "fix", "key-1", RUN, "pytest: 2 passed", "refs/heads/main"))

    def facts(self) -> tuple[object, ...]:
        """Everything that a person can see, after a look."""
        with self.ledger() as ledger:
            ledger.settle()
            rows = [(r.ref, r.task, r.base, r.tip, r.state, r.reason, r.run) for r in ledger.rows()]
            changes = [(c.key, c.state, c.sha) for r in ledger.rows() for c in ledger.changes(r.ref)]
            held = ledger.rejected("key-1", self.base)
        refs = self.repo.git("for-each-ref", "--format=%(refname) %(objectname)")
        return rows, changes, held, refs


@pytest.fixture
def place(make_repo: MakeRepo) -> Place:
    """One landing that nobody wrote down yet."""
    return Place(make_repo({"a.py": "broken\n"}))


def merge(place: Place, step: Callable[[str], None]) -> None:
    """The work arrives in main, and somebody looks."""
    place.repo.git("update-ref", "refs/heads/main", place.tip)
    with place.ledger(step) as ledger:
        ledger.settle()


def reject(place: Place, step: Callable[[str], None]) -> None:
    """Somebody rejects it."""
    with place.ledger(step) as ledger:
        assert ledger.end(REF, "rejected", "no")


def lose(place: Place, step: Callable[[str], None]) -> None:
    """The cause goes, and somebody looks."""
    with place.ledger(step) as ledger:
        ledger.lost("key-1", "gone")
        ledger.settle()


def drop(place: Place, step: Callable[[str], None]) -> None:
    """The branch is deleted, and somebody looks."""
    place.repo.git("update-ref", "-d", REF)
    with place.ledger(step) as ledger:
        ledger.settle()


def undo(place: Place, step: Callable[[str], None]) -> None:
    """A rejection is taken back, and somebody looks."""
    with place.ledger() as ledger:
        ledger.end(REF, "rejected", "no")
    place.repo.git("branch", REF.removeprefix("refs/heads/"), place.tip)
    with place.ledger(step) as ledger:
        ledger.settle()


@pytest.mark.parametrize("do", [merge, reject, lose, drop, undo])
def test_killed_after_any_step(do: Callable[[Place, Callable[[str], None]], None], make_repo: MakeRepo) -> None:
    whole = Place(make_repo({"a.py": "broken\n"}, name="whole"))
    whole.record()
    steps: list[str] = []
    do(whole, steps.append)
    assert len(steps) == 2
    wanted = whole.facts()
    for last in range(len(steps)):
        half = Place(make_repo({"a.py": "broken\n"}, name=f"half-{last}"))
        half.record()
        left = iter(range(last))

        def stop(_step: str, left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise Killed

        with pytest.raises(Killed):
            do(half, stop)
        assert half.facts() == wanted


def test_killed_between_ref_and_record(place: Place) -> None:
    found = place.facts()
    place.record()
    assert place.facts() == found
    second = place.grow.land(REF, place.base, {"b.py": "more\n"}, "key-2", tip=place.tip)
    with place.ledger() as ledger:
        ledger.settle()
        row = ledger.row(REF)
        assert row is not None
        assert (row.tip, row.state) == (second, "open")
        assert [change.key for change in ledger.changes(REF)] == ["key-1", "key-2"]


def test_a_lost_ledger_is_made_again_from_refs(place: Place) -> None:
    place.record()
    reject(place, lambda _: None)
    other = "refs/heads/my-own-name"
    place.grow.land(other, place.base, {"c.py": "c\n"}, "key-3")
    before = place.facts()
    place.file.unlink()
    assert place.facts() == before
    with place.ledger() as ledger:
        assert [row.ref for row in ledger.waiting()] == [other]


def damage_head(file: Path) -> None:
    file.write_bytes(b"not a database, but long enough to look at" * 100)


def damage_middle(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    file.write_bytes(data)


def drop_table(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE branches")
    db.close()


@pytest.mark.parametrize("damage", [damage_head, damage_middle, drop_table])
def test_a_broken_ledger_is_moved_aside(damage: Callable[[Path], None], place: Place) -> None:
    place.record()
    before = place.facts()
    damage(place.file)
    assert place.facts() == before
    assert len(place.said) == 1
    assert "the ledger was broken" in place.said[0]
    assert len(list(place.file.parent.glob("ledger.sqlite.broken-*"))) == 1


def test_an_empty_file_is_a_new_ledger(place: Place) -> None:
    place.file.parent.mkdir()
    place.file.touch()
    assert place.facts()[0] != []
    assert place.said == []


def test_a_newer_ledger_is_left_alone(place: Place) -> None:
    place.record()
    with sqlite3.connect(place.file) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(SetupError, match="is of a newer ocode"):
        place.ledger()


def test_a_place_that_cannot_be_written_is_one_line(place: Place) -> None:
    place.file.parent.write_text("a file where the folder should be")
    with pytest.raises(SetupError, match="cannot write"):
        place.ledger()


def test_several_at_once(place: Place) -> None:
    place.record()

    def look(number: int) -> None:
        with place.ledger() as ledger:
            ledger.settle()
            if number % 2:
                ledger.end(REF, "rejected", "no")

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(look, number) for number in range(6)]:
            done.result()
    with place.ledger() as ledger:
        assert [row.state for row in ledger.rows()] == ["rejected"]
    assert len(place.repo.git("for-each-ref", "refs/ocode/closed").splitlines()) == 1


def test_landings_beside_looks(place: Place) -> None:
    def land(number: int) -> None:
        ref = f"refs/heads/ocode/fix/n{number}"
        place.repo.git("update-ref", "--create-reflog", "-m", "ocode fix: mend", ref, place.tip)
        with place.ledger() as ledger:
            ledger.record(Landing(ref, place.tip, place.base, "fix", "key-1", RUN))
            ledger.settle()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(land, number) for number in range(8)]:
            done.result()
    with place.ledger() as ledger:
        ledger.settle()
        assert [row.state for row in ledger.rows()] == ["open"] * 9


def test_all_worktrees_share_it(place: Place) -> None:
    place.record()
    tree = place.repo.top.parent / "tree"
    place.repo.git("worktree", "add", "-q", "--detach", str(tree))
    with Ledger(find(tree)) as ledger:
        ledger.settle()
        assert [row.ref for row in ledger.rows()] == [REF]
