"""The private clone: the user's bytes come in, nothing of ours goes out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from door import changed, state
from ocode_tools.edits import Edit
from ocode_tools.errors import SetupError
from ocode_tools.repository import find
from ocode_tools.store import remove_tree
from ocode_tools.workspace import open_workspace, tidy
from repos import MakeRepo, Repo


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a tree but its `.git` marker."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".git"
    }


def test_it_holds_the_base_and_goes_away(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n", "päckage/odd 'name\"\n.py": "2\n"})
    base = repo.git("rev-parse", "HEAD").strip()
    repo.write("a.py", "changed later\n")
    with open_workspace(find(repo.top), tmp_path / "ws", base) as workspace:
        for lane in workspace.widen(2):
            assert files(lane.tree) == {"a.py": b"1\n", "päckage/odd 'name\"\n.py": b"2\n"}
        assert workspace.git.text("rev-parse", "HEAD") == base
        assert workspace.git.text("remote") == ""
        assert workspace.read("a.py") == b"1\n"
        assert workspace.read("nothing.py") is None
    assert not (tmp_path / "ws").exists()


def test_reset_undoes_whatever_tests_did(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n", "b/c.py": "2\n", ".gitignore": "*.log\n"})
    base = repo.git("rev-parse", "HEAD").strip()
    with open_workspace(find(repo.top), tmp_path / "ws", base) as workspace:
        lane = workspace.lanes[0]
        (lane.tree / "a.py").write_text("9\n")
        remove_tree(lane.tree / "b")
        (lane.tree / "junk" / "deep").mkdir(parents=True)
        (lane.tree / "x.log").write_text("noise")
        lane.reset(base)
        assert files(lane.tree) == {"a.py": b"1\n", "b/c.py": b"2\n", ".gitignore": b"*.log\n"}


def _nothing(marker: Path, user: Path) -> None:
    pass


def _folder(marker: Path, user: Path) -> None:
    marker.mkdir()
    (marker / "HEAD").write_text("evil")


def _link(marker: Path, user: Path) -> None:
    marker.symlink_to(user)


def _pipe(marker: Path, user: Path) -> None:
    os.mkfifo(marker)


@pytest.mark.parametrize("put", [_nothing, _folder, _link, _pipe])
def test_reset_puts_the_marker_back(make_repo: MakeRepo, tmp_path: Path, put: Callable[[Path, Path], None]) -> None:
    repo = make_repo({"a.py": "1\n"})
    with open_workspace(find(repo.top), tmp_path / "ws", repo.git("rev-parse", "HEAD").strip()) as workspace:
        lane, user = workspace.lanes[0], repo.top / ".git"
        marker, before = lane.tree / ".git", state(repo.top)
        said = marker.read_bytes()
        marker.unlink()
        put(marker, user)
        lane.reset(workspace.base)
        assert (marker.is_symlink(), marker.is_file()) == (False, True)
        assert marker.read_bytes() == said
        assert changed(before, state(repo.top)) == []


def test_write_tree_changes_only_what_was_edited(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n", "run.sh": "2\n", "gone.py": "3\n"})
    (repo.top / "run.sh").chmod(0o755)
    base = repo.commit()
    with open_workspace(find(repo.top), tmp_path / "ws", base) as workspace:
        edits = [
            Edit("run.sh", b"2\n", b"22\n"),
            Edit("gone.py", b"3\n", None),
            Edit("new/deep.py", None, b"4\n"),
        ]
        tree = workspace.write_tree(base, edits)
        listed = workspace.git.text("ls-tree", "-r", tree).splitlines()
        assert [(line.split()[0], line.partition("\t")[2]) for line in listed] == [
            ("100644", "a.py"),
            ("100644", "new/deep.py"),
            ("100755", "run.sh"),
        ]


def test_line_ends_are_the_users(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\r\n2\r\n"})
    repo.git("config", "core.autocrlf", "true")
    repo.write("b.py", "1\r\n")
    base = repo.commit()
    with open_workspace(find(repo.top), tmp_path / "ws", base) as workspace:
        assert workspace.read("b.py") == b"1\r\n"
        tree = workspace.write_tree(base, [Edit("b.py", b"1\r\n", b"2\r\n")])
        assert workspace.git.out("cat-file", "blob", f"{tree}:b.py") == b"2\n"


def test_hooks_and_templates_do_not_come_along(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n"})
    hook = repo.write(".git/hooks/post-checkout", "#!/bin/sh\ntouch /tmp/never\n")
    hook.chmod(0o755)
    with open_workspace(find(repo.top), tmp_path / "ws", "HEAD") as workspace:
        assert not (workspace.git_dir / "hooks").exists()


def test_submodules_come_from_the_users_own_clone(make_repo: MakeRepo, tmp_path: Path) -> None:
    inner = make_repo({"inner.py": "1\n"}, name="inner")
    repo = make_repo({"a.py": "1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.top), "lib/inner")
    base = repo.commit()
    with open_workspace(find(repo.top), tmp_path / "ws", base) as workspace:
        lane = workspace.lanes[0]
        assert (lane.tree / "lib" / "inner" / "inner.py").read_text() == "1\n"
        lane.reset(base)
        assert (lane.tree / "lib" / "inner" / "inner.py").read_text() == "1\n"


def test_a_shallow_clone_works(make_repo: MakeRepo, tmp_path: Path) -> None:
    full = make_repo({"a.py": "1\n"})
    full.write("a.py", "2\n")
    full.commit()
    full.git("clone", "-q", "--depth=1", f"file://{full.top}", str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow")
    base = shallow.git("rev-parse", "HEAD").strip()
    with open_workspace(find(shallow.top), tmp_path / "ws", base) as workspace:
        assert workspace.read("a.py") == b"2\n"


def test_a_sparse_checkout_works(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a/a.py": "1\n", "b/b.py": "2\n"})
    repo.git("sparse-checkout", "set", "a")
    with open_workspace(find(repo.top), tmp_path / "ws", "HEAD") as workspace:
        assert set(files(workspace.lanes[0].tree)) == {"a/a.py", "b/b.py"}


def test_links_and_copies(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n", ".gitignore": ".env\nnode_modules\n"})
    repo.write(".env", "KEY=1\n")
    repo.write("node_modules/x/index.js", "1\n")
    links = {".env": True, "node_modules": False}
    with open_workspace(find(repo.top), tmp_path / "ws", "HEAD", links) as workspace:
        lane = workspace.lanes[0]
        lane.reset("HEAD")
        assert not (lane.tree / ".env").is_symlink()
        assert (lane.tree / ".env").read_text() == "KEY=1\n"
        assert (lane.tree / "node_modules").is_symlink()
        assert (lane.tree / "node_modules" / "x" / "index.js").exists()
    assert (repo.top / "node_modules" / "x" / "index.js").exists()
    with (
        pytest.raises(SetupError, match="'gone' does not exist"),
        open_workspace(find(repo.top), tmp_path / "ws", "HEAD", {"gone": False}),
    ):
        pass


def test_tidy_removes_only_what_nobody_holds(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n"})
    dead = tmp_path / "all" / "dead"
    (dead / "lane-0" / "tree").mkdir(parents=True)
    with open_workspace(find(repo.top), tmp_path / "all" / "alive", "HEAD") as workspace:
        assert tidy(tmp_path / "all") == ["dead"]
        assert workspace.folder.exists()
        assert not dead.exists()


def test_the_user_sees_nothing_of_it(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": "1\n"})
    before = {p: p.read_bytes() for p in repo.top.rglob("*") if p.is_file()}
    with open_workspace(find(repo.top), tmp_path / "ws", "HEAD") as workspace:
        workspace.try_edits(workspace.widen(2)[1], "HEAD", [Edit("a.py", b"1\n", b"2\n")])
        workspace.write_tree("HEAD", [Edit("a.py", b"1\n", b"2\n")])
    assert {p: p.read_bytes() for p in repo.top.rglob("*") if p.is_file()} == before
