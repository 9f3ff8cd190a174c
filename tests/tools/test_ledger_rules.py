"""Each rule of the contract in a real repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from branches import RUN, Grower, message
from ocode_tools.ledger import Landing, Ledger, State
from ocode_tools.repository import find
from repos import MakeRepo, Repo

REF = "refs/heads/ocode/fix/a-1a2b"
CODE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
FIXED = CODE.replace("return 1", "return 11")
DAY = 24 * 3600


class Scene:
    """A repository with one branch of ours, and a ledger that is opened anew for each question."""

    def __init__(self, repo: Repo) -> None:
        self.repo, self.grow = repo, Grower(repo)
        self.base = self.at("HEAD")
        self.now = float(self.grow.clock)
        self.said: list[str] = []
        self.tip = self.grow.land(REF, self.base, {"a.py": FIXED}, "key-1")

    def ledger(self, step: Callable[[str], None] = lambda _: None) -> Ledger:
        return Ledger(find(self.repo.top), say=self.said.append, clock=lambda: self.now, step=step)

    def at(self, name: str) -> str:
        return self.repo.git("rev-parse", name).strip()

    def record(self, tip: str, base: str, key: str = "key-1") -> None:
        with self.ledger() as ledger:
            ledger.record(Landing(REF, tip, base, "fix", key, RUN, onto="refs/heads/main"))

    def settle(self) -> tuple[State, str]:
        with self.ledger() as ledger:
            ledger.settle()
            row = ledger.row(REF)
            assert row is not None
            return row.state, row.reason

    def main(self, files: dict[str, str | None], said: str = "go on") -> str:
        """A commit of the user's on main."""
        sha = self.grow.commit([self.at("main")], files, said)
        self.grow.move("refs/heads/main", sha)
        return sha

    def kept(self) -> list[str]:
        """States that private refs name."""
        listed = self.repo.git("for-each-ref", "--format=%(refname)", "refs/ocode/closed/").splitlines()
        return [ref.split("/")[3] for ref in listed]

    def exists(self) -> bool:
        return self.repo.git("for-each-ref", REF) != ""


@pytest.fixture(params=["recorded", "found"])
def scene(request: pytest.FixtureRequest, make_repo: MakeRepo) -> Scene:
    """A branch that a landing told of, and one that the ledger has to find by itself."""
    made = Scene(make_repo({"a.py": CODE, "b.py": "b\n"}))
    if request.param == "recorded":
        made.record(made.tip, made.base)
    return made


@pytest.fixture
def plain(make_repo: MakeRepo) -> Scene:
    """A branch that a landing told of."""
    made = Scene(make_repo({"a.py": CODE, "b.py": "b\n"}))
    made.record(made.tip, made.base)
    return made


def test_a_branch_that_merges_is_left_alone(plain: Scene) -> None:
    assert plain.settle() == ("open", "")
    plain.main({"b.py": "moved on\n"})
    assert plain.settle() == ("open", "")
    assert plain.at(REF) == plain.tip


def test_one_that_conflicts_is_made_again_twice_then_stale(plain: Scene) -> None:
    for number in range(2):
        base = plain.main({"a.py": CODE.replace("return 1", f"return {number + 5}")})
        with plain.ledger() as ledger:
            assert [row.ref for row in ledger.settle().again] == [REF]
            ledger.begin_again(REF)
        new = plain.grow.land(REF, base, {"a.py": FIXED}, "key-1")
        plain.record(new, base)
        assert plain.settle() == ("open", "")
    plain.main({"a.py": CODE.replace("return 1", "return 9")})
    assert plain.settle() == ("stale", "conflicts, and was made again 2 times")
    assert plain.exists()


@pytest.mark.parametrize("how", ["commit", "amend", "rebase"])
def test_a_human_hand_freezes_it(plain: Scene, how: str) -> None:
    plain.settle()
    said = message("Mend it", plain.base, "key-1")
    if how == "commit":
        theirs = plain.grow.commit([plain.tip], {"b.py": "mine\n"}, "mine")
    elif how == "amend":
        theirs = plain.grow.commit([plain.base], {"a.py": FIXED + "# mine\n"}, said, edited=True)
    else:
        theirs = plain.grow.commit([plain.main({"b.py": "2\n"})], {"a.py": FIXED}, said, edited=True)
    plain.grow.move(REF, theirs, f"commit ({how}): Mend it")
    assert plain.settle()[0] == "frozen"
    plain.main({"a.py": "all else\n"})
    with plain.ledger() as ledger:
        ledger.lost("key-1", "the cause is gone")
        assert ledger.settle().again == ()
        assert not ledger.end(REF, "rejected", "no")
    assert plain.settle() == ("frozen", "the cause is gone; the branch is left, as somebody changed it")
    assert plain.at(REF) == theirs
    plain.grow.move(REF, plain.tip, "reset: moving back")
    assert plain.settle()[0] == "closed"


