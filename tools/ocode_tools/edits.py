"""Edits as data: what a solver proposes, its diff, and putting it into a folder or taking it out again."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path, PurePosixPath

from unidiff.patch import PatchSet

from ocode_tools.errors import Exit, OcodeError, SetupError

# Code points that HFS+ ignores in a name, so that ".g\u200cit" is ".git" there (git's utf8.c, next_hfs_char).
_IGNORED = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
# NUL, and surrogates that stand for no byte: no file can have such a name, but a model may write one.
_NO_NAME = re.compile(r"[\x00\ud800-\udc7f\udd00-\udfff]")
_QUOTED = re.compile(r'[\x00-\x1f\x7f"\\\ud800-\udfff]')


class RefusedEdit(OcodeError):
    """An edit that may not be applied; nothing was written."""

    kind = "usage"
    exit = Exit.REMAINS


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to one file: path from the repository's top (posix), its bytes before and after (None: absent)."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def inverse(self) -> Edit:
        """The edit that takes this one back."""
        return Edit(self.path, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits and where they came from: `solver` (rules or a model's name), `kind` (template), `summary` (one line)."""

    edits: tuple[Edit, ...]
    solver: str
    kind: str
    summary: str

    @property
    def key(self) -> str:
        """A stable hash (hex) of the resulting bytes by path, whoever proposed them and in whatever order."""
        digest = hashlib.sha256()
        for edit in sorted(self.edits, key=lambda edit: edit.path):
            path, after = _raw(edit.path), edit.after
            size = -1 if after is None else len(after)
            digest.update(b"%d %d\n%s%s" % (len(path), size, path, after or b""))
        return digest.hexdigest()

    def diff(self) -> str:
        """The edits as one unified diff that `git apply` takes; bytes that are not UTF-8 become surrogates."""
        return "".join(map(_file_diff, sorted(self.edits, key=lambda edit: edit.path)))

    @property
    def counts(self) -> tuple[int, int]:
        """Lines (added, removed); a binary file counts none."""
        text = "".join(f"--- a/x\n+++ b/x\n{hunks}" for edit in self.edits if (hunks := _hunks(edit)))
        parsed = PatchSet(StringIO(text), metadata_only=True)
        return parsed.added, parsed.removed


def shown(path: str) -> str:
    """A path as one printable line, quoted as git quotes it where it holds odd bytes."""
    if not _QUOTED.search(path):
        return path
    return '"' + _QUOTED.sub(lambda odd: "".join(map(_escape, _raw(odd[0]))), path) + '"'


def apply(tree: Path, edits: Iterable[Edit]) -> None:
    """Write `edits` below the folder `tree`; all of them or none.

    Every edit is checked before the first write. A file is replaced in one step and keeps its mode; a folder
    left empty by a removal goes too, as git does. Raises RefusedEdit for a path that leads outside, through a
    symbolic link or into `.git`, for what is not a plain file, and where the file is not what the edit's
    `before` says; SetupError when the disk refuses (what was written is then taken back as far as it allows).
    """
    todo = list(edits)
    _check_together(todo)
    for edit in todo:
        _check(tree, edit)
    for index, edit in enumerate(todo):
        try:
            _put(tree, edit)
        except OSError as error:
            with suppress(OSError):
                for done in reversed(todo[:index]):
                    _put(tree, done.inverse)
            why = f"cannot write {shown(edit.path)}: {error.strerror}; make room or permission there"
            raise SetupError(why) from error


def revert(tree: Path, edits: Iterable[Edit]) -> None:
    """Take applied `edits` back; the same checks and errors as `apply`."""
    apply(tree, [edit.inverse for edit in reversed(list(edits))])


def _check_together(edits: Sequence[Edit]) -> None:
    paths = {edit.path for edit in edits}
    if len(paths) < len(edits):
        raise RefusedEdit("two edits of one file; propose one edit for each file")
    for edit in edits:
        if above := paths.intersection(map(str, PurePosixPath(edit.path).parents)):
            raise RefusedEdit(f"{shown(min(above))} cannot be a file and a folder; propose one of the two")


def _check(tree: Path, edit: Edit) -> None:
    name = shown(edit.path)
    parts = edit.path.split("/")
    if _NO_NAME.search(edit.path) or any(part in ("", ".", "..") for part in parts):
        raise RefusedEdit(f"{name or 'an empty path'} is not a path inside the repository; name it from its top")
    if any(_is_git(part) for part in parts):
        raise RefusedEdit(f"{name} belongs to git itself; edit the project's own files")
    try:
        found = _read(tree, parts)
    except OSError as error:
        raise RefusedEdit(f"cannot read {name}: {error.strerror}; make it readable") from error
    if found != edit.before:
        state = "is not there" if found is None else "is already there" if edit.before is None else "has changed"
        raise RefusedEdit(f"{name} {state}; propose again from its present text")


def _is_git(part: str) -> bool:
    """Whether any file system we know opens `.git` by this name (letter case, HFS+ and NTFS spellings)."""
    return part.translate(_IGNORED).casefold().rstrip(". ") in (".git", "git~1")


def _read(tree: Path, parts: Sequence[str]) -> bytes | None:
    place = tree
    for index, part in enumerate(parts):
        place = place / part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            raise RefusedEdit(f"{shown('/'.join(parts))} goes through a symbolic link; name the file itself")
        wanted = stat.S_ISREG if index == len(parts) - 1 else stat.S_ISDIR
        if not wanted(mode):
            raise RefusedEdit(f"{shown('/'.join(parts[: index + 1]))} is of the wrong kind; edit plain files only")
    return place.read_bytes()


def _put(tree: Path, edit: Edit) -> None:
    file = tree / edit.path
    if edit.after == edit.before:
        return
    if edit.after is None:
        file.unlink()
        with suppress(OSError):  # not empty: it stays
            for folder in PurePosixPath(edit.path).parents[:-1]:
                (tree / folder).rmdir()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.parent / f".ocode-{secrets.token_hex(8)}"
    # 0o666 leaves a new file's mode to the umask.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "wb") as out:
            out.write(edit.after)
            if edit.before is not None:
                os.fchmod(handle, stat.S_IMODE(file.stat().st_mode))
        os.replace(draft, file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _raw(path: str) -> bytes:
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


def _escape(byte: int) -> str:
    known = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
    return "\\" + known.get(byte, f"{byte:03o}")


def _file_diff(edit: Edit) -> str:
    old, new = shown(f"a/{edit.path}"), shown(f"b/{edit.path}")
    if edit.before == edit.after:
        return ""
    head = f"diff --git {old} {new}\n"
    if edit.before is None:
        head, old = head + "new file mode 100644\n", "/dev/null"
    if edit.after is None:
        head, new = head + "deleted file mode 100644\n", "/dev/null"
    if _binary(edit):
        return f"{head}Binary files {old} and {new} differ\n"
    hunks = _hunks(edit)
    # git ends a bare name that holds a space with a tab, so that nothing after it is taken for a time stamp
    tab = "\t" if " " in edit.path else ""
    return f"{head}--- {old}{tab}\n+++ {new}{tab}\n{hunks}" if hunks else head


def _binary(edit: Edit) -> bool:
    return any(b"\0" in (data or b"") for data in (edit.before, edit.after))


def _hunks(edit: Edit) -> str:
    if _binary(edit):
        return ""
    lines = islice(difflib.unified_diff(_lines(edit.before), _lines(edit.after)), 2, None)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes | None) -> list[str]:
    # Only \n ends a line in a diff; str.splitlines would also cut at \r, \f and others.
    return [line.decode("utf-8", "surrogateescape") for line in BytesIO(data or b"")]
