"""Subjects for a diff that its list of files tells: renames, removals, versions, odd files."""

from __future__ import annotations

from collections.abc import Sequence

from ocode_tools.changes.base import EXECUTABLE, SYMLINK, Change
from ocode_tools.changes.points import Point
from ocode_tools.drafts.release import released
from ocode_tools.drafts.view import View
from ocode_tools.drafts.words import common_folder, file_name, listed, plain


def at_a_glance(view: View) -> str:
    """A phrase for a diff that one look at the list of files tells."""
    files = view.files
    first = files[0]
    if len(files) == 1 and (said := _odd(first)):
        return said
    if all(change.kind == "lock" for change in files):
        return f"update {listed([change.name for change in files])}"
    renamed = [change for change in files if change.status == "renamed"]
    rest = [change for change in files if change.status != "renamed" and change.kind not in ("lock", "generated")]
    if renamed and not rest:
        return _renamed(renamed)
    if len(files) > 1 and all(change.status == "removed" for change in files):
        return f"remove {common(files)}"
    points = [point for told in view.of("dependencies") for point in told.points]
    if version := released(view):
        return f"release {version}"
    if all(change.kind in ("dependencies", "lock") for change in files):
        return dependencies(points)
    return ""


def dependencies(points: Sequence[Point]) -> str:
    """One phrase for new, changed and removed dependencies."""
    moved = [point for point in points if point.sort == "dependency"]
    if not moved or len(moved) < len([point for point in points if point.nature == "code"]):
        return ""
    details = list(dict.fromkeys(point.detail for point in moved if point.detail))
    if len(details) == 1 and len({point.name for point in moved}) == 1:
        return details[0]
    hows = {point.how for point in moved}
    word = {"added": "add", "removed": "drop", "changed": "bump"}[moved[0].how] if len(hows) == 1 else "update"
    return f"{word} {listed([point.name for point in moved])}"


def _odd(change: Change) -> str:
    """One file that is no text, or whose text did not change."""
    name = file_name(change.path)
    if change.submodule:
        verb = {"added": "add", "removed": "remove"}.get(change.status, "")
        return f"{verb} submodule {name}" if verb else f"bump {name} to {change.new_id[:7]}"
    if change.status == "changed" and change.old_mode != change.new_mode and not change.lines:
        return f"make {name} executable" if change.new_mode == EXECUTABLE else f"make {name} not executable"
    if SYMLINK in (change.old_mode, change.new_mode):
        if change.status == "retyped":
            return f"make {name} a {'link' if change.new_mode == SYMLINK else 'file'}"
        return f"{verb_of(change, 'redirect')} link {name}"
    if change.binary:
        return f"{verb_of(change, 'replace')} {name}"
    return ""


def verb_of(change: Change, changed: str = "update") -> str:
    """What was done to a file; `changed` is the word for a change of its content."""
    return {"added": "add", "removed": "remove", "renamed": "rename", "copied": "copy"}.get(change.status, changed)


def _renamed(files: Sequence[Change]) -> str:
    if len(files) == 1:
        old, new = files[0].old_path, files[0].path
        if old.rpartition("/")[2] == new.rpartition("/")[2]:
            return f"move {file_name(new)} to {plain(new.rpartition('/')[0] or 'the top', 36)}"
        return f"rename {file_name(old)} to {file_name(new)}"
    old, new = common_folder([change.old_path for change in files]), common_folder([change.path for change in files])
    return (
        f"move {old} to {new}"
        if old and new and old != new
        else f"move {listed([file_name(change.path) for change in files])}"
    )


def common(files: Sequence[Change]) -> str:
    """The folder that holds these files where they are several, else their names."""
    folder = common_folder([change.path for change in files])
    return (
        plain(f"{folder}/", 50) if folder and len(files) > 2 else listed([file_name(change.path) for change in files])
    )
