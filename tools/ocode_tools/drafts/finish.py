"""What a model answered, made into a draft by code: mended where rules can, refused where it claims what nobody saw."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocode_tools.drafts.base import Draft
from ocode_tools.messages import text
from ocode_tools.messages.answer import Answer
from ocode_tools.messages.base import Policy
from ocode_tools.messages.compose import WIDTH, compose, fit, wrap
from ocode_tools.messages.header import Header, parse_header
from ocode_tools.messages.policy import check

POINTS, POINT = 5, 240  # points of a body, and the characters of one
_VERBS: list[str] = re.findall(
    r"\w+",
    "accept add allow ask avoid build bump cache call change check clean close compare compute convert copy"
    " correct count create decode define delete detect disable document drop emit enable encode ensure escape"
    " exclude export expose extend extract fail fetch fill filter find fix follow force format generate give guard"
    " handle hide ignore implement import improve include install introduce invoke join keep let limit list load"
    " log map mark match merge migrate move name normalize open optimize order override parse pass pin prefer"
    " prevent print publish put raise read reduce refactor refuse register reject release remove rename render"
    " replace report require reset resolve restore return reuse revert rewrite run save send set share shorten"
    " show simplify skip sort split start stop store strip support switch take tell test track treat trim turn"
    " unify unwrap update upgrade use validate wait warn watch wrap write",
)
_ODD = {"made": "make", "makes": "make", "making": "make", "wrote": "write", "written": "write", "kept": "keep"}
_ENDS = re.compile(r"[\s.,;:!]+$")
_NAME = re.compile(
    r"`[^`\n]+`|[\w./-]*[\w/]\(\)|[A-Za-z_][\w]*(?:[./][\w.-]+)+|\w+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*"
)
_FILE = re.compile(
    r"\.(?:py|pyi|[cm]?[jt]sx?|go|rs|rb|java|kt|c|cc|cpp|h|hpp|cs|php|sh|md|rst|txt|toml|ya?ml|json|cfg|ini|lock)$"
)
# Where a sentence that is too long may end.
_CLAUSE = re.compile(
    r",? (?:which|that|so|by|when|where|while|because|since|instead|in order|to (?:ensure|make|allow|avoid|prevent)"
    r"|and|for|with)\b|[,;:] | - | \("
)
_WORDS = re.compile(r"[A-Za-z]+(?:/[A-Za-z]+)+|e\.g|i\.e|etc")
_VAGUE = re.compile(
    r"(?:update|change|modify|improve|fix|refactor|clean up|adjust|edit|make|apply|tweak|enhance)\s+"
    r"(?:(?:the|some|an?)\s+)?"
    r"(?:code|codebase|files?|bugs?|issues?|stuff|things?|logic|changes?|functionality|functions?|implementation"
    r"|[\w/-]+\.\w{1,5}|problems?|improvements?|various .*|several .*|multiple .*)(?:\s+(?:and .*|in .*))?",
    re.IGNORECASE,
)
_MASKED = re.compile(r"SECRET_\d+_MASKED")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a model's draft must fit into: the draft by `rules`, the `policy` in force, `known`: all text that the model
    was shown of the commit, `told`: all that it was told besides, `scopes` that the repository uses, and whether
    subjects begin with a capital; `sure` where the paths alone say of which type the commit is."""

    rules: Draft
    policy: Policy
    known: str
    told: str
    scopes: tuple[str, ...] = ()
    capital: bool = False
    sure: bool = False
    comment: str = "#"


def finish(answer: Answer, model: str, frame: Frame) -> Draft | str:
    """The draft that an answer makes, or in a few words why none: then the draft by rules stands."""
    subject = _subject(answer.subject, frame)
    if reason := _refused(subject, frame):
        return reason
    conventional = frame.policy.style == "conventional"
    header = _header(answer, subject, frame) if conventional else None
    limit = min(WIDTH, frame.policy.subject_max or WIDTH)
    line = _fitting(header, subject, limit)
    points = () if frame.policy.body == "never" else _points(answer.points, subject, frame)
    body = wrap(points, min(WIDTH, frame.policy.body_max or WIDTH), frame.comment)
    if not body and frame.policy.body == "required":
        body = frame.rules.body or subject[:1].upper() + subject[1:] + "."
    draft = replace(frame.rules, subject=line, body=body, source="model", model=model, error="")
    found = problems(draft, frame.policy)
    return f"our own check: {found[0]}" if found else draft


