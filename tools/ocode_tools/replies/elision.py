"""Words that stand for code left out, in any wording."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator

_WHAT = (
    r"(?:code|functions?|methods?|class(?:es)?|implementations?|logic|body|bodies|file|module|imports?|tests?"
    r"|definitions?|lines?|stuff|parts?|content|contents|script|program|statements?|docstring|helpers?|attributes?"
    r"|constants?|members?|checks?|branches|cases|block)"
)
_STATE = (
    r"(?:unchanged|the\s+same|same|as\s+is|as-is|as\s+before|as\s+above|omitted|not\s+changed|untouched|unmodified"
    r"|intact|like\s+before|here|above|below|continues?|goes\s+here|stays?|remains?|no\s+changes?)"
)
TEXT = re.compile(
    rf"""
    \b(?:rest|remaining|remainder|existing|other|previous|original|unchanged|old|prior|current|same|omitted|more)\b
      (?:\s+(?:of|the|your|this|that|our|is|as|in|for|existing|original))*(?:\s+[\w`'()]+)?\s+{_WHAT}\b
    | \b{_WHAT}\s+(?:is\s+|are\s+|was\s+|were\s+|all\s+|stays?\s+|remains?\s+|left\s+|kept\s+|goes\s+)*{_STATE}\b
    | \b(?:rest|remainder|everything\s+else|all\s+else|others?)\b\s+(?:\w+\s+){{0,4}}?{_STATE}\b
    | \b(?:unchanged|omitted|snip(?:ped)?|truncated|elided|abbreviated)\b
    | \bfor\s+brevity\b | \bno\s+changes?\b | \b(?:same|as)\s+(?:as\s+)?(?:before|above|original(?:ly)?)\b
    | \b(?:keep|leave|retain|insert|add|put|place|paste)\s+(?:\w+\s+){{0,4}}?{_WHAT}\s*(?:{_STATE})?[^\w]*$
    | \b(?:your|actual|real|full)\s+(?:\w+\s+)?{_WHAT}\s+(?:goes\s+)?here\b
    | \brest\s+of\b | \band\s+so\s+on\b | \betc\b\.{{3}}
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Without dots a comment must say it in so many words: "check the rest of the lines" is a comment like any other.
_PLAIN = re.compile(
    rf"""
    ^\W*(?:keep\s+|the\s+|all\s+|your\s+|of\s+|and\s+|see\s+|leave\s+|with\s+)*
      (?:rest|remaining|remainder|existing|other|previous|original|unchanged|same|omitted)
      (?:\s+(?:of|the|your|this|existing|original))*(?:\s+[\w`'().]+)?\s+{_WHAT}
      (?:\s+(?:\w+\s+){{0,3}}?{_STATE}(?:\s+(?:as|here|before|is|for|brevity|the|same))*)?\W*$
    | ^\W*(?:the\s+)?(?:rest|remainder|everything\s+else|others?)\s+(?:\w+\s+){{0,4}}?{_STATE}(?:\s+as\s+before)?\W*$
    | ^\W*(?:{_WHAT}\s+)?(?:is\s+|are\s+|remains?\s+|stays?\s+)*
      (?:unchanged|omitted|snip(?:ped)?|truncated|elided|as\s+before)
      (?:\s+(?:code|lines?|for\s+brevity|here|above|below))*\W*$
    | ^\W*(?:same\s+as\s+(?:before|above|the\s+original)|as\s+before|as\s+above)\W*$
    | ^\W*no\s+changes?(?:\s+(?:here|needed|below))?\W*$
    | \b(?:omitted|shortened|left\s+out)\s+for\s+brevity\b
    | ^\W*(?:add|put|insert|place)?\s*(?:your|actual|real)\s+(?:\w+\s+)?{_WHAT}\s+(?:goes\s+)?here\W*$
    | ^\W*(?:\w+\s+){{0,3}}?{_WHAT}\s+(?:is\s+|are\s+|remains?\s+|stays?\s+)*
      (?:unchanged|the\s+same|as\s+is|as\s+before|omitted)
      (?:\s+(?:here|as\s+before|for\s+brevity))*\W*$
    | ^\W*(?:\w+\s+){{1,4}}(?:as|like|from)\s+(?:above|before)\W*$
    | ^\W*rest\s+of\s+(?:the\s+)?(?:\w+\s+)?{_WHAT}\b.{{0,40}}$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DOTS = re.compile(r"^\W*?(?:\.\.\.|…)|(?:\.\.\.|…)\W*$")
_SIGNS = re.compile(r"^\s*(?:#+|//+|/\*+|<!--+|--|;+|%+|\*)?\s*(.*?)\s*(?:\*+/|--+>)?\s*$", re.DOTALL)
_LONG = 300


def stands_for_code(comment: str) -> bool:
    """Whether a comment (with its sign) or a bare line stands for code that was left out."""
    if len(comment) > _LONG:
        return False
    found = _SIGNS.match(comment)
    words = found[1] if found else comment
    if words.strip("[]()<>{} ") in ("...", "…"):
        return True
    if _DOTS.search(words) and (TEXT.search(words) or words.lstrip("[(<{ ").startswith(("...", "…"))):
        return True
    return bool(_PLAIN.match(words) or _PLAIN.search(words))


def comments(text: str) -> Iterator[str]:
    """The comments of Python code, and its bare strings that are short enough to stand for something."""
    if "#" in text:
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type == tokenize.COMMENT:
                    yield token.string
        except (SyntaxError, tokenize.TokenError):
            return


def elided(text: str, known: str = "") -> str | None:
    """The first new comment of Python code that stands for code; `known` is the code whose comments are not new."""
    new = Counter(comments(text))
    suspects = {comment: count for comment, count in new.items() if stands_for_code(comment)}
    if not suspects:
        return None
    old = Counter(comments(known))
    return next((comment for comment, count in suspects.items() if count > old[comment]), None)


def elided_text(tree: ast.AST, known: ast.AST | None) -> str | None:
    """The first new docstring or bare string of a tree that stands for what was left out."""
    old = set(_texts(known)) if known else set[str]()
    return next((text for text in _texts(tree) if text not in old and stands_for_code(text)), None)


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))) if len(text) < _LONG:
                yield " ".join(text.split())
            case _:
                pass
