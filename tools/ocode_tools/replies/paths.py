"""Which target a reply speaks of: names are only compared with the targets, never opened or created."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ocode_tools.replies.base import Target, Unfit

_NAME = re.compile(r"(?:[A-Za-z]:)?[\w.@+\\/~-]*[\w+-]\.[A-Za-z]\w{0,9}(?![\w/\\])")
_LONG = 400
_KNOWN = frozenset(
    {
        "py",
        "pyi",
        "pyw",
        "js",
        "ts",
        "tsx",
        "jsx",
        "java",
        "c",
        "h",
        "cpp",
        "hpp",
        "cc",
        "go",
        "rs",
        "rb",
        "php",
        "sh",
        "md",
        "rst",
        "txt",
        "toml",
        "cfg",
        "ini",
        "json",
        "yaml",
        "yml",
        "html",
        "css",
        "sql",
        "xml",
    }
)
_NO_FILE = re.compile(
    r"(?i)(?:(?:your|the|my)_?)?(?:file|filename|path|example|solution|code|fix(?:ed)?|fixed_code|updated?|new|answer"
    r"|script|untitled|function|module|program|snippet)(?:_?(?:file|code|name))?\.py"
)
_KEYS = re.compile(
    r"(?i)^\W*(?:(?:new|updated?|modified|edit(?:ed)?|corrected|fixed|create|full|complete)\s+)?"
    r"(?:file(?:_?name|_?path)?|path|title|name|in|code)\s*[:=]\s*"
)


class Other(Unfit):
    """The reply names a file that is no target."""

    def __init__(self, name: str, targets: Sequence[Target]) -> None:
        wanted = ", ".join(target.path for target in targets[:3])
        super().__init__(f"the reply edits {name[:120]}, which was not asked for", f"Change only {wanted}.")


def target_of(labels: Iterable[str], targets: Sequence[Target]) -> Target | None:
    """The target that the nearest label names; None where no label names a file.

    A label is a line of prose or markup; after a NUL it is a path and nothing else. Raises Other where it is plainly
    the name of another file, Unfit where several targets fit alike.
    """
    for label in labels:
        sure = label.startswith("\0")
        names = _names(label, sure)
        hits = [hit for name in names if (hit := match(name, targets))]
        if hits:
            return hits[0]
        if names and _alone(label, names[0], sure) and not _made_up(names[0], targets):
            raise Other(names[0], targets)
    return None


def match(name: str, targets: Sequence[Target]) -> Target | None:
    """The target of this name, or the one that ends alike where the folders before it are invented or left out."""
    parts = [part for part in re.split(r"[\\/]+", name.strip()) if part not in ("", ".")]
    if not parts or any(part.casefold().rstrip(". ") == ".git" for part in parts):
        return None
    for wanted in (parts, parts[1:] if parts[0] in ("a", "b") else parts):
        if exact := [target for target in targets if target.path.split("/") == wanted]:
            return exact[0]
    if ".." in parts[1:]:
        return None
    folds: tuple[Callable[[str], str], ...] = (str, str.casefold)
    for fold in folds:
        scored = [(_common(parts, target.path.split("/"), fold), target) for target in targets]
        best = max(score for score, _ in scored)
        fits = [target for score, target in scored if score == best]
        if best and len(fits) > 1:
            raise Unfit(f"{name[:120]} fits several files", f"Name the file as {fits[0].path} or {fits[1].path}.")
        if best:
            return fits[0]
    return None


def is_name(line: str) -> bool:
    """Whether a line holds a file name and nothing else but markup and comment signs."""
    names = _names(line)
    return bool(names) and _alone(line, names[0])


def _common(a: Sequence[str], b: Sequence[str], fold: Callable[[str], str]) -> int:
    count = 0
    for x, y in zip(reversed(a), reversed(b), strict=False):
        if fold(x) != fold(y):
            break
        count += 1
    return count


def _names(label: str, sure: bool = False) -> list[str]:
    if sure:
        text = label[1:].strip().strip("\"'`*")
        return [text] if text and text != "/dev/null" else []
    # A very long line is no label; and a dot and letters alone make no file name (`os.path`, `e.g`).
    found = _NAME.findall(label) if len(label) <= _LONG else []
    return [name for name in found if name.rpartition(".")[2].lower() in _KNOWN or "/" in name or "\\" in name]


def _alone(label: str, name: str, sure: bool = False) -> bool:
    """Whether a label is a name with markup around it, or a fence line or comment that says so, and no sentence."""
    if sure:
        return True
    rest = label.replace(name, " ", 1)
    rest = re.sub(
        r"(?i)\b(?:python3?|py|diff|patch|filename|file|path|title|name|new|updated?|modified|full)\b", " ", rest
    )
    return not re.search(r"\w", rest)


def _made_up(name: str, targets: Sequence[Target]) -> bool:
    """Whether a name is a placeholder, or a variation of a target's (`calc_fixed.py`)."""
    last = re.split(r"[\\/]", name)[-1]
    if _NO_FILE.fullmatch(last):
        return True
    bare = re.sub(r"(?i)[_.-]?(?:fixed|new|updated?|corrected|modified|v?\d+)[_.-]?", "", last.rpartition(".")[0])
    return any(bare == target.path.rpartition("/")[2].rpartition(".")[0] != "" for target in targets) and bare != ""
