"""Where a draft goes in a message file."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.drafts.base import Draft
from ocode_tools.messages.place import NOTE, NoPlaceError, place, read
from ocode_tools.messages.text import Habits

HELP = b"# Please enter the commit message. Lines starting\n# with '#' will be ignored.\n#\n#\tnew: a\n#\n"
KEPT = HELP.replace(b"ignored", b"kept; you may remove them")
CUT = b"# ------------------------ >8 ------------------------\n# Do not modify or remove the line above.\n"
DIFF = b"diff --git a/a b/a\n+# ------------------------ >8 ------------------------\n"
SIGNED = b"Signed-off-by: A <a@example.org>\n"
DRAFT = Draft("feat: a thing", "Because.", (("Assisted-by", "tiny"),), "model", "tiny")
TOP = b"feat: a thing\n\nBecause.\n\n"
NOTES = b"# ocode: by tiny\n#\n"


def other(data: bytes, mark: bytes) -> bytes:
    """The same file with another comment character."""
    return data.replace(b"#", mark)


@dataclass(frozen=True)
class Case:
    """A file as git makes it, and what it must become with DRAFT and one note."""

    id: str
    data: bytes
    wanted: bytes
    habits: Habits = field(default=Habits())


CASES = [
    Case("plain", b"\n" + HELP, TOP + b"Assisted-by: tiny\n\n" + NOTES + HELP),
    Case("signed off", b"\n\n" + SIGNED + b"\n" + HELP, TOP + b"Assisted-by: tiny\n" + SIGNED + b"\n" + NOTES + HELP),
    Case(
        "trailer there already",
        b"\n\nAssisted-by: tiny\n" + SIGNED + b"\n" + HELP,
        TOP + b"Assisted-by: tiny\n" + SIGNED + b"\n" + NOTES + HELP,
    ),
    Case(
        "folded trailer",
        b"\n\nKey: a\n b\n\n" + HELP,
        TOP + b"Assisted-by: tiny\nKey: a\n b\n\n" + NOTES + HELP,
    ),
    Case("verbose", b"\n" + HELP + CUT + DIFF, TOP + b"Assisted-by: tiny\n\n" + NOTES + HELP + CUT + DIFF),
    Case(
        "scissors",
        b"\n" + CUT + b"#\n# On branch\n",
        TOP + b"Assisted-by: tiny\n\n" + CUT + b"#\n# ocode: by tiny\n#\n# On branch\n",
        Habits(cleanup="scissors"),
    ),
    Case(
        "scissors on the command line",
        b"\n\n" + SIGNED + b"\n" + CUT + b"#\n# On branch\n",
        TOP + b"Assisted-by: tiny\n" + SIGNED + b"\n" + CUT + b"#\n# ocode: by tiny\n#\n# On branch\n",
    ),
    Case("comments kept", b"\n" + HELP, TOP + b"Assisted-by: tiny\n\n" + HELP, Habits(cleanup="verbatim")),
    Case(
        "comments kept as whitespace", b"\n" + HELP, TOP + b"Assisted-by: tiny\n\n" + HELP, Habits(cleanup="whitespace")
    ),
    Case("comments kept on the command line", b"\n" + KEPT, TOP + b"Assisted-by: tiny\n\n" + KEPT),
    Case(
        "comments kept, with a diff",
        b"\n" + KEPT + CUT + DIFF,
        TOP + b"Assisted-by: tiny\n\n" + KEPT + CUT + b"#\n# ocode: by tiny\n" + DIFF,
        Habits(cleanup="verbatim"),
    ),
    Case(
        "comments stripped as configured",
        b"\n" + HELP,
        TOP + b"Assisted-by: tiny\n\n" + NOTES + HELP,
        Habits(cleanup="strip"),
    ),
    Case(
        "comment character",
        b"\n" + other(HELP, b";"),
        TOP + b"Assisted-by: tiny\n\n" + other(NOTES + HELP, b";"),
        Habits(comment=";"),
    ),
    Case(
        "comment string",
        b"\n" + other(HELP, b"//"),
        TOP + b"Assisted-by: tiny\n\n" + other(NOTES + HELP, b"//"),
        Habits(comment="//"),
    ),
    Case(
        "character chosen by git", b"\n" + HELP, TOP + b"Assisted-by: tiny\n\n" + NOTES + HELP, Habits(comment="auto")
    ),
    Case(
        "another character chosen by git",
        b"\n" + other(HELP + CUT, b"%") + DIFF,
        TOP + b"Assisted-by: tiny\n\n" + other(NOTES + HELP + CUT, b"%") + DIFF,
        Habits(comment="auto"),
    ),
    Case("no comments", b"", TOP + b"Assisted-by: tiny\n"),
    Case("no comments, signed off", b"\n\n" + SIGNED, TOP + b"Assisted-by: tiny\n" + SIGNED),
    Case(
        "template of comments",
        b"# Why?\n\nFixes: \n\n" + HELP,
        TOP + b"# Why?\n\nAssisted-by: tiny\nFixes: \n\n" + NOTES + HELP,
    ),
    Case(
        "line ends of Windows",
        (b"\n" + HELP).replace(b"\n", b"\r\n"),
        (TOP + b"Assisted-by: tiny\n\n" + NOTES + HELP).replace(b"\n", b"\r\n"),
    ),
    Case("no line end at the end", b"\n#\n# a", TOP + b"Assisted-by: tiny\n\n" + NOTES + b"#\n# a"),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_the_draft_is_on_top_and_gits_text_stays(case: Case) -> None:
    page = read(case.data, case.habits)
    assert not page.taken
    assert place(page, DRAFT, ["ocode: by tiny"]).decode() == case.wanted.decode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"text\n\n" + HELP, id="text"),
        pytest.param(b"fix: looks like a trailer\n\n" + HELP, id="subject like a trailer"),
        pytest.param(b"\n\ntext\n\n" + SIGNED + HELP, id="text above trailers"),
        pytest.param(b"\n" + SIGNED + b"text\n" + HELP, id="text below trailers"),
        pytest.param(b"\n  indented\n" + HELP, id="indented text"),
    ],
)
def test_text_of_somebodys_own_is_seen(data: bytes) -> None:
    assert read(data, Habits()).taken


def test_a_line_that_looks_like_a_comment_is_text_where_git_chose_another_character() -> None:
    assert read(b"# Why?\n\n" + other(HELP, b";"), Habits(comment="auto")).taken


@pytest.mark.parametrize(
    ("draft", "wanted"),
    [
        pytest.param(Draft("  two\nlines ", "", (), "rules"), b"two lines\n", id="subject of two lines"),
        pytest.param(Draft("#12: mend it", "", (), "rules"), b"12: mend it\n", id="subject like a comment"),
        pytest.param(Draft("a", "\n\nb \n\n\n#c\n\n", (), "rules"), b"a\n\nb\n\n #c\n", id="body like a comment"),
        pytest.param(Draft("a\x1b[2J", "b\x00c\td", (), "rules"), b"a [2J\n\nb c\td\n", id="control characters"),
        pytest.param(Draft("a", "", (("Key", "b\n#c"),), "rules"), b"a\n\nKey: b #c\n", id="trailer of two lines"),
        pytest.param(Draft("ä€", "", (), "rules"), "ä€\n".encode(), id="other letters"),
    ],
)
def test_a_draft_is_made_safe(draft: Draft, wanted: bytes) -> None:
    assert place(read(b"", Habits()), draft) == wanted


def test_the_encoding_is_the_commits() -> None:
    page = read(b"\n#\n# \xe4\n", Habits(encoding="ISO-8859-1"))
    assert place(page, Draft("ä", "", (), "rules"), ["ü €"]) == b"\xe4\n\n# \xfc ?\n#\n#\n# \xe4\n"
    with pytest.raises(NoPlaceError, match="lacks"):
        place(page, Draft("€", "", (), "rules"))
    for odd in ("no such", "", "hex", "utf-16"):
        assert place(read(b"", Habits("", encoding=odd)), Draft("€", "", (), "rules")) == "€\n".encode()


@pytest.mark.parametrize("subject", ["", " \n", "#", "# #", "\x00"])
def test_a_draft_without_a_subject_is_dropped_whole(subject: str) -> None:
    with pytest.raises(NoPlaceError, match="no subject"):
        place(read(HELP, Habits()), Draft(subject, "body", (), "rules"))


def test_notes_are_one_line_each() -> None:
    page = read(b"\n" + HELP, Habits())
    assert place(page, None, ["a\nb\x1b", "", "c" * 2 * NOTE]) == (
        b"\n# a b\n# " + b"c" * (NOTE - 3) + b"...\n#\n" + HELP
    )
    assert place(page, None) == b"\n" + HELP


LINE = st.text(st.sampled_from("ab#;/%: -äß€\U0001f600"), max_size=12).map(lambda text: f"x{text}".rstrip())


def clean(subject: str, body: list[str], values: list[str]) -> Draft:
    """A draft that nothing need be done to."""
    return Draft(subject, "\n".join(body), tuple(("Key", value) for value in values), "rules")


WORDS = LINE.map(lambda text: " ".join(text.split()))
CLEAN = st.builds(clean, WORDS, st.lists(LINE, max_size=3), st.lists(WORDS, max_size=2))
ALONE = [case for case in CASES if b":" not in case.data.partition(b"Please")[0] and case.habits.cleanup == "default"]


@settings(max_examples=60, deadline=None)
@given(CLEAN, st.sampled_from(ALONE), st.lists(LINE, max_size=2))
def test_git_makes_the_draft_of_it_and_nothing_else(draft: Draft, case: Case, notes: list[str]) -> None:
    page = read(case.data, case.habits)
    new = place(page, draft, notes)
    parts = (draft.subject, draft.body, "\n".join(": ".join(pair) for pair in draft.trailers))
    wanted = "\n\n".join(part for part in parts if part) + "\n"
    above = (b"\n" + new).partition(b"\n" + page.mark + b" ------------------------ >8")[0]
    stripped = above if b"kept" in new else b"\n".join(x for x in above.split(b"\n") if not x.startswith(page.mark))
    assert stripspace(stripped).decode().startswith(wanted)
    assert b"kept" in new or stripspace(stripped).decode() == wanted


DIRTY = st.text(st.sampled_from("ab#;/%: -\t\n\r\x00\x1bä\u2028"), max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.builds(Draft, DIRTY, DIRTY, st.just(()), st.just("rules")), st.sampled_from(CASES))
def test_whatever_the_draft_gits_text_stays_and_no_line_is_a_comment(draft: Draft, case: Case) -> None:
    page = read(case.data, case.habits)
    own = case.data.lstrip(b"\r\n")
    try:
        new = place(page, draft)
    except NoPlaceError:
        return
    assert new.endswith(own)
    head = new.removesuffix(own).replace(b"\r\n", b"\n")
    assert not any(line.startswith(page.mark) for line in head.split(b"\n"))
    assert not set(head) & {0, 0x0D, 0x1B}
    assert head.rstrip(b"\n") == stripspace(head).rstrip(b"\n")


def stripspace(data: bytes) -> bytes:
    """What git makes of a message whose comments are gone already."""
    return subprocess.run(["git", "stripspace"], input=data, capture_output=True, check=True).stdout