@pytest.mark.parametrize("how", ["lost ledger", "kept ledger"])
def test_an_amend_is_seen_without_the_ledger(plain: Scene, how: str) -> None:
    said = message("Mend it", plain.base, "key-1")
    theirs = plain.grow.commit([plain.base], {"a.py": FIXED + "# mine\n"}, said, edited=True)
    plain.repo.git("update-ref", REF, theirs)
    plain.repo.git("reflog", "expire", "--expire=now", REF)
    if how == "lost ledger":
        (plain.repo.top / ".git/ocode/ledger.sqlite").unlink()
    assert plain.settle()[0] == "frozen"
    assert plain.at(REF) == theirs


def ways_in(scene: Scene) -> dict[str, Callable[[], str]]:
    """How work comes to main, by name; each returns main's new tip."""
    said = message("Mend it", scene.base, "key-1")
    other: dict[str, str | None] = {"b.py": "elsewhere\n"}
    grow = scene.grow
    return {
        "fast-forward": lambda: scene.tip,
        "merge": lambda: grow.commit([scene.main(other), scene.tip], {"a.py": FIXED}, "Merge"),
        "rebase": lambda: grow.commit([scene.main(other)], {"a.py": FIXED}, said),
        "reworded pick": lambda: grow.commit([scene.main(other)], {"a.py": FIXED}, "All my own work"),
        "squash with the message": lambda: grow.commit(
            [scene.main(other)],
            {"a.py": FIXED, "b.py": "more\n"},
            "Merge pull request\n\n* " + said.replace("\n", "\n    ") + "\nafter",
        ),
        "as part of more": lambda: grow.commit([scene.main(other)], {"a.py": FIXED, "c.py": "c\n"}, "A lot at once"),
    }


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("fast-forward", "merged into main"),
        ("merge", "merged into main"),
        ("rebase", "each change is in main (by its key)"),
        ("reworded pick", "each change is in main (by its patch id)"),
        ("squash with the message", "each change is in main (by its key)"),
        ("as part of more", "nothing of it is left to merge into main"),
    ],
)
def test_merged_work_is_put_away(scene: Scene, how: str, says: str) -> None:
    scene.grow.move("refs/heads/main", ways_in(scene)[how]())
    assert scene.settle() == ("accepted", says)
    assert (scene.exists(), scene.kept()) == (False, ["accepted"])
    with scene.ledger() as ledger:
        assert ledger.rejected("key-1", scene.base) is None


def test_two_changes_squashed_into_one_commit(plain: Scene) -> None:
    more = FIXED.replace("return 2", "return 22")
    second = plain.grow.land(REF, plain.base, {"a.py": more}, "key-2", tip=plain.tip)
    plain.record(second, plain.base, "key-2")
    squash = plain.grow.commit([plain.main({"b.py": "2\n"})], {"a.py": more}, "Both")
    plain.grow.move("refs/heads/main", plain.grow.commit([squash], {"a.py": more + "# on\n"}, "on"))
    assert plain.settle() == ("accepted", "squashed into main")


def test_one_of_two_changes_is_taken(plain: Scene) -> None:
    second = plain.grow.land(REF, plain.base, {"b.py": "2\n"}, "key-2", tip=plain.tip)
    plain.record(second, plain.base, "key-2")
    plain.grow.move("refs/heads/main", plain.grow.commit([plain.base], {"b.py": "2\n"}, "picked"))
    assert plain.settle() == ("open", "")
    with plain.ledger() as ledger:
        assert {c.key: c.state for c in ledger.changes(REF)} == {"key-1": "open", "key-2": "accepted"}
        ledger.answer(REF, ["key-1"], "rejected", "no")
    assert plain.settle()[0] == "accepted"
    assert not plain.exists()


def test_merged_but_changed_by_hand_is_left(plain: Scene) -> None:
    theirs = plain.grow.commit([plain.tip], {"b.py": "mine\n"}, "mine")
    plain.grow.move(REF, theirs)
    plain.grow.move("refs/heads/main", plain.tip)
    assert plain.settle() == ("accepted", "merged into main; the branch is left, as somebody changed it")
    assert plain.at(REF) == theirs


def test_deleted_unmerged_is_rejected_until_the_code_changes(plain: Scene) -> None:
    plain.settle()
    plain.repo.git("update-ref", "-d", REF)
    assert plain.settle() == ("rejected", "its branch was deleted unmerged")
    assert plain.kept() == ["rejected"]
    elsewhere = plain.main({"a.py": "import os\n\n\n" + CODE.replace("return 2", "return 3"), "b.py": "2\n"})
    there = plain.main({"a.py": CODE.replace("return 1", "return 1 + 0")})
    gone = plain.main({"a.py": None})
    with plain.ledger() as ledger:
        assert "remembered until the code changes: a.py" in (ledger.rejected("key-1", plain.base) or "")
        assert ledger.rejected("key-1", elsewhere)
        assert ledger.rejected("key-1", there) is None
        assert ledger.rejected("key-1", gone) is None
        assert ledger.rejected("key-2", plain.base) is None


