"""Where the code under test comes from: the user's import paths turned to the workspace, and the names that must."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def turn(path: Path, checkouts: Sequence[Path], tree: Path) -> Path | None:
    """The same place in `tree`, for a path inside one of the user's checkouts; None for any other."""
    for top in sorted(checkouts, key=lambda top: -len(top.parts)):
        if path == top or top in path.parents:
            return tree / path.relative_to(top)
    return None


# Folders whose Python is rarely imported by the name that its path gives.
COMMON = frozenset(
    {
        "tests",
        "test",
        "conftest",
        "setup",
        "docs",
        "examples",
        "benchmarks",
        "scripts",
        "tools",
        "src",
        "noxfile",
        "vendor",
        "third_party",
        "external",
    }
)


def owned_names(files: Iterable[str], roots: Iterable[str], stdlib: frozenset[str]) -> frozenset[str]:
    """Modules and packages that tracked `files` define below the import `roots` (from the top, "" for the top).

    Dotted where the first folders hold no `__init__.py`: others may own a part of such a namespace.
    """
    tracked = frozenset(files)
    names: set[tuple[str, ...]] = set()
    for root in roots:
        prefix = f"{root}/" if root else ""
        for file in (file for file in tracked if file.startswith(prefix) and file.endswith(".py")):
            parts = file[len(prefix) : -len(".py")].split("/")
            depth = 1
            while depth < len(parts) and f"{prefix}{'/'.join(parts[:depth])}/__init__.py" not in tracked:
                depth += 1
            names.add(tuple(parts[:depth]))
    strange = COMMON | stdlib
    return frozenset(
        ".".join(name)
        for name in names
        if not strange & {name[0], name[-1]} and all(p.isidentifier() and not p.startswith("test_") for p in name)
    )
