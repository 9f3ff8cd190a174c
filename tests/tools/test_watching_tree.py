"""What a look at a work tree sees, on real repositories: git is the truth."""

from __future__ import annotations

from ocode_tools import repository
from ocode_tools.watching import marks
from ocode_tools.watching.tree import Look, Tree
from repos import MakeRepo, Repo

MARKS = ("TODO(ocode)", "AI!")
START = {"a.py": "x = 1\n", "b.py": "y = 2  # TODO(ocode): count y\n", "c.py": "# TODO: some day\n"}


def tree(repo: Repo, everything: bool = False, *known: str) -> Tree:
    """A watched tree that was not looked at yet."""
    tags = marks.tags(MARKS, ("TODO", "FIXME"))
    return Tree(repository.find(repo.top), tags, marks.wanted(MARKS), everything, set(known))


def titles(look: Look) -> list[str]:
    """What there is to do."""
    return sorted(f"{cause.path}: {cause.title}" for cause in look.causes)


def test_what_is_marked_is_seen_at_first_and_in_each_save(make_repo: MakeRepo) -> None:
    repo = make_repo(START)
    one = tree(repo)
    first = one.look()
    assert titles(first) == ["b.py: TODO(ocode): count y"]
    assert (first.saved, first.before) == ((), "")
    assert not one.look().changed

    repo.write("a.py", "x = 1  # TODO(ocode): double x\n")
    second = one.look()
    assert titles(second) == ["a.py: TODO(ocode): double x", "b.py: TODO(ocode): count y"]
    assert second.saved == ("a.py",)

    repo.write("a.py", "x = 1  # TODO(ocode): triple x\n")
    assert titles(one.look())[0] == "a.py: TODO(ocode): triple x"
    repo.write("a.py", "x = 1\n")
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]


def test_a_save_that_changes_nothing_is_none(make_repo: MakeRepo) -> None:
    repo = make_repo(START)
    one = tree(repo)
    repo.write("a.py", "x = 1  # AI! double x\n")
    one.look()
    repo.write("a.py", "x = 1  # AI! double x\n")
    assert one.look().saved == ()


def test_an_atomic_save_a_rename_and_a_removal(make_repo: MakeRepo) -> None:
    repo = make_repo(START)
    one = tree(repo)
    keys = [cause.key for cause in one.look().causes]
    repo.write(".b.py.swp", "y = 2  # TODO(ocode): count y\n")
    repo.write("4913", "")
    (repo.top / "4913").unlink()
    (repo.top / ".b.py.swp").replace(repo.top / "b.py")
    assert [cause.key for cause in one.look().causes] == keys
    (repo.top / "b.py").rename(repo.top / "moved.py")
    moved = one.look()
    assert [cause.key for cause in moved.causes] == keys
    assert moved.causes[0].path == "moved.py"
    (repo.top / "moved.py").unlink()
    assert one.look().causes == ()


def test_a_commit_of_it_changes_nothing_and_a_switch_shows_the_other_branch(make_repo: MakeRepo) -> None:
    repo = make_repo(START)
    one = tree(repo)
    one.look()
    repo.write("a.py", "x = 1  # TODO(ocode): double x\n")
    before = one.look()
    repo.commit("with it")
    after = one.look()
    assert titles(after) == titles(before)
    assert after.saved == ()
    assert after.before != after.head
    repo.git("checkout", "-q", "-b", "other", "HEAD^")
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]
    repo.git("checkout", "-q", "main")
    back = one.look()
    assert titles(back) == titles(before)
    assert back.saved == ()


def test_ignored_files_submodules_and_other_repositories_are_left_alone(make_repo: MakeRepo) -> None:
    repo = make_repo({**START, ".gitignore": "build/\n"})
    inner = make_repo({"in.py": "# TODO(ocode): not mine\n"}, name="inner")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "sub")
    repo.commit("with a submodule")
    one = tree(repo)
    repo.write("build/out.py", "# TODO(ocode): built\n")
    repo.write("sub/in.py", "# TODO(ocode): still not mine\n")
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]


def test_thousands_of_files_at_once(make_repo: MakeRepo) -> None:
    repo = make_repo(START)
    one = tree(repo)
    one.look()
    for number in range(2100):
        repo.write(f"many/f{number}.py", f"n = {number}\n" + "# TODO(ocode): one of many\n" * (number == 2000))
    assert "many/f2000.py: TODO(ocode): one of many" in titles(one.look())


def test_with_all_what_is_new_counts_and_what_a_switch_brings_does_not(make_repo: MakeRepo) -> None:
    repo = make_repo(START)
    one = tree(repo, True)
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]
    repo.write("a.py", "x = 1  # TODO: say why\n")
    fresh = one.look()
    assert titles(fresh) == ["a.py: TODO: say why", "b.py: TODO(ocode): count y"]
    repo.commit("with it")
    assert titles(one.look()) == titles(fresh)
    repo.git("checkout", "-q", "-b", "other")
    repo.write("d.py", "# FIXME: later\n")
    repo.commit("another")
    repo.git("checkout", "-q", "main")
    one.look()
    repo.git("merge", "-q", "other")
    assert titles(one.look()) == titles(fresh)
    new = next(cause.key for cause in fresh.causes if cause.path == "a.py")
    assert titles(tree(repo, True, new).look()) == titles(fresh)


def test_before_the_first_commit_and_after_history_is_gone(make_repo: MakeRepo) -> None:
    repo = make_repo(START, commit=False)
    one = tree(repo)
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]
    repo.commit("first")
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]
    repo.git("checkout", "-q", "--orphan", "fresh")
    repo.git("commit", "-q", "-m", "anew")
    repo.git("branch", "-q", "-D", "main")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert titles(one.look()) == ["b.py: TODO(ocode): count y"]
