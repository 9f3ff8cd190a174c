"""commitlint's configuration, as far as it is data: https://commitlint.js.org/reference/configuration.html."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ocode_tools.messages.base import Policy
from ocode_tools.messages.cases import KNOWN, NAMES
from ocode_tools.messages.sources.base import Theirs, WrongError, document, number, strings, table

# In the order in which commitlint looks (cosmiconfig's).
_DATA = {
    "package.json": "json",
    ".commitlintrc": "yaml",  # JSON is YAML too
    ".commitlintrc.json": "json",
    ".commitlintrc.yaml": "yaml",
    ".commitlintrc.yml": "yaml",
}
_ENDS = ("js", "cjs", "mjs", "ts", "cts", "mts")
_CODE = tuple(f"{stem}.{end}" for stem in (".commitlintrc", "commitlint.config") for end in _ENDS)
_ENUM = ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"]
_COMMON: dict[str, list[Any]] = {
    "body-leading-blank": [1, "always"],
    "footer-leading-blank": [1, "always"],
    "header-max-length": [2, "always", 100],
    "subject-case": [2, "never", ["sentence-case", "start-case", "pascal-case", "upper-case"]],
    "subject-empty": [2, "never"],
    "subject-full-stop": [2, "never", "."],
    "type-case": [2, "always", "lower-case"],
    "type-empty": [2, "never"],
    "type-enum": [2, "always", _ENUM],
}
_CONVENTIONAL = {
    **_COMMON,
    "body-max-line-length": [2, "always", 100],
    "footer-max-line-length": [2, "always", 100],
}
_ANGULAR = {
    **_COMMON,
    "header-max-length": [2, "always", 72],
    "scope-case": [2, "always", "lower-case"],
    "type-enum": [2, "always", [name for name in _ENUM if name != "chore"]],
}
PRESETS = {
    "@commitlint/config-conventional": _CONVENTIONAL,
    "@commitlint/config-angular": _ANGULAR,
}
# Kept by any message that git or this check lets through.
_ALWAYS = frozenset({"header-trim", "body-trim", "body-case", "subject-exclamation-mark", "type-trim"})
_Put = Callable[["_Rules", str, Any], None]


def read(top: Path, names: frozenset[str]) -> Theirs | None:
    """The rules of the first file that commitlint would take; None where there is none. Raises WrongError.

    A file in JavaScript or TypeScript is named in a note and not run: the defaults hold.
    """
    for name, kind in _DATA.items():
        if name in names:
            content = document(top / name, kind)
            if name == "package.json":
                content = content.get("commitlint") if table(content) else None
                if content is None:
                    continue
            return policy(content, name)
    for name in _CODE:
        if name in names:
            note = f"{name} is a program and was not run; say its rules in [message] of .ocode.toml"
            return Theirs(policy({"extends": "@commitlint/config-conventional"}, name).policy, name, (note,))
    return None


def policy(content: object, name: str) -> Theirs:
    """The policy that a configuration asks for; `name` is its file. Raises WrongError for one that is none."""
    if not table(content):
        raise WrongError(f"{name}: commitlint's configuration must be a table")
    rules: dict[str, Any] = {}
    notes: list[str] = []
    for preset in strings(content.get("extends") or [], f"{name}: extends"):
        known = PRESETS.get(_full(preset))
        rules |= known or {}
        if known is None:
            notes.append(f"{name}: the rules of {preset[:60]!r} are not known here and not checked")
    given: Any = content.get("rules") or {}
    if not table(given):
        raise WrongError(f"{name}: rules must be a table")
    made = _Rules(name)
    for rule, value in {**rules, **given}.items():
        made.take(rule, value)
    unread = [key for key in ("parserPreset", "plugins") if content.get(key)]
    if content.get("defaultIgnores") is False:
        unread.append("defaultIgnores")
    if unread or made.unknown:
        notes.append(f"{name}: not checked here: {', '.join([*unread, *made.unknown])[:200]}")
    return Theirs(made.policy(), name, tuple(notes))


def _full(preset: str) -> str:
    """A preset's whole name: `@commitlint` and `conventional` are short for more."""
    if preset.startswith(("@", ".", "/")):
        return preset
    return (
        f"@commitlint/{preset.removeprefix('commitlint-')}" if "config-" in preset else f"@commitlint/config-{preset}"
    )


