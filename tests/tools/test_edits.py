"""Edits as data: the diff that git takes, writing below a folder and nowhere else, taking back."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unidiff.patch import PatchSet

from ocode_tools.edits import Edit, Proposal, RefusedEdit, apply, revert, shown
from ocode_tools.errors import SetupError

NAMES = st.sampled_from(
    ["a.py", "b c.txt", "é.py", "tab\tname", 'quo"te', "nl\nname", "back\\slash", "raw\udcff", "-x"]
)
PATHS = st.lists(st.sampled_from(["p", "q r", "deep"]), max_size=3).flatmap(
    lambda folders: NAMES.map(lambda name: "/".join([*folders, name]))
)
LINES = st.sampled_from(
    [b"one\n", b"two\r\n", b"three\r", b"\x0c\n", b"\n", b"\xff\xfe\n", b"x = 1\n", b"--- a\n", b"last"]
)
DATA = st.lists(LINES, max_size=12).map(b"".join)
MAYBE = st.one_of(st.none(), DATA, st.binary(max_size=40))


def proposal(*edits: Edit) -> Proposal:
    """A proposal of these edits."""
    return Proposal(edits, "rules", "operators", "compare with <= instead of <")


def files(top: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and mode of every file below `top`, by path."""
    return {
        str(file.relative_to(top)): (file.read_bytes(), file.stat().st_mode)
        for file in top.rglob("*")
        if file.is_file() and not file.is_symlink()
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def test_apply_writes_creates_and_removes(place: Path) -> None:
    (place / "old.py").write_bytes(b"x = 1\n")
    (place / "pkg").mkdir()
    (place / "pkg/gone.py").write_bytes(b"")
    edits = [Edit("old.py", b"x = 1\n", b"x = 2\r\n"), Edit("new/a.py", None, b"y\n"), Edit("pkg/gone.py", b"", None)]
    apply(place, edits)
    assert {path: data for path, (data, _) in files(place).items()} == {"old.py": b"x = 2\r\n", "new/a.py": b"y\n"}
    assert not (place / "pkg").exists()
    revert(place, edits)
    assert {path: data for path, (data, _) in files(place).items()} == {"old.py": b"x = 1\n", "pkg/gone.py": b""}
    assert not (place / "new").exists()


def test_a_file_keeps_its_mode_and_a_new_one_follows_the_umask(place: Path) -> None:
    (place / "run").write_bytes(b"#!/bin/sh\n")
    (place / "run").chmod(0o751)
    old = os.umask(0o027)
    try:
        apply(place, [Edit("run", b"#!/bin/sh\n", b"#!/bin/bash\n"), Edit("new", None, b"")])
    finally:
        os.umask(old)
    assert (place / "run").stat().st_mode & 0o777 == 0o751
    assert (place / "new").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "/etc/x",
        "a//b",
        "./a",
        "a/",
        "a/./b",
        "x\0y",
        "x\ud800",
        ".git/config",
        "a/.git/hooks/x",
        ".GIT/config",
        ".Git",
        ".git./x",
        ".git /x",
        "git~1/config",
        ".g\u200cit/config",
    ],
)
def test_a_path_outside_or_of_git_is_refused(place: Path, path: str) -> None:
    top = place / "top"
    top.mkdir()
    with pytest.raises(RefusedEdit) as refused:
        apply(top, [Edit("fine.py", None, b"x"), Edit(path, None, b"x")])
    assert "\n" not in str(refused.value)
    str(refused.value).encode()
    assert files(place) == {}


@pytest.mark.parametrize("path", [".gitignore", ".github/x.yml", "a.git/config", "..x", "x..", "-rf", "한글.py"])
def test_a_path_that_only_looks_odd_is_written(place: Path, path: str) -> None:
    apply(place, [Edit(path, None, b"x")])
    assert (place / path).read_bytes() == b"x"


def test_symbolic_links_are_never_followed(place: Path) -> None:
    top, outside = place / "top", place / "outside"
    (top / "tests").mkdir(parents=True)
    outside.mkdir()
    (outside / "x.py").write_bytes(b"safe\n")
    (top / "out").symlink_to(outside)
    (top / "leaf.py").symlink_to(outside / "x.py")
    (top / "alias").symlink_to("tests")
    (top / "dangling").symlink_to(place / "nowhere")
    for path, before in [
        ("out/x.py", b"safe\n"), ("out/new.py", None), ("leaf.py", b"safe\n"), ("alias/test_x.py", None),
        ("dangling", None),
    ]:  # fmt: skip
        with pytest.raises(RefusedEdit, match="symbolic link"):
            apply(top, [Edit(path, before, b"changed\n")])
    assert {path: data for path, (data, _) in files(place).items()} == {"outside/x.py": b"safe\n"}


def test_the_top_itself_may_be_a_link(place: Path) -> None:
    (place / "real").mkdir()
    (place / "link").symlink_to("real")
    apply(place / "link", [Edit("a", None, b"x")])
    assert (place / "real/a").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("a.py", b"other\n", b"y\n"), "a.py has changed; propose again from its present text"),
        (Edit("a.py", None, b"y\n"), "a.py is already there; propose again from its present text"),
        (Edit("no.py", b"x\n", b"y\n"), "no.py is not there; propose again from its present text"),
        (Edit("folder", None, b"y\n"), "folder is of the wrong kind; edit plain files only"),
        (Edit("a.py/b.py", None, b"y\n"), "a.py is of the wrong kind; edit plain files only"),
        (Edit("pipe", b"", b"y\n"), "pipe is of the wrong kind; edit plain files only"),
        (Edit("fine.py", None, b"twice"), "two edits of one file; propose one edit for each file"),
        (Edit("fine.py/x", None, b"y"), "fine.py cannot be a file and a folder; propose one of the two"),
        (Edit("n" * 300, None, b"y"), f"cannot read {'n' * 300}: File name too long; make it readable"),
    ],
)
def test_all_is_checked_before_the_first_write(place: Path, edit: Edit, said: str) -> None:
    (place / "a.py").write_bytes(b"x\n")
    (place / "folder").mkdir()
    os.mkfifo(place / "pipe")
    before = files(place)
    with pytest.raises(RefusedEdit) as refused:
        apply(place, [Edit("fine.py", None, b"x"), edit])
    assert str(refused.value) == said
    assert files(place) == before


