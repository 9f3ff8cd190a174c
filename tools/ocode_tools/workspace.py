"""The private clone in which every edit is tried: the user's objects are borrowed, nothing of the user's is written.

<workspaces>/<run>/lock            held while the run lives
<workspaces>/<run>/git             the clone's git folder, outside of what tests may write
<workspaces>/<run>/lane-N/tree     a work tree: lane 0 is the main one, more for judging several proposals at once
<workspaces>/<run>/lane-N/home, tmp, out   what tests see as HOME and TMPDIR, and where they report
<workspaces>/<run>/lane-N/ours  what tests may read only
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ocode_tools.edits import Edit, apply
from ocode_tools.errors import SetupError
from ocode_tools.git import Git, GitError
from ocode_tools.repository import Repository
from ocode_tools.store import LOCK_FILE, Lock, remove_tree, writing

# The user's settings that decide which bytes a checkout holds, and who signs.
COPIED = r"^(core\.(autocrlf|eol|symlinks|ignorecase|precomposeunicode|filemode|attributesfile)|user\..*|gpg\..*)$"
# With less than this left (bytes) a full disk is why git or the system refuses.
LEAST_ROOM = 1 << 20


@dataclass(frozen=True, slots=True)
class Lane:
    """One work tree of the workspace and the private folders of the tests that run in it."""

    folder: Path
    git: Git

    @property
    def tree(self) -> Path:
        """Where the files are."""
        return self.folder / "tree"

    def reset(self, commit: str) -> None:
        """Make the tree exactly `commit` again: changed, added and ignored files of earlier runs go.

        Tests may have taken permissions away, or left what git cannot remove: then all goes and is checked out anew.
        """
        kept = self._kept()
        _open_up(self.tree, {self.tree / name for name in kept})
        try:
            self._restore(commit, kept)
        except GitError:
            for path in list(self.tree.iterdir()):
                if path.name not in {name.split("/", 1)[0] for name in kept}:
                    remove_tree(path) if path.is_dir() else path.unlink()
            self._restore(commit, kept)
        _mark(self.tree, Path(self.git.variables["GIT_DIR"]))

    @property
    def ours(self) -> Path:
        """The folder for what tests may read but not write: their selection, their output."""
        return self.folder / "ours"

    def fresh_out(self) -> Path:
        """The folder where tests report, with nothing of an earlier run's in it."""
        out = self.folder / "out"
        remove_tree(out)
        with writing(out):
            out.mkdir()
        return out

    def _restore(self, commit: str, kept: Sequence[str]) -> None:
        self.git.out("read-tree", "-u", "--reset", commit)
        self.git.out("clean", "-ffdxq", *(f"--exclude=/{name}" for name in kept))

    def _kept(self) -> list[str]:
        kept = self.folder / "kept"
        return [".git", *(kept.read_text().splitlines() if kept.exists() else [])]


