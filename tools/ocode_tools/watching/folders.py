"""Which folders to watch, and whether the system can: git says which, so that what it ignores costs nothing."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ocode_tools.git import Git
from ocode_tools.repository import Repository

NETWORK = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "drvfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs", "smb3"}
    | {"smbfs", "sshfs", "vboxsf", "virtiofs", "vmhgfs"}
)
"""Kinds of mounts where changes made elsewhere give no events (inotify(7))."""
SHARE = 0.8  # of the system's watches that ocode takes at most
_MOST_NEW = 2000  # folders below a new one
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
_MOUNTS = Path("/proc/mounts")


def listed(git: Git) -> set[str]:
    """The folders, from the top, of every file that git lists: tracked, or untracked and not ignored; and those that
    are new and still empty. Raises `GitError`."""
    names = git.names("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    found = parents(names)
    for name in git.names("ls-files", "-z", "--others", "--directory", "--exclude-standard"):
        if name.endswith("/"):
            found.update(below(os.fspath(git.cwd), name.rstrip("/")))
    return found


def parents(names: Iterable[str]) -> set[str]:
    """The folders of these paths, all the way up; "" is the top."""
    found = {""}
    for name in names:
        folder = posixpath.dirname(name)
        while folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return found


def below(top: str, folder: str) -> set[str]:
    """A new folder and those in it, but no repository of its own."""
    found = set[str]()
    waiting = [folder]
    while waiting and len(found) < _MOST_NEW:
        here = waiting.pop()
        with suppress(OSError):
            entries = list(os.scandir(os.path.join(top, here)))
            if any(entry.name == ".git" for entry in entries):
                continue
            found.add(here)
            waiting += [posixpath.join(here, entry.name) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return found


def of_git(repository: Repository) -> set[str]:
    """Absolute folders where git tells of a commit, a switch, a merge or a rebase."""
    found = {str(repository.git_dir), str(repository.common_dir)}
    for folder, _, _ in os.walk(repository.common_dir / "refs" / "heads"):
        found.add(folder)
    return found


def tells(repository: Repository, path: str) -> bool:
    """Whether an event for an absolute path may mean anything: not for locks and objects in git's own folders."""
    for folder in (str(repository.git_dir), str(repository.common_dir)):
        if path == folder or path.startswith(f"{folder}/"):
            name = path.rpartition("/")[2]
            inside = path[len(folder) + 1 :].partition("/")[0]
            return not name.endswith(".lock") and inside not in ("objects", "ocode", "logs", "COMMIT_EDITMSG")
    return True


def why_poll(top: Path, folders: int, mounts: str | None = None, limit: int | None = None) -> str | None:
    """Why events cannot be had for a work tree with so many folders, in a few words; None where they can."""
    kind = mount_kind(_text(_MOUNTS) if mounts is None else mounts, os.fspath(top))
    if kind in NETWORK or kind.startswith("fuse."):
        return f"{kind} gives no events"
    most = int(_text(_LIMIT) or 0) if limit is None else limit
    if most and folders > SHARE * most:
        return f"{folders} folders are more than fs.inotify.max_user_watches = {most} allows"
    return None


def mount_kind(mounts: str, path: str) -> str:
    """The file system that a path lies on, by the text of /proc/mounts (proc(5)); "" where it does not say."""
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = fields[1].encode("latin-1", "replace").decode("unicode_escape")
        if (path == place or path.startswith(place.rstrip("/") + "/")) and len(place) >= len(best):
            best, kind = place, fields[2]
    return kind


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
