"""The rules of the check, by the names that commitlint gave them where it has them; each yields what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocode_tools.messages.base import Policy, Problem, shown
from ocode_tools.messages.cases import fits
from ocode_tools.messages.header import Header, parse_header
from ocode_tools.messages.text import Text
from ocode_tools.messages.trailers import Line

EXAMPLE = '"type(scope): what it does", such as "fix: close the file"'
_COLONS = r"(\w[\w/+.-]*)(\([^()]*\))?\s*(!?)\s*([:\uff1a])\s*(.*)"
_LEAD = r"\s*(?:>\s*)?(?:[-*+•]|\d+[.)]|\[\w+\]:|[\w-]+:)?\s*"
_BREAKING = ("BREAKING CHANGE: ", "BREAKING-CHANGE: ")
_FOOTER = r"(?:BREAKING CHANGE|[A-Za-z][\w-]*)(?:: | #)"


def encoding(text: Text) -> Iterator[Problem]:
    """A byte order mark would become part of the subject; odd bytes are git's to warn about, and ours."""
    if text.mark:
        yield Problem("byte-order-mark", 1, f"a byte order mark ({text.mark})", "UTF-8 saved without byte order mark")
    if text.odd:
        passes = "UTF-8, or git config i18n.commitEncoding NAME"
        yield Problem("encoding", 1, "bytes that are not text in the encoding of messages", passes, warning=True)


def header(text: Text, policy: Policy) -> Iterator[Problem]:
    """The first line."""
    line, subject = text.lines[0]
    parsed = parse_header(subject)
    if policy.style == "plain":
        yield from _text(line, subject, policy)
    elif parsed:
        yield from _type(line, subject, parsed, policy)
        yield from _scope(line, parsed, policy)
        yield from _text(line, parsed.text, policy)
    else:
        yield _form(line, subject, policy)
    yield from _length(line, subject, parsed.text if parsed else subject, policy)
    if policy.pattern and not _matches(text, policy):
        passes = f"a text that matches {shown(policy.pattern)}"
        yield Problem("pattern", line, shown(subject), passes)


def body(text: Text, policy: Policy) -> Iterator[Problem]:
    """What stands below the first line, without the trailers."""
    lines, first = text.body, text.lines[0].number
    if len(text.lines) > 1 and text.lines[1].text:
        second = text.lines[1]
        yield Problem("body-leading-blank", second.number, shown(second.text), "an empty line below the first line")
    if not lines and policy.body == "required":
        yield Problem("body-empty", first, "no text below the first line", "one that says why")
    if lines and policy.body == "never":
        yield Problem("body-empty", lines[0].number, shown(lines[0].text), "nothing below the first line")
    whole = "\n".join(line.text for line in lines)
    if 0 < len(whole) < policy.body_min:
        found = f"{len(whole.strip())} characters below the first line"
        yield Problem("body-min-length", first, found, f"{policy.body_min} at least")
    if policy.body_pattern and not re.search(policy.body_pattern, whole, re.MULTILINE):
        found = "the text below the first line"
        yield Problem("body-pattern", first, found, f"one that matches {shown(policy.body_pattern)}")
    split = _footers_start(lines)
    yield from _long(lines[:split], policy.body_max, "body-max-line-length")
    yield from _long(lines[split:], policy.footer_max, "footer-max-line-length")


def footers(text: Text, policy: Policy) -> Iterator[Problem]:
    """The trailers, and what the message must name."""
    last = text.lines[-1].number
    for before, line in zip(text.lines[1:], text.lines[2:], strict=False):
        if (
            line.text.startswith(_BREAKING)
            and before.text
            and before.text[0] not in " \t"
            and not re.match(_FOOTER, before.text)
        ):
            found = f"no empty line above {shown(line.text, 40)}"
            yield Problem("footer-leading-blank", line.number, found, "an empty line above it", warning=True)
    keys = {trailer.key.lower() for trailer in text.trailers}
    if policy.sign_off and "signed-off-by" not in keys:
        yield Problem("signed-off-by", last, "no sign-off", 'a trailer "Signed-off-by: Name <address>" (git commit -s)')
    for key in policy.footers:
        if key.lower() not in keys:
            yield Problem(
                "trailer-exists", last, f"no trailer {shown(key)}", f'"{shown(key)}: ..." in the last paragraph'
            )
    if policy.issue and not re.search(policy.issue, "\n".join(line.text for line in text.lines)):
        yield Problem("references-empty", last, "no issue is named", f"an issue that matches {shown(policy.issue)}")


def _form(line: int, subject: str, policy: Policy) -> Problem:
    """Why a first line is not conventional, as near as can be said."""
    near = re.match(_COLONS, subject)
    if not near:
        return Problem("header-form", line, shown(subject), EXAMPLE)
    name, scope, bang, colon, rest = near.groups()
    if not rest:
        return Problem("subject-empty", line, shown(subject), EXAMPLE)
    if scope and not scope[1:-1].strip():
        scope = ""
    better = shown(f"{name}{scope or ''}{bang}: {rest}")
    why = {"\uff1a": "an ordinary colon and a space: "}.get(colon, "")
    return Problem("header-form", line, shown(subject), f'{why}"{better}"')