def test_what_was_written_is_taken_back_when_the_disk_refuses(place: Path) -> None:
    (place / "a.py").write_bytes(b"x\n")
    before = files(place)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(SetupError) as refused:
            apply(place, [Edit("a.py", b"x\n", b"y\n"), Edit("new.py", None, b""), Edit("b.py", None, b"z" * 200)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(refused.value) == "cannot write b.py: File too large; make room or permission there"
    assert files(place) == before


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(PATHS, st.tuples(MAYBE, MAYBE), max_size=4))
def test_apply_and_revert_are_a_round_trip(wanted: dict[str, tuple[bytes | None, bytes | None]]) -> None:
    edits = [Edit(path, before, after) for path, (before, after) in wanted.items()]
    with tempfile.TemporaryDirectory() as folder:
        outer, top = Path(folder), Path(folder) / "top"
        top.mkdir()
        (outer / "beside").write_bytes(b"untouched")
        for edit in edits:
            if edit.before is not None:
                file = top / edit.path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(edit.before)
        before = files(outer)
        apply(top, edits)
        after = {path.removeprefix("top/"): data for path, (data, _) in files(outer).items() if path != "beside"}
        assert after == {edit.path: edit.after for edit in edits if edit.after is not None}
        revert(top, edits)
        assert files(outer) == before


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("./\\~ abgitGIT\0\n\u200c\udcff"), max_size=12))
def test_no_path_leads_outside_or_into_git(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "top"
        (top / ".git").mkdir(parents=True)
        try:
            apply(top, [Edit(path, None, b"x")])
        except RefusedEdit:
            assert list(files(Path(folder))) == []
        else:
            assert list((top / ".git").iterdir()) == []
            assert list(files(Path(folder))) == [f"top/{path}"]


@settings(max_examples=60, deadline=None)
@given(PATHS, st.one_of(st.none(), DATA), st.one_of(st.none(), DATA))
def test_git_takes_the_diff(path: str, before: bytes | None, after: bytes | None) -> None:
    text = proposal(Edit(path, before, after)).diff()
    if before == after:
        assert text == ""
        return
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        if before is not None:
            apply(top, [Edit(path, None, before)])
        patch = text.encode("utf-8", "surrogateescape")
        done = subprocess.run(["git", "apply", "-"], cwd=top, input=patch, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert {path: data for path, (data, _) in files(top).items()} == ({path: after} if after is not None else {})


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(PATHS, st.tuples(MAYBE, MAYBE), max_size=3))
def test_counts_are_those_of_the_diff(wanted: dict[str, tuple[bytes | None, bytes | None]]) -> None:
    made = proposal(*(Edit(path, before, after) for path, (before, after) in wanted.items()))
    added = removed = 0
    for edit in made.edits:
        if b"\0" not in (edit.before or b"") + (edit.after or b""):
            body = proposal(Edit("x", edit.before, edit.after)).diff().split("\n")
            hunks = body[next((n for n, line in enumerate(body) if line.startswith("@@")), len(body)) :]
            added += sum(line.startswith("+") for line in hunks)
            removed += sum(line.startswith("-") for line in hunks)
    assert made.counts == (added, removed)


def test_the_diff_reads_as_people_expect() -> None:
    made = proposal(Edit("b.py", b"a\nb\nc\n", b"a\nB\nc"), Edit("a b.py", None, b"x\n"), Edit("c.bin", b"\0", b"\1\0"))
    assert made.diff() == (
        "diff --git a/a b.py b/a b.py\nnew file mode 100644\n--- /dev/null\t\n+++ b/a b.py\t\n@@ -0,0 +1 @@\n+x\n"
        "diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1,3 +1,3 @@\n a\n-b\n-c\n+B\n+c\n"
        "\\ No newline at end of file\n"
        "diff --git a/c.bin b/c.bin\nBinary files a/c.bin and b/c.bin differ\n"
    )
    assert made.counts == (3, 2)
    assert len(PatchSet.from_string(proposal(made.edits[0]).diff())) == 1


def test_the_key_is_of_the_result_alone() -> None:
    one, two = Edit("a.py", b"1", b"2"), Edit("b.py", None, b"3")
    assert proposal(one, two).key == Proposal((two, one), "other", "kind", "words").key
    assert proposal(one).key == proposal(Edit("a.py", b"0", b"2")).key
    different = [
        (one,),
        (one, two),
        (Edit("a.py", b"1", None),),
        (Edit("a.py", b"1", b""),),
        (Edit("b.py", b"1", b"2"),),
    ]
    assert len({proposal(*edits).key for edits in different}) == len(different)
    assert proposal(Edit("a\udcff", None, b"")).key != proposal(Edit("a\ud800", None, b"")).key


def test_odd_paths_are_shown_on_one_line() -> None:
    assert shown("a b/é.py") == "a b/é.py"
    assert shown('a\n"\\\x01\udcff') == r'"a\n\"\\\001\377"'
