"""What is left of a message file once git has cleaned it up.

How git does that: git-commit(1) `--cleanup`, git-stripspace(1), git-config(1) `core.commentChar`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ocode_tools.git import Git
from ocode_tools.messages.trailers import Line, Trailer, block, trailers

if TYPE_CHECKING:
    from pathlib import Path

# What git tries for core.commentChar=auto, in this order (builtin/commit.c).
AUTO = "#;@!$%^&|:"
_SCISSORS = r"([^\w\s]\S*|{}) -{{24}} >8 -{{24}}"
_ASKED = r"^(core\.comment(char|string)|commit\.(cleanup|template)|i18n\.commitencoding|trailer\..*\.key)$"
# What git's own children must still hear of when a hook only reads: which repository, and `git -c`.
_HEARD = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_INDEX_FILE")
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class Habits(NamedTuple):
    """How git handles messages here.

    `comment` begins a comment line, or is "auto"; `cleanup` is default, strip, whitespace, verbatim or scissors;
    `encoding` is i18n.commitEncoding; `template` says whether commit.template is set; `keys` are the configured
    trailers in lower case. `edited` is False in a hook that git told that no editor opens (`GIT_EDITOR=:`).
    """

    comment: str = "#"
    cleanup: str = "default"
    encoding: str = "utf-8"
    template: bool = False
    keys: frozenset[str] = frozenset()
    edited: bool = True


class Text(NamedTuple):
    """A message: its lines without blank ones at either end, and what was seen on the way.

    `mark` is the name of the encoding whose byte order mark stood first, or ""; `odd` says that bytes do not fit the
    encoding (they are surrogates now); `scissors` that a scissors line was cut off with what follows it. `comment` and
    `cleanup` are what git does here, after "auto" and "default" were decided.
    """

    lines: tuple[Line, ...]
    mark: str = ""
    odd: bool = False
    scissors: bool = False
    keys: frozenset[str] = frozenset()
    comment: str = ""
    cleanup: str = "verbatim"

    @property
    def subject(self) -> str:
        """The first line, "" if there is none."""
        return self.lines[0].text if self.lines else ""

    @property
    def footer(self) -> Sequence[Line]:
        """The lines of the trailers (git-interpret-trailers(1)), none where there are none."""
        return block(self.lines, self.keys)

    @property
    def body(self) -> Sequence[Line]:
        """What stands between the first line and the trailers, without blank lines around it."""
        return _stripped(self.lines[1 : len(self.lines) - len(self.footer)])

    @property
    def trailers(self) -> tuple[Trailer, ...]:
        """The trailers in their order."""
        return trailers(self.footer)


def inherited(cwd: Path | str, environ: Mapping[str, str]) -> Git:
    """Git for reading in a hook: the repository, index and `git -c` settings that git named in `environ`."""
    return Git(cwd, **{name: environ[name] for name in _HEARD if name in environ})


def habits(git: Git, environ: Mapping[str, str] = {}) -> Habits:
    """How git handles messages here, asked in one call; the defaults where git cannot say."""
    done = git.ask("config", "-z", "--get-regexp", _ASKED)
    fields = done.text.split("\0") if not done.code else []
    found = {key: value for key, _, value in (field.partition("\n") for field in fields)}
    comments = [key for key in found if key.startswith("core.comment")]
    return Habits(
        comment=found[comments[-1]] if comments and found[comments[-1]] else "#",
        cleanup=found.get("commit.cleanup", "default"),
        encoding=found.get("i18n.commitencoding") or "utf-8",
        template=bool(found.get("commit.template")),
        keys=frozenset(value.lower() for key, value in found.items() if key.startswith("trailer.")),
        edited=environ.get("GIT_EDITOR") != ":" or "GIT_INDEX_FILE" not in environ,
    )


def read(data: bytes, habits: Habits) -> Text:
    """The message in a file that git handed to a hook or an editor; never fails, whatever the bytes."""
    if b" >8 " in data:  # a diff of many megabytes may follow: it is not even decoded
        end = re.search(rf"^{_scissors(habits.comment)}[ \t\r]*$".encode(), data, re.MULTILINE)
        data = data[: end.end()] if end else data
    text, mark, odd = decoded(data, habits.encoding)
    lines = _numbered(text)
    comment, cut = _comment(lines, habits.comment)
    kept = lines[:cut]
    mode = habits.cleanup
    if mode not in ("strip", "whitespace", "verbatim", "scissors"):
        mode = "strip" if habits.edited or _block(lines) else "whitespace"
    if mode == "strip":
        kept = [line for line in kept if not line.text.startswith(comment)]
    return Text(tuple(_stripped(kept)), mark, odd, cut < len(lines), habits.keys, comment, mode)


def raw(data: bytes, encoding: str = "utf-8", keys: frozenset[str] = frozenset()) -> Text:
    """The message of a commit as it is stored: nothing is a comment there."""
    text, mark, odd = decoded(data, encoding)
    return Text(tuple(_stripped(_numbered(text))), mark, odd, False, keys)


def decoded(data: bytes, encoding: str) -> tuple[str, str, bool]:
    """The text of `data`, the encoding of its byte order mark or "", and whether bytes did not fit.

    An encoding that Python does not know counts as UTF-8; bytes that are none become surrogates.
    """
    for mark, name in _BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace" if "16" in name else "surrogateescape"), name, False
    for name in (encoding, "utf-8"):
        try:
            return data.decode(name), "", False
        except (LookupError, ValueError):
            continue
    return data.decode("utf-8", "surrogateescape"), "", True


def comment_of(lines: Sequence[str], comment: str) -> str:
    """What begins a comment in a message file of these lines, where git's setting is `comment`."""
    return _comment([Line(number, line) for number, line in enumerate(lines, 1)], comment)[0]


def _numbered(text: str) -> list[Line]:
    return [Line(number, line.rstrip(" \t\r")) for number, line in enumerate(text.split("\n"), 1)]


def _stripped(lines: Sequence[Line]) -> Sequence[Line]:
    start, end = 0, len(lines)
    while start < end and not lines[start].text:
        start += 1
    while end > start and not lines[end - 1].text:
        end -= 1
    return lines[start:end]


def _comment(lines: Sequence[Line], setting: str) -> tuple[str, int]:
    """What begins a comment, and the index of the scissors line (their number where there is none).

    The file itself says it best: a git that does not know core.commentString, or `auto`, writes another one.
    """
    for index, line in enumerate(lines):
        if " >8 " in line.text and (found := re.fullmatch(_scissors(setting), line.text)):
            return found[1], index
    if setting == "auto":
        return _block(lines) or "#", len(lines)
    if len(setting) > 1 and not any(line.text.startswith(setting) for line in lines):
        return "#", len(lines)
    return setting, len(lines)


def _scissors(setting: str) -> str:
    return _SCISSORS.format(re.escape(setting))


def _block(lines: Sequence[Line]) -> str:
    """The character of the comments that git wrote at the end: several lines, at least one of them bare."""
    last = _stripped(lines)
    mark = last[-1].text[:1] if last else ""
    if not mark or mark not in AUTO:
        return ""
    count = 0
    bare = False
    for line in reversed(last):
        if not (line.text == mark or line.text.startswith((mark + " ", mark + "\t"))):
            break
        bare |= line.text == mark
        count += 1
    return mark if bare and count > 1 else ""
