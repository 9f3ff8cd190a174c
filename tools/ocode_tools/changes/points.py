"""One point of a change: a thing that was added, removed, renamed or changed, with a phrase where one is known."""

from __future__ import annotations

from typing import Literal, NamedTuple

How = Literal["added", "removed", "renamed", "changed"]
Nature = Literal["code", "docstring", "comments", "format"]


class Point(NamedTuple):
    """`sort` is the word for the thing (function, section, step, option...), `name` what people call it.

    `old` is its former name or value, `detail` an imperative phrase, `rank` how telling that is, `link` the word that
    joins it to `where`, the place; `lines` measures its size, `hint` is the type of a commit that did nothing else.
    """

    how: How
    sort: str
    name: str
    old: str = ""
    detail: str = ""
    link: str = "in"
    where: str = ""
    rank: int = 30
    public: bool = True
    nature: Nature = "code"
    lines: int = 1
    hint: str = ""


class Found(NamedTuple):
    """A phrase, how telling it is (higher first), and the type of commit that it alone suggests."""

    phrase: str
    rank: int
    hint: str = ""
    link: str = "in"  # the word between the phrase and the name of the function