def _type(line: int, subject: str, parsed: Header, policy: Policy) -> Iterator[Problem]:
    written = subject[: len(parsed.type)]
    if policy.types and parsed.type not in {name.lower() for name in policy.types}:
        passes = "one of " + shown(", ".join(policy.types), 300)
        yield Problem("type-enum", line, f'type "{shown(written)}"', passes)
    yield from _case("type-case", line, written, policy.type_case)


def _scope(line: int, parsed: Header, policy: Policy) -> Iterator[Problem]:
    if not parsed.scope:
        if policy.scope == "required":
            passes = (
                "one of " + shown(", ".join(policy.scopes), 300) if policy.scopes else f'"{parsed.type}(scope): ..."'
            )
            yield Problem("scope-empty", line, "no scope", passes)
        return
    scope = shown(parsed.scope)
    if policy.scope == "never":
        yield Problem("scope-empty", line, f'scope "{scope}"', f'"{parsed.type}: ..." without a scope')
        return
    parts = [part.strip() for part in re.split(r"[,/\\]", parsed.scope)]
    if any(not part or re.search(r"\s", part) for part in parts):
        better = shown(re.sub(r"\s+", "-", parsed.scope))
        yield Problem("scope-form", line, f'scope "{scope}"', f'one noun without spaces, such as "{better}"')
    if policy.scopes and parsed.scope not in policy.scopes and not set(parts) <= set(policy.scopes):
        passes = "one of " + shown(", ".join(policy.scopes), 300)
        yield Problem("scope-enum", line, f'scope "{scope}"', passes)
    yield from _case("scope-case", line, parsed.scope, policy.scope_case)


def _text(line: int, text: str, policy: Policy) -> Iterator[Problem]:
    stop = text[-1:]
    if stop and stop in policy.endings and not text.endswith("...") and not policy.full_stop:
        better = text.rstrip(policy.endings + " ")
        yield Problem("subject-full-stop", line, f'"{shown(stop)}" at the end', f'"{shown(better)}"')
    if text[:1].lower() != text[:1].upper():  # what begins with a figure or in a script without cases fits any
        yield from _case("subject-case", line, text, policy.subject_case)
    words = [word for word in policy.words if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]
    for word in words:
        yield Problem("subject-words", line, f'"{shown(word)}"', "a first line without this word")


def _case(rule: str, line: int, text: str, cases: tuple[str, ...]) -> Iterator[Problem]:
    refused = [case[1:] for case in cases if case.startswith("!") and fits(text, case[1:])]
    asked = [case for case in cases if not case.startswith("!")]
    name = {"first-lower": "a small first letter", "sentence-case": "a capital first letter"}
    if refused:
        yield Problem(rule, line, f'"{shown(text)}" is {refused[0]}', f"another case than {', '.join(refused)}")
    if asked and not any(fits(text, case) for case in asked):
        yield Problem(rule, line, f'"{shown(text)}"', " or ".join(name.get(case, case) for case in asked))


def _length(line: int, subject: str, text: str, policy: Policy) -> Iterator[Problem]:
    count = width(subject)
    if policy.subject_max and count > policy.subject_max and re.search(r"\s", text):
        yield Problem("header-max-length", line, f"{count} characters", f"{policy.subject_max} at most")
    if count < policy.subject_min:
        yield Problem("header-min-length", line, f"{count} characters", f"{policy.subject_min} at least")


def width(text: str) -> int:
    """Characters as people count them: a letter and its accents are one."""
    if text.isascii():
        return len(text)
    from unicodedata import normalize  # only here: start-up

    return len(normalize("NFC", text))


def _long(lines: Sequence[Line], limit: int, rule: str) -> Iterator[Problem]:
    """Lines over the limit that could have been broken."""
    for line in lines if limit else ():
        if len(line.text) > limit and (count := width(line.text)) > limit and not _whole(line.text):
            yield Problem(rule, line.number, f"{count} characters", f"{limit} at most")


def _whole(text: str) -> bool:
    """Whether a long line has reason to stay one: a single word, an address in it, a quotation or a listing."""
    if "://" in text or text.startswith(("    ", "\t", "> ")):
        return True
    lead = re.match(_LEAD, text)
    return not re.search(r"\s", text[lead.end() if lead else 0 :])


def _footers_start(lines: Sequence[Line]) -> int:
    """Index of the first line of the breaking change at the end of a body, which belongs to the footer."""
    for index, line in enumerate(lines):
        if line.text.startswith(_BREAKING):
            return index
    return len(lines)


def _matches(text: Text, policy: Policy) -> bool:
    if policy.reach == "message":
        return re.match(policy.pattern, "\n".join(line.text for line in text.lines)) is not None
    match = re.fullmatch if policy.reach == "line" else re.match
    return match(policy.pattern, text.subject) is not None
