"""The language that a log is written in, by its letters and its small words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# First and last letter of a script (Unicode blocks); Japanese before Chinese, whose letters it uses too.
_SCRIPTS = (
    ("Japanese", "\u3040", "\u30ff"),
    ("Korean", "\uac00", "\ud7af"),
    ("Chinese", "\u4e00", "\u9fff"),
    ("Russian", "\u0400", "\u04ff"),
    ("Greek", "\u0370", "\u03ff"),
)
_SMALL = {
    "English": "the a an to of in for with from and on when if not is by add fix use remove update",
    "German": "der die das und für mit nicht ein eine von auf bei zu wird im den beim hinzugefügt behoben entfernt",
    "French": "le la les des du une pour dans avec sur et au aux ajout ajoute corrige suppression mise lors",
    "Spanish": "el los las una para con por del al y en cuando se agrega añade corrige arregla elimina",
    "Portuguese": "o os um uma para com por do da dos das ao na no não adiciona corrige remove quando",
    "Italian": "il lo gli una per con del della dei nel e quando aggiunge aggiunta corregge rimuove",
}
_WORDS = {name: frozenset(words.split()) for name, words in _SMALL.items()}


def language(texts: Iterable[str]) -> str:
    """The English name of the language of more than half of these messages; "" for English or where it is not clear."""
    votes = Counter(_of(text) for text in texts)
    found, count = votes.most_common(1)[0] if votes else ("", 0)
    return found if count * 2 > sum(votes.values()) and found != "English" else ""


def _of(text: str) -> str:
    script = "" if text.isascii() else _script(text)
    if script:
        return script
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {name: sum(word in small for word in words) for name, small in _WORDS.items()}
    name = max(counts, key=lambda name: counts[name])
    return name if counts[name] > 1 else ""


def _script(text: str) -> str:
    return next((name for name, first, last in _SCRIPTS if any(first <= letter <= last for letter in text)), "")
