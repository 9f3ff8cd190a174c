"""Unified diffs of single files: bounded, cut between hunks, harmless."""

from __future__ import annotations

import pytest

from ocode_tools.changes import Changes, Commit, Staged, read
from ocode_tools.changes.patches import cut, patch, patches
from ocode_tools.git import Git
from repos import MakeRepo, Repo

LINES = "".join(f"x{i} = {i}\n" for i in range(60))


def staged(repo: Repo) -> tuple[Git, Changes]:
    """Git and what is staged."""
    repo.git("add", "-A")
    git = Git(repo.top)
    return git, read(git, Staged())


def test_each_file_has_its_own_hunks(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": LINES, "moved.py": LINES, "c [1].py": "c = 1\n", "kind": "text\n"})
    repo.write("a.py", LINES.replace("x9 = 9\n", "x9 = 10\n").replace("x50 = 50\n", ""))
    repo.git("mv", "moved.py", "to.py")
    repo.write("to.py", LINES + "y = 1\n")
    repo.write("c [1].py", "c = 2\n")
    repo.write("c 1.py", "other = 1\n")
    repo.write("logo.png", b"\0\1")
    (repo.top / "kind").unlink()
    (repo.top / "kind").symlink_to("a.py")
    git, changes = staged(repo)
    found = patches(git, changes, ["a.py", "to.py", "c [1].py", "logo.png", "kind", "nobody"])
    assert sorted(found) == ["a.py", "c [1].py", "to.py"]
    assert found["c [1].py"] == "@@ -1 +1 @@\n-c = 1\n+c = 2\n"
    assert found["to.py"].endswith(" x59 = 59\n+y = 1\n")
    assert [line for line in found["a.py"].splitlines() if line[0] in "+-"] == ["-x9 = 9", "+x9 = 10", "-x50 = 50"]
    assert found["a.py"].count("@@ -") == 2


def test_the_patch_of_a_commit_and_of_odd_names(make_repo: MakeRepo) -> None:
    repo = make_repo({"a\nb.py": "x = 1\n"})
    repo.write("a\nb.py", "x = 2\n")
    repo.commit()
    git = Git(repo.top)
    assert patch(git, read(git, Commit("HEAD")), "a\nb.py") == "@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert patch(git, read(git, Commit("HEAD~1")), "a\nb.py") == "@@ -0,0 +1 @@\n+x = 1\n"


def test_text_that_hides_or_moves_the_cursor_is_made_harmless(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    repo.write("a.py", b"x = '\x1b[2J\x07\xe2\x80\xae\xff'\r\n\ty = 1\n")
    git, changes = staged(repo)
    assert patch(git, changes, "a.py") == "@@ -1 +1,2 @@\n-x = 1\n+x = '\ufffd[2J\ufffd\ufffd\ufffd'\n+\ty = 1\n"


HUNK = "@@ -1 +1 @@\n-one\n+two\n"


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        (HUNK * 2, 100, HUNK * 2),
        (HUNK * 9, 100, HUNK * 2 + "[... 7 more hunks]\n"),
        ("@@ -1 +1 @@\n" + "+x\n" * 100, 70, "@@ -1 +1 @@\n" + "+x\n" * 5 + "+x\n[... cut; 1 hunks in all]\n"),
        ("", 10, ""),
    ],
)
def test_a_patch_is_cut_between_hunks(text: str, most: int, expected: str) -> None:
    assert cut(text, most) == expected
    assert len(cut(text, most)) <= max(most, 0) + 20
