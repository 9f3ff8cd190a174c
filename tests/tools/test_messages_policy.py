"""The verdicts of the check: which rule a message breaks, and what is said to pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ocode_tools.messages.base import Policy, with_values
from ocode_tools.messages.history import Entry
from ocode_tools.messages.policy import check, default, judged, learned, refused
from ocode_tools.messages.text import Habits, raw, read
from ocode_tools.schema import SCHEMA

LONG = "word " * 30
URL = "https://example.org/" + "x" * 120


def broken(message: str | bytes, policy: Policy | None = None, strict: bool = False, merge: bool = False) -> list[str]:
    """The rules that a message file breaks, warnings with a `?`."""
    data = message if isinstance(message, bytes) else message.encode()
    found = check(read(data, Habits()), policy or default(), strict=strict, merge=merge)
    for problem in found:
        assert f"{problem.rule}{problem.found}{problem.passes}".isprintable()
    return [problem.rule + "?" * problem.warning for problem in found]


GOOD = {
    "plain": "fix: close the file",
    "scope": "fix(io): close the file",
    "breaking": "feat!: drop it",
    "scope-breaking": "feat(api)!: drop it",
    "two-spaces": "fix:  close the file",
    "capital-type": "FIX: close the file",
    "sentence-case": "fix: Close the file",
    "scopes": "fix(api, ui): close the file",
    "path-scope": "fix(packages/core): close the file",
    "trailers": "fix: a\n\nwhy\n\nSigned-off-by: X <x@example.org>\n",
    "breaking-change": "fix: a\n\nwhy\n\nBREAKING CHANGE: b",
    "crlf": "fix: a\r\n\r\nwhy\r\n",
    "cjk": "fix: 修复文件",
    "nul": "fix: a\0b",
    "leading-blank-lines": "\n\nfix: a",
    "scissors": "fix: a\n; ------------------------ >8 ------------------------\ndiff --git a/x b/x",
    "empty": "",
    "only-comments": "# a\n# b\n",
    "revert": 'Revert "whatever it was."',
    "reapply": 'Reapply "whatever it was"',
    "revert-type": "revert: close the file",
    "merge-branch": "Merge branch 'a' into b",
    "merge-branches": "Merge branches 'a' and 'b'",
    "merge-remote": "Merge remote-tracking branch 'origin/main'",
    "merge-url": "Merge branch 'a' of https://example.org/x",
    "merge-tag": "Merge tag 'v1.0'",
    "merge-commit": "Merge commit '1a2b'",
    "merge-pull-request": "Merge pull request #12 from x/y\n\nFix: whatever",
    "merge-of-azure": "Merged PR 12: whatever",
    "merge-of-bitbucket": "Merged in feature/x (pull request #12)",
    "merge-of-shas": "Merge 1a2b3c into 4d5e6f",
    "fixup": "fixup! anything",
    "squash": "squash! anything",
    "amend": "amend! anything",
    "body-of-100": "fix: a\n\n" + "x " * 49 + "xx",
    "one-word": "fix: a\n\n" + "x" * 130,
    "one-word-point": "fix: a\n\n- " + "x" * 130,
    "address": f"fix: a\n\nsee {URL} for more",
    "reference": f"fix: a\n\n[1]: {URL}",
    "listing": "fix: a\n\n    " + LONG,
    "quotation": "fix: a\n\n> " + LONG,
    "trailer": "fix: a\n\nCo-authored-by: " + LONG + "<a@example.org>",
    "one-word-subject": "fix: " + "x" * 130,
    "umlauts": "fix: " + "a\u0308 " * 45,
    "tag-in-the-text": "feat: <canvas> can be printed",
    "brackets": "feat: read [tool.ocode] first",
}


@pytest.mark.parametrize("message", [pytest.param(text, id=name) for name, text in GOOD.items()])
def test_good_messages(message: str) -> None:
    assert broken(message) == []


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        pytest.param("fix:close", ["header-form"], id="no-space"),
        pytest.param("close the file", ["header-form"], id="no-type"),
        pytest.param("merge the two lists", ["header-form"], id="no-merge"),
        pytest.param("Revert the change", ["header-form"], id="no-revert"),
        pytest.param("1.2.3", ["header-form"], id="version"),
        pytest.param("Initial commit", ["header-form"], id="initial"),
        pytest.param("fix(): close", ["header-form"], id="empty-scope"),
        pytest.param("fix( ): close", ["header-form"], id="blank-scope"),
        pytest.param("fix (io): close", ["header-form"], id="space-before-the-scope"),
        pytest.param("\u2728 feat: close", ["header-form"], id="emoji"),
        pytest.param("fix\uff1a close", ["header-form"], id="full-width-colon"),
        pytest.param("fix:", ["subject-empty"], id="no-subject"),
        pytest.param("fix(io): ", ["subject-empty"], id="blank-subject"),
        pytest.param("foo: close", ["type-enum"], id="unknown-type"),
        pytest.param("fix(the io): close", ["scope-form"], id="scope-with-a-space"),
        pytest.param("fix: close.", ["subject-full-stop"], id="full-stop"),
        pytest.param("fix: " + LONG, ["header-max-length"], id="long-header"),
        pytest.param("fix: a\nb", ["body-leading-blank"], id="no-blank-line"),
        pytest.param("fix: a\n\n" + LONG, ["body-max-line-length"], id="long-line"),
        pytest.param("fix: a\n\n- " + LONG, ["body-max-line-length"], id="long-point"),
        pytest.param("fix: a\n\nBREAKING CHANGE: " + LONG, ["footer-max-line-length"], id="long-footer"),
        pytest.param("fix: a\n\nb\nBREAKING CHANGE: c", ["footer-leading-blank?"], id="footer-in-the-body"),
        pytest.param(b"\xef\xbb\xbffix: a", ["byte-order-mark"], id="mark"),
        pytest.param("fix: a".encode("utf-16"), ["byte-order-mark"], id="utf-16"),
        pytest.param(b"fix: caf\xe9", ["encoding?"], id="latin-1"),
        pytest.param(
            "foo(a b): c.\nd", ["type-enum", "scope-form", "subject-full-stop", "body-leading-blank"], id="all"
        ),
    ],
)
def test_bad_messages(message: str | bytes, rules: list[str]) -> None:
    assert broken(message) == rules


@pytest.mark.parametrize(
    ("message", "passes"),
    [
        ("fix:close", '"fix: close"'),
        ("fix(): close", '"fix: close"'),
        ("fix (io) : close", '"type(scope): what it does", such as "fix: close the file"'),
        ("fix\uff1aclose", 'an ordinary colon and a space: "fix: close"'),
        ("fix: close.", '"close"'),
        ("fix(a b): c", 'one noun without spaces, such as "a-b"'),
        ("fixed: c", "one of build, chore, ci, docs, feat, fix, perf, refactor, revert, style, test"),
    ],
)
def test_what_would_pass(message: str, passes: str) -> None:
    (problem,) = check(raw(message.encode()), default())
    assert problem.passes == passes


def test_the_line_is_that_of_the_file() -> None:
    found = check(read(f"\n# c\nfoo: a\n# c\n\nb\n{LONG}\n".encode(), Habits()), default())
    assert [(problem.rule, problem.line) for problem in found] == [("type-enum", 3), ("body-max-line-length", 7)]


EXEMPT = [name for name in GOOD if name.startswith(("merge-", "fixup", "squash", "amend"))] + ["revert", "reapply"]


@pytest.mark.parametrize("name", EXEMPT)
def test_strict_exempts_nothing(name: str) -> None:
    assert broken(GOOD[name], strict=True)


def test_strict_names_what_autosquash_would_do_away_with() -> None:
    assert broken("fixup! fix: a", strict=True) == ["autosquash"]
    assert broken("fixup! a", default()._replace(style="plain"), strict=True) == ["autosquash"]


def test_a_merge_may_say_what_it_likes() -> None:
    assert broken("bring in the rest", merge=True) == []
    assert broken("bring in the rest", merge=True, strict=True) == ["header-form"]


@pytest.mark.parametrize(
    ("values", "bad", "rule", "good"),
    [
        pytest.param({"types": ("task",)}, "fix: a", "type-enum", "Task: a", id="types"),
        pytest.param({"types": ()}, "a", "header-form", "whatever: a", id="any-type"),
        pytest.param({"scopes": ("api", "ui")}, "fix(io): a", "scope-enum", "fix(api,ui): a", id="scopes"),
        pytest.param({"scope": "required"}, "fix: a", "scope-empty", "fix(io): a", id="scope"),
        pytest.param({"scope": "never"}, "fix(io): a", "scope-empty", "fix: a", id="no-scope"),
        pytest.param(
            {"subject_max": 20}, "fix: a b c d e f g h i", "header-max-length", "fix: a b c d e f g h", id="max"
        ),
        pytest.param({"subject_min": 12}, "fix: a", "header-min-length", "fix: a b c d", id="min"),
        pytest.param({"subject_case": "lower"}, "fix: Add", "subject-case", "fix: add HTTP", id="lower"),
        pytest.param({"subject_case": "sentence"}, "fix: add", "subject-case", "fix: Add it", id="sentence"),
        pytest.param({"body": "required"}, "fix: a\n\nRefs: 1", "body-empty", "fix: a\n\nb", id="body"),
        pytest.param({"body": "never"}, "fix: a\n\nb", "body-empty", "fix: a\n\nRefs: 1", id="no-body"),
        pytest.param(
            {"body_max": 9}, "fix: a\n\na b c d e f", "body-max-line-length", "fix: a\n\na b c d", id="body-max"
        ),
        pytest.param({"footers": ("Refs",)}, "fix: a", "trailer-exists", "fix: a\n\nrefs: 1", id="footers"),
        pytest.param({"issue": r"[A-Z]+-\d+"}, "fix: a", "references-empty", "fix: a\n\nAB-12", id="issue"),
        pytest.param(
            {"sign_off": True}, "fix: a\n\nsigned-off", "signed-off-by", "fix: a\n\nSigned-off-by: X", id="sign-off"
        ),
        pytest.param({"pattern": r"fix: \w+"}, "fix: a b", "pattern", "fix: a", id="pattern"),
        pytest.param({"style": "plain"}, "Add it.", "subject-full-stop", "Add it", id="plain"),
    ],
)
def test_settings(values: dict[str, Any], bad: str, rule: str, good: str) -> None:
    policy = with_values(default(), values)
    assert broken(bad, policy) == [rule]
    assert broken(good, policy) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"full_stop": True}, "fix: a."),
        ({"versions": True}, "1.2.3"),
        ({"versions": True}, "v1.2.3-rc.1"),
        ({"exempt": ("WIP",)}, "WIP: a."),
        ({"body_max": 0}, "fix: a\n\n" + LONG),
    ],
)
def test_settings_that_let_more_pass(values: dict[str, Any], message: str) -> None:
    assert broken(message)
    assert broken(message, with_values(default(), values)) == []


def test_a_rule_may_only_warn() -> None:
    policy = with_values(default(), {"warn": ("subject-full-stop",)})
    found = check(raw(b"fix: a."), policy)
    assert [problem.warning for problem in found] == [True]
    assert not refused(found)


def test_the_defaults_are_the_settings() -> None:
    policy = default()
    for key, spec in SCHEMA.items():
        section, name = key.split(".")
        if section == "message" and name in Policy._fields and name not in ("style", "subject_case", "warn"):
            assert getattr(policy, name) == spec.default, key


def log(*subjects: str) -> list[Entry]:
    return [Entry(subject, "", "A <a@example.org>") for subject in subjects]


def test_a_log_that_is_clearly_plain_makes_the_style_plain() -> None:
    assert learned(default(), log(*["Add it"] * 10)).style == "plain"
    assert learned(default(), log(*["Add it"] * 9)).style == "conventional"
    assert learned(default(), log(*["Add it"] * 8, *["fix: a"] * 2)).style == "conventional"
    assert learned(default()._replace(learn=False), log(*["Add it"] * 10)).style == "conventional"


def test_a_log_that_ends_in_full_stops_allows_them() -> None:
    assert learned(default(), log(*["Add it."] * 10)).full_stop
    assert not learned(default(), log(*["Add it"] * 10)).full_stop


def test_the_log_is_read_only_where_the_form_is_wrong() -> None:
    read_: list[int] = []

    def entries() -> list[Entry]:
        read_.append(1)
        return log(*["Add it"] * 10)

    for message, times in (("fix: a", 0), ("fix: a.", 0), ("Add more", 1)):
        policy, _ = judged(raw(message.encode()), default(), entries)
        assert (len(read_), policy.style) == (times, "plain" if times else "conventional")


@effort(deadline=None, max_examples=100)
@given(
    st.one_of(
        st.binary(max_size=120), st.text(max_size=80).map(lambda text: b"fix: " + text.encode("utf-8", "replace"))
    ),
    st.booleans(),
    st.sampled_from(["conventional", "plain"]),
)
def test_any_bytes_have_a_verdict_of_printable_lines(data: bytes, strict: bool, style: str) -> None:
    broken(data, with_values(default(), {"style": style, "subject_case": "lower", "issue": "x"}), strict=strict)
