"""commitizen's and gitlint's rules, as far as they are data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocode_tools.messages.base import Policy
from ocode_tools.messages.policy import check
from ocode_tools.messages.sources import Found, commitizen, policy_of
from ocode_tools.messages.text import raw


def found(top: Path, name: str, text: str) -> Found:
    """What holds in a folder with this file."""
    (top / name).write_text(text)
    return policy_of(top, {"HOME": str(top)})


def verdict(policy: Policy, message: str) -> list[str]:
    """The rules that a message breaks."""
    return [problem.rule for problem in check(raw(message.encode()), policy)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.commitizen]\nversion = '1'\n"),
        (".cz.toml", "[tool.commitizen]\nname = 'cz_conventional_commits'\n"),
        ("cz.json", '{"commitizen": {"name": "cz_conventional_commits"}}'),
        (".cz.yaml", "commitizen:\n  name: cz_conventional_commits\n"),
    ],
)
def test_where_commitizen_is_configured(tmp_path: Path, name: str, text: str) -> None:
    rules = found(tmp_path, name, text)
    assert rules.origin == name
    assert verdict(rules.policy, "bump: version 1 to 2") == []
    assert verdict(rules.policy, "fix: close.") == []
    assert verdict(rules.policy, "Fix: close") == ["type-case"]
    assert verdict(rules.policy, "close") == ["header-form"]


@pytest.mark.parametrize(
    ("section", "message", "broken"),
    [
        ({"message_length_limit": 10}, "fix: close it", ["header-max-length"]),
        ({"allowed_prefixes": ["Merge", "WIP"]}, "WIP whatever", []),
        ({"name": "cz_jira"}, "AB-12 close", []),
        ({"name": "cz_jira"}, "close", ["pattern"]),
        ({"name": "cz_customize", "customize": {"schema_pattern": r"(task|bug): .+"}}, "task: close", []),
        ({"name": "cz_customize", "customize": {"schema_pattern": r"(task|bug): .+"}}, "fix: close", ["pattern"]),
        (
            {
                "name": "cz_customize",
                "customize": {"questions": [{"name": "change_type", "choices": [{"value": "task"}, "bug"]}]},
            },
            "fix: close",
            ["type-enum"],
        ),
    ],
)
def test_forms_of_commitizen(section: dict[str, Any], message: str, broken: list[str]) -> None:
    made = commitizen.policy(section, "x.toml")
    assert (verdict(made.policy, message), made.notes) == (broken, ())


def test_a_form_of_commitizen_that_is_a_program_is_noted() -> None:
    made = commitizen.policy({"name": "cz_acme"}, "x.toml")
    assert made.notes == ("x.toml: the form 'cz_acme' is a program and was not run; only lengths are checked",)
    assert verdict(made.policy, "Whatever") == []


@pytest.mark.parametrize(
    ("text", "message", "broken"),
    [
        ("", "Close", ["body-empty"]),
        ("", "Close\n\nThe file was left open.", []),
        ("", "Close!\n\nshort", ["subject-full-stop", "body-min-length"]),
        ("[general]\nignore=body-is-missing,T3", "WIP close.", ["subject-words"]),
        ("[general]\nignore=B6\n[title-max-length]\nline-length=10", "Close the file", ["header-max-length"]),
        ("[general]\nignore=B6\n[T1]\nline-length=10", "Close the file", ["header-max-length"]),
        ("[general]\nignore=B6\n[title-match-regex]\nregex=^AB-", "Close the file", ["pattern"]),
        ("[general]\nignore=B6\n[title-match-regex]\nregex=^AB-", "AB-12 close the file", []),
        ("[general]\nignore=B6\ncontrib=CT1", "Close the file", ["header-form"]),
        ("[general]\nignore=B6\ncontrib=contrib-title-conventional-commits", "fix: close the file", []),
        ("[general]\nignore=B6\ncontrib=CT1\n[CT1]\ntypes=task", "fix: close the file", ["type-enum"]),
        ("[general]\nignore=B6\ncontrib=CC1", "Close the file", ["signed-off-by"]),
        ("[body-match-regex]\nregex=^Why:", "Close\n\nThe file was left open.", ["body-pattern"]),
    ],
)
def test_rules_of_gitlint(tmp_path: Path, text: str, message: str, broken: list[str]) -> None:
    rules = found(tmp_path, ".gitlint", text)
    assert (verdict(rules.policy, message), rules.notes, rules.origin) == (broken, (), ".gitlint")


def test_what_gitlint_knows_and_we_do_not_is_noted(tmp_path: Path) -> None:
    rules = found(tmp_path, ".gitlint", "[ignore-by-title]\nregex=^Release\n[general]\ncontrib=CC2\n")
    assert rules.notes == (".gitlint: not checked here: CC2, ignore-by-title",)


def test_a_pattern_of_theirs_that_is_none_is_a_problem(tmp_path: Path) -> None:
    rules = found(tmp_path, ".gitlint", "[title-match-regex]\nregex=[\n")
    assert rules.problems[0].startswith("message.pattern must be a regular expression: ")
    assert rules.policy.pattern == ""
