"""Each rule of the contract in a real repository."""

from __future__ import annotations

import pytest

from branches import CODE, FIXED, REF, Scene, message, ways_in
from repos import MakeRepo

DAY = 24 * 3600


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


def test_a_copy_that_somebody_made_is_theirs(plain: Scene) -> None:
    plain.repo.git("branch", "ocode/my-copy", plain.tip)
    with plain.ledger() as ledger:
        ledger.settle()
        assert {row.name: row.state for row in ledger.rows()} == {"ocode/fix/a-1a2b": "open", "ocode/my-copy": "frozen"}
        plain.grow.move("refs/heads/main", plain.tip)
        ledger.settle()
    assert not plain.exists()
    assert plain.at("ocode/my-copy") == plain.tip


def test_an_undo_is_seen_without_the_ledger(plain: Scene) -> None:
    with plain.ledger() as ledger:
        ledger.end(REF, "rejected", "no")
    plain.repo.git("branch", "ocode/fix/a-1a2b", plain.tip)
    (plain.repo.top / ".git/ocode/ledger.sqlite").unlink()
    assert plain.settle() == ("open", "")
    assert plain.kept() == []


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
        plain.now += 7200
        plain.repo.git("update-ref", "-d", "refs/heads/ocode/fix/0")
        plain.repo.git("update-ref", "-d", "refs/heads/ocode/fix/1")
        assert ledger.may_open("todo", asked=False) is None
    assert plain.said == [f"ocode/fix/{n}: rejected: its branch was deleted unmerged" for n in (0, 1)]
