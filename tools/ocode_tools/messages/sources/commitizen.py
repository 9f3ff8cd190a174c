"""commitizen's configuration: https://commitizen-tools.github.io/commitizen/config/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ocode_tools.messages.base import Policy
from ocode_tools.messages.sources.base import Theirs, WrongError, document, items, number, strings, table

# In the order in which commitizen looks.
_FILES = {
    "pyproject.toml": "toml",
    ".cz.toml": "toml",
    ".cz.json": "json",
    "cz.json": "json",
    ".cz.yaml": "yaml",
    "cz.yaml": "yaml",
    "cz.toml": "toml",
}
TYPES = ("build", "bump", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test")
_JIRA = r"[\s\S]*[A-Z]{2,}-[0-9]+"
# The questions of a custom form whose answer is the type.
_KINDS = frozenset({"change_type", "type", "prefix", "commit_type"})


def read(top: Path, names: frozenset[str]) -> Theirs | None:
    """The rules of the first file that names commitizen; None where none does. Raises WrongError."""
    for name, kind in _FILES.items():
        if name in names:
            content = document(top / name, kind)
            inside = content.get("tool") if table(content) and kind == "toml" else content
            section = inside.get("commitizen") if table(inside) else None
            if section is not None:
                return policy(section, name)
    return None


def policy(section: object, name: str) -> Theirs:
    """The policy of a section `commitizen`; `name` is its file. Raises WrongError for one that is none."""
    if not table(section):
        raise WrongError(f"{name}: commitizen must be a table")
    form = section.get("name", "cz_conventional_commits")
    base = Policy(learn=False, full_stop=True, off=frozenset({"footer-leading-blank"}))._replace(
        subject_max=number(section.get("message_length_limit") or 0, f"{name}: message_length_limit"),
        exempt=strings(section.get("allowed_prefixes") or [], f"{name}: allowed_prefixes"),
    )
    if form == "cz_conventional_commits":
        return Theirs(base._replace(types=TYPES, type_case=("lower-case",)), name)
    plain = base._replace(style="plain", off=base.off | {"body-leading-blank"})
    if form == "cz_jira":
        return Theirs(plain._replace(pattern=_JIRA, reach="message"), name)
    if form == "cz_customize":
        return _custom(section.get("customize") or {}, base, plain, name)
    note = f"{name}: the form {str(form)[:40]!r} is a program and was not run; only lengths are checked"
    return Theirs(plain, name, (note,))


def _custom(custom: object, base: Policy, plain: Policy, name: str) -> Theirs:
    if not table(custom):
        raise WrongError(f"{name}: commitizen.customize must be a table")
    pattern = custom.get("schema_pattern")
    if isinstance(pattern, str) and pattern:
        return Theirs(plain._replace(pattern=pattern, reach="message"), name)
    types = _types(custom.get("questions"))
    if types:
        return Theirs(base._replace(types=types), name)
    return Theirs(plain, name, (f"{name}: commitizen.customize has no schema_pattern; only lengths are checked",))


def _types(questions: Any) -> tuple[str, ...]:
    """The types that the form offers."""
    for question in items(questions):
        if table(question) and question.get("name") in _KINDS:
            values = [choice.get("value") if table(choice) else choice for choice in items(question.get("choices"))]
            return tuple(value for value in values if isinstance(value, str))
    return ()
