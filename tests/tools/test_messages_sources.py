"""Whose rules hold: our own settings over commitlint's, commitizen's or gitlint's."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ocode_tools.messages.base import Policy
from ocode_tools.messages.policy import check, default
from ocode_tools.messages.sources import Found, commitlint, policy_of
from ocode_tools.messages.sources.base import WrongError
from ocode_tools.messages.text import raw

CONVENTIONAL = {"extends": ["@commitlint/config-conventional"]}


def found(top: Path, files: dict[str, str], **environ: str) -> Found:
    """What holds in a folder with these files."""
    for name, text in files.items():
        (top / name).write_text(text)
    return policy_of(top, {"HOME": str(top), **environ})


def verdict(policy: Policy, message: str) -> list[str]:
    """The rules that a message breaks, warnings with a `?`."""
    return [problem.rule + "?" * problem.warning for problem in check(raw(message.encode()), policy)]


def test_nothing_anywhere_is_the_default(tmp_path: Path) -> None:
    assert found(tmp_path, {"pyproject.toml": "[project]\nname = 'x'\n"}) == Found(default(), "default", ())
    assert policy_of(tmp_path / "absent", {}) == Found(default(), "default", ())


@pytest.mark.parametrize(
    ("files", "environ", "origin"),
    [
        ({".ocode.toml": "[message]\ntypes = ['task']\n"}, {}, ".ocode.toml"),
        ({"pyproject.toml": "[tool.ocode.message]\ntypes = ['task']\n"}, {}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.ocode]\nmessage.types = ['task']\n"}, {}, "pyproject.toml"),
        ({}, {"OCODE_MESSAGE_TYPES": "task"}, "OCODE_MESSAGE_TYPES"),
    ],
)
def test_our_own_settings(tmp_path: Path, files: dict[str, str], environ: dict[str, str], origin: str) -> None:
    rules = found(tmp_path, files, **environ)
    assert (rules.policy.types, rules.origin, rules.problems) == (("task",), origin, ())
    assert not rules.policy.learn


def test_the_users_own_file(tmp_path: Path) -> None:
    (tmp_path / "ocode").mkdir()
    (tmp_path / "ocode" / "config.toml").write_text("[message]\nsubject_max = 50\n")
    rules = found(tmp_path, {}, XDG_CONFIG_HOME=str(tmp_path))
    assert (rules.policy.subject_max, rules.origin, rules.policy.learn) == (50, "~/ocode/config.toml", True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[message]\ntypes = 'task'\n", ".ocode.toml:2: message.types must be a list of strings, not a string"),
        (
            "[message]\nstyle = 'loose'\n",
            '.ocode.toml:2: message.style must be conventional, plain or auto, not "loose"',
        ),
        ("[message]\nsubject_max = -1\n", ".ocode.toml:2: message.subject_max must be 0 or more"),
        ("[message]\nissue = '['\n", ".ocode.toml:2: message.issue must be a regular expression: "),
        ("[message]\ntyps = []\n", '.ocode.toml:2: unknown key "typs" in [message]; did you mean "types"?'),
        ("[mesage]\ntypes = []\n", '.ocode.toml:1: unknown section "mesage"; did you mean "message"?'),
        ("[message\n", ".ocode.toml:1: broken TOML: "),
    ],
)
def test_a_mistake_of_ours_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    rules = found(tmp_path, {".ocode.toml": text})
    assert len(rules.problems) == 1
    assert rules.problems[0].startswith(problem)
    assert rules.policy.types == default().types


def test_a_mistake_in_another_section_is_not_ours_to_say(tmp_path: Path) -> None:
    text = "[fix]\nbudgett = 1\nbudget = 'x'\n[models]\nkey = 'x'\n[sandbox]\nlevel='off'\n[message]\nscope = 'never'\n"
    rules = found(tmp_path, {".ocode.toml": text})
    assert (rules.problems, rules.policy.scope) == ((), "never")


def test_our_own_settings_win_over_theirs(tmp_path: Path) -> None:
    theirs = {"rules": {"type-enum": [2, "always", ["theirs"]], "header-max-length": [2, "always", 50]}}
    files = {".commitlintrc.json": json.dumps(theirs), ".ocode.toml": "[message]\ntypes = ['ours']\n"}
    rules = found(tmp_path, files)
    assert (rules.policy.types, rules.policy.subject_max) == (("ours",), 50)
    assert rules.origin == ".ocode.toml, .commitlintrc.json"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".commitlintrc.json", json.dumps(CONVENTIONAL)),
        (".commitlintrc.yaml", yaml.safe_dump(CONVENTIONAL)),
        (".commitlintrc.yml", yaml.safe_dump(CONVENTIONAL)),
        (".commitlintrc", json.dumps(CONVENTIONAL)),
        (".commitlintrc", yaml.safe_dump(CONVENTIONAL)),
        ("package.json", json.dumps({"name": "x", "commitlint": CONVENTIONAL})),
        ("commitlint.config.js", "export default {}"),
        (".commitlintrc.cts", "export default {}"),
    ],
)
def test_where_commitlint_is_configured(tmp_path: Path, name: str, text: str) -> None:
    rules = found(tmp_path, {name: text})
    assert rules.origin == name
    assert not rules.policy.learn
    assert verdict(rules.policy, "fix: Close the file") == ["subject-case"]
    program = not name.endswith(("rc", "json", "yaml", "yml"))
    assert len(rules.notes) == program
    if program:
        assert f"{name} is a program and was not run" in rules.notes[0]
        assert not found(tmp_path, {".ocode.toml": "[message]\nstyle = 'conventional'\n"}).notes


def test_another_package_is_no_commitlint(tmp_path: Path) -> None:
    assert found(tmp_path, {"package.json": json.dumps({"devDependencies": {"commitlint": "1"}})}).origin == "default"


@pytest.mark.parametrize(
    ("rules", "message", "broken"),
    [
        ({}, "fix: close the file", []),
        ({}, "fix(the io): close the file", []),
        ({}, "FIX: close the file", ["type-case"]),
        ({}, "Close the file", ["header-form"]),
        ({}, "fix: close the file.", ["subject-full-stop"]),
        ({}, "fix: Close the file", ["subject-case"]),
        ({}, "fix: CLOSE", ["subject-case"]),
        ({}, "fix: close HTTP", []),
        ({}, "fix: close...", []),
        ({}, "fix: \u4fee\u590d", []),
        ({}, "1.2.3", []),
        ({}, "fix: a\nb", ["body-leading-blank?"]),
        ({}, "fix: a\n\n" + "b " * 60, ["body-max-line-length"]),
        ({"type-enum": [0]}, "task: close", []),
        ({"type-enum": [1, "always", ["task"]]}, "fix: close", ["type-enum?"]),
        ({"type-empty": 0, "subject-empty": [0, "never"]}, "Close the file", ["subject-case"]),
        ({"subject-case": [2, "always", "sentence-case"]}, "fix: close", ["subject-case"]),
        ({"subject-case": [2, "always", ["lower-case", "upper-case"]]}, "fix: Close", ["subject-case"]),
        ({"scope-enum": [2, "always", ["api", "ui"]]}, "fix(io): close", ["scope-enum"]),
        ({"scope-enum": [2, "always", ["api", "ui"]]}, "fix(api,ui): close", []),
        ({"scope-empty": [2, "never"]}, "fix: close", ["scope-empty"]),
        ({"scope-empty": [2, "always"]}, "fix(io): close", ["scope-empty"]),
        ({"scope-case": [2, "always", "kebab-case"]}, "fix(someThing): close", ["scope-case"]),
        ({"scope-case": [2, "always", "kebab-case"]}, "fix(some-thing): close", []),
        ({"header-max-length": [2, "always", 10]}, "fix: close it", ["header-max-length"]),
        ({"header-max-length": [2, "always", "Infinity"]}, "fix: " + "a " * 99, []),
        ({"header-min-length": [2, "always", 10]}, "fix: a", ["header-min-length"]),
        ({"body-empty": [2, "never"]}, "fix: a", ["body-empty"]),
        ({"signed-off-by": [2, "always"]}, "fix: a", ["signed-off-by"]),
        ({"trailer-exists": [2, "always", "Refs:"]}, "fix: a", ["trailer-exists"]),
        ({"trailer-exists": [2, "always", "Refs:"]}, "fix: a\n\nRefs: 1", []),
        ({"references-empty": [2, "never"]}, "fix: a", ["references-empty"]),
        ({"references-empty": [2, "never"]}, "fix: a\n\ncloses #12", []),
    ],
)
def test_rules_of_commitlint(rules: dict[str, Any], message: str, broken: list[str]) -> None:
    made = commitlint.policy({**CONVENTIONAL, "rules": rules}, "x.json")
    assert (verdict(made.policy, message), made.notes) == (broken, ())


def test_commitlint_without_a_preset_asks_for_nothing_but_its_rules() -> None:
    made = commitlint.policy({"rules": {"header-max-length": [2, "always", 20]}}, "x.json")
    assert verdict(made.policy, "Whatever.\nit says") == []
    assert verdict(made.policy, "Whatever it says, and more") == ["header-max-length"]


def test_what_commitlint_knows_and_we_do_not_is_noted() -> None:
    content = {
        "extends": ["conventional", "@acme/rules"],
        "rules": {"subject-max-length": [2, "always", 9]},
        "plugins": ["x"],
    }
    made = commitlint.policy(content, "x.json")
    assert made.notes == (
        "x.json: the rules of '@acme/rules' are not known here and not checked",
        "x.json: not checked here: plugins, subject-max-length",
    )
    assert made.policy.types == default().types


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        (".commitlintrc.json", "{", ".commitlintrc.json: broken JSON: "),
        (".commitlintrc.json", "[]", ".commitlintrc.json: commitlint's configuration must be a table"),
        (".commitlintrc.yml", "a: [", ".commitlintrc.yml: broken YAML: "),
        (".commitlintrc.yml", "rules: {type-enum: x}", ".commitlintrc.yml: rules.type-enum must be [level, "),
        (
            ".commitlintrc.yml",
            "rules: {type-enum: [2, always, 3]}",
            ".commitlintrc.yml: rules.type-enum must be a list",
        ),
        (
            "pyproject.toml",
            "[tool.commitizen]\nmessage_length_limit = 'x'",
            "pyproject.toml: message_length_limit must",
        ),
        ("pyproject.toml", "[tool.commitizen", "pyproject.toml: broken TOML: "),
        (".cz.json", '{"commitizen": 1}', ".cz.json: commitizen must be a table"),
        (".gitlint", "[title-max-length]\nline-length=x", ".gitlint: title-max-length.line-length must be a whole"),
        (".gitlint", "x", ".gitlint: File contains no section headers."),
    ],
)
def test_a_mistake_in_their_files_is_one_line(tmp_path: Path, name: str, text: str, wrong: str) -> None:
    rules = found(tmp_path, {name: text})
    assert len(rules.problems) == 1
    assert rules.problems[0].startswith(wrong)
    assert "\n" not in rules.problems[0]


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 200), st.text(max_size=8), st.floats(allow_nan=False))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=6)


@effort(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from(["type-enum", "subject-case", "body-max-line-length", "x"]), VALUES), VALUES)
def test_any_configuration_of_commitlint_is_a_policy_or_one_line(rules: dict[str, Any], extends: Any) -> None:
    with suppress(WrongError):
        made = commitlint.policy({"extends": extends, "rules": rules}, "x.json")
        assert all(note.startswith("x.json: ") for note in made.notes)
        verdict(made.policy, "Fix(a): b\n\nc")
