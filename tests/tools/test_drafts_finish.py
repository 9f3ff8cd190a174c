"""A model's answer made into a draft: mended where rules can, refused where it claims what nobody saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocode_tools.drafts.base import Draft
from ocode_tools.drafts.finish import Frame, finish, unseen
from ocode_tools.messages.answer import Answer
from ocode_tools.messages.base import default

RULES = Draft("fix(units): compare with <= in parse_size", "", (), "rules")
KNOWN = "Files:\nunits.py: +1 -1, in parse_size\n@@\n-    if len(text) < limit:\n+    if len(text) <= limit:\n"
TOLD = "subject: what the commit does, as an order to the code: begin with a verb such as add, drop, keep"
FRAME = Frame(RULES, default(), KNOWN, TOLD)


def made(answer: Answer, frame: Frame = FRAME) -> Draft:
    """The draft of an answer that must be usable."""
    draft = finish(answer, "m:7b", frame)
    assert isinstance(draft, Draft), draft
    return draft


SUBJECTS = {
    "as it is": ("accept ten digits in parse_size", "accept ten digits in parse_size"),
    "full stop": ("accept ten digits.", "accept ten digits"),
    "past tense": ("Accepted ten digits", "accept ten digits"),
    "added": ("Added a limit to parse_size", "add a limit to parse_size"),
    "fixes": ("fixes the limit of parse_size", "fix the limit of parse_size"),
    "stopping": ("stopping at ten digits", "stop at ten digits"),
    "capital": ("Allow ten digits", "allow ten digits"),
    "acronym": ("HTTP sizes are read", "HTTP sizes are read"),
    "name": ("parse_size accepts ten digits", "parse_size accepts ten digits"),
    "backticks": ("let `parse_size` take ten", "let parse_size take ten"),
    "bullet": ("- allow ten digits", "allow ten digits"),
    "control characters": ("allow\x1b[31m ten\x07 digits", "allow [31m ten digits"),
    "too long by a clause": (
        "allow sizes of exactly ten digits in parse_size, which the importer needs for its files",
        "allow sizes of exactly ten digits in parse_size",
    ),
    "too long": (
        "allow sizes of exactly ten digits at the end of long lines of text everywhere",
        "allow sizes of exactly ten digits at the end of long lines",
    ),
}


@pytest.mark.parametrize(("said", "wanted"), SUBJECTS.values(), ids=SUBJECTS.keys())
def test_subjects_are_mended(said: str, wanted: str) -> None:
    draft = made(Answer("fix", "", said))
    assert draft.subject == f"fix(units): {wanted}"
    assert len(draft.subject) <= 72
    assert (draft.source, draft.model) == ("model", "m:7b")


REFUSED = {
    "another file": ("read sizes in size_parser.py", "size_parser.py"),
    "another function": ("let parse_units take ten", "parse_units"),
    "another call": ("let parse() take ten", "parse"),
    "a camel": ("let UnitParser take ten", "UnitParser"),
    "nothing said": ("update the code", "says nothing"),
    "the file alone": ("update units.py", "says nothing"),
    "the instructions": ("what the commit does, as an order to the code", "instructions"),
    "a secret": ("add SECRET_1_MASKED", "secret"),
    "no word": ("-", "no subject"),
}


@pytest.mark.parametrize(("said", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_claims_and_echoes_are_refused(said: str, why: str) -> None:
    found = finish(Answer("fix", "", said), "m:7b", FRAME)
    assert isinstance(found, str)
    assert why in found


def test_points_that_nobody_saw_go_alone() -> None:
    points = ("- ten digits are a size now", "- rewrites size_parser.py", "- allow ten", "- SECRET_1_MASKED is used")
    assert made(Answer("fix", "", "allow ten", points)).body == "- ten digits are a size now"


def test_a_body_is_wrapped() -> None:
    body = made(Answer("fix", "", "allow ten", ("word " * 30,))).body
    assert max(map(len, body.splitlines())) <= 72


def test_types_and_scopes() -> None:
    assert made(Answer("feat", "nonsense", "allow ten")).subject == "feat(units): allow ten"
    assert made(Answer("", "", "allow ten")).subject == "fix(units): allow ten"
    assert made(Answer("feat", "", "allow ten"), replace(FRAME, sure=True)).subject == "fix(units): allow ten"
    assert made(Answer("feat", "Sizes", "allow ten"), replace(FRAME, scopes=("sizes",))).subject.startswith(
        "feat(sizes)"
    )
    strict = default()._replace(scopes=("core",))
    frame = replace(FRAME, policy=strict, rules=replace(RULES, subject="fix(core): compare"))
    assert made(Answer("fix", "units", "allow ten"), frame).subject == "fix(core): allow ten"


def test_plain_style_has_no_type() -> None:
    frame = replace(FRAME, policy=default()._replace(style="plain", learn=False), capital=True)
    assert made(Answer("fix", "units", "allow ten digits"), frame).subject == "Allow ten digits"


def test_what_fails_our_own_check_is_no_draft() -> None:
    strict = default()._replace(types=("change",), learn=False)
    found = finish(Answer("fix", "", "allow ten"), "m:7b", replace(FRAME, policy=strict))
    assert isinstance(found, str)
    assert "check" in found


def test_words_are_no_names() -> None:
    assert unseen("read and/or write, e.g. sizes of 3.5", "") == ""
    assert unseen("see units.parse_size", KNOWN) == ""
