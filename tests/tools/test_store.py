"""What ocode keeps, and how it tidies up after a killed run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocode_tools.errors import SetupError, UsageError
from ocode_tools.repository import find
from ocode_tools.store import Lock, Run, find_run, folders, new_run_id, remove_tree, runs
from repos import MakeRepo


def test_folders_are_shared_by_all_work_trees(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a": "b"})
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    environ = {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    first, second = (folders(find(top), environ) for top in (repo.top, tmp_path / "linked"))
    assert first.runs == second.runs == repo.top / ".git" / "ocode" / "runs"
    assert first.workspaces.name[-10:] == second.workspaces.name[-10:]
    assert first.workspaces.is_relative_to(tmp_path / ".cache" / "ocode")


def test_a_run_is_written_as_it_goes(tmp_path: Path) -> None:
    run = Run.start(tmp_path / "runs", "20260101-000000-abcd", {"task": "fix"})
    run.note("began", tests=3)
    with (run.folder / "events.jsonl").open("a") as file:
        file.write('{"cut')
    run.save({"status": "fixed"})
    assert run.load() == {"id": run.id, "status": "fixed"}
    assert [event["event"] for event in run.events()] == ["began"]
    assert [known.id for known in runs(tmp_path / "runs")] == [run.id]
    run.close()


def test_a_killed_run_says_so(tmp_path: Path) -> None:
    run = Run.start(tmp_path, "one", {})
    assert Run(run.folder).load()["status"] == "running"
    run.close()
    assert Run(run.folder).load()["status"] == "killed"


def test_find_run(tmp_path: Path) -> None:
    for name in ("2026-a", "2026-b"):
        Run.start(tmp_path / "runs", name, {}).close()
    assert find_run(tmp_path / "runs", "last").id == "2026-b"
    assert find_run(tmp_path / "runs", "2026-a").id == "2026-a"
    with pytest.raises(UsageError, match="2 runs named '2026'"):
        find_run(tmp_path / "runs", "2026")
    with pytest.raises(UsageError, match="no run named"):
        find_run(tmp_path / "none", "last")


def test_run_ids_sort_by_time() -> None:
    assert new_run_id(0.0)[:15] == "19700101-000000"
    assert new_run_id(0.0) < new_run_id(60.0)


def test_a_lock_is_held_until_its_process_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = "import sys; from ocode_tools.store import Lock; from pathlib import Path; "
    code += f"held = Lock.take(Path({str(path)!r})); "
    code += "print('held', flush=True); sys.stdin.read()"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        assert Lock.take(path) is None
        child.kill()
        child.wait()
        lock = Lock.take(path)
        assert lock is not None
        lock.release()


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(SetupError, match=r"cannot write .*; make room or give write access"):
        Run.start(tmp_path / "runs", "one", {})


def test_remove_tree_never_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    tree = tmp_path / "tree"
    (tree / "locked" / "deep").mkdir(parents=True)
    (tree / "link").symlink_to(tmp_path / "kept")
    (tree / "locked").chmod(0)
    remove_tree(tree)
    assert not tree.exists()
    assert (tmp_path / "kept" / "file").read_text() == "x"
