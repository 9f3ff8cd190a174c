"""How a repository writes docstrings: what its configuration says, else what most of its docstrings do.

Keys: ruff `lint.pydocstyle.convention`, `line-length` and `lint.pycodestyle.max-doc-length`; pydoclint; pydocstyle;
flake8-docstrings `docstring-convention`; black `line-length`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

from ocode_tools.docstrings.parts import Form, Style
from ocode_tools.docstrings.units import Rules, units
from ocode_tools.docstrings.verbs import FORMS
from ocode_tools.source import Source, SourceError

FILES = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", "tox.ini", ".flake8", ".pydocstyle")
SAMPLE_FILES, SAMPLE_BYTES = 40, 600_000  # what is read to learn from
ENOUGH = 3  # docstrings with sections that settle their form
PLAIN = 10  # docstrings without any that settle that there are none

Table = Mapping[str, object]
_SECTIONS = r"(?:Args|Arguments|Parameters|Returns?|Yields?|Raises|Attributes)"
_FORMS: dict[Form, re.Pattern[str]] = {
    "numpy": re.compile(rf"^[ \t]*{_SECTIONS}[ \t]*\r?\n[ \t]*-{{3,}}", re.MULTILINE),
    "google": re.compile(rf"^[ \t]*{_SECTIONS}:[ \t]*$", re.MULTILINE),
    "sphinx": re.compile(r"^[ \t]*:(?:param|type|returns?|rtype|raises?|yields?|ivar)\b[^:\n]*:", re.MULTILINE),
}
_TYPED: dict[Form, re.Pattern[str]] = {
    "google": re.compile(r"^[ \t]+\*{0,2}\w+ \([^)\n]+\):", re.MULTILINE),
    "numpy": re.compile(r"^[ \t]*\*{0,2}\w+ ?: \S", re.MULTILINE),
    "sphinx": re.compile(r"^[ \t]*:type |^[ \t]*:param \S+ \S+:", re.MULTILINE),
}


def configured(read: Callable[[str], bytes | None]) -> Style | None:
    """The style that the files of FILES settle, None where they say nothing of a form; `read` gives them or None."""
    texts = {name: data.decode("utf-8", "replace") for name in FILES if (data := read(name)) is not None}
    project = _toml(texts.get("pyproject.toml", ""))
    ruff = _toml(texts.get("ruff.toml", texts.get(".ruff.toml", ""))) or _table(project, "tool", "ruff")
    lint = {**ruff, **_table(ruff, "lint")}
    pydoclint = {key.replace("_", "-"): value for key, value in _table(project, "tool", "pydoclint").items()}
    base = Style(width=_width(project, ruff, lint, texts))
    found = str(_table(lint, "pydocstyle").get("convention") or _table(project, "tool", "pydocstyle").get("convention"))
    has_pydoclint = "pydoclint" in _table(project, "tool")
    form = str(pydoclint.get("style", "numpy")) if has_pydoclint else found
    if form not in _FORMS:
        said = re.search(r"(?m)^[ \t]*(?:docstring[-_])?convention[ \t]*=[ \t]*(\w+)", "\n".join(texts.values()))
        form = said[1] if said else form
    strict = any(code == "DOC" or code.startswith("DOC5") for code in _selected(lint))
    if form not in _FORMS:
        return replace(base, origin="width", strict=strict) if base.width != Style().width or strict else None
    base = replace(base, form=form, strict=strict, origin="ruff")
    if has_pydoclint:
        return _by_pydoclint(base, pydoclint)
    return replace(base, types=form == "numpy", result_types=form == "numpy")


def _by_pydoclint(style: Style, said: Table) -> Style:
    types = said.get("arg-type-hints-in-docstring", True) is True
    return replace(
        style,
        types=types,
        result_types=said.get("check-return-types", True) is True or types,
        strict=True,
        raises=said.get("skip-checking-raises", False) is not True,
        members=said.get("check-class-attributes", True) is True,
        init=said.get("allow-init-docstring", False) is True,
        bare_stars=said.get("omit-stars-when-documenting-varargs", False) is True,
        origin="pydoclint",
    )


def learned(samples: Iterable[tuple[str, bytes]], base: Style) -> Style:
    """`base` with what most docstrings of the samples do, where it does not come from a configuration."""
    found = _Habits()
    for path, data in samples:
        try:
            found.hear(Source(path, data))
        except SourceError:
            continue
    return found.style(base)


class _Habits:
    def __init__(self) -> None:
        self.forms = Counter[Form]()
        self.typed = Counter[Form]()
        self.seen = self.functions = self.several = self.below = self.stops = 0
        self.descriptive = self.imperative = self.single = self.inits = self.wide = 0

    def hear(self, source: Source) -> None:
        """Count what the docstrings of a file do."""
        for unit in units(source):
            if unit.doc is None or not isinstance(text := unit.doc.value, str) or not text.strip():
                continue
            self.seen += 1
            self.single += source.text[source.span(unit.doc)[1] - 3 :].startswith("'''")
            lines = text.strip().splitlines()
            self.stops += lines[0].rstrip().endswith(".")
            if len(text.splitlines()) > 1:
                self.several += 1
                self.below += not text.splitlines()[0].strip()
            self.wide += any(len(line) > 79 for line in text.splitlines())
            for form, pattern in _FORMS.items():
                if pattern.search(text):
                    self.forms[form] += 1
                    self.typed[form] += bool(_TYPED[form].search(text))
                    break
            if unit.kind == "function":
                self.functions += 1
                self.inits += unit.name == "__init__" and len(lines) > 1
                first = re.split(r"\W", lines[0], maxsplit=1)[0].lower()
                self.imperative += first in FORMS
                self.descriptive += first in FORMS.values()

    def style(self, base: Style) -> Style:
        """What most of them do; for what few of them show, the base."""
        by_tools = base.origin in ("ruff", "pydoclint")
        style = replace(base, origin=base.origin if by_tools else f"{self.seen} docstrings here")
        if not self.seen:
            return style if by_tools else replace(style, origin="default")
        style = replace(
            style,
            quotes="'''" if self.single * 2 > self.seen else '"""',
            stop=self.stops * 3 > self.seen,
            below=self.below * 2 > self.several,
            descriptive=self.descriptive > self.imperative,
        )
        if not by_tools:
            form, votes = (self.forms.most_common(1) or [("google", 0)])[0]
            if votes < ENOUGH and votes * 10 < self.functions:
                form = "plain" if self.seen >= PLAIN else style.form
            style = replace(style, form=form, init=self.inits >= ENOUGH)
        if base.origin != "pydoclint":
            typed = self.typed[style.form] * 2 > self.forms[style.form] or (
                style.form == "numpy" and not self.forms["numpy"]
            )
            style = replace(style, types=typed, result_types=typed)
        if base.width == Style().width and not self.wide and self.seen >= PLAIN:
            style = replace(style, width=79)
        return style