class _Rules:
    """Rules taken one by one; what nobody asked for is off."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, Any] = {"full_stop": True, "learn": False, "versions": True}
        self.warn: set[str] = set()
        self.off = {"scope-form", "body-leading-blank", "footer-leading-blank"}
        self.form = False
        self.unknown: list[str] = []

    def take(self, rule: str, value: object) -> None:
        """Take over one rule: `[level, applicable, value]`, or a level alone."""
        parts: list[Any] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType]
        if not parts or str(parts[0]) not in ("0", "1", "2"):
            raise WrongError(f"{self.name}: rules.{rule[:40]} must be [level, applicable, value]")
        level, applicable, wanted = (*parts, "always", None)[:3] if len(parts) == 1 else (*parts, None)[:3]
        if not level or rule in _ALWAYS:
            return
        put = _RULES.get((rule, str(applicable)))
        if not put:
            self.unknown.append(rule)
            return
        put(self, rule, wanted)
        if level == 1:
            self.warn |= {rule} | ({"header-form"} if rule == "type-empty" else set())

    def policy(self) -> Policy:
        """What was taken, as a policy."""
        base = Policy(style="conventional" if self.form else "plain")
        return base._replace(warn=frozenset(self.warn), off=frozenset(self.off), **self.values)

    def where(self, rule: str) -> str:
        return f"{self.name}: rules.{rule}"


def _set(field: str, value: Any) -> _Put:
    def put(rules: _Rules, _rule: str, _wanted: Any) -> None:
        rules.values[field] = value

    return put


def _number(field: str) -> _Put:
    def put(rules: _Rules, rule: str, wanted: Any) -> None:
        rules.values[field] = number(wanted, rules.where(rule))

    return put


def _names(field: str) -> _Put:
    def put(rules: _Rules, rule: str, wanted: Any) -> None:
        # An object { "scopes": [...], "delimiters": [...] } is the long form.
        if table(wanted):
            wanted = wanted.get(f"{rule.partition('-')[0]}s", [])
        rules.values[field] = strings(wanted or [], rules.where(rule))

    return put


def _cases(field: str, mark: str) -> _Put:
    def put(rules: _Rules, rule: str, wanted: Any) -> None:
        if table(wanted):
            wanted = wanted.get("cases", [])
        cases = [NAMES.get(case, case) for case in strings(wanted or [], rules.where(rule))]
        rules.values[field] = tuple(mark + case for case in cases if case in KNOWN)

    return put


def _on(rules: _Rules, rule: str, _wanted: Any) -> None:
    rules.off.discard(rule)


def _form(rules: _Rules, _rule: str, _wanted: Any) -> None:
    rules.form = True


def _full_stop(rules: _Rules, rule: str, wanted: Any) -> None:
    rules.values |= {"full_stop": False, "endings": "".join(strings(wanted or ".", rules.where(rule)))}


def _trailer(rules: _Rules, rule: str, wanted: Any) -> None:
    keys = strings(wanted or "Signed-off-by:", rules.where(rule))
    rules.values["footers"] = tuple(key.rstrip(": ") for key in keys)


_RULES: Mapping[tuple[str, str], _Put] = {
    ("type-empty", "never"): _form,
    ("type-enum", "always"): _names("types"),
    ("type-case", "always"): _cases("type_case", ""),
    ("type-case", "never"): _cases("type_case", "!"),
    ("scope-enum", "always"): _names("scopes"),
    ("scope-empty", "never"): _set("scope", "required"),
    ("scope-empty", "always"): _set("scope", "never"),
    ("scope-case", "always"): _cases("scope_case", ""),
    ("scope-case", "never"): _cases("scope_case", "!"),
    ("subject-empty", "never"): _form,
    ("subject-case", "always"): _cases("subject_case", ""),
    ("subject-case", "never"): _cases("subject_case", "!"),
    ("subject-full-stop", "never"): _full_stop,
    ("header-full-stop", "never"): _full_stop,
    ("header-max-length", "always"): _number("subject_max"),
    ("header-min-length", "always"): _number("subject_min"),
    ("body-leading-blank", "always"): _on,
    ("body-max-line-length", "always"): _number("body_max"),
    ("body-min-length", "always"): _number("body_min"),
    ("body-empty", "never"): _set("body", "required"),
    ("body-empty", "always"): _set("body", "never"),
    ("footer-leading-blank", "always"): _on,
    ("footer-max-line-length", "always"): _number("footer_max"),
    ("signed-off-by", "always"): _set("sign_off", True),
    ("trailer-exists", "always"): _trailer,
    ("references-empty", "never"): _set("issue", r"(?<!\w)#\d+"),
}
