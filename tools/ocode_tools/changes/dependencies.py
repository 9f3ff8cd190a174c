"""What a project depends on, read from manifests of common ecosystems: name -> version, and its own version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from ocode_tools.changes.points import Point

OWN = ""  # the key under which the project's own version stands
_REQUIREMENT = r"^\s*[\"']?([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*((?:===?|~=|!=|<=?|>=?|\^|~)\s*[^;#\"']+)?"
_USES = r"(?m)^\s*-?\s*uses:\s*[\"']?([^\s@\"']+)@([^\s\"'#]+)(?:\s*#\s*(v?[\d.]+))?"
_FROM = r"(?mi)^FROM\s+(?:--\S+\s+)?([^\s:@]+):([^\s@]+)"
_HOOK = r"(?m)^\s*-?\s*repo:\s*(\S+)\s*\n\s*rev:\s*[\"']?([^\s\"'#]+)"
_GO = r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/[\w./~-]+)\s+(v[\w.+-]+)"
_GEM = (
    r"(?m)^\s*(?:\w+\.)?(?:gem|add_(?:development_|runtime_)?dependency)\(?\s*[\"']([\w-]+)[\"']"
    r"(?:\s*,\s*[\"']([^\"']+)[\"'])?"
)
_GRADLE = r"[\"']([\w.-]+:[\w.-]+):([\w.+-]+)[\"']"
_POM = r"<artifactId>([^<]+)</artifactId>\s*<version>([^<]+)</version>"
_NUGET = r"<Package(?:Reference|Version)\s+Include=\"([^\"]+)\"\s+Version=\"([^\"]+)\""
_TOOL = r"(?m)^([\w.-]+)[ \t]+(v?\d[\w.-]*)\s*$"
_QUOTED = r"(?m)^\s*[\"']?([A-Za-z0-9][\w.\-\[\]]*\s*(?:[<>=!~]=?|===)\s*[\w.,<>=!~* ]+)[\"']?,?\s*$"
# Compiled when a file of their kind is read. The endings are those of names in lower case.
_ENDINGS = (
    ("go.mod", _GO), ("gemfile", _GEM), (".gemspec", _GEM), ("pom.xml", _POM), (".csproj", _NUGET),
    (".gradle", _GRADLE), (".gradle.kts", _GRADLE), (".tool-versions", _TOOL), (".pre-commit-config.yaml", _HOOK),
)  # fmt: skip
_SECTIONS = frozenset({"dependency-groups", "requires", "packages", "dev-packages"})
Table = dict[str, Any]


def dependencies(path: str, text: str) -> dict[str, str]:
    """The versions that a file asks for by name ("" where it names none); empty for a file of another kind."""
    name = path.rpartition("/")[2].lower()
    if name in ("package.json", "composer.json"):
        return _package(text)
    if name in ("pyproject.toml", "cargo.toml", "pipfile"):
        return _toml(text)
    if name in ("setup.py", "setup.cfg"):
        return {item: version for item, version in _quoted(text).items() if version}
    if re.match(r"(requirements|constraints)[\w.-]*\.(txt|in)$", name) or "/requirements/" in f"/{path}":
        return _requirements(text.splitlines())
    for ending, pattern in _ENDINGS:
        if name.endswith(ending):
            return _found(pattern, text)
    if re.match(r"(docker|container)file|.*\.dockerfile$", name):
        return _found(_FROM, text)
    if name.endswith((".yml", ".yaml")) and (".github/" in path or name.startswith("action.")):
        return {item: comment or version for item, version, comment in re.findall(_USES, text)}
    return {}


def moved(path: str, before: str, after: str) -> Iterator[Point]:
    """One point for each dependency that came, went or changed its version, and one for the project's own version."""
    old, new = dependencies(path, before), dependencies(path, after)
    for name in (*old, *(name for name in new if name not in old)):
        first, second = old.get(name), new.get(name)
        if first == second:
            continue
        if name == OWN:
            if first and second:
                yield Point("changed", "version", second, first, f"bump the version to {second}", hint="chore")
        elif second is None:
            yield Point("removed", "dependency", short(name))
        elif first is None:
            yield Point("added", "dependency", short(name), detail=f"add {short(name)}")
        else:
            yield Point("changed", "dependency", short(name), first, _bump(short(name), first, second))


def short(name: str) -> str:
    """A dependency's name as people say it: without a host, and for Maven without the group."""
    name = re.sub(r"^https?://(?:www\.)?[\w.-]+/|\.git$", "", name)
    return name.rpartition(":")[2]


def _bump(name: str, old: str, new: str) -> str:
    first, second = (re.sub(r"[\s\"']", "", text) for text in (old, new))
    exact = re.fullmatch(r"[\^~=v]*(\d[\w.+-]*)", first), re.fullmatch(r"[\^~=v]*(\d[\w.+-]*)", second)
    if exact[0] and exact[1] and exact[0][1] != exact[1][1]:
        word = "downgrade" if _numbers(second) < _numbers(first) else "bump"
        return f"{word} {name} from {exact[0][1]} to {exact[1][1]}"
    if not second:
        return f"drop the limits on {name}"
    if re.fullmatch(r"[0-9a-f]{40}", second):
        return f"bump {name} to {second[:7]}"
    return f"require {name} {second}" if len(name + second) <= 44 else f"change the version of {name}"


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", version)]


def _found(pattern: str, text: str) -> dict[str, str]:
    return {str(match[1]): str(match[2] or "") for match in re.finditer(pattern, text)}


def _table(data: object) -> Table:
    return cast("Table", data) if isinstance(data, dict) else {}


def _package(text: str) -> dict[str, str]:
    import json

    try:
        data = _table(json.loads(text or "{}"))
    except (ValueError, RecursionError):
        return {}
    found = {OWN: str(data["version"])} if data.get("version") else {}
    for section, entries in data.items():
        if section.lower().endswith("dependencies") or section in ("require", "require-dev"):
            found.update({name: str(version) for name, version in _table(entries).items()})
    return found


def _toml(text: str) -> dict[str, str]:
    import tomllib

    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    poetry, shared = (
        _table(_table(data.get("tool")).get("poetry")),
        _table(_table(data.get("workspace")).get("package")),
    )
    for owner in (_table(data.get("project")), _table(data.get("package")), poetry, shared):
        if isinstance(owner.get("version"), str):
            found[OWN] = owner["version"]
    _walk(data, False, found)
    return found


def _walk(data: Table, wanted: bool, found: dict[str, str]) -> None:
    """Tables of names and lists of requirements, wherever a key says that they are dependencies."""
    for key, value in data.items():
        here = wanted or key.endswith("dependencies") or key in _SECTIONS
        if isinstance(value, dict):
            table = cast("Table", value)
            if here and not any(isinstance(entry, list) for entry in table.values()):
                found.update({name: _version(entry) for name, entry in table.items() if name != "python"})
            else:
                _walk(table, here, found)
        elif isinstance(value, list) and here:
            found.update(_requirements([item for item in cast("list[object]", value) if isinstance(item, str)]))


def _version(entry: object) -> str:
    table = _table(entry)
    return str(table.get("version", "")) if table else str(entry)


def _requirements(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        if not line.lstrip().startswith(("#", "-")) and (match := re.match(_REQUIREMENT, line)):
            found[match[1]] = (match[2] or "").strip()
    return found


def _quoted(text: str) -> dict[str, str]:
    versions = _requirements(re.findall(_QUOTED, text))
    return {name: version for name, version in versions.items() if version and not version.startswith("= ")}