def rules_of(read: Callable[[str], bytes | None]) -> Rules | None:
    """What `[tool.interrogate]` leaves out, as rules; None where it is not configured."""
    data = read("pyproject.toml")
    said = _table(_toml(data.decode("utf-8", "replace") if data else ""), "tool", "interrogate")
    if not said:
        return None
    names = {
        "ignore-init-method": ("init",),
        "ignore-init-module": ("package",),
        "ignore-magic": ("magic",),
        "ignore-module": ("module", "package"),
        "ignore-nested-functions": ("nested",),
        "ignore-nested-classes": ("nested",),
        "ignore-private": ("private",),
        "ignore-semiprivate": ("private",),
        "ignore-property-decorators": ("property",),
        "ignore-setters": ("setter",),
        "ignore-overloaded-functions": ("overload",),
    }
    on = [
        rule for key, rules in names.items() if said.get(key, said.get(key.replace("-", "_"))) is True for rule in rules
    ]
    exclude = said.get("exclude")
    globs = [str(item).strip("/") for item in cast("list[object]", exclude)] if isinstance(exclude, list) else []
    return Rules(frozenset([*on, "override", "overload", "setter", "stub", "tests"]), tuple(globs))


def _width(project: Table, ruff: Table, lint: Table, texts: Mapping[str, str]) -> int:
    said = re.search(r"(?m)^[ \t]*max[-_]line[-_]length[ \t]*=[ \t]*(\d+)", "\n".join(texts.values()))
    rows = (
        _table(lint, "pycodestyle").get("max-doc-length"),
        ruff.get("line-length"),
        _table(project, "tool", "black").get("line-length"),
        int(said[1]) if said else None,
    )
    return next((row for row in rows if isinstance(row, int) and 40 <= row <= 200), Style().width)


def _selected(lint: Table) -> list[str]:
    rows = [lint.get(key) for key in ("select", "extend-select")]
    return [str(code) for row in rows if isinstance(row, list) for code in cast("list[object]", row)]


def _toml(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _table(table: Table, *names: str) -> dict[str, object]:
    for name in names:
        found = table.get(name)
        table = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    return dict(table)
