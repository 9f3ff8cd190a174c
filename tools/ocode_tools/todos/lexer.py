"""Comments of a file, found without reading more of it than is needed to be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ocode_tools.todos.base import Found, Rule, Span, UnclosedError
from ocode_tools.todos.families import FAMILIES, machine

_DEEPEST = 12  # strings in code in strings
_LONGEST = 1 << 16  # bytes of code in a string


def spans(family: str, data: bytes, marks: Sequence[int]) -> Iterator[Span]:
    """The comments that hold one of the ascending offsets `marks`, and every string that may span lines before them.

    In the order of their ends. Never raises, whatever the bytes: what is no such language just ends somewhere.
    """
    return _Lexer(family, data).run(marks)


class _Lexer:
    """`limit`: no token that begins behind it matters now; `mark`: no comment that ends before it does."""

    def __init__(self, family: str, data: bytes) -> None:
        self.family, self.data = FAMILIES[family], data
        self.limit, self.mark = len(data), 0
        self.jumps = dict.fromkeys(self.family.jumps or (), -1)

    def run(self, marks: Sequence[int]) -> Iterator[Span]:
        """Line by line where a line alone can be read, else all that is before the last mark."""
        at, index = 0, 0
        while index < len(marks):
            self.mark = marks[index]
            if self.family.jumps is not None:
                goal = self._goal(at)
                at = self._line(at, goal)
                self._extend(goal)
            for span in self._tokens(at):
                while index < len(marks) and marks[index] < span.end:
                    index += 1
                yield span
                if index == len(marks):
                    return
                self.mark = marks[index]
            at = self.limit + 1
            while index < len(marks) and marks[index] < at:
                index += 1

    def _goal(self, at: int) -> int:
        """The first place from `at` on where something begins that the mark may be in, the mark at the latest."""
        goal = self.mark
        for jump, known in self.jumps.items():
            if known < at:
                found = self.data.find(jump, at)
                self.jumps[jump] = known = len(self.data) if found < 0 else found
            goal = min(goal, known)
        return goal

    def _line(self, at: int, goal: int) -> int:
        """Where the line of `goal` begins, after `at`; one that a backslash goes on belongs to it."""
        start = self.data.rfind(b"\n", at, goal) + 1
        while start > at and self.data[at:start].endswith((b"\\\n", b"\\\r\n"), max(0, start - at - 3)):
            start = self.data.rfind(b"\n", at, start - 1) + 1
        return max(start, at)

    def _extend(self, end: int) -> None:
        found = self.data.find(b"\n", end)
        self.limit = len(self.data) if found < 0 else found

    def _tokens(self, at: int) -> Iterator[Span]:
        pattern, rules = machine(self.family.name)
        again = True
        while again:
            again = False
            for token in pattern.finditer(self.data, at):
                start, end = token.span()
                if start > self.limit:
                    return
                if not token.lastindex:
                    if end > self.limit:
                        self._extend(end)
                    continue
                rule = rules[token.lastindex - 1]
                if rule.handler:
                    found = self._read(rule, start, 0)
                    yield from found.inner
                    end, kind, again = max(found.end, start + 1), found.kind, True
                else:
                    kind = rule.kind
                if end > self.limit:
                    self._extend(end)
                if kind == "text" or (end > self.mark and kind != "string"):
                    yield Span(kind, start, end)
                if again:
                    at = end
                    break

    def _read(self, rule: Rule, start: int, depth: int) -> Found:
        """What the rule's handler finds, else what one of the rules behind it does."""
        found = None
        if rule.handler and depth < _DEEPEST:
            try:
                found = rule.handler(partial(self._nest, depth + 1), self.data, start)
            except UnclosedError:
                found = None
        if found:
            return found
        pattern, rules = machine(self.family.name, after=rule)
        token = pattern.match(self.data, start)
        if not token:
            return Found(start + 1, "string")
        other = rules[token.lastindex - 1] if token.lastindex else None
        if other and other.handler:
            return self._read(other, start, depth)
        return Found(token.end(), other.kind if other else "string")

    def _nest(self, depth: int, at: int, opens: bytes, closes: bytes, stops: bytes) -> tuple[int, tuple[Span, ...]]:
        """What `Nest` says, so many strings deep."""
        pattern, rules = machine(self.family.name, brackets=(opens, closes, stops))
        level, comments, most = 0, list[Span](), at + _LONGEST
        while at < most:
            token = pattern.search(self.data, at, most)
            if not token:
                break
            start, at = token.span()
            rule = rules[token.lastindex - 1] if token.lastindex else None
            if not rule:
                continue
            if rule.handler:
                found = self._read(rule, start, depth)
                at = max(found.end, start + 1)
                comments += found.inner
                kind = found.kind
            else:
                kind = rule.kind
            if kind in ("line", "block"):
                comments.append(Span(kind, start, at))
            if kind in ("close", "stop") and not level:
                return at, tuple(comments)
            level += (kind == "open") - (kind == "close")
        raise UnclosedError
