"""Reading a diff from git: the list, then the texts that are worth it, in three calls however large the diff is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocode_tools.changes.base import SYMLINK, Change, Changes, Kind, Which
from ocode_tools.changes.kinds import generated, kind_of
from ocode_tools.changes.listing import command, entries
from ocode_tools.git import Git

# Facts come from the first files that fit; a larger commit is told by its list (bytes of one side, files, bytes).
FILE, FILES, ALL = 262_144, 60, 1_572_864
_WORTH: tuple[Kind, ...] = ("source", "dependencies", "ci", "build", "configuration", "docs", "tests")


def read(git: Git, which: Which) -> Changes:
    """What `which` changes. For `Staged` the index is the one that GIT_INDEX_FILE in `git.variables` names.

    Raises GitError where git cannot say, as for a revision that does not exist.
    """
    listed = entries(git.out(*command(which, "--raw", "--numstat", "-z")))
    marked = _marked(git, listed)
    found = [change._replace(kind=marked.get(change.path) or kind_of(change.path)) for change in listed]
    return Changes(tuple(_with_texts(git, found)), which)


def _marked(git: Git, changes: Sequence[Change]) -> dict[str, Kind]:
    """Kinds that the top folder's attributes give (gitattributes(5), GitHub's linguist names)."""
    file = git.cwd / ".gitattributes"
    try:
        if not changes or b"linguist-" not in file.read_bytes():
            return {}
    except OSError:
        return {}
    names: dict[str, Kind] = {"linguist-generated": "generated", "linguist-vendored": "vendored"}
    paths = b"".join(change.path.encode("utf-8", "surrogateescape") + b"\0" for change in changes)
    said = git.out("check-attr", "-z", "--stdin", *names, stdin=paths).decode("utf-8", "surrogateescape").split("\0")
    rows = zip(said[::3], said[1::3], said[2::3], strict=False)
    return {path: names[name] for path, name, value in rows if value in ("set", "true")}


def _with_texts(git: Git, changes: Sequence[Change]) -> list[Change]:
    reasons = {change.path: _unread(change) for change in changes}
    worth = [change for change in changes if not reasons[change.path]]
    worth.sort(key=lambda change: _WORTH.index(change.kind))
    for change in worth[FILES:]:
        reasons[change.path] = "too many files"
    binary = [change for change in changes if change.binary and not change.submodule][:FILES]
    sizes = _sizes(git, (blob for change in (*worth[:FILES], *binary) for blob in (change.old_id, change.new_id)))
    left, chosen = ALL, set[str]()
    for change in worth[:FILES]:
        old, new = sizes.get(change.old_id, 0), sizes.get(change.new_id, 0)
        if max(old, new) > FILE or old + new > left:
            reasons[change.path] = "too large"
            continue
        left -= old + new
        chosen.update((change.old_id, change.new_id))
    texts = _texts(git, [blob for blob in sizes if blob in chosen])
    return [_told(change, reasons[change.path], texts, sizes) for change in changes]


def _unread(change: Change) -> str:
    if change.submodule:
        return "submodule"
    if change.binary:
        return "binary"
    if SYMLINK in (change.old_mode, change.new_mode):
        return "symbolic link"
    return "" if change.kind in _WORTH else change.kind


def _told(change: Change, reason: str, texts: dict[str, str], sizes: dict[str, int]) -> Change:
    old, new = sizes.get(change.old_id, 0), sizes.get(change.new_id, 0)
    before, after = (texts.get(blob) for blob in (change.old_id, change.new_id))
    if not reason and generated(after or before or ""):
        return change._replace(kind="generated", unread="generated", old_size=old, new_size=new)
    if reason:
        before = after = None
    return change._replace(unread=reason, before=before, after=after, old_size=old, new_size=new)


def _sizes(git: Git, blobs: Iterable[str]) -> dict[str, int]:
    wanted = list(dict.fromkeys(blob for blob in blobs if blob.strip("0")))
    if not wanted:
        return {}
    said = git.out("cat-file", "--batch-check", "--buffer", stdin="".join(f"{blob}\n" for blob in wanted).encode())
    rows = (line.split(" ") for line in said.decode("ascii", "replace").splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[1] == "blob"}


def _texts(git: Git, blobs: Sequence[str]) -> dict[str, str]:
    if not blobs:
        return {}
    said = git.out("cat-file", "--batch", "--buffer", stdin="".join(f"{blob}\n" for blob in blobs).encode())
    found: dict[str, str] = {}
    at = 0
    while at < len(said):
        end = said.index(b"\n", at)
        blob, _, size = said[at:end].decode("ascii", "replace").split(" ")
        start = end + 1
        at = start + int(size) + 1
        found[blob] = said[start : at - 1].decode("utf-8", "surrogateescape")
    return found