@dataclass(slots=True)
class Workspace:
    """A private clone at `base`; `lanes[0]` is where landings are made, `widen` adds more."""

    folder: Path
    base: str
    make_lane: Callable[[Workspace, int], Lane]
    lanes: list[Lane] = field(default_factory=list[Lane])
    _files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def widen(self, count: int) -> list[Lane]:
        """At least `count` lanes, made when they are first needed: a green suite needs one."""
        while len(self.lanes) < count:
            self.lanes.append(self.make_lane(self, len(self.lanes)))
        return self.lanes[:count]

    @property
    def git_dir(self) -> Path:
        """The clone's git folder."""
        return self.folder / "git"

    @property
    def git(self) -> Git:
        """Git on the clone itself."""
        return Git(self.folder, GIT_DIR=str(self.git_dir))

    def read(self, path: str) -> bytes | None:
        """The bytes of a file as checked out in lane 0, or None where there is no regular file."""
        file = self.lanes[0].tree / path
        return file.read_bytes() if file.is_file() and not file.is_symlink() else None

    def files(self, commit: str) -> Sequence[str]:
        """Every tracked path of a commit."""
        if commit not in self._files:
            self._files[commit] = self.git.names("ls-tree", "-r", "-z", "--name-only", commit)
        return self._files[commit]

    def write_tree(self, commit: str, edits: Sequence[Edit]) -> str:
        """The tree object of `commit` with `edits` in it, made through an index of its own; modes stay."""
        where = {"GIT_INDEX_FILE": str(self.folder / "landing-index"), "GIT_WORK_TREE": str(self.lanes[0].tree)}
        self.git.out("read-tree", commit, env=where)
        for edit in edits:
            entry = self.git.names("ls-tree", "-z", commit, "--", f":(literal){edit.path}")
            mode = entry[0].split(" ", 1)[0] if entry else "100644"
            if edit.after is None:
                line = f"0 {'0' * len(commit)}\t{edit.path}\0"
            else:
                blob = self._blob(edit, entry[0].split("\t", 1)[0].split(" ")[-1] if entry else "", where)
                line = f"{mode} {blob}\t{edit.path}\0"
            self.git.out("update-index", "-z", "--index-info", stdin=os.fsencode(line), env=where)
        return self.git.text("write-tree", env=where)

    def _blob(self, edit: Edit, old: str, where: Mapping[str, str]) -> str:
        """Store a file as git would: line ends are turned only where that gives the `old` blob back (gitattributes(5):
        a file committed with CRLF keeps it)."""

        def hashed(data: bytes | None, *options: str) -> str:
            return self.git.text("hash-object", *options, "--stdin", stdin=data or b"", env=where)

        turned = f"--path={edit.path}"
        plain = bool(old) and hashed(edit.before, turned) != old and hashed(edit.before, "--no-filters") == old
        return hashed(edit.after, "-w", "--no-filters" if plain else turned)

    def try_edits(self, lane: Lane, commit: str, edits: Sequence[Edit]) -> None:
        """Make the lane's tree `commit` plus `edits`."""
        lane.reset(commit)
        apply(lane.tree, edits)


@contextmanager
def open_workspace(
    repository: Repository, folder: Path, base: str, links: Mapping[str, bool] | None = None
) -> Generator[Workspace]:
    """Clone `repository` at `base` into `folder` with one lane, and remove it all at the end.

    `links`: ignored paths that tests need, from the repository's top (or absolute), True to copy, False to link.
    Raises `SetupError` when git or the disk refuses.
    """
    with writing(folder):
        folder.mkdir(parents=True)
    lock = Lock.take(folder / LOCK_FILE)
    workspace = Workspace(folder, base, lambda made, number: _lane(repository, made, number, links or {}))
    try:
        _clone(repository, workspace)
        workspace.widen(1)
        yield workspace
    except (GitError, OSError) as problem:
        if shutil.disk_usage(folder).free > LEAST_ROOM:
            raise
        hint = "make room there, or set XDG_CACHE_HOME to a place with more"
        raise SetupError(f"the disk of {folder.parent} is full ({problem}); {hint}") from None
    finally:
        remove_tree(folder)
        if lock:
            lock.release()


def tidy(workspaces: Path) -> list[str]:
    """Remove what killed runs left behind: every workspace whose lock nobody holds; returns their names."""
    gone: list[str] = []
    for folder in sorted(workspaces.iterdir()) if workspaces.is_dir() else []:
        lock = Lock.take(folder / LOCK_FILE) if folder.is_dir() else None
        if lock:
            remove_tree(folder)
            lock.release()
            gone.append(folder.name)
    return gone


