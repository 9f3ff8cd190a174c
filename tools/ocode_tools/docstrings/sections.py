"""A docstring taken apart: its prose, and the texts of its entries by section and name, whatever form it has."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocode_tools.docstrings.parts import Form, Section

_TITLES: dict[str, Section] = {
    **dict.fromkeys(("args", "arguments", "parameters", "params", "other parameters", "keyword args"), "args"),
    **dict.fromkeys(("returns", "return"), "returns"),
    **dict.fromkeys(("yields", "yield"), "yields"),
    **dict.fromkeys(("raises", "raise", "exceptions"), "raises"),
    **dict.fromkeys(("attributes",), "attributes"),
}
_OTHERS = frozenset(
    {
        "example",
        "examples",
        "note",
        "notes",
        "see also",
        "warning",
        "warnings",
        "todo",
        "references",
        "usage",
        "methods",
    }
)
_FIELDS: dict[str, Section] = {
    **dict.fromkeys(("param", "parameter", "arg", "argument", "key", "keyword"), "args"),
    **dict.fromkeys(("return", "returns"), "returns"),
    **dict.fromkeys(("yield", "yields"), "yields"),
    **dict.fromkeys(("raise", "raises", "except", "exception"), "raises"),
    **dict.fromkeys(("ivar", "cvar", "var"), "attributes"),
}
_FIELD = re.compile(r":(\w+)(?:[ \t]+([^:\n]*))?:[ \t]*(.*)")
_ENTRY = re.compile(
    r"(?:[-*+][ \t]+)?[`*\\]*([A-Za-z_][\w.]*)[`*]*[ \t]*(?:\(([^()]*(?:\([^)]*\))?[^()]*)\))?"
    r"[ \t]*(?::|[ \t]-)(?:[ \t]+(.*)|$)"
)
_NAMED = re.compile(r"[*\\]*([A-Za-z_][\w.]*)((?:,[ \t]*[*\\]*[A-Za-z_]\w*)*)[ \t]*(?::[ \t]*(.*))?$")
_RULE = re.compile(r"[-=~]{3,}\s*$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """`prose` is what stands before the first section, `entries` hold a text by section and name ("" for results).

    `form` is None where there is no section; `others` says that it has sections of further kinds.
    """

    prose: str
    form: Form | None = None
    entries: Mapping[Section, Mapping[str, str]] = field(default_factory=dict[Section, dict[str, str]])
    others: bool = False

    @property
    def summary(self) -> str:
        """The first paragraph."""
        return " ".join(self.prose.partition("\n\n")[0].split())

    @property
    def details(self) -> str:
        """The further paragraphs."""
        return self.prose.partition("\n\n")[2].strip()


def parse(text: str) -> Parsed:
    """Take the value of a docstring apart; never fails."""
    lines = inspect.cleandoc(text).splitlines()
    heads = [(at, *found) for at in range(len(lines)) if (found := _head(lines, at)) is not None]
    if not heads:
        return Parsed("\n".join(lines).strip())
    entries: dict[Section, dict[str, str]] = {}
    form: Form | None = None
    ends = [at for at, *_ in heads[1:]] + [len(lines)]
    for (at, kind, section), end in zip(heads, ends, strict=True):
        if section is None:
            continue
        form = form or kind
        body = lines[at + {"numpy": 2, "google": 1}.get(kind, 0) : end]
        entries.setdefault(section, {}).update(_fields(body) if kind == "sphinx" else _listed(body, kind, section))
    prose = "\n".join(lines[: heads[0][0]]).strip()
    return Parsed(prose, form, entries, any(section is None for _, _, section in heads))


def _head(lines: Sequence[str], at: int) -> tuple[Form, Section | None] | None:
    """The form and section that begin on a line; a section of None is one of those that we do not write."""
    line = lines[at].rstrip()
    if (found := _FIELD.match(line)) and (section := _FIELDS.get(found[1])):
        return "sphinx", section
    title = line.strip().rstrip(":").lower()
    if line.startswith((" ", "\t")) or (title not in _TITLES and title not in _OTHERS):
        return None
    if at + 1 < len(lines) and _RULE.match(lines[at + 1]) and not line.endswith(":"):
        return "numpy", _TITLES.get(title)
    return ("google", _TITLES.get(title)) if line.endswith(":") else None


def _fields(body: Sequence[str]) -> dict[str, str]:
    found = _FIELD.match(body[0])
    assert found is not None
    name = (found[2] or "").split()[-1].lstrip("*\\") if (found[2] or "").strip() else ""
    rest: list[str] = []
    for line in body[1:]:
        if not line.strip() or line.lstrip().startswith(":"):
            break
        rest.append(line)
    return {name: " ".join(" ".join([found[3], *rest]).split())}


def _listed(body: Sequence[str], kind: Form, section: Section) -> dict[str, str]:
    """The entries of a section of its own: names at the least depth, what belongs to them deeper."""
    depth = min((len(line) - len(line.lstrip()) for line in body if line.strip()), default=0)
    groups: list[list[str]] = []
    for line in body:
        if not line.strip():
            continue
        if len(line) - len(line.lstrip()) <= depth or not groups:
            groups.append([line.strip()])
        else:
            groups[-1].append(line.strip())
    if section in ("returns", "yields"):
        return {"": _result(groups, kind)} if groups else {}
    found: dict[str, str] = {}
    for first, *others in groups:
        if kind == "numpy" and (named := _NAMED.match(first)):
            for name in [named[1], *(part.strip().lstrip("*\\") for part in named[2].split(",") if part.strip())]:
                found[name] = " ".join(others)
        elif entry := _ENTRY.match(first):
            found[entry[1]] = " ".join([entry[3] or "", *others]).strip()
    return found


def _result(groups: Sequence[Sequence[str]], kind: Form) -> str:
    lines = [line for group in groups for line in group]
    if kind == "numpy" and len(groups[0]) > 1:
        return " ".join(lines[1:])
    text = " ".join(lines)
    typed = re.match(r"[\w.\[\], |'\"]+: (?=\S)", text)
    return text[typed.end() :] if typed else text
