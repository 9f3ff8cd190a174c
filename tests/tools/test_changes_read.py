"""What a commit changes, as read from real repositories."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ocode_tools.changes import Change, Commit, Kind, Range, Staged, read
from ocode_tools.changes.reading import FILE, FILES
from ocode_tools.git import Git, GitError
from repos import MakeRepo, Repo


def staged(repo: Repo, **variables: str) -> dict[str, Change]:
    """The staged files by path."""
    return {change.path: change for change in read(Git(repo.top, **variables), Staged()).files}


def add(repo: Repo, path: str, text: str | bytes) -> None:
    """Write and stage one file."""
    repo.write(path, text)
    repo.git("add", "--", path)


def test_an_empty_diff_has_no_files(make_repo: MakeRepo) -> None:
    assert read(Git(make_repo({"a.py": "x = 1\n"}).top), Staged()).files == ()


def test_the_first_commit_is_read_against_nothing(make_repo: MakeRepo) -> None:
    repo = make_repo({}, commit=False)
    add(repo, "a.py", "x = 1\n")
    found = staged(repo)["a.py"]
    assert (found.status, found.before, found.after, found.added, found.removed) == ("added", None, "x = 1\n", 1, 0)


@pytest.mark.parametrize(
    "name",
    [
        b"two words.py",
        b"new\nline.py",
        b'qu"ote.py',
        b"tab\t.py",
        b"\xff\xfe.py",
        "é.py".encode(),
        b":colon.py",
        b"-x.py",
    ],
)
def test_any_name_is_read(make_repo: MakeRepo, name: bytes) -> None:
    repo = make_repo({"a.py": "x = 1\n"})
    path = os.fsdecode(name)
    (repo.top / path).write_text("y = 2\n")
    repo.git("add", "-A")
    found = staged(repo)
    assert list(found) == [path]
    assert (found[path].after, found[path].added) == ("y = 2\n", 1)


def test_a_rename_is_one_change_with_both_texts(make_repo: MakeRepo) -> None:
    repo = make_repo({"src/a.py": "".join(f"x{i} = {i}\n" for i in range(20))})
    repo.git("mv", "src/a.py", "src/b c.py")
    add(repo, "src/b c.py", (repo.top / "src/b c.py").read_text() + "y = 1\n")
    (found,) = staged(repo).values()
    assert (found.status, found.old_path, found.path) == ("renamed", "src/a.py", "src/b c.py")
    assert 90 < found.similarity < 100
    assert (found.added, found.removed) == (1, 0)
    assert found.before
    assert found.after == found.before + "y = 1\n"


def test_modes_links_and_kinds_of_entry(make_repo: MakeRepo) -> None:
    repo = make_repo({"run.sh": "ls\n", "was_file": "text\n", "other": "o\n"})
    repo.git("update-index", "--chmod=+x", "run.sh")
    (repo.top / "was_file").unlink()
    (repo.top / "was_file").symlink_to("run.sh")
    (repo.top / "link").symlink_to("other")
    repo.git("add", "was_file", "link")
    found = staged(repo)
    assert (found["run.sh"].status, found["run.sh"].new_mode, found["run.sh"].lines) == ("changed", "100755", 0)
    assert (found["was_file"].status, found["was_file"].unread) == ("retyped", "symbolic link")
    assert (found["link"].status, found["link"].new_mode, found["link"].after) == ("added", "120000", None)


def test_binary_files_have_sizes_and_no_text(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.txt": "a\n"})
    repo.write("logo.png", b"\x89PNG\0" * 100)
    repo.commit()
    add(repo, "logo.png", b"\x89PNG\0" * 300)
    (found,) = staged(repo).values()
    assert (found.binary, found.unread, found.old_size, found.new_size) == (True, "binary", 500, 1500)
    assert found.before is None


def test_a_submodule_is_one_entry(make_repo: MakeRepo) -> None:
    inner = make_repo({"x.py": "x = 1\n"}, name="inner")
    repo = make_repo({"a.py": "a = 1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "vendor/sub")
    repo.commit()
    first = repo.git("-C", "vendor/sub", "rev-parse", "HEAD").strip()
    Repo(repo.top / "vendor/sub").write("x.py", "x = 2\n")
    second = Repo(repo.top / "vendor/sub").commit()
    repo.git("add", "vendor/sub")
    (found,) = staged(repo).values()
    assert (found.submodule, found.old_id, found.new_id, found.unread) == (True, first, second, "submodule")


def test_only_what_will_be_committed_counts(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "a = 1\n", "b.py": "b = 1\n"})
    add(repo, "a.py", "a = 2\n")
    repo.write("a.py", "a = 3\n")
    repo.write("b.py", "b = 2\n")
    repo.write("new.py", "n = 1\n")
    repo.git("add", "--intent-to-add", "new.py")
    assert {path: change.after for path, change in staged(repo).items()} == {"a.py": "a = 2\n"}


def test_the_index_that_git_names_is_the_one_read(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "a = 1\n", "b.py": "b = 1\n"})
    add(repo, "a.py", "a = 2\n")
    other = tmp_path / "partial-index"
    shutil.copy(repo.top / ".git/index", other)
    repo.git("reset", "-q", "a.py")
    repo.write("b.py", "b = 2\n")
    assert list(staged(repo)) == []
    assert list(staged(repo, GIT_INDEX_FILE=str(other))) == ["a.py"]


def test_commits_and_ranges(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "a = 1\n"})
    git, first = Git(repo.top), repo.git("rev-parse", "HEAD").strip()
    repo.git("checkout", "-q", "-b", "side")
    repo.write("side.py", "s = 1\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("main.py", "m = 1\n")
    repo.commit()
    repo.git("merge", "-q", "--no-edit", "side")
    assert [change.path for change in read(git, Commit(first)).files] == ["a.py"]
    assert [change.path for change in read(git, Commit("HEAD")).files] == ["side.py"]
    assert [change.path for change in read(git, Range("main~1", "side")).files] == ["side.py"]
    assert [change.path for change in read(git, Range(first, "main")).files] == ["main.py", "side.py"]
    with pytest.raises(GitError):
        read(git, Commit("nobody"))


def test_configuration_of_the_user_changes_nothing(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "a = 1\n", ".gitattributes": "*.py diff=odd\n", "b.py": "b\n" * 20})
    for name, value in {
        "diff.external": f"touch {tmp_path}/ran",
        "diff.odd.textconv": f"touch {tmp_path}/ran;:",
        "diff.renames": "false",
        "diff.noprefix": "true",
        "diff.relative": "true",
        "color.ui": "always",
        "core.quotePath": "true",
        "log.showSignature": "true",
        "log.showRoot": "false",
        "log.follow": "true",
        "diff.orderFile": "no-such-file",
    }.items():
        repo.git("config", name, value)
    repo.git("mv", "b.py", "c.py")
    add(repo, "a.py", "a = 2\n")
    assert {path: change.status for path, change in staged(repo).items()} == {"a.py": "changed", "c.py": "renamed"}
    repo.git("notes", "add", "-m", "a note", "HEAD")
    assert [change.path for change in read(Git(repo.top), Commit("HEAD")).files] == [".gitattributes", "a.py", "b.py"]
    assert not (tmp_path / "ran").exists()


def test_lock_vendored_and_generated_files_are_facts_only(make_repo: MakeRepo) -> None:
    repo = make_repo({".gitattributes": "api/*.ts linguist-generated\nlib/other/** linguist-vendored=true\n"})
    for path in ("poetry.lock", "vendor/x.py", "api/client.ts", "lib/other/y.py", "z_pb2.py"):
        repo.write(path, "x = 1\n")
    repo.write("made.py", "# Code generated by maker. DO NOT EDIT.\nx = 1\n")
    repo.git("add", "-A")
    found = staged(repo)
    expected: dict[str, Kind] = {
        "api/client.ts": "generated",
        "lib/other/y.py": "vendored",
        "made.py": "generated",
        "poetry.lock": "lock",
        "vendor/x.py": "vendored",
        "z_pb2.py": "generated",
    }
    assert {path: change.kind for path, change in found.items()} == expected
    assert all(change.after is None and change.unread for change in found.values())


def test_a_large_file_is_listed_and_not_read(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "a = 1\n"})
    add(repo, "big.py", "x = 1\n" * (FILE // 6 + 1))
    add(repo, "a.py", "a = 2\n")
    found = staged(repo)
    assert (found["big.py"].unread, found["big.py"].after) == ("too large", None)
    assert found["big.py"].added == FILE // 6 + 1
    assert found["a.py"].after == "a = 2\n"


def test_of_many_files_the_source_is_read_first(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "a = 1\n"})
    for number in range(FILES + 10):
        repo.write(f"docs/{number:03}.md", "text\n")
    repo.write("src/z.py", "z = 1\n")
    repo.git("add", "-A")
    found = staged(repo)
    assert len(found) == FILES + 11
    assert found["src/z.py"].after == "z = 1\n"
    assert sum(change.unread == "too many files" for change in found.values()) == 11


def test_bytes_that_are_no_utf_8_come_as_surrogates(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "a = 1\n"})
    add(repo, "latin.py", b"# caf\xe9\r\n")
    assert staged(repo)["latin.py"].after == "# caf\udce9\r\n"
