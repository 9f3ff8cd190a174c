"""Names and lists of names as people write them in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SUFFIX = re.compile(r"\.(pyi?|[cm]?[jt]sx?|go|rs|java|kt|rb|php|c|cc|cpp|h|hpp|cs|swift|md|mdx|rst|ya?ml|json|toml)$")


def last(name: str) -> str:
    """The last part of a dotted name; for what Python calls by itself (`__call__`) the class."""
    owner, _, end = name.rpartition(".")
    return last(owner) if end.startswith("__") and end.endswith("__") and owner else end


def listed(names: Sequence[str], shown: int = 2) -> str:
    """`a`, `a and b`, `a, b and 3 more`; doubles once, and never just "1 more" unless `shown` is 0."""
    names = list(dict.fromkeys(name for name in names if name))
    if not shown and len(names) > 1:
        return f"{names[0]} and {len(names) - 1} more"
    if len(names) > shown + 1:
        return f"{', '.join(names[:shown])} and {len(names) - shown} more"
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def printable(text: str) -> str:
    """One line without what a terminal would act on."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def plain(text: str, most: int = 60) -> str:
    """One printable line of at most `most` characters, cut between words."""
    text = printable(text)
    if len(text) <= most:
        return text
    return text[: most + 1].rsplit(" ", 1)[0].rstrip(" ,;:.-") if " " in text[: most + 1] else text[:most]


def file_name(path: str) -> str:
    """A path's last part, with its folder where that part says nothing."""
    folder, _, name = path.rpartition("/")
    if re.match(r"(__init__|index|mod|main|conftest|README|package|pyproject|Cargo|setup)\b", name) and folder:
        name = f"{folder.rpartition('/')[2]}/{name}"
    return plain(name, 40)


def common_folder(paths: Sequence[str]) -> str:
    """The deepest folder that holds all paths; "" for the top."""
    first, *others = (path.split("/")[:-1] for path in paths)
    shared = 0
    while shared < len(first) and all(parts[shared : shared + 1] == [first[shared]] for parts in others):
        shared += 1
    return "/".join(first[:shared])


def stem(path: str) -> str:
    """A file's name without what only says its kind."""
    return re.sub(r"/(__init__|index|mod)$", "", _SUFFIX.sub("", file_name(path)))


def title(name: str) -> str:
    """A heading as part of a sentence: code kept, quotes only where it has several words."""
    name = plain(re.sub(r"[`*]", "", name), 44).rstrip(".:!?")
    return f'"{name}"' if " " in name else name


def test_words(name: str) -> str:
    """What a test's name says: `A.test_rejects_empty` is `rejects empty`."""
    end = name.rpartition(".")[2] if " " not in name else name
    end = re.sub(r"^test(_|(?=[A-Z]))", "", end)
    if "_" in end and " " not in end:
        end = end.replace("_", " ")
    return plain(end, 46)