def test_renaming_is_not_deleting(plain: Scene) -> None:
    plain.repo.git("branch", "-m", "ocode/fix/a-1a2b", "mine")
    assert plain.settle() == ("accepted", "merged into mine")
    assert plain.at("mine") == plain.tip


def test_rejecting_and_its_undo(scene: Scene) -> None:
    scene.settle()
    with scene.ledger() as ledger:
        assert ledger.end(REF, "rejected", "wrong place")
        assert "(wrong place)" in (ledger.rejected("key-1", scene.base) or "")
    assert (scene.exists(), scene.kept()) == (False, ["rejected"])
    assert scene.settle() == ("rejected", "wrong place")
    scene.repo.git("branch", "ocode/fix/a-1a2b", scene.tip)
    assert scene.settle() == ("open", "")
    assert scene.kept() == []
    with scene.ledger() as ledger:
        assert ledger.rejected("key-1", scene.base) is None


def test_a_gone_cause_closes_and_stays_reachable_for_thirty_days(scene: Scene) -> None:
    scene.settle()
    with scene.ledger() as ledger:
        ledger.lost("key-1", "the TODO is gone")
    assert scene.settle() == ("closed", "the TODO is gone")
    scene.now += 29 * DAY
    scene.settle()
    assert scene.kept() == ["closed"]
    scene.now += 2 * DAY
    with scene.ledger() as ledger:
        ledger.settle()
        assert ledger.rows() == []
    assert scene.kept() == []


def test_a_rejected_one_stays_reachable_until_its_code_changes(plain: Scene) -> None:
    plain.settle()
    with plain.ledger() as ledger:
        ledger.end(REF, "rejected", "no")
    plain.now += 300 * DAY
    plain.settle()
    assert plain.kept() == ["rejected"]
    plain.main({"a.py": "other\n"})
    with plain.ledger() as ledger:
        ledger.settle()
    assert plain.kept() == []


@pytest.mark.parametrize("where", ["here", "in another worktree"])
def test_a_checked_out_branch_is_never_touched(plain: Scene, where: str) -> None:
    plain.settle()
    if where == "here":
        plain.repo.git("switch", "-q", "ocode/fix/a-1a2b")
    else:
        plain.repo.git("worktree", "add", "-q", str(plain.repo.top.parent / "tree"), "ocode/fix/a-1a2b")
    plain.grow.move("refs/heads/main", ways_in(plain)["rebase"]())
    assert plain.settle() == ("accepted", "each change is in main (by its key); left: it is checked out")
    with plain.ledger() as ledger:
        assert not ledger.end(REF, "rejected", "no")
    assert plain.at(REF) == plain.tip


def test_looking_at_it_on_a_detached_head_is_not_merging(plain: Scene) -> None:
    plain.repo.git("checkout", "-q", plain.tip)
    assert plain.settle() == ("open", "")


def test_work_for_a_work_tree_is_never_in_conflict(make_repo: MakeRepo) -> None:
    scene = Scene(make_repo({"a.py": CODE}))
    shot = scene.grow.commit(
        [scene.base], {"a.py": CODE + "# mine\n"}, "Snapshot of the work tree\n\nOcode-Snapshot: x\n"
    )
    scene.record(scene.grow.land(REF, shot, {"a.py": FIXED + "# mine\n"}, "key-1"), shot)
    scene.main({"a.py": "all else\n"})
    assert scene.settle() == ("open", "")


def test_a_branch_of_the_users_below_the_prefix_is_theirs(plain: Scene) -> None:
    plain.repo.git("branch", "ocode/notes", plain.base)
    with plain.ledger() as ledger:
        ledger.settle()
        assert [row.ref for row in ledger.rows()] == [REF]


def test_a_name_that_the_user_took_over_is_forgotten(plain: Scene) -> None:
    plain.grow.move(REF, plain.grow.commit([plain.base], {"c.py": "mine\n"}, "mine"))
    with plain.ledger() as ledger:
        ledger.settle()
        assert ledger.rows() == []
    assert plain.exists()


def test_commits_without_a_key_are_known_by_what_they_change(plain: Scene) -> None:
    ref = "refs/heads/ocode/fix/bare"
    said = f"Mend\n\nOcode-Base: {plain.base}\nOcode-Run: r\n"
    sha = plain.grow.commit([plain.base], {"b.py": "2\n"}, said)
    plain.grow.move(ref, sha, "ocode fix: Mend")
    with plain.ledger() as ledger:
        ledger.settle()
        assert [change.key[:6] for change in ledger.changes(ref)] == ["patch-"]


def test_caps_count_what_the_ledger_knows(plain: Scene) -> None:
    for number in range(4):
        ref = f"refs/heads/ocode/fix/{number}"
        plain.grow.land(ref, plain.base, {f"{number}.py": "x\n"}, f"k{number}")
    with plain.ledger() as ledger:
        ledger.settle()
        assert ledger.may_open("todo", asked=False) == "5 branches wait already (at most 5); see ocode review"
        assert ledger.may_open("todo", asked=True) is None
