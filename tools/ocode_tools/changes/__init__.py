"""What a commit changes, read from git as facts."""

from __future__ import annotations

from ocode_tools.changes.base import Change, Changes, Commit, Kind, Range, Staged, Which
from ocode_tools.changes.reading import read

__all__ = ["Change", "Changes", "Commit", "Kind", "Range", "Staged", "Which", "read"]