def _fitting(header: Header | None, subject: str, limit: int) -> str:
    """The first line within `limit` characters: without its last clauses where it is too long, else cut."""
    ends = [found.start() for found in _CLAUSE.finditer(subject)]
    for end in [len(subject), *reversed(ends)]:
        text = subject[:end]
        line = str(header._replace(text=text)) if header else text
        if len(line) <= limit and len(text.split()) > 2:
            return line
    return fit(str(header) if header else subject, limit)


def problems(draft: Draft, policy: Policy) -> list[str]:
    """What the check would say of a draft: one line for each rule that it breaks."""
    message = compose(draft.subject, draft.body, draft.trailers).encode("utf-8", "replace")
    return [f"{p.rule}: {p.found}" for p in check(text.raw(message), policy) if not p.warning]


def unseen(words: str, known: str) -> str:
    """The first name of a file or of code in a text which is nowhere in `known`; "" where there is none."""
    for found in _NAME.finditer(words):
        name = found[0].strip("`").removesuffix("()").strip(".,:;")
        last = name.rpartition("/")[2]
        last = last if _FILE.search(last) else last.rpartition(".")[2]
        if name and not _WORDS.fullmatch(name) and not any(word and _holds(known, word) for word in (name, last)):
            return name
    return ""


def _holds(known: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", known) is not None


def _subject(said: str, frame: Frame) -> str:
    """One line in the imperative, in the repository's case, without a stop."""
    line = _ENDS.sub("", " ".join("".join(c if c.isprintable() else " " for c in said).split()))
    line = line.lstrip("-*•# ").replace("`", "")
    first, _, rest = line.partition(" ")
    verb = _imperative(first.lower())
    if verb != first.lower():
        line = f"{verb} {rest}".strip()
    if not line or not _plain(line.split(" ", 1)[0]):
        return line
    return (line[:1].upper() if frame.capital else line[:1].lower()) + line[1:]


def _plain(word: str) -> bool:
    """Whether the case of its first letter may be changed: a word, no name and no acronym."""
    return bool(re.fullmatch(r"[A-Za-z][a-z]*(?:-[a-z]+)*", word))


def _imperative(word: str) -> str:
    """`added`, `adds` and `adding` as `add`, for verbs that commits begin with."""
    return _FORMS.get(word, word)


def _forms() -> dict[str, str]:
    forms = dict(_ODD)
    for verb in _VERBS:
        stem = verb.removesuffix("e")
        double = verb + verb[-1] if re.search(r"[^aeiou][aeiou][pgtm]$", verb) else stem
        endings = {
            f"{verb}s",
            f"{verb}es",
            f"{stem}ed",
            f"{stem}ing",
            f"{double}ed",
            f"{double}ing",
            f"{verb.removesuffix('y')}ied",
            f"{verb.removesuffix('y')}ies",
        }
        forms |= dict.fromkeys(endings - {verb}, verb)
    return {form: verb for form, verb in forms.items() if form not in _VERBS}


_FORMS = _forms()


def _refused(subject: str, frame: Frame) -> str:
    if not re.search(r"\w\w", subject):
        return "no subject"
    if _VAGUE.fullmatch(subject):
        return f"a subject that says nothing ({subject})"
    if len(subject) > 12 and subject.lower() in frame.told.lower():
        return "the instructions said back"
    if _MASKED.search(subject):
        return "a subject that names a secret"
    if name := unseen(subject, frame.known):
        return f"it names {name}, which is not in the diff"
    return ""


def _header(answer: Answer, subject: str, frame: Frame) -> Header:
    ruled = parse_header(frame.rules.subject) or Header("chore", "", False, "")
    kind = ruled.type if frame.sure or not answer.type else answer.type
    scope = answer.scope.strip().lower()
    known = {known.lower(): known for known in frame.policy.scopes or frame.scopes}
    chosen = known.get(scope, ruled.scope)
    return Header(kind, "" if frame.policy.scope == "never" else chosen, answer.breaking and ruled.breaking, subject)


def _points(said: Iterable[str], subject: str, frame: Frame) -> tuple[str, ...]:
    """The points that say something more, and only of what was seen."""
    kept: list[str] = []
    for point in said:
        words = re.sub(r"^[-*•]\s+", "", point)
        if len(kept) == POINTS or len(point) > POINT or words.lower().rstrip(".") == subject.lower():
            continue
        told = len(words) > 12 and words.lower() in frame.told.lower()
        if not (told or _MASKED.search(words) or unseen(words, frame.known) or re.match(r"[+-]{1,3}\S", words)):
            kept.append("".join(c if c.isprintable() else " " for c in point))
    return tuple(kept)
