"""Work that came to the user's branch, whichever way it took, is recognised in a real repository."""

from __future__ import annotations

import pytest

from branches import CODE, FIXED, REF, Scene, ways_in
from repos import MakeRepo


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
