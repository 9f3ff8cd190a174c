"""The parts of watching that only compute: status, marks, folders, mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocode_tools import repository
from ocode_tools.errors import UsageError
from ocode_tools.todos.find import todos
from ocode_tools.watching import folders, marks, notify, status
from repos import MakeRepo

MOUNTS = "\n".join(
    [
        "/dev/sda1 / ext4 rw 0 0",
        "tmpfs /tmp tmpfs rw 0 0",
        "server:/home /home nfs4 rw 0 0",
        "C:\\134 /mnt/c 9p rw 0 0",
        "host /mnt/my\\040share fuse.sshfs rw 0 0",
    ]
)


@pytest.mark.parametrize(
    ("path", "kind", "why"),
    [
        ("/src/repo", "ext4", None),
        ("/home/me/repo", "nfs4", "nfs4 gives no events"),
        ("/homes/me", "ext4", None),
        ("/home", "nfs4", "nfs4 gives no events"),
        ("/mnt/c/repo", "9p", "9p gives no events"),
        ("/mnt/my share/x", "fuse.sshfs", "fuse.sshfs gives no events"),
        ("/tmp/x", "tmpfs", None),
    ],
)
def test_network_mounts_are_polled(path: str, kind: str, why: str | None) -> None:
    assert folders.mount_kind(MOUNTS, path) == kind
    assert folders.why_poll(Path(path), 10, MOUNTS, 8192) == why


def test_too_many_folders_are_polled_and_the_reason_is_said() -> None:
    why = folders.why_poll(Path("/src"), 7000, MOUNTS, 8192)
    assert why == "7000 folders are more than fs.inotify.max_user_watches = 8192 allows"
    assert folders.why_poll(Path("/src"), 7000, MOUNTS, 0) is None


def test_folders_are_those_of_what_git_lists(make_repo: MakeRepo) -> None:
    repo = make_repo({"src/a/x.py": "", "top.py": "", ".gitignore": "node_modules/\n*.log\n"})
    repo.write("node_modules/m/deep/index.js", "")
    repo.write("fresh/b/y.py", "")
    (repo.top / "empty" / "inner").mkdir(parents=True)
    repo.write("other/.git/HEAD", "not ours")
    found = folders.listed(repository.find(repo.top).git)
    assert found == {"", "src", "src/a", "fresh", "fresh/b", "empty", "empty/inner"}


def test_the_folders_of_git_are_those_that_tell_of_commits(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ""})
    repo.git("branch", "feature/one")
    found = repository.find(repo.top)
    names = {Path(name).relative_to(repo.top).as_posix() for name in folders.of_git(found)}
    assert names == {".git", ".git/refs/heads", ".git/refs/heads/feature"}
    tells = ["a.py", ".git/HEAD", ".git/refs/heads/main", ".git/MERGE_HEAD", ".git/index"]
    quiet = [".git/index.lock", ".git/objects/12/34", ".git/ocode/runs", ".git/COMMIT_EDITMSG"]
    assert [folders.tells(found, str(repo.top / name)) for name in tells] == [True] * len(tells)
    assert [folders.tells(found, str(repo.top / name)) for name in quiet] == [False] * len(quiet)


def test_status_reads_every_kind_of_line(make_repo: MakeRepo) -> None:
    repo = make_repo({"a b.py": "1\n", "gone.py": "2\n", "same.py": "3\n", "was.py": "4\n", ".gitignore": "*.log\n"})
    head = repo.git("rev-parse", "HEAD").strip()
    repo.write("a b.py", "changed\n")
    repo.write("new/ä\n.py", "new\n")
    repo.write("x.log", "ignored")
    repo.git("mv", "was.py", "now.py")
    (repo.top / "gone.py").unlink()
    found = status.read(repository.find(repo.top).git)
    assert (found.head, found.branch) == (head, "main")
    assert set(found.files) == {"a b.py", "gone.py", "new/ä\n.py", "was.py", "now.py"}
    assert found.files["gone.py"] == (0, 0, 0, 0)
    repo.git("checkout", "-q", "--detach")
    assert status.read(repository.find(repo.top).git).branch == ""


def test_status_before_the_first_commit(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": ""}, commit=False)
    found = status.read(repository.find(repo.top).git)
    assert (found.head, found.branch, set(found.files)) == ("", "main", {"a.py"})


def test_status_of_a_conflict_and_a_rename_in_the_index() -> None:
    lines = [
        "# branch.oid (initial)",
        "u UU N... 1 1 1 1 a b c my file",
        "2 R. N... 1 1 1 a b R100 new name",
        "old",
        "",
    ]
    assert status.parse("\0".join(lines)) == ("", "", ["my file", "new name", "old"])


@pytest.mark.parametrize(
    ("given", "line", "has"),
    [
        (["TODO(ocode)", "AI!"], "# TODO(ocode): do it", True),
        (["TODO(ocode)", "AI!"], "# todo(ocode): do it", False),
        (["TODO(ocode)", "AI!"], "# TODO(@ocode): do it", True),
        (["TODO(ocode)", "AI!"], "# TODO: do it", False),
        (["TODO(ocode)", "AI!"], "# TODO(alice): do it", False),
        (["TODO(ocode)", "AI!"], "# FIXME(ocode): do it", False),
        (["TODO(ocode)", "AI!"], "# make this faster AI!", True),
        (["FIXME"], "# FIXME(alice): do it", True),
        (["BOT(now)"], "# BOT(now): do it", True),
    ],
)
def test_marks(given: list[str], line: str, has: bool) -> None:
    found = todos("a.py", f"{line}\n".encode(), marks.tags(given, ("TODO", "FIXME")))
    assert any(map(marks.wanted(given), found)) == has


def test_what_is_no_mark_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"watch\.marks"):
        marks.wanted(["TODO(ocode"])


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "x"}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
    ],
    ids=["none", "nonsense", "half of it", "another process"],
)
def test_the_watchdog(environ: dict[str, str], seconds: float | None) -> None:
    assert notify.watchdog(environ) == seconds


def test_the_service_manager_is_told_by_one_datagram(tmp_path: Path) -> None:
    import socket

    place = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(place)
        notify.notify({"NOTIFY_SOCKET": place}, READY="1", STATUS="a\nb")
        assert server.recv(100) == b"READY=1\nSTATUS=a b"
    notify.notify({"NOTIFY_SOCKET": place}, READY="1")
    notify.notify({}, READY="1")