def _clone(repository: Repository, workspace: Workspace) -> None:
    git = Git(workspace.folder)
    source = str(repository.common_dir)
    where = ["--separate-git-dir", str(workspace.git_dir), "--", source, str(workspace.folder / "lane-0" / "tree")]
    with writing(workspace.folder):
        (workspace.folder / "lane-0").mkdir()
    # A line of objects/info/alternates is a path: one with a line end in it cannot be borrowed from.
    borrow = "--local" if "\n" in source else "--shared"
    settings: list[str] = []
    for entry in repository.git.ask("config", "-z", "--get-regexp", COPIED).text.split("\0"):
        name, valued, value = entry.partition("\n")
        settings += ["-c", f"{name}={value}" if valued else name] if name else []
    options = ["-q", borrow, "--no-tags", "--no-checkout", "--template=", *settings]
    git.out("clone", *options, *where, env={"GIT_LFS_SKIP_SMUDGE": "1"})
    workspace.git.out("update-ref", "--no-deref", "HEAD", workspace.base)
    workspace.git.ask("remote", "remove", "origin")
    for name in ("attributes", "exclude"):
        file = repository.common_dir / "info" / name
        if file.is_file():
            (workspace.git_dir / "info").mkdir(exist_ok=True)
            shutil.copyfile(file, workspace.git_dir / "info" / name)


def _lane(repository: Repository, workspace: Workspace, number: int, links: Mapping[str, bool]) -> Lane:
    folder = workspace.folder / f"lane-{number}"
    index = workspace.git_dir / ("index" if number == 0 else f"index-{number}")
    tree = folder / "tree"
    lane = Lane(folder, Git(folder, GIT_DIR=str(workspace.git_dir), GIT_WORK_TREE=str(tree), GIT_INDEX_FILE=str(index)))
    with writing(folder):
        for name in ("tree", "home", "tmp", "out", "ours"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        lane.git.out("read-tree", "-u", "--reset", workspace.base)
        _mark(tree, workspace.git_dir)
        kept = [*_submodules(repository, workspace, lane), *_links(repository, tree, links)]
        (folder / "kept").write_text("".join(f"{name}\n" for name in kept))
    return lane


def _mark(tree: Path, git_dir: Path) -> None:
    """A `.git` file, so that tools which look for a repository find the private one (gitrepository-layout(5))."""
    marker = tree / ".git"
    if marker.is_dir() and not marker.is_symlink():
        remove_tree(marker)
    marker.unlink(missing_ok=True)  # a link, a pipe
    marker.write_text(f"gitdir: {git_dir}\n")


def _open_up(tree: Path, kept: Collection[Path]) -> None:
    """Give back the owner's rights on every folder of the tree but those `kept`; files that lost theirs go.

    Git, which compares whole seconds, may not see them, and root can read what the tests then cannot.
    """
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        with suppress(OSError):  # too deep for a path: git will say so
            if os.lstat(here).st_mode & 0o700 != 0o700:
                os.chmod(here, 0o700)
            for entry in list(os.scandir(here)):
                path = Path(entry)
                if path in kept or entry.is_symlink():
                    continue
                if entry.is_dir():
                    waiting.append(path)
                elif entry.stat().st_mode & 0o600 != 0o600:
                    path.unlink()


def _submodules(repository: Repository, workspace: Workspace, lane: Lane) -> list[str]:
    """Check out each submodule that the user has, from the user's own clone of it; the others stay empty."""
    found: list[str] = []
    for entry in workspace.git.names("ls-tree", "-r", "-z", workspace.base):
        mode, _, sha, path = entry.replace("\t", " ", 1).split(" ", 3)
        if mode != "160000" or not (repository.top / path / ".git").exists():
            continue
        inner = Git(lane.folder)
        target = lane.tree / path
        source = Git(repository.top / path).text("rev-parse", "--absolute-git-dir")
        inner.out("clone", "-q", "--shared", "--no-tags", "--no-checkout", "--template=", "--", source, str(target))
        Git(target).out("checkout", "-q", "--detach", sha)
        found.append(path)
    return found


def _links(repository: Repository, tree: Path, links: Mapping[str, bool]) -> list[str]:
    kept: list[str] = []
    for name, copy in links.items():
        source = repository.top / name
        target = tree / (Path(name).name if Path(name).is_absolute() else name)
        if not source.exists():
            raise SetupError(f"workspace: {name!r} does not exist in {repository.top}; remove it from links or copies")
        if target.exists() or target.is_symlink():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not copy:
            target.symlink_to(source)
        elif source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)
        kept.append(target.relative_to(tree).as_posix())
    return kept
