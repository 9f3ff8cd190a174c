"""Whether code that no fence closes may have been cut off."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Sequence

from ocode_tools.replies.base import Swap, Unfit
from ocode_tools.replies.clean import Code
from ocode_tools.replies.functions import runs_off
from ocode_tools.replies.lines import plain, trimmed
from ocode_tools.replies.units import Home, code_lines, homes, same_text, source_lines
from ocode_tools.source import Function, Source

_CUT = "Send the whole function; keep it short."
_WORD = re.compile(r"[^\W\d]\w*")


def check_last(known: str, code: str) -> None:
    """The last line of code is whole. Raises Unfit where it is the beginning of a line in `known`, or of a word."""
    full = trimmed(plain(code))
    last = full[-1].strip() if full else ""
    lines = {line.strip() for line in plain(known)}
    begun = last not in lines and any(line.startswith(last) for line in lines)
    alone = (
        re.fullmatch(r"[\w.]+|[-+<>=@`*~]+", last) and last not in lines and last not in ("pass", "break", "continue")
    )
    word = re.search(r"[^\W\d]\w*$", last)
    new = word and not keyword.iskeyword(word[0]) and not hasattr(builtins, word[0]) and "#" not in last
    words = _WORD.findall(known) + _WORD.findall(code)
    if begun or alone or (new and word and words.count(word[0]) == 1):
        raise Unfit(f"the reply stops in the middle of a line: {last[-60:]!r} (cut off)", _CUT)


def check_swap(text: str, swap: Swap) -> None:
    """A replacement that nothing closes is whole: it ends in a whole line, and does not just remove."""
    old, new = trimmed(swap.old), trimmed(swap.new)
    if not new or (len(new) < len(old) and new == old[: len(new)]):
        raise Unfit("the last replacement has no end (cut off)", _CUT)
    if new[-1:] != old[-1:]:
        check_last(text, "\n".join(new))


def check_end(source: Source, code: Code, wanted: Sequence[str]) -> None:
    """The last function of the code ends as the file's does. Raises Unfit where it looks cut off."""
    check_last(source.text, code.text)
    last = code.tree.body[-1] if code.tree.body else None
    while isinstance(last, ast.ClassDef | ast.If):
        last = (last.orelse or last.body)[-1] if isinstance(last, ast.If) else last.body[-1]
    if not isinstance(last, Function):
        return
    twins = [home for home in homes(source) if home.name.rpartition(".")[2] == last.name]
    stops = bool(twins) and all(_stops(last, home.node) for home in twins if isinstance(home.node, Function))
    if stops or (wanted and twins and _strayed(wanted, twins, last, code, source)):
        raise Unfit(
            f"the reply stops in the middle of {last.name} (cut off)", "Send the whole function; keep it short."
        )


def _stops(new: Function, old: Function) -> bool:
    """Whether the new body runs off its end where the old one did not, or lacks the old one's last steps."""
    if not runs_off(new.body):
        return False
    if not runs_off(old.body):
        return True
    count = [sum(isinstance(part, ast.stmt) for part in ast.walk(node)) for node in (new, old)]
    return count[0] < count[1] and ast.unparse(new.body[-1]) != ast.unparse(old.body[-1])


def _strayed(wanted: Sequence[str], twins: Sequence[Home], last: Function, code: Code, source: Source) -> bool:
    """Whether the last function was not asked for and yet is not what the file has."""
    if any(home.name in wanted for home in twins):
        return False
    mine = same_text(code_lines(code, last))
    return all(same_text(source_lines(source, home.first, home.last)) != mine for home in twins)
