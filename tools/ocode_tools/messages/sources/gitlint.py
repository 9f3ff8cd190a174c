"""gitlint's configuration: https://jorisroovers.com/gitlint/latest/configuration/."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ocode_tools.messages.base import Policy
from ocode_tools.messages.sources.base import MOST, Theirs, WrongError, number

_IDS = {
    "T1": "title-max-length",
    "T2": "title-trailing-whitespace",
    "T3": "title-trailing-punctuation",
    "T4": "title-hard-tab",
    "T5": "title-must-not-contain-word",
    "T6": "title-leading-whitespace",
    "T7": "title-match-regex",
    "T8": "title-min-length",
    "B1": "body-max-line-length",
    "B2": "body-trailing-whitespace",
    "B3": "body-hard-tab",
    "B4": "body-first-line-empty",
    "B5": "body-min-length",
    "B6": "body-is-missing",
    "B7": "body-changed-file-mention",
    "B8": "body-match-regex",
    "M1": "author-valid-email",
    "CT1": "contrib-title-conventional-commits",
    "CC1": "contrib-body-requires-signed-off-by",
}
# White space and addresses are no business of a message's words: those rules are kept by saying nothing of them.
_KNOWN = frozenset({*_IDS.values(), "general"}) - {"body-changed-file-mention"}
_TYPES = "fix,feat,chore,docs,style,refactor,perf,test,revert,ci,build"


def read(top: Path) -> Theirs:
    """The rules in `.gitlint`. Raises WrongError."""
    import configparser  # only here: start-up

    file = top / ".gitlint"
    parser = configparser.ConfigParser(interpolation=None)
    try:
        if not file.is_file() or file.stat().st_size > MOST:
            raise WrongError(".gitlint: must be an ordinary file of at most 1 MiB")
        parser.read_string(file.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise WrongError(f".gitlint: cannot be read: {error}") from error
    except configparser.Error as error:
        raise WrongError(f".gitlint: {' '.join(str(error).split())[:200]}") from error
    return policy({name: dict(parser[name]) for name in parser.sections()})


def policy(sections: Mapping[str, Mapping[str, str]]) -> Theirs:
    """The policy of gitlint's sections over its defaults. Raises WrongError for a value that is none."""
    named = {_rule(name.partition(":")[0].strip()): body for name, body in sections.items()}
    general = named.get("general", {})
    ignored = {*map(_rule, _list(general.get("ignore", "")))}
    contrib = {*map(_rule, _list(general.get("contrib", "")))}

    def value(rule: str, option: str, otherwise: str) -> str:
        return "" if rule in ignored else named.get(rule, {}).get(option, otherwise).strip()

    def count(rule: str, option: str, otherwise: int) -> int:
        return number(value(rule, option, str(otherwise)) or 0, f".gitlint: {rule}.{option}")

    longest = count("body-max-line-length", "line-length", 80)
    off = {"footer-leading-blank", "scope-form"}
    changes: dict[str, Any] = {
        "subject_max": count("title-max-length", "line-length", 72),
        "subject_min": count("title-min-length", "min-length", 5),
        "body_max": longest,
        "footer_max": longest,
        "body": "optional" if "body-is-missing" in ignored else "required",
        "body_min": count("body-min-length", "min-length", 20),
        "full_stop": "title-trailing-punctuation" in ignored,
        "words": _list(value("title-must-not-contain-word", "words", "WIP")),
        "pattern": value("title-match-regex", "regex", ""),
        "body_pattern": value("body-match-regex", "regex", ""),
        "sign_off": "contrib-body-requires-signed-off-by" in contrib,
        "off": frozenset(off | {"body-leading-blank"} if "body-first-line-empty" in ignored else off),
    }
    if "contrib-title-conventional-commits" in contrib:
        types = _list(value("contrib-title-conventional-commits", "types", _TYPES))
        changes |= {"style": "conventional", "type_case": ("lower-case",), "types": types}
    unread = [*(named.keys() - _KNOWN), *(contrib - _KNOWN)]
    notes = (f".gitlint: not checked here: {', '.join(sorted(unread))[:200]}",) if unread else ()
    base = Policy(style="plain", learn=False, endings="?:!.,;", reach="start")
    return Theirs(base._replace(**changes), ".gitlint", notes)


def _rule(name: str) -> str:
    return _IDS.get(name, name)


def _list(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
