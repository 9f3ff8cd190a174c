"""Whether a diff is a release: nothing but the project's own version moved, and what goes with it."""

from __future__ import annotations

import re

from ocode_tools.changes.points import Point
from ocode_tools.drafts.view import View

_BESIDE = frozenset({"docs", "lock", "generated"})
_CARRIERS = frozenset({"source", "dependencies", "configuration", "build"})
_VERSION = re.compile(r"(?<![\w.])v?(\d+\.\d+[\w.+-]*)")


def released(view: View) -> str:
    """The new version of the project where the diff does nothing but set it; "" for any other diff."""
    carriers = [told for kind in ("dependencies", "source", "configuration", "build") for told in view.of(kind)]
    if not carriers or not set(view.kinds) <= _BESIDE | _CARRIERS:
        return ""
    versions = [_version(point) for told in carriers for point in told.code]
    known = {version for version in versions if version}
    return known.pop() if len(known) == 1 and all(versions) and all(told.code for told in carriers) else ""


def _version(point: Point) -> str:
    """The version that a point sets; "" where it sets none."""
    if point.sort == "version":
        return point.name
    if not point.name.strip("_").lower().endswith("version") or point.how != "changed":
        return ""
    found = _VERSION.search(point.detail)
    return found[1] if found else ""
